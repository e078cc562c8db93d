"""`run --plan`: a plan file -> the job that it was made for, and what the rows of a run are held to."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from importer.commands.addresses import Address
from importer.commands.settings import Job
from importer.commands.targets import identified
from importer.commands.writing import run
from importer.errors import JournalError
from importer.journal import PLAN, PlanFacts, view_journal
from importer.mapping import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.commands.inputs import Inputs
    from importer.commands.settings import Desk, Fetching, Writing
    from importer.journal import PlannedColumns, RunRecord
    from importer.planner import ArchivedPolicy
    from importer.report import Summary

__all__ = ["Plan", "read_plan", "run_plan"]


def run_plan(path: Path, writing: Writing, desk: Desk, fetching: Fetching | None = None) -> Summary:
    """Do what a plan says, with a journal beside the source as any run has it; the same call again resumes.

    The source is read once more. A row is written where it, and the company it is about, are as they were planned; any
    other is refused and named. The plan file stays as it is.
    """
    plan = read_plan(path)
    job = plan.job if fetching is None else replace(plan.job, fetching=fetching)
    return run(job, replace(writing, to="", archived=plan.archived), desk, plan)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan file that can be executed."""

    path: Path
    record: RunRecord
    job: Job
    archived: ArchivedPolicy
    address: Address
    origin: str
    actions: dict[str, int]

    def facts(self, inputs: Inputs) -> PlanFacts:
        """Say what rows are held to; JournalError where the mapping writes under another origin by now."""
        mapping = inputs.mapping
        if mapping.origin != self.origin:
            message = (
                f"{self.path} was planned for the origin {self.origin}, the mapping now says {mapping.origin}: "
                "no row of it is the same. Plan again."
            )
            raise JournalError(message)
        file = "" if inputs.source.info.sha256 == self.record.source.sha256 else "the file was changed"
        rules = "" if mapping.sha256 == self.record.mapping_sha256 else "the mapping was changed"
        moved = " and ".join(filter(None, (file, rules)))
        return PlanFacts(self.record.run_id, self.actions, moved, self._forecasts)

    def _forecasts(self) -> Iterator[PlannedColumns]:
        with view_journal(self.path) as view:
            yield from view.forecasts()


def read_plan(path: Path) -> Plan:
    """Read what a plan was made for; JournalError where it is none, is not whole, or is for a sandbox that is gone."""
    if not path.exists():
        message = f"there is no plan {path}. `kanbert-import plan` makes one."
        raise JournalError(message)
    with view_journal(path) as view:
        record, target = view.last_run(), view.target()
        actions = {action.value: count for action, count in view.planned_counts().items()}
    _check(path, record)
    options = cast("dict[str, Any]", json.loads(record.planned or "{}"))
    decisions = options["decisions"]
    job = Job(
        Path(record.source.path),
        Path(record.mapping_path),
        options["limit"],
        None if decisions is None else Path(decisions),
        SourceSettings(**options["reading"]),
        options.get("rows"),  # a plan of an earlier version has none
    )
    try:
        address = identified(Address(target.url), target.url)
    except JournalError as error:
        message = f"{path} was planned for a sandbox that is gone, or was begun anew since ({Address(target.url).shown}): plan again."
        raise JournalError(message) from error
    return Plan(path, record, job, options["archived"], address, target.origin, actions)


def _check(path: Path, record: RunRecord) -> None:
    if record.command != PLAN:
        message = f"{path} is the journal of a {record.command}, and no plan. `kanbert-import plan` makes one."
        raise JournalError(message)
    if record.state != "planned":
        message = f"{path} is no whole plan: it was broken off before every row was looked up. Plan again."
        raise JournalError(message)
