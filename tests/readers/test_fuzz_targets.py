from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.targets import TARGETS, Target, tried

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", TARGETS)
def test_what_fuzzing_begins_with_keeps_the_promise(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]()
    rows = [tried(seed, target, tmp_path / "input") for seed in target.seeds]
    read = [count for count in rows if count]
    assert len(read) * 2 > len(rows), "most seeds must reach the cells"


def test_the_first_byte_names_the_part_that_the_rest_replaces(tmp_path: Path) -> None:
    target = TARGETS["ods"]()
    assert tried(b"\x01not XML", target, tmp_path / "input") is None
    assert tried(b"\x02not XML", target, tmp_path / "input") == tried(target.seeds[1], target, tmp_path / "input")


def test_no_input_at_all_is_refused(tmp_path: Path) -> None:
    assert tried(b"", Target(()), tmp_path / "input") is None
