from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import example, given, strategies as st

from importer.model import Code, Invalid
from importer.values.street import house_number, street_name
from importer.values.text import text

if TYPE_CHECKING:
    from importer.model import Cell


class Line(NamedTuple):
    country: str | None
    mark: str
    text: str
    street: str
    house: str


def lines() -> list[Line]:
    """Read the table; what is in brackets is the house number, what is around it the street."""
    table = Path(__file__).with_name("street_lines.txt").read_text("utf-8").splitlines()
    return [_line(row) for row in table if row and not row.startswith("#")]


def _line(row: str) -> Line:
    country, mark, marked = row.split(" ", 2)
    house = "".join(re.findall(r"\[(.*)\]", marked))
    street = re.sub(r"\[.*\]", "", marked).strip(" ,")
    return Line(None if country == "--" else country, mark, re.sub(r"[\[\]]", "", marked), street, house)


LINES = lines()
COUNTRIES = [None, *sorted({line.country for line in LINES if line.country}), "PT", "XX", "de", ""]


def both(cell: Cell, country: str | None) -> tuple[object, object]:
    return street_name(cell, country=country), house_number(cell, country=country)


def squeezed(text: str) -> str:
    return re.sub(r"[\s,]+", "", text)


@pytest.mark.parametrize("line", [line for line in LINES if line.mark == "+"], ids=str)
def test_a_line_is_split_where_its_number_is(line: Line) -> None:
    assert both(line.text, line.country) == (line.street, line.house)


@pytest.mark.parametrize("line", [line for line in LINES if line.mark == "="], ids=str)
def test_a_street_without_a_number_stays_as_it_stands(line: Line) -> None:
    assert both(line.text, line.country) == (line.text, None)


@pytest.mark.parametrize("line", [line for line in LINES if line.mark in "!~"], ids=str)
def test_a_line_in_doubt_is_left_alone(line: Line) -> None:
    street = street_name(line.text, country=line.country)
    house = house_number(line.text, country=line.country)
    assert isinstance(street, Invalid)
    assert street.code is Code.NOT_SPLIT
    assert street.detail
    assert isinstance(house, Invalid) or house == line.text


def test_nine_in_ten_ordinary_lines_of_every_country_are_split() -> None:
    split = Counter(line.country for line in LINES if line.mark == "+")
    ordinary = Counter(line.country for line in LINES if line.mark in "+~")
    assert split.total() >= 0.9 * ordinary.total()
    few = {country for country in ordinary if split[country] < 0.9 * ordinary[country]}
    assert few <= {"GB", "IT", "US"}  # "n. 12", "No. 12", and flats behind the street
    assert len(LINES) >= 400


@pytest.mark.parametrize(
    ("cell", "house"),
    [
        ("12", "12"),
        ("12a", "12a"),
        ("12-14", "12-14"),
        ("12 bis", "12 bis"),
        ("Flat 2, 12", "Flat 2, 12"),
    ],
)
def test_a_house_number_alone_is_one_and_no_street(cell: str, house: str) -> None:
    assert house_number(cell) == house
    refused = street_name(cell)
    assert isinstance(refused, Invalid)
    assert refused.detail == "it is a number without a street"


@pytest.mark.parametrize("cell", [12, 12.0])
def test_a_number_of_a_numeric_cell_is_written_without_a_point(cell: Cell) -> None:
    assert house_number(cell) == "12"
    assert isinstance(street_name(cell), Invalid)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (dt.date(2021, 3, 1), "a spreadsheet makes a date of a number such as 1-3"),
        (dt.datetime(2021, 3, 1, tzinfo=dt.UTC), "a spreadsheet makes a date"),
        (dt.time(12), "it is no address"),
        (True, "it is no address"),
        (12.5, "number"),
        (float("nan"), "finite"),
        (1e20, "15 digits"),
        ("Hauptstr. 12\nHinterhaus", "more than one line"),
        ("Am\x07Hof", "control character"),
        ("Am Hof\nMusterstadt", "more than one line"),
        ("a" * 256, "256 characters"),
        ("Hauptstr." + " " * 9 + "12", "wide gap"),
        ("k.A.", "it stands for no address"),
        ("Ohne 12", "another way"),  # "Ohne" alone would stand for nothing
        ("Hauptstr. 12\u00b2", "digits of another script"),
        ("Hauptstr. \u0661\u0662", "digits of another script"),
    ],
)
def test_what_is_no_address_line_is_refused_with_the_reason(cell: Cell, reason: str) -> None:
    street, house = both(cell, "DE")
    assert isinstance(street, Invalid)
    assert isinstance(house, Invalid)
    assert reason in street.detail or reason in house.detail


def test_the_country_decides_where_the_number_stands() -> None:
    assert both("Am Markt 5", "DE") == ("Am Markt", "5")
    assert both("Am Markt 5", "de") == ("Am Markt", "5")
    assert isinstance(street_name("Am Markt 5"), Invalid)
    assert isinstance(street_name("Am Markt 5", country="US"), Invalid)


def test_blanks_of_every_kind_part_street_and_number() -> None:
    assert both("Hauptstr.\u00a012\u202fa", "DE") == ("Hauptstr.", "12\u202fa")
    assert both("\ufeffAm Markt\t5 ", "DE") == ("Am Markt", "5")


@pytest.mark.parametrize("cell", [None, "", " ", "\u00a0", "\u200b", "\r\n"], ids=ascii)
def test_a_blank_cell_is_none(cell: Cell) -> None:
    assert both(cell, "DE") == (None, None)


@pytest.mark.parametrize("cell", ["n/a", "-", "xxx", "unbekannt", "onbekend"])
def test_a_placeholder_is_neither_a_street_nor_a_number(cell: Cell) -> None:
    assert all(isinstance(part, Invalid) for part in both(cell, None))


_words = st.sampled_from(
    [
        *sorted({word for line in LINES for word in re.split(r"([ ,/.-])", line.text) if word}),
        "12",
        " ",
        " ",
        ", ",
        "\t",
        "\xa0",
    ]
)
_texts = st.one_of(
    st.sampled_from([line.text for line in LINES]),
    st.lists(_words, max_size=9).map("".join),
    st.tuples(st.sampled_from([line.text for line in LINES]), _words, st.integers(0, 30)).map(
        lambda made: made[0][: made[2]] + made[1] + made[0][made[2] :]
    ),
    st.text(alphabet="0123456789aAbcdefgrstßéØ .,-/'#ºª°\u00a0\u200b\u0301\n½²", max_size=20),
    st.text(max_size=30),
)
_cells: st.SearchStrategy[Cell] = st.one_of(
    _texts,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@given(cell=_cells, country=st.sampled_from(COUNTRIES))
@example(cell="Straße des 17. Juni 135", country=None)
@example(cell="12", country="DE")
def test_both_functions_agree_and_nothing_is_lost(cell: Cell, country: str | None) -> None:
    street, house = both(cell, country)
    if isinstance(house, Invalid) or street is None:
        assert isinstance(street, Invalid) == isinstance(house, Invalid)
        return
    line = str(text(cell))
    if isinstance(street, Invalid):
        assert house is not None
        assert squeezed(str(house)) == squeezed(line)
        return
    parts = (str(street), str(house or ""))
    assert squeezed(line) in {squeezed("".join(parts)), squeezed("".join(reversed(parts)))}
    assert all(part in line for part in parts)
    assert house is None or re.search("[0-9]", str(house))
    assert all(len(part) <= 255 for part in parts)


@given(cell=_cells, country=st.sampled_from(COUNTRIES))
def test_a_part_is_read_as_itself(cell: Cell, country: str | None) -> None:
    for convert in (street_name, house_number):
        part = convert(cell, country=country)
        assert isinstance(part, Invalid | None | str)
        if isinstance(part, str):
            assert convert(part, country=country) == part


@given(line=st.sampled_from(LINES), country=st.sampled_from(COUNTRIES))
def test_a_street_that_was_split_off_has_no_number_left(line: Line, country: str | None) -> None:
    street, house = both(line.text, country)
    if isinstance(street, str) and house is not None:
        assert house_number(street, country=country) is None
