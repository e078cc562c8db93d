"""What an undo did -> its summary: its own balance, the companies that were kept, and what to do next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from importer.commands.again import undo_again
from importer.commands.mending import done_again
from importer.commands.summaries import base_summary, request_fact, undone_of
from importer.errors import Exit
from importer.journal import undone_before
from importer.model import UndoCounts, plural
from importer.report import TargetFact

if TYPE_CHECKING:
    from pathlib import Path

    from importer.commands.session import Ending
    from importer.commands.settings import Writing
    from importer.journal import JournalView, UndoJournal
    from importer.report import Summary

__all__ = ["declined_summary", "ended_summary", "nothing_summary", "undo_summary"]

_NOTHING = "There is nothing to take back: no run of this journal has written to Kanbert, or all of it was undone."
_ALL_DONE = "The undo had taken back everything when it was cut off; there was nothing left to do."
_UNASKED = "Offers were not asked for, as you said: one of them may refer to a company that is archived now."
_AGAIN = (
    "The rows of these companies are open again in the journal. A run of the same file does them once more; archived "
    "companies it brings back with `--archived restore`."
)


def nothing_summary(view: JournalView, path: Path) -> Summary:
    """Say that there is nothing to undo; no request was needed for that."""
    base = base_summary(view, None, "undo", path)
    return replace(base, undone=UndoCounts(), groups=(), notes=(_NOTHING,))


def ended_summary(view: JournalView, path: Path) -> Summary:
    """Sum up an undo that had taken everything back when it was cut off; no request was needed to say so."""
    counts, kept = undone_of(view, view.last_run().id)
    base, following = base_summary(view, None, "undo", path), done_again(view, counts, path)
    return replace(base, undone=counts, kept=kept, groups=(), notes=(_ALL_DONE, _AGAIN), next=following)


def declined_summary(view: JournalView, path: Path, book: UndoJournal) -> Summary:
    """Say that the user wanted nothing of it; the journal does not remember that."""
    base = base_summary(view, None, "undo", path)
    counts = UndoCounts(companies=book.left, operations=book.operations, pending=book.left)
    told = "you said no; nothing was sent"
    return replace(base, exit_code=Exit.INTERRUPTED, undone=counts, groups=(), notes=(f"{told}.",), stopped=told)


def undo_summary(view: JournalView, ending: Ending, path: Path, writing: Writing, *, ask_offers: bool) -> Summary:
    """Sum up an undo; its duration is the caller's to say."""
    base, run = base_summary(view, None, "undo", path), view.last_run()
    counts, kept = undone_of(view, run.id)
    stopped = (
        ()
        if ending.reason is None
        else (f"Stopped early, {plural(_open(counts), 'company is', 'companies are')} open: {ending.reason}.",)
    )
    again = () if counts.companies == counts.kept + counts.pending + counts.failed else (_AGAIN,)
    return replace(
        base,
        exit_code=_exit_code(base, ending, counts),
        target=TargetFact(ending.url, view.target().origin),
        requests=request_fact(ending.requests),
        undone=counts,
        kept=kept,
        groups=(),
        notes=(*stopped, *_resumed(undone_before(view, run.id)), *(() if ask_offers else (_UNASKED,)), *again),
        stopped=ending.reason,
        next=_next(ending, counts, path, writing, ask_offers=ask_offers)
        or (done_again(view, counts, path) if again and counts.complete else None),
    )


def _resumed(before: int) -> tuple[str, ...]:
    """Say what of the balance stems from before a stop or a kill."""
    if not before:
        return ()
    return (f"Resumed: {plural(before, 'company was', 'companies were')} taken back before and counted here as well.",)


def _open(counts: UndoCounts) -> int:
    return counts.pending + counts.unknown


def _exit_code(base: Summary, ending: Ending, counts: UndoCounts) -> int:
    if base.exit_code or not counts.balanced:
        return Exit.BUG
    if ending.interrupted:
        return Exit.INTERRUPTED
    if ending.error is not None:
        return Exit.TARGET
    return Exit.OK if counts.complete else Exit.ROWS


def _next(ending: Ending, counts: UndoCounts, path: Path, writing: Writing, *, ask_offers: bool) -> str | None:
    """Say the same again, where that goes on; what was kept stays so until somebody acts on it."""
    if ending.harmful or ending.futile or not (counts.pending + counts.unknown + counts.failed):
        return None
    return undo_again(path, writing, ask_offers=ask_offers)
