"""This machine -> what has to be known of it to read a figure."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import importer

__all__ = ["machine"]

_PACKAGES = ("aiohttp", "anyio", "pydantic_core", "python-calamine", "email-validator")


def machine() -> dict[str, str | float]:
    """Name the processor, the system, how busy it is, and the versions that count."""
    return {
        "processor": _processor(),
        "cores": float(os.cpu_count() or 0),
        "load": os.getloadavg()[0],  # of the last minute, before the benchmarks
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "kanbert-importer": importer.__version__,
        **{package: version(package) for package in _PACKAGES},
    }


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
