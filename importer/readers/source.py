"""The words every reader speaks: the options it is given, and the source it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from importer.readers.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.model import Row, SourceInfo

__all__ = ["BLOCK", "ReaderOptions", "ShareableSource", "Source"]

_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """What the user says about a file; None means: detect it."""

    sheet: str | None = None  # a workbook's sheet by name; case and outer blanks do not count
    header_row: int | None = None  # from 1, as the user's program shows it; for CSV a line of the file
    encoding: str | None = None  # Python's name of it
    delimiter: str | None = None  # one character, or the word "tab"
    limits: Limits = _LIMITS


class Source(Protocol):
    """An open file that gives its rows, as often as asked.

    Contract: `info` is complete before a row is read. `rows()` starts anew at each call, two iterations do not disturb
    each other, row numbers only grow, and every row has exactly as many cells as `info.columns`. Rows whose cells are
    all blank are passed over and counted. An iteration that is given up releases its file when its iterator is closed,
    at the latest when the source is. What stops reading is a `SourceError`, and no row after it would be sound.
    """

    @property
    def info(self) -> SourceInfo:
        """What is known of the file, and what was detected."""
        ...

    @property
    def blank_rows(self) -> int:
        """Fully blank rows below the header that the latest iteration has passed over so far."""
        ...

    def rows(self) -> Iterator[Row]:
        """Read the rows below the header, lazily.

        Raises:
            SourceError: reading cannot go on; the message names the line and what to do.
        """
        ...


BLOCK = 256
"""Rows with numbers from one multiple of this up to the next are a block."""


@runtime_checkable
class ShareableSource(Source, Protocol):
    """A source that several processes can read at the same time, each a share of it."""

    def share(self, number: int, of: int) -> Iterator[Row]:
        """Read the rows of every `of`-th block, beginning with the one of this number; `blank_rows` counts in these alone.

        Raises:
            SourceError: reading cannot go on, at whichever row of the file.
        """
        ...
