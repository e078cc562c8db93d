from __future__ import annotations

import datetime as dt
import html
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.model import Code
from importer.readers.book import Flaw
from importer.readers.html_tables import read_html_tables

if TYPE_CHECKING:
    from importer.readers.markup_sheet import MarkupSheet

PATH = Path("companies.xls")


def read(text: str | bytes) -> list[MarkupSheet]:
    return read_html_tables(text if isinstance(text, bytes) else text.encode(), PATH)


def one(text: str | bytes) -> MarkupSheet:
    (found,) = read(text)
    return found


def cell(inner: str, attributes: str = "", head: str = "") -> object:
    return one(f"{head}<table><tr><td {attributes}>{inner}</td><td>end</td></tr></table>").rows[0][0]


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        ("Acme", "Acme"),
        ("", None),
        ("  ", None),
        ("&nbsp;", None),
        (" &nbsp;\r\n ", None),
        ("\n  Acme \t\n  GmbH\n", "Acme GmbH"),
        ("M&uuml;ller &amp; S&#246;hne", "Müller & Söhne"),
        ("K&R &lt;b&gt; &#128; &unknown; &#x41;", "K&R <b> € &unknown; A"),
        ("a&nbsp;b", "a\xa0b"),
        ("a<br>b<BR/>c<br />", "a\nb\nc"),
        ("a <br>\n b", "a\nb"),
        ("a<br><br>b", "a\n\nb"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<div>a<div>b</div></div>c", "a\nb\nc"),
        ("a<br><p>b", "a\nb"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<b>A</b>cme <i> B</i>V", "Acme BV"),
        ("<a href='?a=1&amp;b=2' title=\"a>b\">x</a>", "x"),
        ("a<!-- <td>no</td> -->b<!-->c<!--->d<!-- x --!>e", "abcde"),
        ("a<!DOCTYPE x>b<?php no ?>c</ >d</>e<![if x]>f<![endif]>", "abcdef"),
        ("a<script>if (a<b) '</td>'</script>b<style>td{}</style>c", "abc"),
        ("1 < 2 <3 <", "1 < 2 <3 <"),
        ("1.234,50", "1.234,50"),
        ("007", "007"),
        ("<span style='display:none'>20240131</span>31.01.2024", "31.01.2024"),
        ("<span hidden>a<span>b</span>c</span>d", "d"),
        ("<span style='display:none'>a", None),
        ("<input style='display:none'>a", "a"),
        ("<textarea>a &amp; <b></textarea>", "a & <b>"),
        ("&#99999999999;&#x0;&#" + "9" * 5000 + ";", "\ufffd\ufffd\ufffd"),
        ("\x00br", "\x00br"),
        ("<TD>x", None),
    ],
)
def test_a_cell_has_the_text_that_a_browser_shows(inner: str, value: object) -> None:
    assert cell(inner) == value


@pytest.mark.parametrize(
    ("attributes", "inner", "value"),
    [
        ('x:num="1234.5"', "1.234,50", 1234.5),
        ("x:num", "1234", 1234),
        ("x:num", "1234,5", "1234,5"),
        ("x:num='0.125'", "12,5%", 0.125),
        ('x:num="12.3456"', "12,35", 12.3456),
        ('x:num="1234"', "01234", "01234"),
        ('x:num="45351"', "29.02.2024", "29.02.2024"),
        ('x:num="45351" class="d"', "29.02.2024", dt.date(2024, 2, 29)),
        ('x:num="1234" class="other z"', "01234", "01234"),
        ('x:num="1234" style="mso-number-format:00000"', "01234", "01234"),
        ('x:num="45351" style=\'mso-number-format:"dd\\/mm\\/yyyy"\'', "29/02/2024", dt.date(2024, 2, 29)),
        ('x:num="12.5" class="e"', "EUR 12,50", 12.5),
        ('x:num="x"', "12", "12"),
        ('x:num="5"', "", None),
        ("x:str", "007", "007"),
        ("x:str='a'", "", None),
        ("class=t", "007", "007"),
        ('x:bool="TRUE"', "WAHR", True),
        ('x:bool="FALSE"', "FALSCH", False),
        ("x:bool", "WAHR", "WAHR"),
        ('sdval="1234.5" sdnum="1031;"', "1234,5", 1234.5),
        ('sdval="1234" sdnum="1031;0;00000"', "01234", "01234"),
        ('sdval="45351" sdnum="1031;1031;TT.MM.JJJJ"', "29.02.2024", dt.date(2024, 2, 29)),
        ('sdval="45351" sdnum="1033;1033;MM/DD/YYYY"', "02/29/2024", dt.date(2024, 2, 29)),
        ('data-t="n" data-v="1234.5"', "1,234.50", 1234.5),
        ('data-t="n" data-v="12345678901234"', "1.23457E+13", 12345678901234),
        ('x:num="12345678901234"', "9,99E+13", "9,99E+13"),
        ('x:num="0"', "-", "-"),
        ('x:num="0"', "0,00", 0),
        ('data-t="b" data-v="true"', "TRUE", True),
        ('data-t="s" data-v="007"', "007", "007"),
    ],
)
def test_what_a_tag_tells_counts_where_the_text_shows_it(attributes: str, inner: str, value: object) -> None:
    head = (
        "<style><!-- .d\n{mso-style-parent:style0;\n mso-number-format:'Short Date';} .z, .zz {mso-number-format:00000;}"
        ' td.t {mso-number-format:"\\@";} .e {mso-number-format:"\\0022EUR\\0022\\\\ 0\\.00";} --></style>'
    )
    found = cell(inner, attributes, head)
    assert (type(found), found) == (type(value), value)


def test_an_error_that_is_written_as_the_number_0_is_an_error() -> None:
    found = one(
        "<table><td sdval=0 sdnum='1033;'>#N/A<td sdval=0 sdnum='1033;0;00000'>#DIV/0!<td sdval=0>Err:502</table>"
    )
    assert [flaw.error for flaw in found.flaws[1]] == ["#N/A", "#DIV/0!", "Err:502"]


def test_errors_and_formulas_without_a_result_are_flaws() -> None:
    found = one(
        '<table><tr><td>a<td x:err="#N/A">#NV</td><td x:err>#DIV/0!<td data-t="e">#REF!<td x:fmla="=A1"></td>'
        '<td x:fmla="=A1">2<td x:str x:fmla="=A1"><td>#N/A</tr><tr><td x:err="#NAME?"></table>'
    )
    assert found.rows == [("a", None, None, None, None, "2", None, "#N/A"), ()]
    assert found.flaws == {
        1: [
            Flaw(1, Code.ERROR_CELL, "#N/A"),
            Flaw(2, Code.ERROR_CELL, "#DIV/0!"),
            Flaw(3, Code.ERROR_CELL, "#REF!"),
            Flaw(4, Code.NO_STORED_RESULT),
        ],
        2: [Flaw(0, Code.ERROR_CELL, "#NAME?")],
    }


@pytest.mark.parametrize(
    ("rows", "cells", "merged"),
    [
        ("<tr><td colspan=2>a<td>b<tr><td>c", [("a", None, "b"), ("c",)], ("A1:B1",)),
        ("<tr><td rowspan=2>a<td>b<tr><td>c", [("a", "b"), (None, "c")], ("A1:A2",)),
        ("<tr><td rowspan=2 colspan=2>a<td>b<tr><td>c", [("a", None, "b"), (None, None, "c")], ("A1:B2",)),
        ("<tr><td>a<td rowspan=9>b<tr><td>c<td>d", [("a", "b"), ("c", None, "d")], ("B1:B2",)),
        ("<tr><td rowspan=0>a<tr><td>b<tr><td>c", [("a",), (None, "b"), (None, "c")], ("A1:A3",)),
        ("<tr><td rowspan=9>a</tr>", [("a",)], ()),
        ("<tr><td colspan=0>a<td colspan=x>b<td colspan='2%'>c<td>d", [("a", "b", "c", None, "d")], ("C1:D1",)),
        ("<tbody><tr><td rowspan=9>a<tbody><tr><td>b", [("a",), ("b",)], ()),
        ("<tbody><tr><td>a</tbody><tr><td>b", [("a",), ("b",)], ()),
        ("<tfoot><tr><td>f<tbody><tr><td>b<thead><tr><td>h<tr><td rowspan=2>i<tr><td>j", [("h",), ("i",), (None, "j"), ("b",), ("f",)], ("A2:A3",)),
        ("<tr><td colspan=1000000000>a<td>b", [("a",) + (None,) * 999 + ("b",)], ("A1:ALL1",)),
        ("<thead><th>h<th>i</thead><td>a<td>b</tr><td>c", [("h", "i"), ("a", "b"), ("c",)], ()),
        ("<tr></tr><tr><td>&nbsp;</tr><tr><td>a", [(), (), ("a",)], ()),
        ("<tr><td>a</th><td>b</tr></tr></td><tr><td>c</tbody></tbody>", [("a", "b"), ("c",)], ()),
        ("<tr><td>a</th>b<th>c</td>d</caption>e</tr>", [("ab", "cde")], ()),
        ("<tbody><tr><td>a</thead>b<tr><td rowspan=2>c</tfoot><tr><td>d", [("ab",), ("c",), (None, "d")], ("A2:A3",)),
        ("<colgroup><col><col></colgroup><tr><th scope=row>a<td>b", [("a", "b")], ()),
        ("x<tr>y<td>a</td>z<td>b</tr>", [("a", "b")], ()),
    ],
)  # fmt: skip
def test_rows_and_spans_are_those_of_a_browser(rows: str, cells: list[object], merged: tuple[str, ...]) -> None:
    found = one(f"<table>{rows}</table>")
    assert (found.rows, found.merged) == (cells, merged)


def test_a_layout_table_gives_way_to_the_data_in_it() -> None:
    page = (
        "<html><title>Export</title><body><table id=layout><tr><td>Menu<table><tr><td>Home<tr><td>Exit</table>more</td><td>"
        "<table><caption>Customers\n 2024</caption><tr><th>id<th>name<tr><td>1<td>Acme<tr><td>2<td>Beta</table></td></tr>"
        "<tr><td><table><tr><td>&nbsp;</table></td></tr></table>"
    )
    found = read(page)
    assert [(sheet.name, sheet.rows) for sheet in found] == [
        ("Customers 2024", [("id", "name"), ("1", "Acme"), ("2", "Beta")]),
        ("Table 1", [("Menu\nmore",)]),
        ("Table 2", [("Home",), ("Exit",)]),
    ]
    assert "3 tables" in found[0].notes[0]


def test_a_text_between_the_cells_of_an_inner_table_stands_before_it() -> None:
    found = read("<table><tr><td>a<table>b<tr>c<td>x<td>y</table>d</table>")
    assert [sheet.rows for sheet in found] == [[("x", "y")], [("a\nbc\nd",)]]


def test_a_table_between_cells_ends_the_one_before() -> None:
    found = read("<table><tr><td>a</td></tr><table><tr><td>b</td><td>c</td></tr></table>")
    assert [sheet.rows for sheet in found] == [[("b", "c")], [("a",)]]


def test_tables_of_one_caption_are_told_apart() -> None:
    table = "<table><caption>A</caption><tr><td>x</td></tr></table>"
    assert [sheet.name for sheet in read(table * 2)] == ["A", "A [2]"]


def test_the_sheet_has_the_name_that_excel_gave_it() -> None:
    page = "<!--[if gte mso 9]><xml><x:ExcelWorksheet><x:Name>K&amp;R</x:Name></x:ExcelWorksheet></xml><![endif]--><table><td>a</table>"
    assert one(page).name == "K&R"


def test_rows_without_a_table_are_read() -> None:
    assert one("<tr><td>a</td></tr><tr><td>b</td></tr>").rows == [("a",), ("b",)]
    assert one("<td>a</td><td>b</td>").rows == [("a", "b")]


def test_hidden_rows_tables_and_texts_are_reported() -> None:
    found = one(
        "<table style='display: none'><tr><td>a<tr style=display:none><td>b<tr hidden><td>c<tr hidden><td>"
        "<tbody style='DISPLAY:NONE'><tr><td>d<tr><td x:err='#N/A'><tr><td><i style='display:none'>x</i>e</table>"
    )
    assert found.rows == [("a",), ("b",), ("c",), (), ("d",), (), ("e",)]
    assert (found.is_visible, found.hidden_rows) == (False, 5)
    assert any("does not show were left out (1)" in note for note in found.notes)
    assert not read("<table hidden><td>a<table><td>b</table></table>")[1].is_visible


def test_a_page_that_ends_inside_a_table_says_so() -> None:
    assert "ends inside a table" in one("<table><tr><td>a</td></tr>").notes[0]
    assert one("<table><tr><td>a</td></tr></table>").notes == ()


def page(text: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body><table><tr><td>{text}</td></tr></table></body></html>"


@pytest.mark.parametrize(
    ("data", "value", "note"),
    [
        (page("Müller").encode(), "Müller", ""),
        (page("Müller").encode("utf-8-sig"), "Müller", ""),
        (page("Müller").encode("utf-16"), "Müller", ""),
        (page("Müller").encode("utf-16-le"), "Müller", ""),
        (page("Müller").encode("utf-16-be"), "Müller", ""),
        (page("Müller", "<meta charset=utf-16>").encode(), "Müller", ""),
        (page("Müller €", "<META http-equiv='Content-Type' content='text/html; charset=iso-8859-1'>").encode("cp1252"), "Müller €", ""),
        (page("Łódź", '<meta charset="windows-1250">').encode("cp1250"), "Łódź", ""),
        (page("株式", '<meta charset="Shift_JIS">').encode("shift_jis"), "株式", ""),
        (page("Müller Straße", "").encode("cp1252"), "Müller Straße", "does not say its encoding; it is read as cp1252"),
        (page("Müller Straße", "<meta charset=utf-8>").encode("cp1252"), "Müller Straße", "utf-8, which it is not; it is read as cp1252"),
        (page("Müller", "<meta charset=iso-8859-1>").encode(), "Müller", "read as utf-8, which all of it is"),
        (page("Müller", "<meta charset=klingon>").encode(), "Müller", ""),
        (page("plain", "<meta charset=iso-8859-1>").encode(), "plain", ""),
    ],
)  # fmt: skip
def test_the_encoding_is_marked_declared_or_told_by_the_bytes(data: bytes, value: str, note: str) -> None:
    found = one(data)
    assert found.rows == [(value,)]
    assert note in " ".join(found.notes)
    assert bool(note) == bool(found.notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no table with cells"),
        ("<html><title>Sign\n in</title><form><p>Password", 'Its title is "Sign in"'),
        ("<table><tr><td>&nbsp;</td></tr></table>", "no table with cells"),
        ("<table>\n<tr><td>a</td><td cla", "line 2: a tag begins here"),
        ("<table><tr><td>a</td></tr", "a tag begins here"),
        ("<table><tr><td title='a>b</td></tr></table>", "a tag begins here"),
        ("<table><tr><td>a<!-- </td><td>b</td></table>", "a comment begins here"),
        ("<table><tr><td>a<script></td><td>b</td></table>", "<script> begins here"),
        ("<table><tr><td>a<!x</td", "declaration begins here|a tag begins"),
        ("<table><tr><td>a</td></tr></table><!x", "a declaration begins here"),
        ("<html><frameset><frame src='Book_files/sheet001.htm'><frame src=tabs.htm></frameset>", 'Book_files/sheet001.htm", "tabs.htm'),
        ("<!--[if gte mso 9]><x:WorksheetSource HRef=\"B/sheet001.htm\"/><![endif]--><table><td>a</table>", "B/sheet001.htm"),
        ("<table><tr><td>" * 60_000, "nested 100 deep"),
        (page("a" * ((1 << 20) + 1)), "cell A1: .*1,048,577 characters"),
        ("<table><tr>" + "<td>x" * 20_000 + "</table>", "outside a sheet"),
        ("<table><tr>" + "<td colspan=1000>" * 20 + "</table>", "outside a sheet"),
        (b"\xff\xfea", "is not utf-16"),
        (page("x").encode() + "Dvořák Müller Žižka".encode("utf-16-le") + bytes(range(128, 255)), "encoding of the page cannot be told"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(text: str | bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read(text)
    assert str(caught.value).startswith("companies.xls")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "<" * 1_000_000,
        "&" * 1_000_000,
        "&#" * 500_000,
        "<!--" * 300_000,
        "<!" * 500_000,
        "</" * 500_000,
        "<script>" * 150_000,
        "<script><!--" * 100_000,
        "<style>." + "a." * 500_000 + "mso-number-format</style>",
        "<style>" + "mso-number-format:{" * 60_000 + "</style>",
        "<style>" + 'td{mso-number-format:"' * 60_000 + "</style>",
        '<a b="' * 200_000,
        "<a b='" * 200_000,
        "<a b=" * 200_000,
        "<a " + "b=c " * 300_000,
        "<td " + "b=c " * 300_000 + "x:num>",
        "<td" + " x:num='" * 100_000,
        "<td style='" + "mso-number-format:" * 60_000 + "' x:num=1>1",
        "<!--" + "<x:Name>" * 100_000 + "-->",
        "<!--" + "<x:WorksheetSource " * 60_000 + "-->",
        "<meta " * 100_000,
        "<meta charset" * 100_000,
        "<div>" * 200_000 + "<table><td>x" + "</div>" * 200_000,
        "<table><td>" + "<b>" * 200_000 + "x",
        "<table><td>" + "<p>" * 200_000 + "x",
        "<table><td>" + " <br> " * 200_000 + "x",
        "<table><td>" + "x <br>" * 200_000 + "x",
        "<table><td>" + "x" + " \n" * 500_000 + "x",
        "<table><td><i hidden>" + "<i>" * 200_000 + "x",
        "<table>" + "<tbody>" * 100_000 + "<td>x",
        "<table>" + "<caption>" * 100_000 + "<td>x",
        "<table>" + "<tr>" * 200_000 + "<td>x",
        "<table><tr>" + "<td rowspan=65534>" * 16_000 + "<tr><td>x" * 5_000,
        "<table>" + ("<tr>" + "<td rowspan=65534 colspan=1000>" * 16) * 3_000,
        "<table><tr>" + "<td rowspan=65534>x" * 16_000 + "<tr>" * 200_000,
        "<table>" + "<tr><td colspan=1000><td colspan=1000>x" * 20_000,
        "<table><td>" * 99 + "<br>" * 300_000 + "x",
        *(f"<table><td>{name}" * 50_000 for name in ("<table></table>", "<table><td></table>")),
        "".join(f"<t{number}>" for number in range(200_000)),
    ],
    ids=lambda text: f"{text[:24]}...{text[-12:]}",
)  # fmt: skip
def test_no_page_takes_long(text: str) -> None:
    data = text.encode()
    started = time.process_time()
    with suppress(SourceError):
        read(data)
    assert time.process_time() - started < 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "<table>" + ("<tr>" + "<td rowspan=65534 colspan=1000>" * 16) * 300,
        "<table>" + "<tr><td colspan=1000><td colspan=1000>x" * 12_000,
        "<table><tr>" + "<td rowspan=65534>" * 16_000 + "<tr><td>x" * 300,
    ],
)
def test_no_page_fills_the_memory(text: str) -> None:
    data = text.encode()
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"more than 20,000,000 cells|outside a sheet"):
            read(data)
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()


def test_an_unknown_encoding_of_long_lines_is_told_in_time() -> None:
    started = time.process_time()
    for data in (b"<td>" + b"a" * 2_000_000 + "ü\n".encode("cp1252"), b"<td>" + "aü".encode("cp1252") * 500_000):
        with suppress(SourceError):
            read(data)
    assert time.process_time() - started < 5


visible = st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\u2800\u3164\uffa0")
texts = st.lists(st.text(visible, min_size=1, max_size=6), max_size=3).map(" ".join)


@given(st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_what_is_written_reads_back(table: list[list[str]], closes: bool, is_upper: bool) -> None:
    td, tr = ("TD", "TR") if is_upper else ("td", "tr")
    rows = [
        f"<{tr}>\n"
        + "".join(f"<{td}>{html.escape(text)}" + f"</{td}>\n" * closes for text in row)
        + f"</{tr}>" * closes
        for row in table
    ]
    wanted = list[tuple[str | None, ...]]()
    for row in table:
        cells: list[str | None] = [text or None for text in row]
        while cells and cells[-1] is None:
            cells.pop()
        wanted.append(tuple(cells))
    while wanted and not wanted[-1]:
        wanted.pop()
    text = f"<meta charset=utf-8><table>{''.join(rows)}</table>"
    if wanted:
        assert one(text).rows == wanted
    else:
        with pytest.raises(SourceError, match="no table"):
            read(text)


pieces = st.sampled_from(
    ["<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th rowspan=3>", "<td colspan=2 rowspan=0>", "<tbody>", "</tfoot>",
     "<thead hidden>", "<caption>", "</caption>", "<p>", "</p>", "<br>", "<i style=display:none>", "</i>", "<!--", "-->", "<",
     "<td x:num='1'>", "<td x:err>", "<td x:fmla='=1'>", "a", "&nbsp;", "&amp", "<script>", "</script>", "<frame>", "\0", "'", '"']
)  # fmt: skip


@given(st.lists(pieces, max_size=40))
def test_no_text_does_more_than_be_refused(parts: list[str]) -> None:
    with suppress(SourceError):
        for sheet in read("".join(parts)):
            assert all(row[-1] is not None for row in sheet.rows if row)
            assert not sheet.flaws or max(sheet.flaws) <= len(sheet.rows)


@given(st.binary(max_size=300), st.integers(0, 60))
def test_no_bytes_do_more_than_be_refused(junk: bytes, place: int) -> None:
    good = page("Müller").encode()
    for data in (junk, good[:place] + junk, good[:place] + junk + good[place:]):
        with suppress(SourceError):
            read(data)
