"""An export -> its rows posted by `requests`, in a loop or in threads, and the seconds taken; runs where only that is."""

from __future__ import annotations

import csv
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from tests.benchmarks.plainly import HEADERS, company

if TYPE_CHECKING:
    from collections.abc import Iterator


def main(url: str, export: str, rows: str, concurrency: str) -> None:
    """Post each row and print the seconds, if each was created; a concurrency of 1 is a plain loop."""
    began = time.perf_counter()
    done = _in_a_loop(url, export) if concurrency == "1" else _in_threads(url, export, int(concurrency))
    seconds = time.perf_counter() - began
    if done != int(rows):
        message = f"requests posted {done} rows of {rows}"
        raise RuntimeError(message)
    sys.stdout.write(f"{seconds}\n")


def _rows(export: str) -> Iterator[dict[str, str]]:
    with Path(export).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def _in_a_loop(url: str, export: str) -> int:
    with requests.Session() as session:
        return sum(_post(session, url, row) for row in _rows(export))


def _in_threads(url: str, export: str, concurrency: int) -> int:
    mine = threading.local()  # a session is not safe to share

    def connect() -> None:
        mine.session = requests.Session()

    with ThreadPoolExecutor(concurrency, initializer=connect) as pool:
        return sum(pool.map(lambda row: _post(mine.session, url, row), _rows(export)))


def _post(session: requests.Session, url: str, row: dict[str, str]) -> bool:
    response = session.post(f"{url}/companies", json=company(row), headers=HEADERS, timeout=30)
    response.raise_for_status()
    return bool(response.json()["external_id"] == row["customer_id"])


if __name__ == "__main__":
    main(*sys.argv[1:])
