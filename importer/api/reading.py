"""`status`, `report` and `explain`: what a journal tells. Nothing is asked of Kanbert; a run may be going on meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from importer.api.conducting import conducted
from importer.commands import explaining, reading

if TYPE_CHECKING:
    from importer.api.options import FilePath
    from importer.commands.explaining import By
    from importer.report import Summary

__all__ = ["explain", "status", "write_report"]


async def status(journal: FilePath) -> Summary:
    """Say where a journal stands."""
    path = Path(journal)
    return await conducted(lambda _: reading.status(path))


async def write_report(journal: FilePath, output: FilePath) -> Summary:
    """Write the rows with problems to a file, by its suffix: .xlsx, .csv, .jsonl or .html.

    This is `report`; that name is a package's. A file of that name that is there already is put aside.
    """
    path, file = Path(journal), Path(output)
    return (await conducted(lambda _: reading.report(path, file)))[0]


async def explain(journal: FilePath, row: int | str, *, by: By | None = None) -> Summary:
    """Tell the life of one row, by its number in the file or its external_id: `Summary.explained`.

    Raises:
        UsageError: the journal knows no such row, or `row` could be both; `by` says which is meant.
    """
    path = Path(journal)
    return await conducted(lambda _: explaining.explain(path, str(row), by))
