"""Turns a file packed by gzip, or alone in a zip archive, into a temporary file, within bounds, and a source over it."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from importer.errors import SourceError
from importer.readers.archive import open_archive
from importer.readers.header import listed
from importer.readers.limits import RATIO_FROM_BYTES, raised
from importer.readers.scratch import scratch
from importer.readers.sniff import CHUNK_BYTES, Packing, packed_files, readable, recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from importer.model import Row, SourceInfo
    from importer.readers.limits import Limits
    from importer.readers.source import Source

__all__ = ["open_unpacked"]

_BROKEN = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, ValueError)


@contextmanager
def open_unpacked(
    path: Path, packing: Packing, limits: Limits, opener: Callable[[Path], AbstractContextManager[Source]]
) -> Iterator[Source]:
    """Unpack a file, and open it by its content; `opener` is given the unpacked one. The copy is gone in the end.

    Raises:
        SourceError: damaged, protected, packed twice, or beyond the limits; or what is inside cannot be read.
    """
    with readable(path), scratch() as (copy, inside):
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            name = _inflated(_Packed(path, file, packing, limits), copy)
        copy.flush()
        with _under_its_name(inside, path):
            if isinstance(recognise(inside), Packing):
                message = f"{path}: the file is an archive within an archive. Unpack it first, and name the file in it."
                raise SourceError(message)
            with opener(inside) as source:
                yield _Unpacked(source, path, sha256, f"The file is unpacked from {packing.value}{name}.")


@contextmanager
def _under_its_name(inside: Path, path: Path) -> Iterator[None]:
    """Let messages name the file that the user knows."""
    try:
        yield
    except SourceError as error:
        raise SourceError(str(error).replace(str(inside), str(path))) from error


@dataclass(frozen=True, slots=True)
class _Packed:
    """A packed file that is open, and how much it may hold."""

    path: Path
    file: IO[bytes]
    packing: Packing
    limits: Limits


def _inflated(packed: _Packed, to: IO[bytes]) -> str:
    """Write the unpacked content; give what messages may add of its name."""
    path, file = packed.path, packed.file
    file.seek(0)
    try:
        if packed.packing is Packing.GZIP:
            with gzip.GzipFile(fileobj=file) as stream:
                _copy(packed, stream, to)
            return ""
        with open_archive(file) as archive:
            (name,) = packed_files(archive.namelist())
            if archive.getinfo(name).flag_bits & 1:
                message = (
                    f"{path}: the zip archive is protected by a password. Unpack it first, and name the file in it."
                )
                raise SourceError(message)
            with archive.open(name) as stream:
                _copy(packed, stream, to)
            return f": {listed([name])}"
    except _BROKEN as error:
        message = f"{path}: the packed file is damaged, or was not copied to its end. Copy or export it again."
        raise SourceError(message) from error
    except NotImplementedError as error:
        message = f"{path}: the zip archive is packed in an unusual way ({error}). Unpack it first."
        raise SourceError(message) from error


def _copy(packed: _Packed, stream: IO[bytes] | gzip.GzipFile, to: IO[bytes]) -> None:
    limits, size, written = packed.limits, packed.path.stat().st_size, 0
    while chunk := stream.read(CHUNK_BYTES):
        written += len(chunk)
        is_bomb = written > RATIO_FROM_BYTES and written > size * limits.ratio
        if is_bomb or written > limits.unpacked:
            message = (
                f"{packed.path}: the packed file would unpack to more than {written >> 20:,} MiB, which no list of "
                f"companies needs. If it is one, unpack it yourself; {raised('ratio' if is_bomb else 'unpacked')}."
            )
            raise SourceError(message)
        to.write(chunk)


class _Unpacked:
    """A `Source` over the unpacked file that speaks of the packed one."""

    def __init__(self, source: Source, path: Path, sha256: str, note: str) -> None:
        self._source = source
        self._inside = Path(source.info.path)
        self._path = path
        self.info: SourceInfo = replace(source.info, path=str(path), sha256=sha256, notes=(note, *source.info.notes))

    @property
    def blank_rows(self) -> int:
        """See `Source`."""
        return self._source.blank_rows

    def rows(self) -> Iterator[Row]:
        """Read the rows; see `Source`."""
        with _under_its_name(self._inside, self._path):
            for row in self._source.rows():
                yield self._located(row) if row.issues else row

    def _located(self, row: Row) -> Row:
        issues = (replace(issue, location=replace(issue.location, file=self.info.path)) for issue in row.issues)
        return replace(row, issues=tuple(issues))
