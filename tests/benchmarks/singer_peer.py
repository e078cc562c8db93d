"""A file of Singer messages -> posted by a record sink of singer-sdk, and the seconds taken; runs where only that is.

A target takes what a tap gives, hence the messages, which hold companies mapped already. A record sink writes one record
after the other: singer-sdk's parallelism is one of streams, and there is one stream here.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import ClassVar

import requests
from singer_sdk import RecordSink, Target

from tests.benchmarks.plainly import HEADERS


class Companies(RecordSink):
    """Posts each record."""

    posted: ClassVar[int] = 0

    def setup(self) -> None:
        """Open one connection for all records."""
        self._session = requests.Session()
        self._session.headers.update(HEADERS)

    def process_record(self, record: dict[str, object], context: dict[str, object]) -> None:
        """Post one."""
        self._session.post(f"{self.config['url']}/companies", json=record, timeout=30).raise_for_status()
        Companies.posted += 1


class Kanbert(Target):
    """The target."""

    name = "target-kanbert"
    default_sink_class = Companies
    config_jsonschema: ClassVar[dict[str, object]] = {"type": "object", "properties": {"url": {"type": "string"}}}


def main(url: str, messages: str, rows: str) -> None:
    """Take in the messages and print the seconds, if each row was posted once."""
    logging.disable(logging.INFO)
    with Path(messages).open(encoding="utf-8") as lines:
        began = time.perf_counter()
        Kanbert(config={"url": url}).listen(lines)
        seconds = time.perf_counter() - began
    if Companies.posted != int(rows):
        message = f"singer-sdk posted {Companies.posted} rows of {rows}"
        raise RuntimeError(message)
    sys.stdout.write(f"{seconds}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
