"""A fetch has every contact once, by no more requests than it takes, wherever it was stopped before."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from importer.moneybird import ContactsAddress, open_draft
from importer.moneybird.api import Moneybird, transport_options
from importer.moneybird.fetching import fetched
from importer.transport import Token, open_transport
from tests.fakes.clock import FakeClock
from tests.fakes.moneybird import ADMINISTRATION, FakeMoneybird, moneybird_in_a_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from importer.moneybird import Draft, Snapshot
    from importer.moneybird.fetching import Fetched
    from importer.transport import Answer

ADDRESS = ContactsAddress(ADMINISTRATION)
LATER = 1_790_000_000.0


class Unwatched:
    def begin(self, total: int | None) -> None: ...

    def advance(self, count: int) -> None: ...


@asynccontextmanager
async def api_of(fake: FakeMoneybird, address: ContactsAddress = ADDRESS) -> AsyncIterator[Moneybird]:
    clock = FakeClock()
    fake.now = lambda: clock.now().timestamp()
    options = transport_options(fake.url, Token(fake.token))
    async with open_transport(options, clock, random.Random(1), lambda _: None) as transport:
        yield Moneybird(transport, address)


def fetch(
    fake: FakeMoneybird, file: Path, address: ContactsAddress = ADDRESS, base: Snapshot | None = None
) -> Snapshot:
    with open_draft(file, address.text, now=LATER, stale_after=1e5, base=base) as draft:
        found = anyio.run(_fetched, fake, address, draft)
        return draft.finish(found.ids, file, address.text)


async def _fetched(fake: FakeMoneybird, address: ContactsAddress, draft: Draft, stop_at: int | None = None) -> Fetched:
    """Fetch; `stop_at` is the number of the request before which it is stopped, as suddenly as by a kill."""
    async with api_of(fake, address) as api:
        asked = api._transport.request

        async def request(*words: Any, **more: Any) -> Answer:
            if len(fake.asked) + 1 == stop_at:
                raise StoppedError
            return await asked(*words, **more)

        api._transport.request = request  # type: ignore[method-assign]
        return await fetched(api, draft, Unwatched())


class StoppedError(Exception):
    """The process is gone."""


def ids_of(snapshot: Snapshot) -> list[str]:
    place = snapshot.columns.index("id")
    return [str(row.cells[place]) for row in snapshot.rows()]


def requests_of(fake: FakeMoneybird) -> Sequence[str]:
    return [path.replace("/contacts/synchronization.json", "ids").removesuffix(".json") for path in fake.paths()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.contacts"


def test_a_small_administration_is_one_request(file: Path) -> None:
    with moneybird_in_a_thread() as fake:
        fake.add(99)
        snapshot = fetch(fake, file)
        assert ids_of(snapshot) == list(fake.contacts)
        assert requests_of(fake) == ["GET /contacts"]
        assert [row.number for row in snapshot.rows()] == list(range(2, 101))


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("count", [0, 100, 101, 250])
def test_a_larger_one_is_its_ids_and_a_request_for_a_hundred(file: Path, count: int, links: bool) -> None:
    with moneybird_in_a_thread(FakeMoneybird(links=links)) as fake:
        fake.add(count)
        assert ids_of(fetch(fake, file)) == list(fake.contacts)
        assert len(fake.asked) == 1 + (-(-count // 100) if count > 100 else 0)


def test_what_is_fetched_again_is_what_has_changed(file: Path) -> None:
    with moneybird_in_a_thread() as fake:
        ids = fake.add(250)
        before = fetch(fake, file)
        fake.asked.clear()
        same = fetch(fake, file, base=before)
        assert (requests_of(fake), same.sha256) == (["GET ids"], before.sha256)
        fake.asked.clear()
        fake.change(ids[7], company_name="Anders")
        del fake.contacts[ids[9]]
        fake.add(1)
        after = fetch(fake, file, base=same)
        assert requests_of(fake) == ["GET ids", "POST ids"]
        assert ids_of(after) == list(fake.contacts)
        assert "Anders" in [row.cells[after.columns.index("company_name")] for row in after.rows()]


def test_what_changed_when_it_was_fetched_is_fetched_again(file: Path) -> None:
    """Versions are whole seconds: of the same second there may be two."""
    with moneybird_in_a_thread() as fake:
        ids = fake.add(3)
        fake.contacts[ids[0]]["version"] = int(LATER) - 10
        before = fetch(fake, file)
        fake.asked.clear()
        fake.contacts[ids[0]]["company_name"] = "In dezelfde seconde"
        after = fetch(fake, file, base=before)
        assert requests_of(fake) == ["GET ids", "POST ids"]
        assert after.sha256 != before.sha256


def test_15_000_contacts_fit_in_one_window(file: Path) -> None:
    with moneybird_in_a_thread(FakeMoneybird(limited=True)) as fake:
        fake.add(15_000)
        assert len(ids_of(fetch(fake, file))) == 15_000
        assert list(fake.windows.values()) == [150]
        assert not fake.throttled


def test_what_does_not_fit_waits_for_the_next_window(file: Path) -> None:
    with moneybird_in_a_thread(FakeMoneybird(limited=True, totals=False)) as fake:
        ids = fake.add(5)
        for number in range(1, 15_003):
            fake.contacts[str(number)] = {"id": number, "version": 1, "archived": False}
        fake.contacts[ids[0]]["archived"] = True
        assert len(ids_of(fetch(fake, file))) == 15_006
        assert sum(fake.windows.values()) == 152
        assert max(fake.windows.values()) <= 150
        assert not fake.throttled


def test_a_429_is_waited_out_as_the_instant_it_names(file: Path) -> None:
    with moneybird_in_a_thread(FakeMoneybird(limited=True)) as fake:
        fake.add(150)
        began = FakeClock().now().timestamp()
        window = int(began // 300)
        fake.windows[window] = 149  # somebody else asked for the rest
        assert len(ids_of(fetch(fake, file))) == 150
        assert fake.throttled == 1
        assert 0 <= fake.now() - (window + 1) * 300 <= 5


# ── stopped ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("synchronizes", [True, False])
@pytest.mark.parametrize("number", range(1, 9))
def test_stopped_at_any_request_it_goes_on(file: Path, number: int, synchronizes: bool) -> None:
    with moneybird_in_a_thread(FakeMoneybird(synchronizes=synchronizes)) as fake:
        fake.add(450)
        with (
            suppress(StoppedError),  # for the last numbers all is answered, and no snapshot made yet
            open_draft(file, ADDRESS.text, now=LATER, stale_after=1e5, base=None) as draft,
        ):
            anyio.run(_fetched, fake, ADDRESS, draft, number)
        fake.asked.clear()
        snapshot = fetch(fake, file)
        assert ids_of(snapshot) == list(fake.contacts)
        if synchronizes and number > 1:
            assert requests_of(fake).count("POST ids") <= 5 - min(5, max(1, number - 2))
        assert not file.with_name("x.contacts.part").exists()
