"""The nouns on the way of the data, Row -> Desired -> Operation -> Outcome, and the issues found on it.

All of them are frozen values; none does anything but say what it holds.
"""

from __future__ import annotations

from importer.model.addresses import cell_address, column_letter
from importer.model.codes import TEMPLATES, Code, Severity, Template
from importer.model.counting import number_text, plural, singular
from importer.model.issues import Invalid, Issue, IssueGroup, Location, Noted, harmless, shortened
from importer.model.nouns import (
    Action,
    Cell,
    Change,
    Counts,
    Desired,
    Json,
    Mapped,
    Operation,
    Outcome,
    OutcomeKind,
    Payload,
    PlannedRow,
    Refusal,
    Row,
    Skip,
    SourceInfo,
    UndoCounts,
    Undone,
    Weighed,
    canonical_json,
    digest,
    digest_of_json,
)
from importer.model.pasting import pasted, path_word
from importer.model.selection import EVERY_ROW, RowRange, Selection, row_ranges

__all__ = [
    "EVERY_ROW",
    "TEMPLATES",
    "Action",
    "Cell",
    "Change",
    "Code",
    "Counts",
    "Desired",
    "Invalid",
    "Issue",
    "IssueGroup",
    "Json",
    "Location",
    "Mapped",
    "Noted",
    "Operation",
    "Outcome",
    "OutcomeKind",
    "Payload",
    "PlannedRow",
    "Refusal",
    "Row",
    "RowRange",
    "Selection",
    "Severity",
    "Skip",
    "SourceInfo",
    "Template",
    "UndoCounts",
    "Undone",
    "Weighed",
    "canonical_json",
    "cell_address",
    "column_letter",
    "digest",
    "digest_of_json",
    "harmless",
    "number_text",
    "pasted",
    "path_word",
    "plural",
    "row_ranges",
    "shortened",
    "singular",
]
