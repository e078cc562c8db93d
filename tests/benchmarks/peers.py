"""What a budget is measured against: the same work by a library alone, in a process of its own.

`python -m tests.benchmarks.peers NAME ARGUMENT...` prints the seconds of the work, without the start.
"""

from __future__ import annotations

import asyncio
import csv
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from python_calamine import CalamineWorkbook

from importer.readers import ReaderOptions, open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["main"]

_HEADERS = {
    "Accept": "application/json",
    "Authorization": "Bearer sandbox",
    "User-Agent": "kanbert-import",
    "Content-Type": "application/json",
}


def bare_posts(url: str, bodies: str, concurrency: str) -> None:
    """Post each line of a file, so many at once; the answers are read and not looked at."""
    asyncio.run(_posted(f"{url}/companies", iter(Path(bodies).read_bytes().splitlines()), int(concurrency)))


async def _posted(url: str, bodies: Iterator[bytes], concurrency: int) -> None:
    async def work() -> None:
        for body in bodies:
            async with session.post(url, data=body) as response:
                await response.read()
                if response.status != 201:
                    message = f"answered {response.status}"
                    raise RuntimeError(message)

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=_HEADERS) as session, asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(work())


def read_csv(path: str) -> None:
    """Read a CSV file with the standard library."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        for _ in csv.reader(file, delimiter=";"):
            pass


def read_calamine(path: str) -> None:
    """Read the first sheet of a workbook with calamine."""
    with CalamineWorkbook.from_path(path) as workbook:
        for _ in workbook.get_sheet_by_index(0).iter_rows():
            pass


def read_source(path: str) -> None:
    """Read a file with our readers."""
    with open_source(Path(path), ReaderOptions()) as source:
        for _ in source.rows():
            pass


_PEERS: Mapping[str, Callable[..., None]] = {
    "bare": bare_posts,
    "csv": read_csv,
    "calamine": read_calamine,
    "source": read_source,
}


def main(name: str, *arguments: str) -> None:
    """Do one peer's work and print how long it took."""
    began = time.perf_counter()
    _PEERS[name](*arguments)
    sys.stdout.write(str(time.perf_counter() - began))


if __name__ == "__main__":
    main(*sys.argv[1:])
