"""What the tests have children do; at the top of a module, so that a child finds it."""

from __future__ import annotations

import ctypes
import datetime as dt
import itertools
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

from importer.errors import MappingError, MappingProblem, SourceError, UsageError
from importer.isolation import Isolated, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class PanicException(BaseException):
    """As PyO3 makes it."""


class UnpicklableError(UsageError):
    """An error that cannot be sent."""

    def __init__(self) -> None:
        self.held = lambda: None
        super().__init__("held")


class Table:
    """An iterable that can be gone over again, and says how often it was made."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.passes = 0

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        self.passes += 1
        made = self.passes
        return ((os.getpid(), made, row) for row in range(self.rows))


def counted(upto: int) -> Iterator[int]:
    yield from range(upto)


def endless() -> Iterator[int]:
    yield os.getpid()
    yield from itertools.count()


def batches(count: int, rows: int, width: int) -> Iterator[list[tuple[Any, ...]]]:
    row = tuple(["text", 12, 1.5, dt.date(2024, 2, 29), None][n % 5] for n in range(width))
    for _ in range(count):
        yield [row] * rows


def large(*sizes: int) -> Iterator[bytes]:
    for size in sizes:
        yield b"x" * size


def echo(*args: object) -> Iterable[object]:
    return args


def failing(after: int, error: str) -> Iterator[int]:
    yield from range(after)
    _fail(error)


def failing_at_once(error: str) -> Iterable[int]:
    _fail(error)


def _fail(error: str) -> NoReturn:
    if error == "source":
        raise SourceError("a.xlsx: damaged. Save it again.")
    if error == "mapping":
        raise MappingError(file="m.yaml", problems=[MappingProblem("wrong", 3, 4)])
    if error == "panic":
        sys.stderr.write("thread 'main' panicked\n")
        raise PanicException("index out of bounds")
    if error == "unpicklable":
        raise UnpicklableError
    if error == "interrupt":
        raise KeyboardInterrupt
    raise ValueError(error * 1000)


def dying(how: str) -> Iterator[int]:
    yield 1
    if how == "abort":
        ctypes.CDLL(None).abort()
    if how == "rust":
        os.write(2, b"memory allocation of 1099511627776 bytes failed\n")
        os.abort()
    if how == "segfault":
        ctypes.string_at(0)
    if how == "exit":
        os._exit(3)
    os.kill(os.getpid(), signal.Signals[how])


def hungry(count: int) -> Iterator[int]:
    kept = [b"x" * (1 << 20)]
    for _ in range(count):
        kept.append(b"x" * (1 << 20))
        yield len(kept)


def hanging() -> Iterator[int]:
    for _ in itertools.count():
        time.sleep(10)
    yield 1


def hanging_later() -> Iterator[int]:
    yield 1
    yield from hanging()


def stubborn() -> Iterator[int]:
    """Hang where no thread of Python gets a turn."""
    yield os.getpid()
    ctypes.PyDLL(None).sleep(60)


def noisy() -> Iterator[str]:
    sys.stdout.write("out")
    sys.stdout.flush()
    sys.stderr.write("err")
    os.write(1, b"out")
    os.write(2, b"err" * 100_000)
    yield sys.stdin.read()


def orphaning(how: str) -> None:
    """Be a parent that says its child's process id and waits to be killed."""
    with Isolated(endless if how == "endless" else stubborn, limits=Limits(seconds=4)) as child:
        sys.stdout.write(f"{next(iter(child))}\n")
        sys.stdout.flush()
        time.sleep(60)


if __name__ == "__main__":
    from tests.isolation import child_work

    child_work.orphaning(sys.argv[1])
