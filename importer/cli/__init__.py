"""The words of the user -> commands, exit codes, and what is printed."""

from __future__ import annotations

import io
import sys

import typer

from importer import __version__
from importer.cli import (
    doctor,
    explaining,
    export,
    init,
    offline,
    planning,
    reading,
    sandbox,
    undoing,
    verifying,
    writing,
)
from importer.cli.endings import Concluded, print_usage_document, readers_may_leave
from importer.errors import Exit

__all__ = ["app", "main"]

app = typer.Typer(
    name="kanbert-import",
    help="Moves a spreadsheet of companies into Kanbert: once, completely, and provably.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
)
for command in (
    init.init,
    export.export,
    offline.check,
    offline.preview,
    offline.validate,
    planning.plan,
    writing.run,
    writing.retry,
    verifying.verify,
    undoing.undo,
    reading.status,
    reading.report,
    explaining.explain,
    doctor.doctor,
    sandbox.sandbox,
):
    app.command()(command)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"kanbert-import {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Moves a spreadsheet of companies into Kanbert: once, completely, and provably."""


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of cp1252 shows the rest all the same
    try:
        with readers_may_leave():  # of --help and --version, and whatever a command leaves to us
            app()
    except SystemExit as ended:
        words = sys.argv[1:]
        if ended.code == Exit.USAGE and not isinstance(ended, Concluded) and "--json" in words:
            with readers_may_leave(Exit.USAGE):
                print_usage_document(words)
        raise
