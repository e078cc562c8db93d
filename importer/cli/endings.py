"""How a command ends: its summary printed, an error said in one message, and the exit code."""

from __future__ import annotations

import os
import shutil
import sys
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from importer.errors import Exit, ImporterError, JournalError, NoTokenError, TargetError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from importer.commands.settings import Desk
    from importer.model import Json
    from importer.report import Summary

__all__ = [
    "Concluded",
    "Output",
    "at_desk",
    "attempted",
    "concluded",
    "desk_of",
    "print_document",
    "print_summary",
    "print_usage_document",
    "readers_may_leave",
]

T = TypeVar("T")

_SIZE = (100, 24)  # of a terminal, where there is none to ask
_RESUMED = {"run", "retry", "undo"}  # the others keep no record of how far they came


class Concluded(SystemExit):
    """The end of a command that has said all there is to say, as opposed to words that made no command."""


@dataclass(frozen=True, slots=True)
class Output:
    """What the user wants to see."""

    json: bool = False
    quiet: bool = False
    progress: bool = True
    yes: bool = False
    lines: bool = False  # documents of one line each


def desk_of(output: Output) -> Desk:
    """Set up the user's place: progress on standard error, questions on the terminal."""
    from importer.commands.settings import Desk
    from importer.progress import progress_for

    progress = progress_for(
        sys.stderr, quiet=output.quiet, enabled=output.progress, monotonic=time.monotonic, dumb=_dumb()
    )
    width = shutil.get_terminal_size(_SIZE).columns
    return Desk(progress, _asking(output), os.environ, folder=Path.cwd(), said_yes=output.yes, width=width)


def _asking(output: Output) -> Callable[[str], bool]:
    def confirm(question: str) -> bool:
        if output.yes:
            return True
        if not sys.stdin.isatty():
            message = f"{question} Nobody can be asked here: add --yes to go on."
            raise UsageError(message)
        try:
            return typer.confirm(question, err=True)
        except typer.Abort:  # Ctrl-C, or the end of what is typed
            typer.echo(err=True)
            raise KeyboardInterrupt from None

    return confirm


def concluded(command: str, output: Output, action: Callable[[Desk], Summary]) -> None:
    """Run a command that ends in a summary, print that, and exit with its code."""
    summary = attempted(command, output, lambda: at_desk(output, action))
    with readers_may_leave(summary.exit_code, journal=summary.journal):
        if output.json:
            from importer.report import document

            print_document(document(summary))
        else:
            print_summary(summary)
    raise Concluded(int(summary.exit_code))


def at_desk(output: Output, action: Callable[[Desk], T]) -> T:
    """Do it, and end the stage that a Ctrl-C or an error has cut off: on a terminal its bar has no line end yet."""
    desk = desk_of(output)
    try:
        return action(desk)
    finally:
        desk.progress.finish()


def attempted(command: str, output: Output, action: Callable[[], T]) -> T:
    """Run an action; an error becomes one message (and one document) and the exit code that belongs to it."""
    try:
        return action()
    except KeyboardInterrupt:
        _end(command, output, Exit.INTERRUPTED, _interrupted(command))
    except ImporterError as error:
        _end(command, output, _exit_of(error), str(error), error)
    except BrokenPipeError:
        raise
    except typer.Abort:
        _end(command, output, Exit.INTERRUPTED, _interrupted(command))
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours, said as one
        _end(command, output, Exit.BUG, _bug(error))


@contextmanager
def readers_may_leave(code: int = Exit.OK, *, journal: str | None = None) -> Iterator[None]:
    """Print for a reader that may close the pipe (`| head`): what is left is not printed, and that is no error.

    Where the output cannot be written, as on a full disk, that is said, and a command that went well ends with 2.
    `journal` holds what was to be printed, where one does.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _print_no_more()
    except OSError as error:
        if error.filename is not None:
            raise  # not of printing
        _print_no_more()
        with suppress(OSError):  # standard error may be as full
            typer.echo(f"kanbert-import: the result could not be printed: {_unprinted(error, journal)}", err=True)
        raise Concluded(int(code) or Exit.USAGE) from error


def _unprinted(error: OSError, journal: str | None) -> str:
    if journal is None:
        return f"{error.strerror}. Make room where standard output goes, and give the command again."
    from importer.model import pasted

    status = pasted("kanbert-import", "status", Path(journal))
    return (
        f"{error.strerror}. What was done stands in the journal: make room where standard output goes, "
        f"and `{status}` prints it again."
    )


def _print_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush when Python ends


def print_summary(summary: Summary) -> None:
    """Print a summary for people on standard output, coloured on a terminal that wants it."""
    from importer.report import summary_lines

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not _dumb()
    for line in summary_lines(summary, width=shutil.get_terminal_size(_SIZE).columns, colour=colour):
        typer.echo(line, color=colour)


def _dumb() -> bool:
    """Whether the terminal knows no codes at all, such as the one inside an editor."""
    return os.environ.get("TERM") == "dumb"


def print_document(facts: dict[str, Json], *, line: bool = False) -> None:
    """Print one JSON document on standard output, nothing else; in one line where others may stand above it."""
    from importer.report import json_text

    typer.echo(json_text(facts, ascii_only=not _takes_everything(), indent=None if line else 2))


def print_usage_document(words: Sequence[str]) -> None:
    """Print the document of words that made no command; the message stands on standard error already."""
    from importer.report import Summary, document

    command = next((word for word in words if not word.startswith("-")), "")
    facts = document(Summary(command=command, exit_code=Exit.USAGE))
    said = {**facts, "error": "these words make no command; standard error says why"}
    print_document(said, line=command == "preview")


def _takes_everything() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _end(command: str, output: Output, code: Exit, message: str, error: ImporterError | None = None) -> NoReturn:
    from importer.model import harmless

    typer.echo("kanbert-import: " + "\n".join(map(harmless, message.split("\n"))), err=True)
    if output.json:
        with readers_may_leave(code):
            print_document({**_figures(command, code, error), "error": message}, line=output.lines)
    raise Concluded(int(code))


def _figures(command: str, code: Exit, error: ImporterError | None) -> dict[str, Json]:
    """Say what was done until an error; null where nobody knows."""
    from importer.commands.summaries import BrokenOffError
    from importer.report import Summary, document

    if not isinstance(error, BrokenOffError):
        return document(Summary(command=command, exit_code=code))
    found = document(replace(error.summary, command=command))
    return found if error.counted else {**found, "counts": None, "pending": None}


def _exit_of(error: ImporterError) -> Exit:
    match error:
        case UsageError():
            return Exit.USAGE
        case TargetError() | NoTokenError():
            return Exit.TARGET
        case JournalError():
            return Exit.JOURNAL
        case _:
            return Exit.BUG


def _interrupted(command: str) -> str:
    next_step = "goes on where it stopped" if command in _RESUMED else "begins anew"
    return f"interrupted. Run the same command again: it {next_step}."


def _bug(error: Exception) -> str:
    trace = "".join(traceback.format_exception(error))
    return f"an error of kanbert-import itself; please send us this text:\n{trace}"
