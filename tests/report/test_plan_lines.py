"""A plan on a terminal: what is to be seen fits the width, and is bounded where not all is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from importer.model import Action, Change, Code, Counts, Issue, Json, Location, PlannedRow
from importer.report import (
    EffortFact,
    MasterFact,
    PlanFact,
    PredictionFact,
    Summary,
    document,
    duration_text,
    summary_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

A = Action
STALE = Issue.of(Code.SEVERAL_MATCHES, Location("x"), value="K-9", detail="7, 8")


def planned(number: int, action: Action, *changes: Change, issues: tuple[Issue, ...] = ()) -> PlannedRow:
    kanbert_id = None if action is A.CREATE else str(number)
    return PlannedRow(number, f"K-{number}", f"Bedrijf {number}", action, kanbert_id, changes, issues)


def change(field: str, before: Json, after: Json) -> Change:
    return Change(field, before, after)


ROWS = [
    planned(
        2, A.CREATE, change("external_id", None, "K-2"), change("phone", None, "020"), change("taxation", None, True)
    ),
    *(planned(n, A.UPDATE, change("phone", "1", "2")) for n in range(3, 8)),
    planned(
        8,
        A.ADOPT,
        change("tags", ["theirs"], ["theirs", "ours"]),
        change("custom_fields", {"a": 1, "b": 2}, {"a": 1, "b": 3}),
    ),
    planned(9, A.RESTORE, *(change(f"address_invoice_{n}", "x" * 100, None) for n in range(10))),
    planned(10, A.CONFLICT, issues=(STALE,)),
    planned(11, A.UNCHANGED),
]


def rows(action: Action | None = None, *, limit: int | None = None) -> Iterator[PlannedRow]:
    yield from [row for row in ROWS if action in {None, row.action}][:limit]


def summary(*, full: bool = False, masters: int = 1, used: bool | None = False) -> Summary:
    plan = PlanFact(
        path="contacts.plan",
        actions={A.CREATE: 1, A.UPDATE: 5, A.ADOPT: 1, A.RESTORE: 1, A.UNCHANGED: 1, A.CONFLICT: 1},
        fields={"update": {"fax": 1, "phone": 5}},
        cleared={"address_invoice_1": 1},
        masters=tuple(MasterFact("tags", f"t{n}", 3, used, None) for n in range(masters)),
        effort=EffortFact(12, 1500, 3700.0, "20 requests a second (--rate)"),
        rows=rows,
        full=full,
    )
    counts = Counts(read=11, created=1, updated=5, adopted=1, restored=1, unchanged=1, refused=2)
    return Summary(
        command="plan", exit_code=1, counts=counts, plan=plan, journal="contacts.plan", next="kanbert-import run"
    )


SHOWN = """\
plan     contacts.plan

read         11
  create      1
  update      5
  adopt       1
  restore     1
  unchanged   1
  conflict    1
  refused     1
in 0.0 s, no requests
to come: 1,500 writes, and 12 reads to look again: about 1 h 1 min by 20
  requests a second (--rate)

To be created: 1 row
  row 2, K-2 "Bedrijf 2"
      phone "020", taxation true

To be updated: 5 rows
  fields: phone 5, fax 1
  row 3, K-3 "Bedrijf 3", company 3
      phone: "1" -> "2"
  row 4, K-4 "Bedrijf 4", company 4
      phone: "1" -> "2"
  row 5, K-5 "Bedrijf 5", company 5
      phone: "1" -> "2"
  and 2 rows more (--full)

To be adopted: companies without an external_id that match by `match`: 1 row
  row 8, K-8 "Bedrijf 8", company 8
      tags: "theirs" -> "theirs", "ours"
      custom_fields: b 2 -> b 3

To be restored from the archive: 1 row
  row 9, K-9 "Bedrijf 9", company 9
"""


def shown(one: Summary, width: int = 80) -> str:
    return "\n".join(summary_lines(one, width=width, colour=False)) + "\n"


def test_a_plan_as_a_terminal_of_80_columns_shows_it() -> None:
    text = shown(summary())
    assert text.startswith(SHOWN)
    assert "      and 2 fields more\n" in text
    assert "Conflicts: nothing would be written: 1 row\n  row 10, K-10" in text
    assert "      ! several companies in Kanbert match the row" in text
    assert "Unchanged" not in text
    assert text.endswith("\nNext:\nkanbert-import run\n")


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int, full: bool) -> None:
    assert all(len(line) <= width for line in shown(summary(full=full, masters=12), width).splitlines())


def test_all_is_shown_where_it_is_asked_for() -> None:
    text = shown(summary(full=True, masters=12))
    assert "row 7, K-7" in text
    assert "row 11, K-11" in text
    assert "address_invoice_9" in text
    assert "--full" not in text
    assert 'tags "t11"' in text


def test_what_is_not_known_is_said() -> None:
    text = " ".join(shown(summary(used=None, masters=11)).split())
    assert "Values that may be new to Kanbert: 11" in text
    assert "which values other companies have is not known" in text
    assert "and 1 more (--full)" in text


def test_titles_are_bold_on_a_terminal_alone() -> None:
    assert "\x1b[1mTo be created: 1 row\x1b[0m" in list(summary_lines(summary(), width=80, colour=True))


def test_a_plan_in_json_has_samples_or_all() -> None:
    plan = document(summary())["plan"]
    assert isinstance(plan, dict)
    assert plan["actions"] == {
        "create": 1, "update": 5, "adopt": 1, "restore": 1, "unchanged": 1, "conflict": 1
    }  # fmt: skip
    assert isinstance(plan["operations"], list)
    assert (len(plan["operations"]), plan["operations_cut"], plan["path"]) == (8, True, "contacts.plan")
    every = document(summary(full=True))["plan"]
    assert isinstance(every, dict)
    assert isinstance(every["operations"], list)
    assert len(every["operations"]) == len(ROWS)


def test_what_was_predicted_is_held_against_what_was_done() -> None:
    facts = (
        PredictionFact(A.CREATE, 1200, 1199, {"refused": 1}),
        PredictionFact(A.UPDATE, 2, 2, {}),
        PredictionFact(A.ADOPT, 0, 0, {}),
        PredictionFact(A.CONFLICT, 0, 1, {}),
    )
    run = Summary(command="run", exit_code=1, predicted=facts)
    text = shown(run)
    assert (
        "The plan against what was done:\n  create: 1,200 planned, 1,199 done (1 refused instead)\n  update: 2 planned, 2 done\n  conflict: 0 planned, 1 refused\n"
        in text
    )
    assert document(run)["predicted"] == {
        "create": {"predicted": 1200, "actual": 1199, "otherwise": {"refused": 1}},
        "update": {"predicted": 2, "actual": 2, "otherwise": {}},
        "adopt": {"predicted": 0, "actual": 0, "otherwise": {}},
        "conflict": {"predicted": 0, "actual": 1, "otherwise": {}},
    }


def test_durations_are_said_as_a_person_would() -> None:
    assert [duration_text(seconds) for seconds in (0.4, 12, 185, 7800)] == ["0.4 s", "12 s", "3 min 5 s", "2 h 10 min"]


@pytest.mark.parametrize(
    ("writes", "counts", "said"),
    [
        (0, Counts(read=3, unchanged=3), "nothing to write"),
        (0, Counts(read=3, pending=3), "what there is to write is not known: 3 rows were not looked up"),
        (0, Counts(read=3, unchanged=2, failed=1), "what there is to write is not known: 1 row was not looked up"),
        (
            1,
            Counts(read=3, created=1, pending=1, failed=1),
            "to come, as far as is known (2 rows were not looked up): 1",
        ),
    ],
)
def test_rows_that_were_not_looked_up_may_be_to_be_written(writes: int, counts: Counts, said: str) -> None:
    one = summary()
    assert one.plan is not None
    plan = replace(one.plan, effort=EffortFact(3, writes))
    lines = shown(replace(one, plan=plan, counts=counts), width=200).splitlines()
    assert [line for line in lines if line.startswith(said)]
    assert ("nothing to write" in lines) == (counts.unchanged == counts.read)
