"""Turns a row that spans several lines into the doubt whether it is several rows: two stray quotes make one cell of them.

Such a file is valid CSV, so only the shape tells: a line inside of the cell is cut by delimiters as a whole row is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.readers.dialect import Dialect

__all__ = ["holds_rows"]

_BREAK = re.compile(r"\r\n|\r|\n")
_LEAST_COLUMNS = 3  # one delimiter stands in many a line of a text


def holds_rows(record: Sequence[str], header: Sequence[str], dialect: Dialect) -> bool:
    """Whether a cell holds rows: a line inside of it is one, or both its ends fit to be one with the cells around it.

    A delimiter before a blank counts as punctuation ("milk, eggs, bread"), unless the file is written so.
    """
    width, delimiter = len(header), dialect.delimiter
    if delimiter is None or width < _LEAST_COLUMNS:
        return False
    is_spaced = dialect.blank_before_quote or any(name.startswith(" ") for name in header[1:])
    punctuation = "" if is_spaced else delimiter + " "

    def cells(text: str) -> int:
        kept = text.replace(punctuation, "") if punctuation else text
        count = kept.count(delimiter) + 1
        return count if count <= width else max(width, kept.rstrip(delimiter).count(delimiter) + 1)

    for place, cell in enumerate(record):
        first, *inner = map(cells, _BREAK.split(cell))
        last = inner.pop() if inner else 0
        if width in inner or place + first == width == last + len(record) - place - 1:
            return True
    return False
