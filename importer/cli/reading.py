"""`status` and `report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, attempted, concluded, print_document

__all__ = ["report", "status"]


def status(journal: options.JournalArgument, json: options.Json = False) -> None:
    """Say where a journal stands; a run may be going on meanwhile.

    Example: kanbert-import status contacts.journal
    """
    from importer.commands import reading

    concluded("status", Output(json=json), lambda _: reading.status(journal))


def report(
    journal: options.JournalArgument,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Where to: .xlsx, .csv or .jsonl.", show_default=False),
    ],
    json: options.Json = False,
) -> None:
    """Write the rows with problems to a file to correct.

    Each comes with its reason and what to do.

    Example: kanbert-import report contacts.journal -o contacts-errors.xlsx
    """
    from importer.commands import reading
    from importer.report import document

    summary, rows = attempted("report", Output(json=json), lambda: reading.report(journal, output))
    if json:
        print_document(document(summary))
        return
    typer.echo(f"{output}: {rows} {'row' if rows == 1 else 'rows'} to look at.")
    for note in summary.notes:
        typer.echo(note)
    if summary.next:
        typer.echo(f"Correct them there, then:\n{summary.next}")
