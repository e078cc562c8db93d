"""A journal in a folder of its own, bound to a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.journal import (
    Journal,
    open_journal,
)
from tests.fakes.nouns import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
from tests.fakes.journals import URL


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contacts.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with open_journal(path) as opened:
        opened.bind(url=URL, origin=ORIGIN)
        yield opened
