"""How a file is read: what the user says on the command line counts more than what the mapping says."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import openpyxl
import pytest

from importer.cli.options import MOST_ROWS
from importer.commands.again import run_again
from importer.commands.settings import Job, Writing
from importer.mapping import SourceSettings
from tests.fakes.contacts import COLUMNS, MAPPING, contact, write_mapping

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios.conftest import Desk

OPTIONS = ["--sheet", "Bedrijven NL", "--header-row", "3"]
TEXT = ["--encoding", "cp1252", "--delimiter", "tab"]


def workbook(desk: Desk, *contacts: dict[str, str]) -> Path:
    """Write a workbook whose second sheet has the companies, below a title, and a mapping that means the first."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Oud"
    book.worksheets[0].append(["nr", "name", "phone", "country", "labels"])
    sheet = book.create_sheet("Bedrijven NL")
    for row in (["All of them"], [], COLUMNS, *(list(one.values()) for one in contacts)):
        sheet.append(list(row))
    path = desk.folder / "contacts.xlsx"
    book.save(path)
    write_mapping(desk.mapping, f"{MAPPING}source:\n  sheet: Oud\n  header_row: 1\n")
    return path


def text(desk: Desk) -> Path:
    path = desk.folder / "contacts.txt"
    rows = [COLUMNS, ("K-1", "Café é", "020 1", "NL", ""), ("K-2", "Groß", "020 2", "NL", "")]
    path.write_bytes("".join("\t".join(row) + "\r\n" for row in rows).encode("cp1252"))
    write_mapping(desk.mapping, f'{MAPPING}source:\n  encoding: utf-8\n  delimiter: ";"\n')
    return path


@pytest.mark.parametrize("kind", ["workbook", "text"])
@pytest.mark.parametrize("command", ["check", "preview", "validate", "run"])
def test_options_override_the_mapping_in_every_command(desk: Desk, command: str, kind: str) -> None:
    file, options = (workbook(desk, contact(1), contact(2)), OPTIONS) if kind == "workbook" else (text(desk), TEXT)
    words = {
        "check": ["check", desk.mapping, file],
        "preview": ["preview", file, "-m", desk.mapping],
        "validate": ["validate", file, "-m", desk.mapping],
        "run": ["run", file, "-m", desk.mapping, "--to", desk.kanbert.url],
    }[command]
    ended = desk.call(*words, *options, "--json")
    assert ended.code == 0, ended.err
    if command == "preview":
        assert [json.loads(line)["external_id"] for line in ended.out.splitlines()] == ["K-1", "K-2"]
    else:
        read = ["rows", "sheet", "header_row", "encoding", "delimiter"]
        facts = [2, "Bedrijven NL", 3, None, None] if kind == "workbook" else [2, None, 1, "cp1252", "\t"]
        assert [ended.document["source"][name] for name in read] == facts


def test_the_mapping_holds_where_nothing_is_said(desk: Desk) -> None:
    file = workbook(desk, contact(1))
    assert desk.call("validate", file, "-m", desk.mapping, "--json").document["source"]["sheet"] == "Oud"
    write_mapping(desk.mapping, f"{MAPPING}source:\n  sheet: Oud\n  header_row: 3\n")
    part = desk.call("validate", file, "-m", desk.mapping, "--sheet", "bedrijven nl", "--json")
    assert (part.document["source"]["sheet"], part.document["source"]["header_row"]) == ("Bedrijven NL", 3)


def test_the_next_command_says_how_the_file_is_read(desk: Desk) -> None:
    file = workbook(desk, contact(1), contact(2, country="Holand"))
    validated = desk.call("validate", file, "-m", desk.mapping, *OPTIONS, "--json")
    assert shlex.join(OPTIONS) in validated.document["next"]
    followed = desk.call(*shlex.split(validated.document["next"])[1:])
    assert "error in 'Bedrijven NL'!D5: not-a-country" in followed.out
    assert validated.document["issues"][0]["first_cells"] == ["'Bedrijven NL'!D5"]


def test_a_run_is_resumed_and_retried_as_it_was_read(desk: Desk) -> None:
    """The journal keeps the rows and how they were read; only the file is read by the options again."""
    file = workbook(desk, contact(1), contact(2, country="Holand"))
    words = ["run", file, "-m", desk.mapping, "--to", desk.kanbert.url, "--json", *OPTIONS]
    job = Job(file, desk.mapping, reading=SourceSettings("Bedrijven NL", 3, "utf-8", ";"))
    assert shlex.join([*OPTIONS, "--encoding", "utf-8", "--delimiter", ";", "--to"]) in run_again(job, Writing("x"))
    ran = desk.call(*words)
    assert ran.counts == {"read": 2, "created": 1, "refused": 1}
    again = desk.call(*words)
    assert again.counts == {"read": 2, "unchanged": 1, "refused": 1}
    retried = desk.call("retry", desk.journal, "--json")
    assert retried.document["source"] == {**ran.document["source"], "rows": 1}
    assert retried.document["source"]["header_row"] == 3


def test_what_was_said_wrong_is_told_in_the_words_it_was_said_in(desk: Desk) -> None:
    file = workbook(desk, contact(1))
    said = desk.call("validate", file, "-m", desk.mapping, "--sheet", "Nieuw")
    assert said.code == 2
    assert 'there is no sheet "Nieuw"' in said.err
    assert "name one with `--sheet`" in said.err
    write_mapping(desk.mapping, f"{MAPPING}source:\n  sheet: Nieuw\n")
    assert "name one with `source.sheet`" in desk.call("validate", file, "-m", desk.mapping).err


def test_check_without_a_file_reads_none(desk: Desk) -> None:
    write_mapping(desk.mapping)
    ended = desk.call("check", desk.mapping, "--sheet", "Oud")
    assert ended.code == 2
    assert "--sheet says how a file is read. Name the file behind the mapping." in ended.err


@pytest.mark.parametrize("kind", ["workbook", "text"])
def test_the_largest_numbers_that_options_take_break_nothing(desk: Desk, kind: str) -> None:
    file, options = (workbook(desk, contact(1)), OPTIONS) if kind == "workbook" else (text(desk), TEXT)
    words = [file, "-m", desk.mapping, *options]
    assert desk.call("validate", *words, "--limit", str(MOST_ROWS)).code == 0
    assert desk.call("preview", *words, "-n", str(MOST_ROWS)).code == 0
    for command in ("validate", "preview"):
        ended = desk.call(command, *words, "--header-row", str(MOST_ROWS))
        assert ended.code == 2
        assert "breaks down" not in ended.err


def test_limits_are_raised_and_lowered_by_the_environment(desk: Desk) -> None:
    file = workbook(desk, contact(1), contact(2))
    words = ["validate", file, "-m", desk.mapping, *OPTIONS]
    for command in (words, ["init", file, *OPTIONS]):
        refused = desk.call(*command, env={"KANBERT_LIMITS": "rows=1"})
        assert refused.code == 2
        assert "more than 1 rows" in refused.err
    assert desk.call(*words, env={"KANBERT_LIMITS": "rows=2"}).code == 0
    wrong = desk.call(*words, env={"KANBERT_LIMITS": "row=2"})
    assert wrong.code == 2
    assert "'row=2' is no limit" in wrong.err


def test_a_sheet_of_a_workbook_that_breaks_off_is_one_message(desk: Desk) -> None:
    file = workbook(desk, contact(1))
    ended = desk.call("validate", file, "-m", desk.mapping, "--json", env={"KANBERT_LIMITS": "memory=1MiB"})
    assert ended.code == 2
    assert str(file) in ended.document["error"]
    assert "Traceback" not in ended.err


def test_a_preview_says_what_is_to_be_known_of_the_file_beside_its_rows(desk: Desk) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (COLUMNS, *(list(contact(n).values()) for n in range(1, 9))):
        sheet.append(list(row))
    sheet.cell(row=8, column=len(COLUMNS) + 2, value="note")  # below what is shown
    path = desk.folder / "contacts.xlsx"
    book.save(path)
    write_mapping(desk.mapping)
    for options in ([], ["--json"]):
        ended = desk.call("preview", path, "-m", desk.mapping, *options)
        assert (ended.code, ended.err.count("Columns without a name hold something: G (first in row 8)")) == (0, 1)
        assert "without a name" not in ended.out


def test_a_line_of_a_preview_is_one_for_tools_that_go_by_lines(desk: Desk) -> None:
    desk.has(contact(1, name="A\u2028B\u2029C"))
    ended = desk.call("preview", desk.export, "-m", desk.mapping, "--json")
    [line] = ended.out.splitlines()  # Python's, which break at each of these
    assert json.loads(line)["payload"]["company_name"] == "A\u2028B\u2029C"
