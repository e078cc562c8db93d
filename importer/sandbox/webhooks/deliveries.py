"""Subscriptions and what is due to them -> deliveries in tasks of their own, one a subscription, while the sandbox runs.

What breaks here ends neither the sandbox nor what another subscription hears.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio

from importer.sandbox.webhooks import outbox
from importer.sandbox.webhooks.lock import sole_deliverer
from importer.sandbox.webhooks.records import State
from importer.sandbox.webhooks.sending import receiver_session, sent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    import aiohttp
    from anyio.abc import TaskGroup

    from importer.sandbox.behaviour import Behaviour
    from importer.sandbox.store import Store
    from importer.sandbox.webhooks.options import DeliveryOptions
    from importer.sandbox.webhooks.outbox import Due, Heard, Parcel
    from importer.sandbox.webhooks.records import Attempt

__all__ = ["Deliveries"]

T = TypeVar("T")

_PAUSE = 0.05  # seconds: a burst of writes is one look at the history
_SAVING = 10.0  # seconds that the end of a delivery may take to be stored, also while the sandbox stops
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Lane:
    """A subscription's task: what wakes it, and how many deliveries it has under way."""

    woken: anyio.Event = field(default_factory=anyio.Event)
    under_way: int = 0


class Deliveries:
    """Delivers what the store's history has to tell.

    One task looks whether something happened; each subscription has a task, its lane, that reads on in the history and
    sends, so none holds up another. Of several sandboxes on one file one delivers, whichever of them wrote; when it ends,
    another goes on. Without a subscription nothing runs, and `wake` costs next to nothing.
    """

    def __init__(
        self,
        store: Store,
        data: Path | None,
        behaviour: Behaviour,
        options: DeliveryOptions,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._data = data
        self._behaviour = behaviour
        self._options = options
        self._clock = clock
        self._woken = anyio.Event()
        self._lanes: dict[int, _Lane] = {}

    def wake(self) -> None:
        """Say that a write was stored, or that a subscription came or went."""
        self._woken.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver until the context ends, which does not wait for receivers: what is cut off is delivered next time."""
        problem: BaseException | None = None
        session = receiver_session(self._options)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_apart, "all webhooks stop", partial(self._run, session))
                try:
                    yield
                except anyio.get_cancelled_exc_class():
                    raise
                except BaseException as error:  # noqa: BLE001  # goes on below: the task group would wrap it
                    problem = error
                tasks.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await session.close()
        if problem is not None:
            raise problem

    async def _run(self, session: aiohttp.ClientSession) -> None:
        """Begin when there is a subscription, and no other sandbox on the same file that delivers."""
        while not (await self._heard()).subscriptions:
            await self._woken.wait()
        async with sole_deliverer(self._data, self._options.glance):
            await self._stored(partial(outbox.resume, due_at=self._due_at()))
            async with anyio.create_task_group() as tasks:
                await self._watch(session, tasks)

    async def _watch(self, session: aiohttp.ClientSession, tasks: TaskGroup) -> None:
        """See to it that every subscription has its lane, and that lanes wake when there is something new."""
        before = None
        while True:
            heard = await self._heard()
            for subscription_id in heard.subscriptions:
                if subscription_id not in self._lanes:
                    lane = self._lanes[subscription_id] = _Lane()
                    serve = partial(self._serve, session, subscription_id, lane)
                    tasks.start_soon(_apart, f"webhook {subscription_id} stops", serve)
            if heard != before:
                for lane in self._lanes.values():
                    lane.woken.set()
            before = heard
            await self._news()

    async def _heard(self) -> Heard:
        self._woken = anyio.Event()
        return await self._patiently(partial(self._store.read, outbox.heard))

    async def _news(self) -> None:
        """Wait for a write of this sandbox or, on a file, for as long as one of another may go unseen."""
        with anyio.move_on_after(None if self._data is None else self._options.glance):
            await self._woken.wait()
            await anyio.sleep(min(_PAUSE, self._options.quiet))

    async def _serve(self, session: aiohttp.ClientSession, subscription_id: int, lane: _Lane) -> None:
        """Deliver to one subscription as long as it is there."""
        async with anyio.create_task_group() as tasks:
            while True:
                lane.woken = anyio.Event()
                more = await self._stored(
                    partial(outbox.take_in, subscription_id=subscription_id, due_at=self._due_at(), at=self._now())
                )
                due = await self._due(subscription_id, self._options.parallel - lane.under_way)
                if due is None:
                    break
                for parcel in due.parcels:
                    lane.under_way += 1
                    tasks.start_soon(self._deliver, session, parcel, lane)
                if not more:
                    await self._until(due.next_at, lane)
        del self._lanes[subscription_id]

    async def _until(self, next_at: float | None, lane: _Lane) -> None:
        """Wait until something else is due, if there is room for it, or until the lane is woken."""
        is_full = lane.under_way >= self._options.parallel
        wait = None if is_full or next_at is None else next_at - anyio.current_time()
        with anyio.move_on_after(wait):
            await lane.woken.wait()

    async def _due(self, subscription_id: int, limit: int) -> Due | None:
        work = partial(
            outbox.take_due,
            behaviour=self._behaviour,
            subscription_id=subscription_id,
            now=anyio.current_time(),
            limit=limit,
        )
        return await self._stored(work)

    async def _deliver(self, session: aiohttp.ClientSession, parcel: Parcel, lane: _Lane) -> None:
        attempts: list[Attempt] = []
        while _goes_on(attempts, self._options.tries):
            if attempts:
                await anyio.sleep(self._options.delay(len(attempts)))
                if not await self._stored(partial(outbox.is_wanted, parcel=parcel)):
                    break
            attempts.append(await sent(session, parcel, self._options, self._clock))
        state = _state(attempts, self._options.tries)
        with anyio.move_on_after(_SAVING, shield=True):  # what a receiver took is not sent again if it can be helped
            await self._stored(partial(outbox.finish, parcel=parcel, state=state, attempts=attempts, at=self._now()))
        lane.under_way -= 1
        lane.woken.set()

    async def _stored(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._patiently(partial(self._store.run, work))

    async def _patiently(self, access: Callable[[], Awaitable[T]]) -> T:
        """Go to the store, again and again where its file cannot be used just now: requests say so, webhooks wait."""
        while True:
            try:
                return await access()
            except sqlite3.OperationalError as error:
                _LOG.warning("webhooks wait for the sandbox's data: %s", error)
                await anyio.sleep(self._options.backoff)

    def _due_at(self) -> float:
        return anyio.current_time() + self._options.quiet

    def _now(self) -> str:
        return self._clock().isoformat()


async def _apart(what: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do work so that, when it breaks, it stops alone; what is cut off is delivered next time."""
    try:
        await work()
    except Exception:  # noqa: BLE001  # the top of a lane: the sandbox and its other lanes go on, this one is logged
        _LOG.exception("%s until the sandbox starts again", what)


def _goes_on(attempts: list[Attempt], tries: int) -> bool:
    return len(attempts) < tries and not (attempts and attempts[-1].succeeded)


def _state(attempts: list[Attempt], tries: int) -> State:
    if attempts and attempts[-1].succeeded:
        return State.DELIVERED
    return State.FAILED if len(attempts) >= tries else State.CANCELLED
