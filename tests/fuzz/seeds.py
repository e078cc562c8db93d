"""Makes the small files that fuzzing begins with: each shows the readers a part of their formats that others do not."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import struct
import zipfile

import openpyxl

from tests.readers import ods_files, xls_files, xlsb_files
from tests.readers.trap_files import BODY, NS, saved

__all__ = [
    "csv_files",
    "html_files",
    "ods_contents",
    "ods_package",
    "packed_files",
    "sheets_of_xlsx",
    "xls_workbooks",
    "xlsb_workbook",
    "xlsx_workbook",
    "xml_2003_files",
]

_ROWS = ("id;name;zip", "1;Müller GmbH;01234", '2;"Alpha; ""Beta""\nGamma";5678', "3;Ångström AB;", "", "Total;3;")
_EXCEL = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
_CELLS = (
    (
        '<c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><r><t>a </t></r><r><t xml:space="preserve"> b</t></r>'
        '<rPh sb="0" eb="1"><t>z</t></rPh></is></c><c r="D1" t="str"><f>"x"</f><v>x</v></c>'
    ),
    '<c r="A2" s="1"><v>45351.5</v></c><c r="B2" t="e"><v>#N/A</v></c><c r="C2" t="b"><v>1</v></c><c r="D2"><f>1+1</f></c>',
    '<c><v>12345678901234567</v></c><c s="2"><v>1E+300</v></c><c t="d"><v>2024-02-29T13:45:30Z</v></c>',
)


def csv_files() -> list[bytes]:
    """Give texts in the encodings, delimiters and line ends that are told apart, and with the usual damage."""
    semicolons = "\r\n".join(_ROWS)
    texts = [
        semicolons.replace(";", delimiter).replace("\r\n", end)
        for delimiter, end in ((";", "\r\n"), (",", "\n"), ("\t", "\r"), ("|", "\r\r\n"))
    ]
    texts += ["sep=;\r\n" + semicolons, "Export of today\r\n\r\n" + semicolons, 'a;b\n1;"open\n2;x', "a;b\n1;2;3\n4"]
    texts += [
        'a, b\n1, "x, y"\n2, "z"\n',
        r"a,b" + "\n" + r'1,"say \"x\", y"' + "\n",
        "name\nx\ny\n",
        "a;a;;b \n1;2;3;4\n",
    ]
    files = [text.encode() for text in texts]
    files += [semicolons.encode(name) for name in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "mac_roman")]
    return [*files, b"a;b\n1;\x00\n", b"a;b\n1;2\n\x1a", semicolons.encode() + b"\n\xfc;\xe4\n", b"a;b\n" + b"x" * 3000]


def html_files() -> list[bytes]:
    """Give pages with the tables that programs save as .xls."""
    office = 'xmlns:x="urn:schemas-microsoft-com:office:excel"'
    style = "<style>.z{mso-number-format:'00000';} .h{display:none}</style>"
    tables = (
        "<table><tr><th>Name<th>Zip<tr><td>M&uuml;ller<td class=z x:num='1234'>01234</table>",
        "<table><thead><tr><th colspan=2>Both<th>C</thead><tbody><tr><td rowspan=2>1<td>2<td>3<tr><td>4<td>5</table>",
        (
            "<table><caption>T</caption><tr><td>a<br>b &amp; &#8364; &bogus;<td style='display:none'>x"
            "<td><table><tr><td>inner</table><tr class=h><td>gone</table>"
        ),
    )
    page = f"<html {office}><head><meta charset=utf-8>{style}</head><body>"
    pages = [f"{page}{table}</body></html>".encode() for table in tables]
    mhtml = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; '
        b'charset="us-ascii"\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: a.htm\r\n\r\n'
        b"<html><table><tr><td>a=\r\nb<td>=C3=BC</table></html>\r\n--b--\r\n"
    )
    return [*pages, pages[0].decode().encode("utf-16"), tables[0].encode("latin-1"), mhtml]


def xml_2003_files() -> list[bytes]:
    """Give workbooks in the XML of Excel 2003 with gaps, spans, types, styles and several sheets."""
    styles = '<Styles><Style ss:ID="z"><NumberFormat ss:Format="00000"/></Style></Styles>'
    rows = (
        '<Row><Cell><Data ss:Type="String">id</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">zip</Data></Cell></Row>'
        '<Row ss:Index="4" ss:Hidden="1"><Cell ss:StyleID="z"><Data ss:Type="Number">1234</Data></Cell>'
        '<Cell ss:MergeAcross="1" ss:MergeDown="1"><Data ss:Type="DateTime">2024-02-29T00:00:00.000</Data></Cell></Row>'
        '<Row ss:Span="2"><Cell><Data ss:Type="Boolean">1</Data></Cell><Cell ss:Formula="=1/0"><Data ss:Type="Error">'
        '#DIV/0!</Data></Cell><Cell><ss:Data ss:Type="String"><B>rich</B> text</ss:Data><Comment><Data>no</Data></Comment>'
        '</Cell><Cell ss:Formula="=R1C1"/></Row>'
    )
    sheets = f'<Worksheet ss:Name="A"><Table>{rows}</Table></Worksheet><Worksheet ss:Name="B"><Table/></Worksheet>'
    book = f"<Workbook {_EXCEL}>{styles}{sheets}</Workbook>"
    return [
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>{book}'.encode(),
        f'<?xml version="1.0" encoding="UTF-16"?>{book}'.encode("utf-16"),
        f'<?xml version="1.0" encoding="windows-1252"?>{book.replace("rich", "rïch")}'.encode("cp1252"),
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>{book.replace("rich", "&a;")}'.encode(),
    ]


def xlsx_workbook() -> bytes:
    """Make a workbook with shared strings, styles, a merged area and a hidden sheet, as openpyxl writes it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (("id", "name", "since"), (1, "Alpha", dt.date(2024, 2, 29)), (1234, " Beta ", dt.time(8, 30))):
        sheet.append(list(row))
    sheet["A3"].number_format = "00000"
    sheet.merge_cells("B3:B4")
    book.create_sheet("hidden").sheet_state = "hidden"
    return saved(book)


def sheets_of_xlsx() -> list[bytes]:
    """Give sheets whose cells say their values in the ways that are read differently."""
    rows = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(_CELLS, 1))
    tail = '<row r="9" hidden="1"><c r="XFD9" s="1"/></row>'
    bodies = (rows + tail, BODY, rows.replace(' r="', ' q="'), rows.replace("<c", "<x:c").replace("</c", "</x:c"))
    merged = '<mergeCells count="1"><mergeCell ref="A2:B3"/></mergeCells>'
    return [
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet {NS} xmlns:x="urn:x"><dimension ref="A1"/><sheetData>'
        f"{body}</sheetData>{merged}</worksheet>".encode()
        for body in bodies
    ]


def ods_contents() -> list[bytes]:
    """Give the content of spreadsheets with repeated rows and cells, each kind of value, and hidden parts."""
    cell, row, sheet = ods_files.cell, ods_files.row, ods_files.sheet
    values = row(
        cell("01234", value_type="float", value="1234"),
        cell("12.5 %", value_type="percentage", value="0.125"),
        cell("29-02-24", value_type="date", date_value="2024-02-29T13:45:30"),
        cell("25:00", value_type="time", time_value="PT25H00M00S"),
        cell("TRUE", value_type="boolean", boolean_value="true"),
        cell("#N/A", 'calcext:value-type="error"', value_type="string", string_value=""),
        cell("", 'table:formula="of:=1+1"'),
        '<table:covered-table-cell table:number-columns-repeated="3"/>',
    )
    data = sheet(
        row("id", "name", "x\ny"), row("1", "a", attributes='table:number-rows-repeated="5"'), values,
        row(cell("", 'table:number-columns-repeated="16384"'), attributes='table:number-rows-repeated="1048570"'),
    )  # fmt: skip
    gone = sheet(row("x"), row("y", attributes='table:visibility="collapse"'), name="No", style="gone")
    return [ods_files.fods(data, gone), ods_files.fods(gone, data), ods_files.fods(data).replace(b"><", b">\n <")]


def ods_package(content: bytes) -> bytes:
    """Wrap content as a spreadsheet file."""
    return ods_files.package(content)


def packed_files() -> list[bytes]:
    """Give a text packed by gzip, and alone in a zip archive."""
    text, out = "\n".join(_ROWS).encode(), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("companies.csv"), text)
    return [gzip.compress(text, mtime=0), out.getvalue()]


def xls_workbooks() -> list[bytes]:
    """Give workbooks of BIFF8, in their container and bare, with each kind of cell."""
    made = xls_files
    cells = (
        made.text(0, 0, "id") + made.text(0, 2, "näme") + made.number(1, 0, 1234.0, 1) + made.number(2, 0, 45351.5, 2)
        + made.boolean(1, 1, value=True) + made.error(2, 1, 42) + made.hidden_row(2) + made.merged(1, 2, 2, 2)
        + made.formula(3, 0, struct.pack("<d", 2.5)) + made.formula(3, 1, b"\x02\x00\x2a\x00\x00\x00\xff\xff")
    )  # fmt: skip
    content = made.stream(made.Sheet("A", cells), made.Sheet("B", made.text(0, 0, "x"), visibility=1))
    return [content, made.container(content), made.container(content[:-40])]


def xlsb_workbook() -> bytes:
    """Make a binary workbook with each kind of cell."""
    made = xlsb_files
    cells = (
        made.line(0) + made.text(0, "id") + made.rich(1, "näme") + made.shared(2, 0)
        + made.line(1) + made.rk(0, 1234 << 2 | 2, 1) + made.real(1, 45351.5, 2) + made.boolean(2, value=True)
        + made.line(2, hidden=True) + made.error(0, 42) + made.text(1, "x", formula=True) + made.blank(2)
    )  # fmt: skip
    return made.xlsb(("A", 0, cells), ("B", 1, b""), texts=("zip",), after=made.area(1, 2, 0, 0))
