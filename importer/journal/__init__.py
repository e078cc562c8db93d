"""SQLite: runs, rows, intents, outcomes, and the state before; it is the queue of a run and its memory."""

from __future__ import annotations

from importer.journal.choosing import held_back, left_out, numbers_of, sendable_rows, take_up_held_back
from importer.journal.corrected import note_corrected, standing_corrections
from importer.journal.files import beginning_anew
from importer.journal.forecast import Forecast, held_to_plan
from importer.journal.listing import listed_so_far
from importer.journal.lives import KeptOperation, KeptRow, Life, life_of, life_without_row, rows_meant, was_sent
from importer.journal.lock import Writer, lock_of, locked, this_process, writer_of
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
from importer.journal.undo_view import kept_by_undo, undone, undone_before
from importer.journal.undoing import UndoJournal
from importer.journal.verified import Wanted, WantedRows, count_wanted, note_verified, only_matched, wanted_rows
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
    "KeptOperation",
    "KeptRow",
    "Ledger",
    "Life",
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
    "Wanted",
    "WantedRows",
    "Work",
    "Writer",
    "Wrote",
    "beginning_anew",
    "count_wanted",
    "held_back",
    "held_to_plan",
    "kept_by_undo",
    "left_out",
    "life_of",
    "life_without_row",
    "listed_so_far",
    "lock_of",
    "locked",
    "note_corrected",
    "note_verified",
    "numbers_of",
    "only_matched",
    "open_journal",
    "open_scribe",
    "rows_meant",
    "sendable_rows",
    "standing_corrections",
    "take_up_held_back",
    "temporary_journal",
    "this_process",
    "undone",
    "undone_before",
    "view_journal",
    "wanted_rows",
    "was_sent",
    "writer_of",
]
