"""A file of companies, one JSON object a line -> posted by dlt through a destination of one's own, and the seconds taken.

What a source of dlt yields is mapped already, hence the JSON lines. One item a call and one request an item, as the API
wants it; the table is cut into files so that as many load jobs as asked for post side by side. Runs where only dlt is.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # read when dlt is imported

import dlt
from dlt.sources.helpers import requests

from tests.benchmarks.plainly import HEADERS

if TYPE_CHECKING:
    from collections.abc import Iterator


def main(url: str, bodies: str, rows: str, concurrency: str) -> None:
    """Run the pipeline and print the seconds, if each row was posted once."""
    os.environ["LOAD__WORKERS"] = concurrency
    os.environ["NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS"] = str(max(1, int(rows) // int(concurrency) // 4))
    client, posted = requests.Client(session_attrs={"headers": HEADERS}), count()  # a session for each thread

    @dlt.destination(batch_size=1, name="kanbert", max_parallel_load_jobs=int(concurrency))
    def kanbert(items: list[dict[str, object]], _table: object) -> None:
        for item in items:
            client.post(f"{url}/companies", json=item)  # raises where it was refused
            next(posted)

    @dlt.resource(name="companies")
    def companies() -> Iterator[object]:
        with Path(bodies).open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        dlt.pipeline("benchmark", destination=kanbert, pipelines_dir=folder).run(companies)
        seconds = time.perf_counter() - began
    if (done := next(posted)) != int(rows):
        message = f"dlt posted {done} rows of {rows}"
        raise RuntimeError(message)
    sys.stdout.write(f"{seconds}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
