"""From a refused row to a repaired one: report, correct, retry, status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from importer.sandbox import Fault
from tests.fakes.contacts import MAPPING, contact

OURS = "nr;name;phone;country;labels;row;external_id"

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios.conftest import Desk


def broken(desk: Desk) -> None:
    desk.has(
        contact(1), contact(2, country="Holand"), contact(3, country="Belgie"), contact(4), contact(4, name="Twin")
    )
    assert desk.run().counts == {"read": 5, "created": 2, "refused": 3}


def report(desk: Desk, name: str) -> Path:
    path = desk.folder / name
    ended = desk.call("report", desk.journal, "-o", path, "--json")
    assert ended.code == 0
    assert ended.document["next"].endswith(f"--rows {path}")
    return path


def edit(path: Path, row: int, column: str, value: str | None) -> None:
    """Correct a cell as somebody would in Excel: found by our column `row`."""
    book = openpyxl.load_workbook(path)
    sheet = book["Rows"]
    header = [cell.value for cell in sheet[1]]
    for cells in sheet.iter_rows(min_row=2):
        if cells[header.index("row")].value == row:
            cells[header.index(column)].value = value
    book.save(path)


def test_a_report_without_messages_is_its_result_and_the_next_command(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    loud, quiet = (desk.call("report", desk.journal, "-o", path, *options).out for options in ([], ["-q"]))
    assert "errors.previous.xlsx" in loud
    first, then, following = quiet.splitlines()
    assert (first, then) == (f"{path}: 3 rows to look at.", "Correct them there, then:")
    assert following.startswith("kanbert-import retry ")


def test_a_row_corrected_in_the_workbook_is_created_and_the_others_are_still_reported(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    edit(path, 3, "country", "Nederland")
    ended = desk.retry("--rows", path)
    assert (ended.code, ended.counts) == (1, {"read": 3, "created": 1, "refused": 2})
    assert desk.kanbert.companies()["K-2"]["address_invoice_country"]["code"] == "NL"
    assert desk.call("status", desk.journal, "--json").counts == {"read": 5, "created": 3, "refused": 2}


def test_a_duplicate_with_a_new_number_frees_its_twin(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    edit(path, 6, "nr", "K-5")
    edit(path, 3, "country", "NL")
    ended = desk.retry("--rows", path)
    assert (ended.code, ended.counts) == (0, {"read": 3, "created": 3})
    assert desk.kanbert.companies()["K-5"]["company_name"] == "Twin"


@pytest.mark.parametrize("name", ["errors.xlsx", "errors.csv"])
def test_a_report_given_back_as_it_was_changes_nothing(desk: Desk, name: str) -> None:
    broken(desk)
    writes = len(desk.kanbert.writes)
    ended = desk.retry("--rows", report(desk, name))
    assert (ended.code, ended.counts) == (1, {"read": 3, "refused": 3})
    assert len(desk.kanbert.writes) == writes


@pytest.mark.slow
def test_a_workbook_with_further_corrections_can_be_given_back_again(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    edit(path, 6, "nr", "K-5")
    assert desk.retry("--rows", path).counts == {"read": 3, "created": 2, "refused": 1}
    writes = len(desk.kanbert.writes)
    ended = desk.retry("--rows", path)
    assert (ended.code, ended.counts) == (1, {"read": 1, "refused": 1})
    assert len(desk.kanbert.writes) == writes
    edit(path, 3, "country", "NL")
    edit(path, 6, "name", "Renamed")
    ended = desk.retry("--rows", path)
    assert (ended.code, ended.counts) == (0, {"read": 2, "created": 1, "updated": 1})
    companies = desk.kanbert.companies()
    assert (companies["K-5"]["company_name"], companies["K-2"]["company_name"]) == ("Renamed", "Bedrijf 2")
    assert len(companies) == 5


def test_an_old_workbook_is_refused_where_the_source_was_read_anew_since(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    edit(path, 6, "nr", "K-5")
    desk.retry("--rows", path)
    desk.has(contact(1), contact(2), contact(3), contact(4), contact(8, name="Twin"))
    desk.run()
    ended = desk.retry("--rows", path)
    assert ended.code == 2
    assert 'in the journal it is "K-8" now' in ended.err


def test_text_that_looks_like_a_formula_survives_the_csv_report(desk: Desk) -> None:
    desk.has(contact(1, phone="+31 20 1", country="Holand"))
    desk.run()
    path = report(desk, "errors.csv")
    path.write_text(path.read_text(encoding="utf-8-sig").replace("Holand", "NL", 1), encoding="utf-8-sig")
    assert desk.retry("--rows", path).code == 0
    assert desk.kanbert.companies()["K-1"]["phone"] == "+31 20 1"


def test_a_corrected_mapping_settles_all_rows_of_a_kind(desk: Desk) -> None:
    broken(desk)
    desk.mapping.write_text(
        MAPPING.replace("country: country", "country: {from: country, map: {Holand: NL}, otherwise: keep}"),
        encoding="utf-8",
    )
    assert desk.retry().counts == {"read": 3, "refused": 3}
    assert desk.retry("-m", desk.mapping).counts == {"read": 3, "created": 1, "refused": 2}


def test_the_source_file_is_not_needed(desk: Desk) -> None:
    desk.has_contacts(30)
    desk.kanbert.set_faults(Fault(on="POST /companies", external_id="K-7", do="status", status=422))
    assert desk.run().counts == {"read": 30, "created": 29, "refused": 1}
    desk.kanbert.set_faults()
    desk.export.unlink()
    desk.mapping.unlink()
    assert desk.retry().counts == {"read": 1, "created": 1}
    assert desk.call("status", desk.journal, "--json").counts == {"read": 30, "created": 30}


def test_nothing_to_retry_is_nothing_done(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    requests = len(desk.kanbert.requests)
    ended = desk.retry()
    assert (ended.code, ended.counts) == (0, {})
    assert len(desk.kanbert.requests) == requests


def test_a_retry_then_the_run_again_does_nothing_twice(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    edit(path, 3, "country", "NL")
    desk.retry("--rows", path)
    writes = len(desk.kanbert.writes)
    desk.has(contact(1), contact(2, country="NL"), contact(3, country="Belgie"))
    assert desk.run().counts == {"read": 3, "unchanged": 3}
    assert len(desk.kanbert.writes) == writes


@pytest.mark.parametrize(
    ("header", "line", "word"),
    [
        pytest.param("nr;name;phone;country;labels", "K-2;B;1;NL;", '"row"', id="no-row-numbers"),
        pytest.param("name;phone;country;labels;row;external_id", "B;1;NL;;3;K-2", '"nr"', id="a-column-is-missing"),
        pytest.param(f"{OURS}", "K-2;B;1;NL;;x;K-2", "number", id="no-number"),
        pytest.param(f"{OURS}", f"K-2;B;1;NL;;{'9' * 5000};K-2", "number", id="more-than-a-number"),
        pytest.param(f"{OURS}", "K-2;B;1;NL;;3;K-2\nK-2;B;1;NL;;3;K-2", "more than one", id="twice"),
        pytest.param(f"{OURS}", "K-9;B;1;NL;;99;K-9", "no row 99", id="a-row-that-is-not-there"),
        pytest.param(f"{OURS}", "K-2;B;1;NL;;3;K-8", "K-8", id="another-company"),
        pytest.param(f"{OURS}", "x;y;z;Belgium;q;3;K-2", "nothing of it is left", id="another-row-altogether"),
    ],
)
def test_a_workbook_that_cannot_be_matched_is_refused_whole(desk: Desk, header: str, line: str, word: str) -> None:
    broken(desk)
    path = desk.folder / "fixed.csv"
    path.write_text(f"{header}\n{line}\n", encoding="utf-8")
    ended = desk.retry("--rows", path)
    assert ended.code == 2
    assert word in ended.err


def test_columns_may_be_moved_and_added(desk: Desk) -> None:
    broken(desk)
    path = desk.folder / "fixed.csv"
    path.write_text(
        "note;row;labels;country;external_id;phone;name;nr\nmine;3;;NL;K-2;020;Moved;K-2\n", encoding="utf-8"
    )
    assert desk.retry("--rows", path).counts["created"] == 1
    assert desk.kanbert.companies()["K-2"]["company_name"] == "Moved"


def test_a_report_for_each_kind_of_reader(desk: Desk) -> None:
    broken(desk)
    for name in ("errors.xlsx", "errors.csv", "errors.jsonl"):
        path = desk.folder / name
        shown = desk.call("report", desk.journal, "-o", path)
        assert (shown.code, f"{path}: 3 rows to look at." in shown.out) == (0, True)
        assert path.stat().st_size > 0
    assert "--rows" not in desk.call("report", desk.journal, "-o", desk.folder / "errors.jsonl").out


def test_status_tells_what_to_do_next(desk: Desk) -> None:
    broken(desk)
    shown = desk.call("status", desk.journal)
    assert shown.code == 1
    assert shown.out.rstrip().splitlines()[-1].startswith("kanbert-import report ")
    desk.has(contact(1), contact(4, country="NL"))
    desk.run()
    assert desk.call("status", desk.journal).code == 0


def test_a_report_from_before_the_file_changed_is_refused_whole(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    edit(path, 3, "country", "NL")
    rows = [contact(1), contact(8, country="Holand"), contact(3, country="Belgie"), contact(4), contact(4)]
    desk.has(*rows)
    desk.run()
    before = len(desk.kanbert.writes)
    ended = desk.retry("--rows", path)
    assert (ended.code, len(desk.kanbert.writes)) == (2, before)
    assert "read anew" in ended.err
    assert desk.call("status", desk.journal, "--json").counts == {"read": 5, "unchanged": 2, "refused": 3}


def test_a_correction_of_a_row_that_is_in_kanbert_is_taken_too(desk: Desk) -> None:
    broken(desk)
    path = desk.folder / "fixed.csv"
    path.write_text(f"{OURS}\nK-1;Better;020 00001;NL;;2;K-1\n", encoding="utf-8")
    ended = desk.retry("--rows", path)
    assert ended.counts == {"read": 4, "updated": 1, "refused": 3}
    assert desk.kanbert.companies()["K-1"]["company_name"] == "Better"


def test_the_same_run_after_a_correction_does_not_revert_it(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    edit(path, 3, "country", "NL")
    edit(path, 3, "name", "Right")
    desk.retry("--rows", path)
    writes = len(desk.kanbert.writes)
    ended = desk.run()
    assert ended.counts == {"read": 5, "unchanged": 3, "refused": 2}
    assert len(desk.kanbert.writes) == writes
    assert desk.kanbert.companies()["K-2"]["company_name"] == "Right"
    assert "as a retry corrected it" in desk.call("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url).out
    rows = [contact(1), contact(2, country="NL", name="Changed again"), contact(3, country="Belgie")]
    desk.has(*rows)
    assert desk.run().counts == {"read": 3, "updated": 1, "unchanged": 2}


@pytest.mark.parametrize("name", ["contacts.csv", "contacts.journal", "mapping.yaml"])
def test_a_report_never_overwrites_what_it_is_about(desk: Desk, name: str) -> None:
    broken(desk)
    before = (desk.folder / name).read_bytes()
    (desk.folder / "link.csv").symlink_to(desk.folder / name)
    for output in (name, "link.csv"):
        ended = desk.call("report", desk.journal, "-o", desk.folder / output)
        assert (ended.code, "overwrite" in ended.err) == (2, True)
    assert (desk.folder / name).read_bytes() == before


def test_a_correction_that_lost_its_zeros_is_refused(desk: Desk) -> None:
    desk.has(contact(1, nr="00155", country="Holand"))
    desk.run()
    path = desk.folder / "fixed.csv"
    path.write_text(f"{OURS}\n155;Bedrijf 1;020 00001;NL;;2;00155\n", encoding="utf-8")
    ended = desk.retry("--rows", path)
    assert (ended.counts, ended.document["issues"][0]["code"]) == ({"read": 1, "refused": 1}, "damaged-number")
    assert desk.kanbert.writes == []


def test_an_earlier_report_is_put_aside(desk: Desk) -> None:
    broken(desk)
    path = report(desk, "errors.xlsx")
    edit(path, 3, "country", "NL")
    edited = path.read_bytes()
    shown = desk.call("report", desk.journal, "-o", path)
    assert "errors.previous.xlsx" in shown.out
    assert (desk.folder / "errors.previous.xlsx").read_bytes() == edited


def test_an_edit_that_is_refused_is_placed_in_the_file_that_was_given_back(desk: Desk) -> None:
    desk.has(*(contact(n) for n in range(1, 9)), contact(9, country="Holand"))
    desk.run()
    for suffix, place in (("xlsx", "Rows!D2"), ("csv", "row 2, country")):
        path = report(desk, f"errors.{suffix}")
        if suffix == "xlsx":
            edit(path, 10, "country", "Nederlandd")
        else:
            path.write_text(path.read_text("utf-8-sig").replace("Nederlandd", "Nederlanddd"), "utf-8-sig")
        ended = desk.call("retry", desk.journal, "--rows", path, env={"COLUMNS": "400"})
        assert ended.code == 1
        assert f"Rows of {path} are refused still: look there at {place}." in ended.out


@pytest.mark.parametrize(("number", "code"), [("K-1", "duplicate-in-file"), ("k-1", "alike-in-file")])
def test_an_edit_that_is_refused_for_another_row_is_placed_at_its_external_id(
    desk: Desk, number: str, code: str
) -> None:
    desk.has(*(contact(n, country="Holand") for n in (1, 2, 3)))
    desk.run()
    path = report(desk, "errors.xlsx")
    for row in (2, 3):
        edit(path, row, "country", "NL")
    edit(path, 3, "nr", number)
    for _ in range(2):  # given back as it was, it is refused for the same cells
        ended = desk.call("retry", desk.journal, "--rows", path, env={"COLUMNS": "400"})
        found = {issue["code"] for issue in desk.call("status", desk.journal, "--json").document["issues"]}
        assert (ended.code, code in found) == (1, True)
        assert f"Rows of {path} are refused still: look there at Rows!A2, Rows!A3." in ended.out
    assert desk.kanbert.writes == []


@pytest.mark.parametrize("number", ["K-4", "k-4"])
def test_the_cell_of_a_row_that_nobody_edited_is_not_named_and_its_twin_is_freed(desk: Desk, number: str) -> None:
    desk.has(contact(1, nr=number), contact(4), contact(3, country="Holand"), contact(5, country="Holand"))
    assert desk.run().counts == {"read": 4, "refused": 4}
    path = report(desk, "errors.xlsx")
    edit(path, 2, "nr", "K-3")
    edit(path, 4, "country", "NL")
    ended = desk.call("retry", desk.journal, "--rows", path, env={"COLUMNS": "400"})
    assert "look there at Rows!A2, Rows!A4." in ended.out
    assert list(desk.kanbert.companies()) == ["K-4"]
