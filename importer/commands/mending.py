"""What to do about rows that are not in Kanbert, and about those that an undo took out of it: the command for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.commands.again import OF_A_RETRY, remembered, restoring, retry_again
from importer.model import Code, pasted, plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from importer.journal import JournalView, RunRecord
    from importer.model import Counts, UndoCounts

__all__ = ["CORRECTION", "Mending", "brought_back", "done_again", "errors_file", "taken_up_again"]

CORRECTION = "The refused rows can be corrected in a workbook and given back with `retry --rows`; `report` writes it."


def errors_file(journal: Path) -> Path:
    """Name the error report that goes with a journal."""
    return journal.with_name(f"{journal.stem}-errors.xlsx")


@dataclass(frozen=True, slots=True)
class Mending:
    """What helps rows that are not in Kanbert: of archived companies no cell is to be corrected."""

    counts: Counts
    journal: Path
    archived: int  # of the refused rows
    restore: str  # the command that brings those back
    options: tuple[str, ...] = ()  # of the last command, which a retry needs as well

    @classmethod
    def of(cls, view: JournalView, record: RunRecord, counts: Counts, journal: Path, run: int | None = None) -> Mending:
        """Look at what a run, or all rows of the journal, came to."""
        archived = view.refused_as(Code.ARCHIVED_IN_KANBERT, run) if counts.refused else 0
        options = tuple(remembered(record.again, OF_A_RETRY))
        return cls(counts, journal, archived, restoring(record.again, journal), options)

    def notes(self) -> Iterator[str]:
        """Say what helps."""
        if self.counts.refused > self.archived:
            yield CORRECTION
            if self.archived:
                them = "it" if self.archived == 1 else "them"
                yield f"{plural(self.archived, 'of them is', 'of them are')} archived in Kanbert, where no correction helps. This brings {them} back:"
                yield self.restore

    def next(self) -> str | None:
        """Say the next command."""
        counts = self.counts
        if counts.failed + counts.unknown or not counts.refused:
            return retry_again(self.journal, self.options) if counts.not_in_kanbert else None
        if counts.refused == self.archived:
            return self.restore
        return pasted("kanbert-import", "report", self.journal, "-o", errors_file(self.journal))


def taken_up_again(record: RunRecord, journal: Path) -> str:
    """Say which command takes up the rows that are open: what was stopped goes on by its own words."""
    own = record.whole if record.ended else record.again
    return retry_again(journal) if own is None else own


def done_again(view: JournalView, undone: UndoCounts, journal: Path) -> str | None:
    """Say which command does once more what an undo took back, with the companies that are archived now."""
    if undone.archived:
        return brought_back(view, journal)
    taken = view.last_written_run()
    return None if taken is None else taken.whole


def brought_back(view: JournalView, journal: Path) -> str:
    """Say which command brings the companies back that are archived."""
    taken = view.last_written_run()
    return restoring(None if taken is None else taken.whole, journal)
