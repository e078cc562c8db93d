"""Turns whatever a library raises over a damaged workbook into a `SourceError`, panics of Rust included."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from importer.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["foreign"]


@contextmanager
def foreign(path: Path) -> Iterator[None]:
    """Translate what is raised within; a `SourceError` passes, and so does what is no fault of the file."""
    try:
        yield
    except (SourceError, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # pyo3's is no Exception
            raise
        message = f"{path}: the workbook cannot be read. Open it in Excel or LibreOffice and save it as .xlsx again, or as CSV."
        raise SourceError(message) from error
