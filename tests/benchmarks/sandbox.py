"""The sandbox on one core against a bare server there: creates a second, and pages a second far into a long list.

Server and client are processes of their own, each on its core where the system lets them be put there. The client is a
bare protocol that sends bytes made beforehand, so that it is never what is measured.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from importer.sandbox import SandboxOptions, running_sandbox
from importer.sandbox.opening import open_store
from tests.benchmarks.figures import Figure, middle, quickest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

    from tests.benchmarks.setting import Setting

__all__ = ["main", "sandbox_creates", "sandbox_pages"]

_ROOT = Path(__file__).parents[2]
_CONCURRENCY = 32
_COMPANIES = 100_000
_HEADERS = "Host: localhost\r\nAccept: application/json\r\nAuthorization: Bearer sandbox\r\n"
_COMPANY = {
    "company_name": "Northwind Trading",
    "email": "office@northwind.example",
    "phone": "+43 1 0000000",
    "address_invoice_street": "Main Street",
    "address_invoice_house": "1",
    "address_invoice_zip": "1010",
    "address_invoice_town": "Vienna",
    "address_invoice_country": "AT",
    "tags": ["imported"],
}


def sandbox_creates(setting: Setting) -> Iterator[Figure]:
    """Creates a second over 32 connections, and the same bytes to an aiohttp server that answers a constant."""
    count = setting.rows(20_000)
    bare, sandbox = list[float](), list[float]()
    for turn in range(setting.repeats):  # in turns, so that a busy moment meets both
        bare.append(_rate("bare", "-", "creates", count))
        sandbox.append(_rate("sandbox", str(setting.folder / f"{turn}.db"), "creates", count))
    yield middle(
        "sandbox_creates", "sandbox / bare server", (one / other for one, other in zip(sandbox, bare, strict=True))
    )
    yield Figure("sandbox_creates", "creates on one core", max(sandbox), "/s", at_least=1500, samples=tuple(sandbox))
    yield quickest("sandbox_creates", "bare server", bare, "/s")


def sandbox_pages(setting: Setting) -> Iterator[Figure]:
    """Pages of 30 a second at the start and at the end of 100,000 companies."""
    companies, count = setting.rows(_COMPANIES), setting.rows(1_000)
    data = setting.folder / "large.db"
    asyncio.run(_fill(data, companies))
    early, late = list[float](), list[float]()
    for _ in range(setting.repeats):
        early.append(_rate("sandbox", str(data), "0", count))
        late.append(_rate("sandbox", str(data), str(max(0, companies - 40)), count))
    ratios = (one / other for one, other in zip(late, early, strict=True))
    yield middle("sandbox_pages", "last page / first page", ratios, at_least=0.8)
    yield quickest("sandbox_pages", "first page", early, "/s")
    yield quickest("sandbox_pages", "last page", late, "/s")


def _rate(server: str, data: str, asked: str, count: int) -> float:
    """Serve in one process, ask from another; answers a second."""
    with _running(server, data) as url:
        words = [sys.executable, "-m", "tests.benchmarks.sandbox", "client", url, asked, str(count)]
        ended = subprocess.run(words, cwd=_ROOT, stdout=subprocess.PIPE, check=True)
    return count / float(ended.stdout)


@contextmanager
def _running(*words: str) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.benchmarks.sandbox", *words]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


async def _fill(data: Path, companies: int) -> None:
    def insert(db: sqlite3.Connection) -> None:
        db.execute(
            """
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
            INSERT INTO companies (external_id, external_origin, company_name, phone, created_at, updated_at)
            SELECT n, 'sandbox', 'Company ' || n, '+43 1 ' || n, '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00'
            FROM numbers
            """,
            [companies],
        )

    async with open_store(data) as store:
        await store.run(insert)


class _Caller(asyncio.Protocol):
    """One connection of the client: sends the next request when an answer is complete."""

    def __init__(self, requests: Iterator[bytes], ended: asyncio.Future[None]) -> None:
        self._requests = requests
        self._ended = ended
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport
            self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0]):
            return
        if head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            self._received = b""
            self._ask()
        elif not self._ended.done():
            self._ended.set_exception(RuntimeError(self._received.decode()))

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_exception(error or ConnectionError("the server closed the connection"))

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is not None and self._transport is not None:
            self._transport.write(request)
        elif not self._ended.done():
            self._ended.set_result(None)


async def _called(url: str, requests: Iterator[bytes]) -> None:
    address, loop = urlsplit(url), asyncio.get_running_loop()
    endings = [loop.create_future() for _ in range(_CONCURRENCY)]
    for ended in endings:
        caller = partial(_Caller, requests, ended)
        await loop.create_connection(caller, str(address.hostname), address.port or 80)
    for ended in endings:
        await ended


def _requests(asked: str, count: int) -> Iterator[bytes]:
    if asked == "creates":
        bodies = (json.dumps({**_COMPANY, "external_id": f"C-{number}"}) for number in range(count))
        head = f"POST /api/v1/companies HTTP/1.1\r\n{_HEADERS}Content-Type: application/json\r\nContent-Length: "
        return iter([f"{head}{len(body)}\r\n\r\n{body}".encode() for body in bodies])
    position = json.dumps({"companies.id": int(asked), "_pointsToNextItems": True}).encode()
    cursor = base64.urlsafe_b64encode(position).decode().rstrip("=")
    return iter([f"GET /api/v1/companies?page[cursor]={cursor} HTTP/1.1\r\n{_HEADERS}\r\n".encode()] * count)


def _client(url: str, asked: str, count: str) -> None:
    """Ask so often and print the seconds that it took."""
    _stay_on(1)
    requests = _requests(asked, int(count))
    began = time.perf_counter()
    asyncio.run(_called(url, requests))
    sys.stdout.write(str(time.perf_counter() - began))


def _bare(_: str) -> None:
    """Serve a constant until terminated."""
    _stay_on(0)
    asyncio.run(_serve_constant())


async def _serve_constant() -> None:
    body = json.dumps({**dict.fromkeys((f"property_{number}" for number in range(40)), None), **_COMPANY}).encode()

    async def answer(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(body=body, status=201, content_type="application/json")

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await _tell(f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1")


def _sandbox(data: str) -> None:
    """Serve a sandbox on a file until terminated."""
    _stay_on(0)
    asyncio.run(_serve_sandbox(Path(data)))


async def _serve_sandbox(data: Path) -> None:
    async with running_sandbox(SandboxOptions(data=data)) as running:
        await _tell(running.url)


async def _tell(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def _stay_on(place: int) -> None:
    """Keep this process, with its threads, on one core; where there is only one, or no such call, it stays free."""
    if sys.platform == "linux" and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(0, {cores[place]})


_ROLES: Mapping[str, Callable[..., None]] = {"bare": _bare, "client": _client, "sandbox": _sandbox}


def main(role: str, *arguments: str) -> None:
    """Play a part of the benchmark in a process of its own."""
    _ROLES[role](*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
