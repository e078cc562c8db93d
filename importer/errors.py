"""The exception tree: what stops a *step*, grouped by what the caller does about it.

```
ImporterError
  UsageError               flags, files, mapping             -> message, exit 2; nothing was sent
    MappingError           file, line, column, nearest right names
    SourceError            unreadable, encoding, sheet, protected
  NoTokenError             there is no token to send         -> message, exit 3; nothing was sent
  TargetError              raised by kanbert and transport; method, path, status, the server's message
    TransientError         timeout, reset, 5xx on a call that may be repeated -> again within the budget, then failed
      ThrottledError       429; retry_after                  -> all workers wait; no attempt is counted
    OutcomeUnknownError    a POST whose answer was lost, or 5xx on it -> find the company, then decide again
    ConflictError          409, 422 on external_id           -> find, decide again, then refused
    RefusedError           the target says no to this payload -> outcome refused, next row
    FatalTargetError       401, 403, wrong address or scope  -> no new row, drain, exit 3
      NoListError          the list or its filter cannot be used -> look up row by row where that will do
  JournalError             locked, of another target, damaged, unwritable -> stop, exit 4
  LostChildError           raised by isolation; time, memory, crash, kill -> a SourceError that names the file
```

What is wrong with *data* is an `Issue` (see `importer.model`), never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ConflictError",
    "Exchange",
    "Exit",
    "FatalTargetError",
    "ImporterError",
    "JournalError",
    "Loss",
    "LostChildError",
    "MappingError",
    "MappingProblem",
    "NoListError",
    "NoTokenError",
    "OutcomeUnknownError",
    "RefusedError",
    "SourceError",
    "TargetError",
    "ThrottledError",
    "TransientError",
    "UsageError",
]


class Exit(IntEnum):
    """The exit codes of the command line; a contract."""

    OK = 0  # every row applied or unchanged
    ROWS = 1  # some rows refused, failed or unknown, or differences found
    USAGE = 2  # flags, mapping or file, one to print to included
    TARGET = 3  # the target refuses everything: token, address, scope
    JOURNAL = 4  # journal or plan: locked, damaged, of another target, its disk full
    BUG = 70  # an error of ours
    INTERRUPTED = 130  # what writes is resumable


class ImporterError(Exception):
    """Anything that this package raises on purpose. Its text is written for the user, next step included."""


# ── the user's words and files ───────────────────────────────────────────────────────────────────────────────────


class UsageError(ImporterError):
    """A flag, a file or the mapping cannot be used; nothing was sent."""


class SourceError(UsageError):
    """The source file cannot be read as a table; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class MappingProblem:
    """One mistake in a mapping file; line and column count from 1, None where the file has no such place."""

    message: str
    line: int | None = None
    column: int | None = None


class MappingError(UsageError):
    """A mapping file with one or more mistakes, all of them listed, sorted by line."""

    def __init__(self, *, file: str, problems: Sequence[MappingProblem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda p: (p.line or 0, p.column or 0, p.message)))
        super().__init__("\n".join(self._line(problem) for problem in self.problems))

    def _line(self, problem: MappingProblem) -> str:
        place = [self.file, *(str(number) for number in (problem.line, problem.column) if number is not None)]
        return f"{':'.join(place)}: {problem.message}"


# ── the target ───────────────────────────────────────────────────────────────────────────────────────────────────


class NoTokenError(ImporterError):
    """There is no token at hand; no target would let us in."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """The request that an error is about; `status` is None where no answer came. Never holds a header or a token."""

    method: str
    path: str
    status: int | None = None
    message: str = ""  # the server's own words, shortened
    repeated: bool = False  # an earlier attempt of the same call got no answer: it may have been carried out

    def __str__(self) -> str:
        status = "no answer" if self.status is None else str(self.status)
        return f"{self.method} {self.path}: {status}" + (f", {self.message}" if self.message else "")


class TargetError(ImporterError):
    """The target did not do what was asked."""

    def __init__(self, text: str, *, exchange: Exchange) -> None:
        self.text = text
        self.exchange = exchange
        super().__init__(f"{text} ({exchange})")


class TransientError(TargetError):
    """May pass by itself (timeout, reset, 5xx on a call that may be repeated): try again within the budget."""


class ThrottledError(TransientError):
    """A 429. `retry_after` is seconds from now, None where the server named none. Never a row's failure."""

    def __init__(self, text: str, *, exchange: Exchange, retry_after: float | None) -> None:
        self.retry_after = retry_after
        super().__init__(text, exchange=exchange)


class OutcomeUnknownError(TargetError):
    """A POST may or may not have taken effect: find the company before anything is sent again."""


class ConflictError(TargetError):
    """Somebody holds the external_id already (409, or 422 on external_id): find, then decide again."""


class RefusedError(TargetError):
    """The target says no to this payload for good; `fields` maps a field to the server's messages about it."""

    def __init__(self, text: str, *, exchange: Exchange, fields: dict[str, tuple[str, ...]]) -> None:
        self.fields = fields
        super().__init__(text, exchange=exchange)


class FatalTargetError(TargetError):
    """Every further request would fail alike (token, scope, address): stop the run, exit 3."""


class NoListError(FatalTargetError):
    """The list of companies, or its filter, cannot be used: whatever needs it stops, looking up row by row does not."""


# ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────────


class JournalError(ImporterError):
    """The journal is locked, damaged, unwritable or of another target: stop, exit 4."""


# ── processes of our own ─────────────────────────────────────────────────────────────────────────────────────────


class Loss(StrEnum):
    """Why a child process is gone; the value says it to the user."""

    TIME = "it takes too long"
    MEMORY = "it needs more memory than it may have"
    CRASH = "the program breaks down over it"
    ENDED = "its process was ended from outside"


class LostChildError(ImporterError):
    """A child process did not come to the end of its work. Who gave it the work says what that was, and what to do."""

    def __init__(self, loss: Loss, detail: str) -> None:
        self.loss = loss
        self.detail = detail  # such as "SIGABRT"; may be empty
        super().__init__(f"{loss} ({detail})" if detail else str(loss))
