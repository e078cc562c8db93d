"""Turns a row that looks odd into the reason why it is no data: names again, a line under them, a total below them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.readers.header import BLANKS, is_blank
from importer.readers.header_row import is_underline

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["first_signs", "why_no_data"]

_ROWS = "rows?|records?|lines?|entries|items?|rijen|regels|records|zeilen|datensätze|einträge|lignes?|filas"
_TOTAL = re.compile(
    rf"""(?:(?:grand|sub|eind|gesamt|zwischen|general)?[ -]?tota(?:l|al|ls|le|len)|(?:gesamt|zwischen)?summe|som|somme|suma|gesamt)
        (?:\s+(?:{_ROWS}))?\s*[:=]?\s*[\d.,]*
    |\(?[\d.,]+\s+(?:{_ROWS})(?:\s+affected)?\)?
    |(?:number|no\.?|aantal|anzahl|nombre)(?:\s+(?:of|de))?\s+(?:{_ROWS})\s*[:=]?\s*[\d.,]*""",
    re.VERBOSE | re.IGNORECASE,
)
_FIGURE = re.compile(r"[^\w\s]*[0-9][\W\d]*|-")
_ID_NAME = re.compile(
    r"""(?:nummer|number|nr|code|plz)\.?$
    |(?<![^\W_])(?:id|nr|no|num|nummer|number|n[uú]mero|numéro|code|key|ref|plz|zip|post(?:al|leitzahl)?|kvk|vat|btw|ust|iban
    |tel|telefoo?n|phone|fax|mobile?)(?![^\W_])
    |[a-z](?:Id|ID|Nr|No)$""",
    re.VERBOSE,
)
_TOTAL_SIGNS = "(-=+_~TtGgSsEeZzNnAa"  # and digits: "12 rows" stands alone, and so in a short row


def first_signs(header: Sequence[str]) -> frozenset[str]:
    """List the characters that the first cell of such a row begins with; all others need no second look.

    Blanks are among them, and the empty text, for a first cell that is empty.
    """
    return frozenset({"", *BLANKS, header[0][:1], *_TOTAL_SIGNS})


def why_no_data(cells: Sequence[str], header: Sequence[str]) -> str:
    """Say what a row is that is no data; empty where it may be some."""
    texts = [cell.strip(BLANKS) for cell in cells]
    if _trimmed(texts) == _trimmed([name.strip(BLANKS) for name in header]) and not all(map(is_blank, header[1:])):
        return "repeats the column names"
    if is_underline(texts):
        return "only draws a line"
    filled = [at for at, text in enumerate(texts) if text]
    if filled and len(header) > 1 and 2 * len(filled) <= len(header) + 1 and _is_total(texts, filled, header):
        return f'is a total ("{texts[filled[0]][:40]}")'
    return ""


def _is_total(texts: Sequence[str], filled: Sequence[int], header: Sequence[str]) -> bool:
    """Whether a row is a word for a total, and figures that are no ids; where that is in doubt, it is none.

    A company may be called so: it has an id, in a column for them or, where no column tells that it is one, as digits.
    """
    label, figures = filled[0], filled[1:]
    if not _TOTAL.fullmatch(texts[label]) or not all(_FIGURE.fullmatch(texts[at]) for at in figures):
        return False
    has_count = any(map(str.isdigit, texts[label]))
    ids = {at for at, name in enumerate(header) if _ID_NAME.search(name) or _ID_NAME.search(name.lower())}
    if ids.intersection(figures):
        return False
    if has_count or label in ids:
        return True
    return bool(figures) and (bool(ids) or not all(texts[at].isdecimal() for at in figures))


def _trimmed(texts: list[str]) -> list[str]:
    while texts and not texts[-1]:
        texts.pop()
    return texts
