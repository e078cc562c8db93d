"""A temporary file for people's data that is gone with the process that has it, also by a kill, where the system allows."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

__all__ = ["scratch", "scratch_folder"]

_OPEN_FILES = Path("/proc/self/fd")
"""Where Linux has the files that a process has open, by their numbers; also those without a name are read there by a path."""
_PREFIX = "kanbert-import-"


def scratch_folder() -> AbstractContextManager[str]:
    """Say where a child that is killed in the end may have its scratch files: what it leaves there is cleared up."""
    if _OPEN_FILES.is_dir():
        return nullcontext(tempfile.gettempdir())
    return tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)  # nobody else clears it up


@contextmanager
def scratch() -> Iterator[tuple[IO[bytes], Path]]:
    """Open an empty file to be written, and the path by which this process and its copies can read it until the end."""
    if _OPEN_FILES.is_dir():
        with tempfile.TemporaryFile() as file:  # without a name
            yield file, _OPEN_FILES / str(file.fileno())
        return
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
        path = Path(folder) / "content"
        with path.open("wb") as file:
            yield file, path
