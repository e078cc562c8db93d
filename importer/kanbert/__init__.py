"""Questions and writes about companies -> requests of Kanbert's API, and its answers -> remote companies."""

from __future__ import annotations

from importer.kanbert.api import Kanbert
from importer.kanbert.inspection import Inspection
from importer.kanbert.listing import PAGE_SIZE, Page
from importer.kanbert.offers import OFFER_SCOPE, Offer, Offers

__all__ = ["OFFER_SCOPE", "PAGE_SIZE", "Inspection", "Kanbert", "Offer", "Offers", "Page"]
