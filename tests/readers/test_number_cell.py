"""What a number is that has a format: the same, whichever spreadsheet format it is written in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import pytest

from importer.readers.number_cell import number_of, rounded_columns
from tests.readers import xls_files, xlsb_files
from tests.readers.trap_files import HEAD, NS, patch, read, xml_sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.readers.conftest import Write

FORMATS: tuple[tuple[str, float, object], ...] = (
    ("General", 1234, 1234),
    ("0", 1234, 1234),
    ("00000", 1234, "01234"),
    ("00000", 1234.5, 1234.5),
    ("00000", -12, -12),
    ("00000", 123456, "123456"),
    ("00000;[Red]-00000", 12, "00012"),
    ("[$-413]00000", 1234, "01234"),
    ("[<=9999]0000;00000", 12, "0012"),
    ("00000-0000", 123456789, "12345-6789"),
    ('"K-"0000', 42, "K-0042"),
    ("#,##0.00", 12.5, 12.5),
    ('0 "days"', 12, 12),
    ("0 Stk", 12, 12),
    ("# ##0 Kčs", 12, 12),
    ("0%", 0.5, 0.5),
    ("0.00E+00", 12.5, 12.5),
    ("Fixed", 12.5, 12.5),
    ("Standard", 12, 12),
    ("Yes/No", 1, 1),
    ("General Date", 45351.5, dt.datetime.fromisoformat("2024-02-29T12:00")),
    ("Short Date", 45351, dt.date(2024, 2, 29)),
    ("Long Time", 0.5, dt.time(12)),
    ("yyyy-mm-dd", 45351, dt.date(2024, 2, 29)),
    ("[$-407]d. mmmm yyyy", 45351, dt.date(2024, 2, 29)),
    ("yyyy-mm-dd", 1, dt.date(1900, 1, 1)),
    ("yyyy-mm-dd", 60, 60),
    ("yyyy-mm-dd", 0, 0),
    ("yyyy-mm-dd", -5, -5),
    ("yyyy-mm-dd", 2958466, 2958466),
    ("h:mm AM/PM", 0.5, dt.time(12)),
    ("mm:ss.0", 0.5, dt.time(12)),
    ("hh:mm:ss,000", 0.5, dt.time(12)),
    ("[h]:mm", 1.25, dt.timedelta(hours=30)),
    ("[ss].00", 0.5, dt.timedelta(hours=12)),
)


def xlsx(code: str, number: float) -> bytes:
    styles = (
        f'<styleSheet {NS}><numFmts><numFmt numFmtId="170" formatCode={quoteattr(code)}/></numFmts>'
        '<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="170" xfId="0"/>'
        "</cellXfs></styleSheet>"
    )
    cells = f'{HEAD}<row r="2"><c r="A2" s="1"><v>{number!r}</v></c></row>'
    return patch(xml_sheet(cells), {"xl/styles.xml": styles.encode()})


def xls(code: str, number: float) -> bytes:
    rows = xls_files.text(0, 0, "id") + xls_files.text(0, 1, "name") + xls_files.number(1, 0, number, 1)
    return xls_files.container(xls_files.stream(xls_files.Sheet("Data", rows), looks=("General", code)))


def xlsb(code: str, number: float) -> bytes:
    rows = xlsb_files.line(0) + xlsb_files.text(0, "id") + xlsb_files.text(1, "name")
    rows += xlsb_files.line(1) + xlsb_files.real(0, number, 1)
    return xlsb_files.xlsb(("Data", 0, rows), looks=("General", code))


def xml_2003(code: str, number: float) -> bytes:
    ss = "urn:schemas-microsoft-com:office:spreadsheet"
    head = '<Row><Cell><Data ss:Type="String">id</Data></Cell><Cell><Data ss:Type="String">name</Data></Cell></Row>'
    cell = f'<Cell ss:StyleID="s1"><Data ss:Type="Number">{number!r}</Data></Cell>'
    return (
        f'<?xml version="1.0"?><Workbook xmlns="{ss}" xmlns:ss="{ss}"><Styles><Style ss:ID="s1"><NumberFormat '
        f'ss:Format={quoteattr(code)}/></Style></Styles><Worksheet ss:Name="S"><Table>{head}<Row>{cell}</Row></Table>'
        "</Worksheet></Workbook>"
    ).encode()


def html(code: str, number: float) -> bytes:
    cell = f"<td x:num={quoteattr(repr(number))} data-z={quoteattr(code)}>{escape(repr(number))}</td>"
    return f"<table><tr><td>id</td><td>name</td></tr><tr>{cell}<td></td></tr></table>".encode()


@pytest.mark.parametrize("build", [xlsx, xls, xlsb, xml_2003, html])
@pytest.mark.parametrize(("code", "number", "cell"), FORMATS)
def test_a_number_is_the_same_in_every_spreadsheet_format(
    write: Write, build: Callable[[str, float], bytes], code: str, number: float, cell: object
) -> None:
    got = read(write(build(code, number))).cells[0][0]
    assert (type(got), got) == (type(cell), cell)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("42", 42),
        ("-7", -7),
        ("4.2E1", 42),
        (".5", 0.5),
        ("1.", 1),
        ("12345678901234567", 12345678901234567),
        ("1e15", 1e15),
        ("1e999", None),
        ("1" * 401, None),
        ("1,5", None),
        ("0x10", None),
        ("", None),
    ],
)
def test_a_number_is_read_as_it_is_stored(text: str, number: float | None) -> None:
    assert (type(number_of(text)), number_of(text)) == (type(number), number)


def test_a_column_of_rounded_numbers_is_told_from_one_of_ids() -> None:
    long = [(0, 1234567890123450), (1, 1234567890123450), (1, 1234567890123457), (2, -1234567890123450)]
    assert rounded_columns(long) == {0, 2}
