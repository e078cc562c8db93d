"""Turns bytes that are not UTF-8 into the name of the code page they make sense in, or into no answer.

Windows' Western code page is preferred because German and Dutch exports are in it, and because detectors give it other
names. It is contradicted by words that no language writes ("Dvoøák", "Stra§e", "MŸller"); then proposals of
charset-normalizer and a few code pages of Europe are held to the same test.
"""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

__all__ = ["guess_charset", "strange_words"]

_PREFERRED = "cp1252"
_OTHERS = ("cp1250", "cp1254", "iso8859-15", "mac_roman", "cp850")  # what charset-normalizer proposes late or never
_TOLERATED = 0.05  # the share of strange words that names from abroad may make up

# the letters beyond a-z that one language uses together in one word
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "äöüßé",  # German
        "éèëïöüêç",  # Dutch
        "áéíóúý",  # Dutch stress marks, Irish, Faroese
        "àâæçéèêëîïôœùûüÿ",  # French
        "æøåéóòôêäöü",  # Danish, Norwegian
        "åäöéüšž",  # Swedish, Finnish
        "áéíóúüñ",  # Spanish
        "àèéíïòóúüç",  # Catalan
        "àèéìíîòóù",  # Italian
        "áâãàçéêíóôõúü",  # Portuguese
        "áðéíóúýþæö",  # Icelandic
        "äöõüšž",  # Estonian
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "çğıöşüâîû",  # Turkish
        "čćđšž",  # Slovene, Croatian, Serbian
        "ăâîșțşţ",  # Romanian
        "ąčęėįšųūž",  # Lithuanian
        "āčēģīķļņšūž",  # Latvian
    )
)
_SCRIPTS = tuple(
    re.compile(f"[{letters}]+")
    for letters in (
        "\u0370-\u03ff\u1f00-\u1fff",  # Greek
        "\u0400-\u04ff",  # Cyrillic
        "\u0590-\u05ff",  # Hebrew
        "\u0600-\u06ff",  # Arabic
        "\u0e00-\u0e7f",  # Thai
        "\u3000-\u30ff\u3400-\u9fff\uff00-\uff65",  # Japanese and Chinese; half-width kana are a misreading
        "\uac00-\ud7af",  # Korean
    )
)
_WORD = re.compile(
    r"[^\s\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]*[^\s\x00-\x7f][^\s\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]*"
)
_JOINS = re.compile("[’‘´–—·•…\\d]")  # noqa: RUF001 - typographic on purpose
_AROUND = "“”„‚«»‹›€©®™°ºª²³¹½¼¾¿¡‰±×÷¢¶"  # noqa: RUF001 - likewise


def guess_charset(sample: bytes) -> str | None:
    """Name the code page of a sample that is rich in bytes above 0x7F; None where nothing or too much makes sense."""
    if _strange_share(sample, _PREFERRED) <= _TOLERATED:
        return _PREFERRED
    proposals = [match.encoding for match in from_bytes(sample) if not match.encoding.startswith("utf")]
    shares = {name: _strange_share(sample, name) for name in (*_OTHERS, *proposals)}
    least = min(shares.values())
    if least > _TOLERATED:
        return None
    best = [name for name, share in shares.items() if share == least]
    if proposals and proposals[0] in best and _is_foreign_script(sample.decode(proposals[0])):
        return proposals[0]  # every script fits its own code page; the detector knows which letters are frequent
    alike = len({sample.decode(name) for name in best}) == 1
    return best[0] if alike else None


def _strange_share(sample: bytes, encoding: str) -> float:
    """How much of the words with letters beyond ASCII is strange: 1 also where the bytes are not of that encoding."""
    try:
        text = sample.decode(encoding)
    except UnicodeError:
        return 1.0
    words = _WORD.findall(text)
    return len(strange_words(text)) / len(words) if words else 1.0


def _is_foreign_script(text: str) -> bool:
    letters = sum(len(run) for script in _SCRIPTS for run in script.findall(text))
    return letters >= 10 and letters * 2 > sum(not letter.isascii() for letter in text)


def strange_words(text: str) -> list[str]:
    """List the words no language writes: the sign of a text read in the wrong code page."""
    return [word for word in _WORD.findall(text) if not all(map(_is_usual, _JOINS.split(word)))]


def _is_usual(part: str) -> bool:
    word = part.strip(_AROUND)
    if word.isascii() or not any(map(str.isalpha, word)):
        return True
    if _slips(word):
        return False
    foreign = {letter for letter in word.lower() if not letter.isascii()}
    return any(foreign <= alphabet for alphabet in _ALPHABETS) or any(script.fullmatch(word) for script in _SCRIPTS)


def _slips(word: str) -> bool:
    """Whether a capital beyond ASCII stands inside a word in small letters ("MŸller", "KŠln")."""
    return any(
        letter.isupper()
        and not letter.isascii()
        and index > 0
        and (word[index - 1].islower() or word[index + 1 : index + 2].islower())
        for index, letter in enumerate(word)
    )
