"""An answer's status and body -> what it means for the caller: nothing, or one of the errors of the tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from importer.errors import (
    ConflictError,
    Exchange,
    FatalTargetError,
    OutcomeUnknownError,
    RefusedError,
    TargetError,
    ThrottledError,
    TransientError,
)
from importer.model import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.model import Json

__all__ = ["Answer", "Call", "classify", "lost", "server_message"]

MESSAGE_LENGTH = 300
MOST_FIELDS, MOST_MESSAGES = 60, 5  # of a 422 that are kept
_MESSAGES = ("message", "error", "detail", "title")  # Kanbert's documents name none; the first is its framework's


class Call(NamedTuple):
    """What was asked for. `path` is the part below the base address, percent-encoded, without a query."""

    method: str
    path: str
    repeatable: bool  # sent twice, it has the effect of once

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `data` is the body's JSON; None where the body is empty or no JSON."""

    call: Call
    status: int
    headers: Mapping[str, str] = field(repr=False)  # keys without regard to case
    data: Json
    is_json: bool = True  # false where the body is something else, such as HTML; an empty body counts as JSON
    content: bytes = field(default=b"", repr=False)  # the body as it came

    @property
    def found(self) -> bool:
        """Whether the answer is a success; false only for 404 and 410, the one refusal that is returned."""
        return self.status < 300

    @property
    def exchange(self) -> Exchange:
        """The request and its answer, as an error tells of them."""
        return Exchange(self.call.method, self.call.path, self.status, server_message(self))


_WRONG_ADDRESS = "check the target's address: the API's own, like https://api.kanbert.com/api/v1"
_FATAL = {
    401: "the token was not accepted: it is wrong, expired or revoked; set KANBERT_TOKEN, or --token-file, to a valid one",
    402: "the target wants a payment first: look at the account in Kanbert",
    403: "the token may not do this: it lacks a scope, or a firewall stands in the way",
    405: f"the target has no such operation; {_WRONG_ADDRESS}",
    406: f"the target cannot answer in JSON; {_WRONG_ADDRESS}",
    407: "a proxy on the way wants a login of its own",
    415: f"the target does not take JSON; {_WRONG_ADDRESS}",
    419: f"the target wants a browser's session instead of a token; {_WRONG_ADDRESS}",
    421: f"this server does not serve the address; {_WRONG_ADDRESS}",
    426: f"the target wants another protocol; {_WRONG_ADDRESS}",
    511: "the network wants a login first (a guest network or a proxy): log in with a browser, then run again",
}
_TOO_LARGE = frozenset({413, 414, 431})
_MAY_PASS = frozenset({408, 423, 425})
ABSENT = frozenset({404, 410})


def classify(
    answer: Answer, retry_after: float | None = None, *, known: bool = False, absent_as_page: bool = False
) -> TargetError | None:
    """Decide what an answer means; None where it is to be returned to the caller.

    `absent_as_page` says that this target is known to answer 404 with a page, and means it.

    `known` says that the target has answered in JSON before: then an answer that is none is a hiccup of something on
    the way (a maintenance page, a proxy), and not a wrong address.

    | status                  | read         | write that may be repeated | POST               |
    |-------------------------|--------------|----------------------------|--------------------|
    | 2xx, JSON or empty      | answer       | answer                     | answer             |
    | 2xx, damaged JSON       | transient    | transient                  | outcome unknown    |
    | 2xx, anything else      | fatal        | fatal                      | outcome unknown    |
    | 2xx, anything else, known | transient  | transient                  | outcome unknown    |
    | 3xx                     | fatal        | fatal                      | fatal              |
    | 400 and other 4xx       | fatal        | refused                    | refused            |
    | 401 402 403 405 406 407 415 419 421 426 511 | fatal | fatal          | fatal              |
    | 404 410, JSON or empty  | answer       | answer                     | answer             |
    | 404 410, anything else  | fatal        | fatal                      | fatal              |
    | 404 410, anything else, known | transient | transient               | outcome unknown    |
    | 408 423 425             | transient    | transient                  | outcome unknown    |
    | 409                     | transient    | conflict                   | conflict           |
    | 413 414 431             | refused      | refused                    | refused            |
    | 422                     | refused      | refused                    | refused            |
    | 422 on external_id      | refused      | conflict                   | conflict           |
    | 422, anything else      | transient    | transient                  | outcome unknown    |
    | 422, damaged JSON       | transient    | transient                  | outcome unknown    |
    | 429                     | throttled    | throttled                  | throttled          |
    | other 5xx               | transient    | transient                  | outcome unknown    |

    A 503 on a POST may have come before anything was done (maintenance), or after: it is unknown like any other.
    """
    status, call = answer.status, answer.call
    if status < 300 or status in ABSENT:
        understood = answer.is_json or (absent_as_page and status in ABSENT)
        return None if understood else _not_json(answer, known=known)
    exchange = answer.exchange
    if status == 429:
        return ThrottledError("the target wants fewer requests", exchange=exchange, retry_after=retry_after)
    if status < 400:
        return FatalTargetError(f"the target redirects{_destination(answer)}; {_WRONG_ADDRESS}", exchange=exchange)
    if status in _FATAL:
        return FatalTargetError(_FATAL[status], exchange=exchange)
    if status >= 500 or status in _MAY_PASS:
        return lost(call, "the target had an error of its own", exchange)
    return _denied(answer)


def lost(call: Call, reason: str, exchange: Exchange) -> TargetError:
    """Make the error of a request whose effect is not known: it may be repeated, or it must be looked up."""
    if call.repeatable:
        return TransientError(reason, exchange=exchange)
    return OutcomeUnknownError(f"{reason}; whether it was done is not known", exchange=exchange)


def server_message(answer: Answer) -> str:
    """Read the server's own words of a refusal, shortened; empty for a success."""
    if answer.status < 300:
        return ""
    if not answer.is_json:
        return shortened(f"an answer of type {answer.headers.get('Content-Type') or 'unknown'}", MESSAGE_LENGTH)
    data = answer.data if isinstance(answer.data, dict) else {}
    message = next((data[key] for key in _MESSAGES if isinstance(data.get(key), str)), "")
    return shortened(str(message), MESSAGE_LENGTH)


def _not_json(answer: Answer, *, known: bool) -> TargetError:
    call, exchange = answer.call, answer.exchange
    kind = shortened(answer.headers.get("Content-Type") or "an unknown type", 80)
    if "json" in kind:
        return lost(call, "the answer's JSON is damaged", exchange)
    reason = f"the answer is not JSON but {kind}: a login page, a proxy or a wrong address"
    if not known and (call.repeatable or answer.status in ABSENT):
        return FatalTargetError(f"{reason}; {_WRONG_ADDRESS}", exchange=exchange)
    return lost(call, reason, exchange)


def _destination(answer: Answer) -> str:
    """Say where a redirect leads, without its query: that may hold a secret."""
    location = answer.headers.get("Location", "").partition("?")[0].partition("#")[0]
    return f" to {shortened(location, 120)}" if location else ""


def _denied(answer: Answer) -> TargetError:
    call, exchange = answer.call, answer.exchange
    if answer.status == 422 and not answer.is_json:  # perhaps of the external_id, and then somebody holds it
        return lost(call, "the answer does not say what is refused", exchange)
    fields = _fields(answer) if answer.status == 422 else {}
    if call.writes and (answer.status == 409 or "external_id" in fields):
        words = " ".join(fields.get("external_id", ()))
        return ConflictError(f"the target sees a conflict{': ' if words else ''}{words}", exchange=exchange)
    if answer.status == 409:
        return TransientError("the target sees a conflict with something else under way", exchange=exchange)
    if answer.status in _TOO_LARGE:
        return RefusedError("the row is too large for the target", exchange=exchange, fields=fields)
    if answer.status == 422 or call.writes:
        return RefusedError("the target refuses this row", exchange=exchange, fields=fields)
    return FatalTargetError(
        "the target does not understand the question: it is not the API that this program knows", exchange=exchange
    )


def _fields(answer: Answer) -> dict[str, tuple[str, ...]]:
    """Read `errors` of a 422: a map from field to messages, or a list of {field, message}; nothing of other shapes."""
    errors = answer.data.get("errors") if isinstance(answer.data, dict) else None
    if isinstance(errors, list):
        errors = _by_field(errors)
    if not isinstance(errors, dict):
        return {}
    return {shortened(name, 80): _messages(value) for name, value in list(errors.items())[:MOST_FIELDS]}


def _by_field(errors: list[Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for one in errors:
        if isinstance(one, dict) and isinstance(name := one.get("field"), str):
            found.setdefault(name, next((one[key] for key in _MESSAGES if key in one), None))
    return found


def _messages(value: Json) -> tuple[str, ...]:
    messages = value if isinstance(value, list) else [value]
    return tuple(shortened(str(message), MESSAGE_LENGTH) for message in messages[:MOST_MESSAGES])
