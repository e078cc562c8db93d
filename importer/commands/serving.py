"""A sandbox on its own: started, announced, and stopped by a signal."""

from __future__ import annotations

import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio

from importer.commands.embedded import REHEARSAL, sandbox_errors
from importer.commands.targets import SANDBOX_FILE, SANDBOX_TOKEN
from importer.errors import UsageError
from importer.sandbox import FaultScript, SandboxOptions, begun_anew, load_faults, load_seed, running_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Served", "Serving", "serve_sandbox"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Serving:
    """How to run a sandbox on its own; `reset` deletes what its file holds first."""

    data: Path | None = None
    port: int = 0
    faults: Path | None = None
    seed_file: Path | None = None
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """A sandbox that answers: where, where its pages are, and the file that keeps it."""

    url: str
    pages: str
    data: Path
    begun_anew: bool


def serve_sandbox(serving: Serving, *, ready: Callable[[Served], None]) -> None:
    """Run a sandbox until Ctrl-C; `ready` is told where it is once it answers."""
    data = serving.data or Path(SANDBOX_FILE)
    options = SandboxOptions(
        data=data,
        token=SANDBOX_TOKEN,
        port=serving.port,
        behaviour=REHEARSAL,
        faults=_read("--faults", serving.faults, load_faults) if serving.faults else FaultScript(),
        seed=_read("--seed-file", serving.seed_file, load_seed) if serving.seed_file else None,
    )

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            with sandbox_errors(serving.port):
                forget = stack.enter_context(begun_anew(data)) if serving.reset else None
                sandbox = await stack.enter_async_context(running_sandbox(options))
            if forget:
                forget()
            ready(Served(sandbox.url, sandbox.pages, data, begun_anew=serving.reset))
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                async for _ in signals:
                    return

    anyio.run(serve)


def _read(option: str, path: Path, load: Callable[[Path], T]) -> T:
    try:
        return load(path)
    except OSError as error:
        message = f"{option} {path} cannot be read: {error.strerror or error}."
        raise UsageError(message) from error
    except ValueError as error:
        message = f"{option} {error}"
        raise UsageError(message) from error
