"""`run --canary`: the fewest rows that make use of everything in the mapping go first, are read back, and then it is asked.

Which rows they are is chosen from the file and the mapping alone, so that the same command chooses the same ones again.
The others wait in the journal as those do that `--limit` leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from importer.commands.closing import closed, finished, sent, sent_if_agreed
from importer.commands.verifying import look_at_run
from importer.errors import UsageError
from importer.journal import count_wanted, held_back, numbers_of, sendable_rows, take_up_held_back
from importer.mapping import Covering, Exercise
from importer.model import plural
from importer.report import CanaryFact, canary_lines
from importer.transport import RequestCounts

if TYPE_CHECKING:
    from importer.commands.inputs import Inputs
    from importer.commands.session import Ending, Session

__all__ = ["Canary"]


@dataclass(slots=True)
class Canary:
    """Conducts a session of writing in two parts; what is known of the first is in `fact`."""

    inputs: Inputs
    fact: CanaryFact | None = None  # None: there was nothing to send
    nobody: bool = False  # could be asked whether to go on

    def closed(self, session: Session) -> Ending:
        """Write and read back the canary, and the other rows if somebody agrees; close the run."""
        journal, run = session.journal, session.intake.run
        everything = journal.view.counts(run)
        if not journal.view.open_rows(run):
            return closed(session)
        rows = self._chosen(session)
        waiting = held_back(journal, run, rows)
        self.fact = replace(self.fact, rows=numbers_of(journal, rows), waiting=waiting) if self.fact else None
        ending = self._seen(session, sent_if_agreed(replace(session, before=everything)))
        try:
            if ending.reason is not None or not self._goes_on(session):
                return finished(session, ending, whole=False)
        except KeyboardInterrupt:
            reason = "interrupted at the question; the other rows were not sent"
            return finished(session, replace(ending, reason=reason, interrupted=True), whole=False)
        return self._others(session, ending)

    def _chosen(self, session: Session) -> list[int]:
        """Choose by what each row makes use of; memory: distinct combinations of that, not rows."""
        exercise, covering = Exercise(), Covering()
        mapper, progress = self.inputs.followed_by(exercise), session.desk.progress
        exercise.declare(mapper)
        progress.start("choosing the canary", count_wanted(session.journal, session.intake.run).wanted)
        for row, cells in sendable_rows(session.journal, session.intake.run):
            parts = exercise.parts_of(mapper, cells)
            if parts is not None:
                covering.add(row, parts & exercise.all)
            progress.advance()
        progress.finish()
        self.fact = CanaryFact(
            rows=(),
            covered=tuple(exercise.named(covering.covered)),
            missing=tuple(exercise.named(exercise.all & ~covering.covered)),
        )
        return covering.chosen()

    def _seen(self, session: Session, ending: Ending) -> Ending:
        """Read the canary back, where it was sent; what the target refuses then is how it ended."""
        if ending.reason is not None or self.fact is None:
            return ending
        looked = look_at_run(session)
        self.fact = replace(self.fact, verified=looked.found)
        stop = looked.stop
        return replace(
            ending,
            requests=_summed(ending.requests, looked.requests),
            reason=stop.reason,
            error=stop.error,
            interrupted=stop.interrupted,
        )

    def _goes_on(self, session: Session) -> bool:
        fact = self.fact
        if fact is None or not fact.waiting:
            return True
        if session.desk.said_yes:
            return fact.sound
        sound = "" if fact.sound else "Not all of it is in Kanbert as the mapping wants it. "
        others = plural(fact.waiting, "other row")
        text = "\n".join(canary_lines(fact, session.desk.width))
        try:
            return session.desk.confirm(f"{text}\n{sound}Go on with {others}?")
        except UsageError:  # nobody is there
            self.nobody = True
            return False

    def _others(self, session: Session, first: Ending) -> Ending:
        take_up_held_back(session.journal, session.intake.run)
        if self.fact is not None:
            self.fact = replace(self.fact, waiting=0, went_on=True)
        rest = sent(session)
        notes = tuple(dict.fromkeys((*first.notes, *rest.notes)))
        return finished(session, replace(rest, requests=_summed(first.requests, rest.requests), notes=notes))


def _summed(one: RequestCounts, other: RequestCounts) -> RequestCounts:
    return RequestCounts(
        one.total + other.total,
        one.read + other.read,
        one.write + other.write,
        retried=one.retried + other.retried,
        throttled=one.throttled + other.throttled,
        waited=one.waited + other.waited,
    )
