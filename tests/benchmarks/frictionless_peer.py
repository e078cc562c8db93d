"""A CSV file and a schema -> the seconds that frictionless takes to validate it; runs where only that is installed."""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path


def main(export: str, schema: str, rows: str, errors: str) -> None:
    """Validate the file and print the seconds, if it read so many rows and found so many errors."""
    os.chdir(Path(export).parent)  # it takes no absolute path for safe
    frictionless = importlib.import_module("frictionless")
    dialect = frictionless.Dialect.from_descriptor({"csv": {"delimiter": ";"}})
    began = time.perf_counter()
    resource = frictionless.Resource(
        path=Path(export).name, schema=frictionless.Schema.from_descriptor(Path(schema).name), dialect=dialect
    )
    report = resource.validate(limit_errors=1_000_000)
    seconds = time.perf_counter() - began
    stats = report.tasks[0].stats
    if (stats["rows"], stats["errors"]) != (int(rows), int(errors)):  # stopped early, or did not look
        message = f"frictionless read {stats['rows']} rows and found {stats['errors']} errors"
        raise RuntimeError(message)
    sys.stdout.write(str(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
