"""Turns what stands in a cell of an HTML table into its value: text as a browser shows it, or what the tag tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.model import Code
from importer.readers.header import is_blank
from importer.readers.number_cell import EXACT, number_of, shown_as
from importer.readers.number_format import number_format

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.model import Cell

__all__ = ["BLOCK", "BREAK", "Broken", "formats_of", "is_hidden", "shown_text", "span", "value_of"]

BREAK = "\x00br"  # a <br>; this very object, not a text like it
BLOCK = "\x00p"  # likewise, the edge of a paragraph or of an entry of a list
_BLANKS = re.compile("[ \t\n\r\f]+")
_NOT_PLAIN = re.compile("[\t\n\r\f]|  |^ | $")
_BLANK_RUN = re.compile(" {2,}")
_AROUND_BREAK = re.compile(" *\n *")
_HIDDEN = re.compile(r"(?:display\s*:\s*none|mso-hide\s*:\s*all)", re.IGNORECASE)
_SPAN = re.compile(r"[ \t\n\r\f]*\+?([0-9]{1,9})")
_SELECTOR = re.compile(r"(?:td|th)?\.([\w-]++)|(td)")
_FORMAT = re.compile(
    r"""mso-number-format\s*:\s*("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|(?:[^;\\]|\\.)*+)""", re.IGNORECASE | re.DOTALL
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{4,6})[ \t\n]?|(.))", re.DOTALL)
_ERROR = re.compile(r"#[A-Z][A-Z0-9/_]{1,20}[!?]?|(?:Err|Fehler|Fout|Erreur|Error) ?:[0-9]{3}")
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]{1,15})?[eE][+-]?[0-9]{1,2}")
_DIGIT = re.compile("[0-9]")
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that holds an error, or a formula without a result."""

    code: Code
    error: str | None = None


def collapsed(text: str) -> str:
    """Make one blank of several, and of line ends, as a browser does."""
    return _BLANKS.sub(" ", text)


def shown_text(pieces: Sequence[str]) -> str:
    """Join the pieces of a cell: blanks collapsed, a line for each break and block; a hard blank stays what it is."""
    if len(pieces) == 1 and (alone := pieces[0]) is not BREAK and alone is not BLOCK:
        return _BLANKS.sub(" ", alone).strip(" ") if _NOT_PLAIN.search(alone) else alone
    parts, is_block, is_line_begin = list[str](), False, True
    for piece in pieces:
        if piece is BLOCK:
            is_block = True
        elif piece is BREAK:
            parts.append("\n")
            is_line_begin, is_block = True, False
        elif (part := collapsed(piece)) not in {"", " "}:
            parts.append("\n" + part if is_block and not is_line_begin else part)
            is_line_begin = is_block = False
        elif part:
            parts.append(part)
    text = "".join(parts)
    if len(parts) > 1:
        text = _AROUND_BREAK.sub("\n", _BLANK_RUN.sub(" ", text))
    return text.strip(" \n")


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether a browser shows nothing of an element."""
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style", "")))


def span(attributes: Mapping[str, str], name: str) -> int:
    """Read a colspan or rowspan as browsers do: what is no number is 1."""
    found = _SPAN.match(attributes.get(name, ""))
    return int(found[1]) if found else 1


def formats_of(style_sheet: str) -> dict[str, str]:
    """Find the number formats of classes in a style sheet; that of all cells is under ""."""
    formats = dict[str, str]()
    if "mso-number-format" not in style_sheet.lower():
        return formats
    for rule in style_sheet.split("}"):
        selectors, _, rules = rule.partition("{")
        if code := _format_in(rules):
            for selector in selectors.replace("<!--", "").split(","):
                if found := _SELECTOR.fullmatch(selector.strip()):
                    formats[found[1] or ""] = code
    return formats


def _format_in(rules: str) -> str:
    found = _FORMAT.search(rules)
    if not found:
        return ""
    written = found[1].strip()
    bare = written[1:-1] if written[:1] in {'"', "'"} else written
    return _ESCAPE.sub(lambda escape: escape[2] or chr(min(int(escape[1], 16), 0x10FFFF)), bare)


def value_of(attributes: Mapping[str, str], text: str, formats: Mapping[str, str]) -> Cell | Broken:
    """Give a cell's value: its text, unless Excel, LibreOffice or SheetJS have said more in its tag."""
    if not attributes:
        return None if is_blank(text) else text
    kind, told = _told(attributes)
    if kind == "error":
        return Broken(Code.ERROR_CELL, told or text or None)
    if kind == "boolean" and (told or text).lower() in _TRUE | _FALSE:
        return (told or text).lower() in _TRUE
    if kind == "number":
        return _number(told, text, _own_format(attributes, formats))
    if is_blank(text):
        return Broken(Code.NO_STORED_RESULT) if attributes.get("x:fmla") and "x:str" not in attributes else None
    return text


def _told(attributes: Mapping[str, str]) -> tuple[str, str]:
    """Say what type a tag tells, and the value beside it."""
    for name, kind in (("x:err", "error"), ("x:bool", "boolean"), ("x:num", "number"), ("sdval", "number")):
        if name in attributes:
            return kind, attributes[name].strip()
    kind = {"e": "error", "b": "boolean", "n": "number"}.get(attributes.get("data-t", ""), "")
    return kind, attributes.get("data-v", "").strip() if kind != "error" else ""


def _own_format(attributes: Mapping[str, str], formats: Mapping[str, str]) -> str:
    own = _format_in(attributes.get("style", "")) or attributes.get("data-z", "")
    if not own and "sdnum" in attributes:  # language; language of the format; format
        own = attributes["sdnum"].partition(";")[2].partition(";")[2]
    named = (formats[name] for name in attributes.get("class", "").split() if name in formats)
    return own or next(named, formats.get("", ""))


def _number(told: str, text: str, code: str) -> Cell | Broken:
    """Take the number, where the text shows it; a text that shows something else is what the user sees."""
    if is_blank(text):
        return None
    if _ERROR.fullmatch(text):  # LibreOffice writes it as the number 0
        return Broken(Code.ERROR_CELL, text)
    number = number_of(told or text)
    if number is None:
        return text
    if abs(number) >= EXACT:
        number = float(number)  # there is no telling whether Excel has rounded it
    if code:
        return shown_as(number, number_format(code), is_1904=False)
    return number if _shows(text, repr(number)) else text


def _shows(text: str, number: str) -> bool:
    """Whether a text has the digits of a number, rounded perhaps, and no zeros before them."""
    digits, true = "".join(_DIGIT.findall(text)), "".join(_DIGIT.findall(number.partition("e")[0]))
    if not digits or (digits[0] == "0" and text.strip()[1:2].isdigit()):
        return False
    if found := _SCIENTIFIC.fullmatch(text.strip()):
        rounded, exact = float(found[0].replace(",", ".")), float(number)
        return abs(rounded - exact) <= abs(exact) / 10
    digits, true = digits.strip("0"), true.strip("0")
    return digits == true or (len(digits) > 1 and true.startswith(digits[:-1]))
