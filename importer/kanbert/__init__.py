"""Questions and writes about companies -> requests of Kanbert's API, and its answers -> remote companies."""

from __future__ import annotations

from importer.kanbert.api import Kanbert
from importer.kanbert.inspection import Inspection
from importer.kanbert.listing import PAGE_SIZE, Page

__all__ = ["PAGE_SIZE", "Inspection", "Kanbert", "Page"]
