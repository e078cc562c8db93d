"""The contacts of a Moneybird administration as a source: fetched, kept beside the journal, and opened."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from importer.clock import SystemClock
from importer.errors import JournalError, NoTokenError, UsageError
from importer.journal import locked, this_process, view_journal
from importer.model import plural
from importer.moneybird import open_draft, read_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.commands.settings import Desk, Fetching
    from importer.journal import RunRecord
    from importer.moneybird import ContactsAddress, Draft, Snapshot
    from importer.moneybird.fetching import Fetched
    from importer.progress import Progress
    from importer.transport import Attempt, Token

__all__ = ["Going", "contacts_of", "snapshot_path"]

_STALE = 86_400.0  # seconds after which a fetch that was stopped is not gone on with
_URL = "MONEYBIRD_URL"
_TOKEN = "MONEYBIRD_TOKEN"  # noqa: S105 - the name of a variable
_WAITING = (
    "Moneybird takes 150 requests in five minutes, and they are used: the next one waits until then. Stopped now, the same "
    "command goes on from here"
)
_OPTION = "--source-token-file"


@dataclass(frozen=True, slots=True)
class Going:
    """How a command goes on from what an earlier one fetched.

    What is kept is asked about again, and only what changed is fetched, until a run with the journal has ended with it:
    the next run reads everything anew, as it would a file, unless it is to go on from there.
    """

    journal: Path | None = None  # of a run or plan; None: the command sends nothing, and may do with what is kept
    ends: bool = True  # whether the journal's last run, once ended, closes what was fetched for it


def snapshot_path(address: ContactsAddress, journal: Path | None) -> Path:
    """Say where contacts are kept: beside the journal."""
    return (Path() if journal is None else journal.parent) / f"{address.name}.contacts"


def contacts_of(address: ContactsAddress, fetching: Fetching, desk: Desk, going: Going) -> Snapshot:
    """Fetch what is not kept, and open it.

    Raises:
        NoTokenError: there is no token, and nothing is kept that could do.
        FatalTargetError: Moneybird refuses, or cannot be reached.
        JournalError: another command is at it.
    """
    file = snapshot_path(address, going.journal)
    kept = read_snapshot(file, address.text)
    last = _last_run(address, going.journal)
    if fetching.since_last and (kept is None or last is None):
        missing = f"{going.journal} has no run of them" if last is None else f"{file} is not there"
        message = (
            f"--since-last goes on from the last run of these contacts, and {missing}. Give the command without it."
        )
        raise UsageError(message)
    token = _token(fetching, desk)
    if token is None:
        if kept is None or going.journal is not None:
            message = (
                f"there is no token for Moneybird: set {_TOKEN}, or name a file that holds it with {_OPTION} "
                "(moneybird.com/user/applications/new)."
            )
            raise NoTokenError(message)
        note = f"{_said(kept)}, as {file} has them: without {_TOKEN} it was not asked what has changed since."
        return replace(kept, notes=(note,))
    closed = kept is not None and last is not None and _ended_after(last, kept.begun_at)
    base = None if closed and going.ends and not fetching.since_last else kept
    with _alone(file):
        return _Fetch(address, file, base, token, desk).done()


def _last_run(address: ContactsAddress, journal: Path | None) -> RunRecord | None:
    """Find the journal's last run, where it was of these contacts."""
    if journal is None or not journal.exists():
        return None
    with view_journal(journal) as view:
        last = view.last_run() if view.has_runs() else None
    return last if last is not None and last.source.path == address.text else None


def _ended_after(run: RunRecord, begun_at: float) -> bool:
    return run.ended and run.ended_at is not None and datetime.fromisoformat(run.ended_at).timestamp() > begun_at


def _token(fetching: Fetching, desk: Desk) -> Token | None:
    from importer.commands.targets import token_in  # noqa: PLC0415 - aiohttp, for those who fetch
    from importer.transport import Token  # noqa: PLC0415 - likewise

    if fetching.token_file is not None:
        return token_in(fetching.token_file, _OPTION)
    text = desk.environment.get(_TOKEN, "")
    return Token(text) if text.strip() else None


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep two commands from fetching into one file."""
    since = SystemClock().now().isoformat(timespec="seconds")
    lock = locked(file, this_process("fetch", since))
    try:
        lock.__enter__()
    except JournalError as error:
        message = f"{file}: another command is fetching these contacts. Wait for it, and give this one again. ({error})"
        raise JournalError(message) from error
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


@dataclass(frozen=True, slots=True)
class _Fetch:
    """One fetch with its slots filled."""

    address: ContactsAddress
    file: Path
    base: Snapshot | None
    token: Token
    desk: Desk

    def done(self) -> Snapshot:
        """Fetch, and make a snapshot of it."""
        now, name = SystemClock().now().timestamp(), self.address.text
        with open_draft(self.file, name, now=now, stale_after=_STALE, base=self.base) as draft:
            resumed = len(draft) > 0 and self.base is None
            try:
                found, requests = anyio.run(self._fetched, draft)
            except KeyboardInterrupt:
                self.desk.progress.note(f"{len(draft):,} contacts are kept, and are not fetched once more")
                raise
            snapshot = draft.finish(found.ids, self.file, name)
        return replace(snapshot, notes=tuple(_notes(snapshot, found, requests, resumed=resumed)))

    async def _fetched(self, draft: Draft) -> tuple[Fetched, int]:
        from importer.moneybird.api import Moneybird, transport_options  # noqa: PLC0415 - aiohttp, for those who fetch
        from importer.moneybird.fetching import fetched  # noqa: PLC0415 - likewise
        from importer.transport import open_transport  # noqa: PLC0415 - likewise

        progress = self.desk.progress
        jitter = random.Random()  # noqa: S311 - spreads requests in time, guards nothing
        options = transport_options(_url(self.desk), self.token)
        async with open_transport(options, SystemClock(), jitter, _not_kept) as transport:
            transport.on_wait = progress.note
            api = Moneybird(transport, self.address)
            found = await fetched(api, draft, _Shown(progress))
            progress.finish()
            return found, api.requests


def _url(desk: Desk) -> str:
    from importer.moneybird.api import PRODUCTION  # noqa: PLC0415 - aiohttp, for those who fetch
    from importer.transport import check_address  # noqa: PLC0415 - likewise

    url = desk.environment.get(_URL, "").strip() or PRODUCTION
    try:
        check_address(url)
    except UsageError as error:
        message = f"{_URL}: {error}"
        raise UsageError(message) from error
    return url


class _Shown:
    """Shows a fetch as progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def begin(self, total: int | None) -> None:
        self._progress.start("fetching from Moneybird", total, "contacts")

    def advance(self, count: int) -> None:
        self._progress.advance(count)

    def wait(self) -> None:
        self._progress.note(_WAITING)


def _not_kept(_: Attempt) -> None:
    """Keep nothing of a request but its count."""


def _notes(snapshot: Snapshot, found: Fetched, requests: int, *, resumed: bool) -> Iterator[str]:
    rest = snapshot.count - found.fetched
    how = f"{plural(found.fetched, 'was fetched', 'were fetched')} by {plural(requests, 'request')}"
    others = f", the other {rest:,} {'had been fetched before' if resumed else 'have not changed'}" if rest > 0 else ""
    yield f"{_said(snapshot)}: {how}{others}. They are kept in {snapshot.file}, which holds people's data."
    if found.gone:
        shown = ", ".join(found.gone[:5]) + (" ..." if len(found.gone) > 5 else "")
        yield f"Deleted in Moneybird while they were fetched, and left out: {len(found.gone):,} ({shown})."


def _said(snapshot: Snapshot) -> str:
    at = datetime.fromtimestamp(snapshot.fetched_at, UTC)
    contacts = plural(snapshot.count, "contact")
    return f"{contacts} of {snapshot.address} as of {at:%Y-%m-%d %H:%M} UTC"
