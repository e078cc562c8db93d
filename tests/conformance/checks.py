"""What the contract's schemas cannot say of an exchange -> checks beside those of schemathesis.

The contract describes what a client should send. The framework is both stricter (it trims, and "" is null) and more
forgiving (what is not JSON is an empty input, unknown keys are dropped, 0 and "1" are booleans), and says so in 422s.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from schemathesis import GenerationMode

from tests.conformance.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case, CheckContext, Response

_BODIES = {
    "companies.store": "CompanyCreate",
    "companies.update": "CompanyUpdate",
    "companies.external-identifier": "ExternalIdentifierUpdate",
}
_CONTRACT = Contract()
_WHITE = " \t\n\r\0\v"  # what every version of the framework trims
_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks that the newer ones trim as well


def a_server_error_is_a_cursor_of_another_list(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A cursor that can be decoded and was not made for this sort breaks the framework; nothing else may."""
    if response.status_code < 500:
        return
    cursor = (case.query or {}).get("page[cursor]")
    assert response.status_code == 500, response.status_code
    assert isinstance(cursor, str), "a server error without a cursor"
    json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=="))  # which ignores what is not in its alphabet


def a_refusal_names_documented_fields(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    if response.status_code != 422:
        return
    answer = response.json()
    named = {name.partition(".")[0] for name in answer["errors"]}
    unknown = named - {"find_by", *_fields(case)}
    messages = [message for found in answer["errors"].values() for message in found]
    assert not unknown, f"errors of fields that {case.operation.label} does not have: {unknown}"
    assert messages, "a 422 without a message"
    assert answer["message"].startswith(messages[0]), "the message is not that of the first error"


def a_refusal_of_valid_data_is_one_of_the_frameworks(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    if response.status_code != 422 or case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    sent = _sent(response)
    for name, messages in response.json()["errors"].items():
        for message in messages:
            assert _may_refuse(name, message, sent.get(name.partition(".")[0])), f"{name}: {message}"


def what_was_accepted_may_be_accepted(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    fields = _fields(case)
    if response.status_code >= 300 or not fields:
        return
    sent, answer = _sent(response), response.json()
    for name, schema in fields.items():
        if name in sent:
            assert _may_accept(schema, sent[name], answer.get(name)), f"{name} = {sent[name]!r} was accepted"


def _may_refuse(name: str, message: str, value: object) -> bool:
    """Valid by the contract and yet refused: it is taken, does not exist, or is blank and hence null."""
    if message.endswith("has already been taken."):
        return name == "external_id"
    if message.startswith("The selected"):
        return name.endswith("_id")
    return any(isinstance(text, str) and not any(map(_is_seen, text)) for text in _flat(value))


def _is_seen(sign: str) -> bool:
    return sign.isprintable() and not sign.isspace() and sign not in _UNSEEN


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()
    else:
        yield value


def _may_accept(schema: dict[str, Any], value: object, answer: object) -> bool:
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if value is None or (isinstance(value, str) and not value.strip(_WHITE)):
        return "null" in kinds
    match kinds[0]:
        case "string":
            stored_is_sent = not isinstance(answer, str) or "maxLength" not in schema or answer in str(value)
            fits = not isinstance(answer, str) or len(answer) <= schema.get("maxLength", len(answer))
            return isinstance(value, str) and stored_is_sent and fits
        case "boolean":
            is_word = isinstance(value, str) and "".join(filter(str.isprintable, value)).strip() in {"0", "1"}
            return isinstance(value, bool) or (isinstance(value, int) and value in {0, 1}) or is_word
        case "array":
            return isinstance(value, list | dict) and all(isinstance(item, str) for item in _flat(value))
        case _:
            return isinstance(value, list | dict)


def _fields(case: Case[Any]) -> dict[str, dict[str, Any]]:
    """The fields of the operation's body."""
    name = _BODIES.get(_CONTRACT.labelled(case.operation.label).name)
    fields: dict[str, dict[str, Any]] = _CONTRACT.schema(name)["properties"] if name else {}
    return fields


def _sent(response: Response) -> dict[str, Any]:
    """What the framework reads of the body: nothing, where it is not JSON by its type or not an object."""
    body, kind = response.request.body, response.request.headers.get("Content-Type") or ""
    try:
        value = json.loads(body) if isinstance(body, bytes | str) and "json" in str(kind) else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
