"""What the command line does, as functions to await: `importer` gives them out under their names, `importer.sync` blocks.

They print nothing, ask nobody, and end no process. What cannot be done is raised, as in `importer.errors`; what was done
comes back as a value, with the facts of the document that `--json` prints.
"""

from __future__ import annotations

from importer.api.conducting import Confirm
from importer.api.offline import check, export, init, preview, validate
from importer.api.options import (
    AskingOptions,
    FetchingOptions,
    FilePath,
    GuessOptions,
    PlanOptions,
    PreviewOptions,
    ReadingOptions,
    RequestOptions,
    RetryOptions,
    RunOptions,
    RunPlanOptions,
    SourceOptions,
    UndoOptions,
    WritingOptions,
)
from importer.api.reading import explain, status, write_report
from importer.api.writing import doctor, plan, retry, run, run_plan, undo, verify
from importer.commands.doctor import Diagnosis
from importer.commands.init import Proposal
from importer.commands.offline import Checked
from importer.commands.summaries import BrokenOffError
from importer.journal import MappedRow
from importer.progress import Progress
from importer.report import Summary, document

__all__ = [
    "AskingOptions",
    "BrokenOffError",
    "Checked",
    "Confirm",
    "Diagnosis",
    "FetchingOptions",
    "FilePath",
    "GuessOptions",
    "MappedRow",
    "PlanOptions",
    "PreviewOptions",
    "Progress",
    "Proposal",
    "ReadingOptions",
    "RequestOptions",
    "RetryOptions",
    "RunOptions",
    "RunPlanOptions",
    "SourceOptions",
    "Summary",
    "UndoOptions",
    "WritingOptions",
    "check",
    "doctor",
    "document",
    "explain",
    "export",
    "init",
    "plan",
    "preview",
    "retry",
    "run",
    "run_plan",
    "status",
    "undo",
    "validate",
    "verify",
    "write_report",
]
