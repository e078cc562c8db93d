"""An applier against a scripted Kanbert, for tests of one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.commands.settings import MAX_AGE
from importer.pipeline import Applier, Freshness
from importer.planner import MatchRules, Policy
from tests.fakes.nouns import desired, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.journal import Planned, Settlement
    from importer.model import Action, Code
    from tests.fakes.target import ScriptedTarget

__all__ = ["PAUSES", "WANTED", "Intents", "applier", "codes"]

WANTED = desired("k1", phone="1")
RULES = MatchRules((("phone",),))


class Intents:
    """Gives intents numbers, as the journal does, and remembers which were taken back."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.taken_back: list[Planned] = []

    async def intend(self, plans: Sequence[Planned]) -> list[Planned]:
        self.actions += [plan.operation.action for plan in plans]
        return [plan._replace(operation_id=100 + len(self.actions)) for plan in plans]

    def sending(self, planned: Planned) -> None:
        pass

    def unsent(self, planned: Planned) -> None:
        self.taken_back.append(planned)


class Pauses:
    """Remembers what was waited for, and does not wait."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def wait(self, failed: int) -> None:
        self.asked.append(failed)


PAUSES = Pauses()


def applier(
    target: ScriptedTarget, intents: Intents | None = None, *, restore: bool = False, now: float = 0.0
) -> Applier:
    return Applier(
        target,
        policy=Policy("restore" if restore else "report", RULES),
        intents=intents or Intents(),
        place=place,
        pause=PAUSES.wait,
        fresh=Freshness(lambda: now, MAX_AGE),
    )


def codes(settlement: Settlement) -> list[Code]:
    return [issue.code for issue in settlement.outcome.issues]
