"""SQLite: runs, rows, intents, outcomes, and the state before; it is the queue of a run and its memory."""

from __future__ import annotations

from importer.journal.lock import Writer, lock_of, writer_of
from importer.journal.records import (
    AttemptRecord,
    Intake,
    Intent,
    KeptCompany,
    MappedRow,
    Planned,
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
    "AttemptRecord",
    "Intake",
    "Intent",
    "Journal",
    "JournalView",
    "KeptCompany",
    "Ledger",
    "MappedRow",
    "Planned",
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
    "lock_of",
    "open_journal",
    "open_scribe",
    "temporary_journal",
    "view_journal",
    "writer_of",
]
