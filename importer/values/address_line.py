"""Splits an address line at one place into the street's name and the house number, or says why it does not.

Nothing is moved or dropped but blanks and a comma at the cut: the two parts, put together in their order, are the line.
A part is settled only if it would be read as just that part alone, so that splitting what was split changes nothing.

What is known of a country is where its numbers stand (UPU, "Postal addressing systems in member countries"): ahead of
the street in France, Great Britain, Ireland and the United States, behind it in the others listed here, either in
Luxembourg. Without a known country, a street has to show by its words where its number is ("Kerkstraat 12", "12 rue ...").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

from importer.values.house_form import ahead, behind
from importer.values.placeholder import is_placeholder
from importer.values.street_words import (
    is_french,
    is_german,
    is_lettered,
    is_unmistakable,
    names_a_road,
    why_not_a_street,
    why_not_an_address,
)

__all__ = ["Parts", "split"]

_MAX_CHARACTERS = 255  # what a field of the API takes


@dataclass(frozen=True, slots=True)
class Parts:
    """The two parts of a line, as they are written in it; a part that the line does not have is empty."""

    street: str
    house: str


Doubt: TypeAlias = str
"""Why a line is not split, in words."""

_BEHIND = frozenset(
    ["DE", "AT", "CH", "LI", "NL", "BE", "LU", "IT", "SM", "VA", "ES", "PL", "SE", "NO", "DK", "FI", "IS"]
)
_ENGLISH = frozenset(["GB", "IE", "US", "CA", "AU", "NZ"])
_FRENCH = frozenset(["FR", "MC", "LU", "BE", "CH"])
_NORTH_AMERICA = frozenset({"US", "CA"})

_BREAK = re.compile(r"[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_WIDE_GAP = re.compile(r"\s{9}")
_DIGIT = re.compile("[0-9]")
_TRIM = " \t\xa0\u2007\u2009\u202f,"
_MONTH = (
    "janvier|février|fevrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre"
    "|januar|jänner|februar|märz|april|juni|juli|august|september|oktober|november|dezember"
    "|januari|februari|maart|mei|augustus|december|marts|maj"
    "|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|dicembre"
    "|enero|febrero|abril|mayo|junio|julio|septiembre|octubre|noviembre|diciembre"
    "|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
)
_DATE = re.compile(
    rf"(?<![0-9])[0-9]{{1,2}}(?:\.|er|º|°|-?go)?\s*(?:de\s+|di\s+)?(?:{_MONTH})\b(?:\s+(?:de\s+)?(?:1[5-9]|20)[0-9]{{2}}(?![0-9]))?",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(rf"_[^0-9]*\b(?:{_MONTH})\s+(?:1[4-8]|39|4[0-5]|68)(?![0-9])", re.IGNORECASE)
_DATES_FIRST = frozenset({"PL", "IT", "ES", "DK", "NO"})  # "3 Maja 5": the number never stands ahead
_ORDINALS = {
    "dutch": re.compile(r"^[0-9]{1,2}(?:e|de|ste)\s+(?=[^\W\d_]{3})", re.IGNORECASE),
    "english": re.compile(r"(?<![0-9])(?:[0-9]{0,2}(?:1st|2nd|3rd|[04-9]th)|1[123]th)(?=\s+[^\W\d_])", re.IGNORECASE),
    "french": re.compile(
        r"(?<=\s)(?:(?:du|de\sla|la|le)\s[0-9]{1,3}\s?(?:er|[eè]re|re|i?[eè]me|e)|des\s[2-9])\s+(?=[^\W\d_](?:[^\W\d_]|\.))",
        re.IGNORECASE,
    ),
    "polish": re.compile(r"(?<![0-9])[0-9]{2,4}-?leci[ae]\b", re.IGNORECASE),
    "swedish": re.compile(r"^[0-9]{1,2}:[ae]\s+(?=[^\W\d_]{3})", re.IGNORECASE),
    "german": re.compile(r"^[0-9]{1,2}\.\s*(?=[^\W\d_]{4})"),
}
_LANGUAGES = {
    "dutch": frozenset({"NL", "BE"}),
    "english": _ENGLISH | {""},
    "french": _FRENCH | {""},
    "german": frozenset({"DE", "AT"}),
    "polish": frozenset({"PL"}),
    "swedish": frozenset({"SE", "FI"}),
}
_ABBREVIATED = re.compile(
    r"(?:str|straße|strasse|gt|gr|pl|av|avda|bd|vn|all|al|ul|rd|ave)\.$|[a-zß]{2}str\.$", re.IGNORECASE
)
_ORDINAL = re.compile("[0-9]+[eE]")  # "2e rue du Port"
_LETTER_ALONE = re.compile(r"\s(?P<letter>[A-Za-z])(?:\s*,\s*|\s+)")
_ARTICLE = re.compile(r"(?:le|la|les)\s|l['\u2019]", re.IGNORECASE)
_NAME = re.compile(r"['\u2019`\u00b4]?[^\W_](?:[^\W_]|[ \t\xa0\u2007\u2009\u202f.\u00b0'\u2019`\u00b4\u0300-\u036f-])*")
_LONE_SIGN = re.compile(r"\s-|-\s|-$|\.\s*\.|\s\.")
_STROKES = str.maketrans({"/": " "})
_SWEDISH_COLON = re.compile(r"(?<=\b[0-9S]):(?=[aet]\b|ta\b)", re.IGNORECASE)  # "S:t Persgatan", "1:a Gatan"


def split(line: str, country: str | None) -> Parts | Doubt:
    """Split a trimmed line; a line without any digit is a street, and one that is a number alone has no street."""
    if doubt := _unfit(line):
        return doubt
    if not _DIGIT.search(line):
        return Parts(line, "")
    if _WIDE_GAP.search(line):
        return "it has a wide gap, as between two columns"
    known = country if country is not None and country in _BEHIND | _ENGLISH | _FRENCH else ""
    if ahead(known).fullmatch(line) or behind(known).fullmatch(line):
        return Parts("", line)
    if doubt := why_not_an_address(line):
        return doubt
    return _cut(line, known)


def _unfit(line: str) -> Doubt:
    if _BREAK.search(line):
        return "it has more than one line"
    if len(line) > _MAX_CHARACTERS:
        return f"it has {len(line)} characters, and {_MAX_CHARACTERS} are allowed"
    if is_placeholder(line):
        return "it stands for no address"
    if any(unicodedata.category(character)[0] == "N" and not "0" <= character <= "9" for character in line):
        return "it has digits of another script, or a fraction"
    return ""


def _cut(line: str, country: str) -> Parts | Doubt:
    masked = _masked(line, country)
    first = _DIGIT.search(masked)
    if first is None:
        return _as_name(line)
    if _SHORT_YEAR.search(masked):
        return "the number may be the year of the date before it"
    found = _ahead(line, masked, country) or _behind(line, masked, first.start(), country)
    if not isinstance(found, Parts):
        return found
    if split(found.street, country) != Parts(found.street, "") or split(found.house, country) != Parts("", found.house):
        return "the parts could be read in another way"
    return found


def _as_name(line: str) -> Parts | Doubt:
    """Take a line whose digits are all a date or an ordinal for a street without a number."""
    doubt = why_not_a_street(line, before_a_number=False) or _odd(line)
    return doubt or Parts(line, "")


def _masked(line: str, country: str) -> str:
    """Hide the digits of dates and ordinals, which are part of a street's name; every character keeps its place."""
    rules = [rule for language, rule in _ORDINALS.items() if country in _LANGUAGES[language]]
    for rule in rules:
        line = rule.sub(_hidden, line)
    if country in _ENGLISH:  # "12 May Street"
        return line
    start = 0 if country in _DATES_FIRST or not line[:1].isdigit() else len(line) - len(line.lstrip("0123456789"))
    return line[:start] + _DATE.sub(_hidden, line[start:])


def _hidden(found: re.Match[str]) -> str:
    return _DIGIT.sub("_", found.group())


def _ahead(line: str, masked: str, country: str) -> Parts | Doubt:
    """Cut after a number at the start; the doubt is empty where there is no such number."""
    found = ahead(country).match(masked)
    if found is None:
        return ""
    end = _after_letter(line, found.end())
    street = line[end:].strip(_TRIM)
    gap = line[end : len(line) - len(line[end:].lstrip(_TRIM))]
    if _DIGIT.search(masked[end:]):
        return "it has more than one number"
    if not gap or gap.count(",") > 1:
        return "the number is not apart from the words"
    doubt = _odd(street) or why_not_a_street(street, before_a_number=False) or _single_letter(street, country)
    if not doubt and _ORDINAL.fullmatch(line[:end]) and is_french(street, anywhere=False):
        doubt = "the number may be an ordinal"
    if doubt:
        return doubt
    if not _is_after_a_number(street, int(found["digits"]), country) and not (country == "LU" and "," in gap):
        return "the words behind the number are not known for a street"
    return Parts(street, line[:end])


def _after_letter(line: str, end: int) -> int:
    """Take a letter that stands alone to the number where a French street follows: "12 B rue ..."."""
    alone = _LETTER_ALONE.match(line, end)
    return alone.end("letter") if alone and is_french(line[alone.end() :], anywhere=True) else end


def _single_letter(street: str, country: str) -> Doubt:
    """Doubt whether a letter is the number's or the street's; American ones are ("12 N Main St", "12 C Street")."""
    words = street.split()
    if len(words[0]) > 1 or (country in _FRENCH and words[0] in {"r", "R"}):
        return ""
    if country in _NORTH_AMERICA and (words[0].upper() in {"N", "S", "E", "W"} or is_lettered(street)):
        return ""
    return f'"{words[0]}" may belong to the number or to the street'


def _is_after_a_number(street: str, number: int, country: str) -> bool:
    """Whether the words show a street that follows its number."""
    if names_a_road(street, number, anywhere=country not in _ENGLISH):
        return True
    if country in _ENGLISH - {"CA"}:
        return False
    if is_french(street, anywhere=country not in _FRENCH):
        return True
    if country == "LU":
        return is_german(street)
    return country == "FR" and bool(_ARTICLE.match(street))


def _behind(line: str, masked: str, start: int, country: str) -> Parts | Doubt:
    """Cut before the first number of the line if all that follows is one house number."""
    street = line[:start].rstrip(_TRIM)
    gap = line[len(street) : start]
    if not street:
        return "the number at the start is followed by what is not known for a street"
    if not behind(country).fullmatch(masked[start:].rstrip(_TRIM)):
        return "what begins with its first number is no house number that is known"
    if doubt := _odd(street) or why_not_a_street(street, before_a_number=True):
        return doubt
    if gap.count(",") > 1 or not (gap or _ABBREVIATED.search(street) or is_unmistakable(street)):
        return "the number is not apart from the words"
    if country not in _BEHIND and not is_unmistakable(street):
        return "a number behind the street is not the form of a known country"
    return Parts(street, line[start:].rstrip(_TRIM))


def _odd(street: str) -> Doubt:
    """Say what a street's name does not have: commas, slashes, brackets, a dash between blanks."""
    plain = _SWEDISH_COLON.sub(".", street)
    if street[:2] in {"C/", "c/"}:
        plain = plain.translate(_STROKES)
    if _NAME.fullmatch(plain) and not _LONE_SIGN.search(plain):
        return ""
    return "it has more parts than a street and a number"
