"""The environment of processes that tests start by the hundred: without coverage, which costs each a third of its time.

What they run is measured where it runs once.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["UNMEASURED"]

UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")} | {
    "PYTHONPATH": str(Path(__file__).parents[1])
}
