"""What may be said by name to the functions of the API: the options of the command line, without their dashes."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from importer.commands.settings import CONCURRENCY, MAX_AGE, Fetching, Fixed, Job, Writing
from importer.errors import UsageError
from importer.mapping import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.planner import ArchivedPolicy, Lookup

__all__ = [
    "BOUNDS",
    "AskingOptions",
    "FetchingOptions",
    "FilePath",
    "GuessOptions",
    "PlanOptions",
    "PreviewOptions",
    "ReadingOptions",
    "RequestOptions",
    "RetryOptions",
    "RunOptions",
    "RunPlanOptions",
    "SourceOptions",
    "UndoOptions",
    "WritingOptions",
    "checked",
    "fetching_of",
    "fixed_of",
    "job_of",
    "path_of",
    "reading_of",
    "token_in",
    "writing_of",
]

FilePath: TypeAlias = str | PathLike[str]


class ReadingOptions(TypedDict, total=False):
    """How a file is read; each is detected where it is not said, and counts more than what the mapping says."""

    sheet: str | None  # the workbook's sheet
    header_row: int | None  # the row that holds the column names
    encoding: str | None  # of a CSV file
    delimiter: str | None  # of a CSV file, or the word "tab"


class FetchingOptions(TypedDict, total=False):
    """How contacts are fetched, where the source is an address such as moneybird://ADMINISTRATION_ID."""

    source_token_file: FilePath | None  # a file that holds the source's token, instead of MONEYBIRD_TOKEN
    include_archived: bool  # the source's archived contacts too


class GuessOptions(ReadingOptions, FetchingOptions, total=False):
    """How the source of a guess is read."""


class PreviewOptions(ReadingOptions, FetchingOptions, total=False):
    """Which rows are taken, and how they are read and mapped."""

    rows: str | None  # only these, by the numbers that the spreadsheet shows, such as "2-100,250"
    decisions: FilePath | None  # what is sent for values that no rule of the mapping settles


class SourceOptions(PreviewOptions, total=False):
    """Which rows are taken, and how they are read and mapped."""

    limit: int | None  # only the first rows


class RequestOptions(TypedDict, total=False):
    """How requests are sent."""

    token: str | None  # never kept, shown or logged; without it and `token_file`, KANBERT_TOKEN of the environment
    token_file: FilePath | None  # a file that holds the token
    concurrency: int  # most requests in flight
    rate: float | None  # most requests a second


class AskingOptions(RequestOptions, total=False):
    """How companies are found."""

    lookup: Lookup  # "auto", "rows" or "list"


class WritingOptions(AskingOptions, total=False):
    """How a target is written to, and when to give up."""

    archived: ArchivedPolicy  # "report" or "restore" a company that is archived in Kanbert
    max_age: float  # seconds; before an update, read again what was read longer ago
    max_errors: int | None  # stop when more rows have errors
    max_error_rate: float | None  # stop when more than this share of rows, 0 to 1, has errors


class UndoOptions(RequestOptions, total=False):
    """How what was done is taken back."""

    max_age: float  # seconds; read again before an update what was read longer ago


class PlanOptions(SourceOptions, AskingOptions, total=False):
    """What a plan is made by."""

    since_last: bool  # of an address, only what changed since the journal's last run
    archived: ArchivedPolicy


class RunOptions(SourceOptions, WritingOptions, total=False):
    """What a run is done by."""

    since_last: bool
    canary: bool  # first the fewest rows that make use of everything; `confirm` is asked before the others
    journal: FilePath | None  # where the source's name with .journal is not to be the journal


class RunPlanOptions(AskingOptions, total=False):
    """What a plan is carried out by; the plan has the rest."""

    canary: bool
    journal: FilePath | None
    max_age: float
    max_errors: int | None
    max_error_rate: float | None


class RetryOptions(ReadingOptions, WritingOptions, total=False):
    """By which rules rows are tried again, and how; those of the last run where nothing is said.

    How a file is read is said of the one with corrected rows.
    """

    mapping: FilePath | None  # a corrected one
    decisions: FilePath | None
    rows: FilePath | None  # corrected rows: the file that `write_report` wrote, edited


BOUNDS: Mapping[str, tuple[float, float]] = {
    "header_row": (1, 10**12),
    "limit": (1, 10**12),
    "concurrency": (1, 256),
    "rate": (0.001, float("inf")),
    "max_age": (0.0, float("inf")),
    "max_errors": (0, 10**12),
    "max_error_rate": (0.0, 1.0),
}
"""The least and the most that a number may be, as the command line has it."""

_TEXTS = frozenset(["rows", "sheet", "encoding", "delimiter"])  # but the `rows` of a retry, a path
_WORDS = {"lookup": ("auto", "rows", "list"), "archived": ("report", "restore")}


def checked(function: str, options: Mapping[str, Any], *kinds: type) -> Mapping[str, Any]:
    """Refuse options that a function does not have, and values that none can have."""
    known = frozenset().union(*(kind.__optional_keys__ for kind in kinds if hasattr(kind, "__optional_keys__")))
    for name, value in options.items():
        if name not in known:
            message = f"{function}() has no option {name}; it has {', '.join(sorted(known))}"
            raise TypeError(message)
        if value is not None:
            _check_value(name, value, is_path=name == "rows" and RetryOptions in kinds)
    return options


def _check_value(name: str, value: object, *, is_path: bool) -> None:
    if name in _WORDS and value not in _WORDS[name]:
        message = f"{name}={value!r}: say one of {', '.join(_WORDS[name])}."
        raise UsageError(message)
    if name in _TEXTS and not isinstance(value, str | PathLike if is_path else str):
        message = f"{name}={value!r:.80}: give it as text, as the command line takes it."
        raise UsageError(message)
    if name not in BOUNDS:
        return
    least, most = BOUNDS[name]
    kind, number = (int, "a whole number") if isinstance(least, int) else (int | float, "a number")
    if not isinstance(value, kind) or isinstance(value, bool) or not least <= value <= most:
        wanted = f"from {least:g} on" if most == float("inf") else f"from {least:g} to {most:g}"
        message = f"{name}={value!r}: give {number} {wanted}."
        raise UsageError(message)


def path_of(said: FilePath | None) -> Path | None:
    """Take a path as it was said."""
    return None if said is None else Path(said)


def reading_of(options: Mapping[str, Any]) -> SourceSettings:
    """Say how a file is read."""
    return SourceSettings(*(options.get(name) for name in ("sheet", "header_row", "encoding", "delimiter")))


def job_of(file: FilePath, mapping: FilePath, options: Mapping[str, Any]) -> Job:
    """Put a source and the rules for it together."""
    decisions = path_of(options.get("decisions"))
    return Job(
        Path(file),
        Path(mapping),
        options.get("limit"),
        decisions,
        reading_of(options),
        options.get("rows"),
        fetching_of(options),
    )


def fetching_of(options: Mapping[str, Any]) -> Fetching:
    """Say how contacts are fetched."""
    archived, since = options.get("include_archived", False), options.get("since_last", False)
    return Fetching(path_of(options.get("source_token_file")), archived, since)


def fixed_of(options: Mapping[str, Any]) -> Fixed | None:
    """Say where corrected rows are; UsageError for how a file is read that is not named."""
    rows, reading = path_of(options.get("rows")), reading_of(options)
    if rows is None and reading != SourceSettings():
        raise UsageError("sheet, header_row, encoding and delimiter say how the file of `rows` is read: name it.")
    return None if rows is None else Fixed(rows, reading)


def writing_of(options: Mapping[str, Any], to: str = "") -> Writing:
    """Say how to write, or to ask."""
    return Writing(
        to=to,
        token_file=path_of(options.get("token_file")),
        journal=path_of(options.get("journal")),
        lookup=options.get("lookup", "auto"),
        archived=options.get("archived", "report"),
        concurrency=options.get("concurrency", CONCURRENCY),
        rate=options.get("rate"),
        max_errors=options.get("max_errors"),
        max_error_rate=options.get("max_error_rate"),
        canary=options.get("canary", False),
        max_age=options.get("max_age", MAX_AGE),
    )


def token_in(options: Mapping[str, Any]) -> str | None:
    """Take the token that was given; UsageError for two."""
    if options.get("token") is not None and options.get("token_file") is not None:
        raise UsageError("there are two tokens: give token or token_file, not both.")
    token: str | None = options.get("token")
    return token
