"""What the API says -> the bytes that go out: JSON for who asked for JSON, a redirect or a page for who did not."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.sandbox.wire.inputs import Json

__all__ = [
    "HTML",
    "JSON",
    "Answer",
    "ApiError",
    "Errors",
    "Manners",
    "error_answer",
    "expects_json",
    "json_answer",
    "login_answer",
    "page",
    "redirect",
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

_QUALITY = re.compile(r"[01](\.[0-9]{0,3})?")
_FIXED = "The given data was invalid."

_LOGIN = '<form method="post" action="/login"><input name="email"><input name="password" type="password"></form>'

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


@dataclass(frozen=True, slots=True)
class Manners:
    """How errors are said; the switches of the same names."""

    invalid_message: Literal["summary", "fixed"] = "summary"
    anonymous: Literal["redirect", "error", "empty"] = "redirect"


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
    entries = [_quality(entry) for entry in headers.get("Accept", "*/*").lower().split(",")]
    accepted = max(entries, key=lambda entry: entry[1])[0]  # of equals the first
    if "/json" in accepted or "+json" in accepted:
        return True
    return headers.get("X-Requested-With") == "XMLHttpRequest" and accepted in ("*/*", "*", "")


def error_answer(error: ApiError, *, as_json: bool, manners: Manners | None = None) -> Answer:
    """Say an error: without a JSON Accept a 422 and a 401 become redirects, and the others pages, as for a browser."""
    manners = manners or Manners()
    if as_json:
        body: dict[str, Json] = {"message": error.message}
        if error.errors is not None:
            body["message"] = error.message if manners.invalid_message == "summary" else _FIXED
            body["errors"] = {name: list(messages) for name, messages in error.errors.items()}
        return replace(json_answer(body, error.status), headers=error.headers)
    if error.status == 401 and manners.anonymous != "redirect":
        return _page_answer(ApiError(500)) if manners.anonymous == "error" else Answer(401, b"", HTML, error.headers)
    if error.status in (401, 422):
        return redirect("/login" if error.status == 401 else "/", headers=error.headers)
    return _page_answer(error)


def redirect(location: str, status: int = 302, headers: Mapping[str, str] | None = None) -> Answer:
    """Send elsewhere, with the page that the framework sends along."""
    return Answer(status, page(f"Redirecting to {location}"), HTML, {**(headers or {}), "Location": location})


def login_answer() -> Answer:
    """Show the page of a login, which who follows the redirect of a 401 takes for an answer."""
    return Answer(200, page("Login", _LOGIN), HTML)


def page(title: str, content: str = "") -> bytes:
    """Write a page of HTML; `content` is HTML already."""
    words = html.escape(title)
    head = f"<!DOCTYPE html>\n<html><head><title>{words}</title></head>"
    return f"{head}<body><h1>{words}</h1>{content}</body></html>\n".encode()


def _page_answer(error: ApiError) -> Answer:
    return Answer(error.status, page(error.message), HTML, error.headers)


def _quality(entry: str) -> tuple[str, float]:
    """Read one entry of Accept: the type, and how much it is wanted; 1 where that is not said."""
    kind, *parameters = (part.strip() for part in entry.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q" and _QUALITY.fullmatch(value.strip()):
            return kind, float(value)
    return kind, 1.0


def _message(status: int) -> str:
    if status in _MESSAGES:
        return _MESSAGES[status]
    return _PHRASES.get(status, f"Status {status}")
