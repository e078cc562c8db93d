"""`check`, `preview`, `validate` and the program's own words: nothing leaves this machine."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer import __version__
from importer.cli import app
from tests.fakes.contacts import MAPPING, contact

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk


def test_validate_predicts_what_run_refuses(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"), contact(3), contact(3))
    validated = desk.call("validate", desk.export, "-m", desk.mapping, "--json")
    assert (validated.code, validated.counts) == (1, {"read": 4, "refused": 3})
    assert validated.document["pending"] == 1
    assert validated.document["next"].endswith("--row 3")
    assert not desk.kanbert.requests
    assert {path.name for path in desk.folder.iterdir()} == {"contacts.csv", "mapping.yaml"}
    ran = desk.run().document
    assert ran["issues"] == validated.document["issues"]
    assert ran["source"] == validated.document["source"]


def test_a_clean_file_is_ready_to_run(desk: Desk) -> None:
    desk.has_contacts(5)
    validated = desk.call("validate", desk.export, "-m", desk.mapping, "--json", "-q")
    assert (validated.code, validated.err) == (0, "")
    assert validated.document["next"].endswith("--to sandbox")
    shown = desk.call("validate", desk.export, "-m", desk.mapping)
    assert "5" in shown.out


def test_preview_prints_a_line_a_row(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"), contact(3), contact(3))
    lines = [json.loads(line) for line in preview(desk, "-n", "0", "--json")]
    assert [(line["row"], line["external_id"], line["payload"] is None) for line in lines] == [
        (2, "K-1", False),
        (3, "K-2", True),
        (4, "K-3", True),
        (5, "K-3", True),
    ]
    assert lines[0]["payload"]["external_origin"] == "test"
    assert set(lines[1]["issues"][0]) == {*("code", "severity", "field", "column", "cell", "value", "message", "hint")}
    assert lines[1]["issues"][0]["column"] == "country"


def preview(desk: Desk, *options: str) -> list[str]:
    ended = desk.call("preview", desk.export, "-m", desk.mapping, *options)
    assert ended.code == 0, ended.err
    return ended.out.splitlines()


def test_preview_shows_the_first_rows_or_one_side_by_side(desk: Desk) -> None:
    desk.has(*(contact(n) for n in range(1, 10)))
    assert sum(line.startswith("row ") for line in preview(desk)) == 5
    assert sum(line.startswith("row ") for line in preview(desk, "-n", "2")) == 2
    one = preview(desk, "--row", "7")
    assert one[0] == "row 7"
    assert any("nr: K-6" in line and "external_id: K-6" in line for line in one)


def test_preview_of_a_row_that_is_not_there(desk: Desk) -> None:
    desk.has_contacts(3)
    ended = desk.call("preview", desk.export, "-m", desk.mapping, "--row", "99")
    assert ended.code == 2
    assert "no row 99" in ended.err


@pytest.mark.parametrize("words", [["--row", "99"], ["-n", "0", "--decisions", "none.yaml"]])
def test_preview_says_in_a_line_of_json_why_it_shows_nothing(desk: Desk, words: list[str]) -> None:
    desk.has_contacts(1)
    ended = desk.call("preview", desk.export, "-m", desk.mapping, *words, "--json")
    assert ended.code == 2
    (line,) = ended.out.splitlines()
    said = json.loads(line)
    assert (said["command"], said["exit_code"], bool(said["error"])) == ("preview", 2, True)


def test_preview_says_after_the_rows_why_there_are_no_more(desk: Desk) -> None:
    desk.has_contacts(2)
    with desk.export.open("ab") as file:
        file.write(b'3;"' + b"x" * 200_000)
    ended = desk.call("preview", desk.export, "-m", desk.mapping, "-n", "9", "--json")
    *rows, last = map(json.loads, ended.out.splitlines())
    assert ended.code == 2
    assert [row["row"] for row in rows] == [2, 3]
    assert "error" in last


def test_preview_shows_why_a_row_would_not_be_sent(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"))
    text = "\n".join(preview(desk))
    assert "would not be sent" in text
    assert "not-a-country" in text


def test_check_finds_nothing_in_a_good_mapping(desk: Desk) -> None:
    desk.has(contact(1, name="x" * 250))
    ended = desk.call("check", desk.mapping, desk.export)
    assert ended.code == 0
    assert "no mistakes" in ended.out
    assert "near the limit: company_name has up to 250 of 255" in ended.out
    document = desk.call("check", desk.mapping, desk.export, "--json").document
    assert document["coverage"]["filled"]["phone"] == 1
    assert "iban" in document["coverage"]["unset_fields"]
    assert document["coverage"]["unused_columns"] == []
    assert desk.call("check", desk.mapping, "--json").document["coverage"] is None


def test_check_says_what_of_the_file_is_used_and_what_of_the_mapping(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"))
    export = desk.export.read_text(encoding="utf-8").splitlines()
    more = [f"{line}{cell}" for line, cell in zip(export, [";Fax;Leeg", ";020 1;", ";;"], strict=True)]
    desk.export.write_text("\n".join(more if ";" in export[0] else [line.replace(";", ",") for line in more]) + "\n")
    rules = "skip: [{when: {column: nr, is: gone}, reason: it is gone}]\ncustom_fields: {p: {from: phone, map: {x: y}, otherwise: keep}}\n"
    desk.mapping.write_text(MAPPING + rules, encoding="utf-8")
    ended = desk.call("check", desk.mapping, desk.export)
    assert ended.code == 0
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert any(
        line.endswith("2 rows, 1 refused, 0 skipped (`validate` says why, and finds duplicates as well)")
        for line in lines
    )
    assert 'Fax 1 row has something, the first "020 1"' in lines
    assert "Leeg always empty" in lines
    assert "external_id 1 100% nr" in lines
    assert "custom_fields.p 1 100% phone" in lines
    assert any(line.endswith('no row is skipped as "it is gone"') for line in lines)
    assert any(line.endswith('custom_fields.p: no row has what `map` translates for "x"') for line in lines)
    coverage = desk.call("check", desk.mapping, desk.export, "--json").document["coverage"]
    assert coverage["unused_filled"] == {"Fax": 1, "Leeg": 0}
    assert (coverage["refused"], coverage["skipped"], len(coverage["never"])) == (1, 0, 2)


def test_validate_writes_what_is_to_be_decided_and_every_command_takes_it(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"), contact(2, country="Holand"), contact(3))
    file, decided = Path("decisions.yaml"), ["--decisions", "decisions.yaml"]  # short: long lines are folded
    validated = desk.call("validate", desk.export, "-m", desk.mapping, *decided, "--json")
    assert (validated.code, validated.counts) == (1, {"read": 3, "refused": 2})
    assert '  "Holand":  # 2 rows; NL (Netherlands)?\n' in file.read_text(encoding="utf-8")
    shown = " ".join(desk.call("validate", desk.export, "-m", desk.mapping, *decided).out.split())
    command = shlex.join(["kanbert-import", "validate", str(desk.export), "-m", str(desk.mapping), *decided])
    assert validated.document["next"] == command
    limited = desk.call("validate", desk.export, "-m", desk.mapping, *decided, "--limit", "1", "--json")
    assert limited.document["next"] == f"{command} --limit 1"
    assert f"{file}: 1 value waits for a decision; edit that file: write it behind each colon" in shown
    file.write_text("address_invoice_country: {Holand: NL, Nowhere: BE}\n", encoding="utf-8")
    again = desk.call("validate", desk.export, "-m", desk.mapping, *decided)
    assert again.code == 0
    said = " ".join(again.out.split())
    assert f'{file}: address_invoice_country: no row has "Nowhere", so this decision does nothing.' in said
    assert f"{file}: nothing is left to decide." in said
    assert f"--decisions {file} --to sandbox" in said
    rows = [json.loads(line) for line in preview(desk, "-n", "0", "--json", *map(str, decided))]
    assert [row["payload"]["address_invoice_country"] for row in rows[:2]] == ["NL", "NL"]
    checked = desk.call("check", desk.mapping, desk.export, *decided)
    assert f'{file}:5:3: address_invoice_country: no row has "Nowhere"' in checked.out


def test_where_nothing_can_be_decided_a_refused_row_is_shown_next(desk: Desk) -> None:
    desk.has(contact(1), contact(1))
    decided = ["--decisions", "decisions.yaml"]
    ended = desk.call("validate", desk.export, "-m", desk.mapping, *decided, "--json")
    assert " preview " in ended.document["next"]
    assert ended.document["next"].endswith("--row 2")


def test_check_says_that_it_looks_for_no_duplicates(desk: Desk) -> None:
    desk.has(contact(1), contact(1))
    shown = desk.call("check", desk.mapping, desk.export).out
    assert "2 rows, 0 refused, 0 skipped (`validate` says why, and finds duplicates as well)" in shown


def test_a_decisions_file_that_cannot_be_written_says_so(desk: Desk) -> None:
    desk.has_contacts(1)
    ended = desk.call("validate", desk.export, "-m", desk.mapping, "--decisions", desk.folder / "no" / "d.yaml")
    assert ended.code == 2
    assert "cannot write" in ended.err


def test_a_decisions_file_is_private_and_stays_as_it_was_where_it_cannot_be_read(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"))
    file = Path("decisions.yaml")
    assert desk.call("validate", desk.export, "-m", desk.mapping, "--decisions", file).code == 1
    assert file.stat().st_mode & 0o777 == 0o600
    for wrong in ("address_invoice_country: {Holand: Nowhere}\n", "a: [\n", "external_id: {K-1: K-2}\n"):
        file.write_text(wrong, encoding="utf-8")
        assert desk.call("validate", desk.export, "-m", desk.mapping, "--decisions", file).code == 2
        assert file.read_text(encoding="utf-8") == wrong
    file.write_text("address_invoice_country: {Holand: NL, holand: BE}\n", encoding="utf-8")
    ended = desk.call("run", desk.export, "-m", desk.mapping, "--decisions", file, "--to", desk.kanbert.url)
    assert ended.code == 2
    assert 'decisions.yaml:1:39: "Holand" and "holand" are the same cell; keep one' in ended.err


def test_a_run_and_a_retry_take_decisions_and_the_journal_keeps_them(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"), contact(2, country="Atlantis"), contact(3))
    file = desk.folder / "decisions.yaml"
    file.write_text("address_invoice_country: {Holand: NL}\n", encoding="utf-8")
    ran = desk.run("--decisions", file)
    assert ran.counts == {"read": 3, "created": 2, "refused": 1}
    file.unlink()
    assert desk.retry().counts == {"read": 1, "refused": 1}
    file.write_text("address_invoice_country: {Atlantis: BE}\n", encoding="utf-8")
    assert desk.retry("--decisions", file).counts == {"read": 1, "created": 1}


def test_check_shows_a_failing_test_of_the_mapping(desk: Desk) -> None:
    desk.has_contacts(1)
    tests = "tests:\n  - row: {nr: '1', name: A, phone: '', country: NL, labels: ''}\n    company: {company_name: B}\n"
    desk.mapping.write_text(MAPPING + tests, encoding="utf-8")
    ended = desk.call("check", desk.mapping)
    assert ended.code == 2
    assert "0 of 1" in ended.out
    line = (MAPPING + tests).splitlines().index("    company: {company_name: B}") + 1
    assert f'  {desk.mapping}:{line}:29: company_name is "A", not "B"' in ended.out
    assert len(desk.call("check", desk.mapping, "--json").document["tests"]["failures"]) == 1


def test_check_lists_every_mistake(desk: Desk) -> None:
    desk.has_contacts(1)
    wrong = MAPPING.replace("  phone:", "  fone:").replace("version: 1", "version: 2")
    desk.mapping.write_text(wrong, encoding="utf-8")
    ended = desk.call("check", desk.mapping, "--json")
    assert ended.code == 2
    assert "mapping.yaml:1:" in ended.err
    assert "mapping.yaml:7:" in ended.err
    assert json.loads(ended.out)["exit_code"] == 2


def test_the_version(desk: Desk) -> None:
    assert desk.call("--version").out == f"kanbert-import {__version__}\n"


@pytest.mark.parametrize("command", [info.callback.__name__ for info in app.registered_commands if info.callback])
def test_every_commands_help_ends_with_an_example(desk: Desk, command: str) -> None:
    shown = desk.call(command, "--help")
    assert shown.code == 0
    assert f"Example: kanbert-import {command} " in " ".join(shown.out.split())


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["run", "x.csv"], id="no-mapping"),
        pytest.param(["run", "x.csv", "-m", "m.yaml"], id="no-target"),
        pytest.param(["run", "x.csv", "-m", "m.yaml", "--to", "sandbox", "--concurrency", "0"], id="no-concurrency"),
        pytest.param(["fly"], id="no-command"),
        pytest.param(["validate", "x.csv", "-m", "m.yaml", "--header-row", "9" * 23], id="header-row-of-no-file"),
        pytest.param(["validate", "x.csv", "-m", "m.yaml", "--limit", "9" * 23], id="limit-of-no-file"),
        pytest.param(["preview", "x.csv", "-m", "m.yaml", "-n", "9" * 23], id="count-of-no-file"),
        pytest.param(["preview", "x.csv", "-m", "m.yaml", "--row", "9" * 23], id="row-of-no-file"),
    ],
)
def test_words_that_make_no_command_are_usage(desk: Desk, words: list[str]) -> None:
    assert desk.call(*words).code == 2
