"""Requests of a token -> go on or 429, in fixed windows that begin with the first request, as the framework counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Throttle"]


@dataclass(slots=True)
class _Window:
    ends_at: float
    used: int = 0


class Throttle:
    """At most `limit` requests of a token in each window; `clock` gives Unix time in seconds."""

    def __init__(self, limit: int, window: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._window = window
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def admit(self, token: str) -> dict[str, str]:
        """Count a request and return the headers of its answer.

        Raises:
            ApiError: 429, with Retry-After and X-RateLimit-Reset too.
        """
        now = self._clock()
        window = self._windows.get(token)
        if window is None or now >= window.ends_at:
            window = self._windows[token] = _Window(now + self._window)
        headers = {"X-RateLimit-Limit": str(self._limit)}
        if window.used >= self._limit:
            wait = max(0, math.ceil(window.ends_at - now))
            reset = {"Retry-After": str(wait), "X-RateLimit-Reset": str(math.ceil(window.ends_at))}
            raise ApiError(429, headers={**headers, "X-RateLimit-Remaining": "0", **reset})
        window.used += 1
        return {**headers, "X-RateLimit-Remaining": str(self._limit - window.used)}
