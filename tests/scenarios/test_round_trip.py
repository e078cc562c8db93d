"""A report that LibreOffice opened and saved, given to `retry --rows`: what was edited is tried, and nothing else."""

from __future__ import annotations

import csv
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Fault
from tests.fakes.libreoffice import Sitting, first_of_all, saved_by_libreoffice
from tests.fakes.local_kanbert import local_kanbert
from tests.scenarios.conftest import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.scenarios.conftest import Ended

MAPPING = """\
version: 1
target:
  external_origin: test
company:
  external_id: nr
  company_name: name
  phone: phone
  vendor_identifier: note
  address_invoice_zip: zip
  address_invoice_title: since
  address_invoice_country: country
"""
COLUMNS = ("nr", "name", "phone", "zip", "since", "note", "country")
ROWS = (  # row 2 and on; what a spreadsheet would gladly read as something else
    ("00155", "=SUM(A1:A3)", "+31 20 1", "01234", "02-01-2024", "two\nlines", "Holand"),
    ("123456789012345678", "'t Hoekje", "-5", "1067", "1/2", "1e5", "Holand"),
    ("K-3", "Nbsp\u00a0BV", "020 3", "00", "12:30", "1.50", "Holand"),
    ("K-4", "  Spaces BV  ", "@4", "0x4", "Jan 5", "TRUE", "Holand"),
    ("K-5", "Refused BV", "020 5", "0005", "2024-01-02", "5", "NL"),
    ("K-6", "Fine BV", "020 6", "0006", "2024-01-02", "6", "NL"),
)
BOOKS = ("saved.xlsx", "saved.ods", "saved.xls")
TEXTS = ("saved.comma.csv", "saved.semicolon.csv", "saved.tab.csv")
EDITED = (*BOOKS, "saved.semicolon.csv")
FROM_CSV = ("reopened.xlsx", "reopened.ods", "reopened.semicolon.csv")
EDITS = (
    ("type", "2", "country", "NL"),
    ("type", "2", "zip", "01067"),
    ("type", "2", "note", "=1+1"),
    ("type", "3", "country", "BE"),
    ("type", "3", "zip", "01067"),
    ("empty", "3", "phone"),
)
MOVES = (
    ("type", "2", "country", "NL"),
    ("sort", "row"),
    ("delete-row", "4"),
    ("delete-column", "code"),
    ("delete-column", "cell"),
    ("delete-column", "hint"),
    ("rename", "message", "what it says"),
    ("move-first", "country"),
    ("insert-column", "zip", "my remark"),
    ("move-first", "external_id"),
)


@dataclass(frozen=True)
class Trip:
    """Files that LibreOffice saved, of reports about `ROWS`."""

    folder: Path

    def __call__(self, name: str) -> Path:
        return self.folder / name


@contextmanager
def at_desk(folder: Path) -> Iterator[Desk]:
    """Sit at a desk where `ROWS` were run: K-6 is in Kanbert, which has refused K-5, and the mapping all others."""
    with local_kanbert() as kanbert:
        desk = Desk(folder, kanbert)
        with desk.export.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows((COLUMNS, *ROWS))
        desk.mapping.write_text(MAPPING, encoding="utf-8")
        kanbert.set_faults(Fault(on="POST /companies", external_id="K-5", do="status", status=422))
        assert desk.run().counts == {"read": 6, "created": 1, "refused": 5}
        kanbert.set_faults()
        yield desk


def sittings(folder: Path) -> Iterator[Sitting]:
    book, text = folder / "report.xlsx", folder / "report.csv"
    for name in (*BOOKS, *TEXTS):
        yield Sitting(book, folder / name)
    for name in EDITED:
        yield Sitting(book, folder / f"edited-{name}").did(*EDITS)
    for name in FROM_CSV:
        yield Sitting(text, folder / name)
    dutch = ("locale", "nl", "NL")
    yield Sitting(book, folder / "dutch.semicolon.csv").did(dutch, ("type", "2", "country", "NL"))
    yield Sitting(book, folder / "moved.xlsx").did(*MOVES)
    yield Sitting(book, folder / "moved.ods").did(*MOVES)
    yield Sitting(book, folder / "moved.comma.csv").did(*MOVES)
    yield Sitting(book, folder / "sheets.xlsx").did(("type", "2", "country", "NL"), ("move-sheet-last", "Rows"))
    yield Sitting(book, folder / "titled.xlsx").did(("type", "2", "country", "NL"), ("insert-title", "For Piet"))
    yield Sitting(book, folder / "coded.caret.csv").did(("type", "4", "country", "België"))
    yield Sitting(book, folder / "no-row.ods").did(("delete-column", "row"))
    yield Sitting(book, folder / "no-id.xlsx").did(("rename", "external_id", "company"))
    yield Sitting(book, folder / "no-zip.xlsx").did(("rename", "zip", "postcode"))
    number = ("format", "nr", "0"), ("type", "2", "nr", "00155"), ("type", "3", "nr", "123456789012345678")
    yield Sitting(book, folder / "numbers.xlsx").did(*number)
    yield Sitting(book, folder / "numbers-edited.xlsx").did(*number, ("type", "2", "country", "NL"))


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Trip:
    """Have LibreOffice save all files, once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "round-trip"
    folder.mkdir(exist_ok=True)
    with first_of_all(folder) as first:
        if first:
            with at_desk(folder) as desk:
                for name in ("report.xlsx", "report.csv"):
                    assert desk.call("report", desk.journal, "-o", folder / name).code == 0
            saved_by_libreoffice(folder, sittings(folder))
    return Trip(folder)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    with at_desk(tmp_path) as desk:
        yield desk


def reported(desk: Desk) -> list[dict[str, Any]]:
    """Read what a report says now, row by row."""
    path = desk.folder / "now.jsonl"
    desk.call("report", desk.journal, "-o", path)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def numbers(desk: Desk) -> list[int]:
    return [row["row"] for row in reported(desk)]


def given_back(desk: Desk, path: Path, *options: str) -> tuple[Ended, list[str]]:
    """Give a file back; what the command came to, and the writes that it sent."""
    before = len(desk.kanbert.writes)
    ended = desk.retry("--rows", path, *options)
    return ended, desk.kanbert.writes[before:]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BOOKS, *TEXTS, *FROM_CSV, "numbers.xlsx"])
def test_a_report_that_was_only_saved_changes_nothing(desk: Desk, trip: Trip, name: str) -> None:
    before, requests = reported(desk), len(desk.kanbert.requests)
    ended, writes = given_back(desk, trip(name))
    assert (ended.code, ended.counts, writes) == (1, {"read": 5, "refused": 5}, [])
    assert reported(desk) == before
    asked = [request.path for request in desk.kanbert.requests[requests:]]
    assert not any("155" in path or "12345" in path or "K-" in path for path in asked)


@pytest.mark.parametrize("name", EDITED)
def test_what_was_edited_is_tried_and_the_rest_of_the_row_is_as_it_was(desk: Desk, trip: Trip, name: str) -> None:
    ended, writes = given_back(desk, trip(f"edited-{name}"))
    assert (ended.code, ended.counts) == (1, {"read": 5, "created": 2, "refused": 3})
    assert len(writes) == 2
    companies = desk.kanbert.companies()
    assert set(companies) == {"00155", "123456789012345678", "K-6"}
    first, second = companies["00155"], companies["123456789012345678"]
    assert (first["company_name"], first["phone"]) == ("=SUM(A1:A3)", "+31 20 1")
    assert (first["address_invoice_zip"], first["address_invoice_title"]) == ("01067", "02-01-2024")
    assert first["vendor_identifier"] == "=1+1"
    assert (second["address_invoice_zip"], second["address_invoice_title"]) == ("01067", "1/2")
    assert (second["company_name"], second["vendor_identifier"], second["phone"]) == ("'t Hoekje", "1e5", None)
    assert numbers(desk) == [4, 5, 6]
    again, writes = given_back(desk, trip(f"edited-{name}"))
    assert (again.counts, writes) == ({"read": 3, "refused": 3}, [])


@pytest.mark.parametrize("name", ["moved.xlsx", "moved.ods", "moved.comma.csv", "sheets.xlsx", "titled.xlsx"])
def test_a_report_may_be_arranged_anew(desk: Desk, trip: Trip, name: str) -> None:
    ended, writes = given_back(desk, trip(name))
    assert (ended.code, ended.counts, len(writes)) == (1, {"read": 5, "created": 1, "refused": 4}, 1)
    company = desk.kanbert.companies()["00155"]
    assert (company["address_invoice_zip"], company["vendor_identifier"]) == ("01234", "two\nlines")
    assert numbers(desk) == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("name", "word"), [("no-row.ods", '"row"'), ("no-id.xlsx", '"external_id"'), ("no-zip.xlsx", '"zip"')]
)
def test_a_report_without_the_columns_that_say_what_a_row_is_is_refused_whole(
    desk: Desk, trip: Trip, name: str, word: str
) -> None:
    before = reported(desk)
    ended, writes = given_back(desk, trip(name))
    assert (ended.code, writes, word in ended.err) == (2, [], True)
    assert reported(desk) == before


def test_a_dutch_spreadsheet_saves_what_is_read_as_well(desk: Desk, trip: Trip) -> None:
    ended, _ = given_back(desk, trip("dutch.semicolon.csv"))
    assert ended.counts == {"read": 5, "created": 1, "refused": 4}
    assert desk.kanbert.companies()["00155"]["address_invoice_title"] == "02-01-2024"


def test_a_number_that_lost_its_zeros_is_no_new_company(desk: Desk, trip: Trip) -> None:
    ended, writes = given_back(desk, trip("numbers-edited.xlsx"))
    assert (ended.code, ended.counts, writes) == (1, {"read": 5, "refused": 5}, [])
    assert {issue["code"] for issue in ended.document["issues"]} >= {"damaged-number", "not-a-country"}


def test_how_the_file_is_read_can_be_said(desk: Desk, trip: Trip) -> None:
    ended, _ = given_back(desk, trip("coded.caret.csv"), "--delimiter", "^", "--encoding", "cp850")
    assert ended.counts == {"read": 5, "created": 1, "refused": 4}
    company = desk.kanbert.companies()["K-3"]
    assert (company["address_invoice_country"]["code"], company["company_name"]) == ("BE", "Nbsp\u00a0BV")
    ended, _ = given_back(desk, trip("saved.xlsx"), "--sheet", "Issues")
    assert (ended.code, "--sheet" in ended.err, "source." in ended.err) == (2, True, False)
    ended, _ = given_back(desk, trip("titled.xlsx"), "--sheet", "rows", "--header-row", "2")
    assert ended.counts == {"read": 4, "created": 1, "refused": 3}
    ended = desk.retry("--sheet", "Rows")
    assert (ended.code, "--rows" in ended.err) == (2, True)


def test_an_older_copy_of_the_report_takes_no_correction_back(desk: Desk, trip: Trip) -> None:
    assert given_back(desk, trip("edited-saved.xlsx"))[0].counts["created"] == 2
    ended = desk.call("retry", desk.journal, "--rows", trip("coded.caret.csv"), "--delimiter", "^", "--encoding", "850")
    assert 'row 2, country: "NL" is "Holand" there' in " ".join(ended.out.split())
    assert desk.call("status", desk.journal, "--json").counts == {"read": 6, "created": 4, "refused": 2}
    assert desk.kanbert.companies()["00155"]["address_invoice_zip"] == "01067"


def test_cells_that_a_spreadsheet_wrote_in_its_own_way_are_named(desk: Desk, trip: Trip) -> None:
    ended = desk.call("retry", desk.journal, "--rows", trip("reopened.semicolon.csv"))
    assert 'row 2, nr: "00155" is "155" there' in " ".join(ended.out.split())


def test_rows_that_were_tried_are_left_to_a_retry_without_rows_unless_the_mapping_is_another(
    desk: Desk, trip: Trip
) -> None:
    ended, writes = given_back(desk, trip("saved.ods"), "-m", str(desk.mapping))
    assert (ended.counts, len(writes)) == ({"read": 5, "created": 1, "refused": 4}, 1)
    assert "K-5" in desk.kanbert.companies()
