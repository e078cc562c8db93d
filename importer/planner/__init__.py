"""Desired + remote -> operation: the pure decisions, and the look-ups that come before them."""

from __future__ import annotations

from importer.planner.clients import Clients, NoClient
from importer.planner.decision import ArchivedPolicy, Policy, decide, decide_match
from importer.planner.finding import (
    ArchivedHolders,
    Finder,
    Found,
    ListingFinder,
    Lookup,
    RememberingFinder,
    RowFinder,
    listed_within,
)
from importer.planner.inversion import inverse_of, invert, settled_as, will_archive
from importer.planner.matching import AskingMatcher, ListedMatcher, Matcher, MatchKey, MatchRules
from importer.planner.planning import Planner
from importer.planner.undoing import Inverter
from importer.planner.verdict import Verdict, VerdictKind, judge

__all__ = [
    "ArchivedHolders",
    "ArchivedPolicy",
    "AskingMatcher",
    "Clients",
    "Finder",
    "Found",
    "Inverter",
    "ListedMatcher",
    "ListingFinder",
    "Lookup",
    "MatchKey",
    "MatchRules",
    "Matcher",
    "NoClient",
    "Planner",
    "Policy",
    "RememberingFinder",
    "RowFinder",
    "Verdict",
    "VerdictKind",
    "decide",
    "decide_match",
    "inverse_of",
    "invert",
    "judge",
    "listed_within",
    "settled_as",
    "will_archive",
]
