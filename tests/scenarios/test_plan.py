"""`plan` from outside: what it says of each kind of row, and that it writes nothing."""

from __future__ import annotations

import shlex
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import Behaviour, Fault
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.other_kanbert import Choices, other_kanbert

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios.conftest import Desk, Ended

MATCHING = MAPPING + "match: [phone]\n"
LOOKUPS = pytest.mark.parametrize("lookup", ["list", "rows"])


def planned(desk: Desk, *options: object) -> Ended:
    return desk.call("plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--json", "-q", *options)


def operations(ended: Ended) -> dict[str, Any]:
    return {one["external_id"]: one for one in ended.document["plan"]["operations"]}


def history(desk: Desk) -> None:
    """Four companies: one to update, one to adopt, one archived, one as the file has it."""
    desk.has(*(contact(n) for n in range(1, 7)), mapping=MATCHING)
    for n in (1, 3, 4):
        desk.kanbert.add(
            company_name=f"Bedrijf {n}", external_id=f"K-{n}", external_origin="test", address_invoice_country="NL",
            phone="old" if n == 1 else f"020 {n:05}",
        )  # fmt: skip
    desk.kanbert.archive("K-3")
    desk.kanbert.add(company_name="Before", phone="020 00002", address_invoice_country="NL")


@LOOKUPS
def test_a_plan_says_what_a_run_would_do_and_writes_nothing(desk: Desk, lookup: str) -> None:
    history(desk)
    stored, writes = desk.kanbert.all_companies(), len(desk.kanbert.writes)
    ended = planned(desk, "--lookup", lookup)
    assert ended.code == 1
    assert ended.counts == {"read": 6, "created": 2, "updated": 1, "adopted": 1, "unchanged": 1, "refused": 1}
    plan = ended.document["plan"]
    assert plan["actions"] == {
        "create": 2, "update": 1, "adopt": 1, "restore": 0, "unchanged": 1, "conflict": 1
    }  # fmt: skip
    found = operations(ended)
    assert found["K-1"]["changes"] == [{"field": "phone", "before": "old", "after": "020 00001"}]
    assert found["K-2"]["changes"] == [{"field": "company_name", "before": "Before", "after": "Bedrijf 2"}]
    assert found["K-2"]["kanbert_id"] is not None
    assert [issue["code"] for issue in found["K-3"]["issues"]] == ["archived-in-kanbert"]
    assert {"field": "company_name", "before": None, "after": "Bedrijf 5"} in found["K-5"]["changes"]
    assert (desk.kanbert.all_companies(), len(desk.kanbert.writes)) == (stored, writes)


@LOOKUPS
def test_a_plan_restores_by_the_policy(desk: Desk, lookup: str) -> None:
    history(desk)
    ended = planned(desk, "--lookup", lookup, "--archived", "restore")
    assert ended.counts == {"read": 6, "created": 2, "updated": 1, "adopted": 1, "unchanged": 1, "restored": 1}
    assert operations(ended)["K-3"]["action"] == "restore"


# ── run --plan ───────────────────────────────────────────────────────────────────────────────────────────────────


def executed(desk: Desk, *options: object) -> Ended:
    return desk.call("run", "--plan", desk.folder / "contacts.plan", "--json", "-q", *options)


def codes(ended: Ended) -> list[str]:
    return [issue["code"] for issue in ended.document["issues"]]


@LOOKUPS
@pytest.mark.parametrize("archived", ["report", "restore"])
def test_a_plan_is_done_as_it_was_shown(desk: Desk, lookup: str, archived: str) -> None:
    history(desk)
    shown = planned(desk, "--lookup", lookup, "--archived", archived)
    ended = executed(desk, "--lookup", lookup)
    assert ended.counts == shown.counts
    predicted = ended.document["predicted"]
    assert {action: one["predicted"] for action, one in predicted.items()} == shown.document["plan"]["actions"]
    assert all(one["predicted"] == one["actual"] and not one["otherwise"] for one in predicted.values())
    companies = desk.kanbert.companies()
    assert (companies["K-1"]["phone"], companies["K-2"]["company_name"]) == ("020 00001", "Bedrijf 2")
    assert (companies["K-3"]["deleted_at"] is None) == (archived == "restore")
    to_come = shown.document["plan"]["requests_to_come"]
    sent = ended.document["requests"]
    assert (sent["read"], sent["write"]) == (to_come["read"], to_come["write"])


def test_a_plan_stays_as_it_is_and_is_done_once(desk: Desk) -> None:
    history(desk)
    shown = planned(desk)
    before = (desk.folder / "contacts.plan").read_bytes()
    first = executed(desk)
    writes = len(desk.kanbert.writes)
    again = executed(desk)
    assert again.counts == first.counts == shown.counts
    assert len(desk.kanbert.writes) == writes
    assert (desk.folder / "contacts.plan").read_bytes() == before
    assert again.document["journal"] == str(desk.journal)
    assert desk.call("status", desk.journal, "--json").document["predicted"] == first.document["predicted"]


def test_rows_that_were_changed_in_the_file_since_are_refused_and_named(desk: Desk) -> None:
    rows = [contact(n) for n in range(1, 5)]
    desk.has(*rows)
    planned(desk)
    rows[1]["phone"] = "changed"
    desk.has(*rows[:3], contact(9))
    ended = executed(desk)
    assert (ended.code, ended.counts) == (1, {"read": 4, "created": 2, "refused": 2})
    assert codes(ended) == ["stale-plan", "stale-plan"]
    assert sorted(issue["first_rows"] for issue in ended.document["issues"]) == [[3], [5]]
    assert all("the file was changed" in issue["message"] for issue in ended.document["issues"])
    assert sorted(desk.kanbert.companies()) == ["K-1", "K-3"]
    assert ended.document["predicted"]["create"] == {"predicted": 4, "actual": 2, "otherwise": {}}


def test_rows_that_are_stale_for_one_reason_are_told_together(desk: Desk) -> None:
    desk.has_contacts(30)
    planned(desk)
    desk.has(*(contact(n) for n in range(1, 31)), mapping=MAPPING.replace("phone: phone", "fax: phone"))
    ended = executed(desk)
    [issue] = ended.document["issues"]
    assert (issue["code"], issue["count"], issue["first_rows"]) == ("stale-plan", 30, [2, 3, 4, 5, 6])
    assert not desk.kanbert.writes


def test_rows_that_a_changed_mapping_maps_otherwise_are_refused(desk: Desk) -> None:
    rows = [contact(1, labels="a"), contact(2)]
    desk.has(*rows)
    planned(desk)
    desk.has(*rows, mapping=MAPPING.replace('split: ","', 'split: ",", map: {a: b}, otherwise: keep'))
    ended = executed(desk)
    assert ended.counts == {"read": 2, "created": 1, "refused": 1}
    assert "the mapping was changed" in ended.document["issues"][0]["message"]


@LOOKUPS
@pytest.mark.parametrize(
    ("move", "said"),
    [
        pytest.param({"phone": "new"}, 'phone was "old", is "new"', id="a-field-of-the-plan"),
        pytest.param({"fax": "new"}, 'fax was empty, is "new"', id="another-field"),
        pytest.param({"tags": ["theirs"]}, "tags", id="tags"),
    ],
)
def test_a_company_that_was_changed_since_is_left_alone(desk: Desk, lookup: str, move: Any, said: str) -> None:
    history(desk)
    planned(desk, "--lookup", lookup)
    desk.kanbert.ask("PATCH", f"/companies/{desk.kanbert.companies()['K-1']['id']}", move)
    ended = executed(desk, "--lookup", lookup)
    assert ended.counts == {"read": 6, "created": 2, "adopted": 1, "unchanged": 1, "refused": 2}
    [stale] = [issue for issue in ended.document["issues"] if issue["code"] == "stale-plan"]
    assert (stale["value"], said in stale["message"]) == ("K-1", True)
    assert desk.kanbert.companies()["K-1"]["phone"] == move.get("phone", "old")
    assert ended.document["predicted"]["update"] == {"predicted": 1, "actual": 0, "otherwise": {"refused": 1}}


@LOOKUPS
def test_what_appeared_or_went_since_is_stale(desk: Desk, lookup: str) -> None:
    """K-5 is there by now, what matched K-2 is archived, and K-1 as well."""
    history(desk)
    planned(desk, "--lookup", lookup)
    desk.kanbert.add(company_name="Somebody", external_id="K-5", external_origin="test")
    [before] = [one for one in desk.kanbert.all_companies() if one["company_name"] == "Before"]
    desk.kanbert.ask("DELETE", f"/companies/{before['id']}")
    desk.kanbert.archive("K-1")
    stored = desk.kanbert.all_companies()
    ended = executed(desk, "--lookup", lookup)
    assert ended.counts == {"read": 6, "created": 1, "unchanged": 1, "refused": 4}
    stale = {issue["value"] for issue in ended.document["issues"] if issue["code"] == "stale-plan"}
    assert stale == {"K-1", "K-2", "K-5"}
    assert desk.kanbert.all_companies()[:-1] == stored


def test_a_row_that_the_journal_knows_to_be_done_is_done_again_where_the_plan_says_so(desk: Desk) -> None:
    """What a journal knows to be done is looked at all the same: the plan has seen that somebody changed it."""
    desk.has_contacts(3)
    desk.run()
    desk.kanbert.ask("PATCH", f"/companies/{desk.kanbert.companies()['K-2']['id']}", {"phone": "moved"})
    assert planned(desk).counts == {"read": 3, "updated": 1, "unchanged": 2}
    assert executed(desk).counts == {"read": 3, "updated": 1, "unchanged": 2}
    assert desk.kanbert.companies()["K-2"]["phone"] == "020 00002"


def test_a_retry_is_not_held_to_the_plan(desk: Desk) -> None:
    history(desk)
    planned(desk)
    desk.kanbert.ask("PATCH", f"/companies/{desk.kanbert.companies()['K-1']['id']}", {"phone": "new"})
    executed(desk)
    assert desk.retry().counts == {"read": 2, "updated": 1, "refused": 1}
    assert desk.kanbert.companies()["K-1"]["phone"] == "020 00001"


# ── what it shows ────────────────────────────────────────────────────────────────────────────────────────────────


@LOOKUPS
def test_what_kanbert_would_make_anew_is_shown(desk: Desk, lookup: str) -> None:
    """By rows nobody knows what other companies have; of what a company has that is found, it is known."""
    mapping = MAPPING.replace("  phone: phone\n", "  business_field: phone\n")
    desk.has(
        contact(1, phone="Bau", labels="a,b"),
        contact(2, phone="bau", labels="b"),
        contact(3, phone=""),
        mapping=mapping,
    )
    desk.kanbert.add(company_name="x", external_id="K-3", external_origin="test", tags=["a"], business_field="Bau")
    masters = {
        (one["field"], one["value"]): one for one in planned(desk, "--lookup", lookup).document["plan"]["master_data"]
    }
    used = False if lookup == "list" else None
    assert masters == {
        ("tags", "b"): {"field": "tags", "value": "b", "rows": 2, "used": used, "creates": None, "alike": None},
        ("business_field", "bau"): {
            "field": "business_field", "value": "bau", "rows": 1, "used": used, "creates": True, "alike": "Bau"
        },
    }  # fmt: skip
    shown = " ".join(desk.call("status", desk.folder / "contacts.plan").out.split())
    assert ("Values that no company in Kanbert has: 2" in shown) == (lookup == "list")
    assert ("is not known" in shown) == (lookup == "rows")
    assert 'business_field "bau", 1 row; companies have "Bau"' in shown


def test_values_that_would_be_cleared_are_counted(desk: Desk) -> None:
    desk.has(contact(1), contact(2, phone=""), mapping=MAPPING + "blank: clear\n")
    for n in (1, 2):
        desk.kanbert.add(company_name=f"Bedrijf {n}", external_id=f"K-{n}", external_origin="test", phone="1")
    ended = planned(desk)
    assert ended.document["plan"]["cleared"] == {"phone": 1}
    assert ended.document["plan"]["fields"]["update"]["phone"] == 2
    shown = desk.call("status", desk.folder / "contacts.plan").out
    assert "Values that would be cleared: phone 1" in shown
    assert 'phone: "1" -> empty' in shown


def test_conflicts_and_adoptions_name_the_companies(desk: Desk) -> None:
    desk.has(contact(1), contact(2), contact(3, phone="020 00002"), contact(4), mapping=MATCHING)
    twins = [desk.kanbert.add(company_name=name, phone="020 00001") for name in ("A", "B")]
    free = desk.kanbert.add(company_name="C", phone="020 00002")
    taken = desk.kanbert.add(company_name="D", phone="020 00004", external_id="9", external_origin="other")
    found = operations(planned(desk))
    assert ", ".join(twins) in found["K-1"]["issues"][0]["message"]
    assert (found["K-2"]["action"], found["K-2"]["kanbert_id"]) == ("adopt", free)
    assert f"company {free}, which row 3 of the file takes over" in found["K-3"]["issues"][0]["message"]
    assert f"company {taken}, which has" in found["K-4"]["issues"][0]["message"]
    shown = desk.call("status", desk.folder / "contacts.plan").out
    assert f'row 3, K-2 "Bedrijf 2", company {free}' in shown
    assert "Conflicts: nothing would be written: 3 rows" in shown


def test_all_rows_are_shown_where_they_are_asked_for(desk: Desk) -> None:
    desk.has_contacts(40)
    some, every = planned(desk).document["plan"], planned(desk, "--full").document["plan"]
    assert (len(some["operations"]), some["operations_cut"]) == (3, True)
    assert ([one["row"] for one in every["operations"]], every["operations_cut"]) == (list(range(2, 42)), False)
    words = ["plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-q"]
    assert "and 37 rows more (--full)" in desk.call(*words).out
    assert 'row 41, K-40 "Bedrijf 40"' in desk.call(*words, "--full").out


def test_the_time_is_reckoned_by_the_lowest_rate_that_is_known(desk: Desk) -> None:
    desk.has_contacts(100)
    plan = planned(desk, "--rate", 50).document["plan"]
    assert (plan["requests_to_come"], plan["seconds"]) == ({"read": 1, "write": 100}, 2.0)
    assert plan["seconds_by"] == "50 requests a second (--rate)"
    with local_kanbert(behaviour=Behaviour(throttle=60)) as kanbert:
        desk.kanbert = kanbert
        plan = planned(desk).document["plan"]
    assert plan["seconds"] == 101.0
    assert plan["seconds_by"].startswith("the target's limit of 60 requests in a minute, as is usual")


def test_the_time_is_not_less_than_the_requests_take_on_this_machine(desk: Desk) -> None:
    """The mean of the look-ups, eight at a time, foretold a tenth of what a run took that has its Kanbert beside it."""
    desk.has_contacts(300)
    words = ["plan", desk.export, "-m", desk.mapping, "--to", "sandbox", "-q"]
    plan = desk.call(*words, "--json").document["plan"]
    assert plan["seconds"] >= 0.3
    assert ": at least " in desk.call("status", desk.folder / "contacts.plan").out


def test_a_space_that_has_it_all_needs_nothing(desk: Desk) -> None:
    desk.has_contacts(3)
    desk.run()
    ended = planned(desk)
    assert (ended.code, ended.counts, ended.document["next"]) == (0, {"read": 3, "unchanged": 3}, None)
    assert ended.document["plan"]["seconds"] == 0.0 or ended.document["plan"]["requests_to_come"]["write"] == 0
    assert "nothing to write" in desk.call("status", desk.folder / "contacts.plan").out
    assert executed(desk).counts == {"read": 3, "unchanged": 3}


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_of_a_namesake_is_not_written_over_unless_that_is_said(desk: Desk) -> None:
    desk.has_contacts(2)
    plan, other = desk.folder / "contacts.plan", desk.folder / "contacts.txt"
    target = ["-m", desk.mapping, "--to", desk.kanbert.url, "-q"]
    assert planned(desk).code == 0
    before = desk.call("status", plan, "--json").document
    desk.export.rename(other)
    refused = desk.call("plan", other, *target)
    assert (refused.code, desk.call("status", plan, "--json").document) == (4, before)
    for words in ("is a plan for contacts.csv", f"-o {desk.folder / 'contacts.txt.plan'}", f"-o {plan}"):
        assert words in refused.err
    assert desk.call("plan", other, *target, "-o", desk.folder / "contacts.txt.plan").code == 0
    assert desk.call("status", plan, "--json").document == before
    assert desk.call("plan", other, *target, "-o", plan).code == 0
    assert desk.call("plan", other, *target).code == 0  # its own by now


def test_a_plan_of_a_namesake_is_carried_out_with_a_journal_of_its_own(desk: Desk) -> None:
    desk.has_contacts(1)
    desk.run()
    kept, other = desk.journal.read_bytes(), desk.folder / "contacts.txt"
    desk.has(contact(2))
    desk.export.rename(other)
    target = ["-m", desk.mapping, "--to", desk.kanbert.url, "-q"]

    def told(plan: Path, journal: Path) -> str:
        command = desk.call("plan", other, *target, "-o", plan).out.splitlines()[-1]
        assert shlex.split(command) == ["kanbert-import", "run", "--plan", str(plan), "--journal", str(journal)]
        assert desk.call("status", plan).out.splitlines()[-1] == command
        return command

    new, own = desk.folder / "new.plan", desk.folder / "contacts.txt.journal"
    told(desk.folder / "contacts.plan", own)  # whose own name is that of the other's journal
    told(desk.journal.with_name("new.journal"), own)
    new.with_suffix(".journal").unlink()
    ended = desk.call(*shlex.split(told(new, new.with_suffix(".journal")))[1:], "-q", "--json")
    assert (ended.counts, desk.journal.read_bytes()) == ({"read": 1, "created": 1}, kept)

    desk.has(contact(3))
    desk.export.rename(other)
    told(desk.folder / "third.plan", desk.folder / "third.journal")
    told(new, new.with_suffix(".journal"))  # it knows this file
    desk.has(contact(3))
    for taken in ("third.journal", "contacts.txt.journal"):
        assert desk.run("--journal", desk.folder / taken).code == 0
    nothing = desk.call("plan", other, *target, "-o", desk.folder / "third.plan").out
    assert "--journal" not in nothing  # each is another's: the run refuses, and says what to do


def test_what_is_left_of_a_plan_that_was_broken_off_is_in_nobodys_way(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.kanbert.set_faults(Fault(on="GET /companies*", do="status", status=401))
    assert planned(desk).code == 3
    desk.kanbert.set_faults()
    other = desk.export.rename(desk.folder / "contacts.txt")
    assert desk.call("plan", other, "-m", desk.mapping, "--to", desk.kanbert.url, "-q").code == 0


@LOOKUPS
@pytest.mark.parametrize("status", [401, 403])
def test_a_target_that_refuses_ends_the_plan(desk: Desk, lookup: str, status: int) -> None:
    desk.has_contacts(3)
    desk.kanbert.set_faults(Fault(on="GET /companies/*" if lookup == "rows" else "*", do="status", status=status))
    ended = planned(desk, "--lookup", lookup)
    assert (ended.code, ended.document["pending"]) == (3, 3)
    assert executed(desk).code == 4


def test_a_plan_that_was_stopped_does_not_say_that_nothing_is_to_be_written(desk: Desk) -> None:
    desk.has_contacts(2)
    desk.kanbert.set_faults(Fault(on="*", do="status", status=401))
    told = desk.call("plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "-q").out
    assert "what there is to write is not known: 2 rows were not looked up" in told
    assert "nothing to write" not in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "became", "said"),
    [
        pytest.param(500, "failed", "is not in the plan", id="for-now"),
        pytest.param(422, "refused", "the plan was to do nothing, for a reason that is gone", id="for-good"),
    ],
)
def test_a_row_that_cannot_be_looked_up_is_not_planned(desk: Desk, status: int, became: str, said: str) -> None:
    desk.has_contacts(3)
    desk.kanbert.set_faults(Fault(on="GET /companies/*", external_id="K-2", do="status", status=status))
    ended = planned(desk, "--lookup", "rows")
    desk.kanbert.set_faults()
    assert (ended.code, ended.counts) == (1, {"read": 3, "created": 2, became: 1})
    ended = executed(desk)
    assert ended.counts == {"read": 3, "created": 2, "refused": 1}
    assert said in ended.document["issues"][0]["message"]


def test_a_plan_takes_the_place_of_a_plan_and_of_nothing_else(desk: Desk) -> None:
    desk.has_contacts(2)
    planned(desk)
    desk.has_contacts(3)
    assert planned(desk).counts == {"read": 3, "created": 3}
    assert executed(desk).counts == {"read": 3, "created": 3}
    standing = desk.call("status", desk.journal).out
    for taken, said in ((desk.journal, "is the journal of a run"), (desk.export, "would overwrite")):
        ended = planned(desk, "-o", taken)
        assert (ended.code in {2, 4}, said in ended.document["error"]) == (True, True)
    assert desk.call("status", desk.journal).out == standing


def test_a_plan_is_no_journal_of_a_run(desk: Desk) -> None:
    desk.has_contacts(2)
    planned(desk)
    plan = desk.folder / "contacts.plan"
    for words in (
        ["retry", plan, "--json"],
        ["verify", plan, "--json"],
        ["undo", plan, "--yes", "--json"],
        ["run", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--journal", plan, "--json"],
    ):
        ended = desk.call(*words)
        assert (ended.code, "is a plan" in ended.document["error"]) == (4, True)
    desk.run()
    ended = desk.call("run", "--plan", desk.journal, "--json")
    assert (ended.code, "no plan" in ended.document["error"]) == (4, True)


def test_the_report_of_a_plan_is_not_given_back(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"))
    planned(desk)
    ended = desk.call("report", desk.folder / "contacts.plan", "-o", desk.folder / "errors.csv")
    assert "1 row to look at" in ended.out
    assert "plan again" in ended.out
    assert "retry" not in ended.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["-m", "mapping.yaml"], "-m cannot be given with --plan", id="mapping"),
        pytest.param(["contacts.csv"], "FILE cannot be given with --plan", id="file"),
        pytest.param(["--to", "kanbert"], "--to cannot be given with --plan", id="to"),
        pytest.param(["--archived", "report"], "--archived cannot be given with --plan", id="archived"),
        pytest.param(["--limit", "1"], "--limit cannot be given with --plan", id="limit"),
    ],
)
def test_what_a_plan_was_made_by_cannot_be_said_otherwise(desk: Desk, options: list[str], said: str) -> None:
    desk.has_contacts(2)
    planned(desk)
    ended = desk.call("run", "--plan", "contacts.plan", *options)
    assert (ended.code, said in ended.err) == (2, True)
    assert not desk.kanbert.writes


@pytest.mark.parametrize(
    ("words", "missing"),
    [([], "FILE"), (["contacts.csv"], "--mapping"), (["contacts.csv", "-m", "mapping.yaml"], "--to")],
)
def test_without_a_plan_a_run_needs_its_words(desk: Desk, words: list[str], missing: str) -> None:
    ended = desk.call("run", *words)
    assert (ended.code, missing in ended.err) == (2, True)


def test_a_plan_keeps_its_limit_its_decisions_and_how_the_file_is_read(desk: Desk) -> None:
    desk.has(contact(1), contact(2, country="Holand"), contact(3))
    decisions = desk.folder / "decisions.yaml"
    decisions.write_text('"address_invoice_country":\n  "Holand": NL\n', encoding="utf-8")
    ended = planned(desk, "--limit", 2, "--decisions", decisions, "--delimiter", ";")
    assert ended.counts == {"read": 2, "created": 2}
    assert executed(desk).counts == {"read": 2, "created": 2}
    assert desk.kanbert.companies()["K-2"]["address_invoice_country"]["code"] == "NL"


def test_a_plan_under_another_origin_is_no_plan_any_more(desk: Desk) -> None:
    desk.has_contacts(2)
    planned(desk)
    desk.has(contact(1), contact(2), mapping=MAPPING.replace("external_origin: test", "external_origin: other"))
    ended = executed(desk)
    assert (ended.code, "planned for the origin test" in ended.document["error"]) == (4, True)
    assert not desk.kanbert.writes


def test_rows_of_the_plan_that_are_gone_from_the_file_are_named(desk: Desk) -> None:
    desk.has_contacts(8)
    planned(desk)
    desk.has_contacts(1)
    ended = desk.call("run", "--plan", "contacts.plan", "-q")
    assert "7 rows of the plan are not in the file any more: K-2, K-3, K-4, K-5, K-6 ..." in ended.out
    assert "create: 8 planned, 1 done" in ended.out


def test_a_sandbox_that_was_begun_anew_was_not_planned_for(desk: Desk) -> None:
    desk.has_contacts(2)
    words = ["plan", desk.export, "-m", desk.mapping, "--to", "sandbox", "--json", "-q"]
    assert desk.call(*words).code == 0
    (desk.folder / "kanbert-sandbox.db").unlink()
    ended = executed(desk)
    assert (ended.code, "plan again" in ended.document["error"]) == (4, True)
    desk.call(*words)
    assert executed(desk).counts == {"read": 2, "created": 2}


def test_a_plan_of_a_kanbert_without_a_list_is_made_row_by_row(desk: Desk) -> None:
    desk.has_contacts(2)
    with other_kanbert(Choices(filters="refused")) as kanbert:
        ended = desk.call("plan", desk.export, "-m", desk.mapping, "--to", kanbert.url, "--lookup", "rows")
    assert ended.code == 0
    assert "of archived companies nothing is known before a write" in ended.err


def test_a_plan_that_matches_needs_a_list_and_says_so(desk: Desk) -> None:
    desk.has(contact(1), contact(2), mapping=MATCHING)
    with other_kanbert(Choices(filters="refused")) as kanbert:
        ended = desk.call("plan", desk.export, "-m", desk.mapping, "--to", kanbert.url, "--lookup", "rows")
        assert kanbert.companies == {}
    assert (ended.code, "list" in ended.out + ended.err) == (3, True)


# ── with the other commands ──────────────────────────────────────────────────────────────────────────────────────


def test_what_a_plan_did_can_be_looked_at_and_taken_back(desk: Desk) -> None:
    history(desk)
    stored = {one["id"]: one for one in desk.kanbert.all_companies()}
    planned(desk)
    executed(desk)
    assert desk.call("verify", desk.journal, "--json", "-q").document["counts"]["created"] == 2
    assert desk.call("undo", desk.journal, "--yes", "--json", "-q").code == 0
    for one in desk.kanbert.all_companies():
        before = stored.get(one["id"])
        assert one["deleted_at"] if before is None else {**one, "updated_at": ""} == {**before, "updated_at": ""}
    ended = executed(desk)  # what it made is archived now: nothing is made a second time
    assert ended.document["counts"]["created"] == 0
    assert desk.kanbert.stats()["duplicates"] == 0


def test_explain_says_what_was_planned(desk: Desk) -> None:
    history(desk)
    planned(desk)
    assert "Planned: update" in desk.call("explain", desk.folder / "contacts.plan", "K-1").out


def test_a_plan_with_nothing_but_refused_rows_leads_to_their_report(desk: Desk) -> None:
    desk.has(contact(1, country="Holand"))
    ended = planned(desk)
    assert ended.document["next"] == desk.call("status", desk.folder / "contacts.plan", "--json").document["next"]
    assert ended.document["next"].startswith("kanbert-import report ")


def test_before_a_plan_is_carried_out_elsewhere_somebody_is_asked(desk: Desk) -> None:
    desk.has_contacts(2)
    planned(desk)
    with sqlite3.connect(desk.folder / "contacts.plan") as connection:
        connection.execute("UPDATE target SET url = 'https://kanbert.example/api/v1'")
    connection.close()
    ended = executed(desk)
    assert ended.code == 2
    said = "2 companies will be created or updated as they were planned in https://kanbert.example/api/v1"
    assert said in ended.document["error"]


def test_a_plan_that_is_not_there_is_no_journal_that_a_run_has_to_make(desk: Desk) -> None:
    ended = desk.call("run", "--plan", desk.folder / "nix.plan", "--json", "-q")
    assert ended.code == 4
    assert ended.document["error"] == f"there is no plan {desk.folder / 'nix.plan'}. `kanbert-import plan` makes one."


def test_the_report_of_a_plan_without_problems_names_the_run(desk: Desk) -> None:
    desk.has_contacts(2)
    shown = planned(desk)
    words = ("report", desk.folder / "contacts.plan", "-o", desk.folder / "x.xlsx")
    assert desk.call(*words, "--json").document["next"] == shown.document["next"]
    told = desk.call(*words).out.splitlines()
    assert told[-2:] == ["Next:", shown.document["next"]]
    assert "Every row of this plan can go as it is." in told
    executed(desk)
    planned(desk)
    done = desk.call(*words)
    assert "There is nothing to do for this plan." in done.out
    assert "Next:" not in done.out


def test_a_plan_that_was_carried_out_says_so_the_second_time(desk: Desk) -> None:
    desk.has_contacts(3)
    planned(desk)
    words = ("run", "--plan", desk.folder / "contacts.plan")
    told = "This plan was carried out before, wholly or in part: 3 rows were done then and counted here as then."
    assert told not in " ".join(desk.call(*words).out.split())
    assert told in " ".join(desk.call(*words).out.split())


def test_stale_rows_are_no_conflicts_that_were_planned(desk: Desk) -> None:
    desk.kanbert.add(company_name="Old", external_id="K-1", external_origin="test")
    desk.kanbert.archive("K-1")
    rows = [contact(n) for n in range(1, 5)]
    desk.has(*rows)
    planned(desk)
    desk.has(*rows[:2], contact(3, phone="moved"), contact(4, phone="moved"))
    ended = executed(desk)
    assert ended.counts == {"read": 4, "created": 1, "refused": 3}
    assert ended.document["predicted"]["conflict"] == {"predicted": 1, "actual": 1, "otherwise": {}}
