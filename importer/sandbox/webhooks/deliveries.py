"""Subscriptions and what is due to them -> deliveries in tasks of their own, one a subscription, while the sandbox runs."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio

from importer.sandbox.webhooks import outbox
from importer.sandbox.webhooks.records import State
from importer.sandbox.webhooks.sending import receiver_session, sent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable

    import aiohttp

    from importer.sandbox.options import Behaviour
    from importer.sandbox.store import Store
    from importer.sandbox.webhooks.options import DeliveryOptions
    from importer.sandbox.webhooks.outbox import Due, Parcel
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

    One task reads the history and does not wait for any receiver; each subscription has a task that does, so none holds
    up another. Without a subscription nothing runs, and `wake` costs next to nothing.
    """

    def __init__(
        self, store: Store, behaviour: Behaviour, options: DeliveryOptions, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._behaviour = behaviour
        self._options = options
        self._clock = clock
        self._woken = anyio.Event()
        self._lanes: dict[int, _Lane] = {}

    def wake(self) -> None:
        """Say that a write was stored."""
        self._woken.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver until the context ends, which does not wait for receivers: what is cut off is delivered next time."""
        problem: BaseException | None = None
        session = receiver_session(self._options)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._read, session)
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

    async def _read(self, session: aiohttp.ClientSession) -> None:
        """Take in what happens, and see to it that every subscription has its task."""
        pause = min(_PAUSE, self._options.quiet)
        await self._stored(partial(outbox.resume, due_at=self._due_at()))
        async with anyio.create_task_group() as tasks:
            while True:
                self._woken = anyio.Event()
                taken = await self._stored(partial(outbox.take_in, due_at=self._due_at(), at=self._now()))
                for subscription_id in taken.subscriptions:
                    if subscription_id not in self._lanes:
                        lane = self._lanes[subscription_id] = _Lane()
                        tasks.start_soon(self._serve, session, subscription_id, lane)
                for lane in self._lanes.values():
                    lane.woken.set()
                if not taken.more:
                    await self._woken.wait()
                    await anyio.sleep(pause)

    async def _serve(self, session: aiohttp.ClientSession, subscription_id: int, lane: _Lane) -> None:
        """Deliver to one subscription as long as it is there."""
        async with anyio.create_task_group() as tasks:
            while True:
                lane.woken = anyio.Event()
                due = await self._due(subscription_id, self._options.parallel - lane.under_way)
                if due is None:
                    break
                for parcel in due.parcels:
                    lane.under_way += 1
                    tasks.start_soon(self._deliver, session, parcel, lane)
                is_full = lane.under_way >= self._options.parallel
                wait = None if is_full or due.next_at is None else due.next_at - anyio.current_time()
                with anyio.move_on_after(wait):
                    await lane.woken.wait()
        del self._lanes[subscription_id]

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
        """Do work in the store, again and again where its file cannot be used just now: requests say so, webhooks wait."""
        while True:
            try:
                return await self._store.run(work)
            except sqlite3.OperationalError as error:
                _LOG.warning("webhooks wait for the sandbox's data: %s", error)
                await anyio.sleep(self._options.backoff)

    def _due_at(self) -> float:
        return anyio.current_time() + self._options.quiet

    def _now(self) -> str:
        return self._clock().isoformat()


def _goes_on(attempts: list[Attempt], tries: int) -> bool:
    return len(attempts) < tries and not (attempts and attempts[-1].succeeded)


def _state(attempts: list[Attempt], tries: int) -> State:
    if attempts and attempts[-1].succeeded:
        return State.DELIVERED
    return State.FAILED if len(attempts) >= tries else State.CANCELLED
