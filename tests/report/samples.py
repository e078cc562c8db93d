"""A small report to write and read back, and the ways to read each format with something that is not ours."""

from __future__ import annotations

import csv
import datetime as dt
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from importer.model import Cell, Code, Counts, Issue, IssueGroup, Location, OutcomeKind, Severity, SourceInfo
from importer.report import ADDED_COLUMNS, FileFact, ReportRow, RequestFact, Summary, TargetFact, unguarded
from tests.report import pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST_DAY, LAST_DAY = dt.datetime(1900, 1, 1), dt.datetime(9999, 12, 30)  # noqa: DTZ001 - a cell has no zone
COLUMNS = ("Nummer", "Naam", "Land")


@dataclass(frozen=True, slots=True)
class Report:
    """A ReportSource in memory."""

    columns: tuple[str, ...] = COLUMNS
    listed: tuple[ReportRow, ...] = ()
    summary: Summary = field(default_factory=lambda: Summary(command="run", exit_code=1))

    def rows(self) -> Iterator[ReportRow]:
        return iter(self.listed)


@dataclass(frozen=True, slots=True)
class Long:
    """A ReportSource of as many rows as asked for, each made when it is read."""

    count: int
    columns: tuple[str, ...] = ("Naam",)
    summary: Summary = field(default_factory=lambda: Summary(command="run", exit_code=1))

    def rows(self) -> Iterator[ReportRow]:
        for number in range(2, 2 + self.count):
            yield row((f"cell {number}",), country(number), number=number)


@dataclass(frozen=True, slots=True)
class Read:
    """One row as a reader other than ours sees it: the user's cells, and ours by their first names."""

    cells: tuple[Any, ...]
    added: dict[str, Any]


def country(row: int, column: str | None = "Land", value: str = "Holand") -> Issue:
    return Issue.of(
        Code.NOT_A_COUNTRY,
        Location("klanten.csv", None, row, column),
        field="address_invoice_country",
        value=value,
        detail="no country is written so",
    )


def kept(row: int, column: str = "Naam") -> Issue:
    place = Location("klanten.csv", None, row, column)
    return Issue.of(Code.KEPT_AS_IS, place, field="phone", value="020", detail="too short")


def row(cells: tuple[Cell, ...], *issues: Issue, number: int = 2, external_id: str | None = "1001") -> ReportRow:
    found = issues or (country(number),)
    return ReportRow(number, None, cells, external_id, OutcomeKind.REFUSED, found)


def group(count: int = 312, **facts: Any) -> IssueGroup:
    first = country(4)
    made = IssueGroup(
        code=first.code,
        severity=first.severity,
        field=first.field,
        column="Land",
        value=first.value,
        count=count,
        first_rows=(4, 17, 23),
        message=first.message,
        hint=first.hint,
    )
    return replace(made, **facts)


def full_summary(**facts: Any) -> Summary:
    whole = Summary(
        command="run",
        exit_code=1,
        source=SourceInfo("exports/klanten.csv", "ab" * 32, "csv", COLUMNS, encoding="cp1252", delimiter=";"),
        rows=1204,
        mapping=FileFact("mappings/klanten.yaml", "cd" * 32),
        target=TargetFact("http://127.0.0.1:8080/api/v1", "moneybird"),
        journal="klanten.journal",
        counts=Counts(read=1204, created=880, updated=10, skipped=2, refused=312),
        requests=RequestFact(total=1250, read=350, write=900, retried=3, throttled=1, waited_s=7.0),
        duration=75.25,
        groups=(group(), group(2, code=Code.SKIPPED_BY_RULE, severity=Severity.INFO, column=None, field=None)),
        notes=("The encoding was detected.",),
        next="kanbert-import retry klanten.journal",
    )
    return replace(whole, **facts)


def read_workbook(path: Path) -> tuple[tuple[str, ...], list[Read]]:
    """Read with calamine, which undoes `_x0001_` as Excel does."""
    with path.open("rb") as file:
        lines = CalamineWorkbook.from_filelike(file).get_sheet_by_name("Rows").to_python(skip_empty_area=False)
    return _split(lines)


def read_csv(path: Path) -> tuple[tuple[str, ...], list[Read]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [[unguarded(cell) for cell in line] for line in csv.reader(file, delimiter=";")]
    return _split(lines)


def read_jsonl(path: Path) -> tuple[tuple[str, ...], list[Read]]:
    documents = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    reads = [Read(tuple(document["cells"].values()), _added(document)) for document in documents]
    return tuple(documents[0]["cells"]) if documents else (), reads


def read_page(path: Path) -> tuple[tuple[str, ...], list[Read]]:
    page = pages.Page(path.read_text(encoding="utf-8"))
    names = pages.columns(page)
    return names, [_read_row(row, names) for row in page.root.all("article")]


def _read_row(row: pages.Node, names: tuple[str, ...]) -> Read:
    shown, issues = pages.cells(row), pages.issues(row)
    held = "".join(one.original for one in row.all("code", class_="id"))
    joined = {name: "\n".join(issue[name] for issue in issues) for name in ADDED_COLUMNS[1:-1]}
    added = {"row": row.attributes["id"].removeprefix("r"), **joined, "external_id": held}
    return Read(tuple(shown.get(name, "") for name in names), added)


def _added(document: dict[str, Any]) -> dict[str, Any]:
    issues = document["issues"]
    joined = {name: "\n".join(issue[name] or "" for issue in issues) for name in ADDED_COLUMNS[1:-1]}
    return {"row": document["row"], **joined, "external_id": document["external_id"]}


def _split(lines: list[list[Any]]) -> tuple[tuple[str, ...], list[Read]]:
    names = lines[0]
    own = len(names) - len(ADDED_COLUMNS)
    return tuple(names[:own]), [
        Read(tuple(line[:own]), dict(zip(ADDED_COLUMNS, line[own:], strict=True))) for line in lines[1:]
    ]


READERS = {".xlsx": read_workbook, ".csv": read_csv, ".jsonl": read_jsonl, ".html": read_page}


def restored(read: Any, like: Cell) -> Cell:
    """Turn what was read into the type it was written from; formats without that type hold its text."""
    match like:
        case None:
            return None if read in {None, ""} else read
        case bool():
            return read if isinstance(read, bool) else {"TRUE": True, "FALSE": False}[read]
        case str() | int() | float():
            return type(like)(read)
        case _:
            return _moment(read, like)


def _moment(read: Any, like: dt.date | dt.time | dt.timedelta) -> Cell:
    match like:
        case dt.datetime():
            return _instant(read)
        case dt.date():
            return _instant(read).date()
        case dt.time():
            return read if isinstance(read, dt.time) else dt.time.fromisoformat(read)
        case _:
            return read if isinstance(read, dt.timedelta) else _duration(read)


def _instant(read: Any) -> dt.datetime:
    if isinstance(read, str):
        return dt.datetime.fromisoformat(read)
    return read if isinstance(read, dt.datetime) else dt.datetime(read.year, read.month, read.day)  # noqa: DTZ001 - a cell has no zone


def _duration(text: str) -> dt.timedelta:
    hours, minutes, seconds = text.removeprefix("-").split(":")
    size = dt.timedelta(hours=int(hours), minutes=int(minutes)) + dt.timedelta(seconds=float(seconds))
    return -size if text.startswith("-") else size


def _whole_ms(value: Any) -> Any:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), max_size=20)
starters = st.sampled_from(
    ["=1+1", "+49 30 1234", "-5", "@SUM(A1)", "\t=1", "\r=1", " =1", "#N/A", "007", "'t Huis", "'=1"]
)
cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    texts,
    starters,
    st.builds(str.__add__, starters, texts),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(FIRST_DAY, LAST_DAY).map(_whole_ms),  # a worksheet keeps milliseconds
    st.dates(),
    st.times().map(_whole_ms),
    st.integers(-(10**9), 10**9).map(lambda ms: dt.timedelta(milliseconds=ms)),
)
