"""Turns one phone or fax number, as people write it, into international form: "030 / 12 34 56" into "+49 30 123456".

A number is dialled, not read: one digit too many or a wrong country reaches a stranger. The package behind this makes a
number of nearly everything (it glues extensions on, reads letters as keys, takes the first of two), so what may be read
in two ways is refused before it is asked, and what it makes of the rest must have the digits that were written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from importer.model import Code, Invalid
from importer.values.placeholder import is_placeholder
from importer.values.text import clean, unfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phonenumbers import PhoneNumber

    from importer.model import Cell

__all__ = ["phone"]

_MAX_CHARACTERS = 80
_MAX_PARTS = 4
_MAX_DIGITS = 15  # ITU-T E.164, 6.2: country code and number together
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_TRANSLATED = {
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u2002\u2003\u3000"), " "),
    **dict.fromkeys(
        map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff\u202a\u202b\u202c"), ""
    ),
    ord("\uff0b"): "+",
    ord("\uff08"): "(",
    ord("\uff09"): ")",
    ord("\u2044"): "/",
}
_LABEL = re.compile(
    r"\A(?:tel(?:e(?:f(?:on|oon|ono|one)|phone)|éf(?:ono)?|éphone)?(?:nummer|nr)?|t(?=[.:])|phone|fon|puh(?:elin)?|tlf|tfn"
    r"|mob(?:il|iel|ile|iltelefon)?|m(?=[.:])|handy|gsm|cell(?:ulare)?|natel|port(?:able)?)[\s.:]*(?=[+(0-9])",
    re.IGNORECASE,
)
_FAX = re.compile(r"(?:tele)?fax", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?<=[0-9)])[\s,;-]*(?:ext(?:ension)?[.:=]?|x|dw[.:]?|durchwahl:?|app(?:arat)?[.:]?|nst[.:]?|nebenstelle:?"
    r"|toestel:?|tst[.:]?|poste:?|interno:?|int[.:]|wew[.:]?|ankn(?:ytning)?[.:]?|lok(?:al)?[.:]?|anexo:?)"
    r"\s*([0-9]{1,7})\Z",
    re.IGNORECASE,
)
_SECOND = "it holds more than one number, or one that goes on"
_LACKING = "without a leading zero or a plus, it may be a national or an international number"
_DATE = "it is a date"
_REFUSED = (
    (r"(?s:.*)[0-9][eE]\+?[0-9]+", "it is in scientific notation, and its last digits are lost"),
    (r"\+?[0-9]+[.,]0+", "a spreadsheet made a decimal number of it"),
    (r"[0-9]{1,2}([./-])[0-9]{1,2}\1(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}([./-])[0-9]{1,2}\2[0-9]{1,2}", _DATE),
    (r"(?s:.*)[^\W\d_](?s:.*)", "it has words beside the number"),
    (r"(?s:.*)[,;|&\\\n\r\t](?s:.*)|(?s:.*)[^(]\+(?s:.*)|(?s:.+)\(\+(?s:.*)", _SECOND),
)
_FORBIDDEN = tuple((re.compile(pattern), reason) for pattern, reason in _REFUSED)
_NUMBER = re.compile(r"\(?\+?[0-9(][0-9 ()./-]*[0-9]")
_GROUPS = re.compile(r"[0-9]+")
_TRUNK_IN_BRACKETS = re.compile(r"\(\s*0\s*\)")
_TAIL = re.compile(r"(.*[0-9)]\s*)-\s*([0-9]{1,3})|(.*[0-9]{5})[ .]+([0-9]{1,3})")
_SLASH = re.compile(r"(.*[0-9)])\s*/[\s/-]*([0-9].*)")
_AGAIN = re.compile(r"(?<=[0-9)])[ ./-]+(?=\(?[0+])")
_APART = re.compile(
    r"\s*[;,|&\\\n\r\t/]\s*|\s(?:-|and|or|und|oder|en|of|et|ou|e|o|y|u|i|oraz|lub|og|och|eller|ja|tai)\s", re.IGNORECASE
)
_SWITCHBOARD = ("DE", "AT")  # where "-0" is the extension of the switchboard, and dialled like any digit
_MERGED = 44  # Britain writes 0207 123 4567 and 02380 123456, though the codes are 020 and 023
_NORTH_AMERICA = 1


def phone(cell: Cell, *, region: str | None = None) -> str | Invalid | None:
    """Write a number as +31 20 123 4567, with " ext. 12" behind it where there is an extension.

    `region` is the two-letter code of the country whose national numbers are meant; without it only numbers that start
    with + or 00 can be read. Numbers without the leading zero that their country writes are refused, for they may as
    well lack a "+", and so are two numbers, ranges, words, decimals and scientific notation.
    """
    match clean(cell):
        case None:
            return None
        case str() as words:
            reason = unfit(words)
            return _refused(reason) if reason else _of_text(words, region)
        case int() | float() as number if (
            not isinstance(number, bool) and 0 < number < 10**_MAX_DIGITS and number == int(number)
        ):
            return _of_number(str(int(number)), region)
        case int() | float():
            return _refused("the cell holds a number that no phone has, or a truth value")
        case _:
            return _refused("it is a date or a time")


def _refused(detail: str, *suggestions: str) -> Invalid:
    return Invalid(Code.NOT_A_PHONE, detail, tuple(dict.fromkeys(suggestions))[:3])


@lru_cache(maxsize=4096)
def _of_text(words: str, region: str | None) -> str | Invalid:
    if len(words) > _MAX_CHARACTERS:
        return _refused(f"it has more than {_MAX_CHARACTERS} characters")
    if is_placeholder(words):
        return _refused("it stands for no number")
    plain = _plain(words)
    if _FAX.match(plain):
        return _refused("it says that it is a fax number", *_readings(plain, region))
    body = _LABEL.sub("", plain, count=1)
    extension = _EXTENSION.search(body)
    if extension is None:
        return _of_body(body, region)
    base = _of_body(body[: extension.start()], region)
    return base if isinstance(base, Invalid) else f"{base} ext. {extension[1]}"


@lru_cache(maxsize=4096)
def _of_number(digits: str, region: str | None) -> str | Invalid:
    """Read the digits of a numeric cell, which has lost a plus and zeros if there were any."""
    as_text = _of_body(digits, region)
    if not isinstance(as_text, str):
        return as_text
    padded = _valid(f"0{digits}", region)  # in Italy 0341 234567 and 341 234567 are two numbers
    if padded is not None and _international(padded) != as_text:
        detail = "a number may have lost a leading zero, and this one is a phone number with and without it"
        return _refused(detail, as_text, _international(padded))
    return as_text


def _plain(words: str) -> str:
    """Write digits of all scripts, dashes and blanks in one way; a leading apostrophe is a spreadsheet's mark for text."""
    translated = words.translate(_TRANSLATED).lstrip("'\u2018\u2019`")
    digits = (str(unicodedata.decimal(character, character)) for character in translated)
    return "".join(digits).strip().rstrip(".,;").rstrip()


def _of_body(body: str, region: str | None) -> str | Invalid:
    """Read a number without label and extension."""
    if region is not None and region not in _regions():
        if not _written_abroad(body):
            return _refused(f'"{region[:9]}" is the code of no country with phone numbers')
        region = None
    if reason := next((reason for pattern, reason in _FORBIDDEN if pattern.fullmatch(body)), ""):
        return _refused(reason, *(() if reason == _DATE else _readings(body, region)))
    if not _NUMBER.fullmatch(body) or not _brackets_are_at_the_front(body):
        return _refused("it is not written as a phone number is")
    return _of_digits(body, region)


def _of_digits(body: str, region: str | None) -> str | Invalid:
    number = _valid(body, region)
    if number is None:
        return _unread(body, region)
    if not _same_digits(body, number):
        return _refused(_LACKING, *_readings(body, region))
    written = _international(number)
    if written == body:
        return body
    reason = _doubt(body, number, region)
    return _refused(reason, *_readings(body, region)) if reason else written


def _brackets_are_at_the_front(body: str) -> bool:
    """Whether brackets hold a country or area code: what comes before them is short, what comes after is not."""
    if re.sub(r"[^()]", "", body) not in {"", "()", "()()"}:
        return False
    before, _, _ = body.rpartition("(")
    _, _, after = body.rpartition(")")
    return len(_digits(before)) <= 6 and len(_digits(after)) >= 4


def _unread(body: str, region: str | None) -> Invalid:
    if region is None and not body.startswith(("+", "(+", "00")):
        return _refused("it has no country, and no `region` is declared")
    place = "" if region is None or _written_abroad(body) else f" in {region}"
    reason = _SECOND if len(_apart(body, region)) > 1 else f"there is no such number{place}"
    return _refused(reason, *_readings(body, region))


def _doubt(body: str, number: PhoneNumber, region: str | None) -> str:
    """Say why a valid number is not taken; empty where it is."""
    if len(f"{number.country_code}{_significant(number)}") > _MAX_DIGITS:
        return f"it has more than {_MAX_DIGITS} digits"
    if _is_two(body, region):
        return _SECOND
    if _has_tail(body, number, region):
        return "the end may be an extension or the end of a range"
    if not _written_abroad(body) and not _has_area_code(body, number):
        return "its blanks and dashes are not where this country has them"
    return ""


def _has_tail(body: str, number: PhoneNumber, region: str | None) -> bool:
    """Whether the last one to three digits stand apart from what is a number without them; "-0" is no such tail."""
    tail = _TAIL.fullmatch(body)
    if tail is None or _valid(tail[1] or tail[3], region) is None:
        return False
    return tail[2] != "0" or number.country_code not in {_country_code(code) for code in _SWITCHBOARD}


def _is_two(body: str, region: str | None) -> bool:
    """Whether the text can be parted into two numbers, or has two local ones behind an area code."""
    for found in _AGAIN.finditer(body):
        if _valid(body[: found.start()], region) and _valid(body[found.end() :], region):
            return True
    if (slash := _SLASH.fullmatch(body)) and (_valid(slash[1], region) or len(_digits(slash[2])) < 4):
        return True
    groups = _GROUPS.findall(body)
    return len(groups) > 2 and len(groups[-1]) == len(groups[-2]) >= 6


def _same_digits(body: str, number: PhoneNumber) -> bool:
    """Whether the number has the digits that were written, in a form that its country or the world uses."""
    digits, significant = _digits(body), _significant(number)
    prefix = _trunk_prefix(number)
    if not _written_abroad(body):
        return digits in {_national_digits(number), f"{prefix}{significant}"}
    code = str(number.country_code)
    abroad = digits.removeprefix("00") if "+" not in body else digits
    if number.country_code == _NORTH_AMERICA and "+" not in body:
        abroad = abroad.removeprefix("011")
    zero = "0" if _TRUNK_IN_BRACKETS.search(body) else ""
    return abroad in {f"{code}{significant}", f"{code}{prefix}{significant}", f"{code}{zero}{significant}"}


def _has_area_code(body: str, number: PhoneNumber) -> bool:
    """Whether the area code ends where a group of digits ends, which tells 06-12345678 of the Netherlands from Germany's.

    Only of lines in one place, and of numbers that are written in groups.
    """
    from phonenumbers import PhoneNumberType, length_of_geographical_area_code, number_type  # noqa: PLC0415 - 20 ms

    length = length_of_geographical_area_code(number)
    groups = _GROUPS.findall(body)
    if not length or len(groups) == 1 or number_type(number) == PhoneNumberType.MOBILE:
        return True
    significant = _significant(number)
    area = significant[:length]
    if number.country_code == _MERGED and area.startswith("2") and len(area) == 2:
        return True
    starts = {"".join(groups[: end + 1]) for end in range(len(groups))}
    prefixes = {
        "",
        _trunk_prefix(number),
        _national_digits(number).removesuffix(significant),
    }  # "8" and "80" in Belarus
    return not starts.isdisjoint({f"{prefix}{area}" for prefix in prefixes})


def _written_abroad(body: str) -> bool:
    return body.startswith(("+", "(+")) or _digits(body).startswith("00")


def _digits(body: str) -> str:
    return "".join(_GROUPS.findall(body))


# ── what the package knows ───────────────────────────────────────────────────────────────────────────────────────
# phonenumberslite takes 20 ms to import, which only mappings that use it have to pay.


def _regions() -> set[str]:
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    return SUPPORTED_REGIONS


def _country_code(region: str) -> int:
    from phonenumbers import country_code_for_region  # noqa: PLC0415

    return country_code_for_region(region)


def _valid(body: str, region: str | None) -> PhoneNumber | None:
    """Parse a number; None where none of its kind is given out. "(0)" goes where the country has no such zero."""
    without = _TRUNK_IN_BRACKETS.sub("", body)
    return _parsed(body, region) or (_parsed(without, region) if without != body else None)


def _parsed(body: str, region: str | None) -> PhoneNumber | None:
    from phonenumbers import NumberParseException, is_valid_number, parse  # noqa: PLC0415

    digits = _digits(body)
    if "+" in body:
        digits = f"+{digits}"
    elif digits.startswith("00"):
        digits = f"+{digits[2:]}"
    try:
        number = parse(digits, region)
    except NumberParseException:
        return None
    return number if is_valid_number(number) else None


def _international(number: PhoneNumber) -> str:
    from phonenumbers import PhoneNumberFormat, format_number  # noqa: PLC0415

    return format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _national_digits(number: PhoneNumber) -> str:
    from phonenumbers import PhoneNumberFormat, format_number  # noqa: PLC0415

    return _digits(format_number(number, PhoneNumberFormat.NATIONAL))


def _significant(number: PhoneNumber) -> str:
    from phonenumbers import national_significant_number  # noqa: PLC0415

    return national_significant_number(number)


def _trunk_prefix(number: PhoneNumber) -> str:
    """Find what is dialled before a number inside its country: 0 nearly everywhere, 06 in Hungary, 1 in America."""
    from phonenumbers import ndd_prefix_for_region, region_code_for_number  # noqa: PLC0415

    return ndd_prefix_for_region(region_code_for_number(number) or "", strip_non_digits=True) or ""


def _readings(body: str, region: str | None) -> tuple[str, ...]:
    """List the numbers that may be meant, for a person to choose from."""
    return tuple(dict.fromkeys(_iter_readings(body, region)))


def _iter_readings(body: str, region: str | None) -> Iterator[str]:
    from phonenumbers import PhoneNumberMatcher  # noqa: PLC0415

    apart = _apart(body, region)
    yield from apart
    whole = re.sub(r"[.,]0+$", "", body)
    candidates = [whole] if _NUMBER.fullmatch(whole) else []
    if candidates and whole[0] not in "+0(":
        candidates += [f"0{whole}", f"+{whole}"]
    for candidate in candidates:
        if number := _valid(candidate, region):
            yield _international(number)
    if not (candidates or apart) and region is not None:
        for match in PhoneNumberMatcher(body, region):
            yield _international(match.number)


def _apart(body: str, region: str | None) -> tuple[str, ...]:
    """Read the numbers of a cell that holds several, each for itself; none where one of the parts is no number."""
    for between in (_APART, _AGAIN):
        parts = between.split(body)
        read = [_of_part(part, region) for part in parts] if 1 < len(parts) <= _MAX_PARTS else []
        if read and all(read):
            return tuple(read)
    return ()


def _of_part(part: str, region: str | None) -> str:
    plain = _LABEL.sub("", part, count=1)
    number = _valid(plain, region) if _NUMBER.fullmatch(plain) else None
    return _international(number) if number and _same_digits(plain, number) else ""
