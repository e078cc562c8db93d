"""What a command leaves behind that was refused at once, and two files that would share a journal."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Fault, Token
from tests.fakes.contacts import MAPPING, contact, write_contacts
from tests.fakes.local_kanbert import local_kanbert

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk


def left(desk: Desk) -> set[str]:
    return {file.name for file in desk.folder.iterdir()} - {"contacts.csv", "mapping.yaml"}


def test_a_wrong_token_leaves_nothing(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"))
    desk.token = "wrong"
    ended = desk.call("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url)
    assert (ended.code, left(desk)) == (3, set())
    assert "journal" not in ended.out
    assert shlex.split(ended.out.splitlines()[-1])[1:3] == ["run", str(desk.export)]
    document = desk.run().document
    assert (document["journal"], document["pending"]) == (None, 1)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--rows", "900"], 2),
        (["--to", "http://127.0.0.1:9/api/v1"], 3),
        (["--to", "https://kanbert.example/api/v1"], 2),  # nobody can be asked
        (["--journal", "contacts.csv"], 4),
    ],
)
def test_what_is_refused_at_once_leaves_nothing(desk: Desk, options: list[str], code: int) -> None:
    desk.has_contacts(3)
    words = {"--to": desk.kanbert.url, **dict([options])}
    ended = desk.call("run", desk.export, "-m", desk.mapping, "-q", *(word for pair in words.items() for word in pair))
    assert ended.code == code
    assert left(desk) <= {"contacts.csv.lock"}  # of a file that was there before


def test_a_mapping_for_another_file_leaves_nothing(desk: Desk) -> None:
    desk.has(contact(1), mapping=MAPPING.replace("external_id: nr", "external_id: no_such_column"))
    assert (desk.run().code, left(desk)) == (2, set())


def test_a_plan_that_cannot_be_made_leaves_nothing(desk: Desk) -> None:
    desk.has_contacts(3)
    ended = desk.call("plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--rows", "77")
    assert (ended.code, left(desk)) == (2, set())


def test_a_token_that_may_not_write_leaves_nothing(desk: Desk) -> None:
    reader = {"reader": Token("test", frozenset({"contact-data:read"}))}
    desk.has_contacts(3)
    with local_kanbert(tokens=reader) as kanbert:
        desk.kanbert, desk.token = kanbert, "reader"
        assert desk.run().code == 3
    assert left(desk) == set()


def test_what_was_sent_is_remembered_whatever_came_then(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.kanbert.set_faults(Fault(on="POST /companies", nth=2, do="status", status=401))
    ended = desk.run("--concurrency", 1)
    assert (ended.code, ended.counts["created"], ended.document["journal"]) == (3, 1, str(desk.journal))
    assert "contacts.journal" in left(desk)


def test_two_files_that_differ_by_their_suffix_do_not_share_a_journal_in_silence(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    other = write_contacts(desk.folder / "contacts.txt", [contact(8)])
    words = ("run", other, "-m", desk.mapping, "--to", desk.kanbert.url, "--json", "-q")
    refused = desk.call(*words)
    assert refused.code == 4
    assert "contacts.journal is about contacts.csv, and contacts.txt would take its place" in refused.document["error"]
    own = desk.call(*words, "--journal", desk.folder / "contacts.txt.journal")
    assert (own.code, own.counts) == (0, {"read": 1, "created": 1})
    assert desk.call("status", desk.journal, "--json").counts == {"read": 3, "created": 3}
    said = desk.call(*words, "--journal", desk.journal)
    assert (said.code, said.counts) == (0, {"read": 1, "unchanged": 1})


def test_a_file_that_was_moved_with_its_journal_keeps_it(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    folder = desk.folder / "elsewhere"
    folder.mkdir()
    for file in (desk.export, desk.journal):
        file.rename(folder / file.name)
    moved = desk.call("run", folder / "contacts.csv", "-m", desk.mapping, "--to", desk.kanbert.url, "--json", "-q")
    assert (moved.code, moved.counts) == (0, {"read": 3, "unchanged": 3})
