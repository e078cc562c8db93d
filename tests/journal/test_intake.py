"""Rows into the journal: what is new, done, double, corrected or gone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest
from hypothesis import assume, given, strategies as st

from importer.journal import (
    Journal,
    Planned,
    Settlement,
    temporary_journal,
)
from importer.journal.alike import folded
from importer.model import (
    EVERY_ROW,
    Action,
    Code,
    Counts,
    Issue,
    Location,
    Mapped,
    Operation,
    Outcome,
    OutcomeKind,
    Refusal,
    Row,
    Severity,
    Skip,
    Weighed,
)
from tests.fakes.nouns import AT, desired, row, run_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
from tests.fakes.journals import PLACE, read, refusal, settle, three


def test_refused_and_skipped_rows_are_final_without_work(journal: Journal) -> None:
    skip = Skip("9", (Issue.of(Code.SKIPPED_BY_RULE, PLACE, detail="archived"),))
    intake = read(journal, (row(2), refusal()), (row(3), skip), (row(4), desired("4")))
    assert journal.view.counts(intake.run) == Counts(read=3, refused=1, skipped=1, pending=1)
    assert [work.number for work in journal.works(intake.run, after=0, limit=9)] == [4]
    assert journal.view.first_error(intake.run) == 2


def test_rows_with_one_external_id_are_all_refused(journal: Journal) -> None:
    intake = read(journal, (row(2), desired("7")), (row(3), desired("8")), (row(5), desired("7", phone="1")))
    counts = journal.view.counts(intake.run)
    assert (counts.refused, counts.pending) == (2, 1)
    [group] = journal.view.groups(intake.run)[0]
    assert (group.code, group.value, group.count, group.first_rows) == (Code.DUPLICATE_IN_FILE, "7", 2, (2, 5))


@pytest.mark.parametrize(("rule", "kept"), [("first", 2), ("last", 6)])
def test_first_or_last_of_the_duplicates_is_kept_and_the_others_are_skipped(
    journal: Journal, rule: str, kept: int
) -> None:
    intake = read(journal, *((row(n), desired("7", phone=str(n))) for n in (2, 4, 6)), duplicates=rule)
    assert [work.number for work in journal.works(intake.run, after=0, limit=9)] == [kept]
    assert journal.view.counts(intake.run) == Counts(read=3, skipped=2, pending=1)
    assert not journal.view.has_errors(intake.run)


def test_a_refused_row_holds_its_external_id_against_its_duplicate(journal: Journal) -> None:
    intake = read(journal, (row(2), refusal("7")), (row(3), desired("7")))
    assert journal.view.counts(intake.run).refused == 2


def test_a_skipped_row_is_no_duplicate(journal: Journal) -> None:
    intake = read(journal, (row(2), Skip("7", ())), (row(3), desired("7")))
    assert journal.view.counts(intake.run) == Counts(read=2, skipped=1, pending=1)


def test_an_intake_that_fails_leaves_the_journal_as_it_was(journal: Journal) -> None:
    first = read(journal, *three())

    def broken() -> Iterator[tuple[Row, Mapped]]:
        yield row(9), desired("9")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        journal.read_source(run_facts("r2"), broken(), duplicates="refuse", blank_rows=lambda: 0)
    assert journal.view.last_run().run_id == "r1"
    assert journal.view.counts(first.run) == Counts(read=3, pending=3)


def test_a_finished_run_read_again_is_done_without_work(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED)
    again = read(journal, *three(), run="r2")
    assert (again.done, again.changed, again.gone, again.resumed) == (3, 0, 0, False)
    assert journal.view.counts(again.run) == Counts(read=3, unchanged=3)
    assert journal.works(again.run, after=0, limit=9) == []


def test_only_rows_with_another_digest_are_work_again(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED)
    edited: list[tuple[Row, Mapped]] = [*three()[:1], (row(3), desired("3", phone="9")), (row(8), desired("8"))]
    again = read(journal, *edited, run="r2")
    assert (again.done, again.changed, again.gone) == (1, 1, 1)
    assert [work.number for work in journal.works(again.run, after=0, limit=9)] == [3, 8]


def test_a_resumed_run_keeps_outcomes_as_they_were(journal: Journal) -> None:
    first = read(journal, *three())
    settle(journal, first.run, OutcomeKind.CREATED, limit=2, state="stopped")
    again = read(journal, *three(), run="r2")
    assert again.resumed
    assert journal.view.counts(again.run) == Counts(read=3, created=2, pending=1)


def test_a_killed_run_is_resumed_too(journal: Journal) -> None:
    read(journal, *three())
    assert read(journal, *three(), run="r2").resumed


@pytest.mark.parametrize("state", ["stopped", "ended"])
def test_what_kanbert_refused_is_asked_again(journal: Journal, state: str) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.REFUSED, state=state)
    again = read(journal, *three(), run="r2")
    assert len(journal.works(again.run, after=0, limit=9)) == 3


def test_failed_rows_are_tried_again_by_a_resumed_run(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.FAILED, state="stopped")
    assert len(journal.works(read(journal, *three(), run="r2").run, after=0, limit=9)) == 3


def test_an_intent_survives_reading_the_file_again(journal: Journal) -> None:
    intake = read(journal, *three())
    works = journal.works(intake.run, after=0, limit=9)
    journal.intend(intake.run, [Planned(works[1], Operation(Action.CREATE, works[1].desired))], at=AT)
    again = read(journal, *three(), run="r2")
    assert [bool(work.intent) for work in journal.works(again.run, after=0, limit=9)] == [False, True, False]


def test_a_retry_takes_up_what_is_not_in_kanbert_and_nothing_else(journal: Journal) -> None:
    intake = read(journal, (row(2), refusal()), *three()[1:])
    settle(journal, intake.run, OutcomeKind.CREATED, limit=1)
    seen: list[int] = []

    def mapped(found: Row) -> Mapped:
        seen.append(found.number)
        return desired(f"again-{found.number}")

    again = journal.take_up(run_facts("r2", "retry"), mapped, duplicates="refuse", corrected=lambda one, _: one)
    assert seen == [2, 4]
    assert (again.rows, again.run) == (2, 2)
    assert [work.desired.external_id for work in journal.works(again.run, after=0, limit=9)] == ["again-2", "again-4"]
    assert not journal.view.has_errors(None)


def test_a_retry_maps_corrected_cells_and_keeps_what_the_reader_found_in_the_others(journal: Journal) -> None:
    found = Issue.of(Code.EXTRA_CELLS, PLACE, detail="2 cells")
    torn = Row(2, ("2", "torn"), (found,))
    read(journal, (torn, Refusal("2", (found,))), (row(3), refusal("3")))
    rows: list[Row] = []

    def mapped(one: Row) -> Mapped:
        rows.append(one)
        return Refusal("2", one.issues) if one.issues else desired(str(one.number))

    corrected = {3: Row(3, ("3", "corrected"))}
    journal.take_up(
        run_facts("r2", "retry"), mapped, duplicates="refuse", corrected=lambda one, _: corrected.get(one.number, one)
    )
    assert rows == [torn, corrected[3]]
    assert [problem.number for problem in journal.view.problem_rows()] == [2]


def test_a_retried_row_is_still_a_duplicate_of_one_that_is_done(journal: Journal) -> None:
    intake = read(journal, (row(2), desired("7")), (row(3), refusal("x")))
    settle(journal, intake.run, OutcomeKind.CREATED)
    journal.take_up(run_facts("r2", "retry"), lambda _: desired("7"), duplicates="refuse", corrected=lambda one, _: one)
    assert journal.view.counts() == Counts(read=2, created=1, refused=1)


def test_what_the_mapping_makes_of_a_readers_issue_is_what_counts() -> None:
    found = Issue.of(Code.ERROR_CELL, PLACE, value="#N/A")
    unimportant = replace(found, severity=Severity.INFO)
    with temporary_journal() as journal:
        read(journal, (Row(2, ("1", "x"), (found,)), replace(desired("1"), issues=(unimportant,))))
        assert not journal.view.has_errors(None)
        assert list(journal.view.problem_rows()) == []
        assert [(group.severity, group.count) for group in journal.view.groups()[0]] == [(Severity.INFO, 1)]


def test_what_was_said_about_a_stored_company_goes_along_with_it(journal: Journal) -> None:
    place = Location("contacts.csv", None, 2, "name")
    said = Issue.of(Code.STORED_DIFFERS, place, field="company_name", value="a", detail="b")
    intake = read(journal, *three())
    works = journal.works(intake.run, after=0, limit=9)
    outcomes = [Outcome(OutcomeKind.CREATED, "k", issues=(said,)), Outcome(OutcomeKind.CREATED, "k"), serious()]
    journal.settle([Settlement(w.row, o) for w, o in zip(works, outcomes, strict=True)], [], run=intake.run, at=AT)
    journal.finish(intake.run, state="ended", at=AT)
    again = read(journal, *three(), run="r2")
    assert journal.view.counts(again.run) == Counts(read=3, unchanged=2, pending=1)
    assert [group.count for group in journal.view.groups(again.run)[0]] == [1]


def serious() -> Outcome:
    """A company that Kanbert stored otherwise, in a way that matters: a new run looks at it again."""
    issue = Issue.of(Code.STORED_DIFFERS, PLACE, field="address_invoice_country", severity=Severity.ERROR)
    return Outcome(OutcomeKind.CREATED, "k", issues=(issue,))


def test_an_unknown_row_that_was_not_reached_again_is_still_unknown(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.UNKNOWN, state="stopped")
    again = read(journal, *three(), run="r2")
    assert journal.view.counts(again.run) == Counts(read=3, unknown=3)


def test_rows_that_were_open_and_are_gone_are_named(journal: Journal) -> None:
    settle(journal, read(journal, *three()).run, OutcomeKind.CREATED, limit=1, state="stopped")
    again = read(journal, (row(2), desired("2")), run="r2")
    assert (again.gone, again.gone_open) == (0, ("3", "4"))


@pytest.mark.parametrize("rule", ["first", "last"])
def test_a_refused_winner_does_not_make_the_others_vanish(journal: Journal, rule: str) -> None:
    rows: list[tuple[Row, Mapped]] = [(row(2), refusal("7")), (row(3), desired("7"))]
    intake = read(journal, *(rows if rule == "first" else rows[::-1]), duplicates=rule)
    assert journal.view.counts(intake.run) == Counts(read=2, refused=2)


def test_corrected_rows_are_remembered_with_what_the_file_had(journal: Journal) -> None:
    read(journal, (row(2, "2", "wrong"), refusal("2")))
    corrected = Row(2, ("2", "right"))
    journal.take_up(
        run_facts("r2", "retry"), lambda _: desired("2"), duplicates="refuse", corrected=lambda *_: corrected
    )
    assert journal.corrections() == {("2", "wrong"): ("2", "right")}
    again = read(journal, (corrected, desired("2")), run="r3")
    assert again.corrected == 1
    assert journal.corrections() == {("2", "wrong"): ("2", "right")}
    assert journal.view.unknown_numbers([2, 99]) == [99]
    assert journal.view.has_row(again.run, "2")


# ── alike external_ids ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param("k-1", "K-1", True, id="case"),
        pytest.param("Café", "CAFE", True, id="accents"),
        pytest.param("Caf\u00e9", "Cafe\u0301", True, id="composed-and-decomposed"),
        pytest.param("Stra\u00dfe", "STRASSE", True, id="sharp-s"),
        pytest.param("\uff21\uff11", "a1", True, id="full-width"),
        pytest.param("a ", "a", True, id="a-blank-at-the-end"),
        pytest.param("a", "a\u00a0", True, id="a-no-break-space"),
        pytest.param("\u0130", "i\u0307", True, id="a-dotted-i"),
        pytest.param("k-1", "k-2", False, id="another-number"),
        pytest.param("1", "01", False, id="a-zero"),
        pytest.param("a b", "ab", False, id="a-blank-inside"),
    ],
)
def test_external_ids_that_are_alike_are_refused_in_both_rows(
    journal: Journal, one: str, other: str, alike: bool
) -> None:
    intake = read(journal, (row(2), desired(one)), (row(3), desired(other)), (row(4), desired("z")))
    refused = {problem.number: problem.issues for problem in journal.view.problem_rows()}
    assert [work.number for work in journal.works(intake.run, after=0, limit=9)] == ([4] if alike else [2, 3, 4])
    assert {number: [issue.code for issue in issues] for number, issues in refused.items()} == (
        {2: [Code.ALIKE_IN_FILE], 3: [Code.ALIKE_IN_FILE]} if alike else {}
    )
    if alike:
        assert "row 3 has" in refused[2][0].message
        assert "row 2 has" in refused[3][0].message


def test_the_same_external_id_twice_beside_one_that_is_alike_names_the_other_ones(journal: Journal) -> None:
    rows = [(row(2), desired("a")), (row(3), desired("a")), (row(4), desired("A")), *_many_alike("b", 9)]
    intake = read(journal, *rows, duplicates="first")
    assert journal.works(intake.run, after=0, limit=20) == []
    found = {problem.number: problem.issues[0].message for problem in journal.view.problem_rows()}
    assert 'row 4 has "A"' in found[2]
    assert 'row 2 has "a", row 3 has "a"' in found[4]
    assert found[10].endswith("and 3 more")


def _many_alike(text: str, count: int) -> list[tuple[Row, Mapped]]:
    return [(row(10 + n), desired(text + "\u0301" * n)) for n in range(count)]


def test_a_row_that_is_skipped_is_alike_to_none(journal: Journal) -> None:
    intake = read(journal, (row(2), desired("a")), (row(3), Skip("A", ())))
    assert [work.number for work in journal.works(intake.run, after=0, limit=9)] == [2]


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)


_IDS = st.text(alphabet="aAzZ1-~! \u00a0e\u0301\u00e9\u0130i\u0307", min_size=1, max_size=3)


_WRITTEN_OTHERWISE = (str.upper, str.swapcase, "{} ".format, "\u00a0{}".format, "{}1".format, partial(normalize, "NFD"))


@given(_IDS, st.sampled_from(_WRITTEN_OTHERWISE))
def test_ids_are_alike_that_fold_to_the_same(one: str, otherwise: Callable[[str], str]) -> None:
    other = otherwise(one)
    assume(one != other)
    with temporary_journal() as journal:
        read(journal, (row(2), desired(one)), (row(3), desired(other)))
        refused = [problem.number for problem in journal.view.problem_rows()]
    assert refused == ([2, 3] if folded(one) == folded(other) else [])


def test_rows_that_are_only_counted_are_indexed_like_any(journal: Journal) -> None:
    weighed = Weighed(numbers=[2, 3], external_ids=["a", "a"], troubled={})
    before = _indexes(journal)
    intake = journal.count_source(
        run_facts("r1", "validate"), iter([weighed]), duplicates="refuse", blank_rows=lambda: 0, selection=EVERY_ROW
    )
    assert intake.rows == 2
    assert [problem.number for problem in journal.view.problem_rows()] == [2, 3]
    assert _indexes(journal) == before
    assert len(before) >= 6


def _indexes(journal: Journal) -> set[str]:
    with journal.reading() as connection:
        return {
            row["sql"] for row in connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql <> ''")
        }


def test_a_code_of_few_rows_is_not_cut_from_the_kinds_for_many_of_another(journal: Journal) -> None:
    def refused(number: int, code: Code, value: str) -> tuple[Row, Mapped]:
        issue = Issue.of(code, replace(PLACE, row=number), field="phone", value=value)
        return row(number), Refusal(str(number), (issue,))

    values = [str(number // 2) for number in range(40)]
    rows = [refused(2 + place, Code.NOT_A_PHONE, value) for place, value in enumerate(values)]
    read(journal, *rows, refused(99, Code.NOT_A_BIC, "x"))
    groups, cut = journal.view.groups(limit=5)
    assert cut
    assert [(group.code, group.count) for group in groups] == [*[(Code.NOT_A_PHONE, 2)] * 4, (Code.NOT_A_BIC, 1)]
