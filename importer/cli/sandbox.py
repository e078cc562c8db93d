"""`sandbox`: the local Kanbert on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from importer.cli.endings import Output, attempted, readers_may_leave

__all__ = ["sandbox"]


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="P", help="The port; 0 takes a free one.")] = 0,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where the companies are kept.  [default: kanbert-sandbox.db]", show_default=False
        ),
    ] = None,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A script of faults (YAML).", show_default=False)
    ] = None,
    seed_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What an empty sandbox begins with (YAML).", show_default=False),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Delete what the sandbox's file holds, and begin anew.")
    ] = False,
) -> None:
    """Run a local Kanbert on this machine until Ctrl-C.

    It prints `ready` and its address once it answers; its token is `sandbox`, and its pages are at the address's top.
    What it holds is kept in FILE and is there again when it is started again.

    Example: kanbert-import sandbox --port 8090
    """
    from importer.commands import serving

    def announce(served: serving.Served) -> None:
        with readers_may_leave():
            typer.echo(f"ready {served.url}")
        typer.echo(f"Look at it: {served.pages} (its token: sandbox; kept in {served.data}; Ctrl-C ends it)", err=True)
        if served.begun_anew:
            typer.echo(
                "Begun anew: delete the journals of runs into the former one, which remember its companies.", err=True
            )

    def serve() -> None:
        serving.serve_sandbox(serving.Serving(data, port, faults, seed_file, reset=reset), ready=announce)

    attempted("sandbox", Output(), serve)
