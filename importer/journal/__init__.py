"""SQLite: runs, rows, intents, outcomes, and the state before; it is the queue of a run and its memory."""

from __future__ import annotations

from importer.journal.forecast import Forecast, held_to_plan
from importer.journal.lock import Writer, lock_of, writer_of
from importer.journal.plans import PLAN
from importer.journal.records import (
    AttemptRecord,
    Intake,
    Intent,
    KeptCompany,
    MappedRow,
    PlanFacts,
    Planned,
    PlannedColumns,
    ProblemRow,
    RunFacts,
    RunRecord,
    Settlement,
    Work,
    Wrote,
)
from importer.journal.scribe import Ledger, Scribe, open_scribe
from importer.journal.store import Journal, open_journal, temporary_journal
from importer.journal.undoing import UndoJournal
from importer.journal.view import JournalView, Target, view_journal

__all__ = [
    "PLAN",
    "AttemptRecord",
    "Forecast",
    "Intake",
    "Intent",
    "Journal",
    "JournalView",
    "KeptCompany",
    "Ledger",
    "MappedRow",
    "PlanFacts",
    "Planned",
    "PlannedColumns",
    "ProblemRow",
    "RunFacts",
    "RunRecord",
    "Scribe",
    "Settlement",
    "Target",
    "UndoJournal",
    "Work",
    "Writer",
    "Wrote",
    "held_to_plan",
    "lock_of",
    "open_journal",
    "open_scribe",
    "temporary_journal",
    "view_journal",
    "writer_of",
]
