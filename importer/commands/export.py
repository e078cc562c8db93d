"""`export`: the contacts of a Moneybird administration as a file, to be edited and imported from there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from importer.clock import SystemClock
from importer.commands.contacts import Going, contacts_of
from importer.errors import Exit, UsageError
from importer.model import pasted
from importer.report import PlainTable, Summary, check_plain, write_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from importer.commands.settings import Desk, Fetching
    from importer.report import Written

__all__ = ["export"]


def export(source: Path, output: Path, fetching: Fetching, desk: Desk) -> Summary:
    """Fetch contacts and write them to `output`, which must not be there yet, in the format of its suffix."""
    clock = SystemClock()
    began = clock.monotonic()
    address = fetching.address_of(source)
    if address is None:
        what = "is a file already" if source.exists() else "is neither an address nor a file"
        message = f"{source} {what}. export writes what comes from an address: moneybird://ADMINISTRATION_ID."
        raise UsageError(message)
    check_plain(output)  # before anything is asked
    contacts = contacts_of(address, fetching, desk, Going())
    written = write_plain(output, PlainTable("Contacts", contacts.columns, contacts.rows))
    then = pasted("kanbert-import", "init", output, "-o", output.with_suffix(".yaml"))
    summary = Summary(command="export", exit_code=Exit.OK, source=contacts.info, rows=written.rows, next=then)
    notes = (*contacts.notes, *_notes(written, output))
    return replace(summary, notes=notes, duration=clock.monotonic() - began)


def _notes(written: Written, output: Path) -> Iterator[str]:
    contacts = "1 contact" if written.rows == 1 else f"{written.rows:,} contacts"
    yield f"{output}: {contacts}; it holds people's data, and only you may read it."
    if written.guarded:
        yield (
            f"{written.guarded:,} cells begin with an apostrophe in that file, so that no spreadsheet runs them (+31 ...); "
            "an import takes it for a part of them. A workbook needs none: -o NAME.xlsx."
        )
    if written.cut:
        yield f"{written.cut:,} cells are too long for a worksheet and were cut, as their ends say: -o NAME.csv has them whole."
