"""Turns a CSV file into rows, at the speed of csv.reader and in constant memory.

The row number is the one that a spreadsheet shows: a row with line breaks inside quotes counts once. Quotes that do not
match are never smoothed over: within one line they are an issue of that row, over several lines they stop the reading, because rows would be swallowed.
"""

from __future__ import annotations

import csv
import io
import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.model import Code, Issue, Location, Row, SourceInfo, shortened
from importer.readers.dialect import (
    FIELD_LIMIT,
    Dialect,
    detect_dialect,
    known_delimiter,
    open_quote,
    separator_line,
)
from importer.readers.encoding import examine
from importer.readers.header import ROWS_BELOW, column_names, is_blank, listed, repeated, taken_for_names
from importer.readers.sniff import Format, readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from importer.readers.source import ReaderOptions

__all__ = ["open_delimited"]

_SAMPLE_LINES = 2000
_SAMPLE_CHARACTERS = 4 << 20
_LOOSE_QUOTE = re.compile(r'[ \t]+"')  # a quoted cell behind a blank: csv cut it at the delimiters inside


@dataclass(frozen=True, slots=True)
class _Layout:
    """All that is needed to parse the file again."""

    encoding: str
    dialect: Dialect
    skipped_lines: int  # before the header
    ends_in_ctrl_z: bool
    size_bytes: int
    modified_ns: int


@dataclass(slots=True)
class _Lines:
    """The lines of a file as csv wants them; the last one given is kept, to be looked at when it does not parse."""

    stream: io.TextIOWrapper
    ends_in_ctrl_z: bool
    last: str = ""

    def skip(self, count: int) -> None:
        for _ in islice(self.stream, count):
            pass

    def __iter__(self) -> Iterator[str]:
        first = True
        for line in self.stream:
            self.last = line
            if first:
                first = False
                self.last = line = line.removeprefix("\ufeff")  # noqa: PLW2901 - the mark is not part of the line
            if self.ends_in_ctrl_z and "\x1a" in line:
                line = line.rstrip("\x1a\r\n\0")  # noqa: PLW2901 - likewise, the end-of-file mark of DOS
                if not line:
                    continue
            yield line


@contextmanager
def open_delimited(path: Path, options: ReaderOptions) -> Iterator[_Delimited]:
    """Open a CSV file; it is read through once for its fingerprint and encoding."""
    with readable(path):
        info, layout = _inspected(path, options)
    source = _Delimited(info, layout, path)
    try:
        yield source
    finally:
        source.close()


def _inspected(path: Path, options: ReaderOptions) -> tuple[SourceInfo, _Layout]:
    delimiter = _wanted_delimiter(path, options)
    if options.header_row is not None and options.header_row < 1:
        message = f"{path}: header_row is {options.header_row}, but lines count from 1."
        raise SourceError(message)
    with path.open("rb") as file:
        stamp = path.stat()
        examined = examine(file, path, options.encoding)
        file.seek(0)
        stream = io.TextIOWrapper(file, encoding=examined.encoding, newline="")
        lines = _Lines(stream, examined.ends_in_ctrl_z)
        separator = separator_line(stream.readline().removeprefix("\ufeff"))
        skipped = max((options.header_row or 1) - 1, 1 if separator else 0)
        stream.seek(0)
        lines.skip(skipped)
        sample, is_whole = _sampled(lines)
        stream.detach()
    place = f"{path}, line {skipped + 1}"
    dialect = detect_dialect(sample, delimiter or separator, place=place, is_whole=is_whole)
    head = _head(sample, dialect, skipped, path)
    if options.header_row == skipped + 1 != head.line:
        message = f"{path}: line {options.header_row} is to hold the column names (header_row), but it is blank."
        raise SourceError(message)
    if options.header_row is None and head.line > skipped + 1:
        _refuse_data(head, skipped + 1, path)
    columns = column_names(head.cells)
    info = SourceInfo(
        path=str(path),
        sha256=examined.sha256,
        format=Format.CSV.value,
        columns=columns,
        encoding=examined.encoding,
        delimiter=dialect.delimiter,
        header_row=head.line,
        notes=(*_unused(options), *examined.notes, *dialect.notes, *head.notes, *repeated(columns)),
    )
    layout = _Layout(
        examined.encoding, dialect, head.line - 1, examined.ends_in_ctrl_z, stamp.st_size, stamp.st_mtime_ns
    )
    return info, layout


def _wanted_delimiter(path: Path, options: ReaderOptions) -> str | None:
    if options.delimiter is None:
        return None
    delimiter = known_delimiter(options.delimiter)
    if delimiter is None:
        message = (
            f'{path}: "{options.delimiter}" cannot be a delimiter. It is one character such as ; or , or the word tab.'
        )
        raise SourceError(message)
    return delimiter


def _unused(options: ReaderOptions) -> tuple[str, ...]:
    return () if options.sheet is None else (f'The sheet "{options.sheet}" is not looked for: this is a CSV file.',)


def _sampled(lines: _Lines) -> tuple[list[str], bool]:
    """Take the first lines; the flag says whether they are all of the file."""
    sample, characters = list[str](), 0
    for line in lines:
        if len(sample) >= _SAMPLE_LINES or characters > _SAMPLE_CHARACTERS:
            return sample, False
        sample.append(line)
        characters += len(line)
    return sample, True


@dataclass(frozen=True, slots=True)
class _Head:
    """The header row and the line it begins on."""

    line: int
    cells: list[str]
    below: list[list[str]]  # the first rows that are not blank
    notes: tuple[str, ...]


def _refuse_data(head: _Head, blank: int, path: Path) -> None:
    """Stop where the names are blank, and what comes next would be taken for them and lost."""
    if cell := taken_for_names(head.cells, head.below):
        message = (
            f"{path}: line {blank}, where the column names should be, is blank, and line {head.line} looks like data "
            f'("{cell}"). Put the names in; if line {head.line} does hold them, say `source.header_row: {head.line}`, '
            f"or --header-row {head.line} to init."
        )
        raise SourceError(message)


def _head(sample: list[str], dialect: Dialect, skipped: int, path: Path) -> _Head:
    """Find the first row that is not blank, and hold it against the rows below it."""
    reader = dialect.reader(sample)
    line = header_line = skipped + 1
    cells = list[str]()
    below, rows = list[tuple[int, int, bool]](), list[list[str]]()
    try:
        for record in islice(reader, 200):
            begun, line = line, skipped + reader.line_num + 1
            if all(map(is_blank, record)):
                continue
            if cells:
                below.append((begun, len(record), not all(map(is_blank, record[len(cells) :]))))
                rows.append(record)
            else:
                cells, header_line = record, begun
    except csv.Error as error:
        if not cells:
            raise _quote_error(sample, dialect, skipped, path) from error
    if not cells:
        message = f"{path}: the file has no row that is not blank{f' below line {skipped}' if skipped else ''}."
        raise SourceError(message)
    return _Head(header_line, cells, rows[:ROWS_BELOW], _doubt(header_line, len(cells), below))


def _doubt(header_line: int, width: int, below: list[tuple[int, int, bool]]) -> tuple[str, ...]:
    """Say so where nearly all rows have more cells than the header: another line may be the header."""
    wider = sum(cells > width for _, cells, _ in below)
    filled = [(line, cells) for line, cells, is_filled in below if is_filled]
    if wider < 2 or wider < 0.9 * len(below) or not filled:
        return ()
    line, cells = filled[0]
    note = (
        f"Line {header_line} is taken for the header and has {_cells(width)}, but the rows below have {cells}. "
        f"If line {line} holds the column names, set `source.header_row: {line}`."
    )
    return (note,)


def _quote_error(lines: list[str], dialect: Dialect, skipped: int, path: Path) -> SourceError:
    """Place the quote that spoils a row given by its lines."""
    line = open_quote(lines, skipped + 1, dialect, strict=True)
    if line is None:
        return SourceError(
            f"{path}, line {skipped + 1}: a cell of this row has more than {FIELD_LIMIT >> 20} million characters. "
            "Shorten it, or check the delimiter."
        )
    return SourceError(
        f'{path}, line {line}: the quotation mark that opens a cell here is not closed properly. Look for a " that is '
        'missing or too much; inside a quoted cell a " is written twice.'
    )


class _Delimited:
    """A `Source` over a CSV file; each iteration opens the file for itself."""

    def __init__(self, info: SourceInfo, layout: _Layout, path: Path) -> None:
        self.info = info
        self.blank_rows = 0
        self._layout = layout
        self._path = path
        self._open = set[io.TextIOWrapper]()

    def close(self) -> None:
        """Release the files of iterations that were neither finished nor closed."""
        for stream in list(self._open):
            stream.close()
        self._open.clear()

    def rows(self) -> Iterator[Row]:
        """Read the rows below the header, lazily; see `Source`."""
        self.blank_rows = 0
        with readable(self._path), self._stream() as stream:
            lines = _Lines(stream, self._layout.ends_in_ctrl_z)
            lines.skip(self._layout.skipped_lines)
            try:
                yield from self._parsed(lines)
            except UnicodeError as error:
                raise self._changed() from error

    @contextmanager
    def _stream(self) -> Iterator[io.TextIOWrapper]:
        stamp = self._path.stat()
        if (stamp.st_size, stamp.st_mtime_ns) != (self._layout.size_bytes, self._layout.modified_ns):
            raise self._changed()
        with self._path.open(encoding=self._layout.encoding, newline="") as stream:
            self._open.add(stream)
            try:
                yield stream
            finally:
                self._open.discard(stream)

    def _changed(self) -> SourceError:
        return SourceError(f"{self._path}: the file was changed while it was read. Start again when it is complete.")

    def _parsed(self, lines: _Lines) -> Iterator[Row]:
        reader = self._layout.dialect.reader(lines)
        width, skipped = len(self.info.columns), self._layout.skipped_lines
        next(reader, None)  # the header
        number = self.info.header_row
        while True:
            following = skipped + reader.line_num + 1  # the line that the next record begins on
            try:
                for record in reader:
                    number, following = number + 1, skipped + reader.line_num + 1
                    if len(record) == width and not is_blank(record[0]):
                        yield Row(number, tuple(record))
                    elif all(map(is_blank, record)):
                        self.blank_rows += 1
                    else:
                        yield self._uneven(record, number)
            except csv.Error as error:
                number += 1
                yield self._salvaged(lines.last, (following, skipped + reader.line_num), error, row=number)
            else:
                return

    def _uneven(self, record: list[str], number: int, *found: Issue) -> Row:
        """Make a row of as many cells as there are columns, with an issue where the file has others."""
        width = len(self.info.columns)
        extra = record[width:]
        where = Location(self.info.path, row=number)
        if len(record) < width:
            found += (Issue.of(Code.MISSING_CELLS, where, detail=_cells(width - len(record))),)
        elif not all(map(is_blank, extra)) or any(map(_LOOSE_QUOTE.match, record)):
            detail = f"{_cells(len(extra))} ({listed([shortened(cell, 40) for cell in extra], 3)})"
            found += (Issue.of(Code.EXTRA_CELLS, where, detail=detail),) if extra else ()
        return Row(number, tuple(record[:width] + [""] * (width - len(record))), found)

    def _salvaged(self, line: str, span: tuple[int, int], error: csv.Error, *, row: int) -> Row:
        """Give a row whose quotes do not match as an issue, if it is certain where it ends; else stop at its line."""
        dialect, (first, last) = self._layout.dialect, span
        if first != last or "field limit" in str(error) or open_quote([line], first, dialect, strict=False):
            with self._stream() as stream:
                lines = _Lines(stream, self._layout.ends_in_ctrl_z)
                lines.skip(first - 1)
                raise _quote_error(list(islice(lines, last - first + 1)), dialect, first - 1, self._path) from error
        record = next(dialect.reader([line], strict=False))
        return self._uneven(record, row, Issue.of(Code.BAD_QUOTES, Location(self.info.path, row=row)))


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"
