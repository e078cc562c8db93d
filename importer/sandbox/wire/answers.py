"""What the API says -> the bytes that go out: JSON for who asked for JSON, a redirect or a page for who did not."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.sandbox.wire.inputs import Json

__all__ = [
    "HTML",
    "JSON",
    "Answer",
    "ApiError",
    "Errors",
    "error_answer",
    "expects_json",
    "json_answer",
    "summary",
    "unprocessable",
]

JSON = "application/json"
HTML = "text/html; charset=utf-8"

_MESSAGES = {
    401: "Unauthenticated.",
    403: "This action is unauthorized.",
    413: "The POST data is too large.",
    419: "CSRF token mismatch.",
    429: "Too Many Attempts.",
    500: "Server Error",
}
"""What the framework says where it does not say the status's own phrase."""

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


Errors: TypeAlias = "dict[str, list[str]]"
"""Field -> messages."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `headers` go beside Content-Type."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """The API says no; `errors` are those of a 422. Whatever the request wrote is rolled back."""

    def __init__(
        self, status: int, message: str = "", *, errors: Errors | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.message = message or _message(status)
        self.errors = errors
        self.headers = headers or {}
        super().__init__(f"{status} {self.message}")


def unprocessable(errors: Errors) -> ApiError:
    """Make the error of an input that does not hold to its rules."""
    return ApiError(422, summary(errors), errors=errors)


def summary(errors: Errors) -> str:
    """Write the message of a 422: the first error, and how many more there are."""
    messages = [message for found in errors.values() for message in found]
    more = len(messages) - 1
    return messages[0] if not more else f"{messages[0]} (and {more} more error{'s' if more > 1 else ''})"


def json_answer(value: Json, status: int = 200) -> Answer:
    """Make an answer of a JSON value."""
    return Answer(status, json.dumps(value, separators=(",", ":")).encode())


def expects_json(headers: Mapping[str, str]) -> bool:
    """Tell whether the framework would say errors in JSON: the first entry of Accept is JSON."""
    accepted = headers.get("Accept", "*/*").partition(",")[0]
    if "/json" in accepted or "+json" in accepted:
        return True
    return headers.get("X-Requested-With") == "XMLHttpRequest" and accepted.partition(";")[0].strip() in ("*/*", "*")


def error_answer(error: ApiError, *, as_json: bool) -> Answer:
    """Say an error: without a JSON Accept a 422 and a 401 become redirects, and the others pages, as for a browser."""
    if as_json:
        body: dict[str, Json] = {"message": error.message}
        if error.errors is not None:
            body["errors"] = {name: list(messages) for name, messages in error.errors.items()}
        return replace(json_answer(body, error.status), headers=error.headers)
    if error.status in (401, 422):
        location = "/login" if error.status == 401 else "/"
        return Answer(302, _page(f"Redirecting to {location}"), HTML, {**error.headers, "Location": location})
    return Answer(error.status, _page(error.message), HTML, error.headers)


def _message(status: int) -> str:
    if status in _MESSAGES:
        return _MESSAGES[status]
    return _PHRASES.get(status, f"Status {status}")


def _page(text: str) -> bytes:
    words = html.escape(text)
    return f"<!DOCTYPE html>\n<html><head><title>{words}</title></head><body><h1>{words}</h1></body></html>\n".encode()
