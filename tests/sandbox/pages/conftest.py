"""A visitor of a sandbox in memory with the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.pages.visiting import Visitor, visiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with visiting() as visitor:
        yield visitor
