"""Writes mappings for the tests of the mapping language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from importer.errors import MappingError
from importer.mapping import load_mapping
from tests.mapping.builder import TOP, row_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from importer.mapping import Mapping
    from importer.model import Cell, Mapped


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Mapping]:
    """Load a mapping from its text."""

    def load_text(text: str) -> Mapping:
        path = tmp_path / "mapping.yaml"
        path.write_text(text, encoding="utf-8")
        return load_mapping(path)

    return load_text


@pytest.fixture
def problems(load: Callable[[str], Mapping]) -> Callable[[str], list[str]]:
    """Load a mapping that is wrong; each problem as `line:column message`."""

    def problems_of(text: str) -> list[str]:
        with pytest.raises(MappingError) as caught:
            load(text)
        return [f"{problem.line}:{problem.column} {problem.message}" for problem in caught.value.problems]

    return problems_of


@pytest.fixture
def mapped(load: Callable[[str], Mapping]) -> Callable[[str, dict[str, Cell]], Mapped]:
    """Map one row by a mapping whose first lines, up to company_name, are given; the text goes on under `company`."""

    def map_row(text: str, cells: dict[str, Cell]) -> Mapped:
        row = {"id": "1", "name": "ACME", **cells}
        return load(TOP + text).compile(tuple(row), file="a.csv").map(row_of(*row.values()))

    return map_row
