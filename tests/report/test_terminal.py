from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from importer.model import Code, Counts, Severity, SourceInfo
from importer.report import RequestFact, Summary, duration_text, summary_lines
from importer.report.fitting import MAX_SHOWN, wrapped
from tests.report.samples import full_summary, group

GOLDEN = """\
source   exports/klanten.csv
         csv, cp1252, delimiter ";", header in row 1, 1,204 rows
mapping  mappings/klanten.yaml
target   http://127.0.0.1:8080/api/v1, origin moneybird
journal  klanten.journal

read         1,204
  created      880
  updated       10
  skipped        2
  refused      312
in 1 min 15 s, 1,250 requests (350 read, 900 write, 3 tried again, 1 throttled, waited 7.0 s for
  the target)

What was found:
312 x not-a-country in Land
    "Holand" is not a country: no country is written so
    rows 4, 17, 23 and 309 more
    -> Use the country's name or its two-letter code, or translate it with `map`.
2 x skipped-by-rule
    "Holand" is not a country: no country is written so
    rows 4, 17, 23
    -> Use the country's name or its two-letter code, or translate it with `map`.

The encoding was detected.

Next:
kanbert-import retry klanten.journal"""


def lines(summary: Summary, *, width: int = 100, colour: bool = False) -> list[str]:
    return list(summary_lines(summary, width=width, colour=colour))


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1 for character in text)


def test_summary_reads_so() -> None:
    assert "\n".join(lines(full_summary())) == GOLDEN


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_but_the_command_is_wider_than_the_terminal(width: int) -> None:
    command = f"kanbert-import retry {'very-long-name' * 20}.journal"
    long_path = SourceInfo("exports/" + "klanten" * 50 + ".csv", "ab", "xlsx", (), sheet="客户" * 60)
    groups = (group(message="客户" * 100), group(value="x" * 120, hint="word " * 60, column="c" * 90))
    found = lines(full_summary(source=long_path, groups=groups, next=command, notes=("n" * 300,)), width=width)
    assert found[-1] == command
    assert all(cells(line) <= width for line in found[:-1])


@given(st.text(max_size=80), st.integers(4, 60))
def test_wrapping_loses_no_visible_character(text: str, width: int) -> None:
    found = list(wrapped(text, width, first="> ", rest="  "))
    shown = "".join(line[2:] for line in found).replace(" ", "")
    assert shown == "".join(c if c.isprintable() else "?" for c in "".join(text.split()))


def test_long_text_is_cut_and_shows_it() -> None:
    found = "".join(wrapped("x" * 5000, 80))
    assert len(found) == MAX_SHOWN
    assert found.endswith("...")


def test_combining_characters_take_no_cell() -> None:
    assert list(wrapped("e\u0301" * 10, 10)) == ["e\u0301" * 10]


def test_nothing_from_outside_reaches_the_terminal_as_a_command() -> None:
    evil = "\x1b[2J\x07\u202egnp.exe"
    source = SourceInfo(evil, "ab", "csv", (), encoding=evil, delimiter="\x1b")
    found = lines(
        full_summary(source=source, groups=(group(message=evil, hint=evil, column=evil),), next=evil, notes=(evil,))
    )
    assert all(line.isprintable() for line in found)


def test_colour_marks_only_where_it_is_asked_for() -> None:
    plain = lines(full_summary(groups=(group(), group(severity=Severity.WARNING))))
    coloured = lines(full_summary(groups=(group(), group(severity=Severity.WARNING))), colour=True)
    assert not any("\x1b" in line for line in plain)
    assert "\x1b[31m312 x not-a-country in Land\x1b[0m" in coloured
    assert "\x1b[33m312 x not-a-country in Land\x1b[0m" in coloured
    assert "\x1b[31m  refused      312\x1b[0m" in coloured
    assert "  created      880" in coloured


@pytest.mark.parametrize(
    ("kinds", "cut", "said"),
    [
        pytest.param(10, False, None, id="all-shown"),
        pytest.param(11, False, "and 1 more kind: see the report", id="one-more"),
        pytest.param(14, False, "and 4 more kinds: see the report", id="more"),
        pytest.param(14, True, "and at least 4 more kinds: see the report", id="more-and-cut"),
        pytest.param(10, True, "and more kinds: see the report", id="cut"),
    ],
)
def test_reasons_that_are_not_shown_are_owned_up_to(kinds: int, *, cut: bool, said: str | None) -> None:
    found = lines(full_summary(groups=(group(),) * kinds, groups_cut=cut))
    assert sum("x not-a-country" in line for line in found) == min(kinds, 10)
    assert [line for line in found if "more kind" in line] == ([said] if said else [])


def test_of_many_kinds_of_one_code_the_other_codes_are_shown_all_the_same() -> None:
    rare = [replace(group(), code=Code.BAD_EXTERNAL_ID, count=2), replace(group(), code=Code.NOT_A_BIC, count=1)]
    found = [line for line in lines(full_summary(groups=(*[group()] * 14, *rare))) if " x " in line]
    assert [line.split()[2] for line in found] == [*["not-a-country"] * 8, "bad-external-id", "not-a-bic"]


@pytest.mark.parametrize(
    ("kinds", "cut", "said"),
    [
        pytest.param(14, False, "and 4 more kinds: see --json", id="more"),
        pytest.param(14, True, "and at least 4 more kinds: see preview -n 0", id="more-and-cut"),
        pytest.param(10, True, "and more kinds: see preview -n 0", id="cut"),
    ],
)
def test_without_a_journal_there_is_no_report_to_see(kinds: int, *, cut: bool, said: str) -> None:
    assert said in lines(full_summary(groups=(group(),) * kinds, groups_cut=cut, journal=None))


@pytest.mark.parametrize(
    ("count", "first_rows", "said"),
    [
        pytest.param(1, (4,), "    row 4", id="one"),
        pytest.param(2, (4, 9), "    rows 4, 9", id="two"),
        pytest.param(12, tuple(range(2, 14)), "    rows 2, 3, 4, 5, 6, 7, 8, 9 and 4 more", id="cut"),
    ],
)
def test_rows_of_a_reason_are_named(count: int, first_rows: tuple[int, ...], said: str) -> None:
    assert said in lines(full_summary(groups=(group(count, first_rows=first_rows),)))


def test_reason_without_a_row_names_none() -> None:
    assert not any(line.startswith("    row") for line in lines(full_summary(groups=(group(first_rows=()),))))


def test_counts_that_do_not_add_up_are_called_a_bug() -> None:
    found = lines(full_summary(counts=Counts(read=3, created=1)))
    assert any("do not add up" in line for line in found)


def test_pending_rows_are_part_of_the_balance() -> None:
    found = lines(full_summary(counts=Counts(read=3, created=1, pending=2)))
    assert "  pending    2" in found
    assert not any("add up" in line for line in found)


def test_smallest_summary_is_the_balance_alone() -> None:
    found = lines(Summary(command="validate", exit_code=0, duration=0.42))
    assert found == ["read         0", "in 0.4 s, no requests"]


@pytest.mark.parametrize(
    ("delimiter", "sheet", "said"),
    [
        pytest.param("\t", None, "csv, delimiter tab, header in row 1, 1 row", id="tab"),
        pytest.param(" ", None, "csv, delimiter blank, header in row 1, 1 row", id="blank"),
        pytest.param("|", None, 'csv, delimiter "|", header in row 1, 1 row', id="pipe"),
        pytest.param(None, "Contacten", 'csv, sheet "Contacten", header in row 1, 1 row', id="sheet"),
    ],
)
def test_what_was_read_is_named(delimiter: str | None, sheet: str | None, said: str) -> None:
    source = SourceInfo("klanten", "ab", "csv", (), delimiter=delimiter, sheet=sheet)
    assert lines(full_summary(source=source, rows=1))[1].strip() == said


def test_rows_are_left_out_where_they_are_not_known() -> None:
    assert lines(full_summary(rows=None))[1].strip() == 'csv, cp1252, delimiter ";", header in row 1'


@pytest.mark.parametrize(
    ("sheet", "column", "said"),
    [
        pytest.param("Contacten", "Land", "Contacten!C4, C17, C23 and 309 more", id="cells"),
        pytest.param("Oud 2024", "Land", "'Oud 2024'!C4, C17, C23 and 309 more", id="quoted"),
        pytest.param("Contacten", "Plaats", "rows 4, 17, 23 and 309 more", id="no-column-of-the-sheet"),
        pytest.param("Contacten", None, "rows 4, 17, 23 and 309 more", id="no-column"),
        pytest.param(None, "Land", "rows 4, 17, 23 and 309 more", id="csv"),
    ],
)
def test_cells_are_named_as_a_spreadsheet_shows_them(sheet: str | None, column: str | None, said: str) -> None:
    source = SourceInfo("klanten", "ab", "xlsx", ("Nummer", "Naam", "Land"), sheet=sheet)
    found = lines(full_summary(source=source, groups=(group(column=column),)))
    assert f"    {said}" in found


def test_one_request_is_not_plural() -> None:
    found = lines(full_summary(requests=RequestFact(total=1, read=1)))
    assert "in 1 min 15 s, 1 request (1 read, 0 write)" in found


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        pytest.param(0.04, "0.0 s", id="none"),
        pytest.param(9.94, "9.9 s", id="tenths"),
        pytest.param(12.4, "12 s", id="seconds"),
        pytest.param(59.7, "1 min 0 s", id="rounded-up"),
        pytest.param(185, "3 min 5 s", id="minutes"),
        pytest.param(7_800, "2 h 10 min", id="hours"),
    ],
)
def test_durations_are_said_as_a_person_would(duration: float, said: str) -> None:
    assert duration_text(duration) == said
