"""Turns the first bytes of a file without a mark into UTF-16 or UTF-32, where they are."""

from __future__ import annotations

import codecs
import re
import unicodedata

__all__ = ["MARKS", "has_wide_lines", "makes_sense", "marked_encoding", "wide_encoding"]

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"+/v8", "utf-7"),
    (b"+/v9", "utf-7"),
    (b"+/v+", "utf-7"),
    (b"+/v/", "utf-7"),
)
_CANDIDATES = (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2))
_CHARACTERS = 20_000
_SIGNS = re.compile(r'[\t\n\r ",;|0-9]')  # of a table, in any script
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x19\x1b\x7f]")
_PLAIN = b"\0\t\n\r" + bytes(range(32, 127))
_ODD = frozenset({"Cn", "Co"})  # unassigned and private
_LINE_END = re.compile(rb"[\r\n]")
_WIDE_LINE_END = re.compile(rb"[\r\n]\0|\0[\r\n]")


def marked_encoding(head: bytes) -> str | None:
    """Read the byte order mark."""
    return next((name for mark, name in MARKS if head.startswith(mark)), None)


def wide_encoding(head: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 by the text they make: signs of a table, no controls, hardly a character that is none.

    Line ends and delimiters have a zero byte in them, so a text without zero bytes is neither, whatever its script.
    """
    zeros = head.count(0)
    if not zeros or (zeros * 4 < len(head) and not head.translate(None, _PLAIN)):
        return None  # some zero bytes in a text of ASCII
    return next((name for name, width in _CANDIDATES if makes_sense(head[: len(head) // width * width], name)), None)


def has_wide_lines(head: bytes) -> bool:
    """Whether a zero byte stands beside the line ends; else some in a text of single bytes only happen to make sense."""
    return 2 * len(_WIDE_LINE_END.findall(head)) >= len(_LINE_END.findall(head))


def makes_sense(head: bytes, encoding: str) -> bool:
    """Whether the text that an encoding makes of whole characters may be a table."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)[:_CHARACTERS]
    except UnicodeDecodeError:
        return False
    if _LINE_END.search(head) and "\n" not in text and "\r" not in text:
        return False
    signs = len(_SIGNS.findall(text))
    if not signs or signs * 100 < len(text) or _CONTROLS.search(text):
        return False
    odd = sum(unicodedata.category(letter) in _ODD for letter in set(text))
    return odd * 50 <= len(text)
