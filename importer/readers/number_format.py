"""Turns the number format of a cell into what it makes of a number: a date, a duration, an id with its zeros, or nothing.

The grammar is that of ECMA-376 part 1, 18.8.31: up to four sections, of placeholders, literals and brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

__all__ = ["GENERAL", "Kind", "NumberFormat", "builtin_format", "number_format"]


class Kind(Enum):
    """What a number is that has a format."""

    NUMBER = auto()
    DATE = auto()  # with or without a time
    TIME = auto()  # of day alone
    DURATION = auto()


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a format of digits: for which numbers, and what is put down."""

    condition: tuple[str, float] | None
    tokens: tuple[str, ...]  # "0", "#" and "?" are placeholders; a literal has a backslash before it


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a format makes of a number."""

    kind: Kind
    digits: tuple[Section, ...] = ()  # of a format that writes ids: digits with their zeros, and literals between
    zeros: int = 0  # how many, where it writes nothing else
    is_doubtful: bool = False  # calamine takes it for something else

    def shown(self, number: int) -> str | None:
        """Write a whole number as the spreadsheet does; None where it is better left a number.

        That is every negative one, one that the format hides, and every number in a format that writes no ids.
        """
        if self.zeros:
            return str(number).rjust(self.zeros, "0") if number >= 0 else None
        if not self.digits or number < 0:
            return None
        section = _section(self.digits, number)
        return None if section is None or not section.tokens else _written(section.tokens, str(number))


GENERAL = NumberFormat(Kind.NUMBER)

_TOKEN = re.compile(r'"([^"]*)"?|\\(.)|_.|\*.|\[([^\]]*)\]?|([eE][+-])|(.)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_LOCALE = re.compile(r"\$-[0-9a-f]{1,4}", re.IGNORECASE)
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color\s?[0-9]+", re.IGNORECASE)
_PLACES = frozenset("0#?")
_SECONDS = re.compile(r"[sS ][.,]0+")  # a blank: of seconds in brackets
_PLAIN_LITERALS = frozenset(" -/():+'")
_MONEY = re.compile(r"[$€£¥₩₹₽]|kr|chf|eur|usd|gbp|sek|nok|dkk|pln|zł|kč", re.IGNORECASE)
# "General" as spreadsheets in other languages show it; some writers put that in the file.
_GENERAL_NAMES = frozenset(
    ("general", "standaard", "standard", "général", "estándar", "geral", "generale", "allmänt", "generelt", "yleinen")
)
# the names that Excel 2003 and web pages have for usual formats
_NAMED = {
    **dict.fromkeys(_GENERAL_NAMES, Kind.NUMBER),
    **dict.fromkeys(("general date", "long date", "medium date", "short date"), Kind.DATE),
    **dict.fromkeys(("long time", "medium time", "short time"), Kind.TIME),
    **dict.fromkeys(("general number", "currency", "euro currency", "fixed", "percent", "scientific"), Kind.NUMBER),
    **dict.fromkeys(("yes/no", "true/false", "on/off"), Kind.NUMBER),
}
_LONGEST = 255  # characters, in Excel
_DATE_IDS = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))
_TIME_IDS = frozenset((*range(18, 22), 45, 47, *range(32, 36)))


def builtin_format(number: int) -> NumberFormat:
    """Give the format that a number below 164 stands for where the workbook does not spell it out."""
    if number in _DATE_IDS:
        return NumberFormat(Kind.DATE)
    if number in _TIME_IDS:
        return NumberFormat(Kind.TIME)
    return NumberFormat(Kind.DURATION) if number == 46 else GENERAL


@lru_cache(maxsize=1024)
def number_format(code: str) -> NumberFormat:
    """Read a format code, such as "dd-mm-yyyy" or "0000"."""
    name = code.strip().casefold()
    if name in _NAMED:
        return GENERAL if name == "general" else NumberFormat(_NAMED[name], is_doubtful=True)
    code = code[:_LONGEST]
    sections = _sections(code)
    kind = _kind(sections)
    if kind is not Kind.NUMBER:
        return NumberFormat(kind)
    if _date_letters(sections):
        return NumberFormat(Kind.NUMBER, is_doubtful=True)
    digits = _digits(sections)
    zeros = len(digits[0].tokens) if len(digits) == 1 and set(digits[0].tokens) == {"0"} else 0
    return NumberFormat(Kind.NUMBER, digits, zeros)


def _sections(code: str) -> list[list[re.Match[str]]]:
    sections: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token[0] == ";":
            sections.append([])
        else:
            sections[-1].append(token)
    return sections


def _kind(sections: list[list[re.Match[str]]]) -> Kind:
    tokens = [token for section in sections for token in section]
    if any(token[3] is not None and _ELAPSED.fullmatch(token[3]) for token in tokens):
        return Kind.DURATION
    if any(_has_places(section) for section in sections):
        return Kind.NUMBER
    letters = _date_letters(sections)
    has_clock = re.search("[hs]", letters) is not None
    if re.search("[yd]|m{3}", letters) or ("m" in letters and not has_clock):
        return Kind.DATE
    return Kind.TIME if has_clock else Kind.NUMBER


def _has_places(section: list[re.Match[str]]) -> bool:
    """Whether digits are put down, in a format such as `0 Stk`; behind seconds they are parts of them."""
    bare = "".join(token[5] or " " for token in section)
    return not _PLACES.isdisjoint(_SECONDS.sub("", bare))


def _date_letters(sections: list[list[re.Match[str]]]) -> str:
    """Give the letters that stand for parts of a date or a time."""
    letters = "".join(token[5] or " " for section in sections for token in section).casefold()
    return "".join(re.findall("[dmyhs]+", letters.replace("general", " ").replace("am/pm", "h")))


def _digits(sections: list[list[re.Match[str]]]) -> tuple[Section, ...]:
    """Give the sections of a format that writes ids; () for others.

    It is one where no section has anything but placeholders and literals, and one fills up with zeros: 0 alone is a
    plain number, `0 "days"` one with its unit, and `# ##0` one with blanks between the thousands.
    """
    read = [_section_of(tokens) for tokens in sections[:3]]
    if any(section is None for section in read):
        return ()
    found = tuple(section for section in read if section is not None)
    return found if any(_filled_up(section.tokens) > 1 for section in found) else ()


def _filled_up(tokens: tuple[str, ...]) -> int:
    """Count the digits that are always written: from the first zero on, a "#" is one as well."""
    places = [token for token in tokens if token in _PLACES]
    return len(places) - places.index("0") if "0" in places else 0


def _section_of(tokens: list[re.Match[str]]) -> Section | None:
    condition, written = None, list[str]()
    for token in tokens:
        bracket = token[3]
        if bracket is not None and (found := _CONDITION.fullmatch(bracket.strip())):
            condition = (found[1], float(found[2]))
            continue
        shown = _shown(token)
        if shown is None:
            return None
        written.append(shown)
    return Section(condition, tuple(filter(None, written)))


def _shown(token: re.Match[str]) -> str | None:
    """Give what a token puts down: a placeholder, a literal behind its mark, "" for nothing; None if it writes no id."""
    quoted, escaped, bracket, _, bare = token.groups()
    literal = quoted if quoted is not None else escaped
    if literal is not None:
        return None if _MONEY.search(literal) else "\\" + literal
    if bracket is not None:
        return "" if _LOCALE.fullmatch(bracket) or _COLOUR.fullmatch(bracket) else None
    if bare is None:  # room as wide as a character, or filled up with one, or an exponent
        return "" if token[0][0] in "_*" else None
    if bare in _PLACES:
        return bare
    return "\\" + bare if bare in _PLAIN_LITERALS else None


_COMPARED = {
    "<=": lambda number, bound: number <= bound,
    ">=": lambda number, bound: number >= bound,
    "<>": lambda number, bound: number != bound,
    "<": lambda number, bound: number < bound,
    ">": lambda number, bound: number > bound,
    "=": lambda number, bound: number == bound,
}


def _section(sections: tuple[Section, ...], number: int) -> Section | None:
    """Choose the section for a number of 0 or more."""
    if all(section.condition is None for section in sections):
        return sections[2] if number == 0 and len(sections) > 2 else sections[0]
    for section in sections:
        if section.condition is None or _COMPARED[section.condition[0]](number, section.condition[1]):
            return section
    return None


def _written(tokens: tuple[str, ...], digits: str) -> str:
    """Put digits in their places from the right; what has no place goes before the first."""
    places = [index for index, token in enumerate(tokens) if token in _PLACES]
    if not places:
        return "".join(token[1:] for token in tokens).strip()
    shown = digits.lstrip("0").rjust(_filled_up(tokens), "0").rjust(len(places), " ")
    over = len(shown) - len(places)
    put = dict(zip(places, [shown[: over + 1], *shown[over + 1 :]], strict=True))
    return "".join(put[index].strip() if index in put else token[1:] for index, token in enumerate(tokens)).strip()
