"""What the user said on the command line, as values: each command takes those it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from importer.commands.signals import system_signals
from importer.errors import UsageError
from importer.model import Selection, path_word, row_ranges
from importer.moneybird import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from importer.commands.signals import Interruptions
    from importer.mapping import SourceSettings
    from importer.moneybird import ContactsAddress
    from importer.planner import ArchivedPolicy, Lookup
    from importer.progress import Progress

__all__ = [
    "CONCURRENCY",
    "MAX_AGE",
    "NO_FETCHING",
    "Desk",
    "Fetching",
    "Fixed",
    "Job",
    "Rules",
    "Writing",
    "options_of",
    "writing_options",
]

CONCURRENCY = 8  # requests in flight at most, where the user does not say
MAX_AGE = 60.0  # seconds; even at one request a second, a batch that is asked for row by row is written within it


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the user sits: the progress they see, the question they answer, their environment and folder."""

    progress: Progress
    confirm: Callable[
        [str], bool
    ]  # True when the user says yes; UsageError where nobody can be asked, KeyboardInterrupt instead of an answer
    environment: Mapping[str, str] = field(repr=False)  # the token may be in it
    folder: Path  # relative paths, and the sandbox's file, stand in it
    said_yes: bool = False  # beforehand, to whatever may be asked
    width: int = 100  # cells in a line of the terminal
    interruptions: Interruptions = system_signals


@dataclass(frozen=True, slots=True)
class Fetching:
    """How contacts are fetched, where the source is no file."""

    token_file: Path | None = None
    include_archived: bool = False
    since_last: bool = False  # only what changed since the journal's last run

    def address_of(self, file: Path) -> ContactsAddress | None:
        """Read FILE as an address, the archived contacts included where the user says so; None where it is a file.

        Raises:
            UsageError: it is neither, or a file, and these options are of an address.
        """
        address = address_of(file)
        if address is None and self != Fetching():
            option = next(iter(self.options or ["--include-archived"]))
            message = f"{option} is of an address such as moneybird://ADMINISTRATION_ID, and {file} is a file."
            raise UsageError(message)
        return address.with_archived() if address is not None and self.include_archived else address

    @property
    def options(self) -> list[str]:
        """Say again, as words of the command line, what is not part of the address."""
        return [*self.token_options, *(["--since-last"] if self.since_last else [])]

    @property
    def token_options(self) -> list[str]:
        """Say again which file holds the token."""
        return [] if self.token_file is None else ["--source-token-file", path_word(self.token_file)]


NO_FETCHING = Fetching()
"""For a file."""


@dataclass(frozen=True, slots=True)
class Job:
    """A source and the rules for it."""

    file: Path  # or an address
    mapping: Path
    limit: int | None = None  # only the first rows
    decisions: Path | None = None  # what no rule settles, decided
    reading: SourceSettings | None = None  # what the user says of the file; counts more than what the mapping says
    rows: str | None = None  # only these, by their numbers
    fetching: Fetching = NO_FETCHING

    @property
    def address(self) -> ContactsAddress | None:
        """The source as an address; None where it is a file. UsageError where it cannot be either."""
        return self.fetching.address_of(self.file)

    @property
    def source(self) -> list[str]:
        """Say again which source is meant."""
        address = self.address
        return [path_word(self.file) if address is None else address.text, *self.fetching.options]

    def beside(self, suffix: str) -> Path:
        """Name a file that is kept beside the source, or for an address in the user's folder.

        Raises:
            UsageError: the source is a folder without a name of its own: `.` and `/` take no suffix.
        """
        address = self.address
        if address is not None:
            return Path(f"{address.name}{suffix}")
        if not self.file.name:
            message = f"{self.file}: the file is a folder. Name a file."
            raise UsageError(message)
        return self.file.with_suffix(suffix)

    @property
    def words(self) -> list[str]:
        """Say again, as words of the command line, which file is meant and by which rules."""
        decisions = [] if self.decisions is None else ["--decisions", path_word(self.decisions)]
        return [*self.source, "-m", path_word(self.mapping), *decisions, *self.reading_options, *self.choosing_options]

    @property
    def selection(self) -> Selection:
        """Say which rows are meant; UsageError where that is nonsense."""
        return Selection(() if self.rows is None else row_ranges(self.rows), self.limit)

    @property
    def choosing_options(self) -> list[str]:
        """Say again, as options, which rows are meant."""
        rows = [] if self.rows is None else ["--rows", self.rows]
        return [*rows, *([] if self.limit is None else ["--limit", str(self.limit)])]

    @property
    def reading_options(self) -> list[str]:
        """Say again, as options, what the user said of the file."""
        return [] if self.reading is None else options_of(self.reading)


def options_of(said: SourceSettings) -> list[str]:
    """Write reader settings as options of the command line."""
    options = {
        "--sheet": said.sheet,
        "--header-row": said.header_row,
        "--encoding": said.encoding,
        "--delimiter": said.delimiter,
    }
    return [word for option, value in options.items() if value is not None for word in (option, str(value))]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for a retry; those of the last run where nothing is named."""

    mapping: Path | None = None
    decisions: Path | None = None

    @property
    def given(self) -> bool:
        """Whether the user has named any."""
        return self.mapping is not None or self.decisions is not None


@dataclass(frozen=True, slots=True)
class Fixed:
    """A file with corrected rows, and what the user says of it; the rest is detected."""

    file: Path
    reading: SourceSettings


@dataclass(frozen=True, slots=True)
class Writing:
    """How to write: where to, how fast, and when to give up."""

    to: str = ""  # empty for a retry: the target that the journal is about
    token_file: Path | None = None
    journal: Path | None = None
    lookup: Lookup = "auto"
    archived: ArchivedPolicy = "report"
    concurrency: int = CONCURRENCY
    rate: float | None = None
    max_errors: int | None = None
    max_error_rate: float | None = None
    canary: bool = False  # a few rows first, and the others if those went well
    max_age: float = MAX_AGE  # of what was read of a company, when it is updated; older is read again first


def writing_options(writing: Writing) -> list[str]:
    """Say again what the user said of how to write."""
    options = {
        "--token-file": None if writing.token_file is None else path_word(writing.token_file),
        "--lookup": None if writing.lookup == "auto" else writing.lookup,
        "--archived": None if writing.archived == "report" else writing.archived,
        "--concurrency": None if writing.concurrency == CONCURRENCY else writing.concurrency,
        "--rate": None if writing.rate is None else f"{writing.rate:g}",
        "--max-age": None if writing.max_age == MAX_AGE else f"{writing.max_age:g}",
        "--max-errors": writing.max_errors,
        "--max-error-rate": None if writing.max_error_rate is None else f"{writing.max_error_rate:g}",
    }
    return [word for option, value in options.items() if value is not None for word in (option, str(value))]
