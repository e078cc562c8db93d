"""A command said once more, to be pasted: as it was, and without the `--rows` and `--limit` that left rows out."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.commands.namesakes import own_journal
from importer.commands.settings import Job, writing_options
from importer.model import pasted, path_word, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from importer.commands.settings import Fetching, Writing
    from importer.journal import RunRecord
    from importer.report import Summary

__all__ = [
    "OF_AN_UNDO",
    "OF_A_RETRY",
    "OF_A_RUN_OF_A_PLAN",
    "plan_again",
    "planned_run",
    "remembered",
    "restoring",
    "retry_again",
    "run_again",
    "run_plan_again",
    "undo_again",
    "with_those_left_out",
]

OF_AN_UNDO = frozenset({"--token-file", "--concurrency", "--rate", "--max-age"})
OF_A_RETRY = OF_AN_UNDO | {"--lookup", "--archived", "--max-errors", "--max-error-rate"}
OF_A_RUN_OF_A_PLAN = OF_A_RETRY - {"--archived"} | {"--source-token-file"}
"""Options that take a value, and without which a command does not do as the one before it did, or cannot do it."""


def run_again(job: Job, writing: Writing) -> str:
    """Say a `run` of a file again."""
    return _said("run", *job.words, "--to", writing.to, *_of_a_run(writing), *writing_options(writing))


def run_plan_again(plan: Path, writing: Writing, fetching: Fetching) -> str:
    """Say a `run --plan` again."""
    options = writing_options(replace(writing, archived="report"))  # the plan has it
    return _said("run", "--plan", plan, *fetching.token_options, *_of_a_run(writing), *options)


def planned_run(record: RunRecord, plan: Path) -> str:
    """Say which command carries out the plan of a file, by what its plan was given."""
    own = own_journal(Job(Path(record.source.path), Path(record.mapping_path)), plan)
    return _said("run", "--plan", plan, *_journal(own), *remembered(record.again, OF_A_RUN_OF_A_PLAN))


def plan_again(job: Job, writing: Writing, output: Path) -> str:
    """Say a `plan` again."""
    return _said("plan", *job.words, "--to", writing.to, "-o", output, *writing_options(writing))


def retry_again(journal: Path, options: Sequence[str] = ()) -> str:
    """Say a `retry` of what a journal has."""
    return _said("retry", journal, *options)


def undo_again(journal: Path, writing: Writing, *, ask_offers: bool) -> str:
    """Say an `undo` again."""
    unasked = () if ask_offers else ("--without-offer-check",)
    return _said("undo", journal, *unasked, *writing_options(writing))


def remembered(command: str | None, options: Collection[str]) -> list[str]:
    """Say those of these options again, each with its value, that were given to a command that a journal remembers.

    Of a token that is the name of its file: no journal holds a token.
    """
    words = [] if command is None else shlex.split(command)
    return [word for at, option in enumerate(words) if option in options for word in words[at : at + 2]]


def restoring(command: str | None, journal: Path) -> str:
    """Say a run or a plan again so that it brings archived companies back.

    What cannot be said so is done by a retry: a run of a plan, which has its own rule, an undo, and what nobody remembers.
    """
    words = [] if command is None else shlex.split(command)
    if not words or "--plan" in words or words[1] == "undo":
        return retry_again(journal, [*remembered(command, OF_A_RETRY - {"--archived"}), *_RESTORE])
    if "--archived" in words:
        at = words.index("--archived")
        del words[at : at + 2]
    return pasted(*words, *_RESTORE)


_RESTORE = ("--archived", "restore")


def _of_a_run(writing: Writing) -> list[str]:
    return [*_journal(writing.journal), *(["--canary"] if writing.canary else [])]


def _journal(path: Path | None) -> list[str]:
    return [] if path is None else ["--journal", path_word(path)]


def _said(*words: str | Path) -> str:
    return pasted("kanbert-import", *words)


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
