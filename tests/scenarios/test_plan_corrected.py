"""A plan takes the rows as a retry corrected them, as a run does, so that a run of the plan does what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.fakes.contacts import contact
from tests.fakes.local_kanbert import local_kanbert
from tests.scenarios.test_plan import executed, planned
from tests.scenarios.test_retry import edit, report

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk

NOTE = "1 row is taken as a retry corrected it, since the file still has it as it was."


@pytest.fixture
def corrected(desk: Desk) -> Desk:
    """A row that was refused, and is in Kanbert as somebody corrected it; the file still has it as it was."""
    desk.has(contact(1), contact(2, country="Holand"), contact(3))
    assert desk.run().counts == {"read": 3, "created": 2, "refused": 1}
    edit(path := report(desk, "errors.xlsx"), 3, "country", "Nederland")
    assert desk.retry("--rows", path).counts == {"read": 1, "created": 1}
    return desk


def test_what_a_retry_corrected_is_planned_so_and_is_not_stale(corrected: Desk) -> None:
    ended = planned(corrected)
    assert (ended.code, ended.counts) == (0, {"read": 3, "unchanged": 3})
    assert executed(corrected).counts == {"read": 3, "unchanged": 3}
    words = ["plan", corrected.export, "-m", corrected.mapping, "--to", corrected.kanbert.url, "-q"]
    assert NOTE in " ".join(corrected.call(*words).out.split())


def test_a_mapping_that_changed_since_is_carried_out_for_the_corrected_row_too(corrected: Desk) -> None:
    text = corrected.mapping.read_text(encoding="utf-8")
    corrected.mapping.write_text(text.replace("\ncompany:\n", "\ncompany:\n  fax: {value: '9'}\n"), encoding="utf-8")
    ended = planned(corrected)
    assert ended.counts == {"read": 3, "updated": 3}
    done = executed(corrected)
    assert (done.code, done.counts) == (0, {"read": 3, "updated": 3})
    assert corrected.kanbert.companies()["K-2"]["fax"] == "9"


def test_a_row_of_such_a_plan_is_explained_with_what_the_file_has(corrected: Desk) -> None:
    planned(corrected)
    shown = corrected.call("explain", corrected.folder / "contacts.plan", "K-2")
    assert shown.code == 0, shown.err
    assert "Holand" in shown.out
    assert "Nederland" in shown.out


def test_a_row_that_the_file_has_otherwise_by_now_is_the_files(corrected: Desk) -> None:
    corrected.has(contact(1), contact(2, country="Duitsland"), contact(3))
    assert planned(corrected).counts == {"read": 3, "updated": 1, "unchanged": 2}


def test_the_journal_of_another_target_corrects_nothing(corrected: Desk) -> None:
    with local_kanbert() as other:
        corrected.kanbert = other
        ended = planned(corrected)
    assert ended.counts == {"read": 3, "created": 2, "refused": 1}


def test_a_journal_of_another_file_or_a_damaged_one_corrects_nothing(corrected: Desk) -> None:
    namesake = corrected.export.with_suffix(".txt")
    corrected.export.rename(namesake)
    words = ["-m", corrected.mapping, "--to", corrected.kanbert.url, "-q", "--json"]
    assert corrected.call("plan", namesake, *words, "-o", "txt.plan").counts == {
        "read": 3,
        "unchanged": 2,
        "refused": 1,
    }
    namesake.rename(corrected.export)
    corrected.journal.write_bytes(b"no journal at all")
    ended = corrected.call("plan", corrected.export, *words)
    assert (ended.code, json.loads(ended.out)["counts"]["refused"]) == (1, 1)


@pytest.mark.parametrize("mistaken", ["K-1", "k-1"], ids=["the same", "alike"])
def test_an_edit_that_takes_the_external_id_of_another_row_does_not_refuse_that_one(desk: Desk, mistaken: str) -> None:
    """The retry refuses it, and says so; read with the file as if it stood, it would refuse the row in Kanbert as well."""
    desk.has(contact(1), contact(2, country="Holand"), contact(3))
    desk.run()
    edit(path := report(desk, "errors.xlsx"), 3, "country", "Nederland")
    edit(path, 3, "nr", mistaken)
    assert desk.retry("--rows", path).counts == {"read": 1, "refused": 1}
    assert planned(desk).counts == {"read": 3, "unchanged": 2, "refused": 1}
    assert desk.run().counts == {"read": 3, "unchanged": 2, "refused": 1}
    assert desk.call("verify", desk.journal, "--json").document["verified"]["same"] == 2
