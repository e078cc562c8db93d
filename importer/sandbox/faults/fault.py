"""One misbehaviour, and which of its settings go together.

| do                | what a request gets                                                                               |
|-------------------|---------------------------------------------------------------------------------------------------|
| status            | an answer with `status`, `retry_after` and `body`; carried out first only with `commit`           |
| latency           | `ms` milliseconds more, beside whatever else happens                                              |
| hang              | no answer, and the connection stays open; not carried out                                         |
| reset_before      | the connection is reset; not carried out                                                          |
| reset_during      | carried out, and half the answer, then the end of the connection                                  |
| reset_after       | carried out, then the connection is reset without an answer                                       |
| content_type      | its answer, but as text/html                                                                      |
| expire_token      | 401, like every later request with the same token                                                 |
| login_page        | the page of a login with 200, as a portal on the way answers; not carried out                     |
| repeat_cursor     | its answer; the next page of a list is the one that was asked for, where that was not the first   |
| created_meanwhile | its own fate; but just before, somebody else stores a company of the same external_id and origin  |
| changed_meanwhile | its own fate; but just before, somebody else changes the company that its path names              |
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["BESIDE", "Do", "Fault", "settings_of"]

Do: TypeAlias = Literal[
    "status",
    "latency",
    "hang",
    "reset_before",
    "reset_during",
    "reset_after",
    "content_type",
    "expire_token",
    "login_page",
    "repeat_cursor",
    "created_meanwhile",
    "changed_meanwhile",
]

BESIDE: frozenset[Do] = frozenset({"latency", "created_meanwhile", "changed_meanwhile"})
"""What happens beside other faults, and any number of times; of all others the first that matches fires."""

_ON = re.compile(r"\*|(?:\*|[A-Z]+) (?!/api/)/\S*")


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour: which requests (`on` and all that is set of the next five), and what they get.

    Raises:
        ValueError: the settings do not go together; says which and why.
    """

    on: str
    """Method and path below /api/v1 with `*` for anything: "POST /companies", "GET /companies/*", "*"."""
    do: Do
    nth: int | None = None
    """Only the n-th request that matches `on` and `external_id`; the first is 1."""
    every: int | None = None
    chance: float | None = None
    """A probability, drawn from the script's seed for each request that matches."""
    external_id: str | None = None
    """Only requests about this company: named in the path, in the body, or addressed by its id."""
    times: int | None = None
    """At most so often."""
    status: int | None = None
    """With a status of 3xx the answer leads to /login."""
    retry_after: int | None = None  # seconds
    body: Literal["json", "html"] = "json"
    commit: bool = False
    """The request is carried out before the status is answered."""
    ms: int | None = None
    """Milliseconds of a latency."""

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise ValueError(problem)


def settings_of(fault: Fault) -> Mapping[str, Any]:
    """Return what is set, as a file says it."""
    given = ((item, getattr(fault, item.name)) for item in fields(fault))
    return {item.name: value for item, value in given if value != item.default}


def _problem(fault: Fault) -> str | None:
    """Find what is wrong with a fault; the message begins with the name of the setting."""
    given = {item.name: getattr(fault, item.name) for item in fields(fault)}
    for name, (is_right, wanted) in _SETTINGS.items():
        if given[name] is not None and not is_right(given[name]):
            return f"{name} must be {wanted}, not {_shown(given[name])}"
    for name, do in _BELONGS.items():
        if given[name] not in (None, False, "json") and fault.do != do:
            return f"{name} goes with `do: {do}` only"
    for do, name in (("status", "status"), ("latency", "ms")):
        if fault.do == do and given[name] is None:
            return f"{name} is missing, and `do: {do}` needs it"
    return None


def _shown(value: object) -> str:
    """Spell a value in short; Python itself spells no number of thousands of digits."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a number of {value.bit_length()} bits"
    spelled = repr(value)
    return spelled if len(spelled) <= _MOST_SHOWN else f"{spelled[:_MOST_SHOWN]}..."


def _is_whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


_MOST_SHOWN = 60  # characters
_MOST = 10**9
_MOST_MS = 3_600_000
_COUNT = (_is_whole(1, _MOST), f"a whole number from 1 to {_MOST}")
_SETTINGS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "on": (
        lambda value: isinstance(value, str) and _ON.fullmatch(value) is not None,
        '"*" or a method and a path below /api/v1, such as "POST /companies"',
    ),
    "do": (lambda value: value in get_args(Do), f"one of {', '.join(get_args(Do))}"),
    "nth": _COUNT,
    "every": _COUNT,
    "times": _COUNT,
    "chance": (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1,
        "a number from 0 to 1",
    ),
    "external_id": (lambda value: isinstance(value, str), "text in quotes"),
    "status": (_is_whole(200, 599), "a whole number from 200 to 599"),
    "retry_after": (_is_whole(0, _MOST), f"whole seconds, at most {_MOST}"),
    "body": (lambda value: value in ("json", "html"), "json or html"),
    "commit": (lambda value: isinstance(value, bool), "true or false"),
    "ms": (_is_whole(0, _MOST_MS), f"whole milliseconds, at most {_MOST_MS}"),
}
_BELONGS = {"status": "status", "retry_after": "status", "body": "status", "commit": "status", "ms": "latency"}
