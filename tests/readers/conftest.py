"""The file that a test of a reader writes before it reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(data: bytes, name: str = "companies.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return written
