"""Turns a written VAT id into its prefix and number without blanks; everything else is refused.

Known are the ids of the EU (VIES), its one-stop shops, the United Kingdom, Switzerland with Liechtenstein, Norway, and
neighbours whose ids carry a prefix and a check digit. Every character of the cell is in the value; what is added (a
prefix from the row's country, Belgium's leading 0, EL for Greece's GR) is said, and a country is never guessed from digits.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from importer.model import Code, Invalid, Noted
from importer.values.compacting import compacted, scientific, unlabelled, unwritten
from importer.values.text import clean, text
from importer.values.vat_usual import is_usual_vat_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from importer.model import Cell

__all__ = ["vat"]

_EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "FR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
_NEIGHBOURS = frozenset(["BY", "ME", "MK", "RS", "RU", "TR"])  # with a check digit; their prefix is never added
_SHOPS = frozenset({"EU", "IM"})  # the EU's one-stop shops for sellers from outside, and for imports
_PREFIXES = _EU | _NEIGHBOURS | _SHOPS | {"GB", "XI", "CH", "NO"}
_ADDED = {code: code for code in _EU | {"GB", "NO"}} | {
    "GR": "EL",  # the EU's prefix for Greece, article 215 of directive 2006/112/EC
    "IM": "GB",  # the Isle of Man and Monaco are part of the neighbour's VAT area, with its numbers
    "MC": "FR",
}
_MODULES = {"EL": "gr", "XI": "gb"}  # python-stdnum's names; all others are their own
_ONE_LENGTH = frozenset(
    ["DE", "DK", "EE", "EL", "FI", "HR", "HU", "IT", "LU", "MT", "PL", "PT", "SE", "SI", "SK"]
)  # digits alone, never fewer
_SHORTEST = 6  # a shorter number gets no prefix; Romania's go down to two digits
_BELGIAN = 10  # digits of today; ids of before 2008 have nine, and get a 0 in front
_SWISS = ("MWST", "TVA", "IVA")
_SUFFIXES = {"CH": ", and ends in MWST, TVA or IVA", "NO": ", and ends in MVA"}
_FULL_LENGTH = {"DK": 8, "EE": 9, "EL": 9, "FI": 8, "FR": 11, "HR": 11, "HU": 8, "IT": 11, "LU": 8, "NL": 12, "PL": 10}
_OLD_LETTERS = str.maketrans("OIL", "011")

_WORD = (
    r"u(?:msatz)?st(?:euer)?[\s.-]*id(?:ent(?:ifikation)?)?s?|umsatzsteuer|mehrwertsteuer|mwst|uid|"
    r"(?:eu|eg|ue|intra)[\s-]*(?:vat|btw|tva|moms)|vat|btw|b\.t\.w\.?|tva|t\.v\.a\.?|"
    r"partita[\s]*iva|p[\s.]*iva|iva|n\.?i\.?f\.?|c\.?i\.?f\.?|nipc|nip|moms|mva|alv|cvr|dič|dic|ič\s*dph|ic\s*dph|dph|"
    r"tax[\s-]*(?:id|number|no)(?=[\s.:#-]*[a-z]{2}[\s.-]*[a-z]?[0-9])|"  # alone it may be a national number
    r"dds|ддс|pvn|pvm|kmkr|oib|pdv|ddv|id\s*za\s*ddv|cui|afm|\u03b1\.?\u03c6\.?\u03bc\.?|közösségi\s*adószám|adószám"
)
_AFTER = (
    r"id(?:ent(?:ifi[ck]ation|ificatie)?)?s?(?:nummer|nr)?|intra(?:com+(?:unautaire|\.)?)?|reg(?:istration|istrering|istratie)?s?|(?:eu|ue)(?=[\s.:-]*[a-z])|"
    r"nummer|number|num[ée]ro|numero|n[uú]mero|kodas|code|nro|nr|n[°º]|no(?=[.:]|\s+[a-z]{2})|(?-i:No|no)(?=\s)"
)
# Words that say "VAT id", each followed by such as "-Id", "No." or ":". A label may stand right before the prefix.
_LABEL = re.compile(
    rf"\s*(?:(?:n[°º]|numéro|numero)[\s.]*(?:de\s+)?)?(?:{_WORD})(?:[\s._-]*(?:{_AFTER})(?![a-zäöü]))*[\s.:#=|/-]*",
    re.IGNORECASE,
)
_GERMAN_TAX_NUMBER = re.compile(r"(?:DE)?[0-9]{2,5} ?/ ?[0-9]{3,4} ?/ ?[0-9]{4,5}")
_DECIMAL = re.compile(r"[0-9]{5,}[.,]0{1,2}")
_PARTS = re.compile(r"[,;/|+&\n\t]|\b(?:und|and|en|et|of|oder|or)\b", re.IGNORECASE)


def vat(cell: Cell, *, country: str | None = None) -> str | Noted | Invalid | None:
    """Read one VAT id; `country` is the alpha-2 code of the row's country, which alone may add a missing prefix.

    Another country's prefix in the cell goes before: companies are registered abroad, and its check digit was right.
    A number of a cell is taken only where the country's ids have one length, so that no zero can be lost.
    """
    words = clean(cell)
    if words is None or (isinstance(words, str) and is_usual_vat_id(words)):
        return words
    if isinstance(words, (int, float)) and not isinstance(words, bool):
        return _of_number(words, country)
    if reason := unwritten(words):
        return _refused(reason)
    return _read(str(words), country)


def _refused(detail: str, *suggestions: str) -> Invalid:
    return Invalid(Code.NOT_A_VAT_ID, detail, suggestions[:3])


def _of_number(number: float, country: str | None) -> str | Noted | Invalid:
    written = text(number)
    if not isinstance(written, str) or not written.isdecimal():
        return _refused("the cell is a number that cannot be an id; a spreadsheet keeps 15 digits")
    if _ADDED.get(country or "") not in _ONE_LENGTH:
        return _refused("the cell is a number, and a spreadsheet drops its leading zeros and letters")
    return _read(written, country)


@lru_cache(maxsize=4096)
def _read(words: str, country: str | None) -> str | Noted | Invalid:
    bare = unlabelled(words, _LABEL)
    if reason := _objection(bare):
        return _refused(reason)
    compact = compacted(bare)
    if compact is None:
        return _refused("a VAT id has letters and digits alone")
    if compact[:2] in _PREFIXES | {"GR"}:
        return _prefixed(compact)
    if compact[:2].isalpha() and country is None:
        return _refused(f"no VAT id that is known here starts with {compact[:2]}")
    return _bare(compact, country)


def _objection(bare: str) -> str:
    """Say why text cannot be one VAT id, before its characters are looked at."""
    if _GERMAN_TAX_NUMBER.fullmatch(bare):
        return "it is a German tax number (Steuernummer)"
    if scientific(bare) or _DECIMAL.fullmatch(bare):
        return "a spreadsheet wrote it as a number, and digits may be lost"
    parts = _PARTS.split(bare)
    if sum(sum(map(str.isdigit, part)) >= _SHORTEST for part in parts) > 1:
        return "it holds more than one number"
    return ""


def _prefixed(compact: str) -> str | Noted | Invalid:
    prefix = "EL" if compact.startswith("GR") else compact[:2]
    number = compact[2:]
    flaw, value = _checked(prefix, number)
    if flaw:
        return _refused(flaw, *_suggested(prefix, number))
    if value == compact:
        return value
    done = "GR was written as EL, Greece's prefix in the EU" if prefix == "EL" else "a leading 0 was added"
    return Noted(value, Code.COMPLETED, done)


def _bare(number: str, country: str | None) -> str | Noted | Invalid:
    """Read an id without a prefix, which only the row's country can tell."""
    if country is None:
        return _refused("it has no country's letters in front, and the row's country is not known")
    prefix = _ADDED.get(country)
    if prefix is None:
        return _refused(f"it starts with no prefix that is known here, and ids of {country} have none to add")
    if len(number) < _SHORTEST:
        return _refused("it is too short")
    flaw, value = _checked(prefix, number)
    if flaw:
        return _refused(flaw, *_suggested(prefix, number))
    zero = " and a leading 0" if len(value) > len(prefix + number) else ""
    return Noted(value, Code.COMPLETED, f"the prefix {prefix} of the row's country{zero} was added")


def _checked(prefix: str, number: str) -> tuple[str, str]:
    """Hold a number against its country's rules: what is wrong with it, or nothing and the id as a whole."""
    from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError  # noqa: PLC0415 - 30 ms, 10 MB

    if len(set(filter(str.isdigit, number))) == 1:
        return "its digits are all the same", ""
    if prefix == "BE" and len(number) == _BELGIAN - 1:
        number = f"0{number}"
    try:
        same = _validated(prefix, number)
    except InvalidChecksum:
        return f"its check digit is not that of a VAT id of {prefix}", ""
    except InvalidLength:
        return f"a VAT id of {prefix} is longer or shorter{_SUFFIXES.get(prefix, '')}", ""
    except ValidationError:
        return f"a VAT id of {prefix} is written in another way{_SUFFIXES.get(prefix, '')}", ""
    if same != number:  # python-stdnum fills up with zeros, or drops a second prefix
        return f"a VAT id of {prefix} is longer or shorter", ""
    return "", prefix + number


def _validated(prefix: str, number: str) -> str:
    """Let python-stdnum check a number; what comes back is the number as it understands it, without the prefix."""
    validate = _validator(prefix)
    if validate is None:
        from stdnum.exceptions import InvalidComponent  # noqa: PLC0415 - see _checked

        raise InvalidComponent
    whole = prefix if prefix in _SHOPS or prefix == "CH" else ""  # CHE is part of the Swiss number itself
    return validate(whole + number).removeprefix(whole)


@cache
def _validator(prefix: str) -> Callable[[str], str] | None:
    """Find python-stdnum's rules for a prefix; to look them up takes nearly as long as they do."""
    from stdnum import get_cc_module  # noqa: PLC0415 - see _checked
    from stdnum.eu import oss  # noqa: PLC0415 - see _checked

    module = oss if prefix in _SHOPS else get_cc_module(_MODULES.get(prefix, prefix.lower()), "vat")
    return None if module is None else cast("Callable[[str], str]", module.validate)


def _suggested(prefix: str, number: str) -> Iterator[str]:
    """Find what may be meant: letters for digits, a suffix left out, a prefix twice, zeros lost; never filled in."""
    candidates = [
        number.translate(_OLD_LETTERS),
        number.removeprefix(prefix),
        number.zfill(_FULL_LENGTH.get(prefix, 0)),
    ]
    match prefix:
        case "CH":
            candidates += [number + suffix for suffix in _SWISS]
        case "NO":
            candidates.append(f"{number}MVA")
        case "SE":
            candidates.append(f"{number}01")
        case "HU":
            candidates.append(number[:8])  # the national number has the area and the kind of taxation after it
        case _:
            pass
    checked = (_checked(prefix, candidate) for candidate in dict.fromkeys(candidates) if candidate != number)
    return (value for flaw, value in checked if not flaw)
