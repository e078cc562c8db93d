"""A report written as a page: its rows first, beside, then what was counted of them before the rows."""

from __future__ import annotations

import base64
import hashlib
import shutil
from importlib.resources import files
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from importer.model import column_letter
from importer.report.page.head import head_values
from importer.report.page.rows import Tally, chunks
from importer.report.page.text import visible

if TYPE_CHECKING:
    from importer.report.facts import ReportSource

__all__ = ["write_page"]

_IN_MEMORY = 8 * 2**20  # bytes of rows that are kept there before they go to a file
_GAP = "<!--rows-->"  # where the rows go; text from outside has no bare <


def write_page(stream: IO[bytes], report: ReportSource) -> int:
    """Write the page; return how many rows it has. Memory does not grow with them."""
    tally = Tally()
    with SpooledTemporaryFile(_IN_MEMORY) as spool:
        for text in chunks(report.rows(), report.columns, tally):
            spool.write(text.encode())
        spool.seek(0)
        before, _, after = _frame(report, tally).partition(_GAP)
        stream.write(before.encode())
        shutil.copyfileobj(spool, stream, 2**20)
        stream.write(after.encode())
    return tally.rows


def _frame(report: ReportSource, tally: Tally) -> str:
    here = files("importer.report.page")
    style, script = ((here / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_finalized
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    columns = [(column_letter(place), name) for place, name in enumerate(report.columns)]
    return environment.from_string((here / "page.html").read_text(encoding="utf-8")).render(
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=_hash(style),
        script_hash=_hash(script),
        gap=Markup(_GAP),  # noqa: S704 - our own mark
        columns=columns,
        tally=tally,
        **head_values(report, tally),
    )


def _finalized(value: object) -> object:
    """Show all text as `visible` does: none is forgotten, wherever it stands in the template."""
    return Markup(visible(value)) if type(value) is str else value  # noqa: S704 - escaped there


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
