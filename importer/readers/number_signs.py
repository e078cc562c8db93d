"""Turns the styles of a workbook into what to search a sheet's XML for: numbers that are shown otherwise than stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.readers.cell_value import BookFacts

__all__ = ["NumberSigns", "date_signs", "number_signs"]

_BAD_SERIAL = (
    rb"(?:-|0*(?:\.0*)?<|60[.<]|[0-9]{7}|[0-9.]+[eE]\+?[0-9]|295[89])"  # of a date: perhaps a day that never was
)


@dataclass(frozen=True, slots=True)
class NumberSigns:
    """The signs of numbers that are shown otherwise than calamine gives them."""

    plain: re.Pattern[bytes]  # column, row, style, digits
    any: re.Pattern[bytes]


def number_signs(book: BookFacts) -> NumberSigns | None:
    """Give the signs of numbers that are shown as ids; None where no style shows one so."""
    styles = b"|".join(b"%d" % style for style in book.styles.numbers())
    if not styles:
        return None
    return NumberSigns(
        re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})" s="(%b)"(?: t="n")?><v>([0-9]{1,15})</v></c>' % styles),
        re.compile(rb' s="(?:%b)"(?! t="[^n])[^>]*><[vf]' % styles),
    )


def date_signs(book: BookFacts) -> Iterator[re.Pattern[bytes]]:
    """Give the signs of dates that may be none."""
    if styles := b"|".join(b"%d" % style for style in book.styles.dates()):
        formula = rb"(?:<f(?:\s[^>]*)?/>|<f(?:\s[^>]*)?>[^<]*</f>)?"
        yield re.compile(rb' s="(?:%b)"(?! t="[^n])[^>]*>%b<v>%b' % (styles, formula, _BAD_SERIAL))
