from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from importer.report.cells import cell_json, cell_text, guarded, is_risky, unguarded
from tests.report.samples import cells, starters, texts

if TYPE_CHECKING:
    from importer.model import Cell


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("=1+1", id="equals"),
        pytest.param("+49 30 1234", id="plus"),
        pytest.param("-5", id="minus"),
        pytest.param("@SUM(A1)", id="at"),
        pytest.param("\tx", id="tab"),
        pytest.param("\rx", id="cr"),
        pytest.param("\nx", id="lf"),
        pytest.param("  =1", id="after-blanks"),
        pytest.param("\xa0=1", id="after-no-break-space"),
        pytest.param("\ufeff\u200b=1", id="after-invisible-characters"),
        pytest.param("\x01=1", id="after-control-character"),
        pytest.param("\uff1d1+1", id="full-width"),
    ],
)
def test_text_that_might_run_gets_an_apostrophe(text: str) -> None:
    assert is_risky(text)
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Acme", "'t Hoekje", "''s-Gravenhage", "a=b", "1-2", "007", "  ", "_x0041_"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text == unguarded(text)


@given(texts | starters.map(lambda text: f"'{text}") | starters)
def test_guard_can_always_be_taken_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not is_risky(guarded(text))


@pytest.mark.parametrize(
    ("cell", "text", "document"),
    [
        pytest.param(None, "", None, id="empty"),
        pytest.param("007", "007", "007", id="text"),
        pytest.param(True, "TRUE", True, id="true"),
        pytest.param(False, "FALSE", False, id="false"),
        pytest.param(42, "42", 42, id="whole-number"),
        pytest.param(999_999_999_999_999, "999999999999999", 999_999_999_999_999, id="fifteen-digits"),
        pytest.param(1_234_567_890_123_456, "1234567890123456", "1234567890123456", id="sixteen-digits"),
        pytest.param(-(10**400), f"-1{'0' * 400}", f"-1{'0' * 400}", id="beyond-a-float"),
        pytest.param(42.0, "42", 42.0, id="whole-float"),
        pytest.param(0.1, "0.1", 0.1, id="float"),
        pytest.param(1e20, "1e+20", 1e20, id="large-float"),
        pytest.param(float("nan"), "nan", "nan", id="not-a-number"),
        pytest.param(float("inf"), "inf", "inf", id="infinite"),
        pytest.param(dt.date(2024, 2, 29), "2024-02-29", "2024-02-29", id="date"),
        pytest.param(dt.datetime(2024, 2, 29, 13, 5), "2024-02-29 13:05:00", "2024-02-29 13:05:00", id="datetime"),  # noqa: DTZ001 - a cell has no zone
        pytest.param(dt.time(8, 30), "08:30:00", "08:30:00", id="time"),
        pytest.param(dt.timedelta(hours=25), "25:00:00", "25:00:00", id="duration"),
        pytest.param(-dt.timedelta(minutes=90), "-1:30:00", "-1:30:00", id="negative-duration"),
        pytest.param(dt.timedelta(seconds=1.5), "0:00:01.500000", "0:00:01.500000", id="part-of-a-second"),
    ],
)
def test_cell_is_written_so(cell: Cell, text: str, document: object) -> None:
    assert cell_text(cell) == text
    assert cell_json(cell) == document
    assert type(cell_json(cell)) is type(document)


@given(cells)
def test_any_cell_is_json(cell: Cell) -> None:
    json.dumps(cell_json(cell), allow_nan=False)
