"""Says of a column's values what they are: how many convert by the converters that the mapping will use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from importer.mapping.kinds import KINDS, Conversion
from importer.model import Invalid, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from importer.guessing.table import Column
    from importer.mapping.kinds import Convert
    from importer.model import Cell

__all__ = ["FEWEST", "MOST_WRONG", "SURE", "Evidence", "converting", "looking_like", "plausible", "tested"]

FEWEST = 3  # values without which nothing is said by values alone
SURE = 0.9  # of the values must convert for a column to be known by its values
MOST_WRONG = 0.2  # of the values of a column that is known by its name may not convert
_LOOKED_AT = 300  # values of a column
_SOCIAL = ("linkedin.", "facebook.", "twitter.", "x.com", "instagram.", "xing.", "youtube.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many of the values are as they should be, and the first that is not."""

    good: int
    of: int
    wrong: str = ""

    @property
    def share(self) -> float:
        """The share of good values; all of them where there are none."""
        return self.good / self.of if self.of else 1.0

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against a name: most values are as they should be."""
        return self.share >= 1 - MOST_WRONG

    @property
    def sure(self) -> bool:
        """Whether the values speak for themselves."""
        return self.of >= FEWEST and self.share >= SURE


@lru_cache(maxsize=512)
def _converter(kind: str, country: str | None) -> Convert:
    known = KINDS[kind]
    return Conversion(kind, known, known.options()).converter(country)


def converting(column: Column, kind: str, countries: Sequence[str | None] = ()) -> Evidence:
    """Count the values that convert, each by the country of its row."""
    places = countries or (None,) * len(column.cells)
    pairs = ((cell, place) for cell, place in zip(column.cells, places, strict=True) if cell is not None)
    return _counted((cell, _converts(cell, kind, place)) for cell, place in islice(pairs, _LOOKED_AT))


def _converts(cell: Cell, kind: str, country: str | None) -> bool:
    value = _converter(kind, country)(cell)
    return value is not None and not isinstance(value, Invalid)


def tested(column: Column, test: Callable[[str], bool]) -> Evidence:
    """Count the values that pass a test of their text."""
    return _counted((cell, test(str(cell))) for cell in islice(column.values, _LOOKED_AT))


def _counted(cells: Iterable[tuple[Cell, bool]]) -> Evidence:
    good = of = 0
    wrong = ""
    for cell, passes in cells:
        of += 1
        good += passes
        wrong = wrong or ("" if passes else shortened(str(cell), 30))
    return Evidence(good, of, wrong)


# ── what text fields may hold ────────────────────────────────────────────────────────────────────────────────────

_ZIP = re.compile(r"(?=.*\d).{2,12}", re.DOTALL)
_HOUSE = re.compile(r"(?=.*\d).{1,20}", re.DOTALL)
_DIGITS = re.compile(r"\d")
_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.|://")
_LETTER = re.compile(r"[^\W\d_]")


def plausible(column: Column, role: str) -> Evidence:
    """Count the values that a text field of this role may well have."""
    return tested(column, _TESTS.get(role, _words))


def _words(text: str) -> bool:
    return bool(_LETTER.search(text)) and not _ADDRESS.search(text)


def _dialled(text: str) -> bool:
    return len(_DIGITS.findall(text)) >= 5 and len(_LETTER.findall(text)) <= len(text) // 3


_TESTS: dict[str, Callable[[str], bool]] = {
    "zip": lambda text: _ZIP.fullmatch(text) is not None,
    "house": lambda text: _HOUSE.fullmatch(text) is not None,
    "house_addition": lambda text: len(text) <= 20,
    "phone": _dialled,
    "mobile": _dialled,
    "fax": _dialled,
    "tags": lambda text: "@" not in text,
    "street2": lambda text: "@" not in text,
}


# ── columns that no header explains ──────────────────────────────────────────────────────────────────────────────


def looking_like(column: Column) -> str:
    """Name the kind that the values of a column have, whatever its header; empty where they have none for sure.

    Kinds that a word or a number may have by chance ask for more than that the values convert.
    """
    if column.filled < FEWEST or len(column.distinct) < FEWEST:
        return ""
    return next((kind for kind, test in _KINDS.items() if test(column)), "")


def _varied(column: Column) -> bool:
    """Whether the values are as different as those of companies; an owner's address stands in many rows."""
    return len(column.distinct) >= 0.5 * column.filled


def _sites(column: Column) -> bool:
    addressed = tested(column, lambda text: text.casefold().startswith(("http://", "https://", "www.")))
    social = tested(column, lambda text: any(host in text.casefold() for host in _SOCIAL))
    return addressed.share >= 0.5 and social.share < 0.2 and _varied(column) and converting(column, "url").sure


def _countries(column: Column) -> bool:
    named = tested(column, lambda text: len(text) > 3)
    return named.share >= 0.5 and converting(column, "country").sure


def _abroad(column: Column) -> bool:
    prefixed = tested(column, lambda text: text.startswith(("+", "00")))
    return prefixed.share >= SURE and _varied(column) and converting(column, "phone").sure


_KINDS: dict[str, Callable[[Column], bool]] = {
    "iban": lambda column: converting(column, "iban").sure,
    "vat": lambda column: converting(column, "vat").sure,
    "email": lambda column: _varied(column) and converting(column, "email").sure,
    "url": _sites,
    "bic": lambda column: converting(column, "bic").sure,
    "phone": _abroad,
    "country": _countries,
}
