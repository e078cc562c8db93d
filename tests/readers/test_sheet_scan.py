from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

import pytest

from importer.model import Code
from importer.readers.book import Flaw
from importer.readers.sheet_scan import farthest_cell, scan_sheet
from tests.readers.trap_files import HEAD, NS, row

if TYPE_CHECKING:
    from collections.abc import Iterator

ERROR = '<row r="7"><c r="B7" t="e"><v>#N/A</v></c></row>'


def xml(rows: str) -> bytes:
    return f'<?xml version="1.0"?><worksheet {NS}><sheetData>{rows}</sheetData></worksheet>'.encode()


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("exact", [True, False])
def test_both_ways_measure_alike(exact: bool) -> None:
    data = xml(HEAD + row(2) + '<row r="9" hidden="1"><c r="AB9"><v>1</v></c></row>')
    scan = scan_sheet(lambda: pieces(data, 1 << 20), exact=exact)
    assert (scan.last_row, scan.filled_row, scan.hidden_rows, scan.flaws) == (9, 9, 1, {})
    assert scan.reach >= farthest_cell(pieces(data, 100))[1] == 28


def test_a_sign_across_two_pieces_is_seen() -> None:
    data = xml("".join(map(row, range(1, 700))) + ERROR.replace("7", "700") + "".join(map(row, range(701, 1400))))
    place = data.index(b't="e"')
    for cut in (place - 3, place, place + 2, place + 4, place + 60, place - 70_000):
        scan = scan_sheet(lambda cut=cut: iter([data[:cut], data[cut:]]))  # type: ignore[misc]  # a lambda with a default
        assert scan.flaws == {700: [Flaw(1, Code.ERROR_CELL, "#N/A")]}


def test_a_formula_across_two_pieces_is_no_flaw() -> None:
    data = xml("".join(f'<row r="{at}"><c r="A{at}"><f>1+{at}</f><v>{at}</v></c></row>' for at in range(1, 30_000)))
    for size in (70_001, 100_003, 1 << 20):
        assert scan_sheet(lambda size=size: pieces(data, size)).flaws == {}  # type: ignore[misc]  # as above


def test_what_is_no_xml_or_has_a_document_type_is_refused() -> None:
    with pytest.raises(expat.ExpatError):
        scan_sheet(lambda: iter([b"<worksheet><c"]), exact=True)
    with pytest.raises(ValueError, match="document type"):
        scan_sheet(lambda: iter([b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>']))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="AYYYYYYYYYYY2"><v>1</v></c></row>',
        '<row r="2"><c r="XFE2"><v>1</v></c></row>',
        '<row r="2"><c r="Addddddddddddddddd2"><v>1</v></c></row>',
        "<row r=\"2\"><c t='n' r='XFE2'><v>1</v></c></row>",
        '<row r="2"><c s="0" r="ZZZ2"><v>1</v></c></row>',
        '<row r="2"><c r="B99999999999"><v>1</v></c></row>',
        '<row spans="1:3" r="1048577"><c t="e"><v>#N/A</v></c></row>',
    ],
)
def test_a_cell_where_no_sheet_has_one_is_not_left_to_a_library_that_makes_room_up_to_it(rows: str) -> None:
    with pytest.raises(ValueError, match=r"nowhere|column|row 1,048,577"):
        scan_sheet(lambda: iter([xml(HEAD + rows)]))


def test_a_row_that_says_late_where_it_is_is_found() -> None:
    scan = scan_sheet(lambda: iter([xml(HEAD + '<row spans="1:3" r="1048576"><c r="A1048576"><v>1</v></c></row>')]))
    assert (scan.last_row, scan.table is None) == (1_048_576, False)


def test_the_last_column_of_a_sheet_is_nothing_unusual() -> None:
    assert scan_sheet(lambda: iter([xml('<row r="1"><c r="XFD1"><v>1</v></c></row>')])).table is None


def test_rows_that_go_on_in_the_next_piece_are_nothing_unusual() -> None:
    data = xml("".join(map(row, range(1, 20_000))))
    begun = data.index(b'<row r="19999"') + len('<row r="19999">')
    for cut in (begun, begun - 3, begun + 20):
        assert scan_sheet(lambda cut=cut: iter([data[:cut], data[cut:]])).table is None  # type: ignore[misc]  # as above
