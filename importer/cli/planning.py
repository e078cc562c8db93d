"""`plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, concluded

__all__ = ["plan"]


def plan(
    file: options.File,
    mapping: options.MappingOption,
    to: options.To,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PLAN",
            help="The plan file.  [default: the file's name with .plan]",
            show_default=False,
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Show all rows, not only some of each action.")] = False,
    decisions: options.Decisions = None,
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    source_token_file: options.SourceTokenFile = None,
    include_archived: options.IncludeArchived = False,
    since_last: options.SinceLast = False,
    token_file: options.TokenFile = None,
    lookup: options.Lookup = "auto",
    archived: options.Archived = "report",
    concurrency: options.Concurrency = 8,
    rate: options.Rate = None,
    limit: options.Limit = None,
    rows: options.Rows = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Look everything up and say what a run would do; nothing is written.

    What it says is kept in a plan file, which `run --plan` executes as it was shown.

    Example: kanbert-import plan contacts.xlsx -m mappings/moneybird.yaml --to sandbox
    """
    from importer.commands.planning import plan as plan_it
    from importer.commands.settings import Fetching, Job, Writing
    from importer.mapping import SourceSettings

    writing = Writing(
        to=to, token_file=token_file, lookup=lookup, archived=archived, concurrency=concurrency, rate=rate
    )
    reading = SourceSettings(sheet, header_row, encoding, delimiter)
    job = Job(file, mapping, limit, decisions, reading, rows, Fetching(source_token_file, include_archived, since_last))
    said = Output(json=json, quiet=quiet, progress=not no_progress)
    concluded("plan", said, lambda desk: plan_it(job, output, writing, desk, full=full))
