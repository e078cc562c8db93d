"""How rows come to be mapped: in batches, in their order, those before an error included."""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from importer.commands.batches import in_batches
from importer.commands.inputs import opened
from importer.commands.settings import Desk, Job
from importer.errors import SourceError
from importer.model import Desired, Row
from importer.progress import Silent
from tests.mapping.builder import TOP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from importer.model import Cell


def numbered(count: int, *, then_fails: bool = False) -> Iterator[Row]:
    yield from (Row(number, (str(number),)) for number in range(count))
    if then_fails:
        message = "line 9"
        raise SourceError(message)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 600])
def test_batches_have_all_rows_in_their_order(count: int) -> None:
    batches = list(in_batches(numbered(count)))
    assert [row.number for batch in batches for row in batch] == list(range(count))
    assert all(0 < len(batch) <= 256 for batch in batches)


def test_rows_before_a_place_that_cannot_be_read_come_before_its_error() -> None:
    batches = in_batches(numbered(3, then_fails=True))
    assert [row.number for row in next(batches)] == [0, 1, 2]
    with pytest.raises(SourceError, match="line 9"):
        next(batches)


def job(folder: Path) -> Job:
    (folder / "m.yaml").write_text(TOP + "  phone: phone\n", encoding="utf-8")
    rows = "".join(f"{number},Name {number},{number}\n" for number in range(1, 601))
    (folder / "f.csv").write_text(f"id,name,phone\n{rows}", encoding="utf-8")
    return Job(folder / "f.csv", folder / "m.yaml")


def desk(folder: Path) -> Desk:
    return Desk(Silent(), confirm=lambda _: True, environment={}, folder=folder)


def test_rows_are_mapped_in_their_order_and_as_corrected(tmp_path: Path) -> None:
    corrections: dict[tuple[Cell, ...], tuple[Cell, ...]] = {}
    corrections["300", "Name 300", "300"] = ("300", "Corrected", "1")
    with opened(job(tmp_path), desk(tmp_path)) as inputs:
        found = list(inputs.mapped_rows(Silent(), corrections))
    assert [row.number for row, _ in found] == list(range(2, 602))
    names = [mapped.payload["company_name"] for _, mapped in found if isinstance(mapped, Desired)]
    assert names == ["Corrected" if number == 300 else f"Name {number}" for number in range(1, 601)]


def test_the_collection_of_garbage_is_afterwards_as_it_was(tmp_path: Path) -> None:
    before = gc.get_threshold()
    with opened(job(tmp_path), desk(tmp_path)) as inputs:
        rows = inputs.mapped_rows(Silent())
        next(rows)
        assert gc.get_threshold() != before
        rows.close()  # type: ignore[attr-defined]  # it is a generator, and given up
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_a_csv_file_is_validated_without_loading_what_it_does_not_need() -> None:
    code = "import sys, importer.commands.offline; print({'aiohttp', 'openpyxl', 'python_calamine'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
