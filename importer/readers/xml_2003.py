"""Turns an XML spreadsheet of Excel 2003 into its sheets, in one pass and without a tree.

The elements are those of Microsoft's "XML Spreadsheet Reference" (2001). They count by namespace, so prefixes do not
matter, and only in their place: a comment has `Data` of its own. Document types, and with them entities, are refused.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from importer.errors import SourceError
from importer.model import Cell, Code
from importer.readers.book import MAX_ROWS, Flaw
from importer.readers.header import column_letter, column_names
from importer.readers.markup_encoding import xml_pieces
from importer.readers.markup_sheet import MarkupSheet, Room, SheetDraft, area
from importer.readers.number_cell import EXACT, is_no_day, rounded_columns
from importer.readers.number_format import number_format
from importer.readers.xml_2003_values import Styles, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


__all__ = ["read_xml_2003"]

_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet "
_EXCEL = "urn:schemas-microsoft-com:office:excel "
_MAX_DEPTH = 256
_MAX_TOKEN_BYTES = 16 << 20
_STYLE = f"{_SPREADSHEET}StyleID"
_COUNT = re.compile("[0-9]{1,12}")
_SAVE = "Open the file in Excel or LibreOffice and save it as .xlsx or CSV"


def read_xml_2003(data: bytes, path: Path) -> list[MarkupSheet]:
    """Read all sheets of an XML spreadsheet; positions are those that Excel shows.

    Raises:
        SourceError: it is damaged, no such spreadsheet, or beyond the limits of one.
    """
    workbook, fed = _WorkbookParser(path), 0
    parser = workbook.parser
    with _refused(workbook, path):
        for text in xml_pieces(data, path):
            chunk = text.encode()
            parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keywords
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _MAX_TOKEN_BYTES:  # expat would read it anew with each piece
                message = f"{path}, {workbook.place()}: a tag has more than {_MAX_TOKEN_BYTES >> 20} MiB. {_SAVE}."
                raise SourceError(message)
        parser.Parse(b"", True)  # noqa: FBT003 - likewise
    if not workbook.sheets:
        message = f"{path}: the file has no worksheet of Excel 2003. {_SAVE}."
        raise SourceError(message)
    return workbook.sheets


@contextmanager
def _refused(workbook: _WorkbookParser, path: Path) -> Iterator[None]:
    """Say in whose cell the XML broke, and how."""
    try:
        yield
    except UnicodeError as error:
        place = f"{path}, {workbook.place()}"
        message = f"{place}: the text is not in the encoding that the file declares ({error}). Export it again."
        raise SourceError(message) from error
    except expat.ExpatError as error:
        place = f"{path}, line {error.lineno}, {workbook.place()}"
        cause = (
            "ends too early: it was cut off" if _is_cut_off(error) else f"is no XML: {expat.ErrorString(error.code)}"
        )
        message = f"{place}: the file {cause}. Export or copy it again, or have the export made as CSV."
        raise SourceError(message) from error


def _is_cut_off(error: expat.ExpatError) -> bool:
    codes = expat.errors.codes
    return error.code in {
        codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
    }


class _WorkbookParser:
    """Follows the elements; knows the sheet, row and cell it is in, and refuses what would lie about its place."""

    def __init__(self, path: Path) -> None:
        self.parser = expat.ParserCreate("utf-8", " ")  # in place of what the file declares; names are "namespace name"
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.sheets = list[MarkupSheet]()
        self._path = path
        self._depth = 0
        self._styles = Styles()
        # (name, depth) decides: what stands elsewhere under the same name is something else
        self._starts: dict[str, tuple[int, Callable[[dict[str, str]], None]]] = {
            f"{_SPREADSHEET}Cell": (5, self._start_cell),
            f"{_SPREADSHEET}Data": (6, self._start_data),
            f"{_SPREADSHEET}Row": (4, self._start_row),
            f"{_SPREADSHEET}Column": (4, self._start_column),
            f"{_SPREADSHEET}Table": (3, self._start_table),
            f"{_SPREADSHEET}Worksheet": (2, self._start_worksheet),
            f"{_SPREADSHEET}Style": (3, self._start_style),
            f"{_SPREADSHEET}NumberFormat": (4, self._start_number_format),
            f"{_EXCEL}Date1904": (3, self._start_date_1904),
            f"{_EXCEL}Visible": (4, self._start_visible),
        }
        self._ends: dict[str, tuple[int, Callable[[], None]]] = {
            f"{_SPREADSHEET}Cell": (5, self._end_cell),
            f"{_SPREADSHEET}Data": (6, self._end_text),
            f"{_SPREADSHEET}Row": (4, self._end_row),
            f"{_SPREADSHEET}Worksheet": (2, self._end_worksheet),
            f"{_EXCEL}Visible": (4, self._end_text),
        }
        self._text = list[str]()
        self._names = list[str]()
        self._room = Room()
        self._draft = SheetDraft(path, "", self._room)
        self._begin_sheet("")

    def place(self) -> str:
        """Name the sheet and the row that are being read."""
        name = f'sheet "{self._names[-1]}"' if self._names else "before the first sheet"
        return f"{name}, row {self._row:,}" if self._row else name

    # ── elements ──

    def _refuse_doctype(self, *_: object) -> None:
        message = (
            f"{self._path}: the file declares a document type, which no spreadsheet needs and attacks do. "
            f"{_SAVE}, if you know where it comes from."
        )
        raise SourceError(message)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        place = self._starts.get(name)
        if place is not None and place[0] == self._depth:
            place[1](attributes)
        elif self._depth > _MAX_DEPTH:
            message = f"{self._path}, {self.place()}: the XML is nested {_MAX_DEPTH} deep, so it is damaged. {_SAVE}."
            raise SourceError(message)
        elif self._depth > 6 and name[-2:].lower() == "br":
            self._text.append("\n")

    def _end(self, name: str) -> None:
        place = self._ends.get(name)
        if place is not None and place[0] == self._depth:
            place[1]()
        self._depth -= 1

    def _start_text(self) -> None:
        self._text = []
        self.parser.CharacterDataHandler = self._text.append

    def _end_text(self) -> None:
        self.parser.CharacterDataHandler = None

    # ── styles ──

    def _start_style(self, attributes: dict[str, str]) -> None:
        self._styles.begin(_attribute(attributes, "ID"), _attribute(attributes, "Parent"))

    def _start_number_format(self, attributes: dict[str, str]) -> None:
        self._styles.set_format(_attribute(attributes, "Format"))

    def _start_date_1904(self, _: dict[str, str]) -> None:
        self._styles.from_1904 = True

    # ── sheets ──

    def _begin_sheet(self, name: str) -> None:
        self._draft = SheetDraft(self._path, f'sheet "{name}"', self._room)
        self._merged = list[tuple[int, int, int, int]]()
        self._column_styles = list[tuple[int, int, str]]()
        self._next_column = self._hidden_rows = self._row = self._row_span = 0
        self._table_style = self._row_style = self._style = ""
        self._cells = list[Cell]()
        self._column, self._across, self._type, self._has_formula = -1, 0, "", False
        self._visibility: list[str] | None = None
        self._long = list[tuple[int, int, int]]()

    def _start_worksheet(self, attributes: dict[str, str]) -> None:
        name = _attribute(attributes, "Name") or f"Sheet {len(self.sheets) + 1}"
        self._begin_sheet(name)
        self._names.append(name)

    def _start_visible(self, _: dict[str, str]) -> None:
        self._start_text()
        self._visibility = self._text

    def _end_worksheet(self) -> None:
        name = column_names(self._names)[-1]
        is_visible = self._visibility is None or "".join(self._visibility).strip() in {"", "SheetVisible"}
        self._settle()
        merged = tuple(area(*corners) for corners in self._merged)
        draft = self._draft
        self.sheets.append(MarkupSheet(name, is_visible, draft.rows(), merged, self._hidden_rows, draft.flaws))
        self._row = 0

    def _settle(self) -> None:
        """Make long numbers floats in columns where Excel may have rounded them; see `rounded_columns`."""
        rounded, rows = rounded_columns((column, number) for _, column, number in self._long), self._draft.rows()
        for row, column, number in self._long:
            if column in rounded:
                cells = list(rows[row - 1])
                cells[column] = float(number)
                rows[row - 1] = tuple(cells)

    def _start_table(self, attributes: dict[str, str]) -> None:
        self._table_style = _attribute(attributes, "StyleID")

    def _start_column(self, attributes: dict[str, str]) -> None:
        first = self._number(attributes, "Index", self._next_column + 1) - 1
        last = first + self._number(attributes, "Span", 0)
        self._next_column = last + 1
        if style := _attribute(attributes, "StyleID"):
            self._column_styles.append((first, last, style))

    # ── rows ──

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._column, self._across, self._row_style, span = -1, 0, "", 0
        expected = self._row + self._row_span + 1
        row = expected
        if attributes:
            row = self._number(attributes, "Index", expected)
            span = self._number(attributes, "Span", 0)
            self._row_style = _attribute(attributes, "StyleID")
            if _attribute(attributes, "Hidden") == "1" or _attribute(attributes, "Height") == "0":
                self._hidden_rows += 1 + min(span, MAX_ROWS)
        if row <= self._row:
            self._damaged(f"row {row:,} comes after row {self._row:,}")
        self._row, self._row_span = row, span
        self._draft.check_place(row, 0)

    def _end_row(self) -> None:
        self._draft.add_row(self._row, self._cells)
        self._cells = []

    # ── cells ──

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._column += self._across + 1
        self._across, self._style, self._has_formula, self._type = 0, "", False, ""
        if attributes:
            self._style = attributes.get(_STYLE, "")
            if len(attributes) > 1 or not self._style:
                self._place_cell(attributes)
        self._draft.check_place(self._row, self._column)

    def _place_cell(self, attributes: dict[str, str]) -> None:
        column = self._number(attributes, "Index", self._column + 1) - 1
        if column < self._column:
            self._damaged(f"a cell of column {column + 1:,} comes after one of column {self._column:,}")
        self._column = column
        self._style = _attribute(attributes, "StyleID")
        self._has_formula = bool(_attribute(attributes, "Formula"))
        self._across = self._number(attributes, "MergeAcross", 0)
        down = self._number(attributes, "MergeDown", 0)
        self._draft.check_place(self._row, column + self._across)
        if self._across or down:
            self._merged.append((self._row, column, min(self._row + down, MAX_ROWS), column + self._across))

    def _start_data(self, attributes: dict[str, str]) -> None:
        if self._type:
            self._damaged(f"cell {column_letter(self._column)} has two values")
        self._type = _attribute(attributes, "Type") or "String"
        self._start_text()

    def _end_cell(self) -> None:
        if not self._type:
            if self._has_formula:
                self._draft.add_flaw(self._row, self._column, Code.NO_STORED_RESULT)
            return
        text = self._draft.text("".join(self._text), self._row, self._column)
        value: Cell = text
        if self._type == "Error":
            self._draft.add_flaw(self._row, self._column, Code.ERROR_CELL, (text or "").strip() or "#N/A")
            return
        if self._type != "String":
            value = self._typed((text or "").strip())
            if type(value) is int and abs(value) >= EXACT:
                self._long.append((self._row, self._column, value))
            if value is None and self._has_formula:
                self._draft.add_flaw(self._row, self._column, Code.NO_STORED_RESULT)
        if value is not None:
            self._cells.extend([None] * (self._column - len(self._cells)))
            self._cells.append(value)

    def _typed(self, text: str) -> Cell:
        """Make a value of the text; a number that is no day is told, and stays a number."""
        code = self._format()
        value = typed(self._type, text, code, from_1904=self._styles.from_1904)
        if code and self._type == "Number" and is_no_day(value, number_format(code)):
            self._draft.flaws.setdefault(self._row, []).append(Flaw.no_day(self._column, value))
        return value

    def _format(self) -> str:
        """Find the number format: the cell's own, or that of its row, column, table, or of all."""
        style = self._style or self._row_style or self._column_style() or self._table_style
        return self._styles.format_of(style or "Default")

    def _column_style(self) -> str:
        column = self._column
        return next((style for first, last, style in self._column_styles if first <= column <= last), "")

    def _number(self, attributes: dict[str, str], name: str, default: int) -> int:
        """Read a count; what is none says that the file was not written by a spreadsheet."""
        text = _attribute(attributes, name)
        if not text:
            return default
        if not _COUNT.fullmatch(text.strip()):
            self._damaged(f'ss:{name} is "{text[:40]}" and no count')
        return int(text)

    def _damaged(self, cause: str) -> NoReturn:
        message = f"the file is damaged: {cause}. {_SAVE}."
        raise self._draft.refusal(message, row=self._row)


def _attribute(attributes: dict[str, str], name: str) -> str:
    """Give an attribute, with the namespace or without one, as some writers leave it out."""
    return attributes.get(_SPREADSHEET + name) or attributes.get(name, "")
