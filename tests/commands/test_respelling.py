"""Cells before and after a spreadsheet had the file; the right-hand sides are what LibreOffice 7.4 and Excel write."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st
from openpyxl import load_workbook

from importer.commands.respelling import Touch, touched
from importer.readers import open_source
from importer.report import unguarded, write_report
from tests.report.samples import Report, cells, row

if TYPE_CHECKING:
    from importer.model import Cell

NONE, RESPELT, EDITED = Touch.NONE, Touch.RESPELT, Touch.EDITED
DAY = dt.date(2024, 1, 2)
MOMENT = dt.datetime(2024, 1, 2, 3, 4, 5, 123000)  # noqa: DTZ001 - a cell has no zone


@pytest.mark.parametrize(
    ("old", "new", "from_book", "from_csv"),
    [
        pytest.param("NL", "BE", EDITED, EDITED, id="another-text"),
        pytest.param("NL", None, EDITED, EDITED, id="emptied"),
        pytest.param(None, "NL", EDITED, EDITED, id="filled"),
        pytest.param(None, "", NONE, NONE, id="two-ways-to-be-blank"),
        pytest.param(5, None, EDITED, EDITED, id="a-number-emptied"),
        pytest.param("two\r\nlines", "two\nlines", NONE, NONE, id="line-ends"),
        pytest.param("\x01ctl", "ctl", NONE, NONE, id="what-xml-cannot-hold"),
        pytest.param(" ", "_x0020_", NONE, NONE, id="an-escape-that-is-not-resolved"),
        pytest.param("\ud800", "\\ud800", NONE, NONE, id="half-a-character"),
        pytest.param("\ufffe", "\ufffd", NONE, NONE, id="no-character"),
        pytest.param("Zażółć 🎉", "Za?ólc ?", EDITED, EDITED, id="another-text-with-question-marks"),
        pytest.param("Praha ř", "Praha ?", EDITED, RESPELT, id="not-in-cp1252"),
        pytest.param("trail ", "trail", EDITED, EDITED, id="a-blank-less"),
        pytest.param("nb\u00a0sp", "nb sp", EDITED, EDITED, id="another-blank"),
        pytest.param("01234", "1234", EDITED, RESPELT, id="zeros-lost"),
        pytest.param("01234", 1234, RESPELT, RESPELT, id="zeros-lost-as-number"),
        pytest.param("1234", "01234", EDITED, EDITED, id="zeros-typed"),
        pytest.param(1234, "01234", EDITED, EDITED, id="zeros-typed-before-a-number"),
        pytest.param(1234, "1234", NONE, NONE, id="a-number-as-text"),
        pytest.param("1.50", "1.5", EDITED, RESPELT, id="a-zero-behind"),
        pytest.param("1.5", "1.50", EDITED, EDITED, id="a-zero-typed-behind"),
        pytest.param("12.50", "12,5", EDITED, RESPELT, id="another-decimal-sign"),
        pytest.param(12.5, "12,5", NONE, NONE, id="a-number-with-a-comma"),
        pytest.param(12.5, "12,6", EDITED, EDITED, id="another-number"),
        pytest.param(0.1 + 0.2, 0.3, NONE, NONE, id="fifteen-digits"),
        pytest.param(1 / 3, "0.333333333", NONE, NONE, id="as-many-digits-as-are-shown"),
        pytest.param("123456789012345678", "1.23456789012346E+017", EDITED, RESPELT, id="libreoffice-rounds"),
        pytest.param("123456789012345678", "1.23457E+17", EDITED, RESPELT, id="excel-rounds"),
        pytest.param("123456789012345678", "123456789012345000", EDITED, RESPELT, id="excel-cuts"),
        pytest.param("123456789012345678", "123456789012345679", EDITED, EDITED, id="the-last-digit-typed"),
        pytest.param("123456789012345678", 1.2345678901234568e17, RESPELT, RESPELT, id="as-a-float"),
        pytest.param(1234567890123456, 1234567890123460.0, NONE, NONE, id="a-long-number-rounded"),
        pytest.param(1234567890123456, "1234567890123457", EDITED, EDITED, id="a-long-number-typed"),
        pytest.param(1.7976931348623157e308, "1.7976931348623157E+308", NONE, NONE, id="the-largest"),
        pytest.param("10%", 0.1, RESPELT, RESPELT, id="percent"),
        pytest.param("Acme 10", "10", EDITED, EDITED, id="no-number"),
        pytest.param(float("nan"), 5, EDITED, EDITED, id="not-a-number"),
        pytest.param("true", "TRUE", EDITED, RESPELT, id="a-word-taken-for-a-truth"),
        pytest.param("ja", True, EDITED, EDITED, id="another-truth"),
        pytest.param(True, "TRUE", NONE, NONE, id="a-truth-as-text"),
        pytest.param(True, 1, NONE, NONE, id="a-truth-as-number"),
        pytest.param(True, "FALSE", EDITED, EDITED, id="not-true"),
        pytest.param("1/2", "01/02/2026", EDITED, RESPELT, id="a-house-number-as-day"),
        pytest.param("1/2", dt.date(2026, 1, 2), RESPELT, RESPELT, id="a-house-number-as-typed-day"),
        pytest.param("Jan 5", "01/05/2026", EDITED, RESPELT, id="a-word-and-a-number-as-day"),
        pytest.param("02-01-2024", "2024-01-02", EDITED, RESPELT, id="a-day-in-another-form"),
        pytest.param("02-01-2024", "01-02-2024", EDITED, EDITED, id="day-and-month-swapped-by-hand"),
        pytest.param("Acme", "01/05/2026", EDITED, EDITED, id="a-day-of-nothing"),
        pytest.param(DAY, "2024-01-02", NONE, NONE, id="a-day-as-text"),
        pytest.param(DAY, "2-1-2024", NONE, NONE, id="a-day-as-excel-shows-it"),
        pytest.param(DAY, "2024-02-01", EDITED, EDITED, id="another-day"),
        pytest.param(DAY, dt.date(2024, 1, 3), EDITED, EDITED, id="the-next-day"),
        pytest.param(DAY, "soon", EDITED, EDITED, id="no-day"),
        pytest.param(DAY, 45293, EDITED, EDITED, id="a-number-for-a-day"),
        pytest.param(dt.date(1900, 1, 1), dt.date(1899, 12, 31), NONE, NONE, id="programs-differ-before-march-1900"),
        pytest.param(MOMENT, MOMENT.replace(microsecond=0), NONE, NONE, id="split-seconds"),
        pytest.param(MOMENT, "2-1-2024 3:04", NONE, NONE, id="no-seconds-shown"),
        pytest.param(MOMENT, "2-1-2024 3:06", EDITED, EDITED, id="another-minute"),
        pytest.param(MOMENT, "2024-01-02 03:04:05.123", NONE, NONE, id="a-moment-as-text"),
        pytest.param("12:30", dt.time(12, 30), RESPELT, RESPELT, id="a-time-typed"),
        pytest.param("12:30", "12:30:00 PM", EDITED, RESPELT, id="a-time-written-out"),
        pytest.param("12:30", "12:45", EDITED, EDITED, id="another-time"),
        pytest.param(dt.time(0, 0), "12:00:00 AM", NONE, NONE, id="midnight"),
        pytest.param(dt.timedelta(hours=25), "25:00:00", NONE, NONE, id="a-duration"),
        pytest.param(dt.timedelta(hours=-1), "-1:00:00", NONE, NONE, id="a-duration-back"),
        pytest.param(dt.timedelta(minutes=90), dt.time(1, 30), NONE, NONE, id="a-duration-as-time"),
        pytest.param(dt.date(2024, 1, 2), "2024-01-02T00:00:00Z", EDITED, EDITED, id="a-day-with-an-offset"),
        pytest.param(
            dt.datetime.fromisoformat("2024-01-02T09:00"),
            "2024-01-02T09:00+01:00",
            EDITED,
            EDITED,
            id="a-moment-with-one",
        ),
        pytest.param("123", "1E9999999%", EDITED, EDITED, id="more-than-any-number"),
        pytest.param("12E9999999%", "12E9999998", EDITED, EDITED, id="an-article-number"),
        pytest.param(dt.time(8, 30), "half past", EDITED, EDITED, id="no-time"),
        pytest.param("x" * 40_000, "x [cut here: 40000 characters]", NONE, NONE, id="cut-by-the-report"),
    ],
)
def test_what_became_of_a_cell(old: Cell, new: Cell, from_book: Touch, from_csv: Touch) -> None:
    assert (touched(old, new, as_text=False), touched(old, new, as_text=True)) == (from_book, from_csv)


def _comes_back(cell: Cell) -> bool:
    return not isinstance(cell, float) or abs(cell) < 1e300  # openpyxl rounds the largest to infinity


@settings(max_examples=6)  # a workbook is read by a process of its own
@given(st.lists(cells.filter(_comes_back), min_size=1, max_size=40), st.sampled_from(["report.xlsx", "report.csv"]))
def test_a_report_that_another_program_saved_has_no_edit(listed: list[Cell], name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_report(path, Report(("v",), tuple(row((cell,), number=place) for place, cell in enumerate(listed, 2))))
        if path.suffix == ".xlsx":
            stream = BytesIO()
            book = load_workbook(path)
            book.save(stream)
            book.close()
            path.write_bytes(stream.getvalue())
        with open_source(path) as source:
            as_text, found = source.info.format == "csv", [one.cells[0] for one in source.rows()]
    given_back = [unguarded(cell) if as_text and isinstance(cell, str) else cell for cell in found]
    edited = [
        (old, new)
        for old, new in zip(listed, given_back, strict=True)
        if touched(old, new, as_text=as_text) is not Touch.NONE
    ]
    assert edited == []


@given(st.from_regex(r"0{1,3}[1-9][0-9]{0,9}", fullmatch=True))
def test_zeros_can_be_typed_but_not_lost(number: str) -> None:
    bare = number.lstrip("0")
    assert touched(bare, number, as_text=True) is EDITED
    assert touched(number, bare, as_text=True) is touched(number, int(bare), as_text=False) is RESPELT
    assert touched(number, bare, as_text=False) is EDITED


@given(cells, cells, st.booleans())
def test_every_pair_of_cells_is_judged(old: Cell, new: Cell, as_text: bool) -> None:
    assert touched(old, new, as_text=as_text) in Touch
    assert touched(old, old, as_text=as_text) is NONE
