"""How much a file may ask of this machine, and how a user says that it may ask for more."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from importer.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["RATIO_FROM_BYTES", "VARIABLE", "Limits", "check_archive", "limits_of", "raised"]

VARIABLE = "KANBERT_LIMITS"
RATIO_FROM_BYTES = 64 << 20  # below this a high ratio does no harm

_BETWEEN = re.compile(r",(?!\s*[0-9])")  # not the comma of 1,000: no limit's name begins with a digit
_NUMBER = re.compile(r"(-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+))\s*(?:([KMG])(?:i?B)?|B)?", re.IGNORECASE)
_MOST = 1 << 50  # the system's own calls take no more than 1 << 63
_MOST_SECONDS = 10**9  # threads wait no longer
_MOST_DIGITS = 20
_SHIFT = {"": 0, "K": 10, "M": 20, "G": 30}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may not exceed that is no plain text: a workbook, a page, or text that is packed.

    Plain text is read in passing: none of these is of it, and `dialect.FIELD_LIMIT` bounds its cells.

    The memory is what a workbook of 200,000 rows x 40 columns needs at its worst.
    """

    memory: int = field(default=900 << 20, metadata={"is": "bytes that the process that parses a workbook may take"})
    seconds: int = field(default=18, metadata={"is": "seconds it may be waited for, and 2 more for each MiB of file"})
    file: int = field(default=1 << 30, metadata={"is": "bytes of the file"})
    unpacked: int = field(default=2 << 30, metadata={"is": "bytes of all its parts together, unpacked"})
    ratio: int = field(default=150, metadata={"is": "times that they may be larger than the file, from 64 MiB on"})
    parts: int = field(default=10_000, metadata={"is": "files in its zip archive"})
    rows: int = field(default=1_048_576, metadata={"is": "rows; a sheet of Excel has no more"})
    columns: int = field(default=16_384, metadata={"is": "columns; a sheet of Excel has no more"})
    length: int = field(default=1 << 20, metadata={"is": "characters in one cell; one of Excel has at most 32,767"})


_KNOWN = tuple(limit.name for limit in fields(Limits))


def limits_of(environment: Mapping[str, str]) -> Limits:
    """Take the limits that the environment names, such as `memory=4GiB,seconds=60`; the others as they are.

    Raises:
        UsageError: there is no such limit, it is no number, or none that a limit can be.
    """
    said = dict(
        _limit(part) for part in map(str.strip, _BETWEEN.split(environment.get(VARIABLE, ""))) if part.strip(", ")
    )
    return replace(Limits(), **said)


def _limit(part: str) -> tuple[str, int]:
    """Take one limit, such as `rows=1,000`."""
    name, _, value = (word.strip() for word in part.partition("="))
    number = _NUMBER.fullmatch(value)
    if name not in _KNOWN:
        raise _wrong(part, "is no limit")
    if number is None:
        raise _wrong(part, "is no limit: digits are expected behind the =, and KiB, MiB or GiB where bytes are meant")
    digits = number[1].replace(",", "")
    most = _MOST_SECONDS if name == "seconds" else _MOST
    size = int(digits[:_MOST_DIGITS]) << _SHIFT[(number[2] or "").upper()]  # longer ones are too large in any case
    if size < 1:
        raise _wrong(part, "is no limit: 1 is the least")
    if size > most:
        raise _wrong(part, f"is too large: {most:,} is the most")
    return name, size


def _wrong(part: str, reason: str) -> UsageError:
    known = ", ".join(_KNOWN)
    return UsageError(
        f"{VARIABLE}: {part[:60]!r} {reason}. Write such as memory=4GiB,seconds=60; the limits are {known}."
    )


def check_size(path: Path, limits: Limits) -> None:
    """Refuse a file of more bytes than it may have.

    Raises:
        SourceError: it has more.
    """
    if path.stat().st_size > limits.file:
        message = f"{path}: the file is larger than {_size(limits.file)}. Save the sheet as CSV; {raised('file')}."
        raise SourceError(message)


def _size(number: int) -> str:
    return f"{number >> 20:,} MiB" if number >= 1 << 20 and not number % (1 << 20) else f"{number:,} bytes"


def check_archive(path: Path, limits: Limits, *, packed: int, unpacked: int, parts: int) -> None:
    """Refuse what a zip archive says of itself, where that is too much; what it really holds, its readers count.

    Raises:
        SourceError: it is beyond a limit, which the message names.
    """
    told = f"{path}: the file would unpack to {unpacked >> 20:,} MiB in {parts:,} parts"
    for limit, is_beyond in (
        ("parts", parts > limits.parts),
        ("unpacked", unpacked > limits.unpacked),
        ("ratio", unpacked > RATIO_FROM_BYTES and unpacked // max(packed, 1) > limits.ratio),
    ):
        if is_beyond:
            next_step = f"Copy the rows into a new workbook, or save the sheet as CSV; {raised(limit)}"
            message = f"{told}, which no list of companies needs. {next_step}."
            raise SourceError(message)


def raised(name: str) -> str:
    """Say how the limit of this name is raised."""
    return f"{VARIABLE}={name}=... allows more"
