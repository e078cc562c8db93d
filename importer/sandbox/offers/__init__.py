"""Offers, read only: their list, one of them, its line items and its PDF."""

from __future__ import annotations

from importer.sandbox.offers.endpoints import answered

__all__ = ["answered"]
