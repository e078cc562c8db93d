"""`doctor` against every Kanbert that a run could trip over; and that it writes nothing unless it is asked to."""

from __future__ import annotations

import datetime as dt
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from importer.commands.diagnosis import WHY
from importer.commands.doctor import Checkup, doctor, skew
from importer.commands.settings import Desk as UserDesk
from importer.errors import Exit
from importer.progress import progress_for
from importer.sandbox import Behaviour, Fault, Token, parse_seed
from importer.transport import SystemClock
from tests.fakes.local_kanbert import LocalKanbert, local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios.conftest import Desk, Ended

COMPANIES = """\
companies:
  - {external_id: "a/1", external_origin: test, company_name: Not addressable}
  - {external_id: "1", external_origin: test, company_name: One, phone: "1", fax: "2", tags: [VIP],
     address_invoice_country: NL, taxation: false, business_field: Bakery, custom_fields: {note: x}}
  - {external_id: "2", external_origin: test, company_name: Two, archived: true}
  - {external_id: "3", external_origin: elsewhere, company_name: Three}
  - {company_name: Nobody's}
"""
MAPPING = """\
version: 1
target: {external_origin: %s}
company: {external_id: nr, company_name: name}
"""


@contextmanager
def space(desk: Desk, companies: str = COMPANIES, **options: Any) -> Iterator[LocalKanbert]:
    """A space with companies; whatever is done in it, nothing may be written."""
    with local_kanbert(seed=parse_seed(companies) if companies else None, **options) as kanbert:
        desk.kanbert = kanbert
        yield kanbert
        stats = kanbert.stats()
        assert not any(stats["writes"].values()), stats["writes"]


def asked(desk: Desk, *options: object, to: str | None = None) -> Ended:
    return desk.call("doctor", "--to", to or desk.kanbert.url, "--json", *options)


def states(ended: Ended) -> dict[str, str]:
    return {check["name"]: check["state"] for check in ended.document["checks"]}


def check(ended: Ended, name: str) -> dict[str, Any]:
    [found] = [one for one in ended.document["checks"] if one["name"] == name]
    return dict(found)


def mapping(desk: Desk, origin: str) -> Path:
    desk.mapping.write_text(MAPPING % origin, encoding="utf-8")
    return desk.mapping


def test_a_target_that_is_as_it_should_be(desk: Desk) -> None:
    with space(desk) as kanbert:
        ended = asked(desk, "-m", mapping(desk, "test"))
        assert ended.code == 0
        assert list(states(ended)) == list(WHY)
        assert {name for name, state in states(ended).items() if state != "ok"} == {"certificate", "patch"}
        document = ended.document
        assert (document["command"], document["exit_code"], document["next"]) == ("doctor", 0, None)
        assert document["target"] == {"url": kanbert.url, "origin": "test"}
        assert document["requests"]["total"] == len(kanbert.requests)
        assert kanbert.writes == ["PATCH /companies/0"]
        assert document["requests"]["write"] == 1
        assert "30 companies a page" in check(ended, "page-size")["found"]
        assert 'origins in the space: "test" (3), "elsewhere" (1)' in check(ended, "origin")["found"]


def test_it_is_shown_a_line_a_check_and_a_hint_for_each_trouble(desk: Desk) -> None:
    with space(desk):
        ended = desk.call("doctor", "--to", desk.kanbert.url, "-m", mapping(desk, "tests"), env={"COLUMNS": "200"})
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert "\x1b" not in ended.out
    assert any(line.startswith("ok          token        accepted") for line in lines)
    [warned] = [line for line in lines if line.startswith("warning ")]
    assert 'the mapping\'s is "tests"' in warned
    assert '    -> Did you mean "test"? If these' in ended.out
    assert f"    {WHY['origin']}" in lines
    assert lines[-1] == "A run would be let in; look at the warnings first."


def test_the_embedded_sandbox_can_be_asked(desk: Desk) -> None:
    desk.token = ""
    ended = asked(desk, to="sandbox")
    assert (ended.code, states(ended)["origin"]) == (0, "ok")
    assert desk.call("doctor", "--to", "sandbox").out.splitlines()[-1] == "A run would be let in."
    assert asked(desk, "--probe-patch", to="sandbox").code == 0  # there is nobody to try it on


def test_the_tokens_own_origin_is_found_without_writing(desk: Desk) -> None:
    tokens = {"other": Token("elsewhere")}
    with space(desk, tokens=tokens):
        desk.token = "other"
        assert 'the token\'s own is "elsewhere"' in check(asked(desk), "origin")["found"]
        desk.token = "sandbox"
        assert "the token's own" not in check(asked(desk), "origin")["found"]


@pytest.mark.parametrize(
    ("scopes", "states_", "code"),
    [
        pytest.param(
            {"contact-data:read"},
            {"write-scope": "problem", "offer-scope": "warning", "read-scope": "ok"},
            3,
            id="read",
        ),
        pytest.param(
            {"contact-data:read", "contact-data:write"},
            {"write-scope": "ok", "offer-scope": "warning"},
            0,
            id="no-offers",
        ),
        pytest.param(
            {"offer:read"},
            {"token": "ok", "read-scope": "problem", "offer-scope": "ok", "write-scope": "not-checked"},
            3,
            id="offers",
        ),
    ],
)
def test_each_scope_that_a_token_lacks_is_named(
    desk: Desk, scopes: set[str], states_: dict[str, str], code: int
) -> None:
    with space(desk, tokens={"some": Token("test", frozenset(scopes))}):
        desk.token = "some"
        ended = asked(desk)
        assert ended.code == code
        assert states(ended).items() >= states_.items()
        for name, state in states_.items():
            assert state == "ok" or check(ended, name)["hint"] or state == "not-checked"


def test_a_wrong_token_is_told_from_a_wrong_address(desk: Desk) -> None:
    with space(desk) as kanbert:
        desk.token = "very-secret-token"
        ended = asked(desk)
        assert ended.code == 3
        assert states(ended)["address"] == "ok"
        assert states(ended)["token"] == "problem"
        assert "KANBERT_TOKEN" in check(ended, "token")["hint"]
        assert {state for name, state in states(ended).items() if name not in {"address", "token"}} == {"not-checked"}
        assert "very-secret-token" not in ended.out + ended.err
        assert len(kanbert.requests) == 1


def test_without_a_token_the_rest_is_said_all_the_same(desk: Desk) -> None:
    desk.token = ""
    ended = asked(desk)
    assert ended.code == 3
    assert states(ended)["token"] == "problem"
    assert "--token-file" in check(ended, "token")["hint"]
    assert not desk.kanbert.requests
    assert asked(desk, "--token-file", desk.folder / "none").code == 2
    shown = desk.call("doctor", "--to", desk.kanbert.url)
    assert shown.out.splitlines()[-1] == "A run would be refused: see what to do above."


def test_https_is_looked_at_without_a_token(desk: Desk) -> None:
    desk.token = ""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended = asked(desk, to=f"https://127.0.0.1:{port}/api/v1")
    assert "no TLS connection" in check(ended, "certificate")["found"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param({"do": "login_page"}, "text/html", id="login-page"),
        pytest.param({"do": "status", "status": 302}, "redirects to", id="redirect"),
        pytest.param({"do": "status", "status": 503}, "cannot be used now", id="maintenance"),
        pytest.param({"do": "status", "status": 404, "body": "html"}, "text/html", id="404-page"),
        pytest.param({"do": "reset_before"}, "the connection broke", id="reset"),
    ],
)
def test_an_address_that_is_wrong_says_how(desk: Desk, fault: dict[str, Any], words: str) -> None:
    with space(desk) as kanbert:
        kanbert.set_faults(Fault(on="*", **fault))
        ended = asked(desk)
        assert ended.code == 3
        assert words in check(ended, "address")["found"]
        assert "address" in check(ended, "address")["hint"]
        assert set(states(ended).values()) == {"problem", "not-checked"}


def test_the_wrong_base_path_and_a_closed_port_are_told_apart(desk: Desk) -> None:
    with space(desk) as kanbert:
        wrong = asked(desk, to=f"{kanbert.url}/nothing")
        assert (wrong.code, states(wrong)["address"]) == (3, "problem")
        assert "no list of companies" in check(wrong, "address")["found"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    closed = asked(desk, to=f"http://127.0.0.1:{port}/api/v1")
    assert (closed.code, "cannot be reached" in check(closed, "address")["found"]) == (3, True)


@pytest.mark.parametrize("words", [["--to", "nowhere"], ["--to", "http://kanbert.example"], []])
def test_words_that_are_no_target_are_usage(desk: Desk, words: list[str]) -> None:
    ended = desk.call("doctor", *words)
    assert (ended.code, ended.out) == (2, "")


def test_a_mapping_with_a_mistake_is_usage(desk: Desk) -> None:
    assert asked(desk, "-m", mapping(desk, "[]")).code == 2
    assert not desk.kanbert.requests


def test_a_throttle_is_read_and_kept_to(desk: Desk) -> None:
    with space(desk, behaviour=Behaviour(throttle=100)):
        ended = asked(desk)
        assert ended.code == 0
        assert "100 requests in a window, 99 left" in check(ended, "rate-limit")["found"]
        assert states(ended)["rate-limit"] == "ok"


@pytest.mark.slow
def test_a_single_429_is_ridden_out_and_said(desk: Desk) -> None:
    with space(desk) as kanbert:
        kanbert.set_faults(Fault(on="GET /companies", do="status", status=429, retry_after=0, nth=2))
        ended = asked(desk)
        assert (ended.code, states(ended)["rate-limit"], states(ended)["latency"]) == (0, "warning", "ok")


def test_answers_that_come_in_the_middle_do_not_end_it(desk: Desk) -> None:
    with space(desk) as kanbert:
        kanbert.set_faults(
            Fault(on="GET /companies", do="status", status=500, nth=2),  # of the latency
            Fault(on="GET /companies", do="repeat_cursor"),
            Fault(on="GET /offers", do="expire_token"),
        )
        ended = asked(desk)
        assert states(ended)["offer-scope"] == "not-checked"
        assert states(ended)["write-scope"] == "ok"


@pytest.mark.parametrize("size", [1, 100])
def test_the_pages_are_bounded(desk: Desk, size: int) -> None:
    companies = "companies:\n" + "".join(f"  - {{company_name: C {n}}}\n" for n in range(8))
    with space(desk, companies, behaviour=Behaviour(page_size_max=size)) as kanbert:
        ended = asked(desk)
        found = check(ended, "page-size")
        assert ("more than 5 companies" if size == 1 else "has 8 companies") in found["found"]
        assert found["state"] == ("warning" if size == 1 else "ok")
        lists = [one for one in kanbert.requests if "filter" in one.query]
        assert len(lists) == (5 if size == 1 else 1)


def test_a_list_that_goes_in_circles_is_not_concluded_from(desk: Desk) -> None:
    with space(desk, behaviour=Behaviour(page_size_max=1)) as kanbert:
        kanbert.set_faults(Fault(on="GET /companies", do="repeat_cursor"))
        ended = asked(desk)
        assert ended.code == 0
        assert "circles" in check(ended, "origin")["found"]


def test_fields_that_are_not_shown_are_named(desk: Desk) -> None:
    with space(desk, behaviour=Behaviour(answers_tags=False)):
        assert check(asked(desk), "fields")["found"] == "a company does not show tags"


@pytest.mark.parametrize("ids", ["text", "numbers", "uuid"])
def test_the_scope_to_write_is_found_out_whatever_ids_are(desk: Desk, ids: Any) -> None:
    with space(desk, behaviour=Behaviour(ids=ids, patch_nulls_absent=True, finds_id_prefix=True)) as kanbert:
        before = kanbert.all_companies()
        assert states(asked(desk))["write-scope"] == "ok"
        assert kanbert.all_companies() == before


@pytest.mark.parametrize(
    ("on", "status", "check_name", "state"),
    [
        pytest.param("GET /companies/0", 200, "write-scope", "not-checked", id="somebody-has-the-id-0"),
        pytest.param("PATCH /companies/0", 422, "write-scope", "ok", id="judged-by-its-body"),
        pytest.param("PATCH /companies/0", 401, "write-scope", "not-checked", id="a-token-that-ends"),
        pytest.param("GET /offers", 404, "offer-scope", "warning", id="no-offers"),
        pytest.param("GET /companies/1", 404, "origin", "ok", id="nobody-under-our-own-origin"),
    ],
)
def test_other_answers_are_taken_as_they_are(desk: Desk, on: str, status: int, check_name: str, state: str) -> None:
    with space(desk) as kanbert:
        kanbert.set_faults(Fault(on=on, do="status", status=status))
        assert states(asked(desk))[check_name] == state


# a target that does not answer, a clock that is wrong


class Ahead(SystemClock):
    """A clock that is an hour fast."""

    def now(self) -> dt.datetime:
        return super().now() + dt.timedelta(hours=1)


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}, {"Date": "Mon, 05 Jan 2026 09:00:00 -0000"}])
def test_a_date_that_says_nothing_is_no_skew(headers: dict[str, str]) -> None:
    assert skew(headers, SystemClock()) is None


def user(desk: Desk, *, agrees: bool = True) -> UserDesk:
    progress = progress_for(None, quiet=True, enabled=False, monotonic=lambda: 0.0)  # type: ignore[arg-type]  # quiet: nothing is written
    return UserDesk(progress, lambda _: agrees, {"KANBERT_TOKEN": "sandbox"}, desk.folder)


def test_a_clock_that_is_fast_is_noticed(desk: Desk) -> None:
    with space(desk) as kanbert:
        found = doctor(Checkup(kanbert.url), user(desk), Ahead())
        [clock] = [one for one in found.checks if one.name == "clock"]
        assert (clock.state.value, "3,600 s ahead" in clock.found or "3,601 s" in clock.found) == ("warning", True)
        assert found.exit_code is Exit.OK


@pytest.mark.parametrize(
    ("fault", "address", "word"),
    [
        pytest.param({"do": "status", "status": 429, "retry_after": 600}, "ok", "429", id="throttled"),
        pytest.param({"do": "hang"}, "problem", "no answer within 0.3 s", id="hanging"),
    ],
)
def test_patience_has_an_end(desk: Desk, fault: dict[str, Any], address: str, word: str) -> None:
    with space(desk) as kanbert:
        kanbert.set_faults(Fault(on="*", **fault))
        found = doctor(Checkup(kanbert.url, patience=0.3), user(desk))
        by_name = {one.name: one for one in found.checks}
        assert by_name["address"].state.value == address
        assert any(word in one.found for one in found.checks)
        assert (by_name["rate-limit"].state.value == "warning") == (address == "ok")
        assert found.exit_code == (Exit.OK if address == "ok" else Exit.TARGET)


# the probe


def probed(
    desk: Desk, behaviour: Behaviour, companies: str = COMPANIES
) -> tuple[Ended, LocalKanbert, list[Any], list[Any]]:
    with local_kanbert(seed=parse_seed(companies), behaviour=behaviour) as kanbert:
        before = kanbert.all_companies()
        ended = asked(desk, "--probe-patch", to=kanbert.url)
        return ended, kanbert, before, kanbert.all_companies()


FULL = COMPANIES.replace('  - {external_id: "a/1", external_origin: test, company_name: Not addressable}\n', "")


def test_a_probe_that_changes_nothing_says_so(desk: Desk) -> None:
    ended, kanbert, before, after = probed(desk, Behaviour(unknown_custom_field="store"), FULL)
    assert (ended.code, check(ended, "patch")["state"]) == (0, "ok")
    assert "phone set to the value it had" in check(ended, "patch")["found"]
    assert kanbert.writes == ["PATCH /companies/0", f"PATCH /companies/{before[0]['id']}"]
    assert after == before


def test_a_probe_that_clears_other_fields_is_a_problem_and_is_put_back(desk: Desk) -> None:
    behaviour = Behaviour(patch_nulls_absent=True, unknown_custom_field="store")
    ended, kanbert, before, after = probed(desk, behaviour, FULL)
    assert (ended.code, check(ended, "patch")["state"]) == (3, "problem")
    assert "fax (was 2)" in check(ended, "patch")["found"]
    assert "all of it was put back" in check(ended, "patch")["found"]
    assert len(kanbert.writes) == 3
    for one, other in zip(before, after, strict=True):
        assert {**one, "updated_at": None} == {**other, "updated_at": None}


def test_a_probe_without_a_company_or_of_one_that_goes_is_not_done(desk: Desk) -> None:
    archived = "companies:\n  - {company_name: Two, archived: true}\n"
    ended, _, before, after = probed(desk, Behaviour(), archived)
    assert (check(ended, "patch")["state"], before) == ("not-checked", after)
    with local_kanbert(seed=parse_seed(FULL)) as kanbert:
        kanbert.set_faults(Fault(on="GET /companies/1", do="status", status=404))
        ended = asked(desk, "--probe-patch", to=kanbert.url)
        assert "no longer there" in check(ended, "patch")["found"]


def test_a_probe_elsewhere_than_on_this_machine_is_asked_for(desk: Desk) -> None:
    ended = asked(desk, "--probe-patch", to="https://kanbert.example/api/v1")
    assert (ended.code, "--yes" in ended.err, "One company of https://kanbert.example" in ended.err) == (2, True, True)


@pytest.mark.parametrize(("agrees", "state", "writes"), [(False, "not-checked", 1), (True, "ok", 2)])
def test_who_says_no_gets_the_other_checks(desk: Desk, agrees: bool, state: str, writes: int) -> None:
    """127.0.0.2 is on this machine, but not among the names that need no question."""
    with local_kanbert(seed=parse_seed(FULL), host="127.0.0.2") as kanbert:
        found = doctor(Checkup(kanbert.url, probe_patch=True), user(desk, agrees=agrees))
        by_name = {one.name: one for one in found.checks}
        assert (by_name["patch"].state.value, len(kanbert.writes)) == (state, writes)
        assert ("you said no" in by_name["patch"].found) != agrees
        assert found.exit_code is Exit.OK
