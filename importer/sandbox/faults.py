"""A fault script -> which request misbehaves how: by its number, its company or a seeded chance, so that it repeats."""

from __future__ import annotations

import difflib
import random
import re
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Do", "Fault", "FaultScript", "Faults", "Hit", "load_faults", "parse_faults"]

Do: TypeAlias = Literal[
    "status", "latency", "hang", "reset_before", "reset_during", "reset_after", "content_type", "expire_token"
]

_ON = re.compile(r"\*|(?:\*|[A-Z]+) /\S*")


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


@dataclass(frozen=True, slots=True)
class FaultScript:
    """Faults in the order in which they are asked, and the seed of their chances."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """What a request gets: seconds to wait first, and the fault that fires, if any."""

    latency: float = 0.0
    fault: Fault | None = None


@dataclass(slots=True)
class _Armed:
    fault: Fault
    pattern: re.Pattern[str]
    seen: int = 0
    fired: int = 0

    def is_hit(self, chance: random.Random) -> bool:
        """Count a request that matches, and tell whether the fault is for it."""
        self.seen += 1
        fault, lucky = self.fault, True
        if fault.chance is not None:
            lucky = chance.random() < fault.chance  # drawn each time, so that the sequence depends on the seed alone
        return (
            lucky
            and (fault.nth is None or self.seen == fault.nth)
            and (fault.every is None or self.seen % fault.every == 0)
            and (fault.times is None or self.fired < fault.times)
        )


class Faults:
    """A script under way: it counts, and every request asks it once."""

    def __init__(self, script: FaultScript) -> None:
        self._armed = [_Armed(fault, _pattern(fault.on)) for fault in script.faults]
        self._chance = random.Random(script.seed)  # noqa: S311  # faults must repeat, not be unguessable

    @property
    def asks_external_id(self) -> bool:
        """Whether a request's company has to be known."""
        return any(armed.fault.external_id is not None for armed in self._armed)

    @property
    def fired(self) -> int:
        """How often any of them fired."""
        return sum(armed.fired for armed in self._armed)

    def choose(self, method: str, path: str, external_ids: frozenset[str] = frozenset()) -> Hit:
        """Tell what a request gets: the first that matches fires, and all latencies that match add up."""
        latency, chosen = 0.0, None
        for armed in self._armed:
            fault = armed.fault
            if not armed.pattern.fullmatch(f"{method} {path}"):
                continue
            if fault.external_id is not None and fault.external_id not in external_ids:
                continue
            if not armed.is_hit(self._chance) or (chosen and fault.do != "latency"):
                continue
            armed.fired += 1
            if fault.do == "latency":
                latency += (fault.ms or 0) / 1000
            else:
                chosen = fault
        return Hit(latency, chosen)

    def described(self) -> list[dict[str, Any]]:
        """Describe each fault as its file does, with how many requests it saw and how often it fired."""
        return [{**_settings(armed.fault), "seen": armed.seen, "fired": armed.fired} for armed in self._armed]


def load_faults(path: Path) -> FaultScript:
    """Read a fault file.

    Raises:
        ValueError: what is wrong, with file and line.
        OSError: the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _wrong(str(path), 1, "the file is not UTF-8 text") from None
    return parse_faults(text, name=str(path))


def parse_faults(text: str, name: str = "faults") -> FaultScript:
    """Read a fault script from YAML, which JSON is a part of.

    Raises:
        ValueError: what is wrong, with `name` and line.
    """
    wrong = partial(_wrong, name)
    try:
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise wrong(line, f"this is not YAML: {error.problem}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise wrong(1, f"this is not YAML: {error}") from error
    if document is None:
        return FaultScript()
    if not isinstance(document, CommentedMap):
        raise wrong(1, "a fault script is a map with `faults` and, if you like, `seed`")
    _refuse_unknown(document, ("seed", "faults"), name)
    seed = document.get("seed", 0)
    if type(seed) is not int:
        raise wrong(document.lc.key("seed")[0] + 1, "seed must be a whole number")
    entries = document.get("faults") or CommentedSeq()
    if not isinstance(entries, CommentedSeq):
        raise wrong(document.lc.key("faults")[0] + 1, "faults must be a list")
    return FaultScript(
        tuple(_fault(entry, entries.lc.item(index)[0] + 1, name) for index, entry in enumerate(entries)), seed
    )


def _fault(entry: object, line: int, name: str) -> Fault:
    if not isinstance(entry, CommentedMap):
        raise _wrong(name, line, 'each fault is a map, such as {on: "POST /companies", do: hang}')
    _refuse_unknown(entry, [item.name for item in fields(Fault)], name)
    missing = [key for key in ("on", "do") if key not in entry]
    if missing:
        raise _wrong(name, line, f"the fault has no `{missing[0]}`")
    try:
        return Fault(**entry)
    except ValueError as error:
        key = str(error).partition(" ")[0]
        raise _wrong(name, entry.lc.key(key)[0] + 1 if key in entry else line, str(error)) from None


def _refuse_unknown(given: CommentedMap, known: Sequence[str], name: str) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
            raise _wrong(name, given.lc.key(key)[0] + 1, f"`{key}` is unknown here; {hint}")


def _wrong(name: str, line: int, reason: str) -> ValueError:
    return ValueError(f"{name}:{line}: {reason}")


def _problem(fault: Fault) -> str | None:
    """Find what is wrong with a fault; the message begins with the name of the setting."""
    given = {item.name: getattr(fault, item.name) for item in fields(fault)}
    for name, (is_right, wanted) in _SETTINGS.items():
        if given[name] is not None and not is_right(given[name]):
            return f"{name} must be {wanted}, not {given[name]!r}"
    for name, do in _BELONGS.items():
        if given[name] not in (None, False, "json") and fault.do != do:
            return f"{name} goes with `do: {do}` only"
    for do, name in (("status", "status"), ("latency", "ms")):
        if fault.do == do and given[name] is None:
            return f"{name} is missing, and `do: {do}` needs it"
    return None


def _is_whole(least: int, most: float = float("inf")) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


_COUNT = (_is_whole(1), "a whole number from 1")
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
    "retry_after": (_is_whole(0), "whole seconds"),
    "body": (lambda value: value in ("json", "html"), "json or html"),
    "commit": (lambda value: isinstance(value, bool), "true or false"),
    "ms": (_is_whole(0), "whole milliseconds"),
}
_BELONGS = {"status": "status", "retry_after": "status", "body": "status", "commit": "status", "ms": "latency"}


def _settings(fault: Fault) -> Mapping[str, Any]:
    given = ((item, getattr(fault, item.name)) for item in fields(fault))
    return {item.name: value for item, value in given if value != item.default}


def _pattern(on: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in on.split("*")), re.DOTALL)
