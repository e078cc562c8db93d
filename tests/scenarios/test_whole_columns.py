"""What a whole column shows: it is told once, and how cells are read by it does not depend on the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openpyxl

from tests.fakes.contacts import MAPPING, contact

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended

DATES = MAPPING.replace("  phone: phone\n", "  vendor_identifier: {from: phone, as: date}\n")
NUMBERS = MAPPING.replace("  phone: phone\n", "  vendor_identifier: {from: phone, as: decimal}\n")


def has(desk: Desk, cells: list[str], mapping: str = DATES) -> None:
    contacts = [contact(number, phone=cell) for number, cell in enumerate(cells, start=1)]
    desk.has(*contacts, mapping=mapping)


def validate(desk: Desk, *options: str) -> Ended:
    return desk.call("validate", desk.export, "-m", desk.mapping, "--json", "-q", *options)


def told(ended: Ended) -> dict[str, Any]:
    return {issue["code"]: issue for issue in ended.document["issues"] if issue["field"] is None}


def sent(desk: Desk) -> list[str | None]:
    return [company["vendor_identifier"] for _, company in sorted(desk.kanbert.companies().items())]


def previewed(desk: Desk, *options: str) -> list[str | None]:
    lines = desk.call("preview", desk.export, "-m", desk.mapping, "--json", *options).out.splitlines()
    return [payload and payload["vendor_identifier"] for payload in (json.loads(line)["payload"] for line in lines)]


def test_a_column_that_proves_its_order_is_read_by_it_whatever_the_command(desk: Desk) -> None:
    has(desk, ["03/04/2021", "31/12/2021"])
    validated = validate(desk)
    assert (validated.code, validated.document["pending"]) == (0, 2)
    issue = told(validated)["read-by-column"]
    assert (issue["severity"], issue["column"], issue["count"], issue["first_rows"]) == ("info", "phone", 1, [2])
    assert issue["message"].endswith('read day first, since "31/12/2021" in row 3 can be nothing else')
    assert previewed(desk, "-n", "1") == previewed(desk, "--row", "2") == ["2021-04-03"]
    assert previewed(desk, "-n", "0") == ["2021-04-03", "2021-12-31"]
    assert desk.run("--limit", 1).counts == {"read": 1, "created": 1}
    ran = desk.run()
    assert told(ran).keys() == told(validated).keys()
    assert sent(desk) == ["2021-04-03", "2021-12-31"]


def test_a_column_that_proves_nothing_or_both_refuses_what_is_ambiguous(desk: Desk) -> None:
    has(desk, ["03/04/2021", "05/05/2021"])
    validated = validate(desk)
    assert (validated.code, validated.counts) == (1, {"read": 2, "refused": 1})
    assert told(validated)["ambiguous-dates"]["first_rows"] == [2]
    has(desk, ["03/04/2021", "31/12/2021", "12/31/2021"])
    validated = validate(desk)
    assert (validated.code, validated.counts) == (1, {"read": 3, "refused": 1})
    assert "contradicting-dates" in told(validated)
    assert desk.run().counts == {"read": 3, "created": 2, "refused": 1}


def test_a_declared_order_is_not_decided_by_the_column(desk: Desk) -> None:
    has(desk, ["03/04/2021", "31/12/2021"], DATES.replace("as: date", "as: {date: {order: mdy}}"))
    validated = validate(desk)
    assert validated.counts == {"read": 2, "refused": 1}
    assert told(validated) == {}
    assert previewed(desk, "-n", "1") == ["2021-03-04"]


def test_what_can_be_read_by_itself_is_read_so_whatever_the_column_proves(desk: Desk) -> None:
    has(desk, ["12/31/2021", "2021-04-03", "05/05/2021", "3 April 2021"])
    assert previewed(desk, "-n", "0") == ["2021-12-31", "2021-04-03", "2021-05-05", "2021-04-03"]
    has(desk, ["12/31/2021", "03.04.2021", "03/04/2021"])
    assert previewed(desk, "-n", "0") == ["2021-12-31", "2021-04-03", None]


def test_the_decimal_separator_is_read_from_the_column(desk: Desk) -> None:
    has(desk, ["1.234", "0,5", "7"], NUMBERS)
    validated = validate(desk)
    assert validated.code == 0
    assert told(validated)["read-by-column"]["message"].endswith(
        'read with a decimal comma, since "0,5" in row 3 can be nothing else'
    )
    assert previewed(desk, "-n", "0") == ["1234", "0.5", "7"]
    has(desk, ["1.234", "0,5", "0.5"], NUMBERS)
    assert previewed(desk, "-n", "0") == [None, "0.5", "0.5"]
    assert "ambiguous-numbers" in told(validate(desk))


def test_cells_that_are_changed_before_they_are_read_prove_nothing(desk: Desk) -> None:
    replaced = "as: date, replace: [{pattern: '^(..)/(..)', with: '\\2/\\1'}]"
    has(desk, ["03/04/2021", "12/31/2021"], DATES.replace("as: date", replaced))
    assert previewed(desk, "-n", "0") == [None, "2021-12-31"]


def test_a_retry_of_one_row_reads_it_by_the_whole_file(desk: Desk) -> None:
    has(desk, ["Holand", "31/12/2021"], DATES)
    assert desk.run().counts == {"read": 2, "created": 1, "refused": 1}
    path = desk.folder / "errors.xlsx"
    assert desk.call("report", desk.journal, "-o", path).code == 0
    correct(desk, "03/04/2021")
    assert desk.retry("--rows", path).counts == {"read": 1, "created": 1}
    assert sent(desk) == ["2021-04-03", "2021-12-31"]
    assert desk.run().counts == {"read": 2, "unchanged": 2}


def test_a_corrected_row_proves_nothing(desk: Desk) -> None:
    has(desk, ["Holand", "03/04/2021"], DATES)
    assert desk.run().counts == {"read": 2, "refused": 2}
    path = desk.folder / "errors.xlsx"
    assert desk.call("report", desk.journal, "-o", path).code == 0
    correct(desk, "31/12/2021")
    assert desk.retry("--rows", path).counts == {"read": 2, "created": 1, "refused": 1}
    assert desk.retry().counts == {"read": 1, "refused": 1}
    assert desk.run().counts == {"read": 2, "unchanged": 1, "refused": 1}


def correct(desk: Desk, value: str) -> None:
    """Correct the row 2 in the report."""
    path = desk.folder / "errors.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Rows"]
    column = [cell.value for cell in sheet[1]].index("phone") + 1
    sheet.cell(2, column).value = value
    book.save(path)


def test_damage_is_told_once_for_a_column_by_validate_check_and_run(desk: Desk) -> None:
    zips = [f"{start}{rest}" for start in range(1, 10) for rest in (1067, 2345, 4109)]
    contacts = [contact(number, phone=cell) for number, cell in enumerate([*zips, "1067", "4109"], start=1)]
    contacts[0] |= {"name": "MÃ¼ller"}
    contacts[1] |= {"labels": "4,93012E+11"}
    desk.has(*contacts)
    validated = validate(desk)
    assert validated.code == 0
    found = told(validated)
    assert {code: issue["column"] for code, issue in found.items()} == {
        "lost-zeros": "phone",
        "mojibake": "name",
        "scientific-notation": "labels",
        "constant-column": "country",
    }
    assert found["lost-zeros"]["message"].endswith('such as "1067"; it may have been 01067')
    assert (found["lost-zeros"]["count"], found["lost-zeros"]["first_rows"]) == (2, [29, 30])
    assert told(desk.call("check", desk.mapping, desk.export, "--json")) == found
    assert told(desk.run()) == {code: issue for code, issue in found.items() if code != "constant-column"}
    shown = desk.call("validate", desk.export, "-m", desk.mapping).out
    assert "What the columns show:\n1 x mojibake in name\n" in shown
    assert shown.count("mojibake") == 1
    assert '    country: every row that fills the column has "NL"\n' in shown
    assert "Nothing to do" not in shown
    checked = desk.call("check", desk.mapping, desk.export).out
    assert "column name: mojibake: the column has text that was decoded wrongly before" in checked
    assert "it may have been Müller (row 2)" in checked


def test_columns_that_the_mapping_does_not_look_at_are_left_alone(desk: Desk) -> None:
    has(desk, ["03/04/2021", "MÃ¼ller"], MAPPING.replace("  phone: phone\n", ""))
    assert told(validate(desk)) == {}
