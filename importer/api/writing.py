"""`doctor`, `plan`, `run`, `retry`, `verify` and `undo`: all that asks Kanbert, and all that writes there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from importer.api.conducting import conducted
from importer.api.options import (
    AskingOptions,
    PlanOptions,
    RetryOptions,
    RunOptions,
    RunPlanOptions,
    UndoOptions,
    checked,
    fixed_of,
    job_of,
    path_of,
    token_in,
    writing_of,
)
from importer.commands import doctor as examining, executing, planning, undoing, verifying, writing as importing
from importer.commands.settings import Rules

if TYPE_CHECKING:
    from typing import Unpack

    from importer.api.conducting import Confirm
    from importer.api.options import FilePath
    from importer.commands.doctor import Diagnosis
    from importer.progress import Progress
    from importer.report import Summary

__all__ = ["doctor", "plan", "retry", "run", "run_plan", "undo", "verify"]


async def doctor(
    to: str,
    *,
    mapping: FilePath | None = None,
    probe_patch: bool = False,
    token: str | None = None,
    token_file: FilePath | None = None,
    confirm: Confirm = False,
) -> Diagnosis:
    """Ask a target what a run would trip over; nothing is written unless `probe_patch` is said.

    A cancellation waits until every question is answered, or has had its time: what was probed has to be put back.
    """
    token = token_in({"token": token, "token_file": token_file})
    checkup = examining.Checkup(to, path_of(token_file), path_of(mapping), probe_patch)
    return await conducted(lambda desk: examining.doctor(checkup, desk), token=token, confirm=confirm)


async def plan(
    file: FilePath,
    mapping: FilePath,
    *,
    to: str,
    output: FilePath | None = None,
    progress: Progress | None = None,
    **options: Unpack[PlanOptions],
) -> Summary:
    """Look everything up and say what a run would do; nothing is written but the plan file.

    `Summary.plan` says it. The plan file is the source's name with .plan, or `output`; `run_plan` carries it out.
    """
    checked("plan", options, PlanOptions)
    job, writing, path, token = (
        job_of(file, mapping, options),
        writing_of(options, to),
        path_of(output),
        token_in(options),
    )
    return await conducted(lambda desk: planning.plan(job, path, writing, desk), token=token, progress=progress)


async def run(
    file: FilePath,
    mapping: FilePath,
    *,
    to: str,
    confirm: Confirm = False,
    progress: Progress | None = None,
    **options: Unpack[RunOptions],
) -> Summary:
    """Import a file; the same call again resumes, and sends nothing twice, however the one before ended.

    `to` is the API's address, "kanbert" (production) or "sandbox". Rows that did not get there are in the summary's
    counts, and so is a target that refuses everything: `Summary.exit_code` is 0 only where every row is applied.

    Raises:
        UsageError: file, mapping or an option cannot be used, or nobody confirmed that something is written to anything
            but this machine; nothing was sent.
        NoTokenError: there is no token; nothing was sent.
        JournalError: locked by another run, damaged, of another target, or unwritable.
    """
    checked("run", options, RunOptions)
    job, writing, token = job_of(file, mapping, options), writing_of(options, to), token_in(options)
    return await conducted(
        lambda desk: importing.run(job, writing, desk), token=token, confirm=confirm, progress=progress
    )


async def run_plan(
    plan: FilePath, *, confirm: Confirm = False, progress: Progress | None = None, **options: Unpack[RunPlanOptions]
) -> Summary:
    """Carry out a plan; each row as it was shown, or refused as stale. Errors as for `run`."""
    checked("run_plan", options, RunPlanOptions)
    path, writing, token = Path(plan), writing_of(options), token_in(options)
    return await conducted(
        lambda desk: executing.run_plan(path, writing, desk), token=token, confirm=confirm, progress=progress
    )


async def retry(
    journal: FilePath, *, confirm: Confirm = False, progress: Progress | None = None, **options: Unpack[RetryOptions]
) -> Summary:
    """Try the rows again that are not in Kanbert yet; errors as for `run`.

    As they are, by a corrected `mapping`, or as corrected in the file `rows` that `write_report` wrote.
    """
    checked("retry", options, RetryOptions)
    rules = Rules(path_of(options.get("mapping")), path_of(options.get("decisions")))
    path, fixed, writing, token = Path(journal), fixed_of(options), writing_of(options), token_in(options)
    return await conducted(
        lambda desk: importing.retry(path, rules, fixed, writing, desk), token=token, confirm=confirm, progress=progress
    )


async def verify(
    journal: FilePath, *, full: bool = False, progress: Progress | None = None, **options: Unpack[AskingOptions]
) -> Summary:
    """Read back what should be in Kanbert, and compare field by field; nothing is written there.

    `Summary.verified` has what is not as it should be: some rows of each kind, or all of them where `full`.
    """
    checked("verify", options, AskingOptions)
    path, writing, token = Path(journal), writing_of(options), token_in(options)
    return await conducted(
        lambda desk: verifying.verify(path, writing, desk, full=full), token=token, progress=progress
    )


async def undo(
    journal: FilePath,
    *,
    without_offer_check: bool = False,
    confirm: Confirm = False,
    progress: Progress | None = None,
    **options: Unpack[UndoOptions],
) -> Summary:
    """Take back what the runs of a journal did; the same call again resumes, errors as for `run`.

    A company that somebody changed since, or that an offer refers to, is kept as it is, and is in `Summary.kept`.
    """
    checked("undo", options, UndoOptions)
    path, writing, token = Path(journal), writing_of(options), token_in(options)
    return await conducted(
        lambda desk: undoing.undo(path, writing, desk, ask_offers=not without_offer_check),
        token=token,
        confirm=confirm,
        progress=progress,
    )
