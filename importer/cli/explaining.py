"""`explain`: one row's life."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from importer.cli import options
from importer.cli.endings import Output, concluded

__all__ = ["explain"]


def explain(
    journal: options.JournalArgument,
    row: Annotated[
        str,
        typer.Argument(
            metavar="ROW_OR_EXTERNAL_ID",
            help="The row's number in the file, or its external_id.",
            show_default=False,
        ),
    ],
    by: Annotated[
        Literal["row", "external_id"] | None,
        typer.Option("--by", help="Which of the two is meant, where it could be both.", show_default=False),
    ] = None,
    json: options.Json = False,
) -> None:
    """Tell one row's life, from its cells to what Kanbert stored.

    Nothing is asked of Kanbert, and nothing is changed; a run may be going on meanwhile.

    Example: kanbert-import explain contacts.journal 17
    """
    from importer.commands.explaining import explain as explain_it

    concluded("explain", Output(json=json), lambda _: explain_it(journal, row, by))
