from __future__ import annotations

import contextlib
import datetime as dt
import io
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from importer.errors import ImporterError, Loss, LostChildError, MappingError, SourceError
from importer.isolation import Isolated, Limits, isolated
from importer.isolation.child import Work
from importer.isolation.parent import BOOT
from importer.isolation.wire import LENGTH, MESSAGE, ORDER, Kind, Order, preserved, revived
from tests.isolation import child_work as work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and memory limits of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux heeds a limit of address space")


def is_gone(pid: int, within: float = 60.0) -> bool:
    """Look whether a process that is not our child has ended, or ends soon."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z":
                return True  # nobody asks for its exit code where it runs
        os.sched_yield()
    return False


def lost(child: Iterator[object]) -> LostChildError:
    with pytest.raises(LostChildError) as caught:
        list(child)
    return caught.value


def test_items_arrive_in_order_and_whole() -> None:
    assert list(isolated(work.counted, 1000)) == list(range(1000))


def test_a_function_may_give_any_iterable() -> None:
    cells = ("é\ud800", 1, 1.5, None, dt.date(2024, 2, 29), dt.timedelta(hours=25), float("inf"))
    assert tuple(isolated(work.echo, *cells)) == cells


def test_no_item_is_no_item() -> None:
    assert list(isolated(work.counted, 0)) == []


def test_large_items_and_arguments_arrive() -> None:
    sizes = (0, 1, 1 << 16, 1 << 20, 40 << 20, 3)
    assert [len(item) for item in isolated(work.large, *sizes)] == list(sizes)
    assert list(isolated(work.echo, b"y" * (8 << 20))) == [b"y" * (8 << 20)]


def test_each_pass_starts_anew_over_what_was_made_once() -> None:
    with Isolated(work.Table, 50) as child:
        first, second = list(child), list(child)
    assert [row for _, _, row in first] == [row for _, _, row in second] == list(range(50))
    assert {number for _, number, _ in first} == {1}
    assert {number for _, number, _ in second} == {2}
    assert len({pid for pid, _, _ in first + second}) == 1


def test_passes_do_not_disturb_each_other() -> None:
    with Isolated(work.Table, 30) as child:
        one, two = iter(child), iter(child)
        assert [row for _, _, row in islice(one, 3)] == [0, 1, 2]
        assert [row for _, _, row in islice(two, 20)] == list(range(20))
        assert [row for _, _, row in one] == list(range(3, 30))
        assert [row for _, _, row in two] == list(range(20, 30))


def test_a_pass_given_up_leaves_the_others_alone() -> None:
    with Isolated(work.Table, 30) as child:
        one, two = iter(child), iter(child)
        next(one)
        del one
        assert len(list(two)) == 30
        assert len(list(child)) == 30


def test_a_second_pass_over_a_generator_is_an_error_and_not_empty() -> None:
    with Isolated(work.counted, 3) as child:
        assert list(child) == [0, 1, 2]
        assert "one pass only" in lost(iter(child)).detail


def test_several_children_are_read_by_turns() -> None:
    with contextlib.ExitStack() as stack:
        children = [iter(stack.enter_context(Isolated(work.Table, 20))) for _ in range(3)]
        rounds = list(zip(*children, strict=True))
    assert [{row for _, _, row in items} for items in rounds] == [{n} for n in range(20)]
    assert len({pid for pid, _, _ in rounds[0]}) == 3


@pytest.mark.parametrize("after", [0, 1, 20])
def test_an_error_of_ours_arrives_as_itself_after_what_came_before(after: int) -> None:
    items = isolated(work.failing, after, "source")
    assert list(islice(items, after)) == list(range(after))
    with pytest.raises(SourceError, match=r"^a\.xlsx: damaged\. Save it again\.$"):
        next(items)


def test_an_error_with_a_constructor_of_its_own_keeps_its_facts() -> None:
    with pytest.raises(MappingError) as caught:
        list(isolated(work.failing, 1, "mapping"))
    assert str(caught.value) == "m.yaml:3:4: wrong"
    assert caught.value.problems[0].line == 3


def test_an_error_before_the_first_item_is_that_of_every_pass() -> None:
    with Isolated(work.failing_at_once, "source") as child:
        for _ in range(2):
            with pytest.raises(SourceError, match="damaged"):
                list(child)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("panic", "PanicException: index out of bounds"),
        ("interrupt", "KeyboardInterrupt: "),
        ("unpicklable", "pickle"),
        ("foreign", "ValueError: foreignforeign"),
    ],
)
def test_any_other_error_is_the_loss_of_the_child(error: str, told: str) -> None:
    caught = lost(isolated(work.failing, 2, error))
    assert caught.loss is Loss.CRASH
    assert told in caught.detail
    assert len(caught.detail) <= 300


@posix
@pytest.mark.parametrize(
    ("how", "loss", "detail"),
    [
        ("abort", Loss.CRASH, "SIGABRT"),
        ("rust", Loss.MEMORY, ""),
        ("segfault", Loss.CRASH, "SIGSEGV"),
        ("SIGKILL", Loss.ENDED, "SIGKILL"),
        ("SIGTERM", Loss.ENDED, "SIGTERM"),
        ("exit", Loss.CRASH, "exit code 3"),
    ],
)
def test_death_is_one_clear_error(how: str, loss: Loss, detail: str, capfd: pytest.CaptureFixture[str]) -> None:
    caught = lost(isolated(work.dying, how))
    assert (caught.loss, caught.detail) == (loss, detail)
    assert capfd.readouterr() == ("", "")


@linux
def test_too_much_memory_is_told_as_that() -> None:
    with Isolated(work.hungry, 1000, limits=Limits(memory_bytes=60 << 20)) as child:
        items = iter(child)
        assert len(list(islice(items, 20))) == 20
        assert lost(items).loss is Loss.MEMORY


@linux
def test_the_limit_of_memory_counts_from_what_the_child_has_already() -> None:
    assert len(list(isolated(work.hungry, 10, limits=Limits(memory_bytes=40 << 20)))) == 10


@pytest.mark.parametrize("function", [work.hanging, work.hanging_later], ids=["at once", "later"])
def test_a_child_that_hangs_is_ended_in_time(function: Callable[[], Iterator[int]]) -> None:
    began = time.monotonic()
    caught = lost(isolated(function, limits=Limits(seconds=0.5)))
    assert (caught.loss, caught.detail) == (Loss.TIME, "longer than 0.5 s")
    assert time.monotonic() - began < 60


def test_time_that_nobody_waits_does_not_count() -> None:
    gate = threading.Event()
    with Isolated(work.Table, 30, limits=Limits(seconds=2)) as child:
        items = iter(child)
        next(items)
        gate.wait(2.2)
        assert len(list(items)) == 29


@posix
def test_to_give_up_ends_the_child_at_once() -> None:
    items = isolated(work.endless)
    pid = next(items)
    items.close()  # type: ignore[attr-defined]  # it is a generator
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@posix
def test_to_close_ends_a_child_that_hangs_and_may_be_repeated() -> None:
    child = Isolated(work.stubborn)
    items = iter(child)
    pid = next(items)
    child.close()
    child.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert lost(items).detail == "closed"
    assert lost(iter(child)).detail == "closed"


@posix
@pytest.mark.parametrize("how", ["endless", "stubborn"])
def test_no_child_outlives_its_parent(how: str) -> None:
    command = [sys.executable, "-m", "tests.isolation.child_work", how]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    # one that cannot notice is ended by the system, when its time is up
    assert is_gone(pid)


@posix
def test_an_interruption_leaves_the_child_to_its_parent() -> None:
    with Isolated(work.endless) as child:
        items = iter(child)
        os.kill(next(items), signal.SIGINT)
        assert list(islice(items, 100)) == list(range(100))


def test_nothing_of_the_child_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(isolated(work.noisy)) == [""]
    assert capfd.readouterr() == ("", "")


def test_a_child_works_beside_threads_and_a_loop() -> None:
    found = list[int]()

    def read() -> None:
        found.extend(isolated(work.counted, 10))

    async def both() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, read)
            group.start_soon(anyio.to_thread.run_sync, read)

    anyio.run(both)
    assert sorted(found) == sorted([*range(10), *range(10)])


def test_a_function_that_no_child_can_find_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry.endswith("importer-nowhere")])
    assert lost(isolated(work.counted, 1)).loss is Loss.CRASH


def test_an_interpreter_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "not started" in lost(isolated(work.counted, 1)).detail


# ── the child's side, in this process and over its pipes ─────────────────────────────────────────────────────────


def answers(function: object, *args: object, orders: list[tuple[Order, int]]) -> list[tuple[Kind, int]]:
    """Give the kind and pass of each answer; the last order is one that ends the work."""
    heard = queue.SimpleQueue[tuple[int, int]]()
    for order in orders:
        heard.put(order)
    said = io.BytesIO()
    Work(said, Limits(memory_bytes=1 << 40, seconds=30)).run(pickle.dumps((function, args)), heard)
    found = list[tuple[Kind, int]]()
    said.seek(0)
    while head := said.read(MESSAGE.size):
        kind, number, length = MESSAGE.unpack(head)
        found.append((Kind(kind), number))
        said.read(length)
    return found


class _Odd:
    """One item in the first two passes, an error of ours in the third, a panic in the fourth."""

    def __init__(self) -> None:
        self.passes = 0

    def __iter__(self) -> Iterator[int]:
        self.passes += 1
        return iter([1]) if self.passes < 3 else work.failing(0, "source" if self.passes == 3 else "panic")


def test_orders_are_answered_in_turn() -> None:
    asked = [(Order.NEXT, 0), (Order.NEXT, 1), (Order.NEXT, 0), (Order.NEXT, 0), (Order.LEAVE, 1), (Order.NEXT, 1)]
    told = [(Kind.ITEM, 0), (Kind.ITEM, 1), (Kind.END, 0), (Kind.ERROR, 2), (Kind.LOST, 0)]
    assert answers(_Odd, orders=[*asked, (Order.NEXT, 2), (Order.NEXT, 3)]) == told


def test_a_child_without_limits_works_as_well() -> None:
    said = io.BytesIO()
    Work(said, Limits()).run(pickle.dumps((work.failing_at_once, ("source",))), queue.SimpleQueue())
    assert said.getvalue()[0] == Kind.LOST


@pytest.mark.parametrize("told", [True, False], ids=["after its job", "before its job"])
def test_a_child_leaves_without_a_word_when_nobody_holds_its_pipes(told: bool) -> None:
    job = pickle.dumps((Limits(), pickle.dumps((work.endless, ()))))
    command = [sys.executable, "-c", BOOT, *sys.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        if told:
            child.stdin.write(LENGTH.pack(len(job)) + job + ORDER.pack(Order.NEXT, 0))
            child.stdin.flush()
            assert Kind(child.stdout.read(MESSAGE.size)[0]) is Kind.ITEM
        child.stdin.close()
        assert child.wait() == 1
        assert child.stderr.read() == b""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (work.UnpicklableError(), "it breaks down"),
        (MemoryError(), "it needs more memory than it may have"),
        (SourceError("as it was"), "as it was"),
    ],
    ids=["unpicklable", "memory", "ours"],
)
def test_an_error_is_preserved(error: BaseException, told: str) -> None:
    assert str(revived(preserved(error))).startswith(told.replace("it breaks", "the program breaks"))


def test_losses_say_what_happened_in_words() -> None:
    assert str(LostChildError(Loss.TIME, "longer than 5 s")) == "it takes too long (longer than 5 s)"
    assert str(LostChildError(Loss.MEMORY, "")) == "it needs more memory than it may have"
    assert issubclass(LostChildError, ImporterError)
