"""A workbook of corrected rows, as `report` wrote it and somebody edited it -> the journal's rows with the edits.

Whatever program saved it in between, and as which format: only what somebody edited is taken over, cell by cell.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from importer.commands.inputs import told_as_options
from importer.commands.respelling import Touch, plain, touched
from importer.errors import SourceError, UsageError
from importer.model import Code, Row, Severity, number_text, shortened
from importer.readers import ReaderOptions, open_source
from importer.report import added_columns, cell_text, unguarded

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from importer.journal import ProblemRow
    from importer.mapping import SourceSettings
    from importer.model import Cell, SourceInfo
    from importer.readers import Limits, Source

__all__ = ["Corrections", "read_corrections"]

_SHEET = "Rows"  # of a report's sheets the one with the rows
_MOST_NAMED = 3  # cells that a note names
_MOST_NUMBER_DIGITS = 18  # of a row
_MOST_PLACES = 8
_OF_OTHER_ROWS = {Code.DUPLICATE_IN_FILE, Code.ALIKE_IN_FILE}  # of no column: it is the external_id that is refused
_BLANK = re.compile(r"\s")
_MOST_SHOWN = 40  # characters of each


@dataclass(frozen=True, slots=True)
class Corrected:
    """One corrected row, and the external_id that it was reported for."""

    row: Row
    external_id: Cell
    at: int = 0  # its number in the file that was given back


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrected rows by their number in the original file; the cells stand in the order of `columns`."""

    path: Path | None
    rows: Mapping[int, Corrected]
    columns: tuple[str, ...]
    as_text: bool = False  # from a CSV file, where no cell has a type
    respelt: list[str] = field(default_factory=list)  # cells that a spreadsheet has written anew, which is no edit
    outdated: list[str] = field(default_factory=list)  # cells that were corrected before, in another copy of the report
    info: SourceInfo | None = None  # of the file that was given back
    edited: set[int] = field(default_factory=set)  # numbers of rows that were edited, now or for an earlier retry

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the corrected rows."""
        return tuple(self.rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """Say which cells were taken as not edited although they are not as they were."""
        respelt = "cells that a spreadsheet has written in its own way stay what they were"
        typed = "Where one was edited so, edit it in an .xlsx report: there, text stays as it is typed."
        outdated = "cells that have what the source had stay as an earlier retry corrected them"
        return (*self._note(respelt, self.respelt, typed), *self._note(outdated, self.outdated, ""))

    def places(self, problems: Iterable[ProblemRow], key: str | None) -> tuple[str, ...]:
        """Say where in the corrected file cells of edited rows stand that are refused again: there they are to be mended.

        `key` is the column that an external_id is taken from: that of a row which is refused for another one's sake.
        """
        refused = (
            (row.number, key if issue.code in _OF_OTHER_ROWS else issue.location.column)
            for row in (problems if self.edited else ())
            if row.number in self.edited
            for issue in row.issues
            if issue.severity is Severity.ERROR
        )
        cells = {self._address(number, column) for number, column in refused if column in self.columns}
        found = [address for _, address in sorted(cells)]
        if not found:
            return ()
        more = " and more" if len(found) > _MOST_PLACES else ""
        return (f"Rows of {self.path} are refused still: look there at {', '.join(found[:_MOST_PLACES])}{more}.",)

    def _address(self, number: int, column: str | None) -> tuple[int, str]:
        at, info = self.rows[number].at, self.info
        name = next((one for one in (info.columns if info else ()) if column in {one, unguarded(one)}), column)
        address = info.address(name, at) if info and info.sheet is not None else None
        return at, address or f"row {at}, {column}"

    def _note(self, told: str, cells: list[str], advice: str) -> Iterator[str]:
        if cells:
            more = "; and more" if len(cells) > _MOST_NAMED else ""
            note = f"{self.path}: {told} ({number_text(len(cells))}): {'; '.join(cells[:_MOST_NAMED])}{more}."
            yield f"{note} {advice}".rstrip()

    def applied_to(
        self, stored: Row, external_id: str | None, former: str | None, source: Sequence[Cell] | None = None
    ) -> Row:
        """Take over the cells that were edited; what the reader found in the others still holds.

        A cell that is only written in another way was not edited (see `importer.commands.respelling`), and a row that
        is as it was corrected is left alone. An external_id that comes along with an edit is taken as it stands, so
        that one which lost its zeros is refused. UsageError where the row of this number is another company than the
        one reported: the file was read anew since. `former` is the external_id it had before a retry corrected it, and
        `source` the cells, given where the row is in Kanbert as corrected: a cell that has what the source had comes
        from a copy of the report that is older than the correction, and does not take it back.
        """
        corrected = self.rows.get(stored.number)
        if corrected is None:
            return stored
        changes = list(self._current(self._changes(stored, corrected.row), stored, source))
        edited = {change.column: change.new for change in changes if change.touch is Touch.EDITED}
        for change in changes:
            if change.touch is Touch.RESPELT and edited and plain(change.old) == external_id:
                edited[change.column] = change.new
            elif change.touch is Touch.RESPELT:
                self.respelt.append(change.told(stored.number))
        if not edited:
            return stored
        self._check_same_row(stored, corrected, edited, (external_id or "", former or ""))
        pairs = zip(self.columns, stored.cells, strict=True)
        cells = tuple(edited.get(column, old) for column, old in pairs)
        still = (issue for issue in stored.issues if issue.location.column not in {*edited, None})
        found = (issue for issue in corrected.row.issues if issue.location.column in {*edited, None})
        return Row(stored.number, cells, (*still, *found))

    def _changes(self, stored: Row, corrected: Row) -> Iterator[_Change]:
        """Give the cells that are not as they were."""
        unreadable = _in_error(corrected) - _in_error(stored)
        for column, old, given in zip(self.columns, stored.cells, corrected.cells, strict=True):
            new = unguarded(given) if isinstance(given, str) else given  # of a CSV report, whatever it was saved as
            ways = [touched(old, cell, as_text=self.as_text) for cell in dict.fromkeys((given, new))]
            touch = Touch.EDITED if column in unreadable else next(way for way in Touch if way in ways)
            if touch is not Touch.NONE:
                yield _Change(column, touch, old, new)

    def _current(self, changes: Iterable[_Change], stored: Row, source: Sequence[Cell] | None) -> Iterator[_Change]:
        """Leave out the cells that an earlier retry has corrected, and that the file has as they were before."""
        before = {} if source is None else dict(zip(self.columns, source, strict=True))
        for change in changes:
            at_first = before.get(change.column, change.old)
            if (
                plain(at_first) == plain(change.old)
                or touched(at_first, change.new, as_text=self.as_text) is Touch.EDITED
            ):
                yield change
            else:
                self.outdated.append(change.told(stored.number))

    def _check_same_row(
        self, stored: Row, corrected: Corrected, edited: Container[str], known: tuple[str, str]
    ) -> None:
        left = (cell for column, cell in zip(self.columns, stored.cells, strict=True) if column not in edited)
        reported = corrected.external_id
        same = any(touched(one, reported, as_text=self.as_text) is not Touch.EDITED for one in known)
        if not (same and any(plain(cell) for cell in left)):
            raise self._another_row(stored.number, plain(reported), known[0])

    def _another_row(self, number: int, reported: str, external_id: str) -> UsageError:
        message = (
            f'{self.path}: row {number} was reported for external_id "{reported}", but in the journal it is '
            f'"{external_id}" now, or nothing of it is left: the source was read anew since the report. '
            "Nothing was changed. Write the report again and correct that."
        )
        return UsageError(message)


@dataclass(frozen=True, slots=True)
class _Change:
    """A cell that is not as it was."""

    column: str
    touch: Touch
    old: Cell
    new: Cell

    def told(self, row: int) -> str:
        """Say what a spreadsheet made of the cell."""
        texts = [cell_text(cell) for cell in (self.old, self.new)]
        old, new = (shortened(text, _MOST_SHOWN) for text in texts)
        if old == new:  # but for blanks, which are left out of a line
            old, new = (shortened(_BLANK.sub("·", text), _MOST_SHOWN) for text in texts)
        return f'row {row}, {self.column}: "{old}" is "{new}" there'


def _in_error(row: Row) -> set[str | None]:
    return {issue.location.column for issue in row.issues if issue.severity is Severity.ERROR}


def read_corrections(path: Path, source: SourceInfo, said: SourceSettings, limits: Limits) -> Corrections:
    """Read corrected rows; columns may have been moved, others added or deleted, rows sorted or deleted.

    UsageError when a column of the source's is missing, or ours that say which row it is: a row could go to the wrong
    place, or lose a value in silence. Of a workbook the sheet `Rows` is read where the first one is another.
    """
    options = ReaderOptions(said.sheet, said.header_row, said.encoding, said.delimiter, limits)
    with told_as_options():
        if said.sheet is None and _has_rows_elsewhere(path, options, source):
            options = replace(options, sheet=_SHEET)
        with open_source(path, options) as corrected:
            return _corrections(path, corrected, source)


def _has_rows_elsewhere(path: Path, options: ReaderOptions, source: SourceInfo) -> bool:
    """Whether the first sheet is not the one with the rows, but one of the name that a report gives it is."""
    number = added_columns(source.columns)[0]
    with open_source(path, options) as first:
        if first.info.format == "csv" or first.info.sheet == _SHEET or number in first.info.columns:
            return False
    with suppress(SourceError), open_source(path, replace(options, sheet=_SHEET)) as second:
        return number in second.info.columns
    return False


def _corrections(path: Path, corrected: Source, source: SourceInfo) -> Corrections:
    columns = [unguarded(name) for name in corrected.info.columns]
    added = added_columns(source.columns)
    _refuse_doubled(path, columns, (*source.columns, *added))
    places = [_place(path, corrected.info, columns, name) for name in source.columns]
    number_at, external_id_at = (_place(path, corrected.info, columns, name) for name in (added[0], added[-1]))
    rows: dict[int, Corrected] = {}
    for row in corrected.rows():
        number = _number(path, row, row.cells[number_at], added[0])
        if number in rows:
            message = f"{path}: row number {number} stands in more than one row. Keep one of them."
            raise UsageError(message)
        given = row.cells[external_id_at]
        external_id = unguarded(given) if isinstance(given, str) else given
        cells = tuple(row.cells[place] for place in places)
        rows[number] = Corrected(Row(number, cells, row.issues), external_id, row.number)
    return Corrections(path, rows, source.columns, as_text=corrected.info.format == "csv", info=corrected.info)


def _refuse_doubled(path: Path, columns: list[str], ours: Sequence[str]) -> None:
    """Refuse a column that somebody copied beside the one of the report: an edit in the wrong one would be lost."""
    doubled = next((name for name in ours if f"{name} [2]" in columns and f"{name} [2]" not in ours), None)
    if doubled is not None:
        message = (
            f'{path} has the column "{doubled}" more than once, so that nobody can tell which one counts. Keep the one '
            "with the corrections, and delete or rename the others."
        )
        raise UsageError(message)


def _place(path: Path, info: SourceInfo, columns: list[str], name: str) -> int:
    """Find a column by the name that the report gave it, with an apostrophe before it or without."""
    if name in info.columns:
        return info.columns.index(name)
    if name in columns:
        return columns.index(name)
    sheet = "" if info.sheet is None else f', sheet "{info.sheet}",'
    message = (
        f'{path}{sheet} has no column "{name}". Give back the file that `kanbert-import report` wrote, with your own '
        "columns and ours that say which row it is (`row`, `external_id`) under the names they have there; the order "
        "does not matter, and what else there is may go. If it has them, say how the file is read: --sheet, "
        "--header-row, --encoding, --delimiter."
    )
    raise UsageError(message)


def _number(path: Path, row: Row, cell: Cell, column: str) -> int:
    text = plain(cell).strip()
    if text.isdecimal() and len(text) <= _MOST_NUMBER_DIGITS:
        return int(text)
    message = (
        f'{path}, row {row.number}: the column "{column}" must hold the row\'s number in the original file'
        f"{f', and has {shortened(text)!r}' if text else ' and is empty'}. A row that is not in the report "
        "goes into the source, which is then run again."
    )
    raise SourceError(message)
