from __future__ import annotations

import json

from importer.model import Counts, OutcomeKind
from importer.report import Summary, document
from tests.report.samples import full_summary, group


def test_document_has_exactly_the_public_keys() -> None:
    found = document(full_summary())
    assert list(found) == [
        "command",
        "exit_code",
        "source",
        "mapping",
        "target",
        "journal",
        "counts",
        "pending",
        "requests",
        "duration_s",
        "issues",
        "next",
    ]
    assert found["source"] == {
        "path": "exports/klanten.csv",
        "sha256": "ab" * 32,
        "format": "csv",
        "encoding": "cp1252",
        "delimiter": ";",
        "sheet": None,
        "header_row": 1,
        "rows": 1204,
    }
    assert found["mapping"] == {"path": "mappings/klanten.yaml", "sha256": "cd" * 32}
    assert found["target"] == {"url": "http://127.0.0.1:8080/api/v1", "origin": "moneybird"}
    assert found["requests"] == {
        "total": 1250,
        "read": 350,
        "write": 900,
        "retried": 3,
        "throttled": 1,
        "waited_s": 7.0,
    }
    assert found["duration_s"] == 75.25


def test_counts_of_the_document_are_the_balance() -> None:
    found = document(full_summary(counts=Counts(read=3, created=1, refused=1, pending=1)))
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert list(counts) == ["read", *(kind.value for kind in OutcomeKind)]
    assert counts["read"] == 3
    assert found["pending"] == 1


def test_issue_group_of_the_document_has_its_reason_and_first_rows() -> None:
    found = document(full_summary(groups=(group(),)))["issues"]
    assert found == [
        {
            "code": "not-a-country",
            "severity": "error",
            "field": "address_invoice_country",
            "column": "Land",
            "value": "Holand",
            "count": 312,
            "first_rows": [4, 17, 23],
            "first_cells": ["C4", "C17", "C23"],
            "message": group().message,
            "hint": group().hint,
        }
    ]


def test_cut_list_says_so_and_a_whole_one_says_nothing() -> None:
    assert document(full_summary(groups_cut=True))["issues_cut"] is True
    assert "issues_cut" not in document(full_summary())


def test_what_does_not_apply_is_null_and_the_whole_is_json() -> None:
    found = document(Summary(command="doctor", exit_code=0))
    assert [name for name, value in found.items() if value is None] == [
        "source",
        "mapping",
        "target",
        "journal",
        "next",
    ]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
