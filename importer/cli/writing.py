"""`run` and `retry`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, concluded

__all__ = ["retry", "run"]


def run(
    context: typer.Context,
    file: options.OptionalFile = None,
    mapping: options.OptionalMapping = None,
    to: options.OptionalTo = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="PLAN",
            help="A plan that `plan` made, to be carried out as shown; it stands for FILE, -m and --to.",
            show_default=False,
        ),
    ] = None,
    decisions: options.Decisions = None,
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    source_token_file: options.SourceTokenFile = None,
    include_archived: options.IncludeArchived = False,
    since_last: options.SinceLast = False,
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
    rows: options.Rows = None,
    canary: options.Canary = False,
    yes: options.Yes = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Import a file; the same command again resumes.

    Nothing is sent twice, however a run ended. Of a plan (--plan) each row is done as it was shown, or refused as stale.

    Example: kanbert-import run contacts.xlsx -m mappings/moneybird.yaml --to sandbox
    """
    from importer.commands.executing import run_plan
    from importer.commands.settings import Fetching, Job, Writing
    from importer.commands.writing import run as run_it
    from importer.mapping import SourceSettings

    writing = Writing(
        to=to or "",
        token_file=token_file,
        journal=journal,
        lookup=lookup,
        archived=archived,
        concurrency=concurrency,
        rate=rate,
        max_age=max_age,
        max_errors=max_errors,
        max_error_rate=max_error_rate,
        canary=canary,
    )
    output = Output(json=json, quiet=quiet, progress=not no_progress, yes=yes)
    if plan is not None:
        _check_alone(context)
        concluded("run", output, lambda desk: run_plan(plan, writing, desk, Fetching(source_token_file)))
    if file is None or mapping is None or to is None:
        missing = "FILE" if file is None else "--mapping / -m" if mapping is None else "--to"
        raise typer.BadParameter("name it, or a plan with --plan", context, param_hint=missing)
    said = SourceSettings(sheet, header_row, encoding, delimiter)
    job = Job(file, mapping, limit, decisions, said, rows, Fetching(source_token_file, include_archived, since_last))
    concluded("run", output, lambda desk: run_it(job, writing, desk))


_OF_A_PLAN = {
    "file": "FILE",
    "mapping": "-m",
    "to": "--to",
    "decisions": "--decisions",
    "sheet": "--sheet",
    "header_row": "--header-row",
    "encoding": "--encoding",
    "delimiter": "--delimiter",
    "archived": "--archived",
    "limit": "--limit",
    "rows": "--rows",
    "include_archived": "--include-archived",
    "since_last": "--since-last",
}


def _check_alone(context: typer.Context) -> None:
    """Refuse what a plan was made by: it cannot be executed by something else."""
    for name, word in _OF_A_PLAN.items():
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            message = f"{word} cannot be given with --plan: the plan was made by it. Plan again to have it otherwise."
            raise typer.BadParameter(message, context)


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
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
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

    As they are, by a corrected mapping (-m), or as corrected in the file that `report` wrote (--rows): then those that
    were edited, whatever spreadsheet saved it, those that an edit has freed of their duplicate, and those still open.
    --sheet, --header-row, --encoding and --delimiter are of that file.

    Example: kanbert-import retry contacts.journal --rows contacts-errors.xlsx
    """
    from importer.commands.settings import Fixed, Rules, Writing
    from importer.commands.writing import retry as retry_it
    from importer.mapping import SourceSettings

    reading = SourceSettings(sheet, header_row, encoding, delimiter)
    if rows is None and reading != SourceSettings():
        message = "--sheet, --header-row, --encoding and --delimiter say how the file of --rows is read: name it."
        raise typer.BadParameter(message, param_hint="--rows")
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
    fixed = None if rows is None else Fixed(rows, reading)
    output = Output(json=json, quiet=quiet, progress=not no_progress, yes=yes)
    concluded("retry", output, lambda desk: retry_it(journal, Rules(mapping, decisions), fixed, writing, desk))
