"""Turns the first rows of a sheet or a CSV file into the row that holds the column names.

That is the first row with anything in it, unless it is plainly less than a header (one cell, half as many cells as
other rows, values among few cells) and a row below is plainly one: names all over, nothing that is a value, and
columns that go on in another kind ("Phone" above numbers) or have names that headers have. No row as full as the data
is ever passed over. What stays in doubt is said, with the rows that may be meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from importer.model import shortened
from importer.readers.header import is_blank, taken_for_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ROWS_SEARCHED", "HeaderRow", "find_header", "is_underline"]

ROWS_SEARCHED = 50
_ROWS_BELOW = 20
_MOST_ABOVE = 12  # rows with something in them; more are a table of their own
_FULL = 0.8  # the share of a full row's cells that a header has at least
_NARROW = 0.5  # the share below which a row is no header for rows as full as that
_EVIDENCE = 2  # columns that show a row to be a header
_UNLIKE = 0.8  # the share of a column's cells that are of another kind than its name
_LONGEST_NAME = 80

_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_VALUE = re.compile(
    r"""[^\w\s]*[0-9][\W\d]*  # numbers, dates, telephones: digits and signs
    |\S+@\S+\.\w+            # e-mail
    |(?:https?://|www\.).*   # addresses of the web
    |[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*
    |n/?a|none|null|nil|true|false|yes|no|ja|nee|nein|oui|non|\W+""",
    re.VERBOSE | re.IGNORECASE,
)
_UNIT = re.compile(
    r"[-=_+*.]+|\(.*\)|\[.*\]|<.*>|eur|usd|gbp|chf|[€$£%]|kg|pcs|st(?:k|ück|uks)?"
    r"|text|tekst|string|str|char|(?:var|n)?char\b.*|int(?:eger)?|number|decimal|float|numeric|date|datum|bool(?:ean)?",
    re.IGNORECASE,
)
_UNDERLINE = re.compile(r"[-=+_~]{2,}|-")
_COMMENT = re.compile(r"#[\s!#]")
_NO_LETTERS = re.compile(r"[\W\d_]+")
# what columns of addresses are called, letters only
_USUAL_WORDS = """
    id nr no code number nummer numero name naam nom nombre nome firma firmenname company companyname
    companyid bedrijf bedrijfsnaam unternehmen entreprise empresa kunde kundennummer kundennr klant
    klantnummer klantnr client customer customerid debiteur debiteurnr debitor debitorennummer konto
    kontonummer account street straat strasse straße rue calle adres adresse address anschrift city plaats
    woonplaats stad ort stadt ville ciudad plz postcode zip zipcode postalcode land country pays pais region
    state email mail emailadres phone tel telefoon telefoonnummer telefon telephone mobile mobiel website
    url web homepage vat vatid vatnumber btw btwnummer ust ustid kvk iban bic swift date datum status type
    typ category categorie notes note notiz bemerkung opmerking titel title vorname nachname firstname
    lastname voornaam achternaam contact contactpersoon ansprechpartner language taal sprache currency
"""
_USUAL = frozenset(_USUAL_WORDS.split())


@dataclass(frozen=True)
class _Row:
    """What can be seen of a row without knowing what it means."""

    cells: Sequence[object]

    @cached_property
    def texts(self) -> list[str]:
        return ["" if cell is None or is_blank(str(cell)) else str(cell).strip() for cell in self.cells]

    @cached_property
    def filled(self) -> int:
        return sum(map(bool, self.texts))

    @cached_property
    def has_values(self) -> bool:
        return any(
            bool(text) and (not isinstance(cell, str) or _is_value(text))
            for cell, text in zip(self.cells, self.texts, strict=True)
        )

    @cached_property
    def usual_names(self) -> int:
        return sum(_NO_LETTERS.sub("", text).lower() in _USUAL for text in self.texts if text)

    def is_narrow(self, full: int) -> bool:
        """Whether rows of `full` cells have more than this one could name."""
        if self.filled >= _FULL * full:
            return False
        return self.filled < _NARROW * full or (self.filled == 1 < full) or self.has_values or self._is_labelled

    @property
    def _is_labelled(self) -> bool:
        return any(text.endswith(":") for text in self.texts)

    def may_name(self, full: int) -> bool:
        names = [text for text in self.texts if text]
        return (
            len(names) >= max(2, _FULL * full)
            and not self.has_values
            and len(set(names)) * 2 >= len(names)
            and all(len(name) <= _LONGEST_NAME for name in names)
        )


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """The row taken for the header, by its index among the rows that were looked at, and what to say of it."""

    index: int
    passed_over: tuple[int, ...] = ()  # rows above with something in them, which are no data
    others: tuple[int, ...] = ()  # rows that may be the header as well
    is_narrow: bool = False  # the rows below have far more cells
    like_data: str = ""  # the cell that shows the row to be data, if it has blank rows above or is the first
    units: int | None = None  # the row below that says units or types, by its looks

    def lowered(self, rows: int) -> HeaderRow:
        """Take a row further down: names of this one are merged down to it."""
        index = self.index + rows
        return replace(
            self,
            index=index,
            passed_over=(*self.passed_over, *range(self.index, index)),
            others=tuple(other for other in self.others if other > index),
            units=self.units if self.units is None or self.units > index else None,
        )

    def notes(self, rows: Sequence[Sequence[object]], number: Callable[[int], int], word: str) -> tuple[str, ...]:
        """Say what was decided and what is in doubt; `number` counts rows as the user's program does.

        `word` is what they are called there: "Row" or "Line".
        """
        at = number(self.index)
        notes = list[str]()
        if self.passed_over:
            shown = "; ".join(f"{number(index)}: {_shown(rows[index])}" for index in self.passed_over[:3])
            more = f" and {len(self.passed_over) - 3} more" if len(self.passed_over) > 3 else ""
            notes.append(
                f"{word} {at} is taken for the column names; what stands above it is passed over ({shown}{more}). "
                f"If another {word.lower()} holds them, set `source.header_row`."
            )
        if self.is_narrow and not self.others:
            notes.append(
                f"{word} {at} is taken for the column names, but the rows below have more cells. If another "
                f"{word.lower()} holds the names, set `source.header_row`."
            )
        if self.others:
            listed = " or ".join(str(number(index)) for index in self.others)
            notes.append(
                f"{word} {at} is taken for the column names, but {word.lower()} {listed} looks like names as well "
                f"({_shown(rows[self.others[0]])}). If that is the header, set `source.header_row: {number(self.others[0])}`."
            )
        if self.like_data:
            notes.append(
                f'{word} {at} is taken for the column names, but looks like data ("{self.like_data}"). '
                "If the file has no names, put them in."
            )
        if self.units is not None:
            notes.append(
                f"{word} {number(self.units)} looks like units or types ({_shown(rows[self.units])}) and is read as "
                "data. Delete it if it is none."
            )
        return tuple(notes)


def find_header(rows: Sequence[Sequence[object]]) -> HeaderRow | None:
    """Find the header among the first rows of a table, the blank ones included; None where all are blank."""
    seen = [_Row(row) for row in rows[:ROWS_SEARCHED]]
    filled = [index for index, row in enumerate(seen) if row.filled]
    if not filled:
        return None
    comments = _comments(seen, filled)
    filled = filled[len(comments) :]
    first = filled[0]
    full = _full(seen)
    candidates = [index for index in filled[1:] if _is_header(seen, index, full)]
    best = candidates[0] if candidates else first
    above = [index for index in filled if index < best]
    if best != first and _gives_way(seen, above, best, full):
        return HeaderRow(best, passed_over=(*comments, *above), units=_units(seen, best))
    others = [index for index in candidates if _is_rival(seen, first, index, full)]
    return HeaderRow(
        first,
        passed_over=comments,
        others=tuple(others[:3]),
        is_narrow=seen[first].is_narrow(full),
        like_data="" if others else _like_data(seen, first),
        units=_units(seen, first),
    )


def _comments(seen: Sequence[_Row], filled: Sequence[int]) -> tuple[int, ...]:
    """List the rows at the top that are comments ("# from a tool"), if rows of several cells follow."""
    comments = list[int]()
    for index in filled:
        if seen[index].filled > 1:
            return tuple(comments)
        if not _COMMENT.match("".join(seen[index].texts)):
            break
        comments.append(index)
    return ()


def is_underline(cells: Sequence[object]) -> bool:
    """Whether a row only underlines the one above: "----", "====", as SQL tools print it."""
    texts = [text for text in _Row(cells).texts if text]
    return bool(texts) and any(len(text) > 1 for text in texts) and all(map(_UNDERLINE.fullmatch, texts))


def _is_value(text: str) -> bool:
    return bool(_VALUE.fullmatch(text)) and not _YEAR.fullmatch(text)


def _full(seen: Sequence[_Row]) -> int:
    """Say how many cells a full row has: what two rows reach at least, for one may have come apart."""
    counts = sorted((row.filled for row in seen if row.filled), reverse=True)
    return counts[min(1, len(counts) - 1)]


def _below(seen: Sequence[_Row], index: int) -> list[_Row]:
    return [row for row in seen[index + 1 :] if row.filled and not is_underline(row.cells)][:_ROWS_BELOW]


def _is_header(seen: Sequence[_Row], index: int, full: int) -> bool:
    row = seen[index]
    return row.may_name(full) and row.usual_names + _contrasts(row, _below(seen, index)) >= _EVIDENCE


def _contrasts(row: _Row, below: Sequence[_Row]) -> int:
    """Count the columns that go on in another kind: figures under a name without any."""
    count = 0
    for place, name in enumerate(row.texts):
        column = [other.texts[place] for other in below if place < len(other.texts) and other.texts[place]]
        unlike = sum(any(map(str.isdigit, text)) or _is_value(text) for text in column)
        count += bool(name and column and not any(map(str.isdigit, name)) and unlike >= _UNLIKE * len(column))
    return count


def _gives_way(seen: Sequence[_Row], above: Sequence[int], best: int, full: int) -> bool:
    """Whether nothing above the candidate is a row of the table, nor names its columns better."""
    if len(above) == 1:  # a line about the file, whose many cells may well be more than those of sparse data
        full = max(full, seen[best].filled)
    if len(above) > _MOST_ABOVE or any(seen[index].filled >= _FULL * full for index in above):
        return False
    if any(_below(seen[:best], index) and _is_header(seen[:best], index, seen[index].filled) for index in above):
        return False  # a table of its own
    weight = _weight(seen, best)
    return all(seen[index].is_narrow(full) or _weight(seen, index) + _EVIDENCE <= weight for index in above)


def _weight(seen: Sequence[_Row], index: int) -> int:
    return seen[index].usual_names + _contrasts(seen[index], _below(seen, index))


def _is_rival(seen: Sequence[_Row], first: int, index: int, full: int) -> bool:
    """Whether a row below is worth a word: the first is no better, or has no name that headers have."""
    row, other = seen[first], seen[index]
    if row.texts == other.texts:
        return False
    return row.is_narrow(full) or (other.usual_names >= _EVIDENCE and row.usual_names * 2 <= other.usual_names)


def _like_data(seen: Sequence[_Row], first: int) -> str:
    below = _below(seen, first)
    return taken_for_names(seen[first].cells, [row.cells for row in below]) if below else ""


def _units(seen: Sequence[_Row], header: int) -> int | None:
    index = header + 1
    if index >= len(seen) or not seen[index].filled or len(_below(seen, index)) < 1 or is_underline(seen[index].cells):
        return None
    return index if all(_UNIT.fullmatch(text) for text in seen[index].texts if text) else None


def _shown(cells: Sequence[object]) -> str:
    texts = [text for text in _Row(cells).texts if text]
    quoted = ", ".join(f'"{shortened(text, 30)}"' for text in texts[:3])
    return f"{quoted}, ..." if len(texts) > 3 else quoted
