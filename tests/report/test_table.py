from __future__ import annotations

import csv
import json
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.report import write_report
from importer.report.cells import is_risky
from tests.report.samples import Long, Report, cells, country, row

if TYPE_CHECKING:
    from importer.model import Cell


def raw_cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def test_csv_is_what_excel_opens_in_columns(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    write_report(path, Report(listed=(row(("1001", "Müller; Söhne", 'say "hi"\nthere')),)))
    begin, rest = path.read_bytes().split(b"\r\n", 1)
    assert begin == b"\xef\xbb\xbfNummer;Naam;Land;row;code;column;cell;message;hint;external_id"
    assert rest.startswith('1001;"Müller; Söhne";"say ""hi""\nthere";2;not-a-country;Land;C2;'.encode())
    assert rest.endswith(b";1001\r\n")


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=4))
def test_no_text_of_a_csv_report_runs(listed: list[tuple[Cell, ...]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.csv"
        write_report(path, Report(listed=tuple(row(found, external_id="=1") for found in listed)))
        _, *lines = raw_cells(path)
    for line, found in zip(lines, listed, strict=True):
        for text, cell in zip(line, found, strict=False):
            assert not is_risky(text) or not isinstance(cell, str)
        assert line[-1] == "'=1"


def test_header_that_might_run_is_guarded(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    write_report(path, Report(columns=("=cmd()",)))
    assert raw_cells(path)[0][0] == "'=cmd()"


def test_typed_number_of_a_csv_report_has_no_apostrophe(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    write_report(path, Report(listed=(row((-5, -0.5, "-5")),)))
    assert raw_cells(path)[1][:3] == ["-5", "-0.5", "'-5"]


def test_json_line_has_the_whole_row(tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    write_report(path, Report(listed=(row(("1001", "Zoë\u2028\x85", "Holand")),)))
    [line] = path.read_text(encoding="utf-8").splitlines()  # also those that are no line ends to JSON
    issue = country(2)
    assert json.loads(line) == {
        "row": 2,
        "sheet": None,
        "external_id": "1001",
        "outcome": "refused",
        "cells": {"Nummer": "1001", "Naam": "Zoë\u2028\x85", "Land": "Holand"},
        "issues": [
            {
                "code": "not-a-country",
                "severity": "error",
                "field": "address_invoice_country",
                "column": "Land",
                "cell": "C2",
                "value": "Holand",
                "message": issue.message,
                "hint": issue.hint,
            }
        ],
    }


def peak(path: Path, count: int) -> int:
    tracemalloc.start()
    assert write_report(path, Long(count)) == count
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_memory_does_not_grow_with_the_rows(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    # what another thread of the process allocates meanwhile is counted as well: it does not do so each time
    assert any(peak(path, 5000) - peak(path, 500) < 100_000 for _ in range(3))
