"""What a plan's rows need -> how many requests that takes, and how long at the rate that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.commands.settings import MAX_AGE
from importer.company import UNIONS
from importer.model import Action, plural
from importer.report import EffortFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.commands.settings import Writing
    from importer.model import Operation
    from importer.transport import Transport

__all__ = ["Pace", "Requests"]

OWN = 0.0003  # seconds of this machine for a request, however fast the target: what the journal and the client take
EMBEDDED = 0.001  # likewise where the local Kanbert works in the same process; a write takes it a little more

_MINUTE = 60.0  # the window of a limit that does not tell it; Laravel's usual one


@dataclass(slots=True)
class Requests:
    """Counts the requests that operations will need."""

    writes: int = 0
    reads: int = 0  # right before writes, whatever their age
    updates: int = 0  # that are read once more only when what was read of them is old

    def add(self, operation: Operation) -> None:
        """Add an operation's requests; see `Applier` for what is read again."""
        patched = bool(operation.body)
        match operation.action:
            case Action.CREATE:
                self.writes += 1
            case Action.UPDATE:
                self.writes += 1
                again = not UNIONS.isdisjoint(operation.body)
                self.reads += again
                self.updates += not again
            case Action.ADOPT:
                self.writes += 1 + patched
                self.reads += 2
            case Action.RESTORE:
                self.writes += 1 + patched
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of how fast requests may be sent."""

    told: tuple[int, float | None] | None  # requests in a window of so many seconds
    found: float | None  # a second
    asked: float | None  # a second, by the user
    mean: float | None  # seconds that a look-up took
    concurrency: int
    own: float = OWN  # seconds of this machine for a request; they are one after the other

    @classmethod
    def of(cls, transport: Transport, writing: Writing, *, embedded: bool) -> Pace:
        """Ask a transport that has made the look-ups; `embedded` where the target is in this process."""
        found = transport.pacer.found if transport.counts.throttled else None
        own = EMBEDDED if embedded else OWN
        return cls(transport.pacer.told, found, writing.rate, None, writing.concurrency, own)

    def effort(self, requests: Requests, looked: int, *, listed: bool) -> EffortFact:
        """Reckon: the look-ups once more, the reads and the writes, at the lowest of the rates that are known.

        Where the space is listed, an update is read once more when it is due later than `MAX_AGE` after that.
        """
        rates = sorted(self._rates())
        reads, writes = looked + requests.reads, requests.writes
        if not rates:
            return EffortFact(reads, writes)
        rate, basis, least = rates[0]
        seconds = (reads + writes) / rate
        if listed and requests.updates and seconds > MAX_AGE:
            again = round(requests.updates * (1.0 - MAX_AGE / seconds))
            reads, seconds = reads + again, seconds + again / rate
        return EffortFact(reads, writes, seconds, basis, least=least)

    def _rates(self) -> Iterator[tuple[float, str, bool]]:
        """Yield requests a second, by what, and whether that is only the most that can be."""
        if self.asked is not None:
            yield self.asked, f"{self.asked:g} requests a second (--rate)", False
        if self.told is not None:
            limit, window = self.told
            known = f"{window:g} s" if window else "a minute, as is usual: how long, the target did not tell"
            yield limit / (window or _MINUTE), f"the target's limit of {plural(limit, 'request')} in {known}", False
        if self.found is not None:
            yield self.found, f"{self.found:.3g} requests a second, found from its refusals (429)", False
        if self.mean is not None:
            rate = 1 / max(self.mean / self.concurrency, self.own)
            yield rate, f"the pace of the look-ups, {self.concurrency} at a time; writes may take longer", True
