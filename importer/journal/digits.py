"""A corrected row whose external_id a spreadsheet has damaged on the way -> its refusal: it would be another company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.model import Code, Desired, Issue, Location, Refusal

if TYPE_CHECKING:
    from importer.model import Mapped, Row, SourceInfo

__all__ = ["with_its_digits"]

_EXACT_DIGITS = 15  # of a number, in a spreadsheet


def with_its_digits(mapped: Mapped, row: Row, source: SourceInfo, external_id: str | None) -> Mapped:
    """Refuse a correction that differs from the external_id it had by what a spreadsheet takes from a number.

    Those are leading zeros, and the digits behind the 15th.
    """
    now = mapped.external_id
    if not isinstance(mapped, Desired) or now is None or external_id is None or now == external_id:
        return mapped
    if now.lstrip("0") == external_id.lstrip("0"):
        lost = "leading zeros are gone or added"
    elif _is_rounded(now, external_id):
        lost = f"the digits behind the {_EXACT_DIGITS}th are gone"
    else:
        return mapped
    place = Location(source.path, source.sheet, row.number)
    detail = f'it was "{external_id}" before the correction; {lost}'
    return Refusal(now, (Issue.of(Code.DAMAGED_NUMBER, place, field="external_id", value=now, detail=detail),))


def _is_rounded(now: str, before: str) -> bool:
    lost = len(before) - _EXACT_DIGITS
    if lost <= 0 or len(now) != len(before) or not (now + before).isdecimal():
        return False
    unit = int("1" + "0" * lost)
    return int(now) % unit == 0 and abs(int(now) - int(before)) < unit
