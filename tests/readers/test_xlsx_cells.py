"""What one cell of an .xlsx file says, as the spreadsheet shows it: found by the search, and by reading cell by cell."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING

import pytest

from importer.errors import SourceError
from importer.readers.number_format import Kind
from importer.readers.styles import read_styles
from tests.readers.trap_files import BODY, BODY_CELLS, HEAD, NS, SHEET, number, patch, read, row, text, xml_sheet

if TYPE_CHECKING:
    from tests.readers.conftest import Write

STYLES = "xl/styles.xml"


def styles(*codes: str) -> bytes:
    """Style 0 is plain, 1 and those after it have the formats."""
    formats = "".join(f'<numFmt numFmtId="{170 + at}" formatCode="{code}"/>' for at, code in enumerate(codes))
    used = "".join(f'<xf numFmtId="{170 + at}" xfId="0"/>' for at, _ in enumerate(codes))
    return (
        f'<styleSheet {NS}><numFmts>{formats}</numFmts><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>'
        f'<cellXfs><xf numFmtId="0"/>{used}</cellXfs></styleSheet>'
    ).encode()


def one(cell: str, *codes: str) -> bytes:
    data = xml_sheet(f'{HEAD}<row r="2">{cell}{text("B2", "x")}</row>')
    return patch(data, {STYLES: styles(*codes)}) if codes else data


def indented(data: bytes) -> bytes:
    """Write the XML of the sheet so that it is read cell by cell."""
    return patch(data, {SHEET: lambda body: body.replace(b"</sheetData>", b"<!-- the end --></sheetData>")})


def with_texts(data: bytes, items: str) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst {NS}>{items}</sst>")
    return out.getvalue()


def both(write: Write, data: bytes) -> object:
    """Read the first cell of row 2 in both ways, which must agree."""
    quick, slow = read(write(data)), read(write(indented(data)))
    assert (quick.cells, quick.codes, quick.info) == (slow.cells, slow.codes, _like(quick.info, slow.info))
    cell, other = quick.cells[0][0], slow.cells[0][0]
    assert type(cell) is type(other)
    return cell


def _like(info: object, other: object) -> object:
    """The two files differ in nothing but their fingerprint."""
    assert re.sub("sha256='[^']*'", "", repr(info)) == re.sub("sha256='[^']*'", "", repr(other))
    return info


@pytest.mark.parametrize(
    ("code", "serial", "cell"),
    [
        ("00000", "1234", "01234"),
        ("00000", "1234.0", "01234"),
        ("00000", "12.5", 12.5),
        ("00000", "-12", -12),
        ("0000.00", "12.5", 12.5),
        ("0000 0000 0000 0000", "1234567890123456", 1234567890123456),
        ("Standaard", "12", 12),
        ("yyyy-mm-dd", "45351", dt.date(2024, 2, 29)),
        ("yyyy-mm-dd", "1", dt.date(1900, 1, 1)),
        ("yyyy-mm-dd", "59", dt.date(1900, 2, 28)),
        ("yyyy-mm-dd", "60", 60),
        ("yyyy-mm-dd", "0", 0),
        ("yyyy-mm-dd", "0.0", 0),
        ("yyyy-mm-dd", "-5", -5),
        ("yyyy-mm-dd", "1e9", 1000000000),
        ("yyyy-mm-dd", "2958465", dt.date(9999, 12, 31)),
        ("yyyy-mm-dd", "2958466", 2958466),
        ("yyyy-mm-dd", "4.5351E4", dt.date(2024, 2, 29)),
        ("yyyy-mm-dd hh:mm", "45351.25", dt.datetime.fromisoformat("2024-02-29T06:00")),
        ("hh:mm", "0", dt.time(0)),
        ("hh:mm", "0.25", dt.time(6)),
        ("hh:mm", "-0.25", -0.25),
        ("[h]:mm", "1.25", dt.timedelta(hours=30)),
        ("0 &quot;days&quot;", "12", 12),
        ("dd", "not a number", "not a number"),
    ],
)
def test_a_number_is_what_its_format_shows(write: Write, code: str, serial: str, cell: object) -> None:
    data = one(f'<c r="A2" s="1"><v>{serial}</v></c>', code)
    got = both(write, data)
    assert (got, type(got)) == (cell, type(cell))
    is_no_day = ("yy" in code or ":" in code) and type(cell) in {int, float}
    assert read(write(data)).codes == [(2, "not-a-date")] * is_no_day


def test_days_are_counted_from_1904_where_the_workbook_does(write: Write) -> None:
    def told(body: bytes) -> bytes:
        return re.sub(rb"<workbookPr[^>]*>", b'<workbookPr date1904="1"/>', body)

    for serial, cell in (("43889", dt.date(2024, 2, 29)), ("0", dt.date(1904, 1, 1))):
        data = one(f'<c r="A2" s="1"><v>{serial}</v></c>', "yyyy-mm-dd")
        assert both(write, patch(data, {"xl/workbook.xml": told})) == cell


def test_columns_that_are_read_as_shown_are_told(write: Write) -> None:
    cells = '<c r="A2" s="1"><v>12</v></c><c r="C2" s="1" t="n"><f>1+1</f><v>2</v></c><c r="D2" s="1"><v>123</v></c>'
    data = patch(xml_sheet(f'{HEAD}<row r="2">{cells}</row>'), {STYLES: styles("000")})
    for written in (data, indented(data)):
        got = read(write(written))
        assert got.cells == [("012", None, "002", "123")]
        assert any('column "A", "C"' in note for note in got.info.notes)


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("2024-02-29T13:45:30Z", dt.datetime.fromisoformat("2024-02-29T13:45:30")),
        ("2024-02-29T13:45:30", dt.datetime.fromisoformat("2024-02-29T13:45:30")),
        ("2024-02-29", dt.date(2024, 2, 29)),
        ("2024-02-29T00:00:00", dt.date(2024, 2, 29)),
        ("13:45:30", dt.time(13, 45, 30)),
        ("2024-02-30", "2024-02-30"),
        ("2024-02-29T13:45:30+02:00", "2024-02-29T13:45:30+02:00"),
    ],
)
def test_dates_may_be_written_out(write: Write, written: str, cell: object) -> None:
    assert both(write, one(f'<c r="A2" t="d"><v>{written}</v></c>')) == cell


@pytest.mark.parametrize(
    ("item", "cell"),
    [
        ('<r><t>a </t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>z</t></rPh>', "a b"),
        ('<r><t xml:space="preserve">a </t></r><r><t>b</t></r>', "a b"),
        ("<t>a_xD83D__xDE00_b</t>", "a\U0001f600b"),
        ("<t>a_x005F_x000D_b</t>", "a_x000D_b"),
        ("<t>a&#13;&#10;b &amp; c</t>", "a\r\nb & c"),
        (f"<t>{'x' * 40_000}</t>", "x" * 40_000),
        ("<t/>", None),
    ],
)
def test_text_keeps_its_blanks_and_characters(write: Write, item: str, cell: object) -> None:
    assert both(write, one(f'<c r="A2" t="inlineStr"><is>{item}</is></c>')) == cell
    shared = with_texts(one('<c r="A2" t="s"><v>1</v></c>'), f"<si><t>o</t></si><si>{item}</si>")
    assert both(write, shared) == cell


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A2"><v>5</v><f>2+3</f></c>', 5),
        ('<c r="A2" t="b"><f>1=1</f><v>1</v></c>', True),
        ('<c r="A2" t="str"><v>00123</v></c>', "00123"),
        ('<c r="A2"><f t="array" ref="A2:A3">1+1</f><v>2</v></c>', 2),
        ('<c r="A2"><f t="dataTable" ref="A2:A3" r1="B1"/><v>3</v></c>', 3),
        ('<c r="A2"><v>5</v><extLst><ext><v>9</v></ext></extLst></c>', 5),
    ],
)
def test_a_cell_may_hold_more_than_its_value(write: Write, cell: str, value: object) -> None:
    assert both(write, one(cell)) == value


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!"])
def test_every_error_is_an_issue(write: Write, error: str) -> None:
    data = one(f'<c r="A2" t="e"><v>{error}</v></c>')
    both(write, data)
    got = read(write(data))
    assert got.codes == [(2, "error-cell")]
    assert got.rows[0].issues[0].value == error


def test_long_ids_of_a_column_are_exact_where_any_of_them_surely_is(write: Write) -> None:
    certain = f'<row r="2">{number("A2", "1234567890123450")}</row><row r="3">{number("A3", "1234567890123457")}</row>'
    assert [cells[0] for cells in read(write(xml_sheet(HEAD + certain))).cells] == [1234567890123450, 1234567890123457]
    (first,) = read(write(xml_sheet(HEAD + certain.partition('<row r="3"')[0]))).cells
    assert isinstance(first[0], float)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(row(2) + row(2).replace("N1", "N2"), id="row"),
        pytest.param(f'<row r="3">{number("A3", "1")}</row><row r="2">{number("A3", "2")}</row>', id="cell"),
        pytest.param(
            '<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row><row r="2"><c r="A3" t="e"><v>#N/A</v></c></row>',
            id="error",
        ),
        pytest.param(f'<row r="2">{number("A2", "1")}{number("A2", "2")}</row>', id="side-by-side"),
        pytest.param(
            f'<row r="2">{number("A2", "1")}{number("B2", "1")}{number("A2", "2")}</row>', id="around-another"
        ),
        pytest.param(
            f'<row r="2">{number("A2", "1")}{text("B2", "x" * 3_000_000)}{number("A2", "2")}</row>', id="far-apart"
        ),
        pytest.param(
            '<row r="2"><c s="0" r="A2"><v>1</v></c><c s="0" r="A2"><v>2</v></c></row>', id="places-not-written-first"
        ),
        pytest.param(f'<row r="2"><c><v>1</v></c>{number("A2", "2")}</row>', id="one-without-a-place"),
    ],
)
def test_two_cells_in_one_place_are_refused(write: Write, rows: str) -> None:
    with pytest.raises(SourceError, match=r"damaged \(two cells stand in row \d, column 1\)"):
        read(write(xml_sheet(HEAD + rows)))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(xml_sheet(HEAD + "".join(row(at) for at in range(11, 1, -1))), id="rows-from-the-last"),
        pytest.param(xml_sheet(re.sub(r'<row r="\d+"', "<row", BODY)), id="rows-without-number"),
        pytest.param(xml_sheet(re.sub("><", ">\n  <", BODY)), id="indented"),
        pytest.param(patch(xml_sheet(BODY), {SHEET: lambda body: body.replace(b'"', b"'")}), id="single-quotes"),
        pytest.param(xml_sheet(BODY, "<dimension/>"), id="dimension-of-nothing"),
        pytest.param(
            xml_sheet(BODY.replace('</row><row r="6"', '</row></sheetData><sheetData><row r="6"')), id="data-twice"
        ),
        pytest.param(patch(xml_sheet(BODY), {STYLES: b"no xml"}), id="styles-that-are-no-xml"),
        pytest.param(xml_sheet(re.sub("</row>", '<c r="XFD1" s="0"/></row>', BODY)), id="styled-column-xfd"),
        pytest.param(
            patch(xml_sheet(BODY), {"xl/workbook.xml": lambda body: re.sub(rb' r:id="[^"]*"', b"", body)}),
            id="the-only-sheet-without-relation",
        ),
        pytest.param(
            patch(xml_sheet(BODY), {"xl/_rels/workbook.xml.rels": lambda body: body.replace(b'"/xl/', b'"./')}),
            id="relative-relation",
        ),
    ],
)
def test_however_the_xml_is_written_the_rows_are_the_same(write: Write, data: bytes) -> None:
    got = read(write(data))
    assert (got.cells, got.numbers) == (BODY_CELLS, list(range(2, 12)))


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param('<c t="e"><v>#N/A</v></c>', id="without-place"),
        pytest.param('<c s="0" r="A2" t="e"><v>#N/A</v></c>', id="place-not-first"),
        pytest.param("<c r='A2' t='e'><v>#N/A</v></c>", id="single-quotes"),
    ],
)
def test_a_sign_in_a_cell_that_is_written_in_another_way_is_seen(write: Write, cell: str) -> None:
    got = read(write(xml_sheet(BODY + f'<row r="12">{cell.replace("A2", "A12")}</row>')))
    assert got.codes == [(12, "error-cell")]
    assert got.cells == [*BODY_CELLS, (None, None, None)]


def test_damaged_styles_are_told(write: Write) -> None:
    got = read(write(patch(xml_sheet(BODY), {STYLES: b"no xml"})))
    assert "dates may be read as numbers" in got.info.notes[0]


def test_a_text_that_is_not_there_is_named(write: Write) -> None:
    with pytest.raises(SourceError, match="row 2 names a text that the workbook does not have"):
        read(write(one('<c r="A2" t="s"><v>999</v></c>')))
    with pytest.raises(SourceError, match="row 2 names a text"):
        read(write(indented(one('<c r="A2" t="s"><v>-1</v></c>'))))


def test_a_row_before_the_first_is_refused(write: Write) -> None:
    with pytest.raises(SourceError, match="it has a row 0"):
        read(write(indented(xml_sheet(f'{HEAD}<row r="0">{number("A0", "1")}</row>'))))


def test_a_style_without_a_format_has_that_of_the_named_style_below_it() -> None:
    xml = (
        f'<styleSheet {NS}><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf xfId="0"/><xf xfId="7"/><xf numFmtId="x"/></cellXfs>'
        '<dxfs><dxf><numFmt numFmtId="x" formatCode="00000"/></dxf></dxfs></styleSheet>'
    )
    found = read_styles([xml.encode()])
    assert [one.kind for one in found.formats] == [Kind.DATE, Kind.NUMBER, Kind.NUMBER]
    assert found.numbers() == ()
    assert not read_styles([b"<styleSheet>"]).is_readable


def test_cells_may_stand_in_any_order(write: Write) -> None:
    rows = f'<row r="2">{text("B2", "Acme")}<c s="0" r="A2"><v>1</v></c></row>'
    assert read(write(xml_sheet(HEAD + rows))).cells == [(1, "Acme", None)]


def test_ghosts_far_down_cost_nothing_in_a_wide_sheet(write: Write) -> None:
    """100 columns to the last row are more cells than can be held, if those that are empty count."""
    ghosts = "".join(f'<row r="{at}"><c r="CV{at}" s="0"/></row>' for at in (20, 5_000, 1_048_576))
    wide = f'<row r="2">{number("A2", "1")}{text("CV2", "far")}</row>'
    got = read(write(xml_sheet(HEAD + wide + ghosts)))
    assert (len(got.info.columns), len(got.rows), got.rows[0].cells[-1]) == (100, 1, "far")
