from __future__ import annotations

import datetime as dt
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.model import Invalid
from importer.values import column_evidence
from importer.values.calendar_date import DateOptions, date
from importer.values.column_evidence import Finding, Problem
from importer.values.columns import ColumnFacts, ColumnWatch
from importer.values.decimal_number import DecimalOptions, decimal
from importer.values.double_encoding import undone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from importer.model import Cell


def watched(cells: Iterable[Cell]) -> ColumnFacts:
    watch = ColumnWatch()
    for row, cell in enumerate(cells, start=2):
        watch.feed(cell, row)
    return watch.facts()


def decoded_twice(words: str) -> str:
    """Show the bytes of UTF-8 as Windows-1252 does."""
    return "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in words.encode("utf-8"))


def problems(cells: Iterable[Cell]) -> list[Problem]:
    return [finding.problem for finding in watched(cells).findings]


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2021", "31/12/2021"], "dmy"),
        (["03/04/2021", "12/31/2021 10:20"], "mdy"),
        (["2021-03-04", "2021-12-31T10:20:00Z"], "ymd"),
        (["03/04/21", "31/12/99"], "dmy"),
        (["03/04/21", "12/31/99"], "mdy"),
        (["2021-03-04", "31.12.2021"], "dmy"),
        (["03/04/2021", "04/05/2021"], None),
        (["31/12/2021", "12/31/2021"], None),
        (["21-03-04", "21-12-31"], None),
        (["25/12/21"], None),
        (["05/05/2021"], None),
        (["2021-03-04", "03/04/2021"], None),
        (["99/99/2021", "text", "", None, 44259], None),
        ([], None),
    ],
    ids=str,
)
def test_one_sure_date_tells_the_order_of_a_column_and_a_contradiction_takes_it_back(
    cells: list[Cell], order: str | None
) -> None:
    assert watched(cells).date_order == order


@pytest.mark.parametrize(
    ("cells", "comma"),
    [
        (["1.234", "1,5"], True),
        (["1.234", "1.234,50"], True),
        (["1,234", "1.5"], False),
        (["1,234", "1'234.50"], False),
        (["1.234.567"], True),
        (["1,234,567"], False),
        (["1.234", "-0,5"], True),
        (["0.500"], False),
        (["1.234"], None),
        (["1.234", "2,345"], None),
        (["1,5", "1.5"], None),
        (["12", "1 234"], None),
        ([1.5, 2], None),
        (["3.4.2021", "1.2.3"], None),
    ],
    ids=str,
)
def test_one_sure_number_tells_the_decimal_separator(cells: list[Cell], comma: bool | None) -> None:
    assert watched(cells).decimal_comma is comma


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        pytest.param(["03/04/2021", "04/05/2021"], [Problem.AMBIGUOUS_DATES], id="day or month"),
        pytest.param(["31/12/2021", "12/31/2021"], [Problem.CONTRADICTING_DATES], id="both orders"),
        pytest.param(["31/12/99"], [Problem.SHORT_YEARS], id="short years"),
        pytest.param([dt.date(2021, 4, 3), "31/12/2021"], [Problem.DATES_AND_TEXT], id="typed dates beside text"),
        pytest.param(["1.234"], [Problem.AMBIGUOUS_NUMBERS], id="thousand or fraction"),
        pytest.param(["1,5", "1.5"], [Problem.AMBIGUOUS_NUMBERS], id="comma and point"),
        pytest.param(["4,93012E+11"], [Problem.SCIENTIFIC], id="decimal comma and exponent"),
        pytest.param(["MÃ¼ller", "Maier"], [Problem.MOJIBAKE], id="decoded twice"),
        pytest.param([12, 13, "12a"], [Problem.NUMBERS_AND_TEXT], id="numbers and text"),
        pytest.param([12, 13, "14"], [], id="numbers, typed and as text"),
        pytest.param(["NL"] * 20, [Problem.CONSTANT], id="one value"),
        pytest.param(["NL"] * 19, [], id="one value, few rows"),
        pytest.param([*["NL"] * 20, "BE"], [], id="nearly one value"),
        pytest.param([*[1] * 20, True], [], id="true is not 1"),
        pytest.param([10**5000] * 20, [Problem.CONSTANT], id="beyond all spreadsheets"),
        pytest.param([None, "", True, dt.time(1), dt.timedelta(1), "Ärger", "a.b"], [], id="nothing to say"),
    ],
)
def test_what_no_cell_shows_alone_is_found(cells: list[Cell], found: list[Problem]) -> None:
    assert problems(cells) == found


def test_a_finding_names_the_first_rows_and_what_the_example_may_have_been() -> None:
    facts = watched(["Maier", *map(decoded_twice, ("Müller", "Köhler", "Özil", "Café"))])
    assert facts.cells == 5
    assert facts.findings == (Finding(Problem.MOJIBAKE, 4, (3, 4, 5), "MÃ¼ller", "Müller"),)


POSTAL_CODES = [f"{start}{rest}" for start in range(1, 10) for rest in (1067, 2345, 4109)]


@pytest.mark.parametrize(
    ("cells", "lost"),
    [
        pytest.param([*POSTAL_CODES, "1067", "4109"], True, id="text"),
        pytest.param([*map(int, POSTAL_CODES), 1067, 4109.0], True, id="typed"),
        pytest.param(POSTAL_CODES, False, id="all of one length"),
        pytest.param([*POSTAL_CODES[:12], "1067", "4109"], True, id="two of fourteen"),
        pytest.param([*POSTAL_CODES[:6], "1067"], False, id="too few"),
        pytest.param([*POSTAL_CODES[:8], "1067", "12"], False, id="few, and not clear"),
        pytest.param(["1067", "1069", "1099"], False, id="all without zeros"),
        pytest.param(list(map(str, range(1, 201))), False, id="a short counter"),
        pytest.param(list(map(str, range(9_990, 10_060))), False, id="a counter"),
        pytest.param(list(map(str, range(1, 10_000))), False, id="a long counter"),
        pytest.param([str(7 * number) for number in range(200)], False, id="amounts"),
        pytest.param([*map(str, range(1950, 2030)), "202"], False, id="years"),
        pytest.param([*POSTAL_CODES, *["1067"] * 30], False, id="as many of both"),
        pytest.param([*POSTAL_CODES, "1067", "12", "13", "14"], False, id="all lengths"),
        pytest.param([*map(str, range(10, 100)), "5", "6"], False, id="short numbers"),
    ],
)
def test_lost_zeros_are_told_from_numbers_that_count(cells: list[Cell], lost: bool) -> None:
    assert (Problem.LOST_ZEROS in problems(cells)) is lost


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        pytest.param(["01067", "1069", "10115", "80331"], 1, id="one of four"),
        pytest.param([*POSTAL_CODES, "1067", "01067"], 1, id="one zero is there"),
        pytest.param(["01067", *["1067", "4109"] * 80, *["04109"] * 40], 160, id="most have lost theirs"),
        pytest.param([1067, 10115, 80331, 4109, "01069", "04109"], 2, id="typed numbers beside text"),
        pytest.param([*[1067] * 50, "04109"], 50, id="typed numbers beside one text"),
        pytest.param(["0001", "0002", "3", "0004", "5", "0006", "0123", "1234"], 2, id="ids"),
        pytest.param([10115, 80331, "01069", "04109"], 0, id="all are whole"),
        pytest.param(["01", "2", "3", "12"], 0, id="months"),
        pytest.param([*range(1000, 1100), *(f"{number:05}" for number in range(1, 60))], 0, id="two series of ids"),
        pytest.param(["1", "2", "12", "0"], 0, id="a zero is a number"),
        pytest.param([*map(str, range(2_000, 2_020)), "0000", "202"], 0, id="zeros for none"),
        pytest.param([*map(str, range(1, 100)), "012"], 0, id="houses"),
        pytest.param([*range(1, 100), "012"], 0, id="typed houses"),
        pytest.param(["0301234567", "030123456", "01761234567", "301234567"], 0, id="phone numbers of all lengths"),
        pytest.param([*map(str, range(10_000, 10_100)), "007", "012"], 0, id="most are longer"),
    ],
)
def test_a_zero_in_front_of_one_number_shows_that_shorter_ones_have_lost_theirs(cells: list[Cell], count: int) -> None:
    found = [finding.count for finding in watched(cells).findings if finding.problem is Problem.LOST_ZEROS]
    assert found == [count][: bool(count)]


def test_numbers_that_lost_one_zero_or_several_are_one_finding() -> None:
    facts = watched(["0001", "23", "4", "0005", "6", "7", "0123"])
    assert facts.findings == (Finding(Problem.LOST_ZEROS, 4, (3, 4, 6), "23", "0023"),)


@pytest.mark.parametrize(
    "words", ["Müller", "Öl", "It\u2019s", "5 \u20ac", "\u0142", "«a»", "\U0001f600", "\ufeffName", "MÜSLI\u2122 é"]
)
def test_text_that_was_decoded_twice_is_told(words: str) -> None:
    assert undone(decoded_twice(words)) == words


@pytest.mark.parametrize(
    "words",
    ["Müller", "SÃO PAULO", "CAFÉ®", "\u201cÉ\u201d", "café»\u2026", "Łódź", "ÅÄÖ", "a"],
    ids=ascii,
)
def test_text_of_many_languages_is_left_alone(words: str) -> None:
    assert undone(words) == ""


@given(st.text(st.characters(min_codepoint=0xA1, max_codepoint=0x17F), max_size=12))
def test_what_is_decoded_twice_comes_back_whole(words: str) -> None:
    shown = decoded_twice(words)
    natural = "\u201c\u201d\u2018\u2019\u2013\u2014\u2122\u2026\u00ae\u00b0\u00bb\u00b4"  # may follow a capital letter
    assert undone(shown) in {"", words} or any(character in shown for character in natural)


DAYS = st.lists(st.dates(dt.date(1950, 1, 1), dt.date(2049, 12, 31)), max_size=8)


@given(DAYS, st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%m-%y", "%m/%d/%y", "%y/%m/%d"]))
def test_an_order_that_is_told_reads_the_dates_of_its_column_right(days: list[dt.date], form: str) -> None:
    written = [day.strftime(form) for day in days]
    order = watched(written).date_order
    if order is not None:
        options = DateOptions(order=order, two_digit_from=1950)
        assert [date(words, options) for words in written] == [day.isoformat() for day in days]


@given(st.lists(st.decimals(-(10**7), 10**7, places=2), max_size=8), st.booleans())
def test_a_separator_that_is_told_reads_the_numbers_of_its_column_right(numbers: list[object], comma: bool) -> None:
    written = [f"{number:,}" for number in numbers]
    if comma:
        written = [words.translate(str.maketrans(",.", ".,")) for words in written]
    told = watched(written).decimal_comma
    assert told in {None, comma}
    if told is not None:
        results = [decimal(words, DecimalOptions(decimal_comma=told)) for words in written]
        assert not any(isinstance(result, Invalid) for result in results)


@given(
    st.lists(
        st.none() | st.booleans() | st.integers() | st.floats() | st.datetimes() | st.dates() | st.times() | st.text(),
        max_size=8,
    )
)
def test_any_cells_can_be_watched(cells: list[Cell]) -> None:
    facts = watched(cells)
    assert facts.cells == len(cells)
    assert all(len(finding.first_rows) <= 3 and len(finding.example) <= 60 for finding in facts.findings)


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        watched(f"{row} Müllér {row % 12}/{row % 31}/2021" for row in range(rows))
        watched(str(row * 7919 % 10**9) for row in range(rows))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(5_000) < peak(500) + 20_000


SHORT = st.sampled_from(
    [
        *("", " ", "NL", "NL ", "Ünal", "MÃ¼ller", "Å™", "1067", "01067", "0", "000", "9" * 21, "31/12/2021"),
        *("3.4.2021", "00000", "1.234", "1,5", "4,9E+11", "+31 20", "a\nb", "\n", "a" * 1200),
    ]
)
ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=6)


GROUPS = st.lists(st.from_regex(r"\+?[0-9]{1,4}[ 0-9ABe.+-]{0,4}[0-9A]", fullmatch=True))


@given(
    st.lists(st.lists(SHORT) | st.lists(st.text("ab1 \n.Ãü™", max_size=4)) | st.lists(ANY | SHORT) | GROUPS, max_size=4)
)
def test_many_cells_at_once_show_what_they_show_one_by_one(chunks: list[list[Cell]]) -> None:
    cells = [cell for chunk in chunks for cell in chunk]
    watch, row = ColumnWatch(), 2
    for chunk in chunks:
        watch.feed_all(chunk, range(row, row + len(chunk)))
        row += len(chunk)
    assert watch.facts() == watched(cells)


@given(
    st.lists(st.lists(SHORT | st.none(), min_size=1) | st.lists(ANY | SHORT, min_size=1) | GROUPS, max_size=6),
    st.integers(2, 3),
    st.booleans(),
)
def test_watches_that_shared_a_column_show_what_one_shows_alone(
    chunks: list[list[Cell]], several: int, backwards: bool
) -> None:
    watches, row = [ColumnWatch() for _ in range(several)], 2
    for place, chunk in enumerate(chunks):
        watches[place % several].feed_all(chunk, range(row, row + len(chunk)))
        row += len(chunk)
    first, *others = reversed(watches) if backwards else watches
    for other in others:
        first.absorb(other)
    assert first.facts() == watched([cell for chunk in chunks for cell in chunk])


@given(
    st.lists(
        st.sampled_from([None, "", "01-02-2021", "13-02-2021", "1.234", "1,5", "1.5E+9", "Ã¼", "2e", " 7 "]), max_size=3
    ),
    st.integers(20, 40),
    st.randoms(use_true_random=False),
)
def test_cells_that_repeat_show_what_they_show_one_by_one(few: list[Cell], times: int, random: Random) -> None:
    cells: list[Cell] = [*few * times, "x"]
    random.shuffle(cells)
    watch = ColumnWatch()
    watch.feed_all(cells, range(2, 2 + len(cells)))
    watch.feed_all(cells[:50], range(2 + len(cells), 2 + len(cells) + len(cells[:50])))
    assert watch.facts() == watched([*cells, *cells[:50]])


@pytest.mark.parametrize("length", [1, 3, 30])
@pytest.mark.parametrize(
    "cell",
    ["NL", "1067", "00167", "0000", "Zoë", "", "1234 AB", "+31 20 123", "1e+5 A", "1e5", "02-01-2021"],
)
def test_words_and_digits_are_counted_in_bulk_as_one_by_one(cell: str, length: int) -> None:
    cells: list[Cell] = [*[cell] * length, "", *[cell] * length]
    watch = ColumnWatch()
    watch.feed_all(cells, range(2, 2 + len(cells)))
    watch.feed_all(cells, range(100, 100 + len(cells)))
    one_by_one = ColumnWatch()
    for row, one in zip([*range(2, 2 + len(cells)), *range(100, 100 + len(cells))], [*cells, *cells], strict=True):
        one_by_one.feed(one, row)
    assert watch.facts() == one_by_one.facts()


@given(
    st.from_regex(column_evidence._DATE, fullmatch=True) | st.from_regex(column_evidence._YEAR_FIRST, fullmatch=True)
)
def test_what_has_the_form_of_a_date_has_not_that_of_a_number(words: str) -> None:
    forms = ("_SCIENTIFIC", "WHOLE", "_COMMA", "_POINT", "_THOUSANDS")
    assert not any(getattr(column_evidence, form).fullmatch(words) for form in forms)
