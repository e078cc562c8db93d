"""Turns a CSV file into rows, at the speed of csv.reader and in constant memory.

The row number is the one that a spreadsheet shows: a row with line breaks inside quotes counts once. Quotes that do not
match are never smoothed over: within one line they are an issue of that row, over several lines they stop the reading,
because rows would be swallowed; where stray ones do match, the row that swallowed others is an issue.
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
    Dialect,
    detect_dialect,
    known_delimiter,
    named,
    open_quote,
    separator_line,
)
from importer.readers.encoding import examine
from importer.readers.head import cells_said, quote_error, read_head
from importer.readers.header import NO_ROWS, column_names, is_blank, listed, repeated
from importer.readers.not_data import first_signs, why_no_data
from importer.readers.sniff import Format, readable
from importer.readers.source import BLOCK
from importer.readers.swallowed import holds_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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
    header: tuple[str, ...]  # as it is written
    ends_in_ctrl_z: bool
    has_inner_marks: bool
    size_bytes: int
    modified_ns: int


@dataclass(slots=True)
class _Lines:
    """The lines of a file as csv wants them; the last one given is kept, to be looked at when it does not parse."""

    stream: io.TextIOWrapper
    ends_in_ctrl_z: bool
    has_inner_marks: bool = False
    last: str = ""
    begins_row: bool = True  # set by who parses: a mark inside of a quoted cell is a character like any other
    blanked_without: str = ""  # while rows are only counted: lines without this are given as blank ones

    def skip(self, count: int) -> None:
        for _ in islice(self.stream, count):
            pass

    def marking_rows(self, records: Iterable[list[str]]) -> Iterable[list[str]]:
        """Give the records on, and remember where one ends, if that matters."""
        return self._marked(records) if self.has_inner_marks else records

    def _marked(self, records: Iterable[list[str]]) -> Iterator[list[str]]:
        self.begins_row = True
        for record in records:
            self.begins_row = True
            yield record

    def __iter__(self) -> Iterator[str]:
        for line in islice(self.stream, 1):
            yield from self._without_marks([line.removeprefix("\ufeff")])
        if self.ends_in_ctrl_z or self.has_inner_marks:
            yield from self._without_marks(self.stream)
            return
        for line in self.stream:
            self.last = line
            yield line if self.blanked_without in line else "\n"

    def _without_marks(self, lines: Iterable[str]) -> Iterator[str]:
        """Leave out what is not part of a line: byte order marks before it, the end-of-file mark of DOS behind it."""
        for line in lines:
            kept = line.removeprefix("\ufeff") if self.begins_row else line
            if self.ends_in_ctrl_z and "\x1a" in kept:
                kept = kept.rstrip("\x1a\r\n\0")
                if not kept:
                    continue
            self.last, self.begins_row = kept, not self.has_inner_marks
            yield kept


class _Share:
    """Whose turn it is, row by row; the lines of the others' rows are only counted, as far as each is surely a row."""

    def __init__(self, lines: _Lines, dialect: Dialect, own: int, of: int, *, first: int) -> None:
        self._lines = lines
        self._quote = "" if dialect.backslash_escapes else dialect.quote  # a line break can be escaped as well
        self._own, self._of = own, of
        self._begin(first)

    def has(self, number: int) -> bool:
        """Whether a row is one of the share; to be asked of each in its turn, before a line behind it is read."""
        mine = self._mine
        if (number + 1) % BLOCK == 0:
            self._begin(number + 1)
        return mine

    def _begin(self, number: int) -> None:
        self._mine = number // BLOCK % self._of == self._own
        self._lines.blanked_without = "" if self._mine else self._quote


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
        lines = _Lines(stream, examined.ends_in_ctrl_z, examined.has_inner_marks)
        separator = separator_line(stream.readline().removeprefix("\ufeff"))
        skipped = max((options.header_row or 1) - 1, 1 if separator else 0)
        stream.seek(0)
        lines.skip(skipped)
        sample, is_whole = _sampled(lines)
        stream.detach()
    place = f"{path}, line {skipped + 1}"
    dialect = detect_dialect(sample, delimiter or separator, place=place, is_whole=is_whole)
    _check_separator(sample, dialect, delimiter is None and separator is not None, path)
    head = read_head(sample, dialect, skipped, path, options.header_row)
    if delimiter is not None and len(head.cells) == 1:
        _check_wanted(sample[head.line - 1 - skipped :], delimiter, path)
    is_bare = is_whole and _is_bare(sample[head.line - 1 - skipped :], dialect)
    columns = column_names(head.cells)
    info = SourceInfo(
        path=str(path),
        sha256=examined.sha256,
        format=Format.CSV.value,
        columns=columns,
        encoding=examined.encoding,
        delimiter=dialect.delimiter,
        header_row=head.line,
        notes=(
            *_unused(options),
            *examined.notes,
            *dialect.notes,
            *head.notes,
            *repeated(columns),
            *[NO_ROWS] * is_bare,
        ),
    )
    layout = _Layout(
        examined.encoding,
        dialect,
        head.line - 1,
        tuple(head.cells),
        examined.ends_in_ctrl_z,
        examined.has_inner_marks,
        stamp.st_size,
        stamp.st_mtime_ns,
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


def _check_separator(sample: list[str], dialect: Dialect, is_the_files: bool, path: Path) -> None:  # noqa: FBT001 - one
    """Refuse a `sep=` line whose delimiter is in no line of the file, where another sets the cells apart."""
    if not is_the_files or any((dialect.delimiter or "") in line for line in sample):
        return
    try:
        other = detect_dialect(sample, None, place=str(path), is_whole=True).delimiter
    except SourceError:
        return
    if other is not None:
        message = (
            f"{path}: its first line says that {named(dialect.delimiter or '')} sets the cells apart, but it is "
            f'{named(other)}. Set `source.delimiter: "{other}"`.'
        )
        raise SourceError(message)


def _check_wanted(sample: list[str], delimiter: str, path: Path) -> None:
    """Refuse a delimiter that leaves the header in one piece, where another sets its names apart.

    Whoever has one column indeed names a character that sets no cells apart in any file, and is believed.
    """
    if delimiter not in ";,\t|":
        return
    try:
        found = detect_dialect(sample, None, place=str(path), is_whole=False)
        header = next(found.reader(sample), [])
    except (SourceError, csv.Error):
        return
    if found.delimiter is not None and len(header) > 1:
        message = (
            f"{path}: {named(delimiter)} is said to set the cells apart, but it leaves the column names in one cell; "
            f"with {named(found.delimiter)} there are {len(header)} columns. Leave `source.delimiter` out; if the file "
            "has one column only, set it to a character that is not in the file, such as ^."
        )
        raise SourceError(message)


def _is_bare(lines: list[str], dialect: Dialect) -> bool:
    """Whether nothing but blank rows is below the header, which the lines begin with."""
    try:
        return all(all(map(is_blank, record)) for record in islice(dialect.reader(lines, strict=False), 1, None))
    except csv.Error:  # a field beyond the cap, which the reader itself will report
        return False


def _unused(options: ReaderOptions) -> tuple[str, ...]:
    return () if options.sheet is None else (f'The sheet "{options.sheet}" is not looked for: this is a CSV file.',)


def _sampled(lines: _Lines) -> tuple[list[str], bool]:
    """Take the first lines; the flag says whether they are all of the file."""
    sample, characters = list[str](), 0
    for line in lines:
        if len(sample) >= _SAMPLE_LINES or characters > _SAMPLE_CHARACTERS:
            return sample, False
        sample.append(line)
        lines.begins_row = True  # as far as can be seen: it matters to the detection only
        characters += len(line)
    return sample, True


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
        return self.share(0, 1)

    def share(self, number: int, of: int) -> Iterator[Row]:
        """Read only blocks of rows; see `ShareableSource`."""
        self.blank_rows = 0
        with readable(self._path), self._stream() as stream:
            lines = _Lines(stream, self._layout.ends_in_ctrl_z, self._layout.has_inner_marks)
            lines.skip(self._layout.skipped_lines)
            try:
                yield from self._parsed(lines, number, of)
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

    def _parsed(self, lines: _Lines, own: int, of: int) -> Iterator[Row]:
        reader = self._layout.dialect.reader(lines)
        width, skipped = len(self.info.columns), self._layout.skipped_lines
        look_twice = first_signs(self._layout.header)
        next(reader, None)  # the header
        number = self.info.header_row
        share = _Share(lines, self._layout.dialect, own, of, first=number + 1)
        while True:
            ended = reader.line_num  # the lines up to the end of the latest record
            try:
                for record in lines.marking_rows(reader):
                    number += 1
                    begun, ended = ended, reader.line_num
                    if not share.has(number):
                        continue
                    if ended - begun > 1 and self._holds_rows(record):
                        yield self._swallower(record, number, (skipped + begun + 1, skipped + ended))
                    elif len(record) == width and record[0][:1] not in look_twice:
                        yield Row(number, tuple(record))
                    else:
                        yield from self._odd(record, number)
            except csv.Error as error:
                number += 1
                span = skipped + ended + 1, skipped + reader.line_num
                rows = (self._salvaged(lines.last, span, error, row=number),)
                yield from rows if share.has(number) else ()
            else:
                return

    def _odd(self, record: list[str], number: int) -> Iterator[Row]:
        """Take a second look at a row; a blank one is counted."""
        if all(map(is_blank, record)):
            self.blank_rows += 1
        else:
            yield self._looked_at(record, number)

    def _holds_rows(self, record: list[str]) -> bool:
        return holds_rows(record, self._layout.header, self._layout.dialect)

    def _swallower(self, record: list[str], number: int, span: tuple[int, int]) -> Row:
        detail = f": lines {span[0]:,} to {span[1]:,} became one row"
        where = Location(self.info.path, row=number)
        return self._uneven(record, number, Issue.of(Code.BAD_QUOTES, where, detail=detail))

    def _looked_at(self, record: list[str], number: int) -> Row:
        if why := why_no_data(record, self._layout.header):
            return self._uneven(
                record, number, Issue.of(Code.NOT_DATA, Location(self.info.path, row=number), detail=why)
            )
        if len(record) == len(self.info.columns):
            return Row(number, tuple(record))
        return self._uneven(record, number)

    def _uneven(self, record: list[str], number: int, *found: Issue) -> Row:
        """Make a row of as many cells as there are columns, with an issue where the file has others."""
        width = len(self.info.columns)
        extra = record[width:]
        where = Location(self.info.path, row=number)
        if not all(map(is_blank, self._layout.header[len(record) :])):
            found += (Issue.of(Code.MISSING_CELLS, where, detail=cells_said(width - len(record))),)
        elif not all(map(is_blank, extra)) or any(map(_LOOSE_QUOTE.match, record)):
            detail = f"{cells_said(len(extra))} ({listed([shortened(cell, 40) for cell in extra], 3)})"
            found += (Issue.of(Code.EXTRA_CELLS, where, detail=detail),) if extra else ()
        return Row(number, tuple(record[:width] + [""] * (width - len(record))), found)

    def _salvaged(self, line: str, span: tuple[int, int], error: csv.Error, *, row: int) -> Row:
        """Give a row whose quotes do not match as an issue, if it is certain where it ends; else stop at its line."""
        dialect, (first, last) = self._layout.dialect, span
        if first != last or "field limit" in str(error) or open_quote([line], first, dialect, strict=False):
            with self._stream() as stream:
                lines = _Lines(stream, self._layout.ends_in_ctrl_z)
                lines.skip(first - 1)
                raise quote_error(list(islice(lines, last - first + 1)), dialect, first - 1, self._path) from error
        record = next(dialect.reader([line], strict=False))
        return self._uneven(record, row, Issue.of(Code.BAD_QUOTES, Location(self.info.path, row=row)))
