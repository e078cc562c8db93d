"""A fetch has every contact once, by no more requests than it takes, wherever it was stopped before."""

from __future__ import annotations

import json
import random
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from importer.errors import FatalTargetError, SourceError
from importer.moneybird import ContactsAddress, open_draft, read_snapshot
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


class Watching:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.count = self.waits = 0

    def begin(self, total: int | None) -> None: ...

    def advance(self, count: int) -> None:
        self.count += count

    def wait(self) -> None:
        self.waits += 1


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


async def _fetched(
    fake: FakeMoneybird,
    address: ContactsAddress,
    draft: Draft,
    stop_at: int | None = None,
    watching: Watching | None = None,
) -> Fetched:
    """Fetch; `stop_at` is the number of the request before which it is stopped, as suddenly as by a kill."""
    async with api_of(fake, address) as api:
        asked = api._transport.request

        async def request(*words: Any, **more: Any) -> Answer:
            if len(fake.asked) + 1 == stop_at:
                raise StoppedError
            return await asked(*words, **more)

        api._transport.request = request  # type: ignore[method-assign]
        return await fetched(api, draft, watching or Watching())


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


@pytest.mark.slow
def test_15_000_contacts_fit_in_one_window(file: Path) -> None:
    with moneybird_in_a_thread(FakeMoneybird(limited=True)) as fake:
        fake.add_bare(15_000)
        assert len(ids_of(fetch(fake, file))) == 15_000
        assert list(fake.windows.values()) == [150]
        assert not fake.throttled


def test_what_does_not_fit_waits_for_the_next_window(file: Path) -> None:
    with moneybird_in_a_thread(FakeMoneybird(limited=True, totals=False)) as fake:
        fake.contacts[fake.add_bare(15_007)[0]]["archived"] = True
        watching = Watching()
        with open_draft(file, ADDRESS.text, now=LATER, stale_after=1e5, base=None) as draft:
            assert len(anyio.run(_fetched, fake, ADDRESS, draft, None, watching).ids) == 15_006
        assert (watching.count, watching.waits) == (15_006, 1)
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


# ── changed while it is fetched ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.parametrize("event", ["delete", "delete and add", "change", "add"])
@pytest.mark.parametrize("number", [3, 4, 5])
@pytest.mark.parametrize(("synchronizes", "totals"), [(True, True), (False, True), (False, False)])
def test_contacts_that_stay_are_there_once(
    file: Path, event: str, number: int, synchronizes: bool, totals: bool
) -> None:
    with moneybird_in_a_thread(FakeMoneybird(synchronizes=synchronizes, totals=totals)) as fake:
        ids = fake.add(350)
        doomed = ids[20] if number % 2 else ids[320]

        def happens(request: int) -> None:
            if request == number:
                if "delete" in event:
                    del fake.contacts[doomed]
                if "add" in event:
                    fake.add(1, version=int(LATER) + 5)
                if event == "change":
                    fake.change(doomed, company_name="Anders")

        fake.before = happens
        found = ids_of(fetch(fake, file))
        assert len(found) == len(set(found))
        assert set(ids) - {doomed} <= set(found)
        assert (doomed in found) or "delete" in event


def test_a_contact_that_goes_is_told(file: Path) -> None:
    with moneybird_in_a_thread() as fake:
        ids = fake.add(150)

        def deleted(request: int) -> None:
            if request == 3:
                del fake.contacts[ids[140]]

        fake.before = deleted
        with open_draft(file, ADDRESS.text, now=LATER, stale_after=1e5, base=None) as draft:
            found = anyio.run(_fetched, fake, ADDRESS, draft)
        assert (found.gone, len(found.ids), found.fetched) == ((ids[140],), 149, 149)
        assert requests_of(fake)[-1] == f"GET /contacts/{ids[140]}"


def test_contacts_that_do_not_come_with_the_others_are_asked_for_alone(file: Path) -> None:
    with moneybird_in_a_thread() as fake:
        fake.unfetchable = {fake.add(150)[149]}
        assert ids_of(fetch(fake, file)) == list(fake.contacts)


def test_a_list_that_never_holds_still_is_given_up(file: Path) -> None:
    with moneybird_in_a_thread(FakeMoneybird(synchronizes=False)) as fake:
        fake.add(150)

        def grows(_: int) -> None:
            fake.add(1)

        fake.before = grows
        with pytest.raises(FatalTargetError, match="changed all the time"):
            fetch(fake, file)


def test_a_list_that_gives_the_same_page_for_ever_is_given_up(file: Path) -> None:
    page = json.dumps([{"id": str(number), "version": 1} for number in range(1, 101)])
    with moneybird_in_a_thread(FakeMoneybird(synchronizes=False)) as fake:
        fake.answers = dict.fromkeys((*range(1, 2), *range(3, 40)), (200, page))
        fake.answers[2] = (404, "{}")
        with pytest.raises(FatalTargetError, match="changed all the time"):
            fetch(fake, file)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410])
def test_a_synchronization_that_breaks_off_is_made_up_by_the_list(file: Path, status: int) -> None:
    with moneybird_in_a_thread() as fake:
        fake.add(250)
        fake.answers[3] = (status, '{"error": "no"}')
        assert ids_of(fetch(fake, file)) == list(fake.contacts)
        assert requests_of(fake)[2:] == ["POST ids", "GET /contacts", "GET /contacts", "GET /contacts"]


@pytest.mark.parametrize(("status", "words"), [(401, "did not accept the token"), (402, "payment")])
def test_a_token_that_ends_midway_stops_the_fetch(file: Path, status: int, words: str) -> None:
    with moneybird_in_a_thread() as fake:
        fake.add(250)
        fake.answers[3] = (status, '{"error": "no"}')
        with pytest.raises(FatalTargetError, match=words):
            fetch(fake, file)
        assert len(ids_of(fetch(fake, file))) == 250


@pytest.mark.parametrize("body", ['{"error": "oops"}', "<html>maintenance"])
def test_a_server_that_has_trouble_is_asked_again(file: Path, body: str) -> None:
    with moneybird_in_a_thread() as fake:
        fake.add(250)
        fake.answers = {2: (500, body), 4: (503, body)}
        assert ids_of(fetch(fake, file)) == list(fake.contacts)


def test_a_429_that_names_no_time_is_waited_out_too(file: Path) -> None:
    with moneybird_in_a_thread() as fake:
        fake.add(250)
        fake.answers = dict.fromkeys((2, 3), (429, '"Retry later"'))
        assert ids_of(fetch(fake, file)) == list(fake.contacts)


@pytest.mark.parametrize("answer", ['[{"id": 4.9e17, "version": 1}]', '[{"id": "1"}, {"id": 1}]', '{"ids": []}'])
def test_ids_that_are_none_stop_the_fetch(file: Path, answer: str) -> None:
    with moneybird_in_a_thread() as fake:
        fake.add(150)
        fake.answers[2] = (200, answer)
        with pytest.raises(FatalTargetError, match="does not answer as its API does"):
            fetch(fake, file)


def test_another_contact_than_the_one_asked_for_is_not_taken(file: Path) -> None:
    with moneybird_in_a_thread() as fake:
        fake.unfetchable = {fake.add(150)[149]}
        fake.answers[4] = (200, '{"id": "1"}')
        with pytest.raises(FatalTargetError, match="not the contact that was asked for"):
            fetch(fake, file)


async def test_more_than_a_hundred_ids_are_never_sent() -> None:
    async with api_of(FakeMoneybird(url="http://127.0.0.1:1/")) as api:
        with pytest.raises(ValueError, match="100"):
            await api.contacts([str(number) for number in range(101)])


# ── what is on the disk ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cut", [0, 1, 2, 300, 301, 60_000])
def test_a_draft_that_is_cut_off_anywhere_goes_on(file: Path, cut: int) -> None:
    with moneybird_in_a_thread() as fake:
        fake.add(120)
        part = file.with_name("x.contacts.part")
        with (
            suppress(StoppedError),
            open_draft(file, ADDRESS.text, now=LATER, stale_after=1e5, base=None) as draft,
        ):
            anyio.run(_fetched, fake, ADDRESS, draft, 4)
        part.write_bytes(part.read_bytes()[:-cut] if cut else part.read_bytes())
        assert ids_of(fetch(fake, file)) == list(fake.contacts)


def test_a_draft_that_is_old_or_of_others_is_begun_anew(file: Path) -> None:
    contact = '{"id":"1","version":1}\n'
    for kind, address, at in (
        ("kanbert-import contacts in progress 1", ADDRESS.text, LATER - 2e5),
        ("kanbert-import contacts in progress 1", "moneybird://7", LATER),
        ("something else", ADDRESS.text, LATER),
    ):
        header = json.dumps({"kind": kind, "address": address, "began_at": at})
        file.with_name("x.contacts.part").write_text(f"{header}\n{contact}", encoding="utf-8")
        with open_draft(file, ADDRESS.text, now=LATER, stale_after=1e5, base=None) as draft:
            assert (len(draft), draft.began_at) == (0, LATER)
    header = json.dumps({"kind": "kanbert-import contacts in progress 1", "address": ADDRESS.text, "began_at": LATER})
    file.with_name("x.contacts.part").write_text(f"{header}\n{contact}", encoding="utf-8")
    with open_draft(file, ADDRESS.text, now=LATER + 9, stale_after=1e5, base=None) as draft:
        assert (len(draft), draft.began_at, draft.version("1")) == (1, LATER, 1)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "x\n",
        "[]\n",
        "{}\n",
        '{"kind": "kanbert-import contacts 1"}\n',
        '{"kind": "kanbert-import contacts 9"}\n',
        "\xff",
    ],
)
def test_a_file_that_is_no_snapshot_is_said_to_be_none(file: Path, content: str) -> None:
    file.write_text(content, encoding="latin-1")
    with pytest.raises(SourceError, match="no file of fetched contacts"):
        read_snapshot(file, ADDRESS.text)


def test_what_the_system_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_snapshot(tmp_path, ADDRESS.text)
    with (
        pytest.raises(SourceError, match="cannot be kept"),
        open_draft(tmp_path / "no" / "x", ADDRESS.text, now=1.0, stale_after=1.0, base=None),
    ):
        pass


def test_a_list_that_may_have_moved_is_checked_by_the_ids(file: Path) -> None:
    """Read as the list because all of it would fit in one window so, and then there were not as many."""
    with moneybird_in_a_thread(FakeMoneybird(said=15_000)) as fake:
        fake.add(250)
        assert ids_of(fetch(fake, file)) == list(fake.contacts)
        assert requests_of(fake) == ["GET /contacts", "GET /contacts", "GET /contacts", "GET ids"]


def test_a_page_that_is_short_of_its_total_is_not_taken_for_all(file: Path) -> None:
    with moneybird_in_a_thread(FakeMoneybird(links=False, most=50)) as fake:
        fake.add(60)
        assert ids_of(fetch(fake, file)) == list(fake.contacts)
