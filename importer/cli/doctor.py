"""`doctor`: what a run into a target would trip over."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli import options
from importer.cli.endings import Concluded, Output, attempted, desk_of, print_document, readers_may_leave

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.commands.diagnosis import Check
    from importer.commands.doctor import Diagnosis
    from importer.model import Json

__all__ = ["doctor"]

_MARKS = {"ok": "ok", "warning": "warning", "problem": "PROBLEM", "not-checked": "not checked"}
_INKS = {"warning": typer.colors.YELLOW, "problem": typer.colors.RED}


def doctor(
    to: options.To,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping",
            "-m",
            metavar="MAPPING",
            help="Hold the external_origin of this mapping against what is in the space.",
            show_default=False,
        ),
    ] = None,
    token_file: options.TokenFile = None,
    probe_patch: Annotated[
        bool,
        typer.Option(
            "--probe-patch", help="Write one value that a company has already, to see that nothing else changes."
        ),
    ] = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Ask a target what a run would trip over.

    Address, certificate, token, scopes, origin, page size, rate limit, clock. Nothing is written unless --probe-patch
    is given.

    Example: kanbert-import doctor --to kanbert -m mappings/moneybird.yaml
    """
    from importer.commands.doctor import Checkup, doctor as examine

    output = Output(json=json, quiet=True, yes=yes)
    checkup = Checkup(to, token_file, mapping, probe_patch)
    found = attempted("doctor", output, lambda: examine(checkup, desk_of(output)))
    with readers_may_leave():
        if json:
            print_document(_document(found))
        else:
            colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
            for line in _lines(found, shutil.get_terminal_size((100, 24)).columns, colour=colour):
                typer.echo(line, color=colour)
    raise Concluded(int(found.exit_code))


def _document(found: Diagnosis) -> dict[str, Json]:
    from importer.report import RequestFact, Summary, document

    sent = found.requests
    summary = Summary(
        command="doctor",
        exit_code=found.exit_code,
        mapping=found.mapping,
        requests=RequestFact(sent.total, sent.read, sent.write, sent.retried, sent.throttled),
        duration=found.duration,
    )
    checks: list[Json] = [
        {"name": one.name, "state": one.state.value, "found": one.found, "why": one.why, "hint": one.hint or None}
        for one in found.checks
    ]
    return {**document(summary), "target": {"url": found.url, "origin": found.origin}, "checks": checks}


def _lines(found: Diagnosis, width: int, *, colour: bool) -> Iterator[str]:
    from importer.report.fitting import wrapped

    yield from wrapped(found.url, width, first=f"{'target':<9}", rest=" " * 9)
    if found.mapping is not None:
        text = f"{found.mapping.path}, origin {found.origin}"
        yield from wrapped(text, width, first=f"{'mapping':<9}", rest=" " * 9)
    yield ""
    for check in found.checks:
        lines = wrapped(check.found, width, first=f"{_MARKS[check.state]:<12}{check.name:<13}", rest=" " * 25)
        yield from (_inked(line, check, colour=colour) for line in lines)
    hints = [check for check in found.checks if check.hint]
    if hints:
        yield from ("", "What to do:")
    for check in hints:
        yield _inked(check.name, check, colour=colour)
        yield from wrapped(check.why, width, first="    ", rest="    ")
        yield from wrapped(check.hint, width, first="    -> ", rest="       ")
    yield ""
    yield from wrapped(_ending(found), width)


def _inked(line: str, check: Check, *, colour: bool) -> str:
    ink = _INKS.get(check.state)
    return typer.style(line, fg=ink) if colour and ink else line


def _ending(found: Diagnosis) -> str:
    states = [check.state.value for check in found.checks]
    if "problem" in states:
        return "A run would be refused: see what to do above."
    if "warning" in states:
        return "A run would be let in; look at the warnings first."
    return "A run would be let in."
