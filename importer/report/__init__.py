"""Outcomes and issues turned into what people and programs read: terminal, JSON, workbook, page, CSV, JSON Lines.

`write_report` writes a file from a `ReportSource`, `summary_lines` and `document` lay a `Summary` out.
"""

from __future__ import annotations

from importer.report.canary import CanaryFact, canary_lines
from importer.report.cells import cell_text, unguarded
from importer.report.document import document
from importer.report.explained import CellFact, Explanation, FieldFact, OperationFact, RunFact, SentFact, StoredFact
from importer.report.facts import (
    EffortFact,
    FileFact,
    KeptFact,
    MasterFact,
    PlanFact,
    PlannedRows,
    PredictionFact,
    ReportRow,
    ReportSource,
    RequestFact,
    Summary,
    TargetFact,
)
from importer.report.files import WRITERS, write_report, write_text
from importer.report.issue import issue_document
from importer.report.layout import ADDED_COLUMNS, added_columns
from importer.report.lines import json_text
from importer.report.plain import PlainTable, Written, check_plain, write_plain
from importer.report.terminal import summary_lines
from importer.report.verified import MOST_KEPT, VerifiedFact, VerifiedRow
from importer.report.wording import duration_text

__all__ = [
    "ADDED_COLUMNS",
    "MOST_KEPT",
    "WRITERS",
    "CanaryFact",
    "CellFact",
    "EffortFact",
    "Explanation",
    "FieldFact",
    "FileFact",
    "KeptFact",
    "MasterFact",
    "OperationFact",
    "PlainTable",
    "PlanFact",
    "PlannedRows",
    "PredictionFact",
    "ReportRow",
    "ReportSource",
    "RequestFact",
    "RunFact",
    "SentFact",
    "StoredFact",
    "Summary",
    "TargetFact",
    "VerifiedFact",
    "VerifiedRow",
    "Written",
    "added_columns",
    "canary_lines",
    "cell_text",
    "check_plain",
    "document",
    "duration_text",
    "issue_document",
    "json_text",
    "summary_lines",
    "unguarded",
    "write_plain",
    "write_report",
    "write_text",
]
