from __future__ import annotations

import datetime as dt
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Invalid
from importer.values.text import MAX_EXTERNAL_ID, are_external_ids, clean, external_id, plain_texts, text

if TYPE_CHECKING:
    from importer.model import Cell


def code(result: object) -> Code | None:
    return result.code if isinstance(result, Invalid) else None


def test_every_blank_and_zero_width_character_of_unicode_is_trimmed() -> None:
    joiners_and_marks = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, 0x200E, 0x200F, 0x180E}
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        if character.isspace() or unicodedata.category(character) in {"Zs", "Zl", "Zp"} or point in joiners_and_marks:
            assert clean(character + "a b" + character) == "a b", f"U+{point:04X}"


@pytest.mark.parametrize("cell", [0, 0.0, False, dt.date(2021, 1, 1), dt.timedelta(0)], ids=repr)
def test_cleaning_leaves_typed_cells_alone(cell: Cell) -> None:
    assert clean(cell) is cell


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        pytest.param("  two  words ", "two  words", id="inner blanks stay"),
        pytest.param("a\tb\nc\r\nd", "a\tb\nc\r\nd", id="tabs and line breaks"),
        pytest.param("42.0", "42.0", id="text stays text"),
        pytest.param("007", "007", id="leading zeros"),
        pytest.param(42, "42", id="int"),
        pytest.param(42.0, "42", id="integral float"),
        pytest.param(-0.0, "0", id="negative zero"),
        pytest.param(0.1, "0.1", id="float"),
        pytest.param(1e-7, "0.0000001", id="float without exponent"),
        pytest.param(999_999_999_999_999, "999999999999999", id="15 digits"),
        pytest.param(True, "true", id="true"),
        pytest.param(False, "false", id="false"),
        pytest.param(dt.date(2021, 3, 4), "2021-03-04", id="date"),
        pytest.param(dt.datetime(2021, 3, 4), "2021-03-04", id="midnight"),  # noqa: DTZ001 - cells have no zone
        pytest.param(dt.datetime(2021, 3, 4, 5, 6), "2021-03-04T05:06:00", id="datetime"),  # noqa: DTZ001 - likewise
        pytest.param(dt.time(5, 6), "05:06:00", id="time"),
        pytest.param("😀 ç", "😀 ç", id="astral"),
    ],
)
def test_a_cell_is_written_as_text(cell: Cell, written: str) -> None:
    assert text(cell) == written


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(1e15, Code.DAMAGED_NUMBER, id="16 digits"),
        pytest.param(-1e15, Code.DAMAGED_NUMBER, id="16 digits below zero"),
        pytest.param(4.96081e17, Code.DAMAGED_NUMBER, id="18 digits as float"),
        pytest.param(10**5000, Code.DAMAGED_NUMBER, id="more digits than str allows"),
        pytest.param(float("nan"), Code.NOT_TEXT, id="nan"),
        pytest.param(float("-inf"), Code.NOT_TEXT, id="inf"),
        pytest.param("a\x00b", Code.NOT_TEXT, id="nul"),
        pytest.param("a\x1bb", Code.NOT_TEXT, id="escape"),
        pytest.param("a\x80b", Code.NOT_TEXT, id="c1"),
        pytest.param("a\ud800b", Code.NOT_TEXT, id="lone surrogate"),
        pytest.param(dt.timedelta(hours=25), Code.NOT_TEXT, id="duration"),
    ],
)
def test_what_cannot_be_sent_as_text_is_refused_with_a_reason(cell: Cell, expected: Code) -> None:
    result = text(cell)
    assert isinstance(result, Invalid)
    assert (result.code, bool(result.detail)) == (expected, True)


@given(st.floats(min_value=-1e15, max_value=1e15, exclude_min=True, exclude_max=True))
def test_a_number_is_written_without_loss_and_without_exponent(number: float) -> None:
    written = text(number)
    assert isinstance(written, str)
    assert float(written) == number
    assert "e" not in written.lower()


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        pytest.param(42.0, "42", id="numeric cell"),
        pytest.param("42.0", "42.0", id="text cell"),
        pytest.param(12345678901234567, "12345678901234567", id="long number of which the file has every digit"),
        pytest.param("  1042", "1042", id="left-padded"),
        pytest.param("__export__.res_partner_42_a1b2", "__export__.res_partner_42_a1b2", id="odoo"),
        pytest.param("5E12", "5E12", id="a code that is no number in scientific notation"),
        pytest.param("a.b", "a.b", id="points inside"),
        pytest.param("é" * MAX_EXTERNAL_ID, "é" * MAX_EXTERNAL_ID, id="longest"),
    ],
)
def test_an_external_id_is_the_text_of_the_cell(cell: Cell, written: str) -> None:
    assert external_id(cell) == written


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(".", Code.BAD_EXTERNAL_ID, id="dot"),
        pytest.param("..", Code.BAD_EXTERNAL_ID, id="dots"),
        pytest.param("a/b", Code.BAD_EXTERNAL_ID, id="slash"),
        pytest.param("a\tb", Code.BAD_EXTERNAL_ID, id="tab"),
        pytest.param("a\nb", Code.BAD_EXTERNAL_ID, id="line break"),
        pytest.param("a\x07b", Code.NOT_TEXT, id="control character"),
        pytest.param("x" * 256, Code.BAD_EXTERNAL_ID, id="256 characters"),
        pytest.param("4.96081E+17", Code.DAMAGED_NUMBER, id="scientific"),
        pytest.param("4,96E+17", Code.DAMAGED_NUMBER, id="scientific with comma"),
        pytest.param("5E+12", Code.DAMAGED_NUMBER, id="scientific without fraction"),
        pytest.param("1.5e17", Code.DAMAGED_NUMBER, id="scientific as java writes it"),
        pytest.param(496_081e12, Code.DAMAGED_NUMBER, id="18 digits"),
        pytest.param(True, Code.BAD_EXTERNAL_ID, id="truth value"),
        pytest.param(dt.date(2021, 1, 2), Code.BAD_EXTERNAL_ID, id="date"),
        pytest.param(dt.datetime(2021, 1, 2), Code.BAD_EXTERNAL_ID, id="datetime"),  # noqa: DTZ001 - cells have no zone
        pytest.param(dt.time(1), Code.BAD_EXTERNAL_ID, id="time"),
        pytest.param(dt.timedelta(1), Code.BAD_EXTERNAL_ID, id="duration"),
    ],
)
def test_an_external_id_that_would_not_survive_is_refused(cell: Cell, expected: Code) -> None:
    assert code(external_id(cell)) is expected


columns = st.lists(
    st.none() | st.text(st.characters(), max_size=8) | st.text("ab 1.é\u3164\xa0\n", max_size=6), max_size=6
)


@given(columns)
def test_plain_texts_are_what_each_cell_is_as_text(cells: list[Cell]) -> None:
    if (found := plain_texts(cells)) is not None:
        assert list(found) == [text(cell) for cell in cells]
        assert plain_texts(found) == found


@pytest.mark.slow
def test_no_blank_that_is_trimmed_is_taken_for_plain_text() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        if (found := plain_texts([f"{character}a"])) is not None:
            assert list(found) == [text(f"{character}a")], f"U+{ord(character):04X}"


@pytest.mark.parametrize("cells", [(1, "a"), (True,), ("a\nb",), ("\ud800",), ("\u3164a",)], ids=repr)
def test_what_needs_a_closer_look_is_not_plain(cells: tuple[Cell, ...]) -> None:
    assert plain_texts(cells) is None


@given(st.lists(st.none() | st.text("aE1./ ,\n+-", min_size=1, max_size=8) | st.text("a", min_size=250), max_size=4))
def test_sure_external_ids_are_taken_as_they_stand(cells: list[Cell]) -> None:
    texts = plain_texts(cells)
    if texts is not None and are_external_ids(texts):
        assert [external_id(cell) for cell in cells] == list(texts)


def test_usual_external_ids_are_sure() -> None:
    assert are_external_ids(["K-1", None, "10023", "a.b", "DE-100"])
    assert not are_external_ids(["K-1", "1E+5"])
