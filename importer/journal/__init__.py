"""SQLite: runs, rows, intents, outcomes, and the state before; it is the queue of a run and its memory."""

from __future__ import annotations

from importer.journal.lock import writing_process
from importer.journal.records import (
    AttemptRecord,
    Intake,
    Intent,
    MappedRow,
    Planned,
    ProblemRow,
    RunFacts,
    RunRecord,
    Settlement,
    Work,
)
from importer.journal.scribe import Scribe, open_scribe
from importer.journal.store import Journal, open_journal, temporary_journal
from importer.journal.view import JournalView, Target, view_journal

__all__ = [
    "AttemptRecord",
    "Intake",
    "Intent",
    "Journal",
    "JournalView",
    "MappedRow",
    "Planned",
    "ProblemRow",
    "RunFacts",
    "RunRecord",
    "Scribe",
    "Settlement",
    "Target",
    "Work",
    "open_journal",
    "open_scribe",
    "temporary_journal",
    "view_journal",
    "writing_process",
]
