"""On a space that nobody else touches, a plan predicts every action and every field that a run then changes."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, note, settings, strategies as st

from importer.company import FIELDS, IDENTITY, FieldType, read_value
from importer.sandbox import Fault
from tests.fakes.contacts import write_mapping
from tests.fakes.local_kanbert import LocalKanbert, local_kanbert
from tests.fakes.spaces import row
from tests.scenarios.conftest import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.conftest import Ended

MAPPING = """\
version: 1
target: {external_origin: test}
duplicates: %(duplicates)s
blank: %(blank)s
match: %(match)s
company:
  external_id: nr
  company_name: name
  phone: phone
  address_invoice_country: country
  business_field: field
  company_size: size
tags:
  - {from: labels, split: ","}
custom_fields:
  vat_group: group
"""
_IDS = {FieldType.COUNTRY_ID, FieldType.CLIENT_ID}
_OUTCOMES = {"create": "created", "update": "updated", "adopt": "adopted", "restore": "restored"}

few = st.sampled_from
phones, names, countries = few(["", "1", "2", "3"]), few(["A", "B", "a ", "C"]), few(["NL", "DE", "Belgium"])
sizes, fields, labels, groups = few(["", "1-10"]), few(["", "Bau"]), few(["", "x", "x,y", "z"]), few(["", "high"])


@dataclass(frozen=True)
class Past:
    """A company that is there before."""

    name: str
    phone: str
    country: str
    size: str
    field: str
    labels: str
    group: str
    held: tuple[str, str] | None  # external_id and origin
    archived: bool

    def added(self, kanbert: LocalKanbert) -> None:
        given = {
            "company_name": self.name,
            "phone": self.phone,
            "address_invoice_country": self.country,
            "company_size": self.size,
            "business_field": self.field,
            "tags": [label for label in self.labels.split(",") if label],
            "custom_fields": {"vat_group": self.group} if self.group else {},
        }
        held = {} if self.held is None else dict(zip(("external_id", "external_origin"), self.held, strict=True))
        kanbert_id = kanbert.add(**given, **held)
        if self.archived:
            kanbert.ask("DELETE", f"/companies/{kanbert_id}")


numbers = st.integers(1, 6).map("K-{}".format)
held = st.one_of(st.none(), st.tuples(numbers, few(["test", "test", "other"])))
pasts = st.builds(
    Past,
    names,
    phones,
    countries,
    sizes,
    fields,
    labels,
    groups,
    held,
    st.booleans() | st.just(False),
)


@dataclass(frozen=True)
class Case:
    """A space, a file, and how it is planned and run."""

    space: list[Past]
    rows: list[dict[str, str]]
    words: dict[str, str]
    options: dict[str, str] = field(default_factory=dict)

    @property
    def writing(self) -> list[str]:
        return [word for name, value in self.options.items() for word in (f"--{name}", value)]


rows = st.builds(
    lambda number, **cells: row(number) | cells,
    st.integers(1, 8), name=names, phone=phones, country=countries, size=sizes, field=fields, labels=labels, group=groups,
)  # fmt: skip
cases = st.builds(
    Case,
    st.lists(pasts, max_size=7, unique_by=lambda one: one.held or id(one)),
    st.lists(rows, min_size=1, max_size=8),
    st.fixed_dictionaries(
        {
            "duplicates": few(["refuse", "first", "last"]),
            "blank": few(["keep", "clear"]),
            "match": few(["[]", "[phone]", "[company_name]", "[[company_name, phone], phone]"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "lookup": few(["auto", "list", "rows"]),
            "archived": few(["report", "restore"]),
            "concurrency": few(["1", "8"]),
        }
    ),
)


@contextmanager
def desk_of(case: Case) -> Iterator[Desk]:
    """A desk at a space of its own, with the case's past."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        desk = Desk(folder, stack.enter_context(local_kanbert()))
        write_mapping(desk.mapping, MAPPING % case.words)
        write_rows(desk.export, case.rows)
        for past in case.space:
            past.added(desk.kanbert)
        yield desk


def write_rows(path: Path, listed: list[dict[str, str]]) -> None:
    columns = list(row(1))
    lines = [";".join(columns), *(";".join(one[column] for column in columns) for one in listed)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(company: dict[str, Any] | None) -> dict[str, Any]:
    """Return a company's fields in the shape in which they are compared."""
    if company is None:
        return {}
    shown = {
        name: read_value(one, company) for name, one in FIELDS.items() if one.type not in _IDS and name not in IDENTITY
    }
    return {name: sorted(map(str, value)) if isinstance(value, list) else value for name, value in shown.items()}


def made(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """By external_id, what was done to its company, and which fields changed to what."""
    known = {one["id"]: one for one in before}
    found = {}
    for now in after:
        then = known.get(now["id"])
        fields_before, fields_now = read(then), read(now)
        changed = {
            name: value
            for name, value in fields_now.items()
            if (fields_before.get(name) != value and value not in (None, [], {}))
            or (then is not None and fields_before.get(name) != value)
        }
        if then is None:
            action = "create"
        elif then["external_id"] != now["external_id"]:
            action = "adopt"
        elif then["deleted_at"] and not now["deleted_at"]:
            action = "restore"
        elif changed:
            action = "update"
        else:
            continue
        found[str(now["external_id"])] = (action, changed)
    return found


def predicted(ended: Ended) -> dict[str, tuple[str, dict[str, Any]]]:
    found = {}
    for one in ended.document["plan"]["operations"]:
        if one["action"] in _OUTCOMES:
            changes = {change["field"]: change["after"] for change in one["changes"] if change["field"] not in IDENTITY}
            shown = {
                name: sorted(map(str, value)) if isinstance(value, list) else value for name, value in changes.items()
            }
            found[one["external_id"]] = (
                one["action"],
                {
                    name: value
                    for name, value in shown.items()
                    if one["action"] != "create" or value not in ([], {}, False, "")
                },
            )
    return found


def without_defaults(found: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Leave out what Kanbert sets by itself on a new company: booleans."""
    return {
        key: (
            action,
            {name: value for name, value in changed.items() if action != "create" or not isinstance(value, bool)},
        )
        for key, (action, changed) in found.items()
    }


def planned(desk: Desk, case: Case) -> Ended:
    target = ["--to", desk.kanbert.url, "--json", "-q", "--full"]
    return desk.call("plan", desk.export, "-m", desk.mapping, *target, *case.writing)


def run(desk: Desk, case: Case, *, by_plan: bool) -> Ended:
    if not by_plan:
        return desk.run(*case.writing)
    options = [word for word in case.writing if word not in {"--archived", case.options["archived"]}]
    return desk.call("run", "--plan", desk.folder / "contacts.plan", "--json", "-q", *options)


@pytest.mark.slow
@settings(print_blob=True)
@given(case=cases)
@pytest.mark.parametrize("by_plan", [True, False], ids=["run-plan", "run"])
def test_a_plan_predicts_every_action_and_field(case: Case, by_plan: bool) -> None:
    with desk_of(case) as desk:
        before = desk.kanbert.all_companies()
        plan = planned(desk, case)
        assert desk.kanbert.all_companies() == before
        ended = run(desk, case, by_plan=by_plan)
        note(f"{plan.document['plan']['operations']}\n{ended.document['issues']}")
        assert without_defaults(made(before, desk.kanbert.all_companies())) == without_defaults(predicted(plan))
        assert ended.counts == plan.counts
        assert "stale-plan" not in str(ended.document["issues"])
        sent, to_come = ended.document["requests"], plan.document["plan"]["requests_to_come"]
        assert sent["write"] == to_come["write"]
        if by_plan:
            assert sent["read"] == to_come["read"]


@pytest.mark.slow
@pytest.mark.parametrize("lookup", ["list", "rows"])
@pytest.mark.parametrize(
    ("by_plan", "cut_off"), [(True, False), (True, True), (False, False)], ids=["run-plan", "run-plan-resumed", "run"]
)
def test_it_does_not_hang_on_the_order_of_rows_which_company_matches(lookup: str, by_plan: bool, cut_off: bool) -> None:
    """The first row takes phone 9 from a company and gives it 1; far behind it come rows that have 1 and 9.

    A third one, of an archived company that has phone 8, is restored.
    """
    fillers = [row(n, phone=f"7 {n}", name=f"F {n}") for n in range(100, 180)]
    case = Case(
        [
            Past("A", "9", "NL", "", "", "", "", ("K-1", "test"), archived=False),
            Past("B", "8", "NL", "", "", "", "", ("K-2", "test"), archived=True),
            Past("C", "6", "NL", "", "", "", "", None, archived=False),
        ],
        [
            row(1, phone="1", name="A"), row(2, phone="8", name="B"), row(3, phone="6"), *fillers,
            row(4, phone="1"), row(5, phone="9"), row(6, phone="8"), row(7, phone="6"),
        ],
        {"duplicates": "refuse", "blank": "keep", "match": "[phone]"},
        {"lookup": lookup, "archived": "restore", "concurrency": "1"},
    )  # fmt: skip
    with desk_of(case) as desk:
        plan = planned(desk, case)
        assert plan.counts == {"read": 87, "created": 82, "updated": 1, "restored": 1, "adopted": 1, "refused": 2}
        if cut_off:
            desk.kanbert.set_faults(Fault(on="POST /companies", nth=60, do="status", status=401))
            assert run(desk, case, by_plan=by_plan).code == 3
            desk.kanbert.set_faults()
        ended = run(desk, case, by_plan=by_plan)
        assert ended.counts == plan.counts
