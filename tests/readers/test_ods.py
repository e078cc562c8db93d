from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.readers import ReaderOptions
from importer.readers.opening import open_source
from tests.readers.ods_files import cell, fods, ods, package, row, sheet
from tests.readers.trap_files import read

if TYPE_CHECKING:
    from tests.readers.conftest import Write

NUMBER = cell("1", value_type="float", value="1")
BODY = (row("id", "name"), row(NUMBER, "Müller & Söhne"), row(cell("2,5", value_type="float", value="2.5"), "x"))


def indented(data: bytes) -> bytes:
    """Put every element on a line of its own, as some programs do."""
    return re.sub(rb">\s*<", b">\n    <", data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(ods(sheet(*BODY)), "ods", id="package"),
        pytest.param(fods(sheet(*BODY)), "fods", id="flat"),
        pytest.param(indented(fods(sheet(*BODY))), "fods", id="indented"),
        pytest.param(fods(sheet(*BODY)).decode().replace("UTF-8", "UTF-16").encode("utf-16"), "fods", id="utf-16"),
        pytest.param(fods(sheet(*BODY)).replace(b"?>\n", b"?>\n<!-- made by hand -->"), "fods", id="with-a-comment"),
        pytest.param(
            fods(sheet(f"<table:table-header-rows>{BODY[0]}</table:table-header-rows>", *BODY[1:])),
            "fods",
            id="grouped",
        ),
        pytest.param(
            ods(
                sheet(
                    *BODY,
                    row(
                        cell(attributes='table:number-columns-repeated="16384"'),
                        attributes='table:number-rows-repeated="1048573"',
                    ),
                )
            ),
            "ods",
            id="empty-to-the-end",
        ),
    ],
)
def test_a_spreadsheet_is_read_with_its_types(write: Write, data: bytes, kind: str) -> None:
    got = read(write(data))
    assert (got.info.format, got.info.sheet, got.info.columns) == (kind, "Data", ("id", "name"))
    assert got.cells == [(1, "Müller & Söhne"), (2.5, "x")]
    assert got.info.notes == ()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param(cell("1.234", value_type="float", value="1234"), 1234, id="number"),
        pytest.param(cell("01234", value_type="float", value="1234"), "01234", id="leading-zero"),
        pytest.param(cell("12-345", value_type="float", value="12345"), "12-345", id="stroke"),
        pytest.param(cell("0", value_type="float", value="0"), 0, id="zero"),
        pytest.param(cell("1E+016", value_type="float", value="1E+016"), 1e16, id="more-digits-than-are-kept"),
        pytest.param(cell("?", value_type="float", value="INF"), "?", id="no-number"),
        pytest.param(cell("12,5 %", value_type="percentage", value="0.125"), 0.125, id="percentage"),
        pytest.param(cell("€ 1.234,50", value_type="currency", value="1234.5"), 1234.5, id="currency"),
        pytest.param(cell("WAHR", value_type="boolean", boolean_value="true"), True, id="boolean"),
        pytest.param(cell("FALSCH", value_type="boolean", boolean_value="false"), False, id="boolean-false"),
        pytest.param(cell("29.02.24", value_type="date", date_value="2024-02-29"), dt.date(2024, 2, 29), id="date"),
        pytest.param(
            cell("x", value_type="date", date_value="2024-02-29T13:45:30"),
            dt.datetime.fromisoformat("2024-02-29T13:45:30"),
            id="moment",
        ),
        pytest.param(
            cell("1. Mai 44 v. Chr.", value_type="date", date_value="-0044-05-01"), "1. Mai 44 v. Chr.", id="bc"
        ),
        pytest.param(cell("08:30", value_type="time", time_value="PT08H30M00S"), dt.time(8, 30), id="time"),
        pytest.param(
            cell("25:00", value_type="time", time_value="PT25H00M00.5S"),
            dt.timedelta(hours=25, seconds=0.5),
            id="duration",
        ),
        pytest.param(
            cell("-1:00", value_type="time", time_value="-PT1H"), dt.timedelta(hours=-1), id="negative-duration"
        ),
        pytest.param(cell("soon", value_type="time", time_value="P1Y"), "soon", id="years"),
        pytest.param(cell("ages", value_type="time", time_value=f"PT{'9' * 30}H"), "ages", id="endless"),
        pytest.param(cell("stored", value_type="string", string_value="other"), "other", id="stored-text"),
        pytest.param(
            cell("a\nb", value_type="string", string_value="a\nb").replace("&#10;", "\n"),
            "a\nb",
            id="stored-line-break",
        ),
        pytest.param(cell("#N/A", value_type="string"), "#N/A", id="typed-error"),
        pytest.param(cell("one\ntwo"), "one\ntwo", id="paragraphs"),
        pytest.param(cell("a  b\tc "), "a b c", id="blanks-that-do-not-count"),
        pytest.param(
            "<table:table-cell><text:p>a<text:s text:c='2'/>b<text:tab/>c<text:line-break/>d<text:span> e</text:span><text:s/></text:p></table:table-cell>",
            "a  b\tc\nd e ",
            id="blanks-that-do",
        ),
        pytest.param(
            "<table:table-cell><office:annotation><text:p>no</text:p></office:annotation><text:p>yes</text:p></table:table-cell>",
            "yes",
            id="comment",
        ),
        pytest.param(
            "<table:covered-table-cell><text:p>below</text:p></table:covered-table-cell>", "below", id="covered"
        ),
    ],
)
def test_a_cell_is_what_the_user_sees(write: Write, written: str, value: object) -> None:
    ((got, _),) = read(write(fods(sheet(row("id", "name"), row(written, "x"))))).cells
    assert (got, type(got)) == (value, type(value))


ERROR = 'table:formula="of:=1/0" calcext:value-type="error"'


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        pytest.param(cell("#DIV/0!", ERROR, value_type="string", string_value=""), ["error-cell"], id="libreoffice"),
        pytest.param(cell("#N/A", 'table:formula="=x"', value_type="float", value="0"), ["error-cell"], id="older"),
        pytest.param(
            cell("Err:508", 'table:formula="=x"', value_type="float", value="0"), ["error-cell"], id="numbered"
        ),
        pytest.param(cell("", "", value_type="error", string_value="#REF!"), ["error-cell"], id="type-alone"),
        pytest.param(cell("", 'table:formula="of:=1+1"'), ["no-stored-result"], id="not-calculated"),
        pytest.param(cell("", 'table:formula="of:=1+1"', value_type="float"), ["no-stored-result"], id="without-value"),
        pytest.param(cell("", 'table:formula="of:=A1"', value_type="string"), [], id="empty-text"),
        pytest.param(cell("7", 'table:formula="of:=A1"', value_type="float", value="7"), [], id="calculated"),
        pytest.param(cell("#DIV/0!", ERROR + ' table:number-columns-repeated="2"'), ["error-cell"] * 2, id="repeated"),
    ],
)
def test_a_cell_that_only_looks_empty_is_an_issue(write: Write, written: str, codes: list[str]) -> None:
    got = read(write(ods(sheet(row("id", "name", "more"), row(NUMBER, written, "x")))))
    assert got.codes == [(2, code) for code in codes]
    assert got.rows[0].cells[0] == 1


def test_repeated_rows_and_cells_are_all_there(write: Write) -> None:
    twice = cell("a", 'table:number-columns-repeated="2"')
    gap = cell(attributes='table:number-columns-repeated="2"')
    rows = row(twice, gap, "b", attributes='table:number-rows-repeated="3"')
    got = read(
        write(
            ods(
                sheet(
                    row("k", "l", "m", "n", "o"),
                    row(),
                    rows,
                    row(cell("#N/A", ERROR), attributes='table:number-rows-repeated="2"'),
                )
            )
        )
    )
    assert got.cells == [("a", "a", None, None, "b")] * 3 + [(None,) * 5] * 2
    assert got.numbers == [3, 4, 5, 6, 7]
    assert got.codes == [(6, "error-cell"), (7, "error-cell")]


def test_tabs_hidden_rows_and_merged_cells_are_told(write: Write) -> None:
    merged = cell("a", 'table:number-rows-spanned="2" table:number-columns-spanned="1"')
    rows = (
        row("id", "name"),
        row(merged, "b", attributes='table:visibility="filter"'),
        row("c", "d", attributes='table:visibility="collapse"'),
        row(attributes='table:visibility="collapse" table:number-rows-repeated="1000"'),
    )
    got = read(write(ods(sheet(row("old"), name="Old", style="gone"), sheet(*rows))))
    tabs, hidden, areas = got.info.notes
    assert 'hidden "Old"' in tabs
    assert "(2)" in hidden
    assert "A2:A3" in areas
    assert read(
        write(ods(sheet(row("old"), name="Old", style="gone"), sheet(*rows))), ReaderOptions(sheet="Old")
    ).info.columns == ("old",)


def test_tables_elsewhere_are_no_sheets(write: Write) -> None:
    inner = f"<table:table-cell>{sheet(row('x', 'y'), name='inner')}<text:p>1</text:p></table:table-cell>"
    links = f"<table:dde-links><table:dde-link>{sheet(row('z'), name='link')}</table:dde-link></table:dde-links>"
    got = read(write(fods(sheet(row("id"), row(inner)), links)))
    assert got.cells == [("1",)]
    assert got.info.notes == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(package(b"", "<m><encryption-data/></m>"), "protected by a password", id="password"),
        pytest.param(ods(sheet(*BODY), kind="text"), "not a spreadsheet", id="text-document"),
        pytest.param(ods(), "no sheet", id="no-sheets"),
        pytest.param(fods(sheet(*BODY))[:-40], "damaged", id="cut-off"),
        pytest.param(package(b"<a><b></a>"), "damaged", id="no-xml"),
        pytest.param(package(b'<!DOCTYPE x [<!ENTITY a "lol">]><x/>'), "document type", id="document-type"),
        pytest.param(
            ods(sheet(row("id"), row(cell("x", 'table:number-columns-repeated="16385"')))), "16,385", id="too-wide"
        ),
        pytest.param(
            ods(sheet(row("id"), row("x", attributes='table:number-rows-repeated="1048576"'))),
            "1,048,577",
            id="too-long",
        ),
        pytest.param(
            ods(
                sheet(
                    row(
                        cell("x", 'table:number-columns-repeated="16000"'),
                        attributes='table:number-rows-repeated="99999"',
                    )
                )
            ),
            "reaches to row 99,999",
            id="too-many-cells",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(write: Write, data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words), open_source(write(data, "table.ods")):
        pass


words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co"], exclude_characters="\ufffe\uffff"), max_size=12
)
values = (
    words.map(lambda value: " ".join(value.split(" ")).strip(" ")).filter(lambda value: "  " not in value)
    | st.booleans()
    | st.integers(-(10**15) + 1, 10**15 - 1)
    | st.dates()
    | st.none()
)


def written(value: object) -> str:
    if isinstance(value, bool):
        return cell(str(value).upper(), value_type="boolean", boolean_value=str(value).lower())
    if isinstance(value, int):
        return cell(f"{value:,}", value_type="float", value=str(value))
    if isinstance(value, dt.date):
        return cell("a day", value_type="date", date_value=value.isoformat())
    return cell(str(value), value_type="string") if value else cell()


@given(st.lists(st.lists(values, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read(table: list[list[object]]) -> None:
    rows = [row("k", *map(written, cells)) for cells in table]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(ods(sheet(row("id", "a", "b", "c"), *rows)))
        with open_source(path) as source:
            got = [each.cells for each in source.rows()]
    assert got == [("k", *(value if value != "" else None for value in cells)) for cells in table]
