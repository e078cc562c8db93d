"""Commands and servers in forked processes of their own: they start at once, since everything is imported already.

The process that forks has no threads and no event loop, so a child is like a fresh one.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import traceback
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import anyio

import importer.commands.session
import importer.commands.writing
import importer.readers.delimited  # imported here so that no child has to
from importer.cli import main
from importer.sandbox import Behaviour, Fault, FaultScript, SandboxOptions, Token, parse_seed, running_sandbox
from importer.sandbox.faults.fault import settings_of
from importer.transport import TransportOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["ACTOR", "Child", "Server", "filled", "free_port", "importing"]

ACTOR = "importer"
"""The slug of the token that runs have: the server's history tells them from others by it."""

_SECRET = "ordeal"
_READ_TIMEOUT = 1.0  # seconds, in place of 30: a request that hangs is nothing to wait for here
_POLL = 0.001


@dataclass(slots=True)
class Child:
    """A process; `code` is None while it runs, and negative where a signal ended it."""

    pid: int
    code: int | None = None

    def ended(self) -> bool:
        """Look whether it has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def wait(self, until: float) -> bool:
        """Wait until it ends, or until an instant of the monotonic clock; whether it has ended."""
        while not self.ended():
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL)
        return True

    def kill(self) -> None:
        """End it by SIGKILL: nothing is closed, nothing flushed."""
        with suppress(ProcessLookupError):
            if not self.ended():
                os.kill(self.pid, signal.SIGKILL)
        self.wait(time.monotonic() + 60)


def _forked(work: Callable[[], object], said: Path) -> Child:
    """Run work in a child, its output going to the file `said`, and its errors to the same name with .err."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return Child(pid)
    code = 70
    try:
        with said.open("w") as out, said.with_suffix(".err").open("w") as err:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        work()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  # said in the parent's place: the child ends here whatever happens
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def importing(folder: Path, words: Sequence[str], said: Path) -> Child:
    """Start `kanbert-import WORDS` in a folder."""

    def work() -> None:
        os.chdir(folder)
        os.environ["KANBERT_TOKEN"] = _SECRET
        vars(importer.commands.session)["TransportOptions"] = partial(TransportOptions, read_timeout=_READ_TIMEOUT)
        sys.argv = ["kanbert-import", *words]
        main()

    return _forked(work, said)


@dataclass(slots=True)
class Server:
    """A sandbox on a file, which can be killed and started again at the same address."""

    data: Path
    behaviour: Mapping[str, Any]
    custom_fields: frozenset[str]
    port: int
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    starts: int = 0
    child: Child | None = field(default=None)

    @property
    def url(self) -> str:
        """The API's base url."""
        return f"http://127.0.0.1:{self.port}/api/v1"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.starts += 1
        self.child = _forked(self._serve, self.data.with_suffix(f".{self.starts}.out"))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not self.child.ended():
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port), timeout=1)):
                return
            time.sleep(_POLL)
        raise RuntimeError(self.data.with_suffix(f".{self.starts}.err").read_text())

    def set_faults(self, faults: Sequence[Fault], seed: int = 0) -> None:
        """Replace its faults while it runs; tokens that were expired are good again."""
        script = {"seed": seed, "faults": [dict(settings_of(fault)) for fault in faults]}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("POST", "/sandbox/faults", json.dumps(script), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise RuntimeError(answer.read().decode())

    def stats(self) -> dict[str, Any]:
        """Return what it counted since it was started."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", "/sandbox/stats")
            return dict(json.loads(connection.getresponse().read()))

    def kill(self) -> None:
        """Kill it."""
        if self.child is not None:
            self.child.kill()

    def _serve(self) -> None:
        options = SandboxOptions(
            data=self.data,
            port=self.port,
            tokens={_SECRET: Token(ACTOR, user_id="2")},
            behaviour=Behaviour(**self.behaviour),
            custom_fields=self.custom_fields,
            faults=FaultScript(self.faults, self.seed),
        )

        async def serve() -> None:
            async with running_sandbox(options):
                await anyio.sleep_forever()

        anyio.run(serve)


def filled(data: Path, seed: str, custom_fields: frozenset[str]) -> None:
    """Make a sandbox's file that holds what a seed says, by a sandbox with the defaults."""

    def work() -> None:
        async def fill() -> None:
            options = SandboxOptions(data=data, seed=parse_seed(seed), custom_fields=custom_fields)
            async with running_sandbox(options):
                pass

        anyio.run(fill)

    child = _forked(work, data.with_suffix(".out"))
    child.wait(time.monotonic() + 60)
    if child.code != 0:
        raise RuntimeError(data.with_suffix(".err").read_text())


def free_port() -> int:
    """Find a port that nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
