"""The parent's side: starts a child, watches it, and gives its items pass by pass."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from importer.errors import ImporterError, Loss, LostChildError
from importer.isolation.wire import LENGTH, MESSAGE, ORDER, Kind, Limits, Order, preserved, revived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

__all__ = ["BOOT", "Isolated", "isolated"]

T = TypeVar("T")

_AHEAD = 4  # items of a pass that the child may be ahead of its reader, so that both work at the same time
_PIPE_BYTES = 1 << 20  # Linux grants as much to anybody; others keep their 64 KiB, and the child waits a little more
_NO_MEMORY = b"memory allocation of"  # says Rust as it aborts
_FROM_OUTSIDE = {"SIGKILL", "SIGTERM", "SIGHUP"}  # nothing in a parser sends these, but a system short of memory does

BOOT = "import sys; sys.path[:] = sys.argv[1:]; from importer.isolation.child import serve; serve()"
_NO_LIMITS = Limits()


def isolated(function: Callable[..., Iterable[T]], *args: object, limits: Limits = _NO_LIMITS) -> Iterator[T]:
    """Give the items of `function(*args)`, made in a child that ends with the iteration; see `Isolated`."""
    with Isolated(function, *args, limits=limits) as child:
        yield from child


class Isolated(Generic[T]):
    """The items of an iterable that a child process makes by `function(*args)`.

    Contract: `function` stands at the top of a module that can be imported (not `__main__`); it, `args` and the items
    can be pickled. The child begins at once, so that several children work side by side however they are read. It is
    at most a few items ahead of each reader. Each `iter()` is a new pass, made by `iter()` in the child, and passes do
    not disturb each other; what comes of a generator function has one pass only. `close` ends the child, whatever it
    does, and so does the end of this process. Not to be shared between threads.

    Each pass raises:
        ImporterError: as it was raised in the child; other passes go on.
        LostChildError: the child broke down, took too long or too much; no pass has anything more to give.
    """

    def __init__(self, function: Callable[..., Iterable[T]], *args: object, limits: Limits = _NO_LIMITS) -> None:
        job = pickle.dumps((limits, pickle.dumps((function, args), 5)), 5)
        self._process, self._errors = _started()
        self._watch = _Watch(self._process, limits.seconds)
        self._lost: ImporterError | None = None
        self._arrived: dict[int, deque[tuple[Kind, bytes]]] = {}
        self._begun = 0
        self._first: Iterator[T] | None = None
        self._write(LENGTH.pack(len(job)) + job)
        self._first = self._new_pass()

    def __enter__(self) -> Isolated[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[T]:
        """Begin a pass; the child begins with it before the first item is asked for."""
        first, self._first = self._first, None
        return self._new_pass() if first is None else first

    def close(self) -> None:
        """End the child at once; passes that are not at their end give a `LostChildError`. May be called again."""
        self._watch.stop()
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # of what is not written yet
                    stream.close()
        self._process.wait()
        if self._errors is not None:
            os.close(self._errors)
            self._errors = None
        self._lost = self._lost or LostChildError(Loss.CRASH, "closed")

    def _new_pass(self) -> Iterator[T]:
        number = self._begun
        self._begun += 1
        self._arrived[number] = deque()
        self._write(ORDER.pack(Order.NEXT, number) * _AHEAD)
        return self._items(number)

    def _items(self, number: int) -> Iterator[T]:
        try:
            while True:
                kind, body = self._next(number)
                if kind is Kind.END:
                    return
                if kind is Kind.ERROR:
                    raise revived(body)
                self._write(ORDER.pack(Order.NEXT, number))
                yield pickle.loads(body)  # noqa: S301 - of our own child
        finally:
            del self._arrived[number]
            self._write(ORDER.pack(Order.LEAVE, number))

    def _next(self, number: int) -> tuple[Kind, bytes]:
        """Wait for the next message of a pass; what comes for others meanwhile is kept for them."""
        arrived = self._arrived[number]
        while not arrived:
            if self._lost is not None:
                raise self._lost
            kind, whose, body = self._received()
            if kind is Kind.LOST:
                self._lost = revived(body)
                self.close()
            elif whose in self._arrived:
                self._arrived[whose].append((kind, body))
        return arrived.popleft()

    def _received(self) -> tuple[Kind, int, bytes]:
        output = self._process.stdout
        assert output is not None  # noqa: S101 - it is a pipe
        try:
            with self._watch.waiting():
                header = output.read(MESSAGE.size)
                kind, whose, length = MESSAGE.unpack(header) if len(header) == MESSAGE.size else (Kind.LOST, 0, 0)
                body = output.read(length)
        except BaseException:  # such as Ctrl-C: the rest of the message would be taken for the next
            self.close()
            raise
        if len(header) < MESSAGE.size or len(body) < length:
            return Kind.LOST, 0, preserved(self._end())
        return Kind(kind), whose, body

    def _end(self) -> LostChildError:
        """Say how a child came to its end that has said nothing of it."""
        code = self._process.wait()
        if self._watch.expired or (sys.platform != "win32" and code == -signal.SIGALRM):
            return LostChildError(Loss.TIME, f"longer than {self._watch.seconds:g} s")
        if self._errors is not None and _NO_MEMORY in _held(self._errors):
            return LostChildError(Loss.MEMORY, "")
        if code >= 0:
            return LostChildError(Loss.CRASH, f"exit code {code}")
        name = signal.Signals(-code).name
        return LostChildError(Loss.ENDED if name in _FROM_OUTSIDE else Loss.CRASH, name)

    def _write(self, data: bytes) -> None:
        stream = self._process.stdin
        if stream is None or self._lost is not None:
            return
        with contextlib.suppress(BrokenPipeError, OSError):  # a child that is gone shows when it is read
            stream.write(data)
            stream.flush()


def _started() -> tuple[subprocess.Popen[bytes], int | None]:
    """Start an interpreter that sees the same modules, and give what it says on standard error, up to a pipe's measure.

    Nobody reads that while the child works: the pipe does not block, so that what it cannot hold is dropped.
    """
    read, write = None, subprocess.DEVNULL
    if sys.platform != "win32":
        read, write = os.pipe()
        os.set_blocking(write, False)
        os.set_blocking(read, False)
    try:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-S", "-c", BOOT, *sys.path],  # what `site` finds is in sys.path already
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=write,
            pipesize=_PIPE_BYTES,
        )
    except OSError as error:
        if read is not None:
            os.close(read)
        raise LostChildError(Loss.CRASH, f"not started: {error.strerror}") from error
    finally:
        if read is not None:
            os.close(write)
    return process, read


def _held(pipe: int) -> bytes:
    try:
        return os.read(pipe, _PIPE_BYTES)
    except BlockingIOError:  # nothing was written, and somebody else can still write
        return b""


class _Watch:
    """Kills a process that has had its time; only the time that somebody waits for it counts."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float | None) -> None:
        self.seconds = seconds
        self.expired = False
        self._process = process
        self._left = seconds or 0.0
        self._since: float | None = None
        self._stopped = threading.Event()
        if seconds is not None:
            threading.Thread(target=self._run, name="isolation watch", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time of the block."""
        since = self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None
            self._left -= time.monotonic() - since

    def _run(self) -> None:
        while (left := self._remaining()) > 0:
            if self._stopped.wait(left):  # no sooner can the time be up
                return
        self.expired = True
        self._process.kill()

    def _remaining(self) -> float:
        since = self._since
        return self._left - (0 if since is None else time.monotonic() - since)
