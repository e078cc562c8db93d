"""Knows how house numbers are written: the number, its letter or range, and what each country puts behind it.

A form is a pattern for all of a house number ("12 a-14", "12/3, Top 5"), which is matched as a whole or not at all.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["ahead", "behind"]

_LETTER = r"(?:\s{0,3}[A-Za-z](?![A-Za-z.])|[A-Za-z][0-9]{1,2}(?![0-9A-Za-z]))"
_AGAIN = r"(?:\s{0,3}(?:bis|ter|quater|hs)\b)"
_DASH = r"\s*[-\u2013\u2014]\s*"
_ROMAN = r"(?:IX|IV|V?I{2,3}|VI|I|V)"
# Three digits behind a street: with four it may be a year or a zip.
_NUMBER = r"[1-9][0-9]{0,2}"
_ADDED = rf"(?:{_NUMBER}{_LETTER}?|[A-Za-z][0-9]{{0,3}}|{_ROMAN})(?![0-9A-Za-z])"
_PLAIN = rf"{_NUMBER}(?:{_LETTER}|{_AGAIN})?(?![0-9A-Za-z])(?:{_DASH}(?:{_ADDED}|bis\b|ter\b))?(?:\s*/\s*(?:{_ADDED}|bis\b|ter\b)){{0,3}}"
_DOOR = r"[0-9]{1,4}\s?[A-Za-z]?(?![0-9A-Za-z])|[A-Za-z][0-9]{0,3}(?![0-9A-Za-z])"

_EVERYWHERE = rf"""
    (?:apt|app|appt|apartment|flat|unit|suite)\.?\s*(?:{_DOOR}) | \#\s?[0-9]{{1,4}}[A-Za-z]?
    | (?:bus|bte|bo[iî]te)\.?\s*(?:{_DOOR})
    | (?:top|stiege|stg\.|t[uü]r)\s*(?:{_DOOR}) | lok(?:al|\.)?\s*[A-Za-z]?[0-9]{{1,4}}[A-Za-z]? | (?:lgh|l[aä]genhet)\.?\s?[0-9]{{4}}"""
_DUTCH = rf"(?:{_DASH})?(?:hs|huis|bg|zw|rd|rood|zwart|boven|bov|beneden)\b | (?:{_DASH})?{_ROMAN}\b | [A-Za-z][0-9]{{1,3}}\b | [0-9]\s?hoog\b"
_DANISH = r"""
    (?:(?:st|kl|[1-9][0-9]?)(?:\.|\b|(?=t[hv]\b|mf\b))\s*(?:sal\b\.?)?)?[,\s]*(?:t\.?\s?h|t\.?\s?v|m\.?\s?f|d[øo]r\s?[0-9]{1,3})(?![a-z])\.?
    | (?:st|kl)\b\.?(?:[,\s]*[1-9][0-9]{0,2}(?![0-9a-z]))? | [1-9][0-9]?\.?\s*sal\b\.? | [1-9][0-9]?\.(?![0-9])(?:[,\s]*(?:[1-9][0-9]{0,2}(?![0-9a-z])|[a-d]\b))?"""
_SPANISH = r"""
    [0-9]{1,2}\s?[.]?[ºª°](?:[\s,-]*(?:[0-9]{1,2}\s?[ºª°]|[A-Z]\b|(?:izq|izda|izquierda|dcha|dch|der|derecha|ctro|centro|int|ext)\b\.?))?
    | (?:bajos?|[aá]tico|entlo\.?|entresuelo|pral\.?|principal)(?:[\s,-]*(?:[0-9]{1,2}\s?[ºª]|[A-Z]\b|izq\b\.?|izda\b\.?|dcha\b\.?))?
    | (?:pta|puerta|piso|esc)\.?\s*(?:[0-9]{1,3}|[A-Z]\b) | (?<=,\s)[1-9][0-9]?\s?(?:-\s?[0-9]{1,2}(?![0-9])|[A-D]\b)"""
_OF_COUNTRY = {
    "NL": _DUTCH,
    "BE": rf"(?:bt|b)\.?\s*(?:{_DOOR})",
    "LU": rf"(?:bt|b)\.?\s*(?:{_DOOR})",
    "DK": _DANISH,
    "NO": r"[HLUK][0-9]{4}",
    "SE": r"[1-9][0-9]?\s?tr\b\.?(?:\s?[oö]\.?g\b\.?)? | n\.?b\b\.?",
    "FI": r"[A-Z]\s?[1-9][0-9]{0,2}[a-z]?(?![0-9a-z]) | as(?:unto|\.)?\s*[0-9]{1,3}",
    "PL": r"m(?:ieszkanie|ieszk\.?|\.)?\s*[0-9]{1,4}[A-Za-z]?(?![0-9A-Za-z])",
    "IT": r"(?:int(?:erno|\.)?|sc(?:ala|\.)?)\s*[0-9A-Z]{1,3}(?![0-9A-Za-z])",
    "ES": _SPANISH,
}

_FLAT_FIRST = r"(?:(?:flat|apt\.?|apartment|unit|suite)\s?(?:[0-9]{1,4}[A-Za-z]?|[A-Za-z])\s*,\s*)?"
"""What English addresses may have before the number, with its comma: "Flat 2, 12 High Street"."""

_FLAGS = re.IGNORECASE | re.VERBOSE
_DIGITS_AHEAD = {"US": 5, "CA": 5, "AU": 4, "NZ": 4, "GB": 4, "IE": 4, "FR": 4, "MC": 4}


@cache
def behind(country: str) -> re.Pattern[str]:
    """Compile the form of a number behind its street, for one country; an unknown one has what is plain everywhere."""
    added = f"{_EVERYWHERE} | {_OF_COUNTRY[country]}" if country in _OF_COUNTRY else _EVERYWHERE
    return re.compile(rf"{_PLAIN}(?:\s*[,/]?\s*(?:{added})){{0,3}}", _FLAGS)


@cache
def ahead(country: str) -> re.Pattern[str]:
    """Compile the form of a number ahead of its street; it ends where the street's first word begins."""
    number = rf"[1-9][0-9]{{0,{_DIGITS_AHEAD.get(country, 3) - 1}}}"
    one = rf"{number}(?:[A-Za-z](?![A-Za-z.])|{_AGAIN})?(?![0-9A-Za-z])"
    return re.compile(
        rf"{_FLAT_FIRST}(?=(?P<digits>[0-9]+)){one}(?:(?:{_DASH}|\s*/\s*)(?:{one}|[A-Za-z](?![A-Za-z])))?", _FLAGS
    )
