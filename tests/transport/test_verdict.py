"""The table status -> meaning, read from the docstring that states it, and the words that go with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from importer.errors import (
    ConflictError,
    FatalTargetError,
    OutcomeUnknownError,
    RefusedError,
    TargetError,
    ThrottledError,
    TransientError,
)
from importer.transport.verdict import Answer, Call, classify

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

    from importer.model import Json

KINDS: dict[str, type[TargetError] | None] = {
    "answer": None,
    "fatal": FatalTargetError,
    "refused": RefusedError,
    "conflict": ConflictError,
    "transient": TransientError,
    "throttled": ThrottledError,
    "outcome unknown": OutcomeUnknownError,
}
CALLS = (
    Call("GET", "/companies/7", repeatable=True),
    Call("PATCH", "/companies/7", repeatable=True),
    Call("POST", "/companies", repeatable=False),
)
STATUSES = {
    "2xx": "200 201 202 204",
    "3xx": "300 301 302 303 304 307 308",
    "400 and other 4xx": "400 411 412 416 418 424 428 451",
    "other 5xx": "500 501 502 503 504 520 599",
}
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}


def answer(call: Call, status: int, wording: str) -> Answer:
    if "damaged JSON" in wording:
        return Answer(call, status, JSON, None, is_json=False)
    if "anything else" in wording:
        return Answer(call, status, HTML, None, is_json=False)
    data: Json = {"errors": {"external_id": ["taken"]} if "external_id" in wording else {"iban": ["too long"]}}
    return Answer(call, status, JSON, data)


def rows() -> list[ParameterSet]:
    found = []
    lines = re.findall(r"^\s*\| (.+) \|$", classify.__doc__ or "", re.MULTILINE)[2:]
    for line in lines:
        wording, *kinds = (cell.strip() for cell in line.split("|"))
        name = wording.partition(",")[0].removesuffix(" on external_id")
        for status in STATUSES.get(name, name).split():
            for call, kind in zip(CALLS, kinds, strict=True):
                found.append(
                    pytest.param(call, int(status), wording, KINDS[kind], id=f"{call.method} {wording} {status}")
                )
    return found


@pytest.mark.parametrize(("call", "status", "wording", "kind"), rows())
def test_each_status_means_what_the_table_says(
    call: Call, status: int, wording: str, kind: type[TargetError] | None
) -> None:
    error = classify(answer(call, status, wording), known="known" in wording)
    assert (None if error is None else type(error)) is kind


def test_the_table_has_a_row_for_every_status() -> None:
    statuses = {row.values[1] for row in rows()}
    assert {200, 302, 400, 401, 403, 404, 405, 409, 410, 413, 415, 419, 422, 429, 500, 503} <= statuses


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.method)
@pytest.mark.parametrize("status", range(200, 600))
def test_no_status_is_without_a_meaning(call: Call, status: int) -> None:
    error = classify(answer(call, status, ""))
    assert error is None or error.exchange.status == status


def test_a_422_tells_the_fields() -> None:
    data: Json = {
        "message": "The iban field must not be greater than 255 characters. (and 1 more error)",
        "errors": {
            "iban": ["The iban field must not be\n greater than 255 characters."],
            "tags.0": "odd",
            "x": [1, None],
        },
    }
    error = classify(Answer(CALLS[2], 422, JSON, data))
    assert isinstance(error, RefusedError)
    assert error.fields == {
        "iban": ("The iban field must not be greater than 255 characters.",),
        "tags.0": ("odd",),
        "x": ("1", "None"),
    }
    assert "(and 1 more error)" in str(error)


@pytest.mark.parametrize("data", [None, [], "no", {"errors": []}, {"errors": "x"}, {"message": 5}], ids=repr)
def test_a_422_of_another_shape_is_refused_without_fields(data: Json) -> None:
    error = classify(Answer(CALLS[1], 422, JSON, data))
    assert isinstance(error, RefusedError)
    assert error.fields == {}


def test_what_a_422_says_is_bounded() -> None:
    errors: dict[str, Json] = {f"f{number}": ["x" * 10_000] * 100 for number in range(1000)}
    error = classify(Answer(CALLS[1], 422, JSON, {"message": "y" * 10_000, "errors": errors}))
    assert isinstance(error, RefusedError)
    assert len(repr(error.fields)) + len(str(error)) < 120_000


def test_a_conflict_says_the_targets_words() -> None:
    data: Json = {"errors": {"external_id": ["The external id has already been taken."]}}
    error = classify(Answer(CALLS[2], 422, JSON, data))
    assert isinstance(error, ConflictError)
    assert "has already been taken" in str(error)


def test_a_redirect_names_its_goal_without_the_query() -> None:
    headers = {"Location": "https://x.example/login?code=secret#part"}
    error = classify(Answer(CALLS[0], 302, headers, None, is_json=False))
    assert "https://x.example/login;" in str(error)
    assert "secret" not in str(error)


def test_a_throttle_carries_the_wait() -> None:
    error = classify(Answer(CALLS[0], 429, JSON, None), 12.0)
    assert isinstance(error, ThrottledError)
    assert error.retry_after == 12.0


def test_an_answer_shows_no_headers() -> None:
    assert "cookie" not in repr(Answer(CALLS[0], 200, {"Set-Cookie": "a"}, None)).lower()
