"""The ledger's requests -> the page that lists them, newest first, all or only those that went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from importer.sandbox.pages.visits import Page, Visit, number

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from importer.sandbox.ledger import RequestRecord

__all__ = ["Seen", "listed", "seen"]

_PAGE = 100
_NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as a page shows it."""

    at: dt.datetime
    method: str
    path: str
    query: str
    status: str
    failed: bool
    seconds: float
    fault: str
    """What misbehaved, and how long it made the request wait; empty where nothing did."""


async def listed(visit: Visit) -> Page:
    """Show requests; `show` is all, errors or faults, `page` counts from 1."""
    show = visit.query.get("show", "all")
    wanted = _FILTERS.get(show, _FILTERS["all"])
    found = [record for record in reversed(visit.exchanges.ledger.recent) if wanted(record)]
    last = max(1, -(-len(found) // _PAGE))
    page = max(1, number(visit.query.get("page"), 1, most=last))
    kept = found[(page - 1) * _PAGE : page * _PAGE]
    urls = {step: _url(show, page + step) for step in (-1, 1) if 1 <= page + step <= last}
    return Page(
        "requests.html",
        {
            "requests": seen(kept[::-1]),
            "show": show if show in _FILTERS else "all",
            "found": len(found),
            "page": page,
            "last": last,
            "newer": urls.get(-1),
            "older": urls.get(1),
        },
    )


def seen(records: Sequence[RequestRecord]) -> list[Seen]:
    """Describe requests, newest first, from the ledger's oldest first."""
    return [_seen(record) for record in reversed(records)]


def _seen(record: RequestRecord) -> Seen:
    latency = f"latency {record.latency * 1000:,.0f} ms" if record.latency else ""
    return Seen(
        at=record.at,
        method=record.method,
        path=record.path,
        query="&".join(f"{name}={value}" for name, value in record.query.items()),
        status=str(record.status or _NO_ANSWER),
        failed=_failed(record),
        seconds=record.seconds,
        fault=", ".join(part for part in (record.fault, latency) if part),
    )


def _failed(record: RequestRecord) -> bool:
    return record.status is None or record.status >= 400


def _is_faulty(record: RequestRecord) -> bool:
    return record.fault is not None or record.latency > 0


_FILTERS: Mapping[str, Callable[[RequestRecord], bool]] = {
    "all": lambda _: True,
    "errors": _failed,
    "faults": _is_faulty,
}


def _url(show: str, page: int) -> str:
    return f"/requests?{urlencode({'show': show, 'page': page})}"
