"""What expressions make of cells: origins, steps in their order, what fields take, and what becomes of the rest."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from importer.model import Severity
from tests.mapping.builder import TOP, codes_of, payload_of, refusal_of, row_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.mapping import Mapping
    from importer.model import Cell, Json, Mapped

    MapRow = Callable[[str, dict[str, Cell]], Mapped]


@pytest.mark.parametrize(
    ("expression", "cells", "value"),
    [
        pytest.param("a", {"a": "\ufeff\xa0 x  y\u200b "}, "x  y", id="cleaned, and nothing else"),
        pytest.param("a", {"a": " \xa0"}, None, id="blank"),
        pytest.param("a", {"a": 42.0}, "42", id="a whole number loses its .0"),
        pytest.param("a", {"a": 0.5}, "0.5", id="a fraction"),
        pytest.param("a", {"a": True}, "true", id="a truth value"),
        pytest.param("a", {"a": dt.date(2024, 1, 2)}, "2024-01-02", id="a date"),
        pytest.param("'{a} {b}'", {"a": "x", "b": 7.0}, "x 7", id="template over a number"),
        pytest.param("'{a} {b}'", {"a": " ", "b": None}, None, id="template of blanks"),
        pytest.param("{first_of: [a, '{b}!', {value: z}]}", {"a": "", "b": ""}, "z", id="first of, the last"),
        pytest.param("{first_of: [a, '{b}!', {value: z}]}", {"a": "", "b": "y"}, "y!", id="first of, the middle"),
        pytest.param("{first_of: [{from: a, map: {x: null}}, b]}", {"a": "x", "b": "y"}, "y", id="null falls through"),
        pytest.param("{from: a, replace: [{pattern: '^x+'}]}", {"a": " xx y"}, "y", id="replace cleans again"),
        pytest.param("{from: a, replace: [{pattern: '.*'}], default: d}", {"a": "x"}, "d", id="replaced by nothing"),
        pytest.param(
            "{from: a, replace: [{pattern: 7, with: '8'}]}".replace("7,", "'7',"), {"a": 17.0}, "18", id="typed"
        ),
        pytest.param("{from: a, map: {X: y}}", {"a": " x "}, "y", id="map folds case and blanks"),
        pytest.param("{from: a, map: {'1': one}}", {"a": 1.0}, "one", id="map sees a number as text"),
        pytest.param("{from: a, map: {1: one}}", {"a": "1"}, "one", id="a plain number as key"),
        pytest.param("{from: a, map: {true: t}}", {"a": True}, "t", id="map sees a truth value as text"),
        pytest.param("{from: a, map: {'e\u0301': y}}", {"a": "\xe9"}, "y", id="map does not tell codings of accents"),
        pytest.param("{from: a, map: {x: y}, otherwise: keep}", {"a": "Z"}, "Z", id="otherwise keep"),
        pytest.param("{from: a, map: {x: y}, otherwise: {value: o}}", {"a": "Z"}, "o", id="otherwise value"),
        pytest.param("{from: a, map: {x: y}, otherwise: {value: o}}", {"a": ""}, None, id="blank never comes to map"),
        pytest.param("{from: a, map: {x: null}, default: d}", {"a": "x"}, "d", id="null is blank, default fills"),
        pytest.param("{from: a, replace: [{pattern: b, with: c}], map: {ac: y}}", {"a": "ab"}, "y", id="replace, map"),
        pytest.param("{from: a, map: {x: straße}, case: upper}", {"a": "x"}, "STRASSE", id="map before case"),
        pytest.param("{from: a, case: lower}", {"a": "ÄB"}, "äb", id="lower"),
        pytest.param("{from: a, case: title}", {"a": "o'neil DE WIT-jansen"}, "O'neil De Wit-Jansen", id="title"),
        pytest.param("{from: a, as: date}", {"a": "31.12.2024"}, "2024-12-31", id="as date"),
        pytest.param("{from: a, as: {date: {order: mdy}}}", {"a": "03/04/2021"}, "2021-03-04", id="as date, order"),
        pytest.param("{from: a, as: integer}", {"a": "42.0"}, "42", id="an integer in a text field is text"),
        pytest.param("{from: a, as: country}", {"a": "Nederland"}, "NL", id="a country in a text field"),
        pytest.param("{from: a, as: {text: }}", {"a": "x"}, "x", id="options left empty"),
        pytest.param("{from: a, default: d, when: {column: b, is: x}}", {"a": "v", "b": "y"}, "d", id="guarded"),
        pytest.param("{from: a, default: d, when: {column: b, is: x}}", {"a": "v", "b": "X"}, "v", id="guard open"),
        pytest.param("{value: v, map: {v: w}, case: upper}", {}, "W", id="a constant goes through the steps"),
    ],
)
def test_an_expression_gives(mapped: MapRow, expression: str, cells: dict[str, Cell], value: Json) -> None:
    assert payload_of(mapped(f"  phone: {expression}\n", cells)) == ({} if value is None else {"phone": value})


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        pytest.param("taxation", "Ja", True, id="yes"),
        pytest.param("invoice_by_post", "nein", False, id="no"),
        pytest.param("invoices_by_email", 1.0, True, id="one"),
        pytest.param("address_invoice_is_delivery", False, False, id="a truth value"),
        pytest.param("address_invoice_country", "Deutschland", "DE", id="country"),
        pytest.param("address_delivery_country", "nl", "NL", id="country code"),
        pytest.param("address_delivery_country_id", 12.0, "12", id="an id is text"),
        pytest.param("client_id", 7, "7", id="a client is text"),
        pytest.param("email_general", " a@b.example ", "a@b.example", id="e-mail"),
        pytest.param("business_field", "x" * 300, "x" * 300, id="no limit known"),
        pytest.param("phone", "0" * 255, "0" * 255, id="255 characters"),
        pytest.param("phone", "\N{GRINNING FACE}" * 255, "\N{GRINNING FACE}" * 255, id="255 code points"),
    ],
)
def test_a_field_takes_what_it_needs(mapped: MapRow, field: str, cell: Cell, value: Json) -> None:
    assert payload_of(mapped(f"  {field}: a\n", {"a": cell})) == {field: value}


@pytest.mark.parametrize(
    ("text", "cell", "code", "message"),
    [
        pytest.param("  phone: a", "0" * 256, "too-long", "phone has 256 characters, and 255 are allowed", id="long"),
        pytest.param("  phone: {from: a, on_invalid: blank}", "0" * 256, "too-long", "phone has 256", id="long, blank"),
        pytest.param("  phone: a", 1e15, "damaged-number", '"1000000000000000" has lost digits', id="damaged"),
        pytest.param("  phone: '{a}'", 1e15, "damaged-number", "has lost digits", id="damaged in a template"),
        pytest.param("  phone: {from: a, map: {x: y}}", "z", "not-in-map", '"z" stands in no `map` of phone', id="map"),
        pytest.param(
            "  phone: {from: a, map: {x: y}, on_invalid: keep}", "z", "not-in-map", '"z" stands in', id="map and keep"
        ),
        pytest.param("  taxation: a", "perhaps", "not-a-boolean", '"perhaps" is neither yes nor no', id="boolean"),
        pytest.param("  taxation: a", dt.date(2024, 1, 2), "not-a-boolean", "neither yes nor no", id="date as boolean"),
        pytest.param("  email_general: a", "a@b, c@d", "not-an-email", "is not an e-mail address", id="two addresses"),
        pytest.param(
            "  email_general: {from: a, as: text}",
            "nobody",
            "not-an-email",
            '"nobody" is not',
            id="text is checked too",
        ),
        pytest.param("  phone: {from: a, as: integer}", "4.5", "not-an-integer", '"4.5" is not a whole', id="integer"),
        pytest.param(
            "  phone: {first_of: [{from: a, as: url}, id]}", "x", "not-a-url", '"x" is not a web', id="inside"
        ),
        pytest.param("tags: [{from: a, split: ',', as: email}]", "x, y@z.example", "not-an-email", '"x" is', id="tag"),
        pytest.param("tags: [{from: a, split: ','}]", 1e20, "damaged-number", "lost digits", id="damaged tag"),
        pytest.param("tags: [a]", float("nan"), "not-text", '"nan" cannot be sent as text', id="tag that is no number"),
        pytest.param("custom_fields: {x: a}", dt.timedelta(1), "not-text", "cannot be sent as text", id="duration"),
    ],
)
def test_a_value_that_does_not_go_through_refuses_the_row(
    mapped: MapRow, text: str, cell: Cell, code: str, message: str
) -> None:
    refusal = mapped(f"{text}\n", {"a": cell})
    assert refusal_of(refusal) == [code]
    (issue,) = refusal.issues
    assert message in issue.message
    assert (issue.severity, issue.location.column, issue.location.row) == (Severity.ERROR, "a", 2)


def test_a_country_that_is_nearly_one_is_suggested_and_never_taken(mapped: MapRow) -> None:
    refusal = mapped("  address_invoice_country: a\n", {"a": "Nederlan"})
    assert refusal_of(refusal) == ["not-a-country"]
    assert "did you mean NL" in refusal.issues[0].message


@pytest.mark.parametrize(
    ("expression", "cell", "payload", "message"),
    [
        pytest.param(
            "phone: {from: a, as: url, on_invalid: keep}",
            " on request ",
            {"phone": "on request"},
            'phone is sent as it stands: " on request " is not a web address',
            id="keep",
        ),
        pytest.param(
            "phone: {from: a, case: upper, as: url, on_invalid: keep}",
            "on request",
            {"phone": "ON REQUEST"},
            "phone is sent as it stands",
            id="keep what the earlier steps made",
        ),
        pytest.param(
            "phone: {from: a, as: date, on_invalid: keep}",
            7.0,
            {"phone": "7"},
            "phone is sent as it",
            id="keep a number",
        ),
        pytest.param(
            "email_general: {from: a, on_invalid: blank}",
            "nobody",
            {},
            'email_general is left out: "nobody" is not an e-mail address',
            id="blank",
        ),
        pytest.param(
            "phone: {from: a, on_invalid: blank}",
            1e20,
            {},
            'phone is left out: "100000000000000000000" has lost digits',
            id="damaged",
        ),
        pytest.param(
            "taxation: {from: a, on_invalid: blank, default: true}",
            "x",
            {"taxation": True},
            "the default is",
            id="default",
        ),
        pytest.param(
            "phone: {from: a, map: {x: y}, otherwise: blank}",
            "z",
            {},
            'phone is left out: "z" stands in no',
            id="otherwise",
        ),
        pytest.param(
            "phone: {first_of: [{from: a, as: url, on_invalid: blank}, name]}",
            "z",
            {"phone": "ACME"},
            "is left",
            id="on",
        ),
    ],
)
def test_a_value_may_be_kept_or_left_out_with_a_warning(
    mapped: MapRow, expression: str, cell: Cell, payload: dict[str, Json], message: str
) -> None:
    desired = mapped(f"  {expression}\n", {"a": cell})
    assert payload_of(desired) == payload
    (issue,) = desired.issues
    assert issue.severity is Severity.WARNING
    assert message.replace(" on request ", "on request") in issue.message


def test_what_cannot_even_be_text_is_refused_though_it_was_to_be_kept(mapped: MapRow) -> None:
    assert refusal_of(mapped("  phone: {from: a, as: url, on_invalid: keep}\n", {"a": float("inf")})) == ["not-a-url"]


def test_equal_cells_of_different_kinds_are_not_mixed_up(load: Callable[[str], Mapping]) -> None:
    mapper = load(TOP + "  phone: a\n").compile(("id", "name", "a"), file="a.csv")
    found = [payload_of(mapper.map(row_of("1", "ACME", cell)))["phone"] for cell in (True, 1, 1.0, "1.0")]
    assert found == ["true", "1", "1", "1.0"]


# ── blank ──


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        pytest.param("  phone: a", {}, id="kept unless said"),
        pytest.param("  phone: {from: a, blank: clear}", {"phone": None}, id="cleared by the field"),
        pytest.param("  phone: a\nblank: clear", {"phone": None}, id="cleared by the mapping"),
        pytest.param("  phone: {from: a, blank: keep}\nblank: clear", {}, id="kept by the field"),
        pytest.param(
            "  taxation: a\n  address_invoice_country: a\nblank: clear", {}, id="what cannot be cleared is kept"
        ),
        pytest.param("tags: [a]\nblank: clear", {}, id="tags are kept"),
        pytest.param("custom_fields: {x: a}\nblank: clear", {"custom_fields": {"x": None}}, id="a custom field clears"),
        pytest.param("custom_fields: {x: {from: a, blank: clear}}", {"custom_fields": {"x": None}}, id="by itself"),
        pytest.param("custom_fields: {x: a}", {}, id="a blank custom field is not sent"),
        pytest.param("  phone: {from: name, when: {column: a, is: x}, blank: clear}", {"phone": None}, id="guard"),
        pytest.param("  phone: {from: name, map: {acme: null}, blank: clear}", {"phone": None}, id="null of a map"),
        pytest.param(
            "  phone: {from: name, as: url, on_invalid: blank, blank: clear}", {}, id="invalid is not cleared"
        ),
        pytest.param(
            "  phone: {first_of: [{from: name, as: url, on_invalid: blank}, a], blank: clear}", {}, id="nor inside"
        ),
    ],
)
def test_a_blank_is_kept_or_cleared(mapped: MapRow, text: str, payload: dict[str, Json]) -> None:
    assert payload_of(mapped(f"{text}\n", {"a": ""})) == payload


# ── tags and custom fields ──


@pytest.mark.parametrize(
    ("tags", "cells", "found"),
    [
        pytest.param("[a, {value: x}, b]", {"a": "y", "b": "x"}, ["y", "x"], id="each once, in order"),
        pytest.param("[{from: a, split: ',' }]", {"a": " p,, q ,p,"}, ["p", "q"], id="split drops blanks"),
        pytest.param("[{from: a, split: [',', ' - '] }]", {"a": "p - q, r-s"}, ["p", "q", "r-s"], id="separators"),
        pytest.param("[{from: a, split: '|', map: {p: null, q: Q}}]", {"a": "p|Q"}, ["Q"], id="each piece is mapped"),
        pytest.param("[{from: a, split: ',', default: d}]", {"a": " , "}, ["d"], id="default of none"),
        pytest.param("[{from: a, split: ',', when: {column: b, is: x}}]", {"a": "p", "b": ""}, [], id="guarded"),
        pytest.param("[{first_of: [a, b], split: ','}]", {"a": "", "b": "p,q"}, ["p", "q"], id="first of, split"),
        pytest.param("[{template: '{a},{b}', split: ','}]", {"a": "p", "b": "q"}, ["p", "q"], id="template, split"),
        pytest.param("[{from: a, split: ','}]", {"a": 7.0}, ["7"], id="a number"),
        pytest.param("[{value: 'p,q', split: ','}]", {}, ["p", "q"], id="a constant is split"),
        pytest.param("[a]", {"a": 7.0}, ["7"], id="a number without split"),
    ],
)
def test_tags(mapped: MapRow, tags: str, cells: dict[str, Cell], found: list[str]) -> None:
    assert payload_of(mapped(f"tags: {tags}\n", cells)) == ({"tags": found} if found else {})


def test_a_tag_that_is_left_out_is_told(mapped: MapRow) -> None:
    text = "tags: [{from: a, split: ',', map: {p: P}, otherwise: blank}, {from: b, map: {p: P}, otherwise: blank}]\n"
    desired = mapped(text, {"a": "p, z", "b": "y"})
    assert payload_of(desired) == {"tags": ["P"]}
    assert codes_of(desired) == ["left-blank", "left-blank"]


@pytest.mark.parametrize(
    ("expression", "cell", "value"),
    [
        pytest.param("a", "x", "x", id="text"),
        pytest.param("a", True, True, id="a truth value stays"),
        pytest.param("a", 5.0, "5", id="a number is text"),
        pytest.param("{from: a, as: integer}", "5", 5, id="an integer by `as`"),
        pytest.param("{from: a, as: boolean}", "nee", False, id="a boolean by `as`"),
        pytest.param("{from: a, as: {decimal: {decimal_comma: true}}}", "1.234,50", "1234.5", id="a decimal is text"),
        pytest.param("{from: a, as: date}", dt.date(2024, 1, 2), "2024-01-02", id="a date is text"),
        pytest.param("{value: true}", "", True, id="a constant"),
        pytest.param("{value: 5, as: integer}", "", 5, id="a constant number"),
        pytest.param("{from: a, map: {x: true}, default: false}", "", False, id="a default"),
    ],
)
def test_custom_fields(mapped: MapRow, expression: str, cell: Cell, value: Json) -> None:
    found = payload_of(mapped(f"custom_fields: {{x: {expression}}}\n", {"a": cell}))["custom_fields"]
    assert found == {"x": value}
    assert isinstance(found, dict)
    assert type(found["x"]) is type(value)


# ── conditions ──


@pytest.mark.parametrize(
    ("condition", "cell", "holds"),
    [
        pytest.param("{column: a, is: Vip}", " VIP ", True, id="text"),
        pytest.param("{column: a, is: Vip}", "v", False, id="other text"),
        pytest.param("{column: a, is: 1}", 1.0, True, id="a number as text"),
        pytest.param("{column: a, is: true}", "Ja", True, id="yes"),
        pytest.param("{column: a, is: false}", "Nein", True, id="no"),
        pytest.param("{column: a, is: false}", True, False, id="a truth value"),
        pytest.param("{column: a, is: true}", "", False, id="blank is not true"),
        pytest.param("{column: a, is: false}", "", False, id="blank is not false"),
        pytest.param("{column: a, in: [x, y]}", "Y", True, id="in"),
        pytest.param("{column: a, in: [x, y]}", "z", False, id="not in"),
        pytest.param("{column: a, in: [unknown, false]}", "unknown", True, id="a word beside a truth value"),
        pytest.param("{column: a, in: [unknown, false]}", "no", True, id="a truth value beside a word"),
        pytest.param("{column: a, matches: b}", "abc", True, id="found anywhere"),
        pytest.param("{column: a, matches: '^b'}", "abc", False, id="anchored"),
        pytest.param("{column: a, matches: B}", "abc", False, id="case counts"),
        pytest.param("{column: a, matches: '(?i)B'}", "abc", True, id="case let go"),
        pytest.param("{column: a, matches: '^12$'}", 12.0, True, id="matches a number as text"),
        pytest.param("{column: a, matches: ''.}".replace("''.", "'.*'"), "", False, id="blank matches nothing"),
        pytest.param("{column: a, blank: true}", "\xa0", True, id="blank"),
        pytest.param("{column: a, blank: false}", 0.0, True, id="zero is not blank"),
        pytest.param("{not: {column: a, is: x}}", "y", True, id="not"),
        pytest.param("{all: [{column: a, is: x}, {column: name, is: acme}]}", "x", True, id="all"),
        pytest.param("{all: [{column: a, is: x}, {column: name, is: other}]}", "x", False, id="not all"),
        pytest.param("{any: [{column: a, is: x}, {column: name, is: acme}]}", "y", True, id="any"),
        pytest.param("{any: [{column: a, is: x}, {column: name, is: other}]}", "y", False, id="none"),
    ],
)
def test_a_condition_holds(mapped: MapRow, condition: str, cell: Cell, holds: bool) -> None:
    desired = mapped(f"tags: [{{value: yes, when: {condition}}}]\n", {"a": cell})
    assert payload_of(desired) == ({"tags": ["yes"]} if holds else {})


@pytest.mark.parametrize("truth", ["true", "false"])
def test_a_cell_that_is_neither_yes_nor_no_refuses_the_row(mapped: MapRow, truth: str) -> None:
    refusal = mapped(f"  phone: {{from: name, when: {{not: {{column: a, is: {truth}}}}}}}\n", {"a": "perhaps"})
    assert refusal_of(refusal) == ["not-a-boolean"]
    assert (refusal.issues[0].field, refusal.issues[0].location.column) == ("phone", "a")
