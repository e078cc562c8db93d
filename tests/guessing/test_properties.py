"""Whatever the header and the cells are, what `init` writes passes `check`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hypothesis import example, given, strategies as st
from ruamel.yaml import YAML

from importer.guessing.yaml_text import can_be_written, comment, flow
from importer.readers.header import column_names
from tests.guessing.files import guessed, passes_check

if TYPE_CHECKING:
    from importer.guessing.yaml_text import Value
    from importer.model import Cell

ODD = [
    "a: b",
    "x # y",
    "{a}",
    "}{",
    "'",
    '"',
    "\\",
    "a\nb",
    "null",
    "true",
    "- a",
    "[x]",
    "*c",
    "&d",
    "!e",
    "%f",
    "@g",
    "`",
    "\x07",
    "\ud800",
    "1",
    "1.5",
    "2020-01-01",
    "~",
    "=",
    "<<",
    "?",
    "\u2028",
    "\x85",
    "é" * 600,
]
KNOWN = [
    "Klantnummer",
    "Name",
    "Firma",
    "Vorname",
    "Nachname",
    "E-Mail",
    "E-Mail 2",
    "Telefon",
    "Mobil",
    "IBAN",
    "Land",
    "Straße",
    "Hausnummer",
    "PLZ",
    "Ort",
    "Lieferadresse Ort",
    "Billing Street",
    "Tags",
    "Branche",
    "Archiviert",
    "USt-IdNr.",
    "EU-Land",
    "Verzendmethode",
    "Btw-plichtig",
    "Sprache",
    "Owner",
    "Toevoeging",
    "Huisnummer",
    "Mitarbeiter",
    "Umsatz",
    "Konto",
]
VALUES = [
    "NL",
    "Deutschland",
    "a@b.example",
    "a@b.example; c@d.example",
    "+31 20 555 0123",
    "Kanaalstraat 12",
    "ja",
    "deels",
    "post",
    "vip, north",
    "1,50",
    "1.234",
    "03-04-2021",
    "13/04/2021",
    "www.acme.example",
    "NL91 ABNA 0417 1643 00",
    "Hauptstr. 1\n1010 Wien",
    "=1+1",
    "{x}",
    "\x00",
]

headers = st.lists(st.sampled_from(ODD) | st.sampled_from(KNOWN) | st.text(max_size=12), min_size=1, max_size=14)
cells: st.SearchStrategy[Cell] = (
    st.none()
    | st.sampled_from(VALUES)
    | st.text(max_size=12)
    | st.integers()
    | st.booleans()
    | st.floats()
    | st.dates()
    | st.datetimes()
)


@given(header=headers, data=st.data())
def test_what_is_written_always_passes_check(header: list[str], data: st.DataObject) -> None:
    columns = column_names(header)
    row = st.lists(cells, min_size=len(columns), max_size=len(columns))
    rows: list[list[Cell]] = data.draw(st.lists(row, max_size=6))
    if any(map(can_be_written, columns)):
        passes_check(guessed(columns, *rows), columns)


values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12) | st.sampled_from(ODD), inner, max_size=4)
    ),
    max_leaves=8,
)


def writable(value: Value) -> bool:
    match value:
        case str():
            return can_be_written(value)
        case dict():
            return all(can_be_written(name) and writable(part) for name, part in value.items())
        case list():
            return all(map(writable, value))
        case _:
            return True


@given(values.filter(writable), st.text(max_size=30) | st.sampled_from(ODD))
@example(dt.date(2020, 1, 1).isoformat(), "")
@example("yes", "# x: y")
def test_yaml_reads_back_what_was_written(value: Value, words: str) -> None:
    text = f"value: {flow(value)}  # {comment(words)}\n# {comment(words)}\nafter: 1\n"
    assert YAML(typ="safe").load(text) == {"value": value, "after": 1}
    assert len(text.splitlines()) == 3
