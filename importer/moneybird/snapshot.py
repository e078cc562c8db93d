"""Contacts that were fetched, as a file of JSON lines: the first line says what they are, each other one is a contact.

While a fetch is going on, contacts are added to a draft beside it (`.part`), batch by batch, each durable before the
next request leaves: whatever stops a fetch, the next one goes on behind its last whole line. A snapshot is whole or not
there. Both hold people's data and are readable by their owner only.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING

from importer.errors import SourceError
from importer.model import Row, SourceInfo, canonical_json
from importer.moneybird.contacts import Columns, cells_of, id_of, row_cells, version_of, without_log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from importer.model import Json
    from importer.moneybird.contacts import Contact

__all__ = ["CLOCKS_APART", "Draft", "Snapshot", "open_draft", "read_snapshot"]

_KIND = "kanbert-import contacts 1"
_DRAFT = "kanbert-import contacts in progress 1"
CLOCKS_APART = 60.0  # seconds that the clock here may be off from the one that versions are taken from
FIRST_ROW = 2  # of a file with these columns: the header is row 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Contacts as they were at one time, in the order of their ids; a `Source` for the rest of the program."""

    file: Path
    address: str
    begun_at: float  # Unix time since when contacts were taken over from one fetch to the next
    fetched_at: float  # Unix time at which the latest fetch began: what changed since may be missing
    count: int
    sha256: str  # of the contacts; equal where none differs
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    blank_rows: int = field(default=0, init=False)  # a contact is never blank

    @property
    def info(self) -> SourceInfo:
        """Describe it as a source of rows."""
        return SourceInfo(self.address, self.sha256, "moneybird", self.columns, notes=self.notes)

    def rows(self) -> Iterator[Row]:
        """Read the contacts, lazily, each as a row with the number it has in an exported file.

        Raises:
            SourceError: the file is not whole any more.
        """
        number = FIRST_ROW - 1
        with _readable(self.file), self.file.open("rb") as stream:
            stream.readline()
            for number, line in enumerate(stream, FIRST_ROW):
                yield Row(number, row_cells(json.loads(line), self.columns))
        if number - FIRST_ROW + 1 != self.count:
            raise SourceError(_damaged(self.file))


def read_snapshot(file: Path, address: str) -> Snapshot | None:
    """Open what was fetched; None where there is nothing.

    Raises:
        SourceError: the file is something else, or of other contacts.
    """
    try:
        with _readable(file), file.open("rb") as stream:
            facts = json.loads(stream.readline())
            if facts.pop("kind") != _KIND:
                raise SourceError(_damaged(file))
            found = Snapshot(file, **{**facts, "columns": tuple(facts["columns"])})
    except FileNotFoundError:
        return None
    if found.address != address:
        message = (
            f"{file} holds contacts of {found.address}, not of {address}. Move it away, and give the command again."
        )
        raise SourceError(message)
    return found


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        message = f"{file}: the fetched contacts cannot be read: {error.strerror or error}."
        raise SourceError(message) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(_damaged(file)) from error


def _damaged(file: Path) -> str:
    return f"{file} is damaged, or no file of fetched contacts. Delete it, or move it away: they are fetched again."


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a contact stands."""

    stream: IO[bytes]
    offset: int
    version: int


class Draft:
    """Contacts of a fetch that is going on; made by `open_draft`. Memory: an id and a place for each contact."""

    def __init__(self, file: Path, stream: IO[bytes], began_at: float, base: Snapshot | None = None) -> None:
        self._file = file
        self._stream = stream
        self._base = base
        self._places: dict[str, _Place] = {}
        self.began_at = began_at

    def __len__(self) -> int:
        return len(self._places)

    def version(self, contact_id: str) -> int | None:
        """Say which version of a contact is held; None for none."""
        place = self._places.get(contact_id)
        return None if place is None else place.version

    def add(self, contacts: Iterable[Contact]) -> None:
        """Keep contacts, durably; one that is held already is replaced."""
        end = self._stream.seek(0, os.SEEK_END)
        lines = list[bytes]()
        for contact in contacts:
            line = canonical_json(without_log(contact)).encode("utf-8", "backslashreplace") + b"\n"
            self._places[id_of(contact) or ""] = _Place(self._stream, end, version_of(contact))
            lines.append(line)
            end += len(line)
        with _writable(self._file):
            self._stream.write(b"".join(lines))
            self._stream.flush()
            os.fsync(self._stream.fileno())

    def hold(self, stream: IO[bytes], *, before: float) -> None:
        """Hold what an earlier snapshot has, as far as its versions are from before a time: later ones may be half of a second."""
        stream.readline()
        for place, contact in _lines(stream):
            if place.version < before and (contact_id := id_of(contact)):
                self._places.setdefault(contact_id, place)

    def resume(self) -> None:
        """Hold what the fetch had when it was stopped; a line that was cut off is forgotten."""
        end = self._stream.tell()
        with suppress(ValueError):
            for place, contact in _lines(self._stream):
                self._places[id_of(contact) or ""] = place
                end = self._stream.tell()
        self._stream.truncate(end)

    def finish(self, ids: Iterable[str], target: Path, address: str) -> Snapshot:
        """Make a snapshot of these contacts in place of the one before, and end the draft."""
        ordered = sorted(set(ids), key=lambda one: (len(one), one))
        columns, digest = Columns(), hashlib.sha256()
        columns.add(
            () if self._base is None else self._base.columns
        )  # what a mapping named before is there, also where nobody has it any more
        for line in map(self._line, ordered):
            columns.add(cells_of(json.loads(line)))
            digest.update(line)
        begun_at = self.began_at if self._base is None else self._base.begun_at
        snapshot = Snapshot(target, address, begun_at, self.began_at, len(ordered), digest.hexdigest(), columns.names)
        scratch = target.with_name(f"{target.name}.new")
        with _writable(scratch):
            with _owned(scratch, os.O_TRUNC) as stream:
                stream.write(_header(snapshot))
                stream.writelines(map(self._line, ordered))
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(target)
        self._stream.close()
        self._file.unlink(missing_ok=True)
        return snapshot

    def _line(self, contact_id: str) -> bytes:
        place = self._places[contact_id]
        place.stream.seek(place.offset)
        return place.stream.readline()


def _lines(stream: IO[bytes]) -> Iterator[tuple[_Place, dict[str, Json]]]:
    """Read whole lines; ValueError at one that is not."""
    while True:
        offset, line = stream.tell(), stream.readline()
        if not line:
            return
        contact = json.loads(line)
        if not line.endswith(b"\n") or not isinstance(contact, dict):
            raise ValueError("a line was cut off")
        yield _Place(stream, offset, version_of(contact)), contact


def _header(snapshot: Snapshot) -> bytes:
    facts = {key: value for key, value in asdict(snapshot).items() if key not in {"file", "blank_rows", "notes"}}
    return json.dumps({"kind": _KIND, **facts}, ensure_ascii=True).encode() + b"\n"


@contextmanager
def open_draft(target: Path, address: str, *, now: float, stale_after: float, base: Snapshot | None) -> Iterator[Draft]:
    """Go on with the draft beside `target`, or begin one; `base` is an earlier snapshot to take unchanged contacts from.

    A draft of other contacts, or one that was left lying for longer than `stale_after` seconds, is begun anew.
    """
    file = target.with_name(f"{target.name}.part")
    with _writable(file), _owned(file) as stream:
        began_at = _began_at(stream.readline(), address)
        resumed = began_at is not None and now - began_at <= stale_after
        if not resumed or began_at is None:
            began_at = now
            stream.seek(0)
            stream.truncate()
            stream.write(json.dumps({"kind": _DRAFT, "address": address, "began_at": now}).encode() + b"\n")
            stream.flush()
        draft = Draft(file, stream, began_at, base)
        draft.resume()
        if base is None:
            yield draft
            return
        with _readable(base.file), base.file.open("rb") as held:
            draft.hold(held, before=base.fetched_at - CLOCKS_APART)
            yield draft


def _began_at(line: bytes, address: str) -> float | None:
    try:
        facts = json.loads(line)
        same = facts["kind"] == _DRAFT and facts["address"] == address
        return float(facts["began_at"]) if same and line.endswith(b"\n") else None
    except (ValueError, KeyError, TypeError):
        return None


def _owned(file: Path, flags: int = 0) -> IO[bytes]:
    """Open a file for reading and writing, readable by its owner only where it is new."""
    return os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | flags, 0o600), "r+b")


@contextmanager
def _writable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = (
            f"{file}: the fetched contacts cannot be kept: {error.strerror or error}. Make room or make that possible, "
            "and run the same again: it goes on where it stopped."
        )
        raise SourceError(message) from error
