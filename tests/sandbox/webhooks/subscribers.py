"""Sandboxes whose webhooks go to receivers, and what their log of deliveries says."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio

from importer.sandbox import DeliveryOptions, SandboxOptions, Subscription
from tests.sandbox.client import Client, opened
from tests.sandbox.webhooks.receiver import LIMIT, SECRET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest


AT_ONCE = DeliveryOptions(quiet=0, backoff=0.001, timeout=LIMIT)

LATER = DeliveryOptions(quiet=3600)  # not while the test lasts

SHARED = DeliveryOptions(quiet=0, backoff=0.001, timeout=LIMIT, glance=0.01)


@asynccontextmanager
async def subscribed(
    *urls: str, delivery: DeliveryOptions = AT_ONCE, data: Path | None = None, **options: Any
) -> AsyncIterator[Client]:
    webhooks = tuple(Subscription(url, secret=SECRET) for url in urls)
    async with opened(SandboxOptions(data=data, webhooks=webhooks, delivery=delivery, **options)) as client:
        yield client


async def control(client: Client, method: str, path: str) -> Any:
    url = client.sandbox.url.replace("/api/v1", "/sandbox/webhooks") + path
    async with client.session.request(method, url) as response:
        return await response.json()


async def logged(client: Client, count: int) -> list[dict[str, Any]]:
    """Wait for so many deliveries that are over, newest first."""
    with anyio.fail_after(LIMIT):
        while True:
            deliveries: list[dict[str, Any]] = (await control(client, "GET", "/deliveries"))["deliveries"]
            if len(deliveries) >= count:
                return deliveries


async def delete(client: Client, kanbert_id: str = "1") -> None:
    assert (await client.call("DELETE", f"/companies/{kanbert_id}")).status == 200


def statuses(delivery: dict[str, Any]) -> list[int | None]:
    return [attempt["status"] for attempt in delivery["attempts"]]


async def until_logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    with anyio.fail_after(LIMIT):
        while text not in caplog.text:
            await anyio.lowlevel.checkpoint()
