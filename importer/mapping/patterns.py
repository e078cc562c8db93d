r"""Turns a regular expression of the mapping into one that no cell can hold up: linear in time, bounded in what it makes.

The engine is RE2, because it never goes back in the text: `(a+)+$` takes as long as `a+$`. The dialect is Python's, so
far as RE2 can keep it. `\w`, `\d`, `\s` and their opposites are translated, since RE2's own know ASCII alone; what
cannot be kept (looking around, back-references, `\b`) is refused when the mapping is read, never taken to mean less.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MAX_PATTERN", "MAX_TEXT", "Pattern", "Replacing", "TooMuchError", "parse_pattern", "parse_replacement"]

MAX_TEXT = 32_767  # characters of a workbook's cell; what is longer is not looked through, and not made
MAX_PATTERN = 1000  # characters of a regular expression
_MAX_WORK = 2_000_000_000  # replacements x bytes x size of the program: seconds at the very worst, microseconds mostly

Replacing: TypeAlias = "tuple[str | int, ...]"
"""What takes a pattern's place: text, and the numbers of groups."""


class TooMuchError(Exception):
    """A cell is too long to look through, or its replacement too long to keep; the text says which."""


class _Match(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...
    def group(self, group: int, /) -> bytes | None: ...


class _Program(Protocol):
    """What is used of the compiled expressions of the package, which has no types."""

    groups: int
    groupindex: Mapping[bytes, int]
    programsize: int

    def search(self, text: bytes, pos: int = ..., /) -> _Match | None: ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled regular expression; pure, and bounded in time."""

    _program: _Program

    @property
    def groups(self) -> int:
        """How many groups there are to refer to."""
        return self._program.groups

    def group(self, name: str) -> int | None:
        """Find the number of a group, given as a number or a name."""
        if name.isascii() and name.isdecimal():
            return int(name) if int(name) <= self.groups else None
        return self._program.groupindex.get(name.encode())

    def found_in(self, written: str) -> bool:
        """Whether the expression is found anywhere in a text."""
        return self._program.search(_measured(written)) is not None

    def replaced(self, written: str, by: Replacing) -> str:
        """Put something in the place of all that is found, as `re.sub` does."""
        encoded = _measured(written)
        most = _MAX_WORK // (self._program.programsize * (len(encoded) + 1)) + 1
        pieces: list[bytes] = []
        room, end = MAX_TEXT * _MOST_BYTES, 0
        for number, match in enumerate(_matches(self._program, encoded)):
            added = [encoded[end : match.start()], *_expanded(by, match)]
            pieces += added
            room -= sum(map(len, added))
            end = match.end()
            if room < 0 or number > most:
                raise TooMuchError(_TOO_LONG if room < 0 else _TOO_OFTEN)
        made = b"".join([*pieces, encoded[end:]]).decode() if pieces else written
        if len(made) > MAX_TEXT:
            raise TooMuchError(_TOO_LONG)
        return made


_MOST_BYTES = 4  # of a character
_TOO_LONG = f"more than {MAX_TEXT} characters after `replace`"
_TOO_OFTEN = "more places for `replace` than can be looked for in a text of this length"


def _measured(written: str) -> bytes:
    if len(written) > MAX_TEXT:
        message = f"{len(written)} characters, and a regular expression looks through {MAX_TEXT} at most"
        raise TooMuchError(message)
    return written.encode()


def _matches(program: _Program, encoded: bytes) -> Iterator[_Match]:
    """Find all places one after the other; after an empty one the search goes on a character further."""
    at = 0
    while at <= len(encoded) and (match := program.search(encoded, at)) is not None:
        yield match
        at = match.end() if match.end() > match.start() else _next_character(encoded, match.end())


def _next_character(encoded: bytes, at: int) -> int:
    at += 1
    while at < len(encoded) and encoded[at] & 0xC0 == 0x80:
        at += 1
    return at


def _expanded(by: Replacing, match: _Match) -> list[bytes]:
    return [piece.encode() if isinstance(piece, str) else match.group(piece) or b"" for piece in by]


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

_TOKEN = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[\s\S])|\[\^?\]?|[\s\S]")
_CLASSES: Mapping[str, str] = {"w": r"\p{L}\p{N}_", "d": r"\p{Nd}", "s": r"\t-\r\x1c-\x20\x{85}\p{Z}"}
_OPPOSITES: Mapping[str, str] = {letter.upper(): f"[^{inside}]" for letter, inside in _CLASSES.items()}
_SMALL: Mapping[str, str] = {"W": r"\w", "D": r"\d", "S": r"\s"}
_SAME: Mapping[str, str] = {"Z": "z", "b": "x08"}
_NOT_HERE: Mapping[str, str] = {
    "b": r"\b is not known here; write what stands at the edge, such as (^|\W) and (\W|$)",
    "B": r"\B is not known here",
    "C": r"\C is not known here; write (?s:.) for any character",
    "Q": r"\Q is not known here; write a backslash before each sign that stands for itself",
    **dict.fromkeys("123456789", "a pattern cannot ask for the text of its own groups again (\\1)"),
}
_WHY: Mapping[str, str] = {
    "invalid perl operator: (?=": "looking ahead with (?= is not possible here",
    "invalid perl operator: (?!": "looking ahead with (?! is not possible here",
    "invalid perl operator: (?<": "looking behind with (?<= or (?<! is not possible here",
    "pattern too large": "it is too large; lower the numbers in {braces}",
    "invalid repetition size": "a repetition in {braces} can be 1000 at most, also of one in another",
}
_REFERENCE = re.compile(r"\\(?:(?P<number>[1-9][0-9]?)|g<(?P<name>[^>]*)>|[\s\S]|$)|[^\\]+")
_PLAIN: Mapping[str, str] = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}


class _NotHereError(Exception):
    """The dialect does not know this; the text says what to write instead."""


def parse_pattern(written: str) -> Pattern | str:
    """Compile a regular expression, or say what is wrong with it."""
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; and 14 ms that many mappings do not need

    options = re2.Options()
    options.log_errors = False
    try:
        return Pattern(cast("_Program", re2.compile(_translated(written).encode(), options)))
    except _NotHereError as error:
        return str(error)
    except re2.error as error:
        return _why(error.args[0].decode(errors="replace"))


def _translated(written: str) -> str:
    """Write Python's dialect as RE2's."""
    made: list[str] = []
    inside = False  # of a class
    for token in _TOKEN.finditer(written):
        piece = token.group()
        if piece[0] == "\\" and len(piece) > 1:
            piece = _escape(piece[1:], inside=inside)
        elif inside and written.startswith("[:", token.start()):
            raise _NotHereError(r"[:names:] are not known here; write \p{L} for a letter, \d for a digit")
        elif inside and piece[0] == "[":
            piece = rf"\[{piece[1:]}"
        else:
            inside = (inside or piece[0] == "[") and piece != "]"
        made.append(piece)
    return "".join(made)


def _escape(escape: str, *, inside: bool) -> str:
    if len(escape) > 1:
        return f"\\x{{{escape[1:]}}}"
    if escape in _NOT_HERE and not (inside and escape == "b"):
        raise _NotHereError(_NOT_HERE[escape])
    if escape in _CLASSES:
        return _CLASSES[escape] if inside else f"[{_CLASSES[escape]}]"
    if escape in _OPPOSITES and inside:
        message = rf"\{escape} is not known inside of [ ]; write what it is to be, such as [^{_SMALL[escape]}]"
        raise _NotHereError(message)
    return _OPPOSITES.get(escape, rf"\{_SAME.get(escape, escape)}")


def _why(said: str) -> str:
    return next((why for start, why in _WHY.items() if said.startswith(start)), said)


def parse_replacement(written: str, pattern: Pattern) -> Replacing | str:
    r"""Read what takes a pattern's place, or say what is wrong with it; \1 or \g<name> is a group, \\ a backslash."""
    parts: list[str | int] = []
    for token in _REFERENCE.finditer(written):
        name = token["number"] or token["name"]
        if name is None:
            piece = token.group()
            if piece[0] == "\\" and piece not in _PLAIN:
                return rf"{piece} means nothing here; \1 is the first group, and \\ a backslash"
            parts.append(_PLAIN.get(piece, piece))
            continue
        group = pattern.group(name)
        if group is None:
            has = "has no groups" if not pattern.groups else f"has {pattern.groups} of them"
            return f"there is no group {name} in the pattern; it {has}; a group is put in (parentheses)"
        parts.append(group)
    return tuple(parts)
