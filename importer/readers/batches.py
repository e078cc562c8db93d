"""The words for rows on their way to another process, many at once, and those of any source."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from importer.errors import SourceError
from importer.readers.columns import packed_rows
from importer.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from importer.model import Cell, Issue, Row
    from importer.readers.columns import Packed

    Parts: TypeAlias = "tuple[Sequence[int], list[Packed], Mapping[int, tuple[Issue, ...]]]"
    """The numbers of rows, their cells by column, and the issues of the first, the second ... row."""

__all__ = ["BatchedSource", "Batches", "Parts", "RowBatches"]


class Batches(Protocol):
    """The rows of a source, many at once.

    Contract: what comes before an error is sound, and is given; the error is not raised, but there to be looked at.
    """

    ended: bool  # whether there are no more rows
    error: SourceError | None  # why there are none

    def take(self, count: int) -> Parts:
        """Read on so many rows; blank ones among them are not given."""
        ...


@runtime_checkable
class BatchedSource(Source, Protocol):
    """A source that has a quicker way to its rows than one by one."""

    def batches(self) -> Batches:
        """Read the rows, from the first on; see `Source.rows`."""
        ...


class RowBatches:
    """The rows of any source as `Batches`."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self.ended = False
        self.error: SourceError | None = None
        self._rows = rows

    def take(self, count: int) -> Parts:
        """Take rows apart; see `Batches`."""
        numbers, cells, issues = list[int](), list["tuple[Cell, ...]"](), dict[int, "tuple[Issue, ...]"]()
        try:
            for index, row in enumerate(islice(self._rows, count)):
                numbers.append(row.number)
                cells.append(row.cells)
                if row.issues:
                    issues[index] = row.issues
        except SourceError as error:
            self.error = error
        self.ended = len(numbers) < count
        return numbers, packed_rows(cells), issues
