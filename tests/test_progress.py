from __future__ import annotations

import io
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
import tqdm
from hypothesis import given, strategies as st

from importer.progress import INTERVAL, Bar, Lines, Notes, Progress, Silent, _layout, progress_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


class Clock:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Broken(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def ascii_stream() -> tuple[io.BytesIO, io.TextIOWrapper]:
    raw = io.BytesIO()
    return raw, io.TextIOWrapper(raw, encoding="ascii")


MAKERS: dict[str, Callable[[TextIO], Progress]] = {
    "silent": lambda _: Silent(),
    "notes": Notes,
    "lines": lambda stream: Lines(stream, Clock()),
    "bar": lambda stream: Bar(stream, width=80),
}
every = pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in MAKERS.items()])


def whole_life(progress: Progress) -> None:
    progress.start("reading", 10)
    progress.advance(4)
    progress.status(in_flight=8, wait="2 s")
    progress.note("a note")
    progress.advance(6)
    progress.finish()


@every
def test_calls_outside_a_stage_do_nothing(make: Callable[[TextIO], Progress]) -> None:
    stream = io.StringIO()
    progress = make(stream)
    progress.advance()
    progress.status(in_flight=1)
    progress.finish()
    assert stream.getvalue() == ""


@every
def test_broken_stream_does_not_stop_the_work(make: Callable[[TextIO], Progress]) -> None:
    whole_life(make(Broken()))


@every
def test_closed_stream_does_not_stop_the_work(make: Callable[[TextIO], Progress]) -> None:
    stream = io.StringIO()
    progress = make(stream)
    progress.start("reading", 10)
    stream.close()
    whole_life(progress)


@every
def test_stream_of_few_characters_does_not_stop_the_work(make: Callable[[TextIO], Progress]) -> None:
    raw, stream = ascii_stream()
    progress = make(stream)
    progress.start("lüst…", 2, "Zeilen €")
    progress.advance()
    progress.note("Müller")
    progress.status(wait="für")
    progress.finish()
    stream.flush()
    raw.getvalue().decode("ascii")


@every
def test_text_from_outside_is_bounded_and_harmless(make: Callable[[TextIO], Progress]) -> None:
    stream = io.StringIO()
    progress = make(stream)
    evil = "\x1b[2J\n" + "x" * 5000
    progress.start(evil, 1, evil)
    progress.status(fact=evil)
    progress.note(evil)
    progress.finish()
    assert "\x1b" not in stream.getvalue()
    assert max(map(len, stream.getvalue().replace("\r", "\n").split("\n"))) <= 520


@pytest.mark.parametrize("make", [pytest.param(MAKERS[name], id=name) for name in ("notes", "lines", "bar")])
def test_note_is_a_line_of_its_own(make: Callable[[TextIO], Progress]) -> None:
    stream = io.StringIO()
    progress = make(stream)
    progress.note("before a stage")
    progress.start("writing", 3)
    progress.advance()
    progress.note("in a stage")
    progress.finish()
    found = [line.rsplit("\r", 1)[-1] for line in stream.getvalue().split("\n")]
    assert {"before a stage", "in a stage"} <= set(found)


def test_silent_says_nothing() -> None:
    whole_life(Silent())


def test_notes_says_notes_alone() -> None:
    stream = io.StringIO()
    whole_life(Notes(stream))
    assert stream.getvalue() == "a note\n"


def test_lines_begin_and_end_a_stage_and_come_every_half_minute_between() -> None:
    stream, clock = io.StringIO(), Clock()
    lines = Lines(stream, clock)
    lines.start("writing", 10_000)
    lines.advance(500)
    clock.now += INTERVAL - 0.1
    lines.advance(500)
    clock.now += 0.1
    lines.advance(500)
    lines.status(in_flight=8, waits=2)
    clock.now += INTERVAL
    lines.status(in_flight=1200, wait="5 s")
    lines.tick()
    clock.now += 540
    lines.advance(8500)
    lines.finish()
    assert stream.getvalue().splitlines() == [
        "writing: 10,000 rows",
        "writing: 1,500 of 10,000 rows (15 %), 50.0 rows/s, about 2 min 50 s left",
        "writing: 1,500 of 10,000 rows (15 %), 25.0 rows/s, about 5 min 40 s left, in flight 1,200, wait 5 s",
        "writing: 10,000 rows, 16.7 rows/s, in flight 1,200, wait 5 s",
        "writing: 10,000 rows in 10 min 0 s, in flight 1,200, wait 5 s",
    ]


def test_lines_of_unknown_total_say_what_is_done() -> None:
    stream, clock = io.StringIO(), Clock()
    lines = Lines(stream, clock)
    lines.start("listing", None, "pages")
    clock.now += INTERVAL
    lines.advance(60)
    clock.now += 2 * 3600
    lines.finish()
    assert stream.getvalue().splitlines() == [
        "listing: started",
        "listing: 60 pages, 2.0 pages/s",
        "listing: 60 pages in 2 h 0 min",
    ]


def test_line_before_anything_is_done_promises_no_end() -> None:
    stream, clock = io.StringIO(), Clock()
    lines = Lines(stream, clock)
    lines.start("writing", 10)
    clock.now += INTERVAL
    lines.status(waits=1)
    lines.tick()
    assert stream.getvalue().splitlines()[-1] == "writing: 0 of 10 rows (0 %), 0.0 rows/s, waits 1"


def test_new_stage_ends_the_one_before() -> None:
    stream = io.StringIO()
    lines = Lines(stream, Clock())
    lines.start("reading", 0)
    lines.start("writing", 2)
    assert stream.getvalue().splitlines() == ["reading: 0 rows", "reading: 0 rows in 0 s", "writing: 2 rows"]


def test_bar_shows_the_count_the_rate_and_the_facts() -> None:
    stream = io.StringIO()
    bar = Bar(stream, width=100)
    whole_life(bar)
    last = stream.getvalue().rstrip("\n").rsplit("\r", 1)[-1]
    assert last.startswith("reading: 100%|")
    assert "10/10" in last
    assert "rows/s, in flight 8, wait 2 s]" in last


def test_bar_is_redrawn_by_its_facts_when_no_row_comes() -> None:
    """A run that waits for the server still shows that it waits."""
    stream = io.StringIO()
    bar = Bar(stream, width=100)
    bar.start("writing", 10)
    bar.status(waiting="30 s")
    bar.tick()
    assert "waiting 30 s" in stream.getvalue()
    bar.finish()


@pytest.mark.parametrize("name", ["lines", "bar"])
def test_the_gauge_is_asked_at_each_drawing_and_zeros_say_nothing(name: str) -> None:
    stream, found = io.StringIO(), dict[str, int | str](in_flight=8, throttled=0, waiting="")
    progress: Progress = Bar(stream, width=150) if name == "bar" else Lines(stream, Clock())
    progress.watch(lambda: found)
    progress.start("writing", 10)
    progress.status(created=2)
    progress.tick()
    found.update(in_flight=3, throttled=2, waiting="4 s")
    progress.finish()
    last = stream.getvalue().rstrip("\n").replace("\r", "\n").rsplit("\n", 1)[-1]
    assert "waiting 4 s, created 2, in flight 3, throttled 2" in last
    assert ("in flight 8" in stream.getvalue()) == (name == "bar")  # half a minute has not gone by
    assert "throttled 0" not in stream.getvalue()
    progress.watch(None)
    progress.start("verifying", 10)
    progress.finish()
    assert stream.getvalue().count("throttled 2") == 1


def test_a_stage_that_stands_still_is_told_of_every_half_minute() -> None:
    stream, clock = io.StringIO(), Clock()
    lines = Lines(stream, clock)
    lines.tick()
    lines.start("writing", 10)
    for _ in range(120):
        clock.now += 0.5
        lines.tick()
    assert stream.getvalue().splitlines()[1:] == ["writing: 0 of 10 rows (0 %), 0.0 rows/s"] * 2


@given(
    width=st.integers(20, 250),
    total=st.none() | st.integers(0, 10**9),
    done=st.integers(0, 10**9),
    facts=st.dictionaries(st.sampled_from(["created", "updated", "refused", "waiting"]), st.integers(0, 10**6)),
)
def test_a_bar_never_takes_more_than_its_line(
    width: int, total: int | None, done: int, facts: dict[str, int | str]
) -> None:
    stream = io.StringIO()
    bar = Bar(stream, width=width)
    bar.start("writing", total)
    bar.status(**facts)
    bar.advance(done)
    bar.tick()
    bar.finish()
    assert stream.getvalue().count("\n") == 1
    assert max(len(drawn) for drawn in stream.getvalue().rstrip("\n").split("\r")) < width


@pytest.mark.parametrize(
    ("width", "drawn"),
    [
        (100, "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, 2.0 rows/s{postfix}]"),
        (70, "{desc} {percentage:.0f}% {n_fmt}/{total_fmt}, {remaining} left, 2.0 rows/s{postfix}"),
        (40, "{desc} {percentage:.0f}% {n_fmt}/{total_fmt}, 2.0/s{postfix}"),
    ],
)
def test_where_there_is_no_room_for_a_bar_there_are_the_facts_alone(width: int, drawn: str) -> None:
    facts = {"prefix": "writing: ", "unit": " rows", "postfix": "created 4, in flight 8"}
    assert _layout({**facts, "n": 4, "total": 10, "rate": None, "elapsed": 2.0, "ncols": width}) == drawn


def test_one_is_no_plural() -> None:
    stream = io.StringIO()
    for make in MAKERS.values():
        progress = make(stream)
        for unit in ("pages", "companies"):
            progress.start("listing", None, unit)
            progress.advance()
            progress.finish()
    assert "1 page [" in stream.getvalue()
    assert "1 company in" in stream.getvalue()
    assert "1 company [" in stream.getvalue()


def test_bar_ends_the_one_before() -> None:
    stream = io.StringIO()
    bar = Bar(stream, width=60)
    bar.start("reading", 1)
    bar.start("writing", 1)
    bar.finish()
    assert stream.getvalue().count("\n") == 2


def test_bar_starts_no_thread_and_leaves_tqdm_as_it_was() -> None:
    threads, interval = threading.active_count(), tqdm.tqdm.monitor_interval
    bar = Bar(io.StringIO(), width=60)
    bar.start("reading", 1)
    assert threading.active_count() == threads
    bar.finish()
    assert tqdm.tqdm.monitor_interval == interval > 0
    assert "_lock" not in vars(tqdm.tqdm)
    assert not hasattr(vars(tqdm.std)["TqdmDefaultWriteLock"], "mp_lock")  # a semaphore of the operating system


def test_bar_asks_the_terminal_for_its_width() -> None:
    stream = io.StringIO()
    whole_life(Bar(stream))
    assert "10/10" in stream.getvalue()


def test_tqdm_is_not_imported_before_a_bar_is_drawn() -> None:
    code = "import sys, importer.progress; sys.exit('tqdm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("stream", "quiet", "enabled", "kind"),
    [
        pytest.param(Terminal(), False, True, Bar, id="terminal"),
        pytest.param(io.StringIO(), False, True, Lines, id="no-terminal"),
        pytest.param(Terminal(), False, False, Notes, id="no-progress"),
        pytest.param(Terminal(), True, True, Silent, id="quiet"),
        pytest.param(io.StringIO(), True, False, Silent, id="quiet-outweighs"),
    ],
)
def test_progress_is_chosen_by_the_stream_and_the_words(
    stream: io.StringIO, *, quiet: bool, enabled: bool, kind: type[Progress]
) -> None:
    assert type(progress_for(stream, quiet=quiet, enabled=enabled, monotonic=Clock())) is kind


def test_a_terminal_that_knows_no_codes_gets_lines() -> None:
    chosen = progress_for(Terminal(), quiet=False, enabled=True, monotonic=Clock(), dumb=True)
    assert type(chosen) is Lines
