"""Columns of the store -> single values as answers have them: dates, and numbers without the noise of floats."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from importer.sandbox.behaviour import Behaviour

__all__ = ["DECIMALS", "date_time", "key_list", "number"]

DECIMALS = 4
"""Decimal places that money, amounts and factors are kept with."""


def date_time(stored: str | None, behaviour: Behaviour) -> str | None:
    """Write an instant as the Kanbert that is being played does."""
    if stored is None or behaviour.dates == "atom":
        return stored
    return stored.replace("+00:00", "Z" if behaviour.dates == "zulu" else ".000000Z")


def number(stored: float | None) -> int | float | None:
    """Write a number as PHP does: a whole one without a point, no digits beyond those that are kept."""
    if stored is None:
        return None
    rounded = round(stored, DECIMALS)
    return int(rounded) if rounded == int(rounded) else rounded


def key_list(keys: Iterable[int | None]) -> str:
    """Write ids for `IN (SELECT value FROM json_each(?))`, which takes any number of them as one parameter."""
    return f"[{','.join(str(key) for key in sorted({key for key in keys if key is not None}))}]"
