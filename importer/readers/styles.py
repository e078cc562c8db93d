"""Turns a workbook's styles into the number format of each style, as far as it says something about values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from importer.readers.number_format import GENERAL, Kind, NumberFormat, builtin_format, number_format
from importer.readers.package import expat_parser, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Styles", "read_styles"]


@dataclass(frozen=True, slots=True)
class Styles:
    """The number formats of the styles that cells name by number."""

    formats: tuple[NumberFormat, ...] = ()
    is_readable: bool = True

    def of(self, style: int) -> NumberFormat:
        """Give the format of a style; one that is not there has none."""
        return self.formats[style] if 0 <= style < len(self.formats) else GENERAL

    def numbers(self) -> tuple[int, ...]:
        """List the styles whose numbers calamine gives otherwise than they are shown, whatever they are."""
        return tuple(at for at, one in enumerate(self.formats) if one.digits or one.is_doubtful)

    def dates(self) -> tuple[int, ...]:
        """List the styles of dates and times of day; a duration may be of any length."""
        return tuple(at for at, one in enumerate(self.formats) if one.kind in {Kind.DATE, Kind.TIME})


@dataclass(slots=True)
class _StyleParser:
    codes: dict[str, str] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)  # of cellStyleXfs
    used: list[tuple[str | None, str]] = field(default_factory=list)  # of cellXfs: format, and the named style below
    inside: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element, parent = local_name(name), self.inside[-1] if self.inside else ""
        if element == "numFmt" and parent == "numFmts":  # a conditional format has one too, of no concern here
            self.codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif element == "xf" and parent == "cellStyleXfs":
            self.named.append(attributes.get("numFmtId", "0"))
        elif element == "xf" and parent == "cellXfs":
            self.used.append((attributes.get("numFmtId"), attributes.get("xfId", "0")))
        self.inside.append(element)

    def end(self, _: str) -> None:
        self.inside.pop()

    def styles(self) -> Styles:
        return Styles(tuple(self._format(own, below) for own, below in self.used))

    def _format(self, own: str | None, below: str) -> NumberFormat:
        if own is None:
            own = self.named[int(below)] if below.isdecimal() and int(below) < len(self.named) else "0"
        if own in self.codes:
            return number_format(self.codes[own])
        return builtin_format(int(own)) if own.isdecimal() else GENERAL


def read_styles(chunks: Iterable[bytes]) -> Styles:
    """Read a workbook's styles part; one that is no XML gives none, and says so."""
    reader, parser = _StyleParser(), expat_parser()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keywords
        parser.Parse(b"", True)  # noqa: FBT003 - likewise
    except (expat.ExpatError, ValueError, LookupError):
        return Styles(is_readable=False)
    return reader.styles()
