"""Rows that are counted: by one process or by several, the same comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from importer.commands.inputs import opened
from importer.commands.settings import Desk, Job
from importer.commands.weighing import Rest
from importer.errors import SourceError
from importer.model import Refusal, Weighed
from importer.progress import Silent
from tests.mapping.builder import TOP

if TYPE_CHECKING:
    from pathlib import Path

MAPPING = (
    TOP
    + """\
  phone: phone
  email: {from: mail, as: email}
custom_fields:
  since: {from: since, as: date}
  amount: {from: amount, as: decimal}
"""
)
MORE = '1501,Z,1,z@z.example,13-02-2021,"1,5"\n,,,,,\n7,\n,,,,,\n'
HEADER = "id,name,phone,mail,since,amount\n"


def line(number: int) -> str:
    mail = "nothing" if number % 50 == 0 else f"a{number}@kwikstaart.example"
    return f'{number},Name {number:0100},+31 20 {number:07},{mail},0{number % 9 + 1}-02-2021,"{number % 7},5"\n'


def job(folder: Path, rows: int, *, more: str = "") -> Job:
    (folder / "m.yaml").write_text(MAPPING, encoding="utf-8")
    text = HEADER + "".join(map(line, range(1, rows + 1))) + more
    (folder / "f.csv").write_text(text, encoding="utf-8")
    return Job(folder / "f.csv", folder / "m.yaml")


def desk(folder: Path) -> Desk:
    return Desk(Silent(), confirm=lambda _: True, environment={}, folder=folder)


@pytest.mark.parametrize("several", [2, 3])
def test_shares_put_together_are_what_one_process_finds(tmp_path: Path, several: int) -> None:
    with opened(job(tmp_path, 1500, more=MORE), desk(tmp_path), early=True) as inputs:
        alone = inputs.weighing()
        rows = list(alone.rows(Silent()))
    with opened(job(tmp_path, 1500, more=MORE), desk(tmp_path), early=True) as inputs:
        parts = [list(inputs.weighing().share(number, several)) for number in range(several)]
    rests = [found for part in parts for found in part if isinstance(found, Rest)]
    assert (len(rests), sum(rest.blank_rows for rest in rests)) == (several, alone.blank_rows)
    found = sorted((one for part in parts for one in part if isinstance(one, Weighed)), key=lambda one: one.numbers[0])
    assert each(found) == each(rows)
    assert alone.blank_rows == 2
    mapped = [mapped for _, _, (_, mapped) in each(rows) if mapped is not None]
    assert len([one for one in mapped if isinstance(one, Refusal)]) == 31


def each(found: list[Weighed]) -> list[tuple[int, str | None, tuple[object, object]]]:
    """The rows one by one: in which batch one comes does not matter."""
    none = (None, None)
    return [
        (number, external_id, one.troubled.get(place, none))
        for one in found
        for place, (number, external_id) in enumerate(zip(one.numbers, one.external_ids, strict=True))
    ]


def test_a_sample_that_misleads_about_a_column_is_found_out(tmp_path: Path) -> None:
    with opened(
        job(tmp_path, 2100, more='9000,Z,1,z@z.example,13-02-2021,"1,5"\n'), desk(tmp_path), early=True
    ) as inputs:
        first = inputs.weighing()
        assert len([row for found in first.rows(Silent()) for row in found.troubled]) > 1800  # day and month are open
        proven = inputs.as_proven()
        assert proven is not inputs
        assert len([row for found in proven.weighing().rows(Silent()) for row in found.troubled]) == 42
        assert proven.as_proven() is proven


def test_rows_before_a_place_that_cannot_be_read_come_first(tmp_path: Path) -> None:
    seen = list[int]()
    with opened(job(tmp_path, 2100, more='9,"open\n\n'), desk(tmp_path), early=True) as inputs:
        rows = inputs.weighing().rows(Silent())
        with pytest.raises(SourceError, match="line 2102"):
            seen.extend(number for found in rows for number in found.numbers)
    assert seen == list(range(2, 2102))


@pytest.mark.slow
def test_a_large_file_is_validated_by_several_processes_as_by_one(tmp_path: Path) -> None:
    """Of several processors all are used; a process that may have one alone does it by itself."""
    large = job(tmp_path, 14_000, more='14001,"Name, with a comma",1,z@z.example,13-02-2021,"1,5"\n')
    assert large.file.stat().st_size > 2_000_000
    several, alone = (validated(large, folder=tmp_path, processors=count) for count in (None, 1))
    assert several == alone
    assert several["counts"] == alone["counts"]
    assert json.dumps(several).count("read-by-column")


@pytest.mark.slow
def test_decisions_that_wait_in_a_large_file_are_found_by_all_processes_as_by_one(tmp_path: Path) -> None:
    """What no rule settles is noted as rows are mapped: a copy of the process would note it for itself."""
    large = job(tmp_path, 14_000, more='14001,Z,1,z@z.example,13-02-2021,"1,5"\n')
    written = []
    for count in (None, 1):
        validated(large, "--decisions", "d.yaml", folder=tmp_path, processors=count)
        written.append((tmp_path / "d.yaml").read_text(encoding="utf-8"))
        (tmp_path / "d.yaml").unlink()
    assert written[0] == written[1]
    assert "280 rows" in written[0]


def validated(what: Job, *words: str, folder: Path, processors: int | None) -> dict[str, object]:
    code = (
        "import os, sys; from importer.__main__ import main\n"
        f"if {processors}: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:{processors}])\n"
        f"sys.argv = ['kanbert-import', 'validate', {str(what.file)!r}, '-m', {str(what.mapping)!r}, '--json', *{words}]; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder, env=os.environ
    )
    assert done.returncode == 1, done.stderr
    document: dict[str, object] = json.loads(done.stdout)
    del document["duration_s"]
    return document


def test_a_file_that_is_gone_by_then_is_told_as_such(tmp_path: Path) -> None:
    with opened(job(tmp_path, 3), desk(tmp_path), early=True) as inputs:
        (tmp_path / "f.csv").unlink()
        with pytest.raises(SourceError, match="no such file"):
            list(inputs.weighing().rows(Silent()))
