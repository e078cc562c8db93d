"""Turns yes and no, in the languages and spellings of spreadsheets, into True and False."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from importer.model import Code, Invalid
from importer.values.text import clean

if TYPE_CHECKING:
    from importer.model import Cell

__all__ = ["boolean"]

# Words for yes and no; then what Excel in that language calls TRUE and FALSE. "x" is neither: a cross may mean either.
_YES = """
    1 1.0 1,0 y yes true  j ja  waar juist  wahr richtig  oui vrai  sí si verdadero  sì vero  sim verdadeiro  tak prawda
    sand sandt  sant  sann  kyllä kylla tosi  já satt
"""
_NO = """
    0 0.0 0,0 n no false  nee neen onwaar onjuist  nein falsch  non faux  falso  não nao  nie fałsz falsz
    nej falsk falskt  nei usann usant  ei epätosi epatosi  ósatt
"""
_WORDS = dict.fromkeys(_YES.split(), True) | dict.fromkeys(_NO.split(), False)


def boolean(cell: Cell) -> bool | Invalid | None:
    """Read yes or no; numbers only as 1 and 0, single letters only as y, j and n."""
    match clean(cell):
        case None:
            return None
        case bool() as truth:
            return truth
        case int() | float() as number:
            return bool(number) if number in {0, 1} else Invalid(Code.NOT_A_BOOLEAN, "of the numbers only 1 and 0 are")
        case str() as words:
            known = _WORDS.get(unicodedata.normalize("NFC", words).casefold())  # macOS writes accents apart
            return Invalid(Code.NOT_A_BOOLEAN, "the word is not known") if known is None else known
        case _:
            return Invalid(Code.NOT_A_BOOLEAN, "it is a date or a time")
