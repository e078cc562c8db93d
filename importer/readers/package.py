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
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from xml.parsers import expat

from importer.errors import SourceError
from importer.readers.limits import Limits, check_archive
from importer.readers.sniff import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Package", "Sheet", "expat_parser", "local_name"]

_BOOK = "xl/workbook.xml"
_LIMITS = Limits()
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

    def __init__(self, data: bytes, path: Path, limits: Limits = _LIMITS) -> None:
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
        self._infos = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in infos}
        unpacked = sum(info.file_size for info in infos)
        check_archive(path, limits, packed=len(data), unpacked=unpacked, parts=len(infos))

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

    @cached_property
    def _book_part(self) -> str:
        """The part that lists the sheets; the root relations say which it is, and nearly always it is this one."""
        for name, attributes in self._elements("_rels/.rels"):
            if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
                part = _joined("", attributes.get("Target", ""))
                return part if part.lower() in self._infos else _BOOK
        return _BOOK

    @cached_property
    def _relations(self) -> dict[str, dict[str, str]]:
        """The relations of the workbook by their ids, each with its part as `Target`."""
        folder, _, name = self._book_part.rpartition("/")
        return {
            attributes["Id"]: {**attributes, "Target": _joined(folder, attributes.get("Target", ""))}
            for element, attributes in self._elements(f"{folder}/_rels/{name}.rels")
            if element == "Relationship" and "Id" in attributes
        }

    def _related(self, kind: str, usual: str) -> str | None:
        """Find the part of a kind, by the relations or else where it usually is; None where there is none."""
        told = [one["Target"] for one in self._relations.values() if _kind(one) == kind]
        return next((part for part in (*told, usual) if part.lower() in self._infos), None)

    @property
    def strings_part(self) -> str | None:
        """The part with the texts that cells name by number."""
        return self._related("sharedStrings", "xl/sharedStrings.xml")

    @property
    def styles_part(self) -> str | None:
        """The part with the number formats."""
        return self._related("styles", "xl/styles.xml")

    def is_1904(self) -> bool:
        """Whether the workbook counts its days from 1904."""
        told = [attributes for name, attributes in self._elements(self._book_part) if name == "workbookPr"]
        return any(attributes.get("date1904") in {"1", "true"} for attributes in told)

    def sheets(self) -> tuple[Sheet, ...]:
        """List the worksheets; charts, dialogs and macros have tabs too, and are left out."""
        listed = [attributes for name, attributes in self._elements(self._book_part) if name == "sheet"]
        found = [(one, self._relations.get(one.get("id", ""), {})) for one in listed]
        sheets = [
            Sheet(one.get("name", ""), one.get("state", "visible") == "visible", self._part(relation))
            for one, relation in found
            if _kind(relation) == "worksheet"
        ]
        return tuple(self._alone(sheets))

    def _part(self, relation: dict[str, str]) -> str | None:
        part = relation.get("Target", "")
        return part if part.lower() in self._infos else None

    def _alone(self, sheets: list[Sheet]) -> list[Sheet]:
        """Give the only sheet that has no part the only part that no sheet has; more of either would be a guess."""
        lost = [at for at, sheet in enumerate(sheets) if sheet.part is None]
        taken = {sheet.part for sheet in sheets}
        told = {one["Target"] for one in self._relations.values() if "Type" in one and _kind(one) == "worksheet"}
        free = [part for part in told - taken if part.lower() in self._infos]
        if len(lost) == len(free) == 1:
            sheets[lost[0]] = replace(sheets[lost[0]], part=free[0])
        return sheets


def _joined(folder: str, target: str) -> str:
    """Give the part that a relation names, which may be absolute, and may be written with backslashes."""
    return posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/")


def _kind(relation: dict[str, str]) -> str:
    return relation.get("Type", "worksheet").rpartition("/")[2]
