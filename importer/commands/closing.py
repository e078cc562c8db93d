"""A session of writing from the question whether it may begin to the end of its run in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from importer.commands.conducting import signals_kept
from importer.commands.session import Ending
from importer.model import number_text, plural
from importer.transport import RequestCounts, SystemClock

if TYPE_CHECKING:
    from importer.commands.session import Session

__all__ = ["closed", "finished", "sent", "sent_if_agreed"]


def closed(session: Session) -> Ending:
    """Ask before anything leaves this machine, write, and close the run."""
    return finished(session, sent_if_agreed(session))


def finished(session: Session, ending: Ending, *, whole: bool = True) -> Ending:
    """Close the run; not `whole`, it is one that the same command goes on with."""
    state = "ended" if whole and not ending.reason else "stopped"
    session.journal.finish(session.intake.run, state=state, at=SystemClock().now().isoformat())  # type: ignore[arg-type]
    return ending


def sent_if_agreed(session: Session) -> Ending:
    """Ask, and write the rows that the run takes up."""
    try:
        reason = "" if _agreed(session) else "you said no; nothing was sent"
    except KeyboardInterrupt:
        reason = "interrupted at the question; nothing was sent"
    if not reason:
        return sent(session)
    return Ending(session.address.url, RequestCounts(), reason=reason, error=None, interrupted=True)


def sent(session: Session) -> Ending:
    """Write the rows that the run takes up."""
    with signals_kept():
        return anyio.run(session.write)


def _agreed(session: Session) -> bool:
    open_rows = session.journal.view.open_rows(session.intake.run)
    if session.address.local or not open_rows:
        return True
    counts = session.before or session.journal.view.counts(session.intake.run)
    first = " first" if session.before is not None else ""
    planned = " as they were planned" if session.thorough else ""
    return session.desk.confirm(
        f"{plural(open_rows, 'company', 'companies')} will be created{', adopted' if session.match else ''} or updated{first}{planned} in {session.address.url} under the origin "
        f"{session.origin} ({plural(counts.refused, 'row')} refused, {number_text(counts.skipped)} skipped). Go on?"
    )
