"""Rows as they are, in a file that is whole or not there."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import UsageError
from importer.model import Row
from importer.readers import open_source
from importer.report import PlainTable, unguarded, write_plain
from importer.report.cells import is_risky

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cf", "Cn", "Co"]), min_size=1
)
TEXT = st.tuples(st.sampled_from(["", "=", "+", "-", "@", "'=", "''+"]), PLAIN).map("".join)


def table(*rows: Sequence[str | None], columns: Sequence[str] = ("id", "name"), most: int = 9) -> PlainTable:
    return PlainTable(
        "Contacts",
        tuple(columns),
        lambda: (Row(number, tuple(cells)) for number, cells in enumerate(rows, 2)),
        most_rows=most,
        most_columns=most,
    )


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
@given(cells=st.lists(TEXT, min_size=1, max_size=4))
def test_what_is_read_back_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, cells: list[str]
) -> None:
    path = tmp_path_factory.mktemp("plain") / f"x.{suffix}"
    written = write_plain(path, table(*(("007", cell) for cell in cells)))
    assert written.rows == len(cells)
    if suffix == "xlsx":
        from openpyxl import load_workbook  # noqa: PLC0415 - for this format alone

        sheet = load_workbook(path).active
        assert sheet is not None
        assert [[cell.data_type for cell in row] for row in sheet.iter_rows(min_row=2)] == [["s", "s"]] * len(cells)
        read = [[str(cell.value) for cell in row] for row in sheet.iter_rows(min_row=2)]
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            assert not any(is_risky(cell) for line in csv.reader(file, delimiter=";") for cell in line)
        with open_source(path) as source:
            read = [[unguarded(str(cell)) for cell in row.cells] for row in source.rows()]
    assert read == [["007", cell] for cell in cells]


@pytest.mark.parametrize(
    ("content", "words"),
    [(table(*[("1", "a")] * 10), "9 rows"), (table(columns=[str(number) for number in range(10)]), "9 columns")],
    ids=["rows", "columns"],
)
def test_more_than_a_worksheet_holds(tmp_path: Path, content: PlainTable, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        write_plain(tmp_path / "x.xlsx", content)
    assert list(tmp_path.iterdir()) == []
    assert write_plain(tmp_path / "x.csv", content).rows in {0, 10}


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_what_fails_in_the_middle_leaves_no_file(tmp_path: Path, suffix: str) -> None:
    def rows() -> object:
        yield Row(2, ("1", "a"))
        raise UsageError("damaged")

    with pytest.raises(UsageError, match="damaged"):
        write_plain(tmp_path / f"x.{suffix}", PlainTable("x", ("id", "name"), rows))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
