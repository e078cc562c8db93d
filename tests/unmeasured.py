"""Without coverage: the environment of processes that tests start by the hundred, and the time of a slow test.

Coverage makes Python code take two to three times as long. What is run so is measured where it runs once.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["UNMEASURED", "unmeasured"]

_STARTS_COVERAGE = "COVERAGE_PROCESS"  # what the variables begin with that make a child process measure itself
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith(_STARTS_COVERAGE)} | {
    "PYTHONPATH": str(Path(__file__).parents[1])
}


@contextmanager
def unmeasured() -> Iterator[None]:
    """Run what stands in it without coverage, in threads and processes that it starts too."""
    here, in_threads = sys.gettrace(), threading.gettrace()
    starting = {name: value for name, value in os.environ.items() if name.startswith(_STARTS_COVERAGE)}
    for name in starting:
        del os.environ[name]
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(in_threads)
        sys.settrace(here)
        os.environ.update(starting)
