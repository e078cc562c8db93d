"""`undo`."""

from __future__ import annotations

from typing import Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, concluded

__all__ = ["undo"]


def undo(
    journal: options.JournalArgument,
    without_offer_check: Annotated[
        bool,
        typer.Option(
            "--without-offer-check",
            help="Archive companies without asking whether offers refer to them; the token then needs no offer:read.",
        ),
    ] = False,
    token_file: options.TokenFile = None,
    concurrency: options.Concurrency = 8,
    rate: options.Rate = None,
    max_age: options.MaxAge = 60.0,
    yes: options.Yes = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Take back what the runs of a journal did; the same command again resumes.

    Companies that were created are archived, unless an offer refers to them; fields and external identifiers are put
    back; what was restored is archived again. A company that somebody changed since is kept as it is, and named.

    Example: kanbert-import undo contacts.journal
    """
    from importer.commands.settings import Writing
    from importer.commands.undoing import undo as undo_it

    writing = Writing(token_file=token_file, concurrency=concurrency, rate=rate, max_age=max_age)
    output = Output(json=json, quiet=quiet, progress=not no_progress, yes=yes)
    concluded("undo", output, lambda desk: undo_it(journal, writing, desk, ask_offers=not without_offer_check))
