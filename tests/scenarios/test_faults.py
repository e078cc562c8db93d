"""All faults together, seeded: after at most a few runs every row is final and right, and no company exists twice."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Behaviour, Fault
from tests.fakes.contacts import contact
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.spaces import changed_rows, opened_space

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk

ROWS = 200
CHANCE = 0.03
EVERYTHING = (
    Fault(on="*", chance=CHANCE, do="reset_before"),
    Fault(on="*", chance=CHANCE, do="reset_during"),
    Fault(on="*", chance=CHANCE, do="reset_after"),
    Fault(on="*", chance=CHANCE, do="status", status=500),
    Fault(on="POST /companies", chance=CHANCE, do="status", status=500, commit=True),
    Fault(on="*", chance=CHANCE, do="status", status=503, body="html"),
    Fault(on="*", chance=CHANCE, do="content_type"),
)


def runs_until_done(desk: Desk, *options: object) -> None:
    codes = []
    for _ in range(5):
        ended = desk.run("--concurrency", 32, *options)
        document = ended.document
        counts = document["counts"]
        assert counts["read"] == sum(counts.values()) - counts["read"] + document["pending"]
        codes.append(ended.code)
        if ended.code == 0:
            break
    assert codes[-1] == 0, codes


@pytest.mark.slow
@pytest.mark.parametrize("lookup", ["rows", "list"])
@pytest.mark.parametrize("seed", range(2))
def test_every_fault_at_once(desk: Desk, seed: int, lookup: str) -> None:
    desk.has(*(contact(n, phone="old") for n in range(1, 60)))
    assert desk.run("--journal", desk.folder / "before.journal").code == 0
    desk.has_contacts(ROWS)
    desk.kanbert.set_faults(*EVERYTHING, seed=seed)
    runs_until_done(desk, "--lookup", lookup)
    companies = desk.kanbert.companies()
    assert sorted(companies) == sorted(f"K-{n}" for n in range(1, ROWS + 1))
    assert {one["phone"] == "old" for one in companies.values()} == {False}
    assert all(desk.kanbert.creates(key) == 1 for key in companies)
    assert desk.kanbert.stats()["duplicates"] == 0


BEHAVIOURS = [
    pytest.param({"duplicate": 409}, id="409-for-a-duplicate"),
    pytest.param({"duplicate": 500}, id="500-for-a-duplicate"),
    pytest.param({"shows_archived": True}, id="archived-are-shown"),
    pytest.param({"tags_on_patch": "add"}, id="tags-are-added"),
    pytest.param({"custom_fields_on_patch": "replace"}, id="custom-fields-are-replaced"),
    pytest.param({"answers_tags": False}, id="answers-have-no-tags"),
    pytest.param({"ids": "numbers"}, id="ids-are-numbers"),
    pytest.param({"empty_custom_fields": "object"}, id="custom-fields-as-an-object"),
    pytest.param({"dates": "micro"}, id="dates-with-fractions"),
    pytest.param({"meta_keys": "cursor_url"}, id="documented-url-keys"),
    pytest.param({"meta_keys": "no_next_cursor"}, id="no-next-cursor"),
    pytest.param({"page_size_max": 7}, id="small-pages"),
    pytest.param({"restore_status": 200}, id="restore-answers-200"),
    pytest.param({"throttle": 40, "throttle_window": 1.0}, id="throttled"),
]


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_plausible_kanbert_comes_to_the_same(desk: Desk, behaviour: dict[str, Any]) -> None:
    """Created, lost and found, updated, unchanged: the same under each behaviour that the documents leave open.

    By look-ups and by listing in turn; `test_switches` has both where they may come to different ends.
    """
    with local_kanbert(behaviour=Behaviour(**{"unknown_custom_field": "store", **behaviour})) as kanbert:
        desk.kanbert = kanbert
        desk.has(*(contact(n, labels="a,b") for n in range(1, 21)))
        kanbert.set_faults(Fault(on="POST /companies", every=5, times=4, do="reset_after"))
        assert desk.run("--lookup", "rows").counts == {"read": 20, "created": 20}
        desk.has(*(contact(n, labels="a,b", phone="new" if n <= 3 else f"020 {n:05}") for n in range(1, 25)))
        ended = desk.run("--lookup", "list")
        assert ended.counts == {"read": 24, "created": 4, "updated": 3, "unchanged": 17}
        assert kanbert.stats()["duplicates"] == 0
        again = desk.run("--lookup", "rows", "--journal", desk.folder / "fresh.journal")
        assert again.counts == {"read": 24, "unchanged": 24}
        assert ("not-shown" in str(again.document["issues"])) == (behaviour.get("answers_tags") is False)
        assert {tag["title"] for tag in kanbert.companies()["K-1"].get("tags", [])} <= {"a", "b"}


def test_a_kanbert_that_empties_absent_fields_is_noticed_and_stopped(desk: Desk) -> None:
    with local_kanbert(behaviour=Behaviour(patch_nulls_absent=True)) as kanbert:
        desk.kanbert = kanbert
        desk.has_contacts(40)
        desk.run()
        desk.has(*(contact(n, phone="new") for n in range(1, 41)))
        ended = desk.run()
        assert ended.code == 1
        assert "cleared-unasked" in {issue["code"] for issue in ended.document["issues"]}
        assert ended.document["counts"]["updated"] == 1
        assert ended.document["next"] is None


def test_keys_that_kanbert_takes_for_one_are_not_written_over_each_other(desk: Desk) -> None:
    with local_kanbert(behaviour=Behaviour(folds_external_id=True)) as kanbert:
        desk.kanbert = kanbert
        desk.has(contact(1, nr="abc", name="First"))
        desk.run("--lookup", "rows")
        desk.has(contact(1, nr="ABC", name="Second"))
        ended = desk.run("--lookup", "rows")
        assert (ended.code, ended.counts) == (1, {"read": 1, "refused": 1})
        assert ended.document["issues"][0]["code"] == "other-company-answered"
        assert kanbert.companies()["abc"]["company_name"] == "First"


def test_a_value_that_kanbert_drops_in_silence_is_said_aloud(desk: Desk) -> None:
    desk.has(contact(1, labels=""), mapping=MAPPING_WITH_UNKNOWN_SLUG)
    with local_kanbert(
        behaviour=Behaviour(unknown_custom_field="ignore"), custom_fields=frozenset({"known"})
    ) as kanbert:
        desk.kanbert = kanbert
        ended = desk.run()
        assert ended.counts == {"read": 1, "created": 1}
        [issue] = ended.document["issues"]
        field = "custom_fields.nobody_knows"
        assert (issue["code"], issue["severity"], issue["field"]) == ("stored-differs", "warning", field)
        assert issue["column"] == "phone"
        assert issue["message"].startswith(f"Kanbert stored nothing in {field} instead of ")


MAPPING_WITH_UNKNOWN_SLUG = """\
version: 1
target: {external_origin: test}
company: {external_id: nr, company_name: name}
custom_fields: {known: name, nobody_knows: phone}
"""


def test_what_others_change_during_a_run_is_not_reverted_by_the_union(desk: Desk) -> None:
    """A tag that somebody adds after the space was listed survives the update of the tags."""
    desk.has(contact(1, labels="ours"))
    desk.run()
    desk.has(contact(1, labels="ours,new"))
    listed = [one for one in desk.kanbert.requests if one.path == "/companies" and one.method == "GET"]
    ended = desk.run()
    assert ended.counts == {"read": 1, "updated": 1}
    after = desk.kanbert.requests[len(listed) :]
    assert [one.method for one in after][-2:] == ["GET", "PATCH"]


def test_numbers_held_under_another_origin_are_pointed_out(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    desk.mapping.write_text(desk.mapping.read_text().replace("external_origin: test", "external_origin: typo"))
    shown = desk.call(
        "run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--journal", desk.folder / "2.journal"
    )
    assert "3 external_ids of this file are held in Kanbert under the origin test" in " ".join(shown.out.split())


# ── what others do meanwhile, portals, and lists in circles: on a space that has a past ──────────────────────────────


@pytest.mark.parametrize("lookup", ["rows", "list"])
@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param({}, id="422"),
        pytest.param({"duplicate": 409}, id="409"),
        pytest.param({"duplicate": 500}, id="500", marks=pytest.mark.slow),
        pytest.param({"race": "error"}, id="both-pass-the-check"),
    ],
)
def test_what_somebody_creates_meanwhile_is_adopted(desk: Desk, behaviour: dict[str, Any], lookup: str) -> None:
    """Every create loses its race: the company is found, brought up to date, and not made a second time."""
    fault = Fault(on="POST /companies", do="created_meanwhile")
    with opened_space(desk, Behaviour(**behaviour), lookup, fault) as space:
        ended = space.run()
        assert ended.counts["updated"] + ended.counts.get("created", 0) == 9  # after a 500, whose it is cannot be told
        assert space.kanbert.creates("K-1") == 0
        assert "created_meanwhile" in {record.fault for record in space.kanbert.requests}
        assert space.companies()["K-1"]["company_name"] == "Bedrijf 1"
        writes = len(space.kanbert.writes)
        space.kanbert.set_faults()
        assert space.run().counts["unchanged"] == 9
        assert {write.split()[0] for write in space.kanbert.writes[writes:]} <= {"POST"}  # the archived holder's row


@pytest.mark.parametrize("lookup", ["rows", "list"])
def test_what_somebody_changes_meanwhile_stays(desk: Desk, lookup: str) -> None:
    with opened_space(desk, Behaviour(), lookup) as space:
        space.run()
        space.kanbert.set_faults(Fault(on="PATCH /*", do="changed_meanwhile"))
        space.has(changed_rows())
        assert space.run().counts["updated"] == 3
        companies = space.companies()
        assert {key: companies[key]["fax"] for key in ("K-1", "K-3", "K-4")} == dict.fromkeys(
            ("K-1", "K-3", "K-4"), "Changed meanwhile"
        )
        stored = space.kanbert.all_companies()
        space.run()
        assert space.kanbert.all_companies() == stored


EDITED = """\
version: 1
target: {external_origin: test}
company: {external_id: nr, company_name: name, fax: phone}
"""


@pytest.mark.parametrize("lookup", ["rows", "list"])
def test_an_edit_of_the_same_field_since_it_was_read_is_what_an_undo_would_put_back(desk: Desk, lookup: str) -> None:
    """Somebody changes the fax while the run goes on: the file wins, but not without theirs being kept."""
    desk.has(contact(1), mapping=EDITED)
    desk.run()
    desk.has(contact(1, phone="from the file"), mapping=EDITED)
    meanwhile = 2 if lookup == "rows" else 1  # the look-up after the one that the plan was made from
    desk.kanbert.set_faults(Fault(on="GET /companies/*", do="changed_meanwhile", nth=meanwhile))
    assert desk.run("--lookup", lookup, "--max-age", 0).counts == {"read": 1, "updated": 1}
    assert desk.kanbert.companies()["K-1"]["fax"] == "from the file"
    with closing(sqlite3.connect(desk.journal)) as journal:
        [(kept,)] = journal.execute("SELECT before FROM operation WHERE outcome = 'updated'")
    assert json.loads(kept)["fax"] == "Changed meanwhile"


@pytest.mark.parametrize("lookup", ["rows", "list"])
def test_what_somebody_changes_in_the_last_moment_is_told(desk: Desk, lookup: str) -> None:
    desk.has(contact(1))
    desk.run()
    desk.has(contact(1, phone="new"))
    desk.kanbert.set_faults(Fault(on="PATCH /*", do="changed_meanwhile"))
    ended = desk.run("--lookup", lookup)
    assert (ended.code, ended.counts) == (0, {"read": 1, "updated": 1})
    [issue] = ended.document["issues"]
    assert (issue["code"], issue["severity"]) == ("changed-meanwhile", "info")
    assert "fax" in issue["message"]


STOPS = [
    pytest.param({"do": "status", "status": 403}, id="a-scope-is-taken-away"),
    pytest.param({"do": "status", "status": 302}, id="a-redirect"),
    pytest.param({"do": "expire_token"}, id="the-token-is-revoked"),
]


@pytest.mark.parametrize("lookup", ["rows", "list"])
@pytest.mark.parametrize("fault", STOPS)
def test_what_hits_every_write_stops_the_run_and_the_same_command_goes_on(
    desk: Desk, fault: dict[str, Any], lookup: str
) -> None:
    with opened_space(desk, Behaviour(), lookup) as space:
        space.kanbert.set_faults(Fault(on="POST /companies", nth=3, **fault))
        ended = space.run("--concurrency", 1)
        assert ended.code == 3
        assert ended.document["pending"] > 0
        assert ended.document["next"].startswith("kanbert-import run ")
        space.kanbert.set_faults()
        assert space.run().document["pending"] == 0
        assert space.wrong().keys() == {"K-5", "K-6", "K-9", "K 11/5"}


def test_a_login_page_is_no_kanbert(desk: Desk) -> None:
    with opened_space(desk, Behaviour(), "list", Fault(on="*", do="login_page")) as space:
        ended = space.run()
        assert (ended.code, space.kanbert.writes) == (3, [])
        assert ended.document["pending"] == 10


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_login_page_now_and_then_is_ridden_out(desk: Desk, method: str) -> None:
    fault = Fault(on=f"{method} /companies*", do="login_page", every=2, times=4)
    with opened_space(desk, Behaviour(), "rows", Fault(on="GET /companies", do="latency", ms=1), fault) as space:
        space.run("--concurrency", 1)
        assert space.wrong().keys() == {"K-5", "K-6", "K-9", "K 11/5"}


@pytest.mark.parametrize("meta_keys", ["page_url", "no_next_cursor"])
def test_a_list_in_circles_is_noticed_before_anything_is_written(desk: Desk, meta_keys: Any) -> None:
    behaviour = Behaviour(page_size_max=2, meta_keys=meta_keys)
    with opened_space(desk, behaviour, "list", Fault(on="GET /companies", do="repeat_cursor")) as space:
        ended = space.run()
        assert (ended.code, space.kanbert.writes) == (3, [])
        words = ("-m", desk.mapping, "--to", space.kanbert.url, "--lookup", "list", "--journal", desk.journal)
        assert "the list goes in circles" in " ".join(desk.call("run", desk.export, *words).out.split())
        assert len(space.kanbert.requests) <= 6
