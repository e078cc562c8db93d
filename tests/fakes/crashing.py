"""A process that kills itself at a named step: SIGKILL, nothing is closed or flushed."""

from __future__ import annotations

import functools
import inspect
import os
import signal
from typing import TYPE_CHECKING, Any

from importer.journal import Journal, UndoJournal
from importer.kanbert import Kanbert

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["dies"]

STEPS = {
    "read_source": Journal,
    "foresee": Journal,
    "works": Journal,
    "intend": Journal,
    "settle": Journal,
    "finish": Journal,
    "add_listed": Journal,
    "find": Kanbert,
    "read": Kanbert,
    "identify": Kanbert,
    "restore": Kanbert,
    "restore_holder": Kanbert,
    "create": Kanbert,
    "update": Kanbert,
    "archive": Kanbert,
    "release": Kanbert,
    "undo.begin": UndoJournal,
    "undo.intend": UndoJournal,
    "undo.settle": UndoJournal,
    "undo.finish": UndoJournal,
}


class Countdown:
    def __init__(self, left: int) -> None:
        self.left = left

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def dying(method: Callable[..., Any], when: str, countdown: Countdown) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            if when == "before":
                countdown.tick()
            result = await method(*args, **kwargs)
            if when == "after":
                countdown.tick()
            return result

        return awaited

    @functools.wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            countdown.tick()
        result = method(*args, **kwargs)
        if when == "after":
            countdown.tick()
        return result

    return called


def dies(step: str, nth: int) -> None:
    """Have this process die when it gets for the nth time to a step: `before:` or `after:` and a method's name."""
    when, name = step.split(":")
    owner, name = STEPS[name], name.removeprefix("undo.")
    setattr(owner, name, dying(getattr(owner, name), when, Countdown(nth)))
