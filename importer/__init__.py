"""Moves contact exports (CSV, Excel) into Kanbert as companies: once, completely, and provably.

What the command line does, for programs and notebooks: `await importer.run("contacts.xlsx", "mapping.yaml",
to="sandbox")`, and without `await` from `importer.sync`. All names are loaded when they are first used,
which takes about a second.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importer import sync
    from importer.api import (
        AskingOptions,
        BrokenOffError,
        Checked,
        Confirm,
        Diagnosis,
        FetchingOptions,
        FilePath,
        GuessOptions,
        MappedRow,
        PlanOptions,
        PreviewOptions,
        Progress,
        Proposal,
        ReadingOptions,
        RequestOptions,
        RetryOptions,
        RunOptions,
        RunPlanOptions,
        SourceOptions,
        Summary,
        UndoOptions,
        WritingOptions,
        check,
        doctor,
        document,
        explain,
        export,
        init,
        plan,
        preview,
        retry,
        run,
        run_plan,
        status,
        undo,
        validate,
        verify,
        write_report,
    )
    from importer.errors import (
        Exit,
        ImporterError,
        JournalError,
        MappingError,
        NoTokenError,
        SourceError,
        TargetError,
        UsageError,
    )

__all__ = [
    "AskingOptions",
    "BrokenOffError",
    "Checked",
    "Confirm",
    "Diagnosis",
    "Exit",
    "FetchingOptions",
    "FilePath",
    "GuessOptions",
    "ImporterError",
    "JournalError",
    "MappedRow",
    "MappingError",
    "NoTokenError",
    "PlanOptions",
    "PreviewOptions",
    "Progress",
    "Proposal",
    "ReadingOptions",
    "RequestOptions",
    "RetryOptions",
    "RunOptions",
    "RunPlanOptions",
    "SourceError",
    "SourceOptions",
    "Summary",
    "TargetError",
    "UndoOptions",
    "UsageError",
    "WritingOptions",
    "__version__",
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
    "sync",
    "undo",
    "validate",
    "verify",
    "write_report",
]

__version__ = "0.1.0"


if not TYPE_CHECKING:  # else a checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        if name not in __all__:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        if name == "sync":
            return import_module("importer.sync")
        errors = import_module("importer.errors")
        found: object = (
            getattr(errors, name) if name in errors.__all__ else getattr(import_module("importer.api"), name)
        )
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
