"""Turns the bytes of an .xlsx file into its parts, within limits, and into the list of its sheets.

No spreadsheet library bounds what a zip archive inflates to; this module does, by what the archive declares and by
what its parts really hold.
"""

from __future__ import annotations

import copy
import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from importer.errors import SourceError
from importer.readers.sniff import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Package", "Sheet", "expat_parser", "local_name"]

_MAX_INFLATED_BYTES = 2 << 30
_MAX_RATIO = 150  # XML of cells shrinks to a tenth; a bomb to a thousandth
_RATIO_FROM_BYTES = 64 << 20  # below this a high ratio does no harm
_MAX_PARTS = 10_000
_MAX_INDEX_BYTES = 16 << 20  # workbook.xml and its relations
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet of a workbook, in the order of its tabs."""

    name: str
    is_visible: bool
    part: str | None  # None where the workbook does not say which part holds it


def local_name(name: str) -> str:
    """Leave out the prefix of an XML name."""
    return name.rpartition(":")[2]


def expat_parser() -> expat.XMLParserType:
    """Make a parser that refuses every document type, and with it entity bombs and outside entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        message = "a document type is declared"
        raise ValueError(message)

    parser.StartDoctypeDeclHandler = refuse
    return parser


class Package:
    """The parts of one workbook, by name; case and the direction of slashes do not count, as some writers differ."""

    def __init__(self, data: bytes, path: Path) -> None:
        """Check the declared sizes.

        Raises:
            SourceError: the archive is damaged or would inflate beyond the limits.
        """
        self._path = path
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            infos = self._archive.infolist()
        except _BROKEN as error:
            raise self._damaged() from error
        self._infos = {info.filename.replace("\\", "/").lower(): info for info in infos}
        self._check(sum(info.file_size for info in infos), len(data), len(infos))

    def _check(self, inflated: int, packed: int, parts: int) -> None:
        bomb = inflated > _RATIO_FROM_BYTES and inflated > packed * _MAX_RATIO
        if bomb or inflated > _MAX_INFLATED_BYTES or parts > _MAX_PARTS:
            message = (
                f"{self._path}: the workbook would unpack to {inflated >> 20:,} MiB in {parts:,} parts, which no list of "
                "companies needs. Copy the rows into a new workbook, or save the sheet as CSV."
            )
            raise SourceError(message)

    def _damaged(self) -> SourceError:
        return SourceError(f"{self._path}: the workbook is damaged. Open it in Excel, repair it, and save it again.")

    def chunks(self, part: str) -> Iterator[bytes]:
        """Inflate a part piece by piece; more than the archive declared for it is a `SourceError`.

        Raises:
            KeyError: there is no such part.
        """
        info = copy.copy(self._infos[part.lower()])
        declared = info.file_size
        info.file_size = 1 << 62  # else zipfile would stop where a lying directory says so, and other readers not
        del info.CRC  # of the declared length; the reader of the cells checks it
        read = 0
        try:
            with self._archive.open(info) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    read += len(chunk)
                    if read > declared:
                        break
                    yield chunk
        except _BROKEN as error:
            raise self._damaged() from error
        if read > declared:
            raise self._damaged()

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._infos

    def check_sizes(self, parts: Iterable[str]) -> None:
        """Inflate parts for nothing but to see that they are as long as declared; parts that are not there are fine."""
        for part in parts:
            if part.lower() in self._infos:
                for _ in self.chunks(part):
                    pass

    def _elements(self, part: str) -> list[tuple[str, dict[str, str]]]:
        """List a small part's elements by local name, with their attributes by local name; [] if it is not there."""
        if part.lower() not in self._infos:
            return []
        found = list[tuple[str, dict[str, str]]]()
        parser = expat_parser()
        parser.StartElementHandler = lambda name, attributes: found.append(
            (local_name(name), {local_name(key): value for key, value in attributes.items()})
        )
        data = bytearray()
        for chunk in self.chunks(part):
            data += chunk
            if len(data) > _MAX_INDEX_BYTES:
                raise self._damaged()
        try:
            parser.Parse(bytes(data), True)  # noqa: FBT003 - expat takes no keywords
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise self._damaged() from error
        return found

    def sheets(self) -> tuple[Sheet, ...]:
        """List the worksheets; charts and macros have tabs too, and are left out."""
        relations = {
            attributes["Id"]: attributes
            for name, attributes in self._elements("xl/_rels/workbook.xml.rels")
            if name == "Relationship" and "Id" in attributes
        }
        sheets = list[Sheet]()
        for name, attributes in self._elements("xl/workbook.xml"):
            if name != "sheet":
                continue
            relation = relations.get(attributes.get("id", ""), {})
            if relation.get("Type", "worksheet").rpartition("/")[2] != "worksheet":
                continue
            part = (
                posixpath.normpath(posixpath.join("/xl", relation["Target"].replace("\\", "/")))
                if relation.get("Target")
                else None
            )
            sheets.append(
                Sheet(
                    name=attributes.get("name", ""),
                    is_visible=attributes.get("state", "visible") == "visible",
                    part=part.lstrip("/") if part and part.lstrip("/").lower() in self._infos else None,
                )
            )
        return tuple(sheets)
