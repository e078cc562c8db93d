"""How a row compares with what is there: the table of verdicts, and how differences are named."""

from __future__ import annotations

import pytest

from importer.errors import Exchange, RefusedError, TransientError
from importer.model import Change, Code, Json, Location, Severity
from importer.planner import Found, Verdict, VerdictKind, judge
from tests.fakes.nouns import stored, work

WORK = work("k1", phone="1", fax=None, tags=["a", "b"], custom_fields={"rank": "5", "since": "2019"})
AS_WANTED: dict[str, Json] = {
    "tags": [{"id": "1", "title": "b"}, {"id": "2", "title": "a"}, {"id": "3", "title": "theirs"}],
    "custom_fields": {"rank": 5, "since": "2019", "theirs": True},
}
EXCHANGE = Exchange("GET", "/companies/k1", 500)


def place(field: str) -> Location:
    return Location("contacts.csv", None, 2, f"column of {field}")


def judged(found: Found, kanbert_id: str | None = "7") -> Verdict:
    return judge(found, kanbert_id, place)


def there(**overrides: Json) -> Found:
    return Found(WORK, (stored(WORK.desired.payload, kanbert_id="7", **{**AS_WANTED, **overrides}),))


def codes(verdict: Verdict) -> list[Code]:
    return [issue.code for issue in verdict.issues]


def test_what_a_run_would_leave_alone_is_the_same() -> None:
    for verdict in (judged(there()), judged(there(phone=" 1 ")), judged(there(), None)):
        assert (verdict.kind, verdict.kind.symbol, verdict.differences, verdict.issues) == ("same", "=", (), ())


def test_differences_are_named_in_the_order_of_the_api_with_each_custom_field_by_itself() -> None:
    verdict = judged(
        there(
            phone="2",
            fax="9",
            company_name=None,
            tags=[{"id": "1", "title": "b"}],
            custom_fields={"rank": 6},
        )
    )
    assert (verdict.kind, verdict.kind.symbol) == (VerdictKind.DIFFERS, "*")
    assert verdict.differences == (
        Change("company_name", None, "Company k1"),
        Change("phone", "2", "1"),
        Change("fax", "9", None),
        Change("tags", ["b"], ["a", "b"]),
        Change("custom_fields.rank", 6, "5"),
        Change("custom_fields.since", None, "2019"),
    )
    assert [issue.message for issue in verdict.issues] == [
        'company_name differs: "Company k1" in the file, nothing in Kanbert',
        'phone differs: "1" in the file, "2" in Kanbert',
        'fax differs: nothing in the file, "9" in Kanbert',
        'tags differs: "a" is not among its tags in Kanbert',
        'custom_fields.rank differs: "5" in the file, 6 in Kanbert',
        'custom_fields.since differs: "2019" in the file, nothing in Kanbert',
    ]
    assert {issue.severity for issue in verdict.issues} == {Severity.ERROR}
    assert {issue.value for issue in verdict.issues} == {None}  # so that a field is one group, whatever its values
    assert verdict.issues[1].location.column == "column of phone"


def test_what_is_not_shown_is_a_warning_and_no_difference() -> None:
    found = there()
    del found.held[0].body["tags"]
    verdict = judged(found)
    assert (verdict.kind, codes(verdict)) == (VerdictKind.SAME, [Code.NOT_SHOWN])
    assert verdict.issues[0].severity is Severity.WARNING


def test_nobody_with_the_number_is_missing() -> None:
    known, unknown = judged(Found(WORK)), judged(Found(WORK), None)
    assert (known.kind, known.kind.symbol, codes(known)) == (VerdictKind.MISSING, "+", [Code.MISSING_IN_KANBERT])
    assert known.issues[0].message.endswith("; it was company 7")
    assert unknown.issues[0].message == 'no company holds external_id "k1" under our origin'


@pytest.mark.parametrize(
    ("found", "code"),
    [
        pytest.param(there(deleted_at="2026-01-01"), Code.ARCHIVED_IN_KANBERT, id="archived"),
        pytest.param(there(external_id="K1"), Code.OTHER_COMPANY_ANSWERED, id="another-case"),
        pytest.param(there(external_origin="theirs"), Code.OTHER_COMPANY_ANSWERED, id="another-origin"),
        pytest.param(there(id="8"), Code.HELD_BY_ANOTHER, id="another-company"),
        pytest.param(Found(WORK, there().held * 2), Code.HELD_TWICE, id="twice"),
        pytest.param(Found(WORK, error=TransientError("no", exchange=EXCHANGE)), Code.GAVE_UP, id="no-answer"),
        pytest.param(
            Found(WORK, error=RefusedError("a/b", exchange=EXCHANGE, fields={})),
            Code.REFUSED_BY_KANBERT,
            id="cannot-be-asked",
        ),
    ],
)
def test_what_cannot_be_told_says_why(found: Found, code: Code) -> None:
    verdict = judged(found)
    assert (verdict.kind, verdict.kind.symbol, codes(verdict)) == (VerdictKind.ERROR, "!", [code])
    assert verdict.issues[0].severity is Severity.ERROR
