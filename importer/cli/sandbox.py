"""`sandbox`: the local Kanbert on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from importer.cli.endings import Output, attempted

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
) -> None:
    """Run a local Kanbert on this machine until Ctrl-C.

    It prints `ready` and its address once it answers; its token is `sandbox`.

    Example: kanbert-import sandbox --port 8090
    """
    from importer import commands

    def serve() -> None:
        commands.serve_sandbox(data, port, faults, ready=lambda url: typer.echo(f"ready {url}"))

    attempted("sandbox", Output(), serve)
