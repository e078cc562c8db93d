"""The command `sandbox` in a process of its own, which can be killed."""

from __future__ import annotations

import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from anyio.streams.text import TextReceiveStream

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator

    from anyio.abc import Process

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    process: Process

    async def ended_by(self, number: signal.Signals) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        with anyio.fail_after(60):
            return await self.process.wait()


@asynccontextmanager
async def served(data: Path) -> AsyncIterator[Served]:
    """Start the sandbox on a file; it is killed in the end if it still runs."""
    words = [sys.executable, "-m", "importer", "sandbox", "--port", "0", "--data", str(data)]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    async with await anyio.open_process(words, cwd=data.parent, env=environment, stderr=None) as process:
        try:
            yield Served(await _ready(process), process)
        finally:
            if process.returncode is None:
                process.kill()


async def _ready(process: Process) -> str:
    assert process.stdout is not None
    told = ""
    with anyio.fail_after(60):
        async for text in TextReceiveStream(process.stdout):
            told += text
            if told.endswith("\n"):
                break
    assert told.startswith("ready http://127.0.0.1:"), told
    return told.split()[1]
