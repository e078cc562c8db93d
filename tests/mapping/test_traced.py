"""What each field looked at in a row, and where its rule stands: for people to see why a value is what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.mapping import Mapper, Mapping, load_mapping, parse_mapping
from importer.model import Desired, Row
from importer.readers import ReaderOptions, open_source

ROOT = Path(__file__).parents[2]

TEXT = """\
version: 1
target: {external_origin: test}
# a comment
company: {external_id: nr, company_name: {first_of: [name, "{first} # {last}"]}, phone: {from: phone, as: phone}}
tags:
  - {value: All}   # "quoted"
  - from: labels
    split: [",", ";"]  # a comment

    otherwise: keep
    map: {a: A}
custom_fields:
  since: {from: since, as: {date: {order: dmy}}, when: {column: name, is: x}}   # 3 April
  # another comment with "quotes"
  rank: {from: nr, on_invalid: blank, as: integer}
  left: {from: phone, blank: clear}
"""
COLUMNS = ("nr", "name", "first", "last", "phone", "labels", "since")


def mapped(text: str = TEXT) -> tuple[Mapping, Mapper]:
    mapping = parse_mapping(text, path=Path("m.yaml"))
    return mapping, mapping.compile(COLUMNS, file="contacts.csv")


@pytest.mark.parametrize(
    ("path", "line", "rule"),
    [
        (("company", "external_id"), 4, "external_id: nr"),
        (("company", "company_name"), 4, 'company_name: {first_of: [name, "{first} # {last}"]}'),
        (("company", "phone"), 4, "phone: {from: phone, as: phone}"),
        (("custom_fields", "since"), 13, "since: {from: since, as: {date: {order: dmy}}, when: {column: name, is: x}}"),
        (("custom_fields", "rank"), 15, "rank: {from: nr, on_invalid: blank, as: integer}"),
        (("custom_fields", "left"), 16, "left: {from: phone, blank: clear}"),
    ],
)
def test_a_rule_is_found_where_it_stands_and_as_it_is_written(path: tuple[str, ...], line: int, rule: str) -> None:
    assert mapped()[0].rule(path) == (line, rule)


def test_a_rule_of_several_lines_is_one_line() -> None:
    line, rule = mapped()[0].rule(("tags",))
    assert line == 5
    assert rule.endswith('- from: labels split: [",", ";"] otherwise: keep map: {a: A}')


def test_a_field_is_traced_to_the_cells_that_it_looked_at() -> None:
    traced = {one.field: one for one in mapped()[1].traced(Row(2, ("K-1", "", "Ann", None, None, "a;x", "1-2-2020")))}
    assert list(traced) == [
        "external_id",
        "company_name",
        "phone",
        "tags",
        "custom_fields.since",
        "custom_fields.rank",
        "custom_fields.left",
    ]
    name = traced["company_name"]
    assert (name.value, name.state, name.column, name.columns) == ("Ann #", "value", "first", ("name", "first", "last"))
    assert (traced["phone"].value, traced["phone"].state) == (None, "blank")
    assert (traced["tags"].value, traced["tags"].columns) == (["All", "A", "x"], ("labels",))
    assert (traced["custom_fields.since"].state, traced["custom_fields.since"].columns) == ("blank", ("name", "since"))
    assert traced["custom_fields.rank"].state == "left-out"
    assert traced["custom_fields.left"].state == "cleared"


def test_a_refused_row_still_shows_what_was_right() -> None:
    mapper = mapped(
        "version: 1\ntarget: {external_origin: t}\ncompany: {external_id: nr, company_name: name,"
        " address_invoice_country: {from: first, as: country}}"
    )[1]
    traced = {one.field: (one.state, one.value) for one in mapper.traced(Row(2, ("K-1", "N", "Holand")))}
    assert traced == {
        "external_id": ("value", "K-1"),
        "company_name": ("value", "N"),
        "address_invoice_country": ("failed", None),
    }


@pytest.mark.slow
@pytest.mark.parametrize("file", ["moneybird-contacts.xlsx", "moneybird-contacts.csv"])
def test_what_is_traced_is_what_is_sent(file: str) -> None:
    mapping = load_mapping(ROOT / "mappings" / "moneybird.yaml")
    with open_source(ROOT / "samples" / file, ReaderOptions()) as source:
        mapper = mapping.compile(source.info.columns, file=file)
        for row in source.rows():
            desired = mapper.map(row)
            if isinstance(desired, Desired):
                sent = {name: value for name, value in desired.payload.items() if name != "custom_fields"}
                fields = desired.payload.get("custom_fields")
                sent |= {
                    f"custom_fields.{slug}": value
                    for slug, value in (fields if isinstance(fields, dict) else {}).items()
                }
                made = {one.field: one.value for one in mapper.traced(row) if one.state in {"value", "cleared"}}
                assert {**made, "external_origin": mapping.origin} == sent
