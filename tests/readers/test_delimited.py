from __future__ import annotations

import csv
import gc
import io
import os
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.model import Severity
from importer.readers import ReaderOptions, open_source
from importer.readers.header import NO_ROWS, is_blank
from tests.readers.trap_files import read

if TYPE_CHECKING:
    from tests.readers.conftest import Write

HEAD = b"id,name,country\n"


def refusal(path: Path, options: ReaderOptions | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, options)
    return str(caught.value)


WIDE_HEAD = b"id;name;zip;town\r\n"
THREE = b"id,name,note\n"


@pytest.mark.parametrize(
    ("data", "row", "lines"),
    [
        pytest.param(WIDE_HEAD + b'1;A;1;"x\r\n2;B;2;y\r\n3;C;3;z"\r\n9;D;4;q\r\n', 2, "2 to 4", id="last-cells"),
        pytest.param(WIDE_HEAD + b'1;A;1;"x\r\n2;B;2;y"\r\n9;D;4;q\r\n', 2, "2 to 3", id="two-rows"),
        pytest.param(WIDE_HEAD + b'1;"A;1;x\r\n3;C";3;z\r\n', 2, "2 to 3", id="cells-within"),
        pytest.param(WIDE_HEAD + b'1;"A;1;x\r\n2;B;2;y\r\n3;C;3;z"\r\n', 2, "2 to 4", id="too-few-cells"),
        pytest.param(WIDE_HEAD + b'1;A;1;"x\r\n2;B;2;y\r\n3;C";3;z\r\n', 2, "2 to 4", id="too-many-cells"),
        pytest.param(WIDE_HEAD + b'0;Z;1;q\r\n\r\n1;A;1;"x\n2;B;2;y;;\n3;z"\r\n', 4, "4 to 6", id="empty-extra-cells"),
        pytest.param(WIDE_HEAD.replace(b"\r\n", b"\r") + b'1;A;1;"x\r2;B;2;y\r3;z"\r', 2, "2 to 4", id="lone-cr"),
        pytest.param(b'id, name, note\n1, A, "x\n2, B, y\n3, C, z"\n', 2, "2 to 4", id="blanks-behind-delimiters"),
    ],
)
def test_a_row_that_swallowed_others_is_an_issue(write: Write, data: bytes, row: int, lines: str) -> None:
    got = read(write(data))
    (issue,) = [issue for row in got.rows for issue in row.issues if issue.code.value == "bad-quotes"]
    assert issue.location.row == row
    assert issue.severity is Severity.ERROR
    assert issue.message.endswith(f"doubtful: lines {lines} became one row")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(WIDE_HEAD + b'1;A;1;"Main street 1\r\n1234 Town\r\nNL"\r\n', id="address"),
        pytest.param(WIDE_HEAD + b'1;"A; B\r\nasked; told; wrote; sent\r\nC";1;x\r\n', id="semicolons"),
        pytest.param(WIDE_HEAD + b'1;A;1;"a;b\r\nc;d\r\ne;f"\r\n', id="fewer-than-a-row"),
        pytest.param(WIDE_HEAD + b'1;A;1;"x\r\n2;B;2"\r\n', id="an-end-short-of-a-row"),
        pytest.param(THREE + b'1,A,"Bought:\nmilk, eggs, bread\nand, well, tea"\n', id="list"),
        pytest.param(b'id,note\n1,"x\n2,y\n3,z"\n', id="two-columns"),
    ],
)
def test_a_cell_of_several_lines_is_a_cell(write: Write, data: bytes) -> None:
    got = read(write(data))
    assert got.codes == []
    assert len(got.rows) == 1


@pytest.mark.parametrize("wanted", [",", "tab", "|"])
def test_a_delimiter_that_leaves_the_names_in_one_cell_is_refused_with_the_one_that_does_not(
    write: Write, wanted: str
) -> None:
    for above in (b"", b"\n"):
        told = refusal(write(above + WIDE_HEAD + b"1;A;1;x\r\n2;B, C;2;y\r\n"), ReaderOptions(delimiter=wanted))
        assert "with a semicolon there are 4 columns. Leave `source.delimiter` out" in told


@pytest.mark.parametrize(
    ("data", "is_told"),
    [
        pytest.param(HEAD, True, id="header"),
        pytest.param(b"sep=,\n\n" + HEAD + b"\n,,\n \n", True, id="blank-rows"),
        pytest.param(b'id,"name\nof it",country\n', True, id="header-of-two-lines"),
        pytest.param(HEAD + b"\n1,a,NL\n", False, id="a-row"),
        pytest.param(HEAD + b'1,"a"b,NL\n', False, id="a-row-with-stray-quotes"),
        pytest.param(HEAD + b"\n" * 3000 + b"1,a,NL\n", False, id="a-row-far-below"),
    ],
)
def test_a_file_of_column_names_alone_is_told(write: Write, data: bytes, is_told: bool) -> None:
    got = read(write(data))
    assert any("has column names but no rows" in note for note in got.info.notes) == is_told == (not got.rows)


def test_a_delimiter_that_leaves_one_column_is_taken_where_no_other_fits(write: Write) -> None:
    assert read(write(b"name\nA\nB; C\n"), ReaderOptions(delimiter=",")).info.columns == ("name",)
    assert read(write(WIDE_HEAD + b"1;A;1;x\r\n"), ReaderOptions(delimiter="^")).info.columns == ("id;name;zip;town",)


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        pytest.param(b'1,5" pipe,NL\n', [(2, "1", '5" pipe', "NL")], id="stray-quote"),
        pytest.param(
            b"1,a,NL\r\n2,b,NL\n3,c,NL\r4,d,NL",
            [(n, str(n - 1), "abcd"[n - 2], "NL") for n in (2, 3, 4, 5)],
            id="mixed",
        ),
        pytest.param(b"1,a,NL\r\r\n2,b,NL\r\r\n", [(2, "1", "a", "NL"), (4, "2", "b", "NL")], id="cr-cr-lf"),
        pytest.param(
            b'1,"a\nb\r\nc",NL\n2,d,DE\n', [(2, "1", "a\nb\r\nc", "NL"), (3, "2", "d", "DE")], id="quoted-breaks"
        ),
        pytest.param(b"1,a,NL\n\x1a", [(2, "1", "a", "NL")], id="ctrl-z-on-its-own"),
        pytest.param(b"1,a,NL\x1a", [(2, "1", "a", "NL")], id="ctrl-z-behind-a-row"),
        pytest.param(b"1,a\x1ab,NL\n\x1a\r\n", [(2, "1", "a\x1ab", "NL")], id="ctrl-z-in-a-value-stays"),
        pytest.param(
            "1,a\u2028b\x85c\vd\fe,NL\n".encode(), [(2, "1", "a\u2028b\x85c\vd\fe", "NL")], id="no-line-breaks"
        ),
        pytest.param(b"1,NULL,NA\n007,nan,\n", [(2, "1", "NULL", "NA"), (3, "007", "nan", "")], id="text-stays-text"),
        pytest.param(b"1, a ,NL\n", [(2, "1", " a ", "NL")], id="blanks-stay"),
        pytest.param(b",a,NL\n", [(2, "", "a", "NL")], id="first-cell-empty"),
        pytest.param(b'1,"",NL\n', [(2, "1", "", "NL")], id="empty-text"),
        pytest.param(b"1,a,NL,,\n", [(2, "1", "a", "NL")], id="empty-extra-cells"),
        pytest.param(b'1,"say ""hi""",NL,\n', [(2, "1", 'say "hi"', "NL")], id="quote-in-a-value-and-empty-extra-cell"),
    ],
)
def test_a_row_is_what_the_file_says(write: Write, body: bytes, rows: list[tuple[object, ...]]) -> None:
    got = read(write(HEAD + body))
    assert [(row.number, *row.cells) for row in got.rows] == rows
    assert got.codes == []


def test_lines_may_end_in_cr_alone(write: Write) -> None:
    got = read(write(HEAD.replace(b"\n", b"\r") + b"1,a,NL\r2,b,DE\r"))
    assert got.cells == [("1", "a", "NL"), ("2", "b", "DE")]
    assert got.numbers == [2, 3]


def test_a_mark_before_a_quoted_header_does_not_spoil_it(write: Write) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        assert read(write('"id, no",name\n1,a\n'.encode(encoding))).info.columns == ("id, no", "name")
    assert (
        read(write("\ufeffid,name\n1,a\n".encode("utf-16-le")), ReaderOptions(encoding="utf-16-le")).info.columns[0]
        == "id"
    )


def test_a_second_mark_does_not_spoil_it_either(write: Write) -> None:
    assert read(write(b"\xef\xbb\xbf" * 2 + b'"id, no",name\n1,a\n')).info.columns == ("id, no", "name")


def test_blank_rows_are_passed_over_and_counted(write: Write) -> None:
    path = write(b"\n ,,\n" + HEAD + b"\n,,\n \t,\xc2\xa0,\n1,a,NL\n\n2,b,DE\n\n")
    got = read(path)
    assert got.info.header_row == 3
    assert got.numbers == [7, 9]
    assert got.blank_rows == 5


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b";;;\n1000;Acme;x;NL\n1001;Beta;y;DE\n", id="number"),
        pytest.param(b";;\n;;\nK-1;Acme;x\nK-2;Beta;y\n", id="written-alike"),
        pytest.param(b";;\nAcme;x;NL\nBeta;y;NL\n", id="stands-below-as-well"),
        pytest.param(b"\n2001;Acme\n2002;Beta\n", id="years-or-numbers"),
        pytest.param(b"sep=;\n;\n2001;Acme\n2002;Beta\n", id="below-the-separator"),
    ],
)
def test_a_row_of_data_below_a_blank_header_does_not_become_the_header(write: Write, data: bytes) -> None:
    message = refusal(write(data))
    assert "is blank, and line" in message
    assert "looks like data" in message
    line = int(message.partition("source.header_row: ")[2].partition("`")[0])
    assert read(write(data), ReaderOptions(header_row=line)).info.header_row == line


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b";;;\n\nid;name;Phone 2;2024\n1;Acme;;12\n2;Beta;3;\n", id="names"),
        pytest.param(b";\nid;name\n1;a\nid;name\n2;b\n", id="repeated-header"),
        pytest.param(b"\n#;Street 1\n1;a\n", id="signs"),
        pytest.param(b"\nid;name\n", id="header-only"),
    ],
)
def test_blank_rows_above_a_header_are_passed_over_in_silence(write: Write, data: bytes) -> None:
    got = read(write(data))
    assert got.info.columns[1] != "Column B"
    assert set(got.info.notes) <= {NO_ROWS}


def test_missing_cells_are_a_warning_and_extra_cells_an_error(write: Write) -> None:
    got = read(write(HEAD + b"1,Acme\n2,Beta,DE,extra,more\n3\n"))
    assert got.cells == [("1", "Acme", ""), ("2", "Beta", "DE"), ("3", "", "")]
    assert got.codes == [(2, "missing-cells"), (3, "extra-cells"), (4, "missing-cells")]
    short, long, _ = (issue for row in got.rows for issue in row.issues)
    assert (short.severity, long.severity) == (Severity.WARNING, Severity.ERROR)
    assert short.location.row == 2
    assert short.location.file == got.info.path
    assert "1 cell" in short.message
    assert '"extra", "more"' in long.message


def test_a_quoted_cell_that_came_apart_late_in_the_file_is_seen(write: Write) -> None:
    got = read(write(HEAD + b"1,a,NL\n" * 3000 + b'2, "Acme, Inc",\n'))
    assert got.codes == [(3002, "extra-cells")]


def test_quotes_that_do_not_match_within_a_line_are_an_issue_of_that_row(write: Write) -> None:
    got = read(write(HEAD + b'1,"Acme"x,NL\n2,"Hotel "Zur Post"",DE\n3,"c\nd",NL\n4,"a"b\n5,e,NL\n'))
    assert got.codes == [(2, "bad-quotes"), (3, "bad-quotes"), (5, "bad-quotes"), (5, "missing-cells")]
    assert got.cells[3:] == [("4", "ab", ""), ("5", "e", "NL")]
    assert got.cells[2] == ("3", "c\nd", "NL")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        pytest.param(b'1,"Acme,NL\n' + b"2,b,DE\n" * 50, 2, id="to-the-end"),
        pytest.param(b"0,x,NL\n" * 3000 + b'1,"a,NL\n2,b,DE\n', 3002, id="far-down"),
        pytest.param(b'1,"Acme,NL\n2,"Beta",DE\n3,c,NL\n', 2, id="until-the-next-quote"),
        pytest.param(b'1,"a\nb","c\nd\n', 3, id="second-cell-of-a-row"),
        pytest.param(b'1,"a"x,"b\n2,c,NL\n', 2, id="behind-another-fault"),
        pytest.param(b'1,a,"NL', 2, id="in-the-last-line"),
        pytest.param(b'1,"' + (b"a" * 99 + b"\n") * 106_000, 2, id="more-than-a-cell-may-hold"),
    ],
)
def test_an_unclosed_quote_stops_the_reading_at_its_line(write: Write, body: bytes, line: int) -> None:
    message = refusal(write(HEAD + body))
    assert f"companies.csv, line {line}: the quotation mark" in message


def test_an_unclosed_quote_in_the_header_is_placed(write: Write) -> None:
    assert "line 1: the quotation mark" in refusal(write(b'id,"name,country\n1,Acme,NL\n'))


@pytest.mark.slow
def test_a_cell_of_twenty_million_characters_is_refused(write: Write) -> None:
    message = refusal(write(HEAD + b"1,a,NL\n2," + b"a" * 11_000_000 + b",NL\n"))
    assert "line 3: a cell of this row has more than 10 million" in message
    assert read(write(HEAD + b"1," + b"a" * 9_000_000 + b",NL\n")).rows[0].number == 2


@pytest.mark.parametrize(
    ("data", "options", "header_row", "numbers"),
    [
        pytest.param(b"Banner\n\nid;name\n1;a\n2;b\n", ReaderOptions(header_row=3), 3, [4, 5], id="below-a-banner"),
        pytest.param(b'He said "x\nid;name\n1;a\n', ReaderOptions(header_row=2), 2, [3], id="banner-with-a-quote"),
        pytest.param(b"sep=;\r\nid;a,b\r\n1;2\r\n", ReaderOptions(), 2, [3], id="separator-line"),
        pytest.param(b"sep=;\r\nid;a,b\r\n1;2\r\n", ReaderOptions(header_row=1), 2, [3], id="separator-line-and-row-1"),
        pytest.param(b"\xef\xbb\xbfsep=;\n\nid;a,b\n1;2\n", ReaderOptions(), 3, [4], id="separator-line-with-mark"),
        pytest.param(b'"a\nb";c\n1;2\n', ReaderOptions(), 1, [2], id="header-of-two-lines"),
        pytest.param(b"id;name\n", ReaderOptions(), 1, [], id="header-only"),
    ],
)
def test_the_header_row_is_the_first_or_the_one_that_was_named(
    write: Write, data: bytes, options: ReaderOptions, header_row: int, numbers: list[int]
) -> None:
    got = read(write(data), options)
    assert got.info.header_row == header_row
    assert got.info.delimiter == ";"
    assert got.numbers == numbers
    assert got.codes == []


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        pytest.param(b"\n \n", ReaderOptions(), "no row that is not blank", id="only-blank-rows"),
        pytest.param(HEAD, ReaderOptions(header_row=9), "below line 8", id="header-row-beyond-the-end"),
        pytest.param(HEAD + b"\n1,2,3\n", ReaderOptions(header_row=2), "line 2 is to hold", id="header-row-blank"),
        pytest.param(HEAD, ReaderOptions(header_row=0), "count from 1", id="header-row-0"),
        pytest.param(HEAD, ReaderOptions(delimiter="ab"), "cannot be a delimiter", id="delimiter"),
        pytest.param(b"a;b,c\n1;2,3\n", ReaderOptions(), "equally well", id="tie"),
    ],
)
def test_what_makes_no_table_is_refused(write: Write, data: bytes, options: ReaderOptions, words: str) -> None:
    assert words in refusal(write(data), options)


def test_a_header_narrower_than_all_rows_is_told(write: Write) -> None:
    got = read(write(b"a;b;c\n1;2;3;4\n5;6;7;8\n"))
    assert "but the rows below have 4, as line 2" in got.info.notes[0]
    assert {code for _, code in got.codes} == {"extra-cells"}
    assert read(write(b"a;b\n1;2\n3;4;5\n")).info.notes == ()


@pytest.mark.parametrize(
    ("data", "header_row", "columns"),
    [
        pytest.param(b"List\nDate: 1-2-2024\nOnly: a, b\n\nid,name,x\n1,a,5\n2,b,6\n", 5, 3, id="title-and-filters"),
        pytest.param(b"List,,\nDate,1-2-2024,\n,,\nid,name,x\n1,a,5\n2,b,6\n", 4, 3, id="padded"),
        pytest.param(b"# from a tool\nid;name\n1;a\n", 2, 2, id="comment"),
        pytest.param(b"# comment\nf1,f2,f3\n11,12,13\n21,22,23\n", 2, 3, id="comment-and-few-rows"),
        pytest.param(b"# one\n# two\n\nid,n,x\nk,a,b\nl,c,d\n", 4, 3, id="comments"),
        pytest.param(b"List of 1-2-2024\rid;name;street\r1;a;S 1\r2;b;S 2\r", 2, 3, id="above-lone-cr"),
        pytest.param(b'"EXTF";700;16\r\nKonto;Name;a;b;c;d\r\n7;Acme;;;;\r\n8;Beta;;;;\r\n', 2, 6, id="datev"),
        pytest.param(b"Company,,Address,\nid,name,street,city\n1,a,S 1,x\n2,b,T 2,y\n", 2, 4, id="groups-above"),
    ],
)
def test_the_header_is_found_below_a_title(write: Write, data: bytes, header_row: int, columns: int) -> None:
    got = read(write(data))
    assert (got.info.header_row, len(got.info.columns)) == (header_row, columns)
    assert "passed over" in got.info.notes[0]
    assert got.codes == []
    assert got.numbers[0] == header_row + 1


def test_a_name_that_begins_with_the_sign_of_comments_is_one(write: Write) -> None:
    got = read(write(b"#;Name\n1;Acme\n"))
    assert (got.info.columns, got.cells) == (("#", "Name"), [("1", "Acme")])
    assert read(write(b"# Name\nAcme\nBeta\n")).info.columns == ("# Name",)


def test_a_file_without_names_is_told(write: Write) -> None:
    (note,) = read(write(b"1,Acme,NL\n2,Beta,DE\n")).info.notes
    assert 'looks like data ("1")' in note


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"id,name,country\n", ["not-data"], id="names-again"),
        pytest.param(b"\xef\xbb\xbfid,name,country\n", ["not-data"], id="names-again-behind-a-mark"),
        pytest.param(b'\xef\xbb\xbf"2","a, b",NL\n', [], id="quotes-behind-a-mark"),
        pytest.param(b"--,----,-------\n", ["not-data"], id="line"),
        pytest.param(b"Total rows: 2\n", ["not-data", "missing-cells"], id="total"),
        pytest.param(b",Totaal,12\n", ["not-data"], id="total-further-right"),
        pytest.param(b"Summe,1.200,\n", ["not-data"], id="sum"),
        pytest.param(b"(2 rows)\n", ["not-data", "missing-cells"], id="rows"),
        pytest.param(b"Total,Parijs,FR\n", [], id="a-company-of-that-name"),
        pytest.param(b"Total,Parijs,\n", [], id="a-company-with-little-data"),
        pytest.param(b"Tot,a,NL\n", [], id="another-name"),
        pytest.param(b"2,Total,\n", [], id="a-company-of-that-name-with-an-id"),
        pytest.param(b",Total,\n", [], id="a-name-and-no-sum"),
    ],
)
def test_a_row_that_is_no_data_is_kept_and_told(write: Write, body: bytes, code: list[str]) -> None:
    got = read(write(HEAD + b"1,a,NL\n" + body))
    assert [found for number, found in got.codes if number == 3] == code
    assert got.numbers == [2, 3]


def test_a_mark_inside_of_a_cell_stays(write: Write) -> None:
    data = HEAD + '1,"a\n\ufeffb",NL\n\ufeff2,\ufeffc,NL\n'.encode()
    assert [cells[:2] for cells in read(write(data)).cells] == [("1", "a\n\ufeffb"), ("2", "\ufeffc")]


def test_names_missing_at_the_end_are_no_missing_cells(write: Write) -> None:
    assert read(write(b"id,name,,\n1,a\n2,b\n")).codes == []


def test_a_separator_line_that_the_file_belies_is_refused(write: Write) -> None:
    assert "it is a comma" in refusal(write(b"sep=;\nid,name\n1,a\n"))
    assert read(write(b"sep=;\nid,name\n1,a\n"), ReaderOptions(delimiter=",")).info.columns == ("id", "name")
    assert read(write(b"sep=;\nname\nAcme\n")).info.columns == ("name",)
    assert read(write(b"sep=;\na,b|c\n1,2|3\n")).info.columns == ("a,b|c",)


def test_more_columns_than_a_sheet_has_are_refused(write: Write) -> None:
    assert "has 20,000 cells" in refusal(write(b",".join(b"c%d" % n for n in range(20_000)) + b"\n"))


def test_one_column_is_legal_and_said(write: Write) -> None:
    got = read(write(b"name\nAcme\n\nBeta, Gamma\n"))
    assert got.cells == [("Acme",), ("Beta, Gamma",)]
    assert got.info.delimiter is None
    assert "one column" in got.info.notes[0]


def test_a_sheet_has_no_meaning_for_csv(write: Write) -> None:
    assert '"Blad1" is not looked for' in read(write(HEAD), ReaderOptions(sheet="Blad1")).info.notes[0]


def test_rows_start_anew_and_do_not_disturb_each_other(write: Write) -> None:
    path = write(HEAD + b"1,a,NL\n\n2,b,NL\n3,c,NL\n")
    with open_source(path) as source:
        first, second = source.rows(), source.rows()
        assert [next(first).number, next(second).number, next(first).number] == [2, 2, 4]
        assert [row.number for row in source.rows()] == [2, 4, 5]
        assert source.blank_rows == 1


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files where the system shows them")
def test_the_file_is_released_when_the_reading_stops_early(write: Write) -> None:
    path = write(HEAD + b"1,a,NL\n" * 1000)
    before = open_files()
    with open_source(path) as source:
        assert open_files() == before
        closed, kept = source.rows(), source.rows()
        next(closed), next(kept)
        assert open_files() == before + 2
        closed.close()  # type: ignore[attr-defined]  # a generator, though the contract promises an iterator only
        assert open_files() == before + 1
    assert open_files() == before
    del kept
    gc.collect()


def test_a_file_that_changes_between_two_readings_is_refused(write: Write) -> None:
    path = write(HEAD + b"1,a,NL\n")
    with open_source(path) as source:
        path.write_bytes(HEAD + b"1,a,NL\n2,b,NL\n")
        with pytest.raises(SourceError, match="changed"):
            list(source.rows())


def test_a_file_that_changes_behind_the_clock_is_refused(write: Write) -> None:
    path = write(HEAD + b"1,a,NL\n")
    with open_source(path) as source:
        stamp = path.stat()
        path.write_bytes(HEAD + b"1,\xfc,NL\n")
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        with pytest.raises(SourceError, match="changed"):
            list(source.rows())


def test_a_file_that_disappears_is_named(write: Write) -> None:
    path = write(HEAD + b"1,a,NL\n")
    with open_source(path) as source:
        path.unlink()
        with pytest.raises(SourceError, match="no such file"):
            list(source.rows())


def peak_bytes(path: Path) -> int:
    tracemalloc.start()
    try:
        with open_source(path) as source:
            assert sum(1 for _ in source.rows()) > 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    line = "1,Müller & Söhne,Köln,x,y,z\n" * 1000
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    for path, times in ((small, 5), (large, 250)):
        with path.open("w", encoding="utf-8") as file:
            file.write("id,name,city,a,b,c\n")
            for _ in range(times):
                file.write(line)
    assert peak_bytes(large) < peak_bytes(small) + 4_000_000


@given(st.binary(max_size=60) | st.text('"\\n\\r,;\\\\ aü\x1a', max_size=40).map(str.encode))
def test_any_bytes_are_rows_or_a_reason(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "x.csv"
    path.write_bytes(data)
    try:
        got = read(path)
    except SourceError:
        return
    assert all(len(row.cells) == len(got.info.columns) for row in got.rows)
    assert got.numbers == sorted(set(got.numbers))


ENCODINGS = [
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-7", "cp1252", "cp1250"),
    *(
        "cp1251",
        "cp437",
        "cp850",
        "mac_roman",
        "iso8859-1",
        "iso8859-15",
        "koi8-r",
        "cp932",
        "gb18030",
        "big5",
        "euc_kr",
    ),
]
anything = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\x1a"), max_size=8) | st.sampled_from(
    [
        '"',
        "'",
        '""',
        "a\nb",
        "\r\n",
        ",",
        ";",
        "\t",
        "|",
        " x ",
        "\\",
        '\\"',
        "'x'",
        "12,50",
        "ü€",
        "日本",
        "\0",
        "\u2028",
        "-",
    ]
)


@given(
    table=st.lists(st.lists(anything, min_size=2, max_size=4), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|^"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(ENCODINGS),
)
def test_what_any_writer_writes_in_any_encoding_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    table: list[list[str]],
    delimiter: str,
    quoting: int,
    end: str,
    encoding: str,
) -> None:
    """Told what it is; rows that are no data are kept, and rows of blanks are counted."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    rows = [[cell.encode(encoding, "ignore").decode(encoding) for cell in row] for row in table]
    if end == "\r":  # this writer leaves a bare line feed unquoted then
        rows = [[cell.replace("\n", "") for cell in row] for row in rows]
    writer.writerows([["id", "name", "x"], *rows])
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    try:
        got = read(path, ReaderOptions(encoding=encoding, delimiter=delimiter, header_row=1))
    except SourceError:
        return
    notes = " ".join(got.info.notes)
    told = "backslash" in notes or "quoted with '" in notes or "Blanks before" in notes
    wanted = [tuple((row + [""] * 3)[:3]) for row in rows if not all(map(is_blank, row))]
    if not told and not any(code in {"bad-quotes", "missing-cells", "extra-cells"} for _, code in got.codes):
        assert got.cells == wanted


cells = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\x1a"), max_size=12) | st.sampled_from(
    ['"', '""', "a\nb", "\r\n", ",", ";", "\t", "|", " x ", "\\", '\\"', "sep=;", "=1+1", "007", "\x1a", "ü€"]
)


@given(
    st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8),
    st.sampled_from(",;\t|"),
    st.booleans(),
    st.booleans(),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], delimiter: str, bom: bool, all_quoted: bool
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL)
    writer.writerow(["id", "first", "second", "third"])
    rows = [[f"k{number}", *row] for number, row in enumerate(table)]
    writer.writerows([*rows, ["end", "", "", ""]])
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    got = read(path, ReaderOptions(encoding="utf-8", delimiter=delimiter))
    assert got.cells == [tuple(row) for row in [*rows, ["end", "", "", ""]]]
    assert got.codes == []
    assert got.numbers == list(range(2, len(rows) + 3))
