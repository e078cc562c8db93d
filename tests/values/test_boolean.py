from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from importer.model import Code, Invalid
from importer.values.boolean import boolean

if TYPE_CHECKING:
    from importer.model import Cell


@pytest.mark.parametrize(
    "cell",
    [
        True,
        1,
        1.0,
        "1",
        "1.0",
        "1,0",
        "si\u0300",
        "kylla\u0308",
        " Yes\u00a0",
        "TRUE",
        "y",
        "J",
        "Ja",
        "JA",
        "waar",
        "Wahr",
        "oui",
        "VRAI",
        "sí",
        "SÌ",
        "si",
        "verdadero",
        "vero",
        "Sim",
        "verdadeiro",
        "tak",
        "prawda",
        "SAND",
        "sant",
        "sann",
        "kyllä",
        "tosi",
        "já",
    ],
    ids=repr,
)
def test_yes_is_true(cell: Cell) -> None:
    assert boolean(cell) is True


@pytest.mark.parametrize(
    "cell",
    [
        False,
        0,
        0.0,
        -0.0,
        "0",
        "0.0",
        "0,0",
        "no",
        "FALSE",
        "N",
        "Nee",
        "nein",
        "onwaar",
        "Falsch",
        "non",
        "FAUX",
        "falso",
        "não",
        "nie",
        "FAŁSZ",
        "nej",
        "nei",
        "falsk",
        "usann",
        "ei",
        "epätosi",
    ],
    ids=repr,
)
def test_no_is_false(cell: Cell) -> None:
    assert boolean(cell) is False


@pytest.mark.parametrize(
    "cell",
    [
        2,
        -1,
        0.5,
        float("nan"),
        float("inf"),
        "x",
        "X",
        "2",
        "01",
        "maybe",
        "ja/nein",
        "yes no",
        "a",
        "on",
        "ok",
        "✓",
        dt.date(2021, 1, 1),
        dt.datetime(2021, 1, 1),  # noqa: DTZ001 - cells have no zone
        dt.time(0),
        dt.timedelta(0),
    ],
    ids=repr,
)
def test_everything_else_is_refused(cell: Cell) -> None:
    result = boolean(cell)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_BOOLEAN
