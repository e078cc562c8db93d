"""Questions and writes about companies -> requests of Kanbert's API, and its answers -> remote companies."""

from __future__ import annotations

from importer.kanbert.api import Kanbert
from importer.kanbert.listing import Page

__all__ = ["Kanbert", "Page"]
