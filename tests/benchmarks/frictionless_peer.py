"""A CSV file and a schema -> the seconds that frictionless takes to validate it; runs where only that is installed."""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path


def main(export: str, schema: str) -> None:
    """Validate the file and print the seconds."""
    os.chdir(Path(export).parent)  # it takes no absolute path for safe
    frictionless = importlib.import_module("frictionless")
    dialect = frictionless.Dialect.from_descriptor({"csv": {"delimiter": ";"}})
    began = time.perf_counter()
    resource = frictionless.Resource(
        path=Path(export).name, schema=frictionless.Schema.from_descriptor(Path(schema).name), dialect=dialect
    )
    report = resource.validate(limit_errors=1_000_000)
    seconds = time.perf_counter() - began
    if not report.stats["errors"]:
        raise RuntimeError("frictionless found nothing")
    sys.stdout.write(str(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
