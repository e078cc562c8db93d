"""Turns the styles of an OpenDocument spreadsheet into what they make of numbers, by the one rule for all formats.

OpenDocument has elements where others have codes (part 3, 16.29): a number style holds texts and digits in the order in
which they are written, and a style of a cell names it. They become the code that a spreadsheet of Excel would have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.readers.number_format import GENERAL, NumberFormat, number_format
from importer.readers.ods_cells import STYLE

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


__all__ = ["OdsFormats"]

_NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_NAME, _DATA_STYLE, _PARENT = f"{STYLE}name", f"{STYLE}data-style-name", f"{STYLE}parent-style-name"
_CONDITION = re.compile(r"\s*value\(\)\s*(<=|>=|!=|<|>|=)\s*(-?[0-9.]+)\s*")
_MOST_DIGITS = 40
_MOST_PARENTS = 16


class OdsFormats:
    """The styles that were met so far."""

    NUMBER_STYLE = f"{_NUMBER}number-style"

    def __init__(self) -> None:
        self._codes = dict[str, str]()  # by number style
        self._maps = dict[str, list[tuple[str, str]]]()  # by number style: a condition, and the style that it calls for
        self._cells = dict[str, tuple[str | None, str | None]]()  # by style of a cell: its number style, its parent
        self._known = dict[str, NumberFormat]()

    def note_number_style(self, element: Element) -> None:
        """Note a number style that has been read; one that writes no ids counts as none."""
        name = element.get(_NAME, "")
        code = _code(element)
        if code is None:
            return
        self._codes[name] = code
        maps = [(one.get(f"{STYLE}condition", ""), one.get(f"{STYLE}apply-style-name", "")) for one in element]
        self._maps[name] = [(condition, applied) for condition, applied in maps if applied]

    def note_cell_style(self, element: Element) -> None:
        """Note a style of cells that has been read."""
        self._cells[element.get(_NAME, "")] = element.get(_DATA_STYLE), element.get(_PARENT)

    def of(self, style: str | None) -> NumberFormat:
        """Say what a style of a cell makes of numbers; to be asked once all styles were met."""
        if style is None:
            return GENERAL
        if style not in self._known:
            self._known[style] = self._format(style)
        return self._known[style]

    def _format(self, style: str | None) -> NumberFormat:
        for _ in range(_MOST_PARENTS):
            if style is None or style not in self._cells:
                return GENERAL
            name, style = self._cells[style]
            if name is not None:
                return self._of_number_style(name)
        return GENERAL

    def _of_number_style(self, name: str) -> NumberFormat:
        if name not in self._codes:
            return GENERAL
        sections = []
        for condition, applied in self._maps[name]:
            met = _CONDITION.fullmatch(condition)
            if met is None or applied not in self._codes:
                return GENERAL
            sections.append(f"[{'<>' if met[1] == '!=' else met[1]}{met[2]}]{self._codes[applied]}")
        return number_format(";".join([*sections, self._codes[name]]))


def _code(style: Element) -> str | None:
    """Write a number style as a code; None for one that has more than texts and whole digits."""
    code = ""
    for part in style:
        if part.tag == f"{_NUMBER}text":
            code += _literal("".join(part.itertext()))
        elif part.tag == f"{_NUMBER}number":
            digits = _digits(part)
            if digits is None:
                return None
            code += digits
        elif part.tag.startswith(_NUMBER):
            return None  # a fraction, an exponent, a filling
    return code


def _digits(number: Element) -> str | None:
    told = {name.removeprefix(_NUMBER): value for name, value in number.attrib.items()}
    decimals = (told.get("decimal-places", "0"), told.get("min-decimal-places", "0"))
    if told.get("grouping") == "true" or set(decimals) != {"0"} or told.get("display-factor", "1") != "1":
        return None
    least = told.get("min-integer-digits", "0")
    texts = [(one.get(f"{_NUMBER}position", ""), "".join(one.itertext())) for one in number]
    if not all(text.isascii() and text.isdigit() and int(text) <= _MOST_DIGITS for text in (least, *dict(texts))):
        return None
    places = dict[int, str]()
    for position, text in texts:
        places[int(position)] = places.get(int(position), "") + text
    count = max(int(least), 1, *(position + 1 for position in places))
    written = (("0" if at < int(least) else "#") + _literal(places.get(at, "")) for at in reversed(range(count)))
    return "".join(written)


def _literal(text: str) -> str:
    return '"{}"'.format(text.replace('"', '"\\""')) if text else ""
