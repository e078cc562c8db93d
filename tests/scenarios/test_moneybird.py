"""Contacts straight from Moneybird, as a user gives the commands; Moneybird and Kanbert both answer on loopback."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from importer.journal import locked, this_process
from tests.fakes.moneybird import ADMINISTRATION, FakeMoneybird, moneybird_in_a_thread, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios.conftest import Desk, Ended

ADDRESS = f"moneybird://{ADMINISTRATION}"
NAME = f"moneybird-{ADMINISTRATION}"
MAPPING = """\
version: 1
target:
  external_origin: test
company:
  external_id: customer_id
  company_name: company_name
  phone: phone
  email_general: contact_people[0].email
  business_field: custom_fields.Branche
skip:
  - {when: {column: archived, is: true}, reason: archived}
"""
BRANCHE = [{"id": "496081411131835863", "name": "Branche", "value": "ict"}]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMoneybird]:
    with moneybird_in_a_thread() as fake:
        fake.add(3, custom_fields=BRANCHE, contact_people=[person("Fenna", "Kwast", email="fenna@x.example")])
        monkeypatch.setenv("MONEYBIRD_URL", fake.url)
        monkeypatch.setenv("MONEYBIRD_TOKEN", fake.token)
        yield fake


@pytest.fixture
def work(desk: Desk, fake: FakeMoneybird) -> Desk:
    desk.mapping.write_text(MAPPING, encoding="utf-8")
    return desk


def run(desk: Desk, *options: object, address: str = ADDRESS) -> Ended:
    return desk.call("run", address, "-m", desk.mapping, "--to", desk.kanbert.url, "--json", "-q", *options)


def snapshot(desk: Desk) -> Path:
    return desk.folder / f"{NAME}.contacts"


def test_every_command_takes_an_address(work: Desk, fake: FakeMoneybird) -> None:
    assert work.call("init", ADDRESS, "-o", "guessed.yaml", "-q").code == 0
    assert "external_id: customer_id" in (work.folder / "guessed.yaml").read_text(encoding="utf-8")
    assert work.call("check", work.mapping, ADDRESS).code == 0
    shown = work.call("preview", ADDRESS, "-m", work.mapping, "--row", "2").out
    assert "fenna@x.example" in shown
    assert work.call("validate", ADDRESS, "-m", work.mapping).code == 0
    planned = work.call("plan", ADDRESS, "-m", work.mapping, "--to", work.kanbert.url)
    assert f"kanbert-import run --plan {NAME}.plan" in planned.out
    done = work.call("run", "--plan", f"{NAME}.plan", "--json", "-q")
    assert (done.code, done.counts) == (0, {"read": 3, "created": 3})
    assert fake.paths().count("POST /contacts/synchronization.json") == 0  # the first page had them all
    assert all(method == "GET" for method, _ in fake.asked)


def test_the_document_names_the_address_and_nothing_the_token(work: Desk, fake: FakeMoneybird) -> None:
    ended = run(work)
    source = ended.document["source"]
    assert (source["path"], source["format"], source["rows"]) == (ADDRESS, "moneybird", 3)
    assert ended.document["journal"] == f"{NAME}.journal"
    company = work.kanbert.companies()["0002"]
    assert (company["business_field"]["name"], company["email_general"]) == ("ict", "fenna@x.example")
    kept = [one for one in work.folder.iterdir() if fake.token.encode() in one.read_bytes()]
    assert kept == []
    assert fake.token not in ended.out + ended.err
    assert stat.S_IMODE(snapshot(work).stat().st_mode) == 0o600


def test_retry_explain_and_verify_need_no_moneybird(work: Desk, fake: FakeMoneybird) -> None:
    fake.add(1, customer_id=None)
    assert run(work).counts == {"read": 4, "created": 3, "refused": 1}
    asked = len(fake.asked)
    journal = f"{NAME}.journal"
    offline = {"MONEYBIRD_TOKEN": "", "MONEYBIRD_URL": ""}
    assert "Bedrijf 2" in work.call("explain", journal, "0002", "--by", "external_id", env=offline).out
    assert work.call("verify", journal, env=offline).code == 0
    assert work.call("report", journal, "-o", "wrong.xlsx", env=offline).code == 0
    assert work.call("retry", journal, "--json", "-q", env=offline).counts["refused"] == 1
    assert len(fake.asked) == asked


def test_what_is_kept_serves_without_a_token_where_nothing_is_sent(work: Desk, fake: FakeMoneybird) -> None:
    validate = ("validate", ADDRESS, "-m", work.mapping)
    assert work.call(*validate, env={"MONEYBIRD_TOKEN": ""}).code == 3
    assert work.call(*validate).code == 0
    asked = len(fake.asked)
    ended = work.call(*validate, env={"MONEYBIRD_TOKEN": ""})
    assert (ended.code, len(fake.asked)) == (0, asked)
    assert "without MONEYBIRD_TOKEN it was not asked what has changed since" in " ".join(ended.out.split())
    refused = work.call("run", ADDRESS, "-m", work.mapping, "--to", work.kanbert.url, env={"MONEYBIRD_TOKEN": ""})
    assert (refused.code, "MONEYBIRD_TOKEN" in refused.err) == (3, True)


def test_what_changed_is_looked_for_before_anything_is_sent(work: Desk, fake: FakeMoneybird) -> None:
    assert work.call("validate", ADDRESS, "-m", work.mapping).code == 0
    fake.change(next(iter(fake.contacts)), company_name="Nieuwe naam")
    assert run(work).counts == {"read": 3, "created": 3}
    assert work.kanbert.companies()["0001"]["company_name"] == "Nieuwe naam"


# ── until the switch-over day ────────────────────────────────────────────────────────────────────────────────────


def test_since_the_last_run_only_changes_are_fetched_and_sent(work: Desk, fake: FakeMoneybird) -> None:
    fake.add(17)
    assert run(work).counts == {"read": 20, "created": 20}
    ids = list(fake.contacts)
    fake.change(ids[15], phone="+31 20 555 99 99")
    del fake.contacts[ids[7]]
    fake.add(1, company_name="Nieuw BV", customer_id="9001")
    fake.asked.clear()
    ended = run(work, "--since-last")
    assert ended.counts == {"read": 20, "created": 1, "updated": 1, "unchanged": 18}
    assert fake.paths() == ["GET /contacts/synchronization.json", "POST /contacts/synchronization.json"]
    fake.asked.clear()
    for contact in fake.contacts.values():
        contact["custom_fields"] = []  # its column stays, so that the mapping still holds
    again = run(work, "--since-last")
    assert (again.counts, again.document["requests"]["total"]) == ({"read": 20, "unchanged": 20}, 0)
    assert fake.paths() == ["GET /contacts/synchronization.json"]


def test_a_new_run_reads_everything_anew(work: Desk, fake: FakeMoneybird) -> None:
    """A contact person may change without the contact's version."""
    assert run(work).counts == {"read": 3, "created": 3}
    fake.contacts[next(iter(fake.contacts))]["phone"] = "+31 20 555 99 99"
    assert run(work, "--since-last").counts == {"read": 3, "unchanged": 3}
    assert run(work).counts == {"read": 3, "updated": 1, "unchanged": 2}


def test_a_look_in_between_changes_nothing_of_that(work: Desk, fake: FakeMoneybird) -> None:
    assert run(work).counts == {"read": 3, "created": 3}
    fake.contacts[next(iter(fake.contacts))]["phone"] = "+31 20 555 99 99"
    assert work.call("validate", ADDRESS, "-m", work.mapping).code == 0
    planned = work.call("plan", ADDRESS, "-m", work.mapping, "--to", work.kanbert.url, "--json", "-q")
    assert planned.document["plan"]["actions"]["update"] == 1
    assert fake.paths()[-1] == "GET /contacts.json"
    assert work.call("run", "--plan", f"{NAME}.plan", "--json", "-q").counts == {
        "read": 3,
        "updated": 1,
        "unchanged": 2,
    }
    assert fake.paths()[-1] == "GET /contacts/synchronization.json"


def test_since_the_last_run_needs_one(work: Desk) -> None:
    ended = run(work, "--since-last")
    assert (ended.code, "has no run of them" in ended.err) == (2, True)
    assert run(work).code == 0
    snapshot(work).unlink()
    ended = run(work, "--since-last")
    assert (ended.code, "is not there" in ended.err) == (2, True)
    work.has_contacts(1)
    ended = work.run("--since-last")
    assert (ended.code, "is a file" in ended.err) == (2, True)
    assert "--include-archived is of an address" in work.run("--include-archived").err


# ── which contacts ───────────────────────────────────────────────────────────────────────────────────────────────


def test_archived_contacts_come_when_asked_for(work: Desk, fake: FakeMoneybird) -> None:
    fake.add(1, archived=True)
    assert run(work).counts["read"] == 3
    ended = run(work, "--include-archived")
    assert ended.counts == {"read": 4, "skipped": 1, "unchanged": 3}
    assert ended.document["source"]["path"] == f"{ADDRESS}?include_archived=true"
    for again in (run(work, "--include-archived"), run(work, address=f"{ADDRESS}?include_archived=true")):
        assert again.counts == {"read": 4, "skipped": 1, "unchanged": 3}


def test_filters_stand_behind_the_address(work: Desk, fake: FakeMoneybird) -> None:
    fake.add(1, firstname="Henk", custom_fields=BRANCHE, created_at="2026-02-01T00:00:00.000Z")
    fake.add(1, firstname="Anna", created_at="2026-02-01T00:00:00.000Z")
    address = f"{ADDRESS}?first_name=HENK&created_after=2026-01-31"
    ended = run(work, address=address)
    assert ended.counts["read"] == 1
    assert ended.document["source"]["path"] == f"{ADDRESS}?created_after=2026-01-31T00:00:00Z&first_name=HENK"
    assert "filter.json?filter=created_after:2026-01-31" in fake.asked[-1][1].replace("%3A", ":")


# ── what can be wrong ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("moneybird://", "names no administration"),
        ("moneybird://mijn-bedrijf", "names no administration"),
        (f"{ADDRESS}?colour=red", "'colour' is no filter"),
        (f"{ADDRESS}?first_name=", "has no value"),
        (f"{ADDRESS}?first_name=a&first_name=b", "stands there twice"),
        (f"{ADDRESS}?first_name=a,b", "commas"),
        (f"{ADDRESS}?created_after=gisteren", "is no date"),
        (f"{ADDRESS}?include_archived=perhaps", "true or false"),
        ("https://x.example/contacts", "no file"),
    ],
)
def test_addresses_that_mean_nothing(work: Desk, fake: FakeMoneybird, address: str, words: str) -> None:
    ended = run(work, address=address)
    assert (ended.code, words in ended.err) == (2, True), ended.err
    assert fake.asked == []


def test_reader_settings_are_of_files(work: Desk) -> None:
    for command in (["validate", ADDRESS, "-m", work.mapping], ["init", ADDRESS]):
        ended = work.call(*command, "--sheet", "Contacten")
        assert (ended.code, "--sheet says how a file is read" in ended.err) == (2, True)


def test_a_token_that_is_wrong(work: Desk, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("verkeerd-token\n", encoding="utf-8")
    ended = run(work, "--source-token-file", file)
    assert (ended.code, "Moneybird did not accept the token" in ended.err) == (3, True)
    assert "verkeerd" not in ended.err
    file.write_text(" ", encoding="utf-8")
    assert run(work, "--source-token-file", file).code == 2
    assert "--source-token-file" in run(work, "--source-token-file", tmp_path / "none").err


def test_a_token_in_a_file(work: Desk, fake: FakeMoneybird, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONEYBIRD_TOKEN")
    file = tmp_path / "token"
    file.write_text(f"{fake.token}\n", encoding="utf-8")
    ended = work.call("validate", ADDRESS, "-m", work.mapping, "--source-token-file", file)
    assert (ended.code, f"--source-token-file {file}" in ended.out) == (0, True)


def test_an_administration_that_the_token_does_not_know(work: Desk) -> None:
    ended = run(work, address="moneybird://987654321")
    assert (ended.code, "knows no administration 987654321" in ended.err) == (3, True)


def test_a_token_without_the_scope(work: Desk, fake: FakeMoneybird) -> None:
    fake.scopes = False
    ended = run(work)
    assert (ended.code, "sales_invoices" in ended.err) == (3, True)


def test_an_address_for_tests_that_is_none(work: Desk) -> None:
    ended = work.call("validate", ADDRESS, "-m", work.mapping, env={"MONEYBIRD_URL": "http://x.example/api"})
    assert (ended.code, "MONEYBIRD_URL" in ended.err, "plain http" in ended.err) == (2, True, True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((402, '{"error": "pay"}'), "payment"),
        ((400, '{"error": "filter"}'), "filters"),
        ((200, "<html>"), "does not answer as its API does"),
        ((200, '{"a": 1}'), "not a list of contacts"),
        ((200, "[1]"), "not a list of contacts"),
        ((200, '[{"id": 4.96e17}]'), "without an id of digits"),
        ((302, ""), "does not answer as its API does"),
        ((422, '{"error": {"filter": ["is odd"]}, "details": {}}'), "filters"),
    ],
    ids=str,
)
def test_answers_that_no_moneybird_gives(work: Desk, fake: FakeMoneybird, answer: tuple[int, str], words: str) -> None:
    fake.answers[1] = answer
    ended = run(work)
    assert (ended.code, words in ended.err) == (3, True), ended.err


def test_no_network(work: Desk, monkeypatch: pytest.MonkeyPatch, unused_url: str) -> None:
    monkeypatch.setenv("MONEYBIRD_URL", unused_url)
    ended = run(work)
    assert (ended.code, "Moneybird cannot be asked" in ended.err) == (3, True), ended.err
    assert "run the same again" in ended.err


@pytest.fixture
def unused_url() -> str:
    with moneybird_in_a_thread() as gone:
        return gone.url


def test_a_file_in_place_of_what_is_kept(work: Desk) -> None:
    snapshot(work).write_text("iets anders\n", encoding="utf-8")
    ended = run(work)
    assert (ended.code, "no file of fetched contacts" in ended.err) == (2, True)


def test_contacts_of_others_are_not_taken(work: Desk) -> None:
    assert run(work).code == 0
    text = snapshot(work).read_text(encoding="utf-8").replace(ADMINISTRATION, "1", 1)
    snapshot(work).write_text(text, encoding="utf-8")
    ended = run(work)
    assert (ended.code, "holds contacts of moneybird://1" in ended.err) == (2, True)


def test_a_contact_that_is_deleted_meanwhile_is_told(work: Desk, fake: FakeMoneybird) -> None:
    ids = fake.add(120)

    def deleted(request: int) -> None:
        if request == 3:
            del fake.contacts[ids[119]]

    fake.before = deleted
    ended = work.call("validate", ADDRESS, "-m", work.mapping)
    assert f"left out: 1 ({ids[119]})" in " ".join(ended.out.split())
    assert f"122 contacts of {ADDRESS} as of" in " ".join(ended.out.split())


def test_what_is_kept_and_was_cut_off_is_not_taken_for_all(work: Desk, fake: FakeMoneybird) -> None:
    assert work.call("validate", ADDRESS, "-m", work.mapping).code == 0
    lines: list[Any] = snapshot(work).read_bytes().splitlines(keepends=True)
    snapshot(work).write_bytes(b"".join(lines[:-1]))
    ended = work.call("validate", ADDRESS, "-m", work.mapping, env={"MONEYBIRD_TOKEN": ""})
    assert (ended.code, "is damaged" in ended.err) == (2, True)
    assert work.call("validate", ADDRESS, "-m", work.mapping).code == 0  # asked for what is missing
    assert len(snapshot(work).read_bytes().splitlines()) == 4


# ── export ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_an_export_is_imported_as_the_contacts_themselves(work: Desk, fake: FakeMoneybird, suffix: str) -> None:
    fake.add(1, company_name='=HYPERLINK("http://x.example")', phone=None, customer_id="00017")
    fake.add(1, company_name="Laatste", phone="020 1", custom_fields=[], contact_people=[], customer_id="10" * 8 + "23")
    mapping = MAPPING.replace("  phone: phone\n", "  phone: {from: phone, as: phone}\n")
    work.mapping.write_text(mapping + "custom_fields: {moneybird: id}\n", encoding="utf-8")
    ended = work.call("export", ADDRESS, "-o", f"contacts.{suffix}")
    assert ended.code == 0, ended.err
    assert f"kanbert-import init contacts.{suffix} -o contacts.yaml" in ended.out
    assert ("begin with an apostrophe" in ended.out) == (suffix == "csv")
    assert stat.S_IMODE((work.folder / f"contacts.{suffix}").stat().st_mode) == 0o600
    shown = [
        [
            json.loads(line)
            for line in work.call("preview", source, "-m", work.mapping, "-n", "0", "--json").out.splitlines()
        ]
        for source in (ADDRESS, f"contacts.{suffix}")
    ]
    direct, exported = [[(row["row"], row["external_id"], row["payload"]) for row in rows] for rows in shown]
    if suffix == "csv":
        [formula] = [payload for _, external_id, payload in exported if external_id == "00017"]
        formula["company_name"] = formula["company_name"].removeprefix("'")
    assert exported == direct
    assert direct[0][2]["custom_fields"] == {"moneybird": next(iter(fake.contacts))}


def test_an_export_in_a_document(work: Desk) -> None:
    ended = work.call("export", ADDRESS, "-o", "x.csv", "--json", "-q")
    assert (ended.document["source"]["rows"], ended.document["next"]) == (3, "kanbert-import init x.csv -o x.yaml")


def test_what_an_export_refuses(work: Desk, fake: FakeMoneybird) -> None:
    work.has_contacts(1)
    for words, reason in (
        ((work.export, "-o", "x.csv"), "is a file already"),
        (("MONEYBIRD://1", "-o", "x.csv"), "is neither an address nor a file"),
        ((ADDRESS, "-o", work.export), "is there already"),
        ((ADDRESS, "-o", "x.pdf"), "ends in one of .xlsx, .csv"),
        ((ADDRESS, "-o", "x/y/z.csv"), "cannot write"),
    ):
        ended = work.call("export", *words)
        assert (ended.code, reason in ended.err) == (2, True), ended.err
    assert len(fake.asked) == 1  # of the last one alone


def test_a_cell_too_long_for_a_worksheet_is_told(work: Desk, fake: FakeMoneybird) -> None:
    fake.add(1, attention="x" * 40_000)
    assert "were cut" in work.call("export", ADDRESS, "-o", "x.xlsx").out
    assert "were cut" not in work.call("export", ADDRESS, "-o", "x.csv").out


# ── stopped ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_command_goes_on_where_it_was(work: Desk, fake: FakeMoneybird, how: signal.Signals) -> None:
    """A process of its own, stopped in the middle of a request."""
    fake.add(297)
    words = [sys.executable, "-m", "importer", "validate", ADDRESS, "-m", str(work.mapping), "--no-progress"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    processes: list[subprocess.Popen[bytes]] = []

    def killed(request: int) -> None:
        if request == 4:
            processes[0].send_signal(how)
            processes[0].wait(20)

    fake.before = killed
    processes.append(subprocess.Popen(words, env=environment, stderr=subprocess.PIPE))
    _, err = processes[0].communicate(timeout=60)
    if how is signal.SIGINT:
        assert (processes[0].returncode, b"200 contacts are kept" in err) == (130, True), err
        assert b"goes on" not in err  # the command begins anew, as the next line says: what is kept is spared
    fake.asked.clear()
    fake.before = lambda _: None
    ended = work.call("validate", ADDRESS, "-m", work.mapping)
    assert (ended.code, "had been fetched before" in " ".join(ended.out.split())) == (0, True)
    assert fake.paths().count("POST /contacts/synchronization.json") == 1
    held = [json.loads(line)["id"] for line in snapshot(work).read_bytes().splitlines()[1:]]
    assert held == list(fake.contacts)


def test_two_commands_do_not_fetch_into_one_file(work: Desk) -> None:
    with locked(snapshot(work), this_process("fetch", "2026-01-01")):
        ended = run(work)
    assert (ended.code, "another command is fetching these contacts" in ended.err) == (4, True)
