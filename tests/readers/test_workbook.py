from __future__ import annotations

import datetime as dt
import hashlib
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.readers import ReaderOptions, open_source
from importer.readers.seam import foreign
from tests.readers.trap_files import (
    BODY,
    BODY_CELLS,
    HEAD,
    NS,
    SHEET,
    number,
    patch,
    read,
    row,
    saved,
    text,
    workbook,
    xml_sheet,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.readers.conftest import Write

ERROR = '<c r="A2" t="e"><v>#N/A</v></c>'
STRICT = (
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)


def raw_sheet(xml: str, encoding: str = "utf-8") -> bytes:
    return patch(workbook([["x"]]), {SHEET: xml.encode(encoding)})


def prefixed(rows: str) -> bytes:
    xml = re.sub(r"<(/?)(?=[a-z])", r"<\1x:", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    return raw_sheet(xml.replace("<x:worksheet", f"<x:worksheet {NS.replace('xmlns', 'xmlns:x')}"))


def strict(data: bytes) -> bytes:
    def changed(body: bytes) -> bytes:
        for old, new in STRICT:
            body = body.replace(old.encode(), new.encode())
        return body

    parts = ("xl/workbook.xml", SHEET, "xl/styles.xml", "_rels/.rels", "xl/_rels/workbook.xml.rels")
    return patch(data, dict.fromkeys(parts, changed))


def shared(data: bytes) -> bytes:
    """Move the header's first text to a table of shared strings."""

    def told(body: bytes) -> bytes:
        return body.replace(text("A1", "id").encode(), b'<c r="A1" t="s"><v>0</v></c>')

    return patch(data, {SHEET: told, "xl/sharedStrings.xml": f"<sst {NS}><si><t>id</t></si></sst>".encode()})


def plain(data: bytes) -> bytes:
    return data


def with_ghosts(_: bytes) -> bytes:
    ghosts = "".join(f'<row r="{at}"><c r="A{at}" s="0"/><c r="C{at}" s="0"/></row>' for at in range(12, 20_000))
    return xml_sheet(BODY + ghosts + '<row r="1048576"><c r="C1048576" s="0"/></row>')


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(xml_sheet(BODY), id="plain"),
        pytest.param(xml_sheet(BODY, '<dimension ref="A1"/>'), id="dimension-too-small"),
        pytest.param(xml_sheet(BODY, '<dimension ref="A1:XFD1048576"/>'), id="dimension-too-large"),
        pytest.param(xml_sheet(re.sub(r' r="[A-Z]*\d+"', "", BODY)), id="cells-without-reference"),
        pytest.param(prefixed(BODY), id="prefixed-elements"),
        pytest.param(strict(xml_sheet(BODY)), id="strict-ooxml"),
        pytest.param(with_ghosts(b""), id="ghost-rows"),
        pytest.param(patch(xml_sheet(BODY), rename=lambda name: name.replace("/", "\\")), id="backslashes-in-names"),
        pytest.param(
            patch(xml_sheet(BODY), rename=lambda name: name.replace("sheet1", "Sheet1")), id="capitals-in-names"
        ),
        pytest.param(patch(xml_sheet(BODY), drop=["xl/styles.xml"]), id="no-styles"),
        pytest.param(
            patch(xml_sheet(BODY), {"xl/styles.xml": lambda b: b.replace(b"<patternFill", b'<patternFill bogus="1"')}),
            id="foreign-styles",
        ),
        pytest.param(
            raw_sheet(
                f'<?xml version="1.0" encoding="UTF-16"?><worksheet {NS}><sheetData>{BODY}</sheetData></worksheet>',
                "utf-16",
            ),
            id="part-in-utf-16",
        ),
    ],
)
def test_however_a_workbook_is_built_all_its_rows_are_read(write: Write, data: bytes) -> None:
    got = read(write(data, "companies.xlsx"))
    assert got.info.columns == ("id", "name", "country")
    assert got.cells == BODY_CELLS
    assert got.numbers == list(range(2, 12))
    assert (got.info.format, got.info.encoding, got.info.delimiter) == ("xlsx", None, None)
    assert got.info.sha256 == hashlib.sha256(data).hexdigest()


def test_rows_and_columns_are_those_excel_shows(write: Write) -> None:
    rows = (
        f'<row r="5">{text("C5", "id")}{text("E5", "name")}</row><row r="8">{text("C8", "x")}{number("D8", "42")}</row>'
    )
    got = read(write(xml_sheet(rows)))
    assert got.info.columns == ("Column A", "Column B", "id", "Column D", "name")
    assert got.info.header_row == 5
    assert [(r.number, r.cells) for r in got.rows] == [(8, (None, None, "x", 42, None))]
    assert got.blank_rows == 2


def test_cells_keep_their_types(write: Write) -> None:
    values = [
        "a",
        42,
        42.5,
        True,
        dt.date(2024, 2, 29),
        dt.datetime.fromisoformat("2024-02-29T13:45:30"),
        dt.time(8, 30),
        dt.timedelta(hours=25),
    ]
    got = read(write(workbook([[f"c{i}" for i in range(len(values))], values])))
    assert got.cells == [tuple(values)]
    assert [type(cell) for cell in got.rows[0].cells] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        pytest.param("31612345678.0", 31612345678, id="whole-float"),
        pytest.param("-0", 0, id="minus-zero"),
        pytest.param("999999999999999", 999999999999999, id="15-digits"),
        pytest.param("1000000000000000", 1e15, id="16-digits"),
        pytest.param("12345678901234567", 12345678901234567, id="17-digits"),
        pytest.param("-1234567890123456", -1234567890123456, id="16-digits-below-0"),
        pytest.param("12345678901234500", 1.23456789012345e16, id="17-digits-of-which-excel-kept-15"),
        pytest.param("1.2345678901234567E16", 1.2345678901234568e16, id="17-digits-scientific"),
        pytest.param("4.96081E+17", 4.96081e17, id="scientific"),
        pytest.param("0.1", 0.1, id="fraction"),
    ],
)
def test_a_number_beyond_15_digits_is_exact_or_stays_a_float(write: Write, written: str, cell: object) -> None:
    got = read(write(xml_sheet(HEAD + f'<row r="2">{number("A2", written)}</row>')))
    assert got.rows[0].cells[0] == cell
    assert type(got.rows[0].cells[0]) is type(cell)


@pytest.mark.parametrize("value", ["00123", "NA", "NULL", "1E5", "#N/A", "'+49 30", "a_x000D_\nb"])
def test_text_is_kept_as_it_is(write: Write, value: str) -> None:
    got = read(write(xml_sheet(HEAD + f'<row r="2">{text("A2", value)}</row>')))
    assert got.rows[0].cells[0] == value.replace("_x000D_", "\r")
    assert got.codes == []


@pytest.mark.parametrize("build", [pytest.param(xml_sheet, id="plain"), pytest.param(prefixed, id="prefixed")])
def test_an_error_cell_is_an_issue_and_not_an_empty_cell(write: Write, build: Callable[[str], bytes]) -> None:
    rows = f'<row r="2">{ERROR}{text("B2", "#N/A")}</row>{row(3)}<row r="5"><c r="B5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    got = read(write(build(HEAD + rows)))
    assert got.cells == [(None, "#N/A", None), (2, "N2", "NL"), (None, None, None)]
    assert got.codes == [(2, "error-cell"), (5, "error-cell")]
    (issue,) = got.rows[0].issues
    assert (issue.location.sheet, issue.location.row, issue.location.column) == ("Sheet", 2, "id")
    assert issue.value == "#N/A"
    assert got.blank_rows == 1


def test_an_error_cell_stays_empty_where_the_library_gives_its_text(write: Write) -> None:
    xml = f'<?xml version="1.0" encoding="UTF-16"?><worksheet {NS}><sheetData>{HEAD}<row r="2">{ERROR}</row></sheetData></worksheet>'
    got = read(write(raw_sheet(xml, "utf-16")))
    assert got.cells == [(None, None, None)]
    assert got.codes == [(2, "error-cell")]


def test_single_quotes_and_blanks_do_not_hide_an_error_cell(write: Write) -> None:
    for cell in ("<c r='A2' t='e'><v>#REF!</v></c>", '<c t = "e" r="A2"><v>#REF!</v></c>', '<c t="e"><v>#REF!</v></c>'):
        assert read(write(xml_sheet(HEAD + f'<row r="2">{cell}</row>'))).codes == [(2, "error-cell")]


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        pytest.param('<c r="A2"><f>1+1</f></c>', [(2, "no-stored-result")], id="nothing-stored"),
        pytest.param('<c r="A2"><f>1+1</f><v/></c>', [(2, "no-stored-result")], id="as-openpyxl-writes"),
        pytest.param('<c r="A2"><f>1+1</f><v></v></c>', [(2, "no-stored-result")], id="empty-value"),
        pytest.param('<c r="A2" t="str"><f>B2&amp;"x"</f></c>', [(2, "no-stored-result")], id="text-without-value"),
        pytest.param('<c r="A2" t="e"><f>1/0</f></c>', [(2, "no-stored-result")], id="error-without-value"),
        pytest.param('<c r="A2"><f t="shared" si="0"/></c>', [(2, "no-stored-result")], id="shared"),
        pytest.param('<c r="A2"><f>1+1</f><v>2</v></c>', [], id="number"),
        pytest.param('<c r="A2"><f t="shared" si="0"/><v>2</v></c>', [], id="shared-with-value"),
        pytest.param('<c r="A2" t="str"><f>""</f><v></v></c>', [], id="empty-text"),
    ],
)
def test_a_formula_without_a_stored_result_is_an_issue(write: Write, cell: str, codes: list[tuple[int, str]]) -> None:
    got = read(write(xml_sheet(f'{HEAD}<row r="2">{cell}{text("B2", "x")}</row>{row(3)}')))
    assert got.codes == codes
    assert got.rows[0].cells[0] == (None if codes or "str" in cell else 2)


def test_flaws_beyond_the_last_value_count_too(write: Write) -> None:
    got = read(write(xml_sheet(f'{HEAD}{row(2)}<row r="4"><c r="E4"><f>1+1</f></c></row>')))
    assert got.info.columns[3:] == ("Column D", "Column E")
    assert got.numbers == [2, 4]
    assert got.codes == [(4, "no-stored-result")]
    assert got.rows[0].cells == (1, "N1", "NL", None, None)


def test_an_error_among_the_column_names_is_told(write: Write) -> None:
    got = read(write(xml_sheet(f'<row r="1">{text("A1", "id")}<c r="B1" t="e"><v>#REF!</v></c></row>{row(2)}')))
    assert got.info.columns == ("id", "Column B", "Column C")
    assert "in B cannot be read" in got.info.notes[0]


def tabs() -> bytes:
    book = openpyxl.Workbook()
    lists, contacts, old = book.worksheets[0], book.create_sheet("Contacten"), book.create_sheet("Oud")
    lists.title, lists.sheet_state = "Lijsten", "hidden"
    book.create_chartsheet("Grafiek", 0)
    for sheet, value in ((lists, "list"), (contacts, "contact"), (old, "old")):
        sheet.append(["id"])
        sheet.append([value])
    return saved(book)


@pytest.mark.parametrize(
    ("wanted", "name", "value"),
    [
        pytest.param(None, "Contacten", "contact", id="first-visible"),
        pytest.param("Oud", "Oud", "old", id="by-name"),
        pytest.param(" contacten ", "Contacten", "contact", id="case-and-blanks"),
        pytest.param("Lijsten", "Lijsten", "list", id="hidden-by-name"),
    ],
)
def test_the_sheet_is_the_first_visible_one_or_the_one_that_was_named(
    write: Write, wanted: str | None, name: str, value: str
) -> None:
    got = read(write(tabs()), ReaderOptions(sheet=wanted))
    assert got.info.sheet == name
    assert got.cells == [(value,)]
    others = {"Contacten", "Oud", "Lijsten"} - {name}
    assert all(f'"{other}"' in got.info.notes[0] for other in others)
    assert any("is hidden" in note for note in got.info.notes) is (name == "Lijsten")


def test_two_sheets_that_differ_in_case_are_told_apart_by_the_exact_name(write: Write) -> None:
    data = patch(tabs(), {"xl/workbook.xml": lambda body: body.replace(b'"Oud"', b'"contacten"')})
    assert read(write(data), ReaderOptions(sheet="contacten")).cells == [("old",)]


def test_hidden_rows_and_merged_cells_are_told(write: Write) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for at in range(1, 6):
        sheet.append([f"a{at}", f"b{at}"])
    sheet.merge_cells("A2:A4")
    sheet.row_dimensions[3].hidden = True
    got = read(write(saved(book)))
    assert got.cells == [("a2", "b2"), (None, "b3"), (None, "b4"), ("a5", "b5")]
    hidden, merged, no_names = got.info.notes
    assert "hidden" in hidden
    assert "A2:A4" in merged
    assert 'looks like data ("a1")' in no_names


def test_blank_rows_above_a_header_are_passed_over_in_silence(write: Write) -> None:
    got = read(write(workbook([[], [None, " "], ["id", "name", 2024], [1, "Acme", 12]])))
    assert (got.info.header_row, got.info.notes) == (3, ())
    data = [[], [1000, "Acme"], [1001, "Beta"]]
    assert read(write(workbook(data)), ReaderOptions(header_row=2)).info.columns == ("1000", "Acme")


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        pytest.param([["id"]], ReaderOptions(sheet="Blad1"), 'no sheet "Blad1". The workbook has "Sheet"', id="sheet"),
        pytest.param([], ReaderOptions(), 'sheet "Sheet" is empty', id="empty-sheet"),
        pytest.param([[" "]], ReaderOptions(), 'sheet "Sheet" is empty', id="blank-sheet"),
        pytest.param([["id"], [1]], ReaderOptions(header_row=5), "in row 5", id="header-row-beyond-the-end"),
        pytest.param([["id"], [], [1]], ReaderOptions(header_row=2), "in row 2", id="header-row-blank"),
        pytest.param([["id"]], ReaderOptions(header_row=0), "count from 1", id="header-row-0"),
        pytest.param([[], [1000, "A"], [1001, "B"]], ReaderOptions(), "row 2 looks like data", id="header-row-missing"),
    ],
)
def test_what_makes_no_table_is_refused(
    write: Write, rows: list[list[object]], options: ReaderOptions, words: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(write(workbook(rows)), options)
    assert words in str(caught.value)


def test_an_empty_sheet_is_refused_with_the_names_of_the_others(write: Write) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Contacten").append(["id"])
    book.create_sheet("Oud").sheet_state = "hidden"
    words = 'the sheet "Sheet" is empty; the workbook also has "Contacten" and hidden "Oud". Name the right one'
    with pytest.raises(SourceError, match=words):
        read(write(saved(book)))


def test_errors_above_the_column_names_are_told(write: Write) -> None:
    rows = f'<row r="2"><c r="B2" t="e"><v>#N/A</v></c></row>{HEAD.replace("1", "4")}{row(5)}'
    got = read(write(xml_sheet(rows)))
    assert (got.info.header_row, got.cells) == (4, [(4, "N4", "NL")])
    assert got.info.notes == (
        "There are errors, or formulas without a result, above the column names, in row 2: they are passed over.",
    )


def test_a_header_row_that_was_named_counts(write: Write) -> None:
    path = write(workbook([["Contacts of 2024"], [], ["id", "name", "city"], [1, "Acme", "Köln"]]))
    got = read(path, ReaderOptions(header_row=3))
    assert got.info.columns == ("id", "name", "city")
    assert [(r.number, r.cells) for r in got.rows] == [(4, (1, "Acme", "Köln"))]
    found = read(path)
    assert (found.info.header_row, found.rows) == (3, got.rows)
    assert (
        'Row 3 is taken for the column names; what stands above it is passed over (1: "Contacts of 2024")'
        in (found.info.notes[0])
    )
    assert read(write(workbook([["id"], [1], [2]]))).info.notes == ()


def test_a_header_alone_is_no_fault_and_is_told(write: Write) -> None:
    tables: list[list[list[object]]] = [[["id", "name"]], [["Companies of 2024"], [], ["id", "name"], [], [" ", None]]]
    for rows in tables:
        got = read(write(workbook(rows)))
        assert got.rows == []
        assert got.info.notes[-1].startswith("The file has column names but no rows; was the export filtered")
    assert not any("no rows" in note for note in read(write(workbook([["id"], [None], [1]]))).info.notes)


def test_settings_of_csv_have_no_meaning_for_a_workbook(write: Write) -> None:
    got = read(write(workbook([["id"]])), ReaderOptions(encoding="utf-8", delimiter=";"))
    assert "no encoding and no delimiter" in got.info.notes[0]


def test_rows_start_anew(write: Write) -> None:
    with open_source(write(workbook([["id"], [1], [], [2]]))) as source:
        first, second = source.rows(), source.rows()
        assert [next(first).cells, next(second).cells, next(first).cells] == [(1,), (1,), (2,)]
        assert [r.number for r in source.rows()] == [2, 4]
        assert source.blank_rows == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(xml_sheet(HEAD + '<row r="2"><c r="A2" t="s"><v>999</v></c></row>'), id="no-such-string"),
        pytest.param(xml_sheet(HEAD + ERROR, doctype='<!DOCTYPE x [<!ENTITY a "lol">]>'), id="document-type"),
        pytest.param(xml_sheet(HEAD + '<row r="2"><c r="A2" t="e"><v>&a9;</v></c></row>'), id="unknown-entity"),
        pytest.param(xml_sheet(f'{HEAD}<row r="two">{ERROR}</row>'), id="row-that-is-no-number"),
        pytest.param(patch(workbook([["x"]]), {"xl/workbook.xml": b"<workbook"}), id="index-cut-off"),
        pytest.param(patch(workbook([["x"]]), {"xl/workbook.xml": f"<workbook {NS}/>".encode()}), id="no-sheets"),
        pytest.param(patch(workbook([["x"]]), {SHEET: b"no xml"}), id="sheet-that-is-no-xml"),
        pytest.param(patch(workbook([["x"]]), drop=["xl/_rels/workbook.xml.rels"]), id="no-relations"),
        pytest.param(patch(workbook([["x"]]), drop=[SHEET]), id="no-sheet-part"),
    ],
)
def test_a_damaged_workbook_is_refused_in_words(write: Write, data: bytes) -> None:
    with pytest.raises(
        SourceError, match=r"companies\.xlsx: .*(damaged|cannot be read|no sheet|does not say where).*\.$"
    ):
        read(write(data, "companies.xlsx"))


def test_a_stray_cell_far_out_is_refused_before_memory_is_spent(write: Write) -> None:
    far = f'<row r="2"><c r="XFD2"><v>1</v></c></row><row r="1048576">{number("A1048576", "1")}</row>'
    with pytest.raises(SourceError, match="row 1,048,576 and column XFD"):
        read(write(xml_sheet(HEAD + far)))
    coloured = '<row r="12"><c r="XFD12" s="0"/></row><row r="1048576"><c r="A1048576" s="0"/></row>'
    assert read(write(xml_sheet(BODY + coloured))).cells == BODY_CELLS


def test_what_a_library_raises_becomes_words_for_the_user(tmp_path: Path) -> None:
    class PanicException(BaseException):
        """Stands for that of pyo3, which is no Exception and cannot be imported."""

    for raised in (KeyError("x"), PanicException("index out of bounds")):
        with pytest.raises(SourceError, match="cannot be read"), foreign(tmp_path):
            raise raised
    with pytest.raises(KeyboardInterrupt), foreign(tmp_path):
        raise KeyboardInterrupt


def test_a_sheet_that_is_read_cell_by_cell_gives_the_same_as_the_library(write: Write) -> None:
    values = [
        "a",
        "a_x000D_b",
        42,
        42.0,
        0.5,
        True,
        10**16,
        dt.datetime.fromisoformat("2024-02-29"),
        dt.datetime.fromisoformat("2024-02-29T01:00:00"),
        dt.time(8, 30),
        dt.timedelta(hours=25),
    ]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([f"c{at}" for at, _ in enumerate(values)])
    sheet.append(values)
    sheet.append([None, "x", None])
    sheet.merge_cells("A3:A4")
    data = saved(book)

    def utf_16(body: bytes) -> bytes:
        return b'<?xml version="1.0" encoding="UTF-16"?>'.decode().encode("utf-16") + body.decode().encode("utf-16")[2:]

    whole, other = read(write(data)), read(write(patch(data, {SHEET: utf_16})))
    assert other.rows == whole.rows
    assert [type(cell) for cell in other.cells[0]] == [type(cell) for cell in whole.cells[0]]
    assert (other.info.columns, other.info.notes) == (whole.info.columns, whole.info.notes)


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff_"), max_size=20
)
texts = words.filter(lambda value: not value.startswith(("=", "#"))) | st.sampled_from(
    [" a ", "a\nb", "\ta", "007", "1E5"]
)
values = (
    texts
    | st.booleans()
    | st.integers(-(10**15) + 1, 10**15 - 1)
    | st.floats(-1e14, 1e14).map(lambda value: float(f"{value:.15g}")).filter(lambda value: not value.is_integer())
    | st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 30))
    | st.datetimes(dt.datetime.fromisoformat("1900-03-01"), dt.datetime.fromisoformat("9999-12-30")).map(
        lambda value: value.replace(microsecond=0, hour=13)
    )
    | st.none()
)


@given(st.lists(st.lists(values, min_size=3, max_size=3), max_size=6))
def test_what_is_written_is_read(table: list[list[object]]) -> None:
    rows = [[f"k{at}", *cells] for at, cells in enumerate(table)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        path.write_bytes(workbook([["id", "a", "b", "c"], *rows]))
        got = read(path)
    assert got.codes == []
    assert [tuple(map(filled, cells)) for cells in got.cells] == [tuple(map(filled, cells)) for cells in rows]
    assert [[type(filled(cell)) for cell in cells] for cells in got.cells] == [
        [type(filled(cell)) for cell in cells] for cells in rows
    ]


def filled(cell: object) -> object:
    """A cell of blanks alone may come back as an empty one: to everything behind the reader they are the same."""
    return None if isinstance(cell, str) and not cell.strip() else cell
