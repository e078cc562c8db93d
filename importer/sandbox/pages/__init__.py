"""The sandbox's pages for people: companies, offers, requests, faults and webhooks, as HTML without any script."""

from __future__ import annotations

from importer.sandbox.pages.site import Pages

__all__ = ["Pages"]
