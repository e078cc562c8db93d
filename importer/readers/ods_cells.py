"""Turns the cell elements of an OpenDocument table into values, as the user sees them (OpenDocument 1.3, part 3)."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from importer.model import Code
from importer.readers.book import Flaw
from importer.readers.number_cell import EXACT, number_of
from importer.readers.number_format import GENERAL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from importer.model import Cell
    from importer.readers.number_format import NumberFormat

__all__ = ["OFFICE", "STYLE", "TABLE", "TYPE", "value_of"]

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TABLE, STYLE = (f"{{{_NS}{name}:1.0}}" for name in ("office", "table", "style"))
_TEXT = f"{{{_NS}text:1.0}}"
_PARAGRAPH = f"{_TEXT}p"
_SPACES, _TAB, _BREAK, _RUBY = (f"{_TEXT}{name}" for name in ("s", "tab", "line-break", "ruby-text"))
_NOTE = f"{OFFICE}annotation"
TYPE, _VALUE, _STRING = f"{OFFICE}value-type", f"{OFFICE}value", f"{OFFICE}string-value"
_CALC_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_FORMULA = f"{TABLE}formula"
_ERROR = re.compile(r"#(?:N/A|DIV/0!|VALUE!|REF!|NAME\?|NUM!|NULL!)|(?:Err|Fout|Fehler|Erreur):[0-9]{3}")
_WHITE = re.compile(r"[ \t\r\n]+")
_COLLAPSIBLE = re.compile(r"[\t\r\n]|  |\A | \Z")
_DURATION = re.compile(r"(-?)P(?:([0-9]+)D)?T?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:[.,]([0-9]+))?S)?")
_CODE = re.compile(r"[0-9]+(?:[-/ .][0-9]+)*")
_MIDNIGHT = dt.datetime(1900, 1, 1)  # noqa: DTZ001 - a cell has no zone
_MAX_SPACES = 32_767  # of a cell in any program


def value_of(cell: Element, attributes: dict[str, str], shape: NumberFormat = GENERAL) -> Cell | Flaw:
    """Read a cell whose style makes that of numbers; the flaw's column is for the caller to set."""
    kind = attributes.get(TYPE)
    is_formula = _FORMULA in attributes
    if kind is None and len(cell) == 0:
        return Flaw(0, Code.NO_STORED_RESULT) if is_formula else None
    shown = _shown(cell)
    if kind == "error" or attributes.get(_CALC_TYPE) == "error" or (is_formula and _ERROR.fullmatch(shown)):
        return Flaw(0, Code.ERROR_CELL, shown or attributes.get(_STRING))
    if kind is None or kind == "string":
        return _text(attributes.get(_STRING), shown)
    value = _number(attributes.get(_VALUE), shown, shape) if kind == "float" else _typed(cell, kind, shown)
    return Flaw(0, Code.NO_STORED_RESULT) if value is None and is_formula else value


def _text(stored: str | None, shown: str) -> str | None:
    """Take the text that is stored, unless it is the one that is shown: an attribute cannot hold line breaks."""
    if not stored or ("\n" in shown and shown.split() == stored.split()):
        return shown or None
    return stored


def _typed(cell: Element, kind: str, shown: str) -> Cell:
    if kind == "date":
        return _date(cell.get(f"{OFFICE}date-value", "")) or shown or None
    if kind == "time":
        return _time(cell.get(f"{OFFICE}time-value", ""), shown)
    if kind == "boolean":
        stored = cell.get(f"{OFFICE}boolean-value")
        return stored == "true" if stored is not None else shown or None
    return _number(cell.get(_VALUE), shown)


def _number(stored: str | None, shown: str, shape: NumberFormat = GENERAL) -> Cell:
    number = number_of((stored or "").strip())
    if number is None:
        return shown or None
    if isinstance(number, float) or abs(number) >= EXACT:
        return float(number)
    if shape.shown(number) is not None:
        return shown or shape.shown(number)
    return shown if _is_code(shown, number) else number


def _is_code(shown: str, whole: int) -> bool:
    """Whether a number is shown with zeros before it, or with strokes within it: a postcode, not an amount."""
    if not _CODE.fullmatch(shown) or "." in shown:
        return False
    digits = re.sub("[^0-9]", "", shown)
    return int(digits) == whole and ((digits[0] == "0" and len(digits) > 1) or "-" in shown or "/" in shown)


def _date(stored: str) -> Cell:
    try:
        moment = dt.datetime.fromisoformat(stored.removesuffix("Z"))
    except ValueError:
        return None
    return moment.date() if moment.time() == dt.time() else moment


def _time(stored: str, shown: str) -> Cell:
    """Read a duration: within a day it is a time of day, as the other formats would have it."""
    match = _DURATION.fullmatch(stored)
    if match is None or not any(match.groups()[1:]):
        return shown or None
    days, hours, minutes, seconds = (int(match[at] or 0) for at in range(2, 6))
    try:
        length = dt.timedelta(
            days=days,
            hours=hours,
            minutes=minutes,
            seconds=seconds,
            microseconds=int((match[6] or "0")[:6].ljust(6, "0")),
        )
    except OverflowError:
        return shown or None
    if match[1]:
        return -length
    return (_MIDNIGHT + length).time() if length < dt.timedelta(days=1) else length


def _shown(cell: Element) -> str:
    """Join the paragraphs of a cell; comments and drawings are none of its text."""
    if len(cell) == 1 and (only := cell[0]).tag == _PARAGRAPH and len(only) == 0:
        return _collapsed(only.text or "")
    return "\n".join(_paragraph(child) for child in cell if child.tag == _PARAGRAPH)


def _collapsed(text: str) -> str:
    """Treat white space as the standard says (6.1.2): one blank for many, none at the ends."""
    return _WHITE.sub(" ", text).strip(" ") if _COLLAPSIBLE.search(text) else text


def _paragraph(element: Element) -> str:
    """Collapse the white space of the XML, and put in that which elements stand for."""
    written = _collapsed("".join(_pieces(element)))
    return written.translate(_UNMASKED)


_UNMASKED = {0xE000: " ", 0xE001: "\t", 0xE002: "\n"}
_MASKS = {" ": "\ue000", "\t": "\ue001", "\n": "\ue002"}


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == _SPACES:
            count = child.get(f"{_TEXT}c", "1")
            yield _MASKS[" "] * min(int(count) if count.isdecimal() else 1, _MAX_SPACES)
        elif child.tag == _TAB:
            yield _MASKS["\t"]
        elif child.tag == _BREAK:
            yield _MASKS["\n"]
        elif child.tag not in {_NOTE, _RUBY}:
            yield from _pieces(child)
        yield child.tail or ""
