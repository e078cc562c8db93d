"""The rules of each field, and the words of the framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.sandbox.companies.contract import CREATE_RULES, UPDATE_RULES, Rule
from importer.sandbox.companies.validation import check
from importer.sandbox.wire.answers import unprocessable
from importer.sandbox.wire.inputs import Json, body_input, integer, query_input

if TYPE_CHECKING:
    from tests.sandbox.client import Client

TEXT = "The iban field must be a string."
LONG = "The iban field must not be greater than 255 characters."
BOOL = "The taxation field must be true or false."


def accepted(_rule: Rule, _name: str, _text: str) -> None:
    """Stand in for a store in which everything exists and nothing is taken."""


def errors_of(field: str, value: Json) -> dict[str, list[str]]:
    return check(UPDATE_RULES, {field: value}, accepted).errors


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        pytest.param("iban", None, None, id="null clears"),
        pytest.param("iban", "x", None, id="text"),
        pytest.param("iban", "ü" * 255, None, id="255 code points"),
        pytest.param("iban", "ü" * 256, LONG, id="256 code points"),
        pytest.param(
            "iban", "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 51, None, id="51 families of 5 code points"
        ),
        pytest.param("iban", "e\u0301" * 128, LONG, id="128 letters of 2 code points"),
        pytest.param("email", "a@b.com, c@d.com", None, id="email may be a list"),
        pytest.param("email", "no address", None, id="email may be anything"),
        pytest.param("tax_uid", "XX", None, id="no number is checked"),
        pytest.param("iban", 5, TEXT, id="number for text"),
        pytest.param("iban", True, TEXT, id="boolean for text"),
        pytest.param("iban", ["x"], TEXT, id="list for text"),
        pytest.param("company_name", None, None, id="name is nullable on patch"),
        pytest.param("taxation", True, None, id="true"),
        pytest.param("taxation", 0, None, id="0"),
        pytest.param("taxation", "1", None, id="text 1"),
        pytest.param("taxation", 1.0, BOOL, id="1.0"),
        pytest.param("taxation", 2, BOOL, id="2"),
        pytest.param("taxation", "true", BOOL, id="text true"),
        pytest.param("taxation", "yes", BOOL, id="yes"),
        pytest.param("taxation", None, BOOL, id="null boolean"),
        pytest.param("business_field", "x" * 300, None, id="no maximum"),
        pytest.param("business_field", 5, "The business field field must be a string.", id="number for a name"),
        pytest.param(
            "address_invoice_country", None, "The address invoice country field must be a string.", id="null country"
        ),
        pytest.param("client_id", 5, "The client id field must be a string.", id="number for an id"),
        pytest.param("tags", "a,b", "The tags field must be an array.", id="text for tags"),
        pytest.param("tags", None, "The tags field must be an array.", id="null tags"),
        pytest.param("tags", {"a": "b"}, None, id="a map is an array too"),
        pytest.param("custom_fields", "x", "The custom fields field must be an array.", id="text for custom fields"),
        pytest.param("custom_fields", {"a": 1.5, "b": None}, None, id="plain custom fields"),
    ],
)
def test_a_field_holds_to_its_rule(field: str, value: Json, message: str | None) -> None:
    assert errors_of(field, value) == ({field: [message]} if message else {})


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        pytest.param(
            "tags",
            ["a", 1, None],
            {"tags.1": ["The tags.1 field must be a string."], "tags.2": ["The tags.2 field must be a string."]},
            id="tags",
        ),
        pytest.param(
            "custom_fields",
            {"a": [1]},
            {"custom_fields.a": ["The selected custom fields.a is invalid."]},
            id="nested custom field",
        ),
        pytest.param(
            "custom_fields",
            {"a": float("inf")},
            {"custom_fields.a": ["The selected custom fields.a is invalid."]},
            id="a number beyond JSON",
        ),
        pytest.param(
            "email_general",
            5,
            {
                "email_general": [
                    "The email general field must be a string.",
                    "The email general field must be a valid email address.",
                ]
            },
            id="number for an address",
        ),
        pytest.param(
            "email_general",
            "a@" + ".".join(["b" * 60] * 5),
            {
                "email_general": [
                    "The email general field must be a valid email address.",
                    "The email general field must not be greater than 255 characters.",
                ]
            },
            id="an address with too long a domain",
        ),
    ],
)
def test_what_is_inside_a_field_is_named_in_dots(field: str, value: Json, expected: dict[str, list[str]]) -> None:
    assert errors_of(field, value) == expected


@pytest.mark.parametrize(
    ("address", "passes"),
    [
        pytest.param("a@b.com", True, id="plain"),
        pytest.param("user@localhost", True, id="no dot"),
        pytest.param("a@b", True, id="short"),
        pytest.param('"john doe"@example.com', True, id="quoted"),
        pytest.param("müller@exämple.de", True, id="umlauts"),
        pytest.param("x" * 65 + "@b.com", True, id="long local part"),
        pytest.param("a+b/c@b.com", True, id="signs"),
        pytest.param("a@[127.0.0.1]", True, id="literal"),
        pytest.param("a@b.com,c@d.com", False, id="list by comma"),
        pytest.param(" a@b.com", False, id="leading space"),
        pytest.param("a@b.com ", False, id="trailing space"),
        pytest.param(".a@b.com", False, id="leading dot"),
        pytest.param("a.@b.com", False, id="dot before the at"),
        pytest.param("a@b..com", False, id="two dots in the domain"),
        pytest.param("a@b.com\r\nBcc: c@d.com", False, id="line breaks and a header"),
        pytest.param('"a"b"@c.com', False, id="quote in quotes"),
        pytest.param("a@b.com;c@d.com", False, id="list by semicolon"),
        pytest.param("Name <a@b.com>", False, id="with a name"),
        pytest.param("a@b.com.", False, id="trailing dot"),
        pytest.param("a..b@c.com", False, id="two dots"),
        pytest.param("a@-b.com", False, id="leading hyphen"),
        pytest.param("a@b_c.com", False, id="underscore"),
        pytest.param("a@b.com\u200b", False, id="zero width"),
        pytest.param("a\n@b.com", False, id="line break"),
        pytest.param("@b.com", False, id="no local part"),
        pytest.param("ab.com", False, id="no at"),
        pytest.param("a@" + "b" * 64, False, id="long label"),
        pytest.param("a@" + ".".join(["ü" * 25] * 5), False, id="253 bytes of a domain, passed by two-byte letters"),
        pytest.param("a@" + ".".join(["ü" * 25] * 4), True, id="a domain of 203 bytes"),
    ],
)
def test_an_email_address_is_one_address(address: str, passes: object) -> None:
    expected = {} if passes else {"email_general": ["The email general field must be a valid email address."]}
    assert errors_of("email_general", address) == expected


@pytest.mark.parametrize(
    "sign",
    [
        pytest.param("\u200b", id="zero width space"),
        pytest.param("\u00ad", id="soft hyphen"),
        pytest.param("\u202e", id="right to left"),
        pytest.param("\ue000", id="private use"),
        pytest.param("\u0080", id="a control character"),
        pytest.param("\U0001f600", id="emoji"),
        pytest.param("€", id="euro"),
        pytest.param("©", id="copyright"),
        pytest.param("→", id="arrow"),
        pytest.param("¨", id="an accent on nothing"),
    ],
)
@pytest.mark.parametrize("address", ["a{}b@c.com", "a@b{}c.com", '"a{}b"@c.com'], ids=["local", "domain", "quoted"])
def test_an_email_address_has_no_symbol_beyond_ascii_and_nothing_invisible(address: str, sign: str) -> None:
    assert list(errors_of("email_general", address.format(sign))) == ["email_general"]


@pytest.mark.parametrize("local", ["mü", "日本", "e\u0301", "x²", "a“b”", "!#$%&'*+/=?^_`{|}~-"])
def test_an_email_address_has_letters_of_any_script_and_the_symbols_of_ascii(local: str) -> None:
    assert errors_of("email_general", f"{local}@b.com") == {}


async def test_all_failing_fields_are_named_in_the_order_of_the_rules(client: Client) -> None:
    reply = await client.call(
        "POST", "/companies", {"taxation": "yes", "email_general": "a,b", "iban": 5, "external_origin": None}
    )
    assert reply.status == 422
    assert list(reply.errors) == ["external_origin", "company_name", "iban", "email_general", "taxation"]
    assert reply.body["message"] == "The external origin field must be a string. (and 4 more errors)"


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        pytest.param({"a": ["A."]}, "A.", id="one"),
        pytest.param({"a": ["A.", "B."]}, "A. (and 1 more error)", id="two"),
        pytest.param({"a": ["A."], "b": ["B.", "C."]}, "A. (and 2 more errors)", id="three"),
    ],
)
def test_the_message_is_the_first_and_the_number_of_the_others(errors: dict[str, list[str]], message: str) -> None:
    assert unprocessable(errors).message == message


@pytest.mark.parametrize("missing", [{}, {"company_name": None}, {"company_name": []}])
def test_a_missing_required_field_ends_its_checks(missing: dict[str, Json]) -> None:
    checked = check(CREATE_RULES, missing, accepted)
    assert checked.errors == {"company_name": ["The company name field is required."]}


def test_the_store_is_asked_only_about_values_that_are_right_in_themselves() -> None:
    asked: list[tuple[str, str]] = []

    def probe(_rule: Rule, name: str, text: str) -> None:
        asked.append((name, text))

    texts: dict[str, Json] = {"company_name": "x", "external_id": "x" * 256, "client_id": 5, "iban": "y"}
    arrays: dict[str, Json] = {"tags": ["t", 5], "custom_fields": {"a": "v", "b": []}}
    check(CREATE_RULES, {**texts, **arrays}, probe)
    assert asked == [("company_name", "x"), ("iban", "y"), ("tags.0", "t"), ("custom_fields.a", "a")]


def test_there_are_43_fields_to_create_and_41_to_update() -> None:
    assert (len(CREATE_RULES), len(UPDATE_RULES)) == (43, 41)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("a=1&b=", {"a": "1", "b": None}, id="plain and empty"),
        pytest.param("a=1&a=2", {"a": "2"}, id="the last counts"),
        pytest.param("page[size]=5&page%5Bcursor%5D=x", {"page": {"size": "5", "cursor": "x"}}, id="map"),
        pytest.param("t[]=a&t[]=b", {"t": {"0": "a", "1": "b"}}, id="list"),
        pytest.param("f[0][x]=1&f[0][y]=2&f[1][x]=3", {"f": {"0": {"x": "1", "y": "2"}, "1": {"x": "3"}}}, id="nested"),
        pytest.param("a.b+c=1", {"a_b_c": "1"}, id="dots and spaces in a name"),
        pytest.param("a=1&a[b]=2", {"a": {"b": "2"}}, id="a map over a text"),
        pytest.param("[x]=1&=2", {}, id="no name"),
        pytest.param("a" + "[b]" * 70 + "=1", {}, id="too deep"),
        pytest.param("a=%ff%00", {"a": "\ufffd"}, id="not UTF-8"),
    ],
)
def test_a_query_is_read_as_php_reads_it(raw: str, expected: dict[str, Json]) -> None:
    assert query_input(raw) == expected


@pytest.mark.parametrize(
    ("digits", "number"),
    [
        pytest.param("9223372036854775807", 2**63 - 1, id="largest"),
        pytest.param("-9223372036854775808", -(2**63), id="smallest"),
        pytest.param("9223372036854775808", 2.0**63, id="beyond"),
        pytest.param("-9223372036854775809", -(2.0**63), id="beyond, negative"),
        pytest.param("1" + "0" * 30, 1e30, id="far beyond"),
        pytest.param("9" * 5000, float("inf"), id="beyond a float"),
    ],
)
def test_a_number_beyond_64_bits_is_a_float(digits: str, number: float) -> None:
    read = body_input("application/json", f'{{"n": {digits}}}'.encode())["n"]
    assert (read, type(read)) == (number, type(number))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[("7", 7), (" 7", 7), ("7x", 7), ("-7", -7), ("x7", 0), ("\u00a07", 0), ("\u0667", 0)],
        *[("", 0), (None, 0), ({}, 0), ("1e1", 10), ("1.5e1x", 15), ("2.9", 2), (".5e1", 5), ("-1E+1", -10)],
        *[("1e", 1), ("1e-1", 0), ("0x1A", 0), ("1.", 1), (".", 0), ("999999999999999999", 10**18 - 1)],
        *[("9" * 5000, 2**63 - 1), ("-1e400", -(2**63))],
    ],
)
def test_a_number_in_a_query_is_read_as_php_does(value: Json, number: int) -> None:
    assert integer(value) == number


@given(st.binary(max_size=200))
def test_no_body_raises(raw: bytes) -> None:
    assert isinstance(body_input("application/json", raw), dict)


@given(st.text(max_size=200))
def test_no_query_raises(raw: str) -> None:
    assert isinstance(query_input(raw), dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([rule.name for rule in CREATE_RULES]), JSON))
def test_validation_is_total(values: dict[str, Json]) -> None:
    checked = check(CREATE_RULES, values, accepted)
    assert not set(checked.values) & set(checked.errors)
    assert all(messages for messages in checked.errors.values())
