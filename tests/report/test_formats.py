"""What every format of a report promises."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, strategies as st

from importer.report import WRITERS, write_report
from tests.report.samples import COLUMNS, READERS, Report, cells, country, kept, restored, row

if TYPE_CHECKING:
    from importer.model import Cell

pytestmark = pytest.mark.parametrize("suffix", [pytest.param(suffix, id=suffix) for suffix in WRITERS])


def test_every_format_has_a_reader_in_this_suite(suffix: str) -> None:
    assert suffix in READERS


def test_facts_are_the_same(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    first = row(("1001", "Acme", "Holand"), country(2), kept(2), number=2)
    second = row(("", "Beta", "Duitsland"), country(7, value="Duitslnad"), number=7, external_id=None)
    assert write_report(path, Report(listed=(first, second))) == 2
    names, reads = READERS[suffix](path)
    assert names == COLUMNS
    assert [read.cells for read in reads] == [("1001", "Acme", "Holand"), ("", "Beta", "Duitsland")]
    assert reads[0].added["row"] in {2, "2"}
    assert reads[0].added["code"] == "not-a-country\nkept-as-is"
    assert reads[0].added["column"] == "Land\nNaam"
    assert reads[0].added["cell"] == "C2\nB2"
    assert reads[0].added["message"] == f"{country(2).message}\n{kept(2).message}"
    assert reads[0].added["hint"] == f"{country(2).hint}\n{kept(2).hint}"
    assert reads[0].added["external_id"] == "1001"
    assert not reads[1].added["external_id"]


def test_empty_report_is_a_valid_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    assert write_report(path, Report()) == 0
    _, reads = READERS[suffix](path)
    assert reads == []


@given(listed=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=4))
@example(listed=[(0.1 + 0.2, 10**15, 10**15 - 1)])
@example(listed=[("_x0041_", "_x000D__x005F_", "  ")])
@example(listed=[("\x00\x1f", "a\rb\nc\r\n", "\u2028\x85")])
def test_users_cells_come_back_as_they_were(suffix: str, listed: list[tuple[Cell, ...]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"report{suffix}"
        write_report(path, Report(listed=tuple(row(found) for found in listed)))
        _, reads = READERS[suffix](path)
    assert len(reads) == len(listed)
    for read, found in zip(reads, listed, strict=True):
        assert [restored(*pair) for pair in zip(read.cells, found, strict=True)] == list(found)


def test_row_with_too_few_cells_is_not_written_below_wrong_headers(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="row 2 has 1 cells for 3 columns"):
        write_report(tmp_path / f"report{suffix}", Report(listed=(row(("1001",)),)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ud800", id="lone-surrogate"),
        pytest.param("\ufffe\uffff", id="not-a-character"),
        pytest.param("".join(map(chr, range(32))), id="control-characters"),
        pytest.param("x" * 40_000, id="longer-than-a-worksheet-cell"),
        pytest.param("😀" * 20_000, id="longer-in-utf-16"),
        pytest.param("\x01" * 10_000, id="longer-when-escaped"),
    ],
)
def test_no_text_stops_a_report(suffix: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    assert write_report(path, Report(listed=(row((text, "Acme", None)),))) == 1
    _, [read] = READERS[suffix](path)
    assert read.cells[0]
    assert read.cells[1] == "Acme"
