"""What goes wrong before or around a run: one clear message, the right exit code, nothing lost."""

from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Fault, Token
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.local_kanbert import local_kanbert

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended


def said(ended: Ended, code: int, *words: str) -> None:
    """One message on standard error, no traceback, the same in the document, and the exit code."""
    assert ended.code == code, ended.err
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err
    document = json.loads(ended.out)
    assert document["exit_code"] == code


def test_no_token(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.token = ""
    said(desk.run(), 3, "KANBERT_TOKEN", "--token-file")
    assert not desk.kanbert.requests


def test_a_wrong_token_stops_before_the_first_write_and_is_never_shown(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()  # so that there is a journal that stays
    desk.has_contacts(3)
    desk.token = "very-secret-token"
    ended = desk.run()
    assert (ended.code, ended.document["pending"]) == (3, 2)
    assert "very-secret-token" not in ended.out + ended.err
    assert b"very-secret-token" not in desk.journal.read_bytes()
    assert "401" in desk.call("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url).out
    desk.token = "sandbox"
    assert desk.run().counts == {"read": 3, "created": 2, "unchanged": 1}


def test_a_token_from_a_file(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.token = ""
    file = desk.folder / "token.txt"
    file.write_text("sandbox\n", encoding="utf-8")
    assert desk.run("--token-file", file).code == 0
    said(desk.run("--token-file", desk.folder / "none"), 2, "--token-file", "none")
    said(desk.run("--token-file", "."), 2, "--token-file . cannot be read: Is a directory. Name")


def test_a_token_that_may_only_read_is_told_which_scope_it_needs(desk: Desk) -> None:
    reader = {"reader": Token("test", frozenset({"contact-data:read"}))}
    desk.has_contacts(3)
    with local_kanbert(tokens=reader) as kanbert:
        desk.kanbert, desk.token = kanbert, "reader"
        ended = desk.run()
        assert ended.code == 3
        assert ended.document["pending"] == 3
        shown = desk.call("run", desk.export, "-m", desk.mapping, "--to", kanbert.url)
        assert "contact-data:write" in shown.out


def test_a_target_that_is_down(desk: Desk) -> None:
    desk.has_contacts(3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended = desk.run(to=f"http://127.0.0.1:{port}/api/v1")
    assert (ended.code, ended.document["pending"]) == (3, 3)


@pytest.mark.parametrize(
    ("to", "code", "word"),
    [
        pytest.param("nowhere", 2, "the word sandbox", id="no-address"),
        pytest.param("http://kanbert.example/api", 2, "https", id="plain-http-to-elsewhere"),
        pytest.param("ftp://kanbert.example", 2, "https://", id="another-scheme"),
        pytest.param("https://[::1/api/v1", 2, "https://", id="half-a-bracket"),
    ],
)
def test_an_address_that_cannot_be(desk: Desk, to: str, code: int, word: str) -> None:
    desk.has_contacts(1)
    said(desk.run("--yes", to=to), code, word)


def test_a_password_in_the_address_is_neither_shown_nor_kept(desk: Desk) -> None:
    desk.has_contacts(1)
    ended = desk.run(to="https://me:hidden-word@kanbert.example/api/v1?token=hidden-word")
    said(ended, 2, "KANBERT_TOKEN")
    assert "hidden-word" not in ended.out + ended.err
    assert not desk.journal.exists()


def test_a_wrong_address_can_be_corrected_with_the_same_journal(desk: Desk) -> None:
    desk.has_contacts(2)
    assert desk.run(to=desk.kanbert.url.removesuffix("/api/v1")).code == 3
    assert desk.run().counts == {"read": 2, "created": 2}


def test_a_journal_in_a_folder_that_cannot_be_written_can_be_read(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    sealed = desk.folder / "sealed"
    sealed.mkdir()
    (sealed / "c.journal").write_bytes(desk.journal.read_bytes())
    sealed.chmod(0o555)
    assert desk.call("status", sealed / "c.journal", "--json").counts == {"read": 1, "created": 1}


def test_an_address_that_is_not_the_api(desk: Desk) -> None:
    desk.has_contacts(1)
    ended = desk.run(to=desk.kanbert.url.removesuffix("/api/v1"))
    assert (ended.code, ended.document["pending"]) == (3, 1)


def test_writing_elsewhere_than_loopback_needs_a_yes(desk: Desk) -> None:
    desk.has_contacts(2)
    said(desk.run(to="https://kanbert.example/api/v1"), 2, "--yes", "2 companies", "origin test")


def test_an_unknown_column_in_the_mapping(desk: Desk) -> None:
    desk.has(contact(1), mapping=MAPPING.replace("phone: phone", "phone: telephone"))
    said(desk.run(), 2, "mapping.yaml:7:", "telephone", "phone")
    assert not desk.journal.exists()


def test_an_unknown_field_in_the_mapping(desk: Desk) -> None:
    desk.has(contact(1), mapping=MAPPING.replace("  phone:", "  taxation_enabled: phone\n  phone:"))
    said(desk.run(), 2, "mapping.yaml:7:", "taxation")


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        pytest.param("empty.csv", b"", "empty", id="empty"),
        pytest.param("x.xlsx", b"PK\x03\x04 no zip", "x.xlsx", id="no-workbook"),
        pytest.param("x.xlsx", b"%PDF-1.7\n" + bytes(range(256)), "x.xlsx", id="a-pdf"),
    ],
)
def test_a_file_that_is_no_spreadsheet(desk: Desk, name: str, content: bytes, word: str) -> None:
    desk.has_contacts(1)
    file = desk.folder / name
    file.write_bytes(content)
    said(desk.call("run", file, "-m", desk.mapping, "--to", desk.kanbert.url, "--json"), 2, word)


def test_a_file_that_is_not_there(desk: Desk) -> None:
    desk.has_contacts(1)
    said(desk.call("run", "gone.csv", "-m", desk.mapping, "--to", "sandbox", "--json"), 2, "gone.csv")
    said(desk.call("run", desk.export, "-m", "gone.yaml", "--to", "sandbox", "--json"), 2, "gone.yaml")
    said(desk.call("run", "ftp://x.example/y.csv", "-m", desk.mapping, "--to", "sandbox", "--json"), 2, "no file")


def test_a_header_alone_is_an_import_of_nothing(desk: Desk) -> None:
    desk.has()
    ended = desk.run()
    assert (ended.code, ended.counts) == (0, {})


@pytest.mark.parametrize("folder", [".", "/", ".."])
def test_a_folder_in_place_of_a_file(desk: Desk, folder: str) -> None:
    desk.has_contacts(1)
    target = ["-m", desk.mapping, "--to", desk.kanbert.url, "--json"]
    said(desk.call("run", folder, *target), 2, "a folder. Name a file")
    said(desk.run("--journal", folder), 4, f"journal {folder} cannot be written: it is a folder. Name a file with")
    assert sorted(one.name for one in desk.folder.iterdir()) == ["contacts.csv", "mapping.yaml"]


def test_an_unwritable_journal(desk: Desk) -> None:
    desk.has_contacts(1)
    said(desk.run("--journal", desk.folder / "no" / "such" / "place.journal"), 4, "place.journal", "--journal")
    said(desk.run("--journal", desk.folder), 4, "--journal")


def test_a_file_that_is_no_journal(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.journal.write_text("not a journal, but long enough to be looked at\n" * 30, encoding="utf-8")
    said(desk.run(), 4, "contacts.journal", "--journal")
    assert desk.journal.read_text(encoding="utf-8").startswith("not a journal")
    said(desk.call("status", desk.journal, "--json"), 4, "contacts.journal")


def test_a_journal_of_another_target(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    with local_kanbert() as other:
        said(desk.run(to=other.url), 4, "belongs to", "--journal", "one target")
        assert not other.requests


def test_a_journal_of_another_origin(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    desk.mapping.write_text(MAPPING.replace("external_origin: test", "external_origin: other"), encoding="utf-8")
    said(desk.run(), 4, "origin", "second time")
    said(desk.retry("-m", desk.mapping), 4, "second time")


def test_a_stop_by_too_many_errors_does_not_stop_its_own_resume(desk: Desk) -> None:
    desk.has_contacts(30)
    desk.kanbert.set_faults(Fault(on="POST /companies", times=6, do="status", status=422))
    stopped = desk.run("--max-errors", 2)
    assert stopped.document["counts"]["refused"] >= 3
    assert desk.run("--max-errors", 2).counts == {"read": 30, "created": 30}


def test_a_journal_in_use(desk: Desk) -> None:
    desk.has_contacts(1)
    lock = sqlite3.connect(desk.folder / "contacts.journal.lock")
    lock.execute("BEGIN IMMEDIATE")
    said(desk.run(), 4, "in use")
    lock.close()
    assert desk.run().code == 0


@pytest.mark.parametrize("command", ["status", "report", "retry"])
def test_a_journal_that_is_not_there(desk: Desk, command: str) -> None:
    options = ["-o", "x.xlsx"] if command == "report" else []
    said(desk.call(command, "gone.journal", *options, "--json"), 4, "gone.journal")
    said(desk.call(command, ".", *options, "--json"), 4, ". is a folder. Name a journal")


@pytest.mark.parametrize("command", ["status", "report", "retry"])
def test_an_advice_names_no_option_that_the_command_does_not_have(desk: Desk, command: str) -> None:
    desk.journal.write_bytes(b"no journal at all, and long enough to be one" * 100)
    options = ["-o", "x.xlsx"] if command == "report" else []
    ended = desk.call(command, desk.journal, *options, "--json")
    said(ended, 4, "`run --journal`")
    assert ended.err.count("--journal") == 1


def test_a_report_of_an_unknown_format(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    said(desk.call("report", desk.journal, "-o", "errors.docx", "--json"), 2, "errors.docx", ".xlsx")
    assert not Path("errors.docx").exists()


def test_a_sandbox_file_that_is_something_else_is_usage(desk: Desk) -> None:
    desk.has_contacts(1)
    (desk.folder / "kanbert-sandbox.db").write_text("no database, but a text of some length\n" * 50, encoding="utf-8")
    said(desk.run(to="sandbox"), 2, "kanbert-sandbox.db")
    ended = desk.call("sandbox", "--data", desk.folder / "none" / "x.db")
    assert (ended.code, "x.db" in ended.err, "--port" in ended.err) == (2, True, False)


def test_a_sandbox_whose_port_is_taken_says_so(desk: Desk) -> None:
    port = desk.kanbert.url.split(":")[2].split("/")[0]
    ended = desk.call("sandbox", "--port", port, "--data", desk.folder / "x.db")
    assert (ended.code, f"port {port}" in ended.err) == (2, True)


def test_a_fault_script_with_a_mistake_is_placed(desk: Desk) -> None:
    script = desk.folder / "faults.yaml"
    script.write_text("faults:\n  - {on: 'POST /companies', do: explode}\n", encoding="utf-8")
    ended = desk.call("sandbox", "--faults", script)
    assert (ended.code, "faults.yaml" in ended.err, "explode" in ended.err) == (2, True, True)


def test_status_of_a_run_that_is_going_on_says_so(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    lock = sqlite3.connect(desk.folder / "contacts.journal.lock")
    lock.execute("BEGIN IMMEDIATE")
    try:
        shown = desk.call("status", desk.journal)
    finally:
        lock.close()
    assert "is going on (process" in shown.out
    assert "Next:" not in shown.out
