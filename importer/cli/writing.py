"""`run` and `retry`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, concluded

__all__ = ["retry", "run"]


def run(
    file: options.File,
    mapping: options.MappingOption,
    to: options.To,
    decisions: options.Decisions = None,
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    journal: options.JournalOption = None,
    token_file: options.TokenFile = None,
    lookup: options.Lookup = "auto",
    archived: options.Archived = "report",
    concurrency: options.Concurrency = 8,
    rate: options.Rate = None,
    max_age: options.MaxAge = 60.0,
    max_errors: options.MaxErrors = None,
    max_error_rate: options.MaxErrorRate = None,
    limit: options.Limit = None,
    yes: options.Yes = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Import a file; the same command again resumes.

    Nothing is sent twice, however a run ended.

    Example: kanbert-import run contacts.xlsx -m mappings/moneybird.yaml --to sandbox
    """
    from importer.commands.settings import Job, Writing
    from importer.commands.writing import run as run_it
    from importer.mapping import SourceSettings

    writing = Writing(
        to=to,
        token_file=token_file,
        journal=journal,
        lookup=lookup,
        archived=archived,
        concurrency=concurrency,
        rate=rate,
        max_age=max_age,
        max_errors=max_errors,
        max_error_rate=max_error_rate,
    )
    job = Job(file, mapping, limit, decisions, SourceSettings(sheet, header_row, encoding, delimiter))
    output = Output(json=json, quiet=quiet, progress=not no_progress, yes=yes)
    concluded("run", output, lambda desk: run_it(job, writing, desk))


def retry(
    journal: options.JournalArgument,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping",
            "-m",
            metavar="MAPPING",
            help="A corrected mapping.  [default: the one of the last run]",
            show_default=False,
        ),
    ] = None,
    decisions: options.Decisions = None,
    rows: Annotated[
        Path | None,
        typer.Option(
            "--rows", metavar="FIXED", help="Corrected rows: the file that `report` wrote, edited.", show_default=False
        ),
    ] = None,
    token_file: options.TokenFile = None,
    lookup: options.Lookup = "auto",
    archived: options.Archived = "report",
    concurrency: options.Concurrency = 8,
    rate: options.Rate = None,
    max_age: options.MaxAge = 60.0,
    max_errors: options.MaxErrors = None,
    max_error_rate: options.MaxErrorRate = None,
    yes: options.Yes = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Try the rows again that are not in Kanbert yet.

    As they are, by a corrected mapping (-m), or as corrected in the file that `report` wrote (--rows).

    Example: kanbert-import retry contacts.journal --rows contacts-errors.xlsx
    """
    from importer.commands.settings import Rules, Writing
    from importer.commands.writing import retry as retry_it

    writing = Writing(
        token_file=token_file,
        lookup=lookup,
        archived=archived,
        concurrency=concurrency,
        rate=rate,
        max_age=max_age,
        max_errors=max_errors,
        max_error_rate=max_error_rate,
    )
    output = Output(json=json, quiet=quiet, progress=not no_progress, yes=yes)
    concluded("retry", output, lambda desk: retry_it(journal, Rules(mapping, decisions), rows, writing, desk))
