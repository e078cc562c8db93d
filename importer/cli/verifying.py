"""`verify`: what is in Kanbert, compared with what the mapping wanted."""

from __future__ import annotations

from typing import Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, concluded

__all__ = ["verify"]


def verify(
    journal: options.JournalArgument,
    full: Annotated[bool, typer.Option("--full", help="Show every row that is not the same.")] = False,
    token_file: options.TokenFile = None,
    lookup: options.Lookup = "auto",
    concurrency: options.Concurrency = 8,
    rate: options.Rate = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Read back what should be in Kanbert, and compare field by field.

    Of each row: = same, * differs, + missing, ! not to be told. Nothing is written to Kanbert; what was found is in the
    next `report`.

    Example: kanbert-import verify contacts.journal
    """
    from importer.commands import verifying
    from importer.commands.settings import Writing

    writing = Writing(token_file=token_file, lookup=lookup, concurrency=concurrency, rate=rate)
    output = Output(json=json, quiet=quiet, progress=not no_progress)
    concluded("verify", output, lambda desk: verifying.verify(journal, writing, desk, full=full))
