"""How much a file may ask of this machine, and how a user says that it may ask for more."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from importer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VARIABLE", "Limits", "limits_of", "raised"]

VARIABLE = "KANBERT_LIMITS"

_NUMBER = re.compile(r"([0-9]+)\s*(?:([KMG])(?:i?B)?|B)?", re.IGNORECASE)
_SHIFT = {"": 0, "K": 10, "M": 20, "G": 30}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may not exceed; all but `columns` and `length` are of workbooks, for CSV files are read in passing.

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


def limits_of(environment: Mapping[str, str]) -> Limits:
    """Take the limits that the environment names, such as `memory=4GiB,seconds=60`; the others as they are.

    Raises:
        UsageError: there is no such limit, or it is no number.
    """
    said = dict[str, int]()
    known = [limit.name for limit in fields(Limits)]
    for part in filter(None, (part.strip() for part in environment.get(VARIABLE, "").split(","))):
        name, _, value = (word.strip() for word in part.partition("="))
        number = _NUMBER.fullmatch(value)
        if name not in known or number is None or int(number[1]) < 1:
            message = (
                f"{VARIABLE}: {part[:60]!r} is no limit. Write such as memory=4GiB,seconds=60; "
                f"the limits are {', '.join(known)}."
            )
            raise UsageError(message)
        said[name] = int(number[1]) << _SHIFT[(number[2] or "").upper()]
    return replace(Limits(), **said)


def raised(name: str) -> str:
    """Say how the limit of this name is raised."""
    return f"{VARIABLE}={name}=... allows more"
