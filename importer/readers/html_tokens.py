"""Turns the text of a web page into tags and text, as the HTML standard cuts it, in time that grows with its length.

Own code because the libraries were measured and found wanting for exports of 100,000 x 40 cells (113 MB): lxml.html
and selectolax build a tree of 2.5 GB, html5lib takes minutes, html.parser 23 s, and takes squared time for hostile
pages in Python below 3.11.14. lxml's events are quick, but where lxml is installed openpyxl writes through it.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CutOffError", "Page", "attributes_of", "feed", "unescaped"]

_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
# possessive: no text is looked at twice
_TOKEN = re.compile(
    r"""
    ((?:[^<]++|<(?![a-zA-Z!?/]))++)                                     # 1 text
    | <(/?+)([a-zA-Z][^ \t\n\r\f/>]*+)                                  # 2 end? 3 name
      ([^>=]*+(?:=[ \t\n\r\f]*+(?:"[^"]*+"|'[^']*+'|[^ \t\n\r\f>"'][^ \t\n\r\f>]*+|(?=>))[^>=]*+)*+)>    # 4 attributes
    | <                                                                 # something else
    """,
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    r"""([^ \t\n\r\f/=][^ \t\n\r\f/=]*+)(?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:"([^"]*+)"|'([^']*+)'|([^ \t\n\r\f>]++)))?+"""
)
_COMMENT_END = re.compile("--!?>")
_HUGE_REFERENCE = re.compile("&#(?:[0-9]{9,}+|[xX][0-9a-fA-F]{9,}+);?")  # beyond every character


class CutOffError(Exception):
    """The text ends inside a tag, a comment or a script that began at `position`."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(what)
        self.position = position
        self.what = what


class Page(Protocol):
    """What takes the parts of a page, in their order; names are in small letters."""

    def start(self, name: str, attributes: str) -> None:
        """Take a start tag; the attributes are as written, for `attributes_of`."""
        ...

    def end(self, name: str) -> None:
        """Take an end tag."""
        ...

    def text(self, text: str) -> None:
        """Take a piece of text as written, for `unescaped`."""
        ...

    def raw(self, name: str, text: str) -> None:
        """Take the content of a script, a style, a title or a comment ("!")."""
        ...


def feed(text: str, page: Page) -> None:
    """Give a page its parts.

    Raises:
        CutOffError: the text ends before a part does.
    """
    place = 0
    while place < len(text):
        place = _run(text, place, page)


def _run(text: str, place: int, page: Page) -> int:
    """Go on from a place to the next part that is no mere tag or text, and past it."""
    start, end, take = page.start, page.end, page.text
    names = _Names()
    for found in _TOKEN.finditer(text, place):
        piece, slash, name, attributes = found.groups()
        if piece is not None:
            take(piece)
        elif name is None:
            return _special(text, found.start(), page)
        elif slash:
            end(names[name])
        else:
            name = names[name]
            start(name, attributes)
            if name in _RAW:
                return _raw(text, found, name, page)
    return len(text)


class _Names(dict[str, str]):
    """The names of tags in small letters, each made once."""

    def __missing__(self, name: str) -> str:
        lower = name.lower()
        if len(self) < 1000:
            self[name] = lower
        return lower


def _raw(text: str, tag: re.Match[str], name: str, page: Page) -> int:
    found = re.compile(rf"</{name}(?=[ \t\n\r\f/>])", re.IGNORECASE).search(text, tag.end())
    if found is None:
        raise CutOffError(tag.start(), f"<{name}>")
    page.raw(name, text[tag.end() : found.start()])
    return found.start()


def _special(text: str, place: int, page: Page) -> int:
    """Pass a comment or a declaration."""
    if text.startswith("<!--", place):
        return _comment(text, place, page)
    if text[place + 1] in "!?" or (text[place + 1] == "/" and not text[place + 2 : place + 3].isalpha()):
        found = text.find(">", place)
        if found < 0:
            raise CutOffError(place, "a declaration")
        return found + 1
    raise CutOffError(place, "a tag")


def _comment(text: str, place: int, page: Page) -> int:
    begin = place + 4
    for empty in (">", "->"):
        if text.startswith(empty, begin):
            return begin + len(empty)
    found = _COMMENT_END.search(text, begin)
    if found is None:
        raise CutOffError(place, "a comment")
    page.raw("!", text[begin : found.start()])
    return found.end()


def unescaped(text: str) -> str:
    """Resolve character references as browsers do, the unknown and the endless ones included."""
    if "&" not in text:
        return text
    return html.unescape(_HUGE_REFERENCE.sub("\ufffd", text) if "&#" in text else text)


@lru_cache(maxsize=4096)
def attributes_of(written: str) -> Mapping[str, str]:
    """Read the attributes of a start tag; of two with one name the first counts, and one without a value has ""."""
    found = dict[str, str]()
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        found.setdefault(name.lower(), unescaped(double or single or bare))
    return found
