"""One command in a thread of its own, awaited by whoever runs an event loop, and ended in order when that is cancelled.

A command reads files, and has an event loop of its own for what it asks of Kanbert. In a thread both are out of the way of
the caller's loop, whichever that is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import anyio
from anyio import to_thread

from importer.commands.settings import Desk
from importer.errors import UsageError
from importer.progress import Silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from importer.progress import Gauge, Progress

__all__ = ["Confirm", "conducted"]

T = TypeVar("T")

Confirm: TypeAlias = bool | Callable[[str], bool]
"""Whether to write to anything but this machine: said beforehand, or by a function that is asked, in a thread of ours."""


async def conducted(
    work: Callable[[Desk], T], *, token: str | None = None, confirm: Confirm = False, progress: Progress | None = None
) -> T:
    """Do a command's work in a thread; what it raises is raised as it is, never in a group.

    Where the caller is cancelled, so is the work: nothing new is begun, what is in flight may end for `Limits.drain`
    seconds, and the journal is closed. Only then the cancellation goes on. An observer of the progress that raises ends
    the work in the same way, and what it raised is raised.
    """
    halt = _Halt()
    observed = _Observed(progress or Silent(), halt)

    def at_a_desk() -> T:
        return work(
            Desk(
                observed,
                _asking(confirm),
                _environment(token),
                Path.cwd(),
                said_yes=confirm is True,
                interruptions=halt.heard,
            )
        )

    ends: list[_Done[T] | _Failed | None] = []
    ended = anyio.Event()

    async def worked() -> None:
        try:
            ends.append(await to_thread.run_sync(_end_of, at_a_desk, limiter=anyio.CapacityLimiter(1)))
        finally:
            ended.set()

    async with anyio.create_task_group() as group:
        group.start_soon(worked)
        try:
            await ended.wait()
        except anyio.get_cancelled_exc_class():
            halt.ask()  # the group waits until the thread has ended
            raise
    return _result(ends[0], observed)


def _environment(token: str | None) -> Mapping[str, str]:
    said = {} if token is None else {"KANBERT_TOKEN": token}
    return MappingProxyType({**os.environ, **said})


def _asking(confirm: Confirm) -> Callable[[str], bool]:
    def answer(question: str) -> bool:
        said: object = confirm(question) if callable(confirm) else confirm
        if not callable(confirm) and said is not True:
            message = f"{question} Nobody was asked: say confirm=True, or give a function that answers."
            raise UsageError(message)
        if not isinstance(said, bool):  # the "n" of `confirm=input` is no yes
            message = f"{question} The function of confirm= answered {said!r:.40}: let it answer True or False."
            raise UsageError(message)
        return said

    return answer


# ── how it ends ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception


def _end_of(work: Callable[[], T]) -> _Done[T] | _Failed | None:
    """Carry the end over as a value, None where it was halted: raised here, an error would come out in a group."""
    try:
        return _Done(work())
    except _HaltedError:
        return None
    except Exception as error:  # noqa: BLE001 - raised again, as it is, on the caller's side
        return _Failed(error)
    except BaseExceptionGroup as group:  # of an event loop that hears nothing, and told the progress
        if group.subgroup(_HaltedError) is None:
            raise
        return None


def _result(end: _Done[T] | _Failed | None, observed: _Observed) -> T:
    if observed.error is not None:
        raise observed.error
    if isinstance(end, _Failed):
        raise end.error
    assert end is not None  # noqa: S101 - halted without an error of the observer: the caller was cancelled
    return end.value


# ── the way from the caller's cancellation to the command ────────────────────────────────────────────────────────────


class _HaltedError(BaseException):
    """Unwinds a command between two rows, as Ctrl-C does on the command line; no `except Exception` is to stop it."""


class _Halt:
    """Asked for in one thread and heard in another: by the command's event loop while it has one, else between rows.

    No lock: `ask` says it before it looks who hears, `heard` begins to hear before it looks whether it was said.
    """

    def __init__(self) -> None:
        self._asked = False
        self._hearers: list[Callable[[], object]] = []

    def ask(self) -> None:
        """Ask for the end, from any thread."""
        self._asked = True
        for hear in tuple(self._hearers):
            with suppress(RuntimeError):  # its loop is closed: the work has ended
                hear()

    def check(self) -> None:
        """Break off where it was asked for and no event loop will hear it."""
        if self._asked and not self._hearers:
            raise _HaltedError

    @contextmanager
    def heard(self) -> Iterator[AsyncIterator[object]]:
        """Hear in this event loop; see `Interruptions`."""
        asked, loop = anyio.Event(), asyncio.get_running_loop()

        def hear() -> None:
            loop.call_soon_threadsafe(asked.set)

        self._hearers.append(hear)
        if self._asked:
            asked.set()
        try:
            yield _Once(asked)
        finally:
            self._hearers.remove(hear)


class _Once:
    """Yields once, when an event is set, and then waits for ever: there is nothing more urgent to come."""

    def __init__(self, event: anyio.Event) -> None:
        self._event = event
        self._yielded = False

    def __aiter__(self) -> _Once:
        return self

    async def __anext__(self) -> None:
        if self._yielded:
            await anyio.sleep_forever()
        await self._event.wait()
        self._yielded = True


class _Observed:
    """Tells an observer, until it raises; all but a gauge is a chance to break off."""

    def __init__(self, observer: Progress, halt: _Halt) -> None:
        self._observer = observer
        self._halt = halt
        self.error: Exception | None = None

    def start(self, label: str, total: int | None, unit: str = "rows") -> None:
        self._tell(lambda: self._observer.start(label, total, unit))

    def advance(self, n: int = 1) -> None:
        self._tell(lambda: self._observer.advance(n))

    def status(self, **facts: int | str) -> None:
        self._tell(lambda: self._observer.status(**facts))

    def note(self, text: str) -> None:
        self._tell(lambda: self._observer.note(text))

    def finish(self) -> None:
        self._tell(self._observer.finish)

    def watch(self, gauge: Gauge | None) -> None:
        self._try(lambda: self._observer.watch(gauge))

    def tick(self) -> None:
        self._try(self._observer.tick)

    def _tell(self, tell: Callable[[], object]) -> None:
        self._try(tell)
        self._halt.check()

    def _try(self, tell: Callable[[], object]) -> None:
        if self.error is None:
            try:
                tell()
            except Exception as error:  # noqa: BLE001 - raised again once the work has ended
                self.error = error
                self._halt.ask()
