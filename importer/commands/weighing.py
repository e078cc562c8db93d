"""A source and a mapper -> its rows as far as they are counted, and what its columns show; large files by several processes.

Each process goes through the whole file, and parses, looks at and maps every second, third or fourth block of rows; to go
past the others is a twentieth of the work. They come in their order all the same, and nothing else differs.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, cast

from importer.commands.batches import few_collections, in_batches
from importer.errors import SourceError
from importer.forks import LostCopyError, copies, processors
from importer.readers import BLOCK, ShareableSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importer.commands.columns import Columns
    from importer.mapping import Mapper
    from importer.model import Row, Weighed
    from importer.progress import Progress
    from importer.readers import Source

__all__ = ["Weighing"]

_LARGE_BYTES = 2_000_000  # from here on a second process is worth the 50 ms it needs
_MOST_PROCESSES = 4  # to go through the file, and to count its rows here, takes as long with any number


@dataclass(slots=True)
class Weighing:
    """Weighs the rows of a source once; how many were blank, and what the columns show, is known afterwards."""

    source: Source
    mapper: Mapper
    columns: Columns
    watching: bool  # whether the columns are still to be looked at
    blank_rows: int = 0

    def rows(self, progress: Progress) -> Iterator[Weighed]:
        """Give the rows in their order, a batch at a time.

        Raises:
            SourceError: reading cannot go on.
        """
        processes = self._processes()
        with few_collections():
            found = self._by_several(processes, progress) if processes > 1 else self._alone(progress)
            for weighed in found:
                yield weighed
                progress.advance(len(weighed.numbers))
        progress.finish()

    def _processes(self) -> int:
        if self.mapper.notes_usage or not isinstance(self.source, ShareableSource):
            return 1
        with suppress(OSError):  # a file that is gone by now is the reader's to tell
            if Path(self.source.info.path).stat().st_size >= _LARGE_BYTES:
                return min(processors(), _MOST_PROCESSES)
        return 1

    def _alone(self, progress: Progress) -> Iterator[Weighed]:
        progress.start("reading", None)
        yield from self._summed_up(self._weighed(in_batches(self.source.rows())))

    def _by_several(self, processes: int, progress: Progress) -> Iterator[Weighed]:
        try:
            with copies(lambda number: self.share(number, processes), processes) as shares:
                progress.start("reading", None)
                yield from self._summed_up(merge(*shares, key=_first_number))
        except LostCopyError as error:
            message = f"{self.source.info.path}: {error}. Run it again."
            raise SourceError(message) from error

    def _summed_up(self, found: Iterable[Weighed | Rest]) -> Iterator[Weighed]:
        """Give the rows, and take what was seen besides."""
        self.blank_rows = 0
        for one in found:
            if not isinstance(one, Rest):
                yield one
                continue
            self.blank_rows += one.blank_rows
            if self.watching and one.columns is not self.columns:
                self.columns.absorb(one.columns)

    def share(self, number: int, of: int) -> Iterator[Weighed | Rest]:
        """Weigh every `of`-th block of rows, beginning with the one of this number, and say at the end what was seen besides."""
        rows = cast("ShareableSource", self.source).share(number, of)
        return self._weighed(list(block) for _, block in groupby(rows, lambda row: row.number // BLOCK))

    def _weighed(self, batches: Iterable[list[Row]]) -> Iterator[Weighed | Rest]:
        for rows in batches:
            if self.watching:
                self.columns.feed_all(rows)
            yield self.mapper.weigh_all(rows)
        yield Rest(self.columns, self.source.blank_rows)


def _first_number(found: Weighed | Rest) -> float:
    return inf if isinstance(found, Rest) else found.numbers[0]


@dataclass(frozen=True, slots=True)
class Rest:
    """What one process says when it is done."""

    columns: Columns
    blank_rows: int  # in its share
