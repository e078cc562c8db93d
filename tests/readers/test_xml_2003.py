from __future__ import annotations

import datetime as dt
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.model import Code
from importer.readers.book import Flaw
from importer.readers.xml_2003 import read_xml_2003

if TYPE_CHECKING:
    from importer.readers.markup_sheet import MarkupSheet

PATH = Path("companies.xls")
SS = "urn:schemas-microsoft-com:office:spreadsheet"
X = "urn:schemas-microsoft-com:office:excel"
HTML = "http://www.w3.org/TR/REC-html40"


def book(*sheets: str, head: str = "", declaration: str = '<?xml version="1.0"?>') -> str:
    return (
        f'{declaration}<?mso-application progid="Excel.Sheet"?><Workbook xmlns="{SS}" xmlns:ss="{SS}" xmlns:x="{X}" '
        f'xmlns:html="{HTML}">{head}{"".join(sheets)}</Workbook>'
    )


def sheet(rows: str, name: str = "Sheet1", options: str = "", table: str = "") -> str:
    return f'<Worksheet ss:Name="{name}"><Table {table}>{rows}</Table>{options}</Worksheet>'


def data(value: str, kind: str = "String", attributes: str = "") -> str:
    return f'<Cell {attributes}><Data ss:Type="{kind}">{value}</Data></Cell>'


def read(text: str | bytes) -> list[MarkupSheet]:
    return read_xml_2003(text if isinstance(text, bytes) else text.encode(), PATH)


def one(rows: str, head: str = "", table: str = "") -> MarkupSheet:
    (found,) = read(book(sheet(rows, table=table), head=head))
    return found


def cell(text: str, head: str = "") -> object:
    found = one(f"<Row>{text}</Row>", head)
    return found.rows[0][0] if found.rows else None


def style(number_format: str) -> str:
    return f'<Styles><Style ss:ID="s1"><NumberFormat ss:Format={quoteattr(number_format)}/></Style></Styles>'


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("String", "Müller &amp; Söhne", "Müller & Söhne"),
        ("String", "", None),
        ("String", " two  blanks ", " two  blanks "),
        ("String", "a&#10;b&#13;&#10;c", "a\nb\r\nc"),
        ("String", "007", "007"),
        ("String", "<![CDATA[<b> & ]]>x", "<b> & x"),
        ("Number", "42", 42),
        ("Number", " 42 ", 42),
        ("Number", "-12.5", -12.5),
        ("Number", "1.5E3", 1500),
        ("Number", "1E-3", 0.001),
        ("Number", "999999999999999", 999999999999999),
        ("Number", "12345678901234567", 12345678901234567),
        ("Number", "12345678901234500", 1.23456789012345e16),
        ("Number", "-1234567890123456", -1234567890123456),
        ("Number", "1.2345678901234567E16", 1.2345678901234568e16),
        ("Number", "1e400", "1e400"),
        ("Number", "1e999", "1e999"),
        ("Number", "NaN", "NaN"),
        ("Number", "1.234,50", "1.234,50"),
        ("Number", "", None),
        ("DateTime", "2024-02-29T00:00:00.000", dt.date(2024, 2, 29)),
        ("DateTime", "2024-02-29T13:45:30.000", dt.datetime.fromisoformat("2024-02-29T13:45:30")),
        ("DateTime", "2024-02-29", dt.date(2024, 2, 29)),
        ("DateTime", "1899-12-31T08:30:00.000", dt.time(8, 30)),
        ("DateTime", "1899-12-30T08:30:00", dt.time(8, 30)),
        ("DateTime", "1899-12-31T00:00:00.000", dt.time(0, 0)),
        ("DateTime", "1900-02-29T00:00:00.000", "1900-02-29T00:00:00.000"),
        ("DateTime", "2024-02-29T00:00:00.000Z", dt.date(2024, 2, 29)),
        ("DateTime", "2024-02-29T13:45:30+01:00", "2024-02-29T13:45:30+01:00"),
        ("DateTime", "29.02.2024", "29.02.2024"),
        ("Boolean", "1", True),
        ("Boolean", "0", False),
        ("Boolean", "maybe", "maybe"),
        ("Unheard", "of", "of"),
    ],
)
def test_a_cell_has_the_value_of_its_type(kind: str, text: str, value: object) -> None:
    found = cell(data(text, kind))
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(("text", "flawed"), [("-5", True), ("60", True), ("45351", False)])
def test_a_number_formatted_as_a_date_that_is_none_is_told(text: str, *, flawed: bool) -> None:
    styled = data(text, "Number", 'ss:StyleID="s1"')
    found = one(f"<Row>{styled}</Row>", style("yyyy-mm-dd"))
    assert [flaw.value for flaw in found.flaws.get(1, ())] == [int(text)] * flawed


@pytest.mark.parametrize(
    ("number_format", "text", "value"),
    [
        ("00000", "1234", "01234"),
        ("00000", "1234.5", 1234.5),
        ("00000", "123456", "123456"),
        ("00000", "-12", -12),
        ("00000;-00000", "12", "00012"),
        ("0", "12", 12),
        ("0.00", "12", 12),
        ("0.00", "0.5", 0.5),
        ("#,##0", "1234", 1234),
        ("0%", "0.5", 0.5),
        ("00000\\-0000", "123456789", "12345-6789"),
        ('"K-"0000', "42", "K-0042"),
        ("00 000", "1234", "01 234"),
        ("General", "12", 12),
        ("Standard", "12", 12),
        ("Fixed", "12", 12),
        ("Currency", "12", 12),
        ("Euro Currency", "12", 12),
        ("Scientific", "12", 12),
        ("Yes/No", "12", 12),
        ("General Number", "12", 12),
        ('0 "days"', "12", 12),
        ('#,##0.00\\ "EUR"', "12.5", 12.5),
        ("[$-407]#,##0.00", "12.5", 12.5),
        ("[Red]0", "12", 12),
        ("Short Date", "45351", dt.date(2024, 2, 29)),
        ("General Date", "45351.5", dt.datetime.fromisoformat("2024-02-29T12:00")),
        ("dd/mm/yyyy;@", "45351", dt.date(2024, 2, 29)),
        ("[$-407]d\\.\\ mmmm\\ yyyy", "45351", dt.date(2024, 2, 29)),
        ("h:mm AM/PM", "0.5", dt.time(12, 0)),
        ("mm:ss.0", "0.5", dt.time(12, 0)),
        ("[h]:mm", "1.0416666666666667", dt.timedelta(hours=25)),
        ("yyyy", "59", dt.date(1900, 2, 28)),
        ("yyyy", "61", dt.date(1900, 3, 1)),
        ("yyyy", "1e9", 1_000_000_000),
        ("yyyy", "-5", -5),
        ("@", "12", 12),
    ],
)
def test_a_number_is_what_its_format_shows(number_format: str, text: str, value: object) -> None:
    found = cell(data(text, "Number", 'ss:StyleID="s1"'), style(number_format))
    assert (type(found), found) == (type(value), value)


def test_a_duration_is_no_day_of_1900() -> None:
    for text, hours in (("1900-01-01T01:00:00.000", 25), ("1900-03-01T00:00:00.000", 61 * 24)):
        assert cell(data(text, "DateTime", 'ss:StyleID="s1"'), style("[h]:mm")) == dt.timedelta(hours=hours)


def test_the_date_system_of_1904_has_its_own_first_day() -> None:
    head = f'<ExcelWorkbook xmlns="{X}"><Date1904/></ExcelWorkbook>'
    assert cell(data("1904-01-01T08:30:00.000", "DateTime"), head) == dt.time(8, 30)
    assert cell(data("2024-02-29T00:00:00.000", "DateTime"), head) == dt.date(2024, 2, 29)
    number = data("43889", "Number", 'ss:StyleID="s1"')
    assert cell(number, head + style("yyyy-mm-dd")) == dt.date(2024, 2, 29)
    elapsed = data("1904-01-02T01:00:00.000", "DateTime", 'ss:StyleID="s1"')
    assert cell(elapsed, head + style("[h]:mm")) == dt.timedelta(hours=25)


def test_a_style_is_taken_from_parent_row_column_and_table() -> None:
    head = (
        '<Styles><Style ss:ID="Default"/><Style ss:ID="zip"><NumberFormat ss:Format="00000"/></Style>'
        '<Style ss:ID="child" ss:Parent="zip"/><Style ss:ID="loop" ss:Parent="loop"/></Styles>'
    )
    number = data("1", "Number")
    assert cell(data("1", "Number", 'ss:StyleID="child"'), head) == "00001"
    assert cell(data("1", "Number", 'ss:StyleID="loop"'), head) == 1
    assert one(f'<Row ss:StyleID="zip">{number}</Row>', head).rows == [("00001",)]
    assert one(f"<Row>{number}</Row>", head, table='ss:StyleID="zip"').rows == [("00001",)]
    columns = '<Column/><Column ss:Span="1" ss:StyleID="zip"/><Column ss:Index="5" ss:StyleID="zip"/>'
    assert one(f"{columns}<Row>{number * 5}</Row>", head).rows == [(1, "00001", "00001", 1, "00001")]


def test_places_are_those_of_excel() -> None:
    rows = (
        '<Row ss:Index="3"><Cell ss:Index="2"><Data ss:Type="String">B3</Data></Cell>'
        '<Cell ss:MergeAcross="2"><Data ss:Type="String">C3</Data></Cell><Cell><Data ss:Type="String">F3</Data></Cell></Row>'
        '<Row ss:Span="2"/><Row><Cell ss:MergeDown="1"><Data ss:Type="String">A7</Data></Cell><Cell/></Row>'
    )
    found = one(rows, table='ss:ExpandedRowCount="2" ss:ExpandedColumnCount="1"')
    assert found.rows == [(), (), (None, "B3", "C3", None, None, "F3"), (), (), (), ("A7",)]
    assert found.merged == ("C3:E3", "A7:A8")


def test_hidden_rows_and_sheets_are_reported() -> None:
    def options(word: str) -> str:
        return f'<WorksheetOptions xmlns="{X}"><Visible>{word}</Visible><Selected/></WorksheetOptions>'

    rows = '<Row ss:Hidden="1">' + data("a") + '</Row><Row ss:Height="0"/><Row ss:Hidden="1" ss:Span="2"/>'
    sheets = read(
        book(
            sheet(rows, "A", options("SheetHidden")),
            sheet("", "B", options("SheetVeryHidden")),
            sheet("", "C", f'<WorksheetOptions xmlns="{X}"/>'),
        )
    )
    assert [(found.name, found.is_visible, found.hidden_rows) for found in sheets] == [
        ("A", False, 5),
        ("B", False, 0),
        ("C", True, 0),
    ]
    assert sheets[0].rows == [("a",)]


def test_errors_and_formulas_without_a_result_are_flaws() -> None:
    cells = (
        data("#N/A", "Error")
        + data("3", "Number", 'ss:Formula="=1+2"')
        + '<Cell ss:Formula="=1+2"/>'
        + data("", "Number", 'ss:Formula="=1+2"')
        + data("", "String", "ss:Formula='=\"\"'")
        + data("#DIV/0!", "Error", 'ss:Formula="=1/0"')
        + data("#N/A")
    )
    found = one(f"<Row>{cells}</Row><Row ss:Index='4'><Cell ss:Formula='=A1'/></Row>")
    assert found.rows == [(None, 3, None, None, None, None, "#N/A"), (), (), ()]
    assert found.flaws == {
        1: [
            Flaw(0, Code.ERROR_CELL, "#N/A"),
            Flaw(2, Code.NO_STORED_RESULT),
            Flaw(3, Code.NO_STORED_RESULT),
            Flaw(5, Code.ERROR_CELL, "#DIV/0!"),
        ],
        4: [Flaw(0, Code.NO_STORED_RESULT)],
    }


def test_rich_text_is_joined_and_comments_are_left_out() -> None:
    rich = (
        f'<Cell><ss:Data ss:Type="String" xmlns="{HTML}"><B>Acme</B> <Font html:Color="#FF0000">B<I>V</I></Font><Br/>x</ss:Data>'
        f'<Comment ss:Author="me"><ss:Data xmlns="{HTML}"><B>me:</B>no</ss:Data></Comment>'
        '<PhoneticText xmlns="urn:schemas-microsoft-com:office:excel">no</PhoneticText><NamedCell ss:Name="x"/></Cell>'
    )
    assert cell(rich) == "Acme BV\nx"


def test_prefixes_do_not_matter_and_namespaces_do() -> None:
    text = (
        f'<q:Workbook xmlns:q="{SS}"><q:Worksheet q:Name="S"><q:Table><q:Row><q:Cell q:Index="2"><q:Data q:Type="Number">'
        '7</q:Data></q:Cell></q:Row></q:Table><Table xmlns="urn:other"><Row><Cell><Data>no</Data></Cell></Row></Table>'
        "</q:Worksheet></q:Workbook>"
    )
    assert read(text)[0].rows == [(None, 7)]
    bare = f'<Workbook xmlns="{SS}"><Worksheet Name="S"><Table><Row><Cell Index="2"><Data Type="Number">7</Data></Cell></Row></Table></Worksheet></Workbook>'
    assert (read(bare)[0].name, read(bare)[0].rows) == ("S", [(None, 7)])


def test_sheets_without_a_name_and_of_one_name_are_told_apart() -> None:
    sheets = read(book("<Worksheet/>", sheet("", "A"), sheet("", "A")))
    assert [found.name for found in sheets] == ["Sheet 1", "A", "A [2]"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16", "cp1250", "shift_jis"]
)
def test_every_declared_encoding_is_read(encoding: str) -> None:
    name = "株式" if encoding == "shift_jis" else "Müller"
    text = book(
        sheet(f"<Row>{data(name)}</Row>"),
        declaration=f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>',
    )
    assert read(text.encode(encoding))[0].rows == [(name,)]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8"])
def test_utf_16_is_told_by_its_bytes_and_not_by_a_wrong_claim(encoding: str) -> None:
    text = book(sheet(f"<Row>{data('Müller')}</Row>"), declaration='<?xml version="1.0" encoding="utf-16"?>')
    assert read(text.encode(encoding))[0].rows == [("Müller",)]


def test_blanks_before_the_declaration_do_no_harm() -> None:
    assert read("\r\n\n " + book(sheet(f"<Row>{data('a')}</Row>")))[0].rows == [("a",)]
    assert read(b" " * (3 << 20) + book(sheet(f"<Row>{data('a')}</Row>")).encode())[0].rows == [("a",)]


GOOD = book(sheet(f"<Row>{data('a')}</Row>"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cut off"),
        (GOOD[:-40], 'sheet "Sheet1".*cut off'),
        (GOOD[:-2], "cut off"),
        (GOOD.replace("<Row>", "<Row><Cell>"), 'line 1, sheet "Sheet1", row 1: .*no XML'),
        (GOOD.replace(">a<", ">a & b<"), "no XML"),
        (GOOD.replace(">a<", ">&#1;<"), "no XML"),
        (GOOD.replace(">a<", ">&nbsp;<"), "no XML"),
        ("<a/>", "no worksheet"),
        ("not at all", "no XML"),
        (b'<?xml version="1.0" encoding="utf-8"?>' + GOOD[21:].replace(">a<", ">ü<").encode("cp1252"), "encoding"),
        (GOOD.replace('"1.0"', '"1.0" encoding="utf-7"'), 'encoding "utf-7"'),
        (GOOD.replace('"1.0"', '"1.0" encoding="klingon"'), 'encoding "klingon"'),
        (GOOD.replace('"1.0"', '"1.0" encoding="base64"'), 'encoding "base64"'),
        (GOOD.replace("<Row>", '<Row ss:Index="0">'), "comes after"),
        (GOOD.replace("<Row>", '<Row ss:Index="x">'), "no count"),
        (GOOD.replace("<Row>", '<Row ss:Index="-1">'), "no count"),
        (GOOD.replace("<Row>", '<Row ss:Index="1048577">'), "outside a sheet"),
        (GOOD.replace("<Row>", '<Row ss:Index="1000000000">'), "outside a sheet"),
        (GOOD.replace("<Row>", f'<Row ss:Index="{"9" * 5000}">'), "no count"),
        (GOOD.replace("<Row>", '<Row ss:Index="2"/><Row ss:Index="2">'), "row 2 comes after row 2"),
        (GOOD.replace("<Cell ", '<Cell ss:Index="1000000000" '), "outside a sheet"),
        (GOOD.replace("<Cell ", '<Cell ss:Index="0" '), "comes after"),
        (GOOD.replace("<Cell ", '<Cell ss:Index="2"/><Cell ss:Index="2" '), "comes after"),
        (GOOD.replace("<Cell ", '<Cell ss:MergeAcross="16384" '), "outside a sheet"),
        (GOOD.replace("</Data>", '</Data><Data ss:Type="String">b</Data>'), "two values"),
        (GOOD.replace(">a<", f">{'a' * (1 << 20)}a<"), "cell A1: .*1,048,577 characters"),
        (GOOD.replace(">a<", ">" + "<b>" * 60_000 + "<"), "nested"),
        (GOOD.replace("<Row>", f"<!--{' ' * (20 << 20)}--><Row>"), "a tag has more than"),
        (GOOD.replace("<Work", '<!DOCTYPE a [<!ENTITY x "x">]><Work', 1), "document type"),
        (GOOD.replace("<Work", '<!DOCTYPE a SYSTEM "file:///etc/hostname"><Work', 1), "document type"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_where(text: str | bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read(text)
    assert str(caught.value).startswith("companies.xls")
    assert "Traceback" not in str(caught.value)


def test_billion_laughs_and_outside_entities_are_refused_at_once() -> None:
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "lol"}">' for i in range(10))
    outside = '<!ENTITY xxe SYSTEM "file:///etc/hostname">'
    for entities, used in ((laughs, "&a9;"), (outside, "&xxe;")):
        text = book(sheet(f"<Row>{data(used)}</Row>")).replace("<Workbook", f"<!DOCTYPE x [{entities}]><Workbook")
        with pytest.raises(SourceError, match="document type"):
            read(text)


def test_a_far_row_costs_nothing() -> None:
    started = time.process_time()
    found = one('<Row ss:Index="1048576"><Cell ss:StyleID="s1"/></Row>')
    assert found.rows == []
    rows = one(f'<Row ss:Index="1048576">{data("end")}</Row>').rows
    assert (len(rows), rows[-1]) == (1_048_576, ("end",))
    assert time.process_time() - started < 10


def test_a_wide_sheet_of_few_cells_is_refused_before_it_fills_the_memory() -> None:
    row = '<Row><Cell ss:Index="16384"><Data ss:Type="Number">1</Data></Cell></Row>'
    text = book(sheet(row * 2_000)).encode()
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="more than 20,000,000 cells"):
            read(text)
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=20
)
values = st.one_of(
    st.none(),
    texts.filter(bool),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer()),
    st.dates(dt.date(1901, 1, 1)),
    st.datetimes(dt.datetime.fromisoformat("1901-01-01")).filter(lambda moment: moment.time() != dt.time()),
    st.times(),
)


def written(value: object) -> str:
    match value:
        case None:
            return "<Cell/>"
        case bool():
            return data(str(int(value)), "Boolean")
        case int() | float():
            return data(repr(value), "Number")
        case dt.time():
            return data(f"1899-12-31T{value.isoformat()}", "DateTime")
        case dt.date():
            return data(value.isoformat(), "DateTime")
        case _:
            return data(escape(str(value)))


def without_end(row: list[object]) -> tuple[object, ...]:
    while row and row[-1] is None:
        row = row[:-1]
    return tuple(row)


@given(st.lists(st.lists(values, max_size=5), max_size=5))
def test_what_is_written_reads_back(table: list[list[object]]) -> None:
    rows = [without_end(row) for row in table]
    while rows and not rows[-1]:
        rows.pop()
    text = "".join(f"<Row>{''.join(map(written, row))}</Row>" for row in table)
    assert one(text).rows == rows


pieces = st.sampled_from(
    [
        "<Row>",
        "</Row>",
        "<Cell>",
        "</Cell>",
        '<Data ss:Type="Number">',
        '<Data ss:Type="DateTime">',
        "</Data>",
        "<Table>",
        "</Table>",
        "&",
        "&amp;",
        "<",
        "1",
        "x\n    ",
        "2024-01-01",
        "</Worksheet>",
        '<Worksheet ss:Name="a">',
        '<Row ss:Index="9">',
        '<Cell ss:Index="3" ss:MergeDown="2">',
        "<!--",
        "-->\n    ",
        '<Cell ss:Formula="=1"/>',
        "<![CDATA[",
        "]]>",
        "ü",
        "\x00",
    ]
)


@given(st.lists(pieces, max_size=30), st.booleans())
def test_no_text_does_more_than_be_refused(parts: list[str], is_closed: bool) -> None:
    with suppress(SourceError):
        read(book("".join(parts)) if is_closed else "".join(parts))


@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_no_bytes_do_more_than_be_refused(junk: bytes, place: int) -> None:
    before, after = GOOD[:place].encode(), GOOD[place:].encode()
    for text in (junk, before + junk, before + junk + after):
        with suppress(SourceError):
            read(text)
