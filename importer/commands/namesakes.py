"""Files that differ by their suffix alone: the usual journal of one of them may be about another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import JournalError
from importer.journal import PLAN, view_journal

if TYPE_CHECKING:
    from importer.commands.settings import Job

__all__ = ["own_journal"]


def own_journal(job: Job, plan: Path) -> Path | None:
    """Name a journal for a run of a plan where the usual one is about another file; None where that can be kept.

    It has the plan's name, or the file's with its suffix: one that is about this file already, or is not there yet. What
    cannot be read is left to the run to complain of, and so is a folder where each of these is another file's.
    """
    name = Path(job.source[0]).name
    if _subject(job.beside(".journal")) in {None, name}:
        return None
    own = (plan.with_suffix(".journal"), job.beside(f"{job.file.suffix}.journal"))
    known = (path for path in own if _subject(path) == name)
    return next(known, next((path for path in own if not path.exists()), None))


def _subject(journal: Path) -> str | None:
    """Name the file that a journal is about."""
    try:
        with view_journal(journal) as view:
            last = view.last_run() if view.has_runs() else None
    except JournalError:  # there is none, or it cannot be read
        return None
    return None if last is None or last.command == PLAN else Path(last.source.path).name
