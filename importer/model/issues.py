"""What is wrong with data, where: issues that are counted and reported, never raised; and text from outside made harmless."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from importer.model.codes import TEMPLATES

if TYPE_CHECKING:
    from importer.model.codes import Code, Severity

__all__ = ["Invalid", "Issue", "IssueGroup", "Location", "Noted", "harmless", "shortened"]


@dataclass(frozen=True, slots=True)
class Location:
    """Where something stands, in the words of the user's own program; `column` is the header's text."""

    file: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong with data: counted and reported, never raised. `value` is shortened."""

    code: Code
    severity: Severity
    location: Location
    field: str | None
    value: str | None
    message: str
    hint: str

    @classmethod
    def of(
        cls,
        code: Code,
        location: Location,
        *,
        field: str | None = None,
        value: object = None,
        detail: str = "",
        severity: Severity | None = None,
    ) -> Issue:
        """Make an issue of `code` with the message and hint of its template; `detail` says why, in words."""
        template = TEMPLATES[code]
        shown = None if value is None else shortened(_shown(value))
        quoted = "an empty cell" if shown is None else f'"{shown}"'
        message = template.message.format(field=field or "the row", value=quoted, detail=shortened(detail, 300))
        return cls(
            code=code,
            severity=severity or template.severity,
            location=location,
            field=field,
            value=shown,
            message=message.removesuffix(": "),
            hint=template.hint.format(),
        )


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """All issues of one (code, field, value, column) and message, with the first rows that have it."""

    code: Code
    severity: Severity
    field: str | None
    column: str | None
    value: str | None
    count: int
    first_rows: tuple[int, ...]
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """What a value converter returns for a cell it cannot settle: never a guess."""

    code: Code
    detail: str = ""  # why, in words that follow "X is not a country: "
    suggestions: tuple[str, ...] = ()  # values that may be meant, likeliest first; never filled in


@dataclass(frozen=True, slots=True)
class Noted:
    """A value that a converter settled by adding or dropping something, which is to be reported as a warning."""

    value: str
    code: Code
    detail: str  # what was done, in words


def harmless(text: str) -> str:
    """Replace what a terminal would obey or reorder (escape sequences, control and bidi characters) by `?`."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "?" for character in text)


_LONGEST_SHOWN = 1e21  # programs show larger numbers with an exponent


def _shown(value: object) -> str:
    """Write a value as its cell has it: a whole number that a reader could not prove exact is a float, but has no ".0"."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LONGEST_SHOWN:
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    return str(value)


def shortened(text: str, limit: int = 120) -> str:
    """Bound text from outside to one harmless line of `limit` characters; a cut is shown by an ellipsis."""
    line = harmless(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"
