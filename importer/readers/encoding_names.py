"""Turns what users call an encoding into Python's name of it."""

from __future__ import annotations

import codecs
import re

__all__ = ["WIDE", "encoding_name", "is_single_byte"]

WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})  # several bytes a character

# names of menus and of other programs that Python does not know; without signs, in small letters
_NAMES = {
    "ansi": "cp1252",  # the code page of Windows, which in Western Europe is this one
    "excel": "cp1252",
    "western": "cp1252",
    "westerneuropean": "cp1252",
    "westerneuropeanwindows": "cp1252",
    "windows": "cp1252",
    "winansi": "cp1252",
    "centraleuropean": "cp1250",
    "cyrillic": "cp1251",
    "dos": "cp850",
    "oem": "cp850",
    "mac": "mac_roman",
    "macwestern": "mac_roman",
    "applemacintosh": "mac_roman",
    "macosroman": "mac_roman",
    "unicode": "utf-16",  # what Excel and Notepad call it
    "unicodetext": "utf-16",
    "unicodebigendian": "utf-16-be",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "ucs2": "utf-16",
    "ucs2le": "utf-16-le",
    "ucs2be": "utf-16-be",
    "utf8bom": "utf-8-sig",
    "utf8withbom": "utf-8-sig",
    "utf8mb4": "utf-8",
    "simplifiedchinese": "gb18030",
    "japanese": "cp932",
    "korean": "cp949",
}
_WINDOWS = re.compile(r"(?:cp|win|windows|microsoft|ms|codepage)?([0-9]{3,5})")
_NO_TEXT_FILES = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "charmap", "mbcs", "oem"}
)


def encoding_name(wanted: str) -> str | None:
    """Read the user's name of an encoding; None where it is none that a text file is written in."""
    plain = re.sub(r"[\W_]", "", wanted).lower()
    numbered = _WINDOWS.fullmatch(plain)
    for name in (_NAMES.get(plain), wanted.strip(), plain, numbered and f"cp{numbered[1]}"):
        if name and (known := _known(name)):
            return known
    return None


def _known(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
        bytes(4).decode(name)  # refuses codecs that make no text, such as base64
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if codec.name in _NO_TEXT_FILES else codec.name


def is_single_byte(encoding: str) -> bool:
    """Whether each byte is a character by itself."""
    if encoding in WIDE or encoding.startswith("utf"):
        return False
    return any(bytes([byte]).decode(encoding, "ignore") for byte in range(0xE0, 0xF0))  # lead bytes in all others
