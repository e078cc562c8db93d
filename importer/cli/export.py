"""`export`: contacts as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, attempted, desk_of, print_document, readers_may_leave

__all__ = ["export"]


def export(
    source: Annotated[
        Path,
        typer.Argument(metavar="ADDRESS", help="moneybird://ADMINISTRATION_ID, with ?FILTERS.", show_default=False),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to: .xlsx or .csv.", show_default=False)
    ],
    source_token_file: options.SourceTokenFile = None,
    include_archived: options.IncludeArchived = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Write the contacts of a Moneybird administration to a file, to be edited and imported.

    Columns are called as Moneybird's API calls them; nothing in a cell runs as a formula.

    Example: kanbert-import export moneybird://123456789012345678 -o contacts.xlsx
    """
    from importer.commands import export as commands
    from importer.commands.settings import Fetching
    from importer.report import document

    fetching, words = (
        Fetching(source_token_file, include_archived),
        Output(json=json, quiet=quiet, progress=not no_progress),
    )
    summary = attempted("export", words, lambda: commands.export(source, output, fetching, desk_of(words)))
    with readers_may_leave():
        if json:
            print_document(document(summary))
            return
        for note in summary.notes:
            typer.echo(note)
        typer.echo(f"Next:\n{summary.next}")
