"""Turns bytes that are not UTF-8 into the name of the code page they make sense in, or into no answer.

A code page is held to its words: they must be words that a language writes, and most of them one and the same language
("Gyõzõ" may be Portuguese or Estonian, "Szûcs" French; together they are Hungarian, read wrongly). Windows' Western
code page is preferred because German and Dutch exports are in it, and because detectors give it other names. Scripts
other than Latin are told by their frequent letters, those of East Asia by charset-normalizer.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Guess", "guess_charset", "strange_words"]

_PREFERRED = "cp1252"
_LATIN = ("cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-15", "mac_roman", "cp850", "cp852", "cp437")
_OTHER_SCRIPTS = (
    "cp1251",
    "cp1253",
    "cp1255",
    "cp1256",
    "iso8859-6",
    "iso8859-7",
    "koi8-r",
    "cp866",
    "iso8859-5",
    "mac_cyrillic",
)
_SEVERAL_BYTES = frozenset({"big5", "big5hkscs", "cp932", "cp949", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk"})
_SAME_AS = {"euc_jis_2004": "euc_jp", "euc_jisx0213": "euc_jp", "shift_jis": "cp932", "shift_jis_2004": "cp932"}
_ADVANTAGE = 0.04  # of the preferred code page over one that makes slightly more sense
_SOUND = 0.95  # the least share of usual words; the others may be names from abroad
_SENSIBLE = 0.8  # below it, the file may be in a script of East Asia
_BYTES_EXAMINED = 1 << 15  # by charset-normalizer, which takes a second for a MiB

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
        "çğıöşüâîû\u0307",  # Turkish; Python makes İ small in two characters
        "čćđšž",  # Slovene, Croatian, Serbian
        "ăâîșțşţ",  # Romanian
        "ąčęėįšųūž",  # Lithuanian
        "āčēģīķļņšūž",  # Latvian
    )
)
# letters of a script, and the fifteen that most of its text is made of
_FREQUENT = (
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]+"), frozenset("αοιετσνηυρπκμλς")),
    (re.compile("[\u0400-\u04ff]+"), frozenset("оеаинтсрвлкмдпу")),
    (re.compile("[\u0590-\u05ff]+"), frozenset("יוהלארמתבשנםדקח")),
    (re.compile("[\u0600-\u06ff]+"), frozenset("اليمنوتربةعدسفه")),
)
_ASIAN = (
    re.compile("[\u0e00-\u0e7f]+"),  # Thai
    re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uff65]+"),  # half-width kana are a misreading
    re.compile("[\uac00-\ud7af]+"),
)
_SCRIPTS = (*(script for script, _ in _FREQUENT), *_ASIAN)
_FREQUENT_SHARE = 0.9
_LEAST_LETTERS = 10  # that a script is told by; every byte is a letter of some script
_SIGN = r"\s\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f"  # what ends a word
_WORD = re.compile(
    rf"(?<![^{_SIGN}])[0-9A-Za-z]*+[^\s\x00-\x7f][^{_SIGN}]*+"
)  # from its begin: a long one costs no more
_NEVER_IN_WORDS = re.compile("[\x80-\x9f\u2500-\u259f]")  # controls, and the frames and blocks of DOS
_JOINS = re.compile("[’‘´–—·•…\\d]")  # noqa: RUF001 - typographic on purpose
_AROUND = "“”„‚«»‹›€©®™°ºª²³¹½¼¾¿¡‰±×÷¢¶"  # noqa: RUF001 - likewise


@dataclass(frozen=True, slots=True)
class Guess:
    """A code page, and how sure it is: 1 where many words beyond ASCII all make sense in it."""

    encoding: str
    confidence: float


@dataclass(frozen=True)
class _Reading:
    """A sample as one code page has it."""

    encoding: str
    text: str

    @cached_property
    def words(self) -> Counter[str]:
        return Counter(_WORD.findall(self.text))

    @cached_property
    def usual(self) -> float:
        """The share of words that some language writes."""
        strange = sum(count for word, count in self.words.items() if not _is_word(word))
        return 1 - strange / max(1, self.words.total())

    @cached_property
    def sense(self) -> float:
        """The usual share, brought down where no one language writes most of the words."""
        return self.usual * (1 + self._fluency) / 2

    @property
    def weight(self) -> float:
        """How much there is to judge by: one word is none, many are all."""
        return 1 - 1 / (1 + len(self.words))

    @property
    def _fluency(self) -> float:
        for script, frequent in _FREQUENT:
            letters = "".join(script.findall(self.text)).lower()
            if len(letters) * 2 > sum(not letter.isascii() for letter in self.text):
                if len(letters) < _LEAST_LETTERS:
                    return 0.0
                share = sum(letter in frequent for letter in letters) / len(letters)
                return min(1.0, share / _FREQUENT_SHARE)
        if _is_mostly(_ASIAN, self.text):
            return 1.0
        parts = Counter[frozenset[str]]()
        for word, count in self.words.items():
            for part in _JOINS.split(word):
                parts[_foreign(part)] += count
        del parts[frozenset()]
        most = max(sum(count for found, count in parts.items() if found <= alphabet) for alphabet in _ALPHABETS)
        return most / parts.total() if parts else 1.0


def guess_charset(sample: bytes) -> Guess | None:
    """Name the code page of a sample that is rich in bytes above 0x7F; None where nothing or too much makes sense."""
    preferred = _reading(sample, _PREFERRED)
    readings = [reading for name in (*_LATIN, *_OTHER_SCRIPTS) if (reading := _reading(sample, name))]
    best = _most_sense(readings)
    if preferred and preferred.usual >= _SOUND and preferred.sense + _ADVANTAGE >= best:
        return Guess(_PREFERRED, preferred.usual * preferred.weight)
    if best < _SENSIBLE:
        readings = [*readings, *_proposed(sample)]
    readings = [reading for reading in readings if reading.usual >= _SOUND]
    winners = [reading for reading in readings if reading.sense == _most_sense(readings)]
    alike = len({reading.text for reading in winners}) == 1
    if not alike or winners[0].sense < 0.5:
        return None
    return Guess(winners[0].encoding, winners[0].sense * winners[0].weight)


def _most_sense(readings: Iterable[_Reading]) -> float:
    return max((reading.sense for reading in readings), default=0.0)


def _reading(sample: bytes, encoding: str) -> _Reading | None:
    try:
        return _Reading(encoding, sample.decode(encoding))
    except UnicodeError:
        return None


def _proposed(sample: bytes) -> list[_Reading]:
    """Ask charset-normalizer; only its best answer counts, and only in a script that our own table does not tell."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - 30 ms, and hardly a file needs it

    whole_lines = sample[:_BYTES_EXAMINED].rpartition(b"\n")[0] if len(sample) > _BYTES_EXAMINED else sample
    match = from_bytes(whole_lines or sample[:_BYTES_EXAMINED]).best()
    if match is None:
        return []
    encoding = _SAME_AS.get(match.encoding, match.encoding)
    reading = _reading(sample, encoding)
    if reading is None or not (encoding in _SEVERAL_BYTES or _is_mostly(_SCRIPTS, reading.text)):
        return []
    return [reading]


def _is_mostly(scripts: Iterable[re.Pattern[str]], text: str) -> bool:
    letters = sum(len(run) for script in scripts for run in script.findall(text))
    return letters >= _LEAST_LETTERS and letters * 2 > sum(not letter.isascii() for letter in text)


def _foreign(part: str) -> frozenset[str]:
    return frozenset(letter for letter in part.strip(_AROUND).lower() if not letter.isascii())


def strange_words(text: str) -> list[str]:
    """List the words no language writes: the sign of a text read in the wrong code page."""
    return [word for word in _WORD.findall(text) if not _is_word(word)]


def _is_word(word: str) -> bool:
    return all(map(_is_usual, _JOINS.split(word)))


def _is_usual(part: str) -> bool:
    word = part.strip(_AROUND)
    if _NEVER_IN_WORDS.search(word):
        return False
    if word.isascii() or not any(map(str.isalpha, word)):
        return True
    if _slips(word):
        return False
    foreign = _foreign(word)
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
