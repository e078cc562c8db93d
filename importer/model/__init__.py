"""The nouns on the way of the data, Row -> Desired -> Operation -> Outcome, and the issues found on it.

All of them are frozen values; none does anything but say what it holds.
"""

from __future__ import annotations

from importer.model.addresses import cell_address, column_letter
from importer.model.issues import (
    TEMPLATES,
    Code,
    Invalid,
    Issue,
    IssueGroup,
    Location,
    Noted,
    Severity,
    Template,
    harmless,
    shortened,
)
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
    Refusal,
    Row,
    Skip,
    SourceInfo,
    Weighed,
    canonical_json,
    digest,
    digest_of_json,
)

__all__ = [
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
    "Refusal",
    "Row",
    "Severity",
    "Skip",
    "SourceInfo",
    "Template",
    "Weighed",
    "canonical_json",
    "cell_address",
    "column_letter",
    "digest",
    "digest_of_json",
    "harmless",
    "shortened",
]
