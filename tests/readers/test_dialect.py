from __future__ import annotations

import pytest

from importer.errors import SourceError
from importer.readers.dialect import Dialect, detect_dialect, known_delimiter, open_quote, separator_line


def detect(text: str, delimiter: str | None = None, *, is_whole: bool = True) -> Dialect:
    return detect_dialect(text.splitlines(keepends=True), delimiter, place="x.csv, line 1", is_whole=is_whole)


DECIMALS = "id;Betrag;Rabatt\n" + "1;2,50;3,5\n" * 30


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        pytest.param("a;b;c\n1;2;3\n", Dialect(";"), id="semicolon"),
        pytest.param("a,b,c\n1,2,3\n", Dialect(","), id="comma"),
        pytest.param("a\tb\tc\n1\t2\t3\n", Dialect("\t"), id="tab"),
        pytest.param("a|b|c\n1|2|3\n", Dialect("|"), id="bar"),
        pytest.param(DECIMALS, Dialect(";"), id="decimal-commas"),
        pytest.param('"a, b";"c"\n"1, 2";"3"\n', Dialect(";"), id="commas-in-quotes"),
        pytest.param("a;b;c\n" + "1;x, y, z, z;3\n" * 3, Dialect(";"), id="wider-but-not-in-the-header"),
        pytest.param("a;b;c, d\n" + "1;x, y, z, z;3\n" * 10, Dialect(";"), id="wider-than-its-header"),
        pytest.param("a,b\n" * 3 + "1;2\n", Dialect(","), id="one-row-out-of-line"),
        pytest.param("id,name,country\n1,Acme\n2,Beta,DE,extra,more\n", Dialect(","), id="ragged-and-short"),
        pytest.param("name\nAcme\nBeta\n", Dialect(None), id="one-column"),
        pytest.param("name\nAcme\nBeta, Gamma & Co\nDelta\n", Dialect(None), id="one-column-with-a-comma"),
        pytest.param("name\n", Dialect(None), id="one-header"),
        pytest.param("", Dialect(None), id="nothing"),
        pytest.param('a,b\n1,"x"y\n' * 2, Dialect(","), id="quotes-that-do-not-match"),
        pytest.param('a,b,c\n1, "Acme, Inc",NL\n', Dialect(",", blank_before_quote=True), id="blank-before-quote"),
        pytest.param('a,b\n1, "Acme"\n2, "Beta"\n', Dialect(",", blank_before_quote=True), id="blank-and-no-comma"),
        pytest.param('a;b\n1;"say; ""hello"""\n2; x\n', Dialect(";"), id="blank-before-a-quote-inside-of-quotes"),
        pytest.param('a,b,c\n1,"Ac\\"me, x",NL\n', Dialect(",", backslash_escapes=True), id="backslash-escapes"),
        pytest.param('a,b\n"C:\\dir\\","x"\n', Dialect(","), id="backslash-at-the-end-of-a-value"),
        pytest.param('a;b;c\n1;"""\\";";0"\n', Dialect(";"), id="quotes-written-twice-beside-a-backslash"),
        pytest.param(
            'a;b;c\n1;"x\\"";""\n', Dialect(";", backslash_escapes=True), id="an-escaped-quote-at-the-end-of-a-cell"
        ),
        pytest.param("# a note\na,b\n1,2\n3\n4,5,6\n", Dialect(","), id="uneven-below-a-comment"),
        pytest.param("\n\n;;\na;b;c\n1;2;3\n", Dialect(";"), id="blank-rows-do-not-count"),
        pytest.param("Export, of today\n\nid;name;x\n1;2;3\n4;5;6\n", Dialect(";"), id="below-a-title"),
        pytest.param("Export\n'id','tel'\n'1, 2','3'\n'4','5'\n", Dialect(",", quote="'"), id="apostrophes-below"),
        pytest.param("'a','b'\n'1','x, y'\n", Dialect(",", quote="'"), id="apostrophes"),
        pytest.param("a,b\n1,'x, y'\n2,'z, z'\n", Dialect(",", quote="'"), id="apostrophes-of-some"),
        pytest.param("a,b\n1,'t Hof\n2,'s Gravenland\n", Dialect(","), id="apostrophes-of-dutch"),
        pytest.param("a,b\n1,'x'\n2,y\n3,z\n", Dialect(","), id="one-cell-in-apostrophes"),
        pytest.param("a,b\n1,'x'\n2,\"y\"\n3,'z'\n", Dialect(","), id="apostrophes-inside-of-quotes"),
        pytest.param("a,b,c\n1,A\\, Inc,x\n2,B,y\n", Dialect(",", backslash_escapes=True), id="escaped-delimiter"),
        pytest.param('a,b\n1,5\\" pipe\n', Dialect(",", backslash_escapes=True), id="escaped-quote-in-a-bare-cell"),
        pytest.param('a,b\nC:\\dir,5\\" pipe\n', Dialect(","), id="backslashes-of-both-kinds"),
        pytest.param("'a','b'\n", Dialect(",", quote="'"), id="apostrophes-around-names-alone"),
        pytest.param("'a','b'\n'1','5\" x'\n", Dialect(",", quote="'"), id="apostrophes-around-a-quote"),
        pytest.param("a^b\n1^2\n", Dialect("^"), id="rare"),
        pytest.param("a\x1fb\n1\x1f2\n", Dialect("\x1f"), id="unit-separator"),
        pytest.param("a^b\n12\n", Dialect(None), id="rare-and-not-in-every-row"),
        pytest.param("a:b:c\n1:2:3\n", Dialect(None), id="colons-are-asked-for"),
        pytest.param(";;\n;;\n", Dialect(";"), id="nothing-but-delimiters"),
    ],
)
def test_the_dialect_is_found_by_the_shape_of_the_rows(text: str, dialect: Dialect) -> None:
    assert detect(text) == dialect


def test_a_sample_that_ends_inside_a_cell_is_no_fault() -> None:
    assert detect('a;b\n1;2\n3;"x\n', is_whole=False) == Dialect(";")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a;b,c\n1;2,3\n", "a semicolon and a comma", id="tie"),
        pytest.param("name\n" + "Last, First\n" * 20, "the first row has one cell", id="all-rows-but-the-header"),
        pytest.param("Export of today\n\nfoo;bar;x\na;b;c\nd;e;f\n", "source.header_row", id="banner"),
        pytest.param("id;name;x\n1,2,3\n4,5,6\n", "a semicolon sets the names", id="header-set-apart-otherwise"),
    ],
)
def test_what_the_shape_cannot_settle_is_asked(text: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        detect(text)
    assert words in str(caught.value)
    assert "source.delimiter" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        pytest.param("a;b,c\n1;2,3\n", Dialect(","), id="settles-a-tie"),
        pytest.param("name\nAcme, Inc\n", Dialect("\t"), id="one-column"),
        pytest.param("", Dialect("\t"), id="nothing"),
        pytest.param('a,b,c\n1, "Acme, Inc",NL\n', Dialect(",", blank_before_quote=True), id="spoiled-all-the-same"),
    ],
)
def test_a_delimiter_that_is_known_is_kept(text: str, dialect: Dialect) -> None:
    assert detect(text, dialect.delimiter) == dialect


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        pytest.param(";", ";", id="character"),
        pytest.param("\t", "\t", id="tab"),
        pytest.param("tab", "\t", id="word"),
        pytest.param("\\t", "\t", id="escape"),
        pytest.param("^", "^", id="unusual"),
        pytest.param(";;", None, id="two"),
        pytest.param("", None, id="none"),
        pytest.param("a", None, id="letter"),
        pytest.param('"', None, id="quote"),
        pytest.param("\n", None, id="line-break"),
    ],
)
def test_a_delimiter_is_one_character_that_is_no_text(text: str, delimiter: str | None) -> None:
    assert known_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        pytest.param("sep=;\r\n", ";", id="excel"),
        pytest.param('"sep=,"\n', ",", id="quoted"),
        pytest.param("SEP=\t\n", "\t", id="tab"),
        pytest.param("sep=x\n", None, id="letter"),
        pytest.param("sep=;;\n", None, id="two"),
        pytest.param("separator;name\n", None, id="header"),
    ],
)
def test_the_separator_line_of_excel_is_read(line: str, delimiter: str | None) -> None:
    assert separator_line(line) == delimiter


@pytest.mark.parametrize(
    ("lines", "strictly", "leniently"),
    [
        pytest.param(['1,"a",b\n'], None, None, id="closed"),
        pytest.param(['1,"a,b\n'], 7, 7, id="open"),
        pytest.param(['1,"a\n', 'b",c\n'], None, None, id="closed-later"),
        pytest.param(['1,"a\n', 'b","c\n', "d\n"], 8, 8, id="second-cell-open"),
        pytest.param(['1,"a"x,b\n'], 7, None, id="text-behind"),
        pytest.param(['1,"a"x,"b\n'], 7, 7, id="text-behind-and-open"),
        pytest.param(['1,"a\n', '2,"b",c\n'], 7, None, id="closed-by-the-next-row"),
        pytest.param(['1,"a ""b"" c",""\n'], None, None, id="doubled"),
        pytest.param(['1,5" pipe\n'], None, None, id="inside-a-bare-cell"),
    ],
)
def test_an_open_quote_is_placed_at_its_line(lines: list[str], strictly: int | None, leniently: int | None) -> None:
    assert open_quote(lines, 7, Dialect(","), strict=True) == strictly
    assert open_quote(lines, 7, Dialect(","), strict=False) == leniently


def test_an_escaped_quote_does_not_close() -> None:
    escaped = Dialect(",", backslash_escapes=True)
    assert open_quote(['1,"a\\"b",c\n'], 1, escaped, strict=True) is None
    assert open_quote(['1,"a\\"\n'], 1, escaped, strict=True) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a:b:c\n1:2:3\n", "a colon sets the cells apart", id="colon"),
        pytest.param('"a,b"\n"1,2"\n', "quoted as a whole", id="quoted-twice"),
        pytest.param("a b\nc d\n", "", id="two-words"),
        pytest.param("List\na,b,c\nx,y,z\nu,v,w,\n", "of lines below apart", id="below-a-title"),
        pytest.param('"Doe, John"\n"x"\n', "", id="commas-in-some"),
    ],
)
def test_another_reading_of_one_column_is_told(text: str, words: str) -> None:
    found = detect(text)
    assert found.delimiter is None
    assert (words in found.hint) if words else not found.hint


def test_a_backslash_that_escapes_nothing_stays() -> None:
    escaped = Dialect(",", backslash_escapes=True)
    line = r'\N,C:\dir,"say \"hi\"",a\, b,c\\d'
    assert list(escaped.reader([line])) == [["\\N", "C:\\dir", 'say "hi"', "a, b", "c\\d"]]


def test_what_is_unusual_is_told() -> None:
    assert Dialect(";").notes == ()
    assert len(Dialect(None, blank_before_quote=True, backslash_escapes=True).notes) == 3
