"""One row's life, laid out: what is seldom, and what is long."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from importer.model import Change, Code, Issue, Location, SourceInfo
from importer.report import (
    CellFact,
    Explanation,
    FieldFact,
    OperationFact,
    RunFact,
    SentFact,
    StoredFact,
    Summary,
    document,
    summary_lines,
)

AT = "2026-03-01T10:00:00.123456+00:00"
SOURCE = SourceInfo("a/very/long/folder/contacts.xlsx", "0", "xlsx", ("Naam", "Datum"), sheet="Blad 1")
SENT = SentFact(1, AT, "GET", "/companies/K-1", None, 1.25, 2.5, "r-1", "connection reset")
ISSUE = Issue.of(Code.SKIPPED_BY_RULE, Location("contacts.xlsx", "Blad 1", 2), detail="old")
LIFE = Explanation(
    source=SOURCE,
    meant="row",
    number=2,
    external_id=None,
    former=("K-0",),
    kanbert_id=None,
    outcome="skipped",
    cells=(
        CellFact("Naam", "'Blad 1'!A2", None, "x", corrected=True),
        CellFact("Datum", "'Blad 1'!B2", dt.date(2020, 1, 2), dt.date(2020, 1, 2), corrected=False),
    ),
    mapping="mapping.yaml",
    fields=(FieldFact("locale", "nl", "value", (), None, 7, "locale: {value: nl}"),),
    unread=None,
    payload={"locale": "nl", "external_origin": "test", "custom_fields": {"a": 1}},
    issues=(("map", ISSUE),),
    foreseen=None,
    operations=(OperationFact(3, 1, "create", "K-1", "9", {}, (), AT, None, None, (), None, (), None),),
    requests=(SENT,) * 60,
    runs=(RunFact(1, "run", "writing", AT),),
    stored=(StoredFact("locale", "nl", None, same=None), StoredFact("fax", "1", "2", same=False)),
    stored_by="as the last listing of the space showed it",
)


def shown(life: Explanation, width: int = 100) -> list[str]:
    return list(summary_lines(Summary(command="explain", exit_code=0, explained=life), width=width, colour=False))


def test_what_is_seldom_has_its_words() -> None:
    lines = shown(LIFE)
    for line in (
        "  external_id none, before a correction K-0",
        '  Naam (A2): empty; corrected by a retry, the file has "x"',
        "  Datum (B2): 2020-01-02",
        '  locale: "nl", from no cell (line 7)',
        "      locale: {value: nl}",
        "  info skipped-by-rule (by the mapping)",
        '  custom_fields: {"a": 1}',
        "      intended at 2026-03-01 10:00:00; effect not known",
        "    10:00:00 GET /companies/K-1: no answer, 1.2 s, 2.5 s after the one before, request id r-1",
        "        connection reset",
        "  and 10 more: see --json",
        "  ? not shown:",
        '  * fax: "2"; the mapping wants "1"',
    ):
        assert line in lines
    assert not [line for line in lines if line.startswith("      -> ")]  # what is said for completeness needs no hint


def test_json_has_all_of_it() -> None:
    told = document(Summary(command="explain", exit_code=0, explained=LIFE))["explanation"]
    assert isinstance(told, dict)
    assert told["cells"] == [
        {"column": "Naam", "cell": "'Blad 1'!A2", "value": None, "read": "x"},
        {"column": "Datum", "cell": "'Blad 1'!B2", "value": "2020-01-02"},
    ]
    attempts = told["attempts"]
    assert isinstance(attempts, list)
    assert len(attempts) == 60


@pytest.mark.parametrize("width", [24, 40, 80, 200])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    long = Change("custom_fields.of_a_long_name", "x" * 900, None)
    life = replace(LIFE, foreseen=("update", (long,)), former=("K" * 700,), outcome="o" * 90)
    assert max(map(len, shown(life, width))) <= width
