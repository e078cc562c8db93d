"""The sandbox as a target: started for as long as a command runs. Apart, since its server takes a quarter of a second to import."""

from __future__ import annotations

import errno
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from importer.errors import UsageError
from importer.sandbox import Behaviour, SandboxOptions, identity_of, running_sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

__all__ = ["REHEARSAL", "embedded_sandbox", "identity_of_file", "sandbox_errors"]

REHEARSAL = Behaviour(unknown_custom_field="store")
"""The sandbox for users takes any custom field: nobody has told it which ones their space has."""


@asynccontextmanager
async def embedded_sandbox(file: Path, token: str) -> AsyncIterator[str]:
    """Serve the sandbox of a file; where it listens.

    Raises:
        UsageError: its file cannot be used.
    """
    async with AsyncExitStack() as stack:
        sandbox = running_sandbox(SandboxOptions(data=file, token=token, behaviour=REHEARSAL))
        with sandbox_errors():
            started = await stack.enter_async_context(sandbox)
        yield started.url


def identity_of_file(file: Path) -> str:
    """Say which sandbox a file holds; UsageError where it cannot be used."""
    with sandbox_errors():
        return identity_of(file)


@contextmanager
def sandbox_errors(port: int = 0) -> Iterator[None]:
    """Say what keeps a sandbox from starting as what it is: its file, or its port."""
    try:
        yield
    except ValueError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EACCES} and not error.filename:
            message = f"the sandbox cannot listen on port {port}: {error.strerror}. Take another with --port."
            raise UsageError(message) from error
        message = f"the sandbox's file {error.filename or ''} cannot be used: {error.strerror or error}."
        raise UsageError(message) from error
