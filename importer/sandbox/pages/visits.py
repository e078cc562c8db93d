"""What a browser asks of the pages, read within bounds, and what a page answers before it is made HTML."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl

from importer.sandbox.wire.answers import ApiError
from importer.sandbox.wire.requests import body_of

if TYPE_CHECKING:
    from aiohttp import web

    from importer.sandbox.exchange import Exchanges

__all__ = ["Page", "Redirect", "View", "Visit", "form_of", "number", "words_of"]

_MAX_FORM = 256 * 1024
"""Bytes; a text of 64 KiB whose every byte is percent-encoded fits."""
_MAX_FIELDS = 50
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page; `names` are the parts of the path that the page's pattern leaves open."""

    exchanges: Exchanges
    names: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A template and what stands in it."""

    template: str
    values: Mapping[str, object]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the browser looks after a form was obeyed; always a path of ours."""

    location: str


View: TypeAlias = Callable[[Visit], Awaitable[Page | Redirect]]


def words_of(raw: str) -> dict[str, str]:
    """Read a query; of a name that comes twice the last counts.

    Raises:
        ApiError: 400, more names than any page has.
    """
    try:
        return dict(parse_qsl(raw, keep_blank_values=True, errors="replace", max_num_fields=_MAX_FIELDS))
    except ValueError:
        raise ApiError(400, f"No page takes more than {_MAX_FIELDS} values.") from None


async def form_of(request: web.BaseRequest) -> dict[str, str]:
    """Read a form that a browser sent, with the line ends that programs use.

    Raises:
        ApiError: 413, 415 or 400: too large, not a form, or broken off.
    """
    if request.content_type != _FORM:
        raise ApiError(415, f"A form is sent as {_FORM}.")
    raw = await body_of(request, _MAX_FORM)
    form = words_of(raw.decode("ascii", "replace"))
    return {name: value.replace("\r\n", "\n") for name, value in form.items()}


def number(text: str | None, default: int, *, most: int = 10**18 - 1) -> int:
    """Read a whole number of a query; what is none is the default."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 18:
        return default
    return min(int(text), most)
