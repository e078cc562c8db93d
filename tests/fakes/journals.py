"""Rows in and outcomes out of a real journal, for tests that begin somewhere in between."""

from __future__ import annotations

from importer.journal import (
    Intake,
    Journal,
    Planned,
    Settlement,
)
from importer.model import (
    Action,
    Code,
    Issue,
    Location,
    Mapped,
    Operation,
    Outcome,
    OutcomeKind,
    Refusal,
    Row,
)
from tests.fakes.nouns import AT, desired, row, run_facts, stored

URL = "https://kanbert.example/api/v1"
PLACE = Location("contacts.csv", None, 2, "id")


def read(journal: Journal, *rows: tuple[Row, Mapped], run: str = "r1", duplicates: str = "refuse") -> Intake:
    return journal.read_source(run_facts(run), rows, duplicates=duplicates, blank_rows=lambda: 1)  # type: ignore[arg-type]  # the tests give the words


def three(**fields: str) -> list[tuple[Row, Mapped]]:
    return [(row(n), desired(str(n), **fields)) for n in (2, 3, 4)]


def refusal(external_id: str | None = None) -> Refusal:
    return Refusal(external_id, (Issue.of(Code.NOT_A_COUNTRY, PLACE, field="address_invoice_country", value="Holand"),))


def settle(journal: Journal, run: int, kind: OutcomeKind, *, limit: int = 100, state: str = "ended") -> None:
    """Take every open row through its intent to an outcome, and end the run."""
    works = journal.works(run, after=0, limit=limit)
    plans = [Planned(work, Operation(Action.CREATE, work.desired, body=work.desired.payload)) for work in works]
    intended = journal.intend(run, plans, at=AT)
    settlements = [
        Settlement(
            plan.work.row, Outcome(kind, f"k{plan.work.row}", stored(plan.operation.body).text), plan.operation_id
        )
        for plan in intended
    ]
    journal.settle(settlements, [], run=run, at=AT)
    journal.finish(run, state=state, at=AT)  # type: ignore[arg-type]  # the tests give the words
