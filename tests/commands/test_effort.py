"""Requests and time are reckoned by what is known, and by no more."""

from __future__ import annotations

import pytest

from importer.commands.effort import EMBEDDED, Pace, Requests
from importer.model import Action, Json, Operation
from tests.fakes.nouns import desired


def counted(*operations: tuple[Action, dict[str, Json]]) -> Requests:
    requests = Requests()
    for action, body in operations:
        requests.add(Operation(action, desired("k1"), "7", body))
    return requests


@pytest.mark.parametrize(
    ("action", "body", "writes", "reads", "updates"),
    [
        pytest.param(Action.CREATE, {"phone": "1"}, 1, 0, 0, id="create"),
        pytest.param(Action.UPDATE, {"phone": "1"}, 1, 0, 1, id="update"),
        pytest.param(Action.UPDATE, {"tags": ["a"]}, 1, 1, 0, id="update-of-tags"),
        pytest.param(Action.ADOPT, {}, 1, 2, 0, id="adopt"),
        pytest.param(Action.ADOPT, {"phone": "1"}, 2, 2, 0, id="adopt-and-update"),
        pytest.param(Action.RESTORE, {}, 1, 0, 0, id="restore"),
        pytest.param(Action.RESTORE, {"phone": "1"}, 2, 0, 0, id="restore-and-update"),
        pytest.param(Action.UNCHANGED, {}, 0, 0, 0, id="unchanged"),
        pytest.param(Action.CONFLICT, {}, 0, 0, 0, id="conflict"),
    ],
)
def test_each_action_has_its_requests(
    action: Action, body: dict[str, Json], writes: int, reads: int, updates: int
) -> None:
    assert counted((action, body)) == Requests(writes, reads, updates)


@pytest.mark.parametrize(
    ("pace", "seconds", "basis"),
    [
        pytest.param(Pace(None, None, None, None, 8), None, "", id="nothing-known"),
        pytest.param(Pace(None, None, 10.0, None, 8), 2.0, "10 requests a second (--rate)", id="asked"),
        pytest.param(
            Pace((60, 30.0), None, None, None, 8), 10.0, "the target's limit of 60 requests in 30 s", id="told"
        ),
        pytest.param(Pace((60, None), None, 10.0, 0.1, 8), 20.0, "in a minute, as is usual", id="the-lowest-counts"),
        pytest.param(Pace(None, 4.0, 10.0, None, 8), 5.0, "found from its refusals", id="found"),
        pytest.param(Pace(None, None, None, 0.5, 5), 2.0, "5 at a time; writes may take longer", id="measured"),
        pytest.param(Pace(None, None, None, 0.0, 8, 0.25), 5.0, "8 at a time", id="answers-at-once"),
        pytest.param(Pace(None, None, None, 0.4, 8, 0.25), 5.0, "8 at a time", id="our-own-cost-counts"),
        pytest.param(Pace(None, None, 2.0, 0.4, 8, 0.25), 10.0, "(--rate)", id="a-rate-below-our-own"),
    ],
)
def test_the_lowest_rate_counts(pace: Pace, seconds: float | None, basis: str) -> None:
    effort = pace.effort(Requests(writes=15, reads=3, updates=9), 2, listed=True)
    assert (effort.reads, effort.writes, effort.seconds) == (5, 15, seconds)
    assert basis in effort.basis
    assert effort.least == ("at a time" in basis)  # a pace is the fastest that can be; a rate is kept


@pytest.mark.parametrize(("listed", "reads"), [(True, 51), (False, 1)])
def test_updates_that_come_long_after_the_listing_are_read_again(listed: bool, reads: int) -> None:
    effort = Pace(None, None, 100 / 119, None, 1).effort(Requests(writes=100, updates=100), 1, listed=listed)
    assert effort.reads == reads
    assert effort.seconds == pytest.approx((100 + reads) * 1.19, rel=0.01)


def test_no_request_is_for_nothing() -> None:
    local = Pace(None, None, None, 0.0001, 8, EMBEDDED).effort(Requests(writes=1999), 1, listed=True)
    remote = Pace(None, None, None, 0.0001, 8).effort(Requests(writes=1999), 1, listed=True)
    assert local.seconds == pytest.approx(2.0)
    assert remote.seconds == pytest.approx(0.6)
