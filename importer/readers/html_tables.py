"""Turns the tables of a web page, as many systems export them under the name .xls, into sheets.

Tags are taken as the HTML standard takes them: what is left open is closed by what cannot stand in it, and a table in
a cell is a table of its own. What a browser would not show is left out, and told.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from importer.errors import SourceError
from importer.model import shortened
from importer.readers.header import column_names, listed
from importer.readers.html_table import BODY, Table
from importer.readers.html_tokens import CutOffError, attributes_of, feed, unescaped
from importer.readers.html_values import BLOCK, BREAK, collapsed, formats_of, is_hidden
from importer.readers.markup_encoding import html_text
from importer.readers.markup_sheet import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from importer.readers.markup_sheet import MarkupSheet

__all__ = ["read_html_tables"]

_MAX_NESTED = 100  # tables in tables
_MAX_OTHERS = 100
_VOID = frozenset(
    {"br", "hr", "img", "input", "wbr", "area", "base", "col", "embed", "link", "meta", "source", "track"}
)
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1"}
    | {"h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "ul"}
)
_CELLS = frozenset({"td", "th", "caption"})
_GROUPS = {"thead": 0, "tbody": BODY, "tfoot": 2}
_TELLING = re.compile("span|x:|sdval|data-t", re.IGNORECASE)  # in a cell's tag; a style only explains these
_HIDING = re.compile("hidden|display|mso-hide", re.IGNORECASE)
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,100})</x:Name>", re.IGNORECASE)
_OTHER_SHEET = re.compile(r"""<x:WorksheetSource\s[^>]{0,100}?HRef=["']?([^"'>]{1,300})""", re.IGNORECASE)
_SAVE = "Export it again as .xlsx or CSV"
_NOTHING: Mapping[str, str] = {}


def read_html_tables(data: bytes, path: Path) -> list[MarkupSheet]:
    """Read all tables with cells; the one with the most comes first, being the data, the others follow in their order.

    A table is named by its caption, by Excel's name of the sheet where there is only one, or "Table 2".

    Raises:
        SourceError: there is none, the page is cut off or refers to other files, or it is beyond the limits of a sheet.
    """
    text, notes = html_text(data, path)
    page = _Page(path)
    try:
        feed(text, page)
    except CutOffError as error:
        line = text.count("\n", 0, error.position) + 1
        message = (
            f"{path}, line {line:,}: {error.what} begins here and never ends, so rows may be missing. The file was cut "
            f"off, or is damaged. {_SAVE}."
        )
        raise SourceError(message) from error
    if page.others:
        message = (
            f"{path}: the sheets lie in other files ({listed(page.others, 3)}), as Excel saves a web page. Open it in "
            "Excel with these beside it and save it as .xlsx, or name the one with the companies instead."
        )
        raise SourceError(message)
    return page.sheets(notes)


class _Page:
    """Follows the tags of a page; `feed` calls it."""

    def __init__(self, path: Path) -> None:
        self.others = list[str]()  # files in which the sheets are
        self._path = path
        self._title = self._sheet_name = ""
        self._tables = list[Table]()  # that are finished and hold something
        self._open = list[Table]()  # the innermost last
        self._table: Table | None = None
        self._pieces: list[str] | None = None  # of the cell that is open in it
        self._formats = dict[str, str]()
        self._number = 0
        self._room = Room()
        self._hiding, self._hiding_depth = "", 0  # the element that hides what is in it
        self._unseen = 0
        self._starts: dict[str, Callable[[str], object]] = {
            "td": partial(self._start_cell, tag="td"),
            "th": partial(self._start_cell, tag="th"),
            "tr": self._start_row,
            "table": self._start_table,
            "caption": self._start_caption,
            "frame": self._start_frame,
        }

    # ── what `feed` calls ──

    def start(self, name: str, attributes: str) -> None:
        """Take a start tag."""
        action = self._starts.get(name)
        if action is not None:
            action(attributes)
        elif name in _GROUPS:
            if self._table is not None:
                self._table.begin_group(_GROUPS[name], is_hidden=_hides(attributes))
                self._changed()
        elif self._pieces is not None:
            self._start_inner(name, attributes)

    def end(self, name: str) -> None:
        """Take an end tag."""
        if self._hiding:
            self._end_hiding(name)
        table = self._table
        if table is None:
            return
        if name in _CELLS:
            table.end_tag(name)
            self._pieces = table.pieces
        elif name in _BLOCKS:
            if self._pieces is not None:
                self._pieces.append(BLOCK)
        elif name == "table":
            self._end_table()
        elif name == "tr" or name in _GROUPS:
            table.end_row() if name == "tr" else table.end_group(_GROUPS[name])
            self._changed()

    def text(self, text: str) -> None:
        """Take a text."""
        if self._pieces is not None:
            if self._hiding:
                self._unseen += not text.isspace()
            else:
                self._pieces.append(unescaped(text))
        elif len(self._open) > 1 and not text.isspace() and self._open[-2].pieces is not None:
            self._open[-2].pieces.append(unescaped(text))  # between the cells of a table a text stands before it

    def raw(self, name: str, text: str) -> None:
        """Take the content of a style, a title, a comment or the like."""
        if name == "style":
            self._formats.update(formats_of(text))
        elif name == "title":
            self._title = self._title or shortened(collapsed(unescaped(text)).strip(), 80)
        elif name == "textarea":
            self.text(text)
        elif name == "!":
            self.others.extend(map(unescaped, _OTHER_SHEET.findall(text)[:_MAX_OTHERS]))
            if found := _SHEET_NAME.search(text):
                self._sheet_name = self._sheet_name or collapsed(unescaped(found[1])).strip()

    # ── elements ──

    def _end_hiding(self, name: str) -> None:
        if name == self._hiding:
            self._hiding_depth -= 1
        if not self._hiding_depth or name in _CELLS:
            self._hiding = ""

    def _start_inner(self, name: str, attributes: str) -> None:
        """Take what stands in a cell."""
        if self._hiding:
            self._hiding_depth += name == self._hiding
        elif attributes and name not in _VOID and _hides(attributes):
            self._hiding, self._hiding_depth = name, 1
        elif self._pieces is not None and name == "br":
            self._pieces.append(BREAK)
        elif self._pieces is not None and name in _BLOCKS:
            self._pieces.append(BLOCK)

    def _start_table(self, attributes: str) -> Table:
        if (
            self._table is not None and self._pieces is None
        ):  # between cells no table can stand: the one before has ended
            self._end_table()
        if len(self._open) >= _MAX_NESTED:
            message = f"{self._path}: tables are nested {_MAX_NESTED} deep, so the page is damaged. {_SAVE}."
            raise SourceError(message)
        if self._pieces is not None:
            self._pieces.append(BLOCK)
        self._number += 1
        table = Table(self._path, self._number, self._formats, self._room)
        table.is_hidden = _hides(attributes) or bool(self._hiding) or any(outer.is_hidden for outer in self._open[-1:])
        self._open.append(table)
        self._table = table
        self._changed()
        return table

    def _needed(self) -> Table:
        """Give the table that is open; a row or cell outside of one begins one."""
        return self._table or self._start_table("")

    def _start_row(self, attributes: str) -> None:
        self._needed().begin_row(is_hidden=_hides(attributes))
        self._changed()

    def _start_cell(self, attributes: str, tag: str) -> None:
        table = self._needed()
        telling = attributes_of(attributes) if attributes and _TELLING.search(attributes) else _NOTHING
        table.begin_cell(telling, tag)
        self._pieces = table.pieces
        self._hiding = ""

    def _start_caption(self, _: str) -> None:
        if self._table is not None:
            self._table.begin_caption()
            self._changed()

    def _start_frame(self, attributes: str) -> None:
        if len(self.others) < _MAX_OTHERS:
            self.others.append(attributes_of(attributes).get("src", "?"))

    def _changed(self) -> None:
        self._pieces = self._table.pieces if self._table is not None else None
        self._hiding = ""

    def _end_table(self) -> None:
        table = self._open.pop()
        table.end_row()
        if table.count:
            self._tables.append(table)
        self._table = self._open[-1] if self._open else None
        self._changed()
        if self._pieces is not None:
            self._pieces.append(BLOCK)

    # ── the end ──

    def sheets(self, notes: tuple[str, ...]) -> list[MarkupSheet]:
        """End what is open, and give the tables that hold something.

        Raises:
            SourceError: there is none.
        """
        is_open = bool(self._open)
        while self._open:
            self._end_table()
        if not self._tables:
            raise self._without_table()
        tables = sorted(self._tables, key=lambda table: table.number)
        names = column_names([table.caption or f"Table {number}" for number, table in enumerate(tables, 1)])
        if len(tables) == 1 and not tables[0].caption and self._sheet_name:
            names = (self._sheet_name,)
        named = sorted(zip(tables, names, strict=True), key=lambda pair: -pair[0].count)[:1]
        named += [pair for pair in zip(tables, names, strict=True) if pair[0] is not named[0][0]]
        notes += self._notes(len(tables), is_open=is_open)
        return [table.finished(name, notes) for table, name in named]

    def _notes(self, count: int, *, is_open: bool) -> tuple[str, ...]:
        notes = list[str]()
        if count > 1:
            notes.append(f"The page has {count} tables with cells; the one with the most cells counts as the first.")
        if self._unseen:
            notes.append(f"Texts in cells that a browser does not show were left out ({self._unseen}).")
        if is_open:
            notes.append("The page ends inside a table. If rows are missing at its end, export it again.")
        return tuple(notes)

    def _without_table(self) -> SourceError:
        title = f' Its title is "{self._title}".' if self._title else ""
        return SourceError(
            f"{self._path}: the web page has no table with cells.{title} It may tell of a login or an error: open it in "
            "a browser, then export the companies again."
        )


def _hides(attributes: str) -> bool:
    return bool(attributes) and bool(_HIDING.search(attributes)) and is_hidden(attributes_of(attributes))
