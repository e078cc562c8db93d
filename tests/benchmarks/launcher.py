"""A command -> one line of JSON: its exit code, wall, processor time, peak memory, output, and when each message came.

A process of its own and no more than the standard library: the peak that the system keeps of a child includes what its
parent held when it was started, so the parent has to be small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


def main(command: list[str]) -> None:
    """Run a command to its end and print what it took; times are seconds from its start."""
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        lines = [(time.perf_counter() - began, line.rstrip()) for line in process.stderr or ()]
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        facts = {
            "code": process.returncode,
            "wall": wall,
            "processor": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss * _RSS_UNIT,
            "out": out.read().decode(),
            "lines": lines,
        }
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    main(sys.argv[1:])
