"""A run behind a limit: nginx's, which tells nothing, and the framework's, which tells what remains."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from importer.sandbox import Behaviour
from tests.fakes.contacts import contact, write_contacts
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.nginx import Gateway, Limit, gateway
from tests.scenarios.importing import importing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.fakes.nginx import Hit

RATE = 200
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def passed(hits: Sequence[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.status != 429]


def throttled_share(hits: Sequence[Hit]) -> float:
    return 1 - len(passed(hits)) / len(hits)


def behind(folder: Path, limit: Limit, *, rows: int, runs: int = 1) -> Gateway:
    """Let runs write so many rows each, side by side, each with a file, an origin and a port of its own."""
    with (
        local_kanbert() as kanbert,
        gateway(folder / "nginx", kanbert.url, limit) as gate,
        ThreadPoolExecutor() as pool,
    ):
        for number in range(runs):
            write_contacts(folder / f"contacts{number}.csv", [contact(n) for n in range(1, rows + 1)])
        ended = [pool.submit(importing, folder, number, gate.urls[number]) for number in range(runs)]
        for one in ended:
            one.result()
        assert len(kanbert.all_companies()) == rows * runs
    return gate


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param(Limit(RATE, burst=5), id="small burst"),
        pytest.param(Limit(RATE, burst=20, delay=True), id="held back by nginx"),
    ],
)
def test_a_limit_that_nobody_tells_is_kept(tmp_path: Path, limit: Limit) -> None:
    hits = behind(tmp_path, limit, rows=2000).hits()
    assert throttled_share(hits) < 0.01
    # how much of it is used depends on the machine as well: the benchmark `limiter` measures that


def test_a_pause_that_is_asked_for_is_kept_by_all(tmp_path: Path) -> None:
    hits = behind(tmp_path, Limit(RATE, burst=20, retry_after=1), rows=1500).hits()
    refused = [hit.at for hit in hits if hit.status == 429]
    assert refused
    latest = max(at for at in refused if at < refused[0] + 0.5)
    assert not [hit for hit in hits if latest + 0.1 < hit.at < refused[0] + 0.95]
    assert throttled_share(hits) < 0.01


def test_of_two_runs_under_one_limit_neither_starves(tmp_path: Path) -> None:
    gate = behind(tmp_path, Limit(RATE, burst=20), rows=1200, runs=2)
    hits = gate.hits()
    ends = [max(hit.at for hit in hits if hit.url == url) for url in gate.urls]
    both = [hit for hit in passed(hits) if hit.at <= min(ends)]
    for url in gate.urls:
        assert sum(hit.url == url for hit in both) >= len(both) / 10
    assert throttled_share(hits) < 0.03  # one in a hundred, where nothing else runs, by the benchmark


def test_a_window_that_is_told_is_used_up_without_a_429(tmp_path: Path) -> None:
    write_contacts(tmp_path / "contacts0.csv", [contact(n) for n in range(1, 900)])
    with local_kanbert(behaviour=Behaviour(unknown_custom_field="store", throttle=200, throttle_window=2.0)) as kanbert:
        document = importing(tmp_path, 0, kanbert.url)
    assert document["requests"]["throttled"] <= 1  # the first, which tells how long a window is
    assert document["requests"]["waited_s"] <= 2.0  # no window is waited for but the first
