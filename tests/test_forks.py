"""Copies of a process: what they make comes in their order, and they never outlive it."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="copies are for Linux alone")


def ran(code: str) -> list[str]:
    """Run Python code in a process of one thread."""
    begun = "import os, signal, sys, time\nfrom importer.forks import copies, processors, LostCopyError\n"
    done = subprocess.run(
        [sys.executable, "-c", begun + textwrap.dedent(code)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def test_each_copy_gives_what_it_makes_in_order() -> None:
    found = ran("""
        with copies(lambda number: iter(range(number, 6, 2)), 2) as shares:
            print(*shares[0])
            print(*shares[1])
    """)
    assert found == ["0 2 4", "1 3 5"]


def test_what_stops_a_copy_is_raised_after_what_it_made() -> None:
    found = ran("""
        def work(number):
            yield "made"
            raise ValueError("line 9")
        with copies(work, 1) as (share,):
            print(next(share))
            try:
                next(share)
            except ValueError as error:
                print(error)
    """)
    assert found == ["made", "line 9"]


@pytest.mark.parametrize("sent", ["SIGKILL", "SIGTERM"])
def test_a_copy_that_is_killed_is_told(sent: str) -> None:
    found = ran(
        """
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as the command line does
        def work(number):
            yield "made"
            os.kill(os.getpid(), signal.SENT)
            time.sleep(20)
        with copies(work, 1) as (share,):
            print(next(share))
            try:
                next(share)
            except LostCopyError as error:
                print(error)
    """.replace("SENT", sent)
    )
    assert found[0] == "made"
    assert "ended from outside" in found[1]


def test_copies_end_when_they_are_no_longer_asked_and_do_not_hear_ctrl_c() -> None:
    found = ran("""
        def work(number):
            os.kill(os.getpid(), signal.SIGINT)
            yield os.getpid()
            while True:
                yield "x" * 100_000
        with copies(work, 2) as shares:
            numbers = [next(share) for share in shares]
        for number in numbers:
            try:
                os.kill(number, 0)
            except ProcessLookupError:
                print("gone")
    """)
    assert found == ["gone", "gone"]


def test_copies_do_not_outlive_the_process_that_made_them() -> None:
    found = ran("""
        def work(number):
            yield os.getpid()
            while True:
                yield "x" * 100_000
        read, write = os.pipe()
        if os.fork() == 0:
            with copies(work, 2) as shares:
                for share in shares:
                    os.write(write, b"%d\\n" % next(share))
                os.kill(os.getpid(), signal.SIGKILL)
        os.close(write)
        with open(read) as lines:  # which ends when nobody has the other side open any more
            print(len(lines.readlines()))
    """)
    assert found == ["2"]


def test_a_process_of_several_threads_makes_no_copies() -> None:
    found = ran("""
        import threading
        print(processors() == len(os.sched_getaffinity(0)))
        event = threading.Event()
        threading.Thread(target=event.wait).start()
        print(processors())
        event.set()
    """)
    assert found == ["True", "1"]
