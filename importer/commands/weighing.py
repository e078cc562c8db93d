"""A source and a mapper -> its rows as far as they are counted, and what its columns show; large files by several processes.

Each process reads the whole file, which is a sixth of the work, and looks at and maps every second, third or fourth batch.
The rows come in their order all the same, and nothing else differs.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from importer.commands.batches import few_collections, in_batches
from importer.errors import SourceError
from importer.forks import LostCopyError, copies, processors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from importer.commands.columns import Columns
    from importer.mapping import Mapper
    from importer.model import Weighed
    from importer.progress import Progress
    from importer.readers import Source

__all__ = ["Weighing"]

_LARGE_BYTES = 2_000_000  # from here on a second process is worth the 50 ms it needs
_MOST_PROCESSES = 4  # to read the file takes each of them as long


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
            SourceError: reading cannot go on; the rows before came before.
        """
        processes = self._processes()
        with few_collections():
            found = self._by_several(processes, progress) if processes > 1 else self._alone(progress)
            for weighed in found:
                yield weighed
                progress.advance(len(weighed.numbers))
        progress.finish()

    def _processes(self) -> int:
        info = self.source.info
        if info.format != "csv" or Path(info.path).stat().st_size < _LARGE_BYTES:
            return 1
        return min(processors(), _MOST_PROCESSES)

    def _alone(self, progress: Progress) -> Iterator[Weighed]:
        progress.start("reading", None)
        for found in self.share(0, 1):
            if isinstance(found, Rest):
                self._sum_up([found])
            else:
                yield found

    def _by_several(self, processes: int, progress: Progress) -> Iterator[Weighed]:
        try:
            with copies(lambda number: self.share(number, processes), processes) as shares:
                progress.start("reading", None)
                yield from self._by_turns(shares)
        except LostCopyError as error:
            message = f"{self.source.info.path}: {error}. Run it again."
            raise SourceError(message) from error

    def _by_turns(self, shares: Sequence[Iterator[Weighed | Rest]]) -> Iterator[Weighed]:
        rests = list[Rest]()
        waiting = deque(shares)
        while waiting:
            found = next(waiting[0])
            if isinstance(found, Rest):
                rests.append(found)
                waiting.popleft()
            else:
                yield found
                waiting.rotate(-1)
        self._sum_up(rests)

    def _sum_up(self, rests: Sequence[Rest]) -> None:
        self.blank_rows = rests[0].blank_rows
        for rest in rests:
            if self.watching and rest.columns is not self.columns:
                self.columns.absorb(rest.columns)

    def share(self, number: int, of: int) -> Iterator[Weighed | Rest]:
        """Weigh every `of`-th batch, beginning with the one of this number, and say at the end what was seen besides."""
        for place, rows in enumerate(in_batches(self.source.rows())):
            if place % of == number:
                if self.watching:
                    self.columns.feed_all(rows)
                yield self.mapper.weigh_all(rows)
        yield Rest(self.columns, self.source.blank_rows)


@dataclass(frozen=True, slots=True)
class Rest:
    """What one process says when it is done."""

    columns: Columns
    blank_rows: int  # of the whole source
