"""`kanbert-import` in processes of their own, forked from one that has imported everything: in 30 ms instead of 900.

Python's fork server does it: a process without threads or an event loop, so that a copy of it is like a fresh one, with
real files and signals. What comes before `main` is not in them: the loading of the program, and what the interpreter does
in the end. Tests of those start `python -m importer` itself, as do a few others, so that both are seen to be the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from functools import partial
from multiprocessing import get_context
from multiprocessing.reduction import DupFd
from typing import IO, TYPE_CHECKING, Any
from weakref import finalize

from importer.__main__ import main
from tests.unmeasured import UNMEASURED, unmeasured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

__all__ = ["ENVIRONMENT", "Command", "ended", "forked", "started"]

ENVIRONMENT = {**UNMEASURED, "KANBERT_TOKEN": "sandbox"}
"""Of the processes that tests start by `python -m importer`."""

_LOADED = (
    "anyio._backends._asyncio",
    "importer.cli",
    *(f"importer.commands.{name}" for name in ("planning", "serving", "session", "undoing", "verifying", "writing")),
    "importer.progress",
    "importer.readers.delimited",
    "tests.fakes.crashing",
    "tests.fakes.dying",
    __name__,
)
_SERVER = get_context("forkserver")


class Streams:
    """What a process gets of its parent to print on, by the number that it has in each."""

    def __init__(self, out: int, err: int) -> None:
        self.out, self.err = out, err

    def __reduce__(self) -> tuple[Callable[..., Streams], tuple[Any, Any]]:
        return _received, (DupFd(self.out), DupFd(self.err))


def _received(out: Any, err: Any) -> Streams:
    return Streams(out.detach(), err.detach())


class Command:
    """A process that was started; asked as one of `subprocess`."""

    def __init__(self, process: ForkServerProcess, streams: tuple[IO[bytes], IO[bytes]]) -> None:
        self._process = process
        self._streams = streams
        for stream in streams:
            finalize(self, stream.close)

    @property
    def returncode(self) -> int:
        """Its exit code; negative where a signal ended it. It has to have ended."""
        assert self._process.exitcode is not None
        return self._process.exitcode

    @property
    def out(self) -> str:
        """What it has printed until now."""
        return self._said(0)

    @property
    def err(self) -> str:
        """Likewise on standard error."""
        return self._said(1)

    def poll(self) -> int | None:
        """Look whether it has ended."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to a process that has not ended."""
        if self.poll() is None:
            assert self._process.pid is not None
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End it by SIGKILL: nothing is closed, nothing flushed."""
        self.send_signal(signal.SIGKILL)
        self._process.join()

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """Wait for its end; all that it printed, and what it said on standard error. The time is against hanging."""
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout)
        return self.out, self.err

    def _said(self, number: int) -> str:
        file = self._streams[number].fileno()  # its offset is the process's own
        return os.pread(file, os.fstat(file).st_size, 0).decode()


def started(folder: Path, words: Sequence[object], before: Callable[[], None] | None = None) -> Command:
    """Start the command in a folder, with the sandbox's token; `before` is called in the process, and can be pickled."""
    return forked(partial(_run, [str(word) for word in words], folder, before))


def forked(work: Callable[[], object]) -> Command:
    """Start a process that does something else; it can be pickled."""
    _SERVER.set_forkserver_preload(list(_LOADED))
    out, err = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115  # closed when nobody has the command any more
    process = _SERVER.Process(target=_redirected, args=(Streams(out.fileno(), err.fileno()), work), daemon=True)
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = UNMEASURED["PYTHONPATH"]  # where the server, if it is not there yet, finds this module
    try:
        with unmeasured():
            process.start()
    finally:
        _restore("PYTHONPATH", path)
    return Command(process, (out, err))


def ended(folder: Path, words: Sequence[object], before: Callable[[], None] | None = None) -> Command:
    """Start the command, and wait for its end."""
    command = started(folder, words, before)
    command.communicate()
    return command


def _restore(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value


def _redirected(streams: Streams, work: Callable[[], object]) -> None:
    absent = [name for name in _LOADED if name not in sys.modules]  # the server says nothing of what it cannot find
    assert not absent, absent
    for number, stream in enumerate((streams.out, streams.err), 1):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    work()


def _run(words: list[str], folder: Path, before: Callable[[], None] | None) -> None:
    os.chdir(folder)
    os.environ["KANBERT_TOKEN"] = "sandbox"
    sys.argv = ["kanbert-import", *words]
    if before is not None:
        before()
    main()
