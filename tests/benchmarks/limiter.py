"""`run` behind a limit that nobody tells: nginx's `limit_req` in front of a local Kanbert, counted in its access log.

Of the allowance: the requests let through from five seconds after the first one on, over rate x seconds. The run's
reading is not in it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.children import importing
from tests.benchmarks.exports import write_csv, write_mapping
from tests.benchmarks.figures import Figure
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.nginx import Gateway, Limit, gateway

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.benchmarks.setting import Setting
    from tests.fakes.nginx import Hit

__all__ = ["Share", "limiter", "share_of"]

WARM_UP = 5.0  # seconds in which the limit is found
_SECONDS = 40  # of writing, about


@dataclass(frozen=True, slots=True)
class Share:
    """What a gateway let through."""

    used: float  # of the allowance, after the warm-up
    throttled: float  # answered 429, of all requests


def share_of(hits: Sequence[Hit], rate: float, until: float | None = None) -> Share:
    """Count what was let through, to the last request or for so many seconds."""
    began = min(hit.at for hit in hits)
    ends = max(hit.at for hit in hits) if until is None else began + until
    passed = sum(hit.status != 429 and began + WARM_UP <= hit.at < ends for hit in hits)
    throttled = sum(hit.status == 429 for hit in hits)
    return Share(passed / (rate * (ends - began - WARM_UP)), throttled / len(hits))


def limiter(setting: Setting) -> Iterator[Figure]:
    """Shares of the allowance used and of the requests answered 429, alone and with another run beside."""
    for rate in (50, 200):
        for limit in (
            Limit(rate),
            Limit(rate, burst=20),
            Limit(rate, burst=20, delay=True),
            Limit(rate, burst=20, retry_after=1),
        ):
            share = share_of(_written(setting, limit, runs=1).hits(), rate)
            yield from _figures(limit, share)
        yield from _side_by_side(setting, Limit(rate, burst=20))


def _figures(limit: Limit, share: Share) -> Iterator[Figure]:
    name = f"limiter {_shown(limit)}"
    yield Figure(name, "of the allowance used", share.used, at_least=0.97)
    yield Figure(name, "answered 429, of 100", 100.0 * share.throttled, at_most=1.0)


def _side_by_side(setting: Setting, limit: Limit) -> Iterator[Figure]:
    """Two runs begin together; each is measured while both write."""
    gate = _written(setting, limit, runs=2)
    hits = gate.hits()
    runs = _by_run(hits)
    ends = min(max(hit.at for hit in one) for one in runs)
    both = [hit for hit in hits if hit.at <= ends and hit.status != 429]
    name = f"limiter {_shown(limit)}, two runs"
    least = min(sum(hit.at <= ends and hit.status != 429 for hit in one) for one in runs)
    yield Figure(name, "of the allowance used by both", share_of(hits, limit.rate, ends - hits[0].at).used)
    yield Figure(name, "share of the lesser", least / len(both), at_least=1 / 3)
    yield Figure(name, "answered 429, of 100", 100.0 * sum(hit.status == 429 for hit in hits) / len(hits), at_most=1.0)


def _by_run(hits: Sequence[Hit]) -> list[list[Hit]]:
    return [[hit for hit in hits if hit.url == url] for url in sorted({hit.url for hit in hits})]


def _shown(limit: Limit) -> str:
    kind = "delay" if limit.delay else "nodelay"
    wait = "" if limit.retry_after is None else f" Retry-After {limit.retry_after}"
    return f"{limit.rate}/s burst {limit.burst} {kind}{wait}"


def _written(setting: Setting, limit: Limit, *, runs: int) -> Gateway:
    """Write through a gateway; each run has a file, an origin and a port of its own, by which the log knows it."""
    folder = setting.folder / f"{limit.rate}-{limit.burst}-{limit.delay}-{limit.retry_after}-{runs}"
    folder.mkdir()
    rows = setting.rows(limit.rate * _SECONDS) // runs
    mapping = write_mapping(folder)
    with (
        local_kanbert() as kanbert,
        gateway(folder / "nginx", kanbert.url, limit) as gate,
        ThreadPoolExecutor() as pool,
    ):
        exports = [write_csv(folder / f"contacts{number}.csv", rows) for number in range(runs)]
        for ended in [
            pool.submit(_run, export, mapping, gate.urls[number], number) for number, export in enumerate(exports)
        ]:
            ended.result()
    return gate


def _run(export: Path, mapping: Path, url: str, number: int) -> None:
    origin = mapping.with_name(f"mapping{number}.yaml")
    origin.write_text(mapping.read_text(encoding="utf-8").replace("benchmark}", f"benchmark{number}}}"))
    importing("run", export, "-m", origin, "--to", url, "--journal", export.with_suffix(".journal"), "--json")
