"""`status` and `report`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, attempted, concluded, print_document, readers_may_leave

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.report import Summary

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
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to: .xlsx, .html, .csv or .jsonl.", show_default=False
        ),
    ],
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the rows with problems to a file to correct, or to look at.

    Each comes with its reason and what to do. Workbooks (.xlsx) and .csv can be corrected and given back with `retry
    --rows`; .html is one page for a browser, to search and filter; .jsonl is for programs.

    Example: kanbert-import report contacts.journal -o contacts-errors.xlsx
    """
    from importer.commands import reading
    from importer.report import document

    summary, rows = attempted("report", Output(json=json), lambda: reading.report(journal, output))
    with readers_may_leave():
        if json:
            print_document(document(summary))
        else:
            for line in _report_lines(output, rows, summary if not quiet else replace(summary, notes=())):
                typer.echo(line)


def _report_lines(output: Path, rows: int, summary: Summary) -> Iterator[str]:
    from importer.model import plural

    yield f"{output}: {plural(rows, 'row')} to look at."
    yield from summary.notes
    if summary.next:
        given_back = "--rows" in summary.next.split()
        yield f"{'Correct them there, then' if given_back else 'Next'}:\n{summary.next}"
