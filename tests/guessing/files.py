"""Files to guess from, and what a guess makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from importer.guessing import Guess, guess
from importer.mapping import SourceSettings, parse_mapping
from importer.model import Cell, Row, SourceInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.mapping import Mapping

PATH = "old-crm.csv"


def guessed(columns: Sequence[str], *rows: Sequence[Cell], path: str = PATH) -> Guess:
    """Guess from a header and rows; a short row ends in blanks."""
    info = SourceInfo(path, "0" * 64, "csv", tuple(columns))
    full = [Row(number, tuple(row) + (None,) * (len(columns) - len(row))) for number, row in enumerate(rows, 2)]
    return guess(info, full, SourceSettings())


def mapping_of(made: Guess) -> Mapping:
    """Read the text back as `check` does; a mistake in it is raised."""
    return parse_mapping(made.text, path=Path("guess.yaml"))


def passes_check(made: Guess, columns: Sequence[str]) -> None:
    """Hold a guess to what `check` and `check FILE` ask of a mapping."""
    mapping = mapping_of(made)
    assert mapping.run_tests() == ()
    mapping.compile(columns, file=PATH)


def fields_of(made: Guess) -> dict[str, str | tuple[str, ...]]:
    """Field to the column it is from, or to several."""
    names = {line.field: tuple(one.name for one in line.columns) for line in made.lines if line.active and line.field}
    return {field: columns[0] if len(columns) == 1 else columns for field, columns in names.items()}
