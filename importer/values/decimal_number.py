"""Turns numbers as spreadsheets and people write them into plain decimal text with a point: "1.234,50" into "1234.5"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.model import Code, Invalid
from importer.values.quick import as_they_stand
from importer.values.text import clean, plain_number

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["DecimalOptions", "decimal", "number_text", "quick_decimals"]

_MAX_CHARACTERS = 400  # the smallest float in full has fewer; int() refuses thousands
_SIGNS = {"+": "", "-": "-", "\u2212": "-"}  # U+2212 is the typographic minus
_THOUSANDS_ONLY = re.compile(
    "[ \xa0\u2009\u202f'\u2019]"
)  # characters that group digits and never mean a decimal point
_PLAIN_FORM = r"0|[1-9][0-9]{0,14}"  # most numbers of a spreadsheet: canonical as they stand
_PLAIN = re.compile(_PLAIN_FORM)
_DIGITS = re.compile(r"[0-9]+")
_WHOLE = re.compile(r"[0-9]+|[1-9][0-9]{0,2}(?:_[0-9]{3})+")  # "_" stands for one kind of thousands separator


quick_decimals = as_they_stand(_PLAIN_FORM, 15)
"""`decimal`, with any options, as `Quick`."""


@dataclass(frozen=True, slots=True)
class DecimalOptions:
    """How text is read: `decimal_comma` settles "1.234", which is otherwise refused as ambiguous."""

    decimal_comma: bool | None = None


def decimal(cell: Cell, options: DecimalOptions = DecimalOptions()) -> str | Invalid | None:
    """Write a number as canonical text: a point, no thousands separators, no exponent, no needless zeros.

    Fractions of three digits in the result ("12.345") are ambiguous again as text, unless `decimal_comma` is False.
    """
    match clean(cell):
        case None:
            return None
        case str() as words:
            return number_text(words, options, Code.NOT_A_DECIMAL)
        case bool():
            return Invalid(Code.NOT_A_DECIMAL, "it is a truth value")
        case int() | float() as number:
            return _of_cell(number)
        case _:
            return Invalid(Code.NOT_A_DECIMAL, "it is a date or a time")


def number_text(words: str, options: DecimalOptions, code: Code) -> str | Invalid:
    """Read trimmed text as a number and write it in canonical form; `code` is that of the issue where it is none."""
    if _PLAIN.fullmatch(words):
        return words
    sign = _SIGNS.get(words[:1])
    body = words if sign is None else words[1:].lstrip()
    if len(body) > _MAX_CHARACTERS:
        return Invalid(code, f"it has more than {_MAX_CHARACTERS} characters")
    if not _DIGITS.search(body):
        return Invalid(code, "it has no digits")
    point = _decimal_separator(body, options.decimal_comma)
    if isinstance(point, _Doubt):
        return Invalid(code, point.detail, point.readings)
    whole, _, fraction = body.rpartition(point) if point else (body, "", "")
    if not _is_whole(whole) or (point and not _is_digits(fraction)):
        return Invalid(code, "it is not plain digits with a sign, thousands separators and a decimal separator")
    return _canonical(sign or "", "".join(_DIGITS.findall(whole)), fraction)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Why the decimal separator of a text is not known, with what the number may be."""

    detail: str
    readings: tuple[str, ...] = ()


def _decimal_separator(body: str, decimal_comma: bool | None) -> str | _Doubt:  # noqa: FBT001 - three states, private
    """Find the decimal separator, empty where there is none; two kinds or a repeated one settle it by themselves."""
    last = max(body.rfind("."), body.rfind(","))
    if last < 0:
        return ""
    mark = body[last]
    declared = None if decimal_comma is None else ("," if decimal_comma else ".")
    repeated, mixed = body.count(mark) > 1, len({".", ","} & set(body)) == 2
    if repeated or (not mixed and declared not in {None, mark}):
        found = ""
    elif mixed or declared == mark or not _may_group(body, mark):
        found = mark
    else:
        whole, _, fraction = body.partition(mark)
        detail = f'"{mark}" may be a thousands or a decimal separator; set `decimal_comma` to true or false'
        return _Doubt(detail, (_canonical("", whole + fraction, ""), _canonical("", whole, fraction)))
    if declared is not None and (repeated or mixed) and (found == mark) != (declared == mark):
        return _Doubt(f'the decimal separator is declared to be "{declared}"')
    return found


def _may_group(body: str, mark: str) -> bool:
    """Whether a single separator can be one of thousands: one to three digits, not a zero, before exactly three."""
    return re.fullmatch(rf"[1-9][0-9]{{0,2}}{re.escape(mark)}[0-9]{{3}}", body) is not None


def _is_whole(whole: str) -> bool:
    """Whether digits are plain, or grouped in threes by one kind of separator; nothing may stand before a fraction."""
    kinds = {character for character in whole if not _is_digits(character)}
    if len(kinds) > 1 or any(kind not in ".," and not _THOUSANDS_ONLY.match(kind) for kind in kinds):
        return False
    return not whole or _WHOLE.fullmatch(re.sub(r"[^0-9]", "_", whole)) is not None


def _is_digits(characters: str) -> bool:
    return _DIGITS.fullmatch(characters) is not None


def _canonical(sign: str, whole: str, fraction: str) -> str:
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return number if number == "0" else sign + number


def _of_cell(number: float) -> str | Invalid:
    written = plain_number(number)
    if isinstance(written, Invalid) and written.code is not Code.DAMAGED_NUMBER:
        return Invalid(Code.NOT_A_DECIMAL, written.detail)
    return written
