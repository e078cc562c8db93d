"""external_ids that cannot be trusted to mean one company: refused before anything is sent, in words that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Behaviour, Fault
from tests.fakes.contacts import contact
from tests.fakes.local_kanbert import local_kanbert

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk


@pytest.mark.parametrize("external_id", ["", " ", ".", "..", "a/b", "/", "x" * 256], ids=lambda text: repr(text[:4]))
def test_an_external_id_that_no_company_can_be_found_by_is_refused_unsent(desk: Desk, external_id: str) -> None:
    desk.has(contact(1, nr=external_id), contact(2))
    ended = desk.run()
    assert (ended.code, ended.counts) == (1, {"read": 2, "created": 1, "refused": 1})
    assert {issue["code"] for issue in ended.document["issues"]} <= {"bad-external-id", "missing-required", "too-long"}
    assert len(desk.kanbert.writes) == 1


def test_the_longest_external_id_is_sent(desk: Desk) -> None:
    desk.has(contact(1, nr="\u00fc" * 255))
    assert desk.run().counts == {"read": 1, "created": 1}
    assert desk.run("--lookup", "rows", "--journal", desk.folder / "2.journal").counts == {"read": 1, "unchanged": 1}


@pytest.mark.parametrize("folds", [False, True], ids=["kanbert-tells-them-apart", "kanbert-does-not"])
def test_rows_whose_external_ids_are_alike_are_refused_before_anything_is_sent(desk: Desk, folds: bool) -> None:
    with local_kanbert(behaviour=Behaviour(folds_external_id=folds)) as kanbert:
        desk.kanbert = kanbert
        desk.has(contact(1, nr="abc"), contact(2, nr="ABC"), contact(3, nr="\u00e4bc"), contact(4))
        ended = desk.run("--lookup", "rows")
        assert (ended.code, ended.counts) == (1, {"read": 4, "created": 1, "refused": 3})
        assert {issue["code"] for issue in ended.document["issues"]} == {"alike-in-file"}
        assert 'row 3 has "ABC", row 4 has "\u00e4bc"' in ended.document["issues"][0]["message"]
        assert [one["external_id"] for one in kanbert.all_companies()] == ["K-4"]
        desk.has(contact(1, nr="abc"), contact(2, nr="ABC-2"), contact(3, nr="\u00e4bc-3"), contact(4))
        assert desk.run("--lookup", "rows").counts == {"read": 4, "created": 3, "unchanged": 1}


def test_a_corrected_row_may_not_become_alike_to_another(desk: Desk) -> None:
    desk.has(contact(1, nr="abc"), contact(2, country="Holand"))
    assert desk.run().counts == {"read": 2, "created": 1, "refused": 1}
    report = desk.folder / "errors.csv"
    desk.call("report", desk.journal, "-o", report)
    text = report.read_text(encoding="utf-8-sig")
    report.write_text(
        text.replace("Holand", "NL").replace("K-2,", "ABC,", 1).replace("K-2;", "ABC;", 1), encoding="utf-8"
    )
    ended = desk.retry("--rows", report)
    assert [issue["code"] for issue in ended.document["issues"]] == ["alike-in-file"]
    assert list(desk.kanbert.companies()) == ["abc"]


@pytest.mark.parametrize("match", ["", "match: [company_name]\n"], ids=["plain", "with-match"])
def test_an_external_id_that_two_companies_hold_is_left_to_a_person(desk: Desk, match: str) -> None:
    with local_kanbert(behaviour=Behaviour(duplicate="accept")) as kanbert:
        desk.kanbert = kanbert
        identity = {"external_id": "K-1", "external_origin": "test"}
        first, second = (kanbert.add(company_name=name, **identity) for name in ("A", "B"))
        stored = kanbert.all_companies()
        desk.has(contact(1))
        desk.mapping.write_text(desk.mapping.read_text() + match)
        ended = desk.run("--lookup", "list")
        assert (ended.code, ended.counts) == (1, {"read": 1, "refused": 1})
        [issue] = ended.document["issues"]
        assert issue["code"] == "held-twice"
        assert f"{first}, {second}" in issue["message"]
        assert kanbert.all_companies() == stored
        kanbert.ask("DELETE", f"/companies/{second}")
        assert desk.retry("--lookup", "list").counts == {"read": 1, "updated": 1}
        assert kanbert.all_companies()[0]["company_name"] == "Bedrijf 1"


@pytest.mark.parametrize("lookup", ["list", "auto"])
def test_the_same_numbers_under_another_origin_are_told_before_the_first_write(desk: Desk, lookup: str) -> None:
    desk.kanbert.add(company_name="A", external_id="K-1", external_origin="other")
    desk.has(contact(1), contact(2))
    ended = desk.call("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--lookup", lookup)
    told = "1 external_id of this file is held in Kanbert under the origin other, not test."
    before, _, after = ended.err.partition("writing")
    assert f"{told} A run makes a second copy of it, if it is the same company" in before, ended.err
    assert after
    assert f"{told} It exists twice now, if it is the same company" in " ".join(ended.out.split())


def test_numbers_under_another_origin_would_exist_twice_where_they_were_not_created(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.kanbert.add(company_name="A", external_id=f"K-{number}", external_origin="other")
    desk.has(contact(1), contact(2), contact(3), contact(4))
    desk.kanbert.set_faults(Fault(on="POST /companies", do="status", status=403))

    def told() -> str:
        return " ".join(desk.call("run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url).out.split())

    held = "3 external_ids of this file are held in Kanbert under the origin other, not test."
    assert f"{held} They would exist twice, if they are the same companies:" in told()
    desk.kanbert.set_faults(Fault(on="POST /companies", external_id="K-3", do="status", status=422))
    assert f"{held} 2 of them exist twice now and the other would, if they" in told()
    desk.kanbert.set_faults()
    assert f"{held} They exist twice now, if" in told()
