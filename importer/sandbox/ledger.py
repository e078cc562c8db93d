"""Requests as they come and go -> counts that tests and people read: how many, which company, how many at once."""

from __future__ import annotations

from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from importer.sandbox.routes import Endpoint
    from importer.sandbox.wire.inputs import Input

__all__ = ["Ledger", "RequestRecord", "few", "flat"]

_RECENT = 10_000
_MOST = 100  # names of a body, values of a query
_ROOM = 2_000  # characters of all of them
_WORD = 100  # characters of one name


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request that is over; `status` is None where no whole answer was sent."""

    method: str
    path: str  # below /api/v1, decoded
    query: Mapping[str, str]  # by the names as they are sent, `page[size]`
    status: int | None
    body_keys: tuple[str, ...]
    """The names in its body, and in `query`, as far as there is room: `few` and `flat` bound both."""
    fault: str | None  # what the faults that fired did, with + between them; latencies are in `latency`
    latency: float  # seconds that faults made it wait
    at: dt.datetime  # when it came
    seconds: float  # until its answer was ready


def few(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first of some names, each cut where it is long."""
    return tuple(name for name, _ in _bounded((name, "") for name in names))


def flat(query: Input) -> dict[str, str]:
    """Return the first values of a query under the names that they were sent by, `a[b]` for b inside a."""
    return dict(_bounded(_walked(query)))


def _walked(query: Input) -> Iterator[tuple[str, str]]:
    waiting = [*query.items()][::-1]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{name}[{key}]", inner) for key, inner in value.items()][::-1]
        else:
            yield name, "" if value is None else str(value)


def _bounded(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    room = _ROOM
    for name, value in islice(pairs, _MOST):
        pair = name[:_WORD], value[:room]
        room -= len(pair[0]) + len(pair[1])
        yield pair
        if room <= 0:
            return


class Ledger:
    """What happened since the sandbox started; bounded however long it runs."""

    def __init__(self, *, max_companies: int = 250_000) -> None:
        self._max_companies = max_companies
        self._requests: Counter[str] = Counter()
        self._writes: Counter[str] = Counter()
        self._creates: Counter[str] = Counter()
        self._recent: deque[RequestRecord] = deque(maxlen=_RECENT)
        self._in_flight = 0
        self._most_in_flight = 0
        self._throttled = 0
        self._forgets = False

    @property
    def recent(self) -> list[RequestRecord]:
        """The last requests, oldest first."""
        return list(self._recent)

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count a request as under way."""
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= 1

    def record(self, kind: str, request: RequestRecord) -> None:
        """Count a request that is over, under its method and kind of path."""
        self._requests[f"{request.method} {kind}"] += 1
        self._throttled += request.status == 429
        self._recent.append(request)

    def wrote(self, endpoint: Endpoint, created: object = None) -> None:
        """Count a write that is stored, whether or not its answer arrives; `created` is a new company's external_id."""
        self._writes[endpoint.value] += 1
        if not isinstance(created, str):
            return
        if created in self._creates or len(self._creates) < self._max_companies:
            self._creates[created] += 1
        else:
            self._forgets = True

    def creates(self, external_id: str) -> int:
        """Tell how many creates with this external_id were accepted since the sandbox started.

        Raises:
            LookupError: more companies were created than are counted one by one, and this is not one of those counted.
        """
        if self._forgets and external_id not in self._creates:
            msg = f"only the first {self._max_companies} companies created are counted one by one; `duplicates` counts all"
            raise LookupError(msg)
        return self._creates[external_id]

    def totals(self) -> dict[str, Any]:
        """Return all counts as JSON takes them."""
        return {
            "requests": dict(self._requests),
            "writes": dict(self._writes),
            "most_in_flight": self._most_in_flight,
            "throttled": self._throttled,
        }
