"""A workbook of corrected rows, as `report` wrote it and somebody edited it -> the journal's rows with the edits."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.errors import SourceError, UsageError
from importer.model import Row
from importer.readers import ReaderOptions, open_source
from importer.report import added_columns, unguarded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from importer.model import Cell, SourceInfo
    from importer.readers import Limits

__all__ = ["Corrections", "read_corrections"]

_CUT = re.compile(r"\[cut here: \d+ characters\]\Z")  # what a report writes at the end of a cell too long for Excel


@dataclass(frozen=True, slots=True)
class Corrected:
    """One corrected row, and the external_id that it was reported for."""

    row: Row
    external_id: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrected rows by their number in the original file; the cells stand in the order of `columns`."""

    path: Path | None
    rows: Mapping[int, Corrected]
    columns: tuple[str, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the corrected rows."""
        return tuple(self.rows)

    def applied_to(self, stored: Row, external_id: str | None, former: str | None) -> Row:
        """Take over the cells that were edited; what the reader found in the others still holds.

        A cell that is only written in another way (12 and 12.0, a date and its midnight) was not edited, and a row that
        is as it was corrected is left alone. UsageError where the row of this number is another company than the one
        reported: the file was read anew since. `former` is the external_id it had before a retry corrected it.
        """
        corrected = self.rows.get(stored.number)
        if corrected is None:
            return stored
        pairs = list(zip(self.columns, stored.cells, corrected.row.cells, strict=True))
        edited = {column for column, old, new in pairs if not _alike(old, new)}
        if not edited:
            return stored
        same_row = corrected.external_id in {external_id or "", former or ""} and any(
            column not in edited and _plain(old) for column, old, _ in pairs
        )
        if not same_row:
            raise self._another_row(stored.number, corrected.external_id, external_id)
        cells = tuple(new if column in edited else old for column, old, new in pairs)
        still = (issue for issue in stored.issues if issue.location.column not in {*edited, None})
        return Row(stored.number, cells, (*still, *corrected.row.issues))

    def _another_row(self, number: int, reported: str, external_id: str | None) -> UsageError:
        message = (
            f'{self.path}: row {number} was reported for external_id "{reported}", but in the journal it is '
            f'"{external_id or ""}" now, or nothing of it is left: the source was read anew since the report. '
            "Nothing was changed. Write the report again and correct that."
        )
        return UsageError(message)


def read_corrections(path: Path, source: SourceInfo, limits: Limits) -> Corrections:
    """Read corrected rows; columns may have been moved, others added, rows sorted or deleted.

    UsageError when one of our columns or of the source's is missing: a row could go to the wrong place, or lose a value
    in silence.
    """
    with open_source(path, ReaderOptions(limits=limits)) as corrected:
        guarded = corrected.info.format == "csv"  # there, text that looks like a formula has an apostrophe before it
        columns = [unguarded(name) if guarded else name for name in corrected.info.columns]
        added = added_columns(source.columns)
        places = [_place(path, columns, name) for name in source.columns]
        number_at, external_id_at = _place(path, columns, added[0]), _place(path, columns, added[-1])
        rows: dict[int, Corrected] = {}
        for row in corrected.rows():
            number = _number(path, row, row.cells[number_at])
            if number in rows:
                message = f"{path}: row number {number} stands in more than one row. Keep one of them."
                raise UsageError(message)
            cells = tuple(_cell(row.cells[place], guarded=guarded) for place in places)
            external_id = _plain(_cell(row.cells[external_id_at], guarded=guarded))
            rows[number] = Corrected(Row(number, cells, row.issues), external_id)
    return Corrections(path, rows, source.columns)


def _place(path: Path, columns: list[str], name: str) -> int:
    if name not in columns:
        message = (
            f'{path} has no column "{name}". Give back the file that `kanbert-import report` wrote, '
            "with all of its columns; their order does not matter."
        )
        raise UsageError(message)
    return columns.index(name)


def _number(path: Path, row: Row, cell: Cell) -> int:
    try:
        return int(str(cell))
    except ValueError:
        message = f'{path}, row {row.number}: the column "row" must hold the row\'s number in the original file.'
        raise SourceError(message) from None


def _cell(cell: Cell, *, guarded: bool) -> Cell:
    return unguarded(cell) if guarded and isinstance(cell, str) else cell


def _alike(old: Cell, new: Cell) -> bool:
    if isinstance(new, str) and _CUT.search(new):
        return True
    return _plain(old) == _plain(new)


def _plain(cell: Cell) -> str:
    """Write a cell in the one way in which its spellings agree."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return "" if cell is None else str(cell)
