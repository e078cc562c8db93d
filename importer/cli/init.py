"""`init`: a mapping to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli import options
from importer.cli.endings import Output, at_desk, attempted, print_document, readers_may_leave

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.commands.init import Proposal
    from importer.guessing import Guess
    from importer.model import Json

__all__ = ["init"]


def init(
    file: options.File,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="MAPPING",
            help="Where to write the mapping; standard output without it.",
            show_default=False,
        ),
    ] = None,
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    source_token_file: options.SourceTokenFile = None,
    include_archived: options.IncludeArchived = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Write a mapping to start from: the ready one of a known system, or a guess.

    An export of a known system is recognised by its headers. For any other file each line of the guess says why, and
    what is not known stands there as a comment.

    Example: kanbert-import init contacts.xlsx -o contacts.yaml
    """
    from importer.commands import init as commands
    from importer.commands.settings import Fetching
    from importer.mapping import SourceSettings

    said = SourceSettings(sheet, header_row, encoding, delimiter)
    words = Output(json=json, quiet=quiet or json, progress=not no_progress)
    fetching = Fetching(source_token_file, include_archived)
    made = attempted(
        "init", words, lambda: at_desk(words, lambda desk: commands.init(file, output, said, desk, fetching))
    )
    with readers_may_leave():
        if json:
            print_document(_document(made))
            return
        if output is None:
            typer.echo(made.guess.text, nl=False)
        if not quiet or output is not None:
            for line in _lines(made, output):
                typer.echo(line, err=output is None)


def _document(made: Proposal) -> dict[str, Json]:
    from importer.report import document

    lines: list[Json] = []
    for line in made.guess.lines:
        names: list[Json] = [column.name for column in line.columns]
        facts: dict[str, Json] = {"counts": line.active, "todo": line.todo, "reason": line.reason}
        lines.append({"field": line.field or "tags", "columns": names, **facts})
    return {
        **document(made.summary),
        "looks_like": made.guess.looks_like,
        "ready": made.guess.ready,
        "without": list(made.guess.without),
        "origin": made.guess.origin,
        "lines": lines,
        "text": made.guess.text,
    }


def _lines(made: Proposal, output: Path | None) -> Iterator[str]:
    from importer.model import harmless, plural

    guessed, source = made.guess, made.summary.source
    fields = len({line.field or "tags" for line in guessed.lines if line.active})
    yield f"{output or (source and source.path)}: {plural(fields, 'field')} from {guessed.used} of {plural(guessed.columns, 'column')}, by {plural(guessed.rows, 'row')}."
    yield from _recognised(guessed)
    yield from made.summary.notes
    for line in guessed.todo:
        column = " ".join(f'"{column.name}"' for column in line.columns)
        yield harmless(f"{line.field}: {column}: {line.reason}")
    yield f"Next:\n{made.summary.next}"


def _recognised(guessed: Guess) -> Iterator[str]:
    if guessed.looks_like is None:
        return
    article = "an" if guessed.looks_like[0] in "AEIOU" else "a"
    made = "the ready mapping for it was fitted to the file" if guessed.ready else "there is no ready mapping for it"
    yield f"This looks like {article} {guessed.looks_like} export: {made}."
    if guessed.without:
        yield f"Left out, since the file has no column for them: {', '.join(guessed.without)}."
