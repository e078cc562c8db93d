"""A command said once more, to be pasted: as it was, and without the `--rows` and `--limit` that left rows out."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.commands.settings import writing_options
from importer.model import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from importer.commands.settings import Job, Writing
    from importer.report import Summary

__all__ = ["plan_again", "restoring", "retry_again", "run_again", "run_plan_again", "with_those_left_out"]


def run_again(job: Job, writing: Writing) -> str:
    """Say a `run` of a file again."""
    return _said("run", *job.words, "--to", writing.to, *_of_a_run(writing), *writing_options(writing))


def run_plan_again(plan: Path, writing: Writing) -> str:
    """Say a `run --plan` again."""
    options = writing_options(replace(writing, archived="report"))  # the plan has it
    return _said("run", "--plan", str(plan), *_of_a_run(writing), *options)


def plan_again(job: Job, writing: Writing, output: Path) -> str:
    """Say a `plan` again."""
    return _said("plan", *job.words, "--to", writing.to, "-o", str(output), *writing_options(writing))


def retry_again(journal: Path, options: Sequence[str] = ()) -> str:
    """Say a `retry` of what a journal has."""
    return _said("retry", str(journal), *options)


def restoring(command: str | None, journal: Path) -> str:
    """Say a run or a plan again so that it brings archived companies back.

    What cannot be said so is done by a retry: a run of a plan, which has its own rule, and one that nobody remembers.
    """
    words = [] if command is None else shlex.split(command)
    if not words or "--plan" in words:
        return retry_again(journal, _RESTORE)
    if "--archived" in words:
        at = words.index("--archived")
        del words[at : at + 2]
    return shlex.join([*words, *_RESTORE])


_RESTORE = ("--archived", "restore")


def _of_a_run(writing: Writing) -> list[str]:
    journal = [] if writing.journal is None else ["--journal", str(writing.journal)]
    return [*journal, *(["--canary"] if writing.canary else [])]


def _said(*words: str) -> str:
    return shlex.join(["kanbert-import", *words])


def with_those_left_out(
    summary: Summary, waiting: int, job: Job, again: Callable[[Job], str], *, does: str = "does"
) -> Summary:
    """Say of the open rows of a file that were not taken up how they are.

    `again` says the command for a job. It is the next one, unless something comes before that.
    """
    options = [f"`{word}`" for word in job.choosing_options if word.startswith("--")]
    if not waiting or not options:
        return summary
    them = "it" if waiting == 1 else "them"
    note = f"{plural(waiting, 'other row waits', 'other rows wait')}; the same command without {' and '.join(options)} {does} {them}."
    whole = again(replace(job, rows=None, limit=None))
    following = whole if summary.next is None and not summary.stopped else summary.next
    return replace(summary, notes=(*summary.notes, note), next=following)
