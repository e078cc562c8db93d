"""A stop: asked for once, seen by everybody, and obeyed between two requests."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio

from importer.errors import FatalTargetError, ImporterError, JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Stop", "unpacked", "worst"]


class Stop:
    """Says whether no new row may be begun, and why; `error` is set where target or journal refuse everything.

    `requested` may be read from any thread; the rest belongs to the event loop.
    """

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._event = anyio.Event()
        self.reason: str | None = None
        self.error: ImporterError | None = None
        self.interrupted = False  # by the user, as opposed to by a limit or the target
        self.harmful = False  # going on would do harm
        self.futile = False  # the same command would stop again before it has sent anything

    @property
    def requested(self) -> bool:
        """Whether to begin nothing new."""
        return self._requested.is_set()

    def request(
        self,
        reason: str,
        *,
        error: ImporterError | None = None,
        interrupted: bool = False,
        harmful: bool = False,
        futile: bool = False,
    ) -> None:
        """Ask for a stop; the first reason stays."""
        if self.requested:
            return
        self.reason, self.error, self.interrupted = reason, error, interrupted
        self.harmful, self.futile = harmful, futile
        self._requested.set()
        self._event.set()

    async def wait(self) -> None:
        """Wait until a stop is asked for."""
        await self._event.wait()


@contextmanager
def unpacked() -> Iterator[None]:
    """Raise the worst of what a task group wrapped as it was."""
    try:
        yield
    except BaseExceptionGroup as group:
        raise worst(group) from None


def worst(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Choose from what a task group wrapped: the target's refusal before the journal's, both before others."""
    return min(_leaves(group), key=_precedence)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _precedence(error: BaseException) -> int:
    order = (FatalTargetError, JournalError, ImporterError)
    return next((place for place, kind in enumerate(order) if isinstance(error, kind)), len(order))
