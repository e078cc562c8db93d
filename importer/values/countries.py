"""Turns the frozen table `countries.json` into look-ups: codes, names in some sixty locales, and what is refused.

The table is written by `.ci/country_table.py`; nothing here or there guesses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Countries", "Refused", "countries"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a name or code stands for no single country, and the codes that may be meant."""

    reason: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Countries:
    """The 249 countries of ISO 3166-1, with the ways to write them; no key of `names` is refused."""

    english: Mapping[str, str]  # alpha-2 code to the English name of CLDR
    codes: Mapping[str, str]  # alpha-2, alpha-3 (both in capitals) and three-digit numeric codes
    names: Mapping[str, str]  # folded names, see `folding`
    refused: Mapping[str, Refused]  # folded names, and codes of dissolved states in small letters


@cache
def countries() -> Countries:
    """Read the table on first use, in a few milliseconds."""
    table = json.loads(resources.files("importer.values").joinpath("countries.json").read_text("utf-8"))
    codes: dict[str, str] = {}
    for alpha2, (alpha3, numeric, _) in table["countries"].items():
        codes.update({alpha2: alpha2, alpha3: alpha2, numeric: alpha2})
    return Countries(
        english={alpha2: name for alpha2, (_, _, name) in table["countries"].items()},
        codes=codes,
        names={key: alpha2 for alpha2, keys in table["names"].items() for key in keys.split()},
        refused={
            key: Refused(reason, tuple(candidates.split()))
            for reason, groups in table["refused"].items()
            for candidates, keys in groups.items()
            for key in keys.split()
        },
    )
