"""The functions of `importer` without `await`: each returns when it is done.

They run an event loop of their own, and so want a thread where none is running. Ctrl-C ends one in order, as the
cancellation of the awaited one does, and raises KeyboardInterrupt.
"""

from __future__ import annotations

import asyncio
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import anyio

from importer import api

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = [
    "check",
    "doctor",
    "explain",
    "export",
    "init",
    "plan",
    "preview",
    "retry",
    "run",
    "run_plan",
    "status",
    "undo",
    "validate",
    "verify",
    "write_report",
]

P = ParamSpec("P")
T = TypeVar("T")


def _blocking(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @wraps(function)
    def blocking(*args: P.args, **kwargs: P.kwargs) -> T:
        _check_no_loop(function.__name__)

        async def awaited() -> T:
            return await function(*args, **kwargs)

        return anyio.run(awaited)

    return blocking


def _check_no_loop(name: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    message = f"an event loop is running in this thread, as in a notebook: write `await importer.{name}(...)` instead"
    raise RuntimeError(message)


check = _blocking(api.check)
doctor = _blocking(api.doctor)
explain = _blocking(api.explain)
export = _blocking(api.export)
init = _blocking(api.init)
plan = _blocking(api.plan)
preview = _blocking(api.preview)
retry = _blocking(api.retry)
run = _blocking(api.run)
run_plan = _blocking(api.run_plan)
status = _blocking(api.status)
undo = _blocking(api.undo)
validate = _blocking(api.validate)
verify = _blocking(api.verify)
write_report = _blocking(api.write_report)
