"""The child's side: takes a job from standard input and orders from then on, and answers on standard output."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from importer.errors import ImporterError
from importer.isolation.wire import LENGTH, MESSAGE, ORDER, Kind, Limits, Order, preserved

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Work", "serve"]

_ORPHAN_SECONDS = 1.0  # longer than the parent waits, the child waits for itself: for when there is no parent


def serve() -> NoReturn:
    """Be the child: take a job from standard input, and orders from then on; answer on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business, and so are we
    orders, answers = _private(0, "rb"), _private(1, "wb")
    gc.set_threshold(50_000, 20, 100)  # rows are no cycles: to look for some takes an eighth of the time
    try:
        if sys.platform != "win32":
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        (length,) = LENGTH.unpack(orders.read(LENGTH.size))
        limits, job = pickle.loads(orders.read(length))  # noqa: S301 - of our own parent
        Work(answers, limits).run(job, _listened(orders))
    finally:
        os._exit(1)  # without a word, for nobody is there to be told, and without cleaning up: threads are in the way


def _private(stream: int, mode: str) -> IO[bytes]:
    """Take a standard stream for ourselves; whoever else reads or writes it reads nothing, and writes to nowhere."""
    ours = os.dup(stream)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, stream)
    os.close(nowhere)
    return os.fdopen(ours, mode)


def _listened(orders: IO[bytes]) -> queue.SimpleQueue[tuple[int, int]]:
    """Read orders in a thread of its own, to notice the end of the parent in the middle of work."""
    heard = queue.SimpleQueue[tuple[int, int]]()

    def listen() -> None:
        while len(order := orders.read(ORDER.size)) == ORDER.size:
            heard.put(ORDER.unpack(order))
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    return heard


class Work:
    """What the child does, one order after the other."""

    def __init__(self, answers: IO[bytes], limits: Limits) -> None:
        self._answers = answers
        self._limits = limits
        self._passes: dict[int, Iterator[Any]] = {}
        self._begun = 0

    def run(self, job: bytes, orders: queue.SimpleQueue[tuple[int, int]]) -> None:
        """Work until nothing more can be done; to be killed is the usual end."""
        try:
            with self._timed():
                function, args = pickle.loads(job)  # noqa: S301 - of our own parent
                _limit_memory(self._limits.memory_bytes)
                items = function(*args)
            while True:
                order, number = orders.get()
                if order == Order.LEAVE:
                    self._passes.pop(number, None)
                    continue
                with self._timed():
                    answer = self._answer(items, number)
                if answer is not None:
                    self._say(*answer)
        except BaseException as error:  # noqa: BLE001 - a panic of Rust's code is no Exception
            _limit_memory(None)
            self._say(Kind.LOST, 0, preserved(error))

    def _answer(self, items: Iterable[Any], number: int) -> tuple[Kind, int, bytes] | None:
        """Make the next item of a pass; None where the pass is over already."""
        if number == self._begun:
            self._begun += 1
            self._passes[number] = iter(items)
            if number and self._passes[number] is items:
                message = "there is one pass only over an iterator"
                raise TypeError(message)
        if number not in self._passes:
            return None
        try:
            return Kind.ITEM, number, pickle.dumps(next(self._passes[number]), 5)
        except StopIteration:
            answer = Kind.END, number, b""
        except ImporterError as error:
            answer = Kind.ERROR, number, preserved(error)
        del self._passes[number]
        return answer

    def _say(self, kind: Kind, number: int, body: bytes) -> None:
        self._answers.write(MESSAGE.pack(kind, number, len(body)))
        self._answers.write(body)
        self._answers.flush()

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        """Have the system end us where one step takes longer than all may, even with no parent to see to it."""
        seconds = self._limits.seconds
        if sys.platform == "win32" or seconds is None:
            yield
            return
        signal.setitimer(signal.ITIMER_REAL, seconds + _ORPHAN_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _limit_memory(more: int | None) -> None:
    """Allow so much beyond what is taken now, where the system can tell that (Linux); None: as much as there is."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        if more is None:
            allowed = most
        else:
            pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
            allowed = pages * resource.getpagesize() + more
            allowed = allowed if most == resource.RLIM_INFINITY else min(allowed, most)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
