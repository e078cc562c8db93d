"""What waits to be told of a company, event by event."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.sandbox.companies.changes import Event
from importer.sandbox.webhooks import debounce
from importer.sandbox.webhooks.debounce import Notice, Waiting, event_of, waiting_after

USERS = st.sampled_from([1, 2, None])
LATER = st.lists(st.builds(Notice, st.sampled_from(["company:update", "company:delete"]), USERS))
BEGINNING = st.lists(st.builds(Notice, st.just("company:create"), USERS), max_size=1)
LIVES = st.builds(lambda beginning, later: [*beginning, *later], BEGINNING, LATER)
"""What is told of a company from some moment on, which may be its first."""


def notices(*words: str) -> Waiting:
    return tuple(Notice(f"company:{word}") for word in words)


def table() -> list[tuple[list[str], str, list[str]]]:
    """Read the table of the module's docstring: what waits, the event, what waits then."""
    rows = [line.strip(" |").split(" | ") for line in (debounce.__doc__ or "").splitlines() if line.startswith("|")]
    names = rows[0][1:]
    cells = [(row[0], name, cell) for row in rows[2:] for name, cell in zip(names, row[1:], strict=True) if cell != "-"]
    return [(words(before), name, words(after.partition(":")[0])) for before, name, after in cells]


def words(cell: str) -> list[str]:
    return [] if cell == "nothing" else cell.split(", ")


@pytest.mark.parametrize(
    ("waiting", "event", "expected"), [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in table()]
)
def test_the_table_is_what_happens(waiting: list[str], event: str, expected: list[str]) -> None:
    assert waiting_after(notices(*waiting), notices(event)) == notices(*expected)


def test_the_table_is_read_whole() -> None:
    assert len(table()) == 13


@pytest.mark.parametrize(
    ("change", "event"),
    [
        pytest.param(Event.CREATE, "company:create", id="create"),
        pytest.param(Event.UPDATE, "company:update", id="update"),
        pytest.param(Event.IDENTIFY, "company:update", id="external identifier"),
        pytest.param(Event.DELETE, "company:delete", id="delete"),
        pytest.param(Event.RESTORE, None, id="nothing is documented of a restore"),
    ],
)
def test_a_line_of_history_has_its_event(change: Event, event: str | None) -> None:
    assert event_of(change.value) == event


def test_a_create_keeps_its_user_and_several_updates_have_the_last_ones() -> None:
    first, second = Notice("company:create", 1), Notice("company:update", 2)
    assert waiting_after((), [first, second]) == (first,)
    assert waiting_after((), [Notice("company:update", 1), second]) == (second,)


@given(LIVES)
def test_a_kind_waits_once_at_most_and_a_create_alone(changes: list[Notice]) -> None:
    waiting = [notice.event for notice in waiting_after((), changes)]
    assert len(waiting) == len(set(waiting)) <= 2
    assert "company:create" not in waiting or len(waiting) == 1


@given(LIVES)
def test_the_last_event_is_the_last_that_is_told_unless_a_create_absorbs_it(changes: list[Notice]) -> None:
    waiting = waiting_after((), changes)
    if waiting and waiting[0].event != "company:create":
        assert waiting[-1] == changes[-1]


@given(LIVES, LATER)
def test_it_does_not_matter_how_events_are_read(some: list[Notice], others: list[Notice]) -> None:
    assert waiting_after(waiting_after((), some), others) == waiting_after((), [*some, *others])


@given(LIVES)
def test_nothing_is_told_that_did_not_happen(changes: list[Notice]) -> None:
    assert set(waiting_after((), changes)) <= set(changes)
