"""What each finding is worth: pure decisions, as tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from importer.commands import diagnosis
from importer.commands.diagnosis import WHY, Check, Origins, Probed, State
from importer.company import FIELDS
from importer.errors import Exchange, FatalTargetError, TargetError, TransientError
from importer.transport import Certificate

if TYPE_CHECKING:
    from collections.abc import Callable

OK, WARNING, PROBLEM, NOT_CHECKED = State.OK, State.WARNING, State.PROBLEM, State.NOT_CHECKED
NOW = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
SILENT = TransientError("no answer within 1 s", exchange=Exchange("GET", "/x"))


def refusal(status: int | None, text: str = "it said no") -> TargetError:
    return FatalTargetError(text, exchange=Exchange("GET", "/companies", status))


def company(**changes: Any) -> dict[str, Any]:
    names = [field.reads_as for field in FIELDS.values()]
    return {**dict.fromkeys([*names, "created_at", "updated_at", "deleted_at"]), **changes}


@pytest.mark.parametrize(
    ("error", "states"),
    [
        pytest.param(None, (OK, OK, OK), id="let-in"),
        pytest.param(refusal(401), (OK, PROBLEM, NOT_CHECKED), id="401"),
        pytest.param(refusal(403), (OK, OK, PROBLEM), id="403"),
        pytest.param(refusal(429), (OK, NOT_CHECKED, NOT_CHECKED), id="429"),
        pytest.param(refusal(404), (PROBLEM, NOT_CHECKED, NOT_CHECKED), id="404"),
        pytest.param(refusal(302), (PROBLEM, NOT_CHECKED, NOT_CHECKED), id="302"),
        pytest.param(refusal(200), (PROBLEM, NOT_CHECKED, NOT_CHECKED), id="no-list"),
        pytest.param(refusal(503), (PROBLEM, NOT_CHECKED, NOT_CHECKED), id="503"),
        pytest.param(refusal(None), (PROBLEM, NOT_CHECKED, NOT_CHECKED), id="no-answer"),
    ],
)
def test_the_first_answer_says_how_far_we_came(error: TargetError | None, states: tuple[State, ...]) -> None:
    checks = diagnosis.access(error, "https://x/api/v1")
    assert [check.name for check in checks] == ["address", "token", "read-scope"]
    assert tuple(check.state for check in checks) == states
    assert all(check.hint for check in checks if check.state is PROBLEM)


def test_the_advice_of_an_error_is_the_hint() -> None:
    [address, *_] = diagnosis.access(refusal(302, "it redirects to /login; no: there; check the address"), "x")
    assert address.found == "it redirects to /login; no: there (GET /companies: 302)"
    assert address.hint == "Check the address."


@pytest.mark.parametrize(
    ("shown", "state", "word"),
    [
        pytest.param(None, NOT_CHECKED, "plain http", id="plain"),
        pytest.param(Certificate(), NOT_CHECKED, "no TLS connection", id="no-connection"),
        pytest.param(Certificate(distrust="certificate has expired"), PROBLEM, "has expired", id="expired"),
        pytest.param(Certificate(NOW + dt.timedelta(days=13, hours=23)), WARNING, "13 days", id="13-days"),
        pytest.param(Certificate(NOW + dt.timedelta(days=1)), WARNING, "1 day)", id="1-day"),
        pytest.param(Certificate(NOW + dt.timedelta(days=14)), OK, "2026-01-19 (14 days)", id="14-days"),
    ],
)
def test_a_certificate_is_worth_its_days(shown: Certificate | None, state: State, word: str) -> None:
    check = diagnosis.certificate(shown, NOW)
    assert (check.state, word in check.found) == (state, True)
    assert bool(check.hint) == (state in {WARNING, PROBLEM})


@pytest.mark.parametrize(
    ("judge", "answered", "state"),
    [
        pytest.param(diagnosis.write_scope, True, OK, id="may-write"),
        pytest.param(diagnosis.write_scope, False, PROBLEM, id="may-not-write"),
        pytest.param(diagnosis.write_scope, None, NOT_CHECKED, id="somebody-has-the-id-0"),
        pytest.param(diagnosis.write_scope, SILENT, NOT_CHECKED, id="write-unanswered"),
        pytest.param(diagnosis.offer_scope, True, OK, id="may-read-offers"),
        pytest.param(diagnosis.offer_scope, False, WARNING, id="may-not-read-offers"),
        pytest.param(diagnosis.offer_scope, None, WARNING, id="no-offers-there"),
        pytest.param(diagnosis.offer_scope, SILENT, NOT_CHECKED, id="offers-unanswered"),
    ],
)
def test_only_the_scope_to_write_keeps_a_run_out(judge: Callable[[Any], Check], answered: Any, state: State) -> None:
    check = judge(answered)
    assert check.state is state
    assert bool(check.hint) == (state is not OK)


@pytest.mark.parametrize(
    ("per_page", "whole", "state", "words"),
    [
        pytest.param(30, True, OK, ("30 companies a page", "has 7 companies", "334 requests"), id="30"),
        pytest.param(100, False, OK, ("100 companies", "more than 7", "100 requests"), id="100"),
        pytest.param(9, False, WARNING, ("1,112 requests",), id="9"),
        pytest.param(None, True, WARNING, ("does not say",), id="unsaid"),
    ],
)
def test_a_page_size_is_worth_the_requests_of_a_listing(
    per_page: int | None, whole: bool, state: State, words: tuple[str, ...]
) -> None:
    check = diagnosis.page_size(100, per_page, 7, whole=whole)
    assert check.state is state
    assert all(word in check.found for word in words), check.found


@pytest.mark.parametrize(
    ("headers", "throttled", "state", "word"),
    [
        pytest.param({}, 0, OK, "name none", id="none"),
        pytest.param({"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59"}, 0, OK, "60 rows a minute", id="60"),
        pytest.param({"X-RateLimit-Limit": "60"}, 0, OK, "? left", id="left-unsaid"),
        pytest.param({"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "5"}, 0, WARNING, "5 left", id="few-left"),
        pytest.param({"X-RateLimit-Limit": "-1"}, 0, OK, "name none", id="nonsense"),
        pytest.param({"X-RateLimit-Limit": "9" * 5000}, 0, OK, "name none", id="endless"),
        pytest.param({}, 1, WARNING, "1 request answered 429", id="throttled"),
    ],
)
def test_a_rate_limit_is_worth_rows_a_minute(headers: dict[str, str], throttled: int, state: State, word: str) -> None:
    check = diagnosis.rate_limit(headers, throttled)
    assert (check.state, word in check.found) == (state, True), check.found


@pytest.mark.parametrize(
    ("seconds", "state", "words"),
    [
        pytest.param([], NOT_CHECKED, (), id="none"),
        pytest.param([0.04, 9.0, 0.05, 0.04, 0.05], OK, ("50 ms", "160 requests a second"), id="an-outlier"),
        pytest.param([0.0001], OK, ("less than 1 ms",), id="at-once"),
        pytest.param([2.5], WARNING, ("2,500 ms",), id="slow"),
    ],
)
def test_latency_is_the_median_and_bounds_the_pace(seconds: list[float], state: State, words: tuple[str, ...]) -> None:
    check = diagnosis.latency(seconds)
    assert check.state is state
    assert all(word in check.found for word in words), check.found


@pytest.mark.parametrize(
    ("skew", "state", "word"),
    [
        pytest.param(None, NOT_CHECKED, "no Date", id="unsaid"),
        pytest.param(30.0, OK, "agree", id="30-s"),
        pytest.param(31.0, WARNING, "31 s behind", id="behind"),
        pytest.param(-7200.0, WARNING, "7,200 s ahead of", id="ahead"),
    ],
)
def test_clocks_may_differ_by_half_a_minute(skew: float | None, state: State, word: str) -> None:
    check = diagnosis.clock(skew)
    assert (check.state, word in check.found) == (state, True)


def test_a_field_that_is_not_shown_is_named() -> None:
    assert diagnosis.fields(None).state is NOT_CHECKED
    assert diagnosis.fields(company()).state is OK
    shown = company()
    del shown["tags"], shown["deleted_at"]
    check = diagnosis.fields(shown)
    assert (check.state, check.found) == (WARNING, "a company does not show tags, deleted_at")


@pytest.mark.parametrize(
    ("seen", "wanted", "state", "words"),
    [
        pytest.param({}, "moneybird", OK, ("has an external_id yet",), id="nobody-yet"),
        pytest.param({"moneybird": 3}, None, OK, ('"moneybird" (3)', "Add -m"), id="no-mapping"),
        pytest.param({"own": 3}, None, OK, ('token\'s own is "own"',), id="all-our-own"),
        pytest.param({"a": 1, "moneybird": 3}, "moneybird", OK, ('"moneybird" (3), "a" (1)',), id="among-others"),
        pytest.param({"exact": 3}, "moneybird", WARNING, ("no company has", "target.external_origin"), id="another"),
        pytest.param({"Money-Bird": 3}, "moneybird", WARNING, ('Did you mean "Money-Bird"?',), id="a-near-one"),
        pytest.param({None: 3}, "moneybird", WARNING, ("none (3)",), id="without-an-origin"),
    ],
)
def test_an_origin_that_only_others_lack_is_a_trap(
    seen: dict[str | None, int], wanted: str | None, state: State, words: tuple[str, ...]
) -> None:
    check = diagnosis.origin(Origins(seen, 9, whole=False, own="own"), wanted)
    assert check.state is state
    assert all(word in f"{check.found} {check.hint}" for word in words), check
    assert "first 9 companies" in check.found


@pytest.mark.parametrize(
    ("probed", "state", "words"),
    [
        pytest.param(Probed("7", "phone", {}), OK, ("company 7: phone",), id="nothing"),
        pytest.param(Probed("7", "phone", {"fax": "1"}), PROBLEM, ("fax (was 1)", "all of it was put back"), id="lost"),
        pytest.param(Probed("7", "phone", {"fax": "1"}, ("fax",)), PROBLEM, ("still otherwise: fax",), id="gone"),
        pytest.param(SILENT, NOT_CHECKED, ("no answer",), id="unanswered"),
    ],
)
def test_a_patch_that_changes_more_is_a_problem(
    probed: Probed | TargetError, state: State, words: tuple[str, ...]
) -> None:
    check = diagnosis.patch(probed)
    assert check.state is state
    assert all(word in check.found for word in words), check.found


@pytest.mark.parametrize("name", WHY)
def test_every_check_says_why_it_matters(name: str) -> None:
    assert diagnosis.not_checked(name, "x").why.endswith(".")
