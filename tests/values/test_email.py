from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import example, given, strategies as st

from importer.model import Code, Invalid, Noted
from importer.values import email as email_module
from importer.values.email import email, email_list
from importer.values.placeholder import is_placeholder

if TYPE_CHECKING:
    from importer.model import Cell


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        pytest.param("info@acme.example", "info@acme.example", id="plain"),
        pytest.param("  info@acme.example\u200b", "info@acme.example", id="trimmed"),
        pytest.param("Eva.Muster@ACME.Example", "Eva.Muster@acme.example", id="the domain has no case"),
        pytest.param("INFO@acme.example", "INFO@acme.example", id="nor are well-known names lower-cased"),
        pytest.param("mailto:info@acme.example", "info@acme.example", id="mailto"),
        pytest.param("MAILTO: info@acme.example", "info@acme.example", id="mailto and a blank"),
        pytest.param("a@b.test", "a@b.test", id="reserved for tests"),
        pytest.param("a+b_c'd@sub.acme.example", "a+b_c'd@sub.acme.example", id="signs"),
        pytest.param("info@münchen.example", "info@münchen.example", id="Unicode domain stays"),
        pytest.param("info@XN--mnchen-3ya.example", "info@xn--mnchen-3ya.example", id="punycode stays"),
        pytest.param("jürgen@acme.example", "jürgen@acme.example", id="Unicode local part"),
        pytest.param("ju\u0308rgen@acme.example", "jürgen@acme.example", id="composed"),
    ],
)
def test_one_address_is_read(cell: Cell, address: str) -> None:
    assert email(cell) == address
    assert email_list(cell) == address or "mailto: " in str(cell).lower()


@pytest.mark.parametrize(
    "cell",
    [
        "a@b",
        "info@localhost",
        "info@@acme.example",
        "info(at)acme.example",
        "info@acme,example",
        "info@acme..example",
        "info@acme.example.",
        "@acme.example",
        "info@",
        "info@acme.e",
        "info@test",
        "a b@acme.example",
        "a\x00@acme.example",
        "info@[127.0.0.1]",
        '"a b"@acme.example',
        "info@acme.invalid",
        "info@acme.local",
        "www.acme.example",
        "n/a",
        "keine",
        "a" * 65 + "@acme.example",
        "a@" + "b" * 250 + ".example",
        "info@ac\u200bme.example",
        "mailto:",
        "a\ud800@b.example",
        True,
        42,
        1.5,
        dt.date(2021, 1, 1),
    ],
    ids=lambda cell: ascii(cell)[:40],
)
def test_what_is_no_address_is_refused(cell: Cell) -> None:
    for result in (email(cell), email_list(cell)):
        assert isinstance(result, Invalid)
        assert result.code is Code.NOT_AN_EMAIL


@pytest.mark.parametrize(
    "cell",
    ["a@x.example, b@y.example", "a@x.example;b@y.example", "a@x.example b@y.example", "a@x.example/b@y.example"],
)
def test_one_address_is_not_taken_out_of_several(cell: str) -> None:
    result = email(cell)
    assert isinstance(result, Invalid)
    assert email_list(cell) == "a@x.example,b@y.example"


def test_a_name_beside_the_address_is_not_dropped_but_the_address_is_suggested() -> None:
    result = email("Eva Muster <eva@x.example>")
    assert isinstance(result, Invalid)
    assert result.suggestions == ("eva@x.example",)


@pytest.mark.parametrize(
    ("cell", "joined"),
    [
        pytest.param("a@x.example,b@y.example", "a@x.example,b@y.example", id="comma"),
        pytest.param("a@x.example;\nb@y.example;", "a@x.example,b@y.example", id="semicolon and line break"),
        pytest.param("a@x.example | b@y.example", "a@x.example,b@y.example", id="bar"),
        pytest.param("a@x.example / b@y.example", "a@x.example,b@y.example", id="slash"),
        pytest.param("a@x.example ::: b@y.example", "a@x.example,b@y.example", id="Google Contacts"),
        pytest.param("mailto:a@x.example, mailto:b@y.example", "a@x.example,b@y.example", id="mailto"),
        pytest.param(
            "B@x.example, a@x.example, b@X.EXAMPLE", "B@x.example,a@x.example", id="first spelling, first place"
        ),
        pytest.param('"A@x.example" <a@x.example>, b@y.example', "a@x.example,b@y.example", id="twice in one part"),
        pytest.param("<a@x.example>;;, <b@y.example>;", "a@x.example,b@y.example", id="empty parts"),
        pytest.param("\u200ba@x.example\u200b,\ufeffb@y.example", "a@x.example,b@y.example", id="zero width"),
    ],
)
def test_a_list_is_joined_with_commas(cell: str, joined: str) -> None:
    assert email_list(cell) == joined
    assert email_list(joined) == joined


@pytest.mark.parametrize(
    ("cell", "joined", "names"),
    [
        pytest.param('"Muster, Eva" <b@y.example>', "b@y.example", 'the name "Muster, Eva" was', id="comma in quotes"),
        pytest.param(
            '"Muster; E\\"va" <b@y.example>; c@z.example',
            "b@y.example,c@z.example",
            'the name "Muster; E"va" was',
            id="escaped quote",
        ),
        pytest.param(
            "Eva Muster <a@x.example>, <b@y.example>",
            "a@x.example,b@y.example",
            'the name "Eva Muster" was',
            id="one of two",
        ),
        pytest.param(
            "A <a@x.example>, B <b@x.example>, A <c@x.example>",
            "a@x.example,b@x.example,c@x.example",
            'the names "A", "B" were',
            id="each once",
        ),
        pytest.param(
            ",".join(f"{name} <a@x.example>" for name in "ABCDE"),
            "a@x.example",
            'the names "A", "B", "C" and 2 more were',
            id="many",
        ),
    ],
)
def test_a_name_that_is_left_out_of_a_list_is_noted(cell: str, joined: str, names: str) -> None:
    assert email_list(cell) == Noted(joined, Code.COMPLETED, f"{names} left out")
    assert email_list(joined) == joined


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        pytest.param("a@x.example oder b@y.example", "oder", id="a word between"),
        pytest.param("a@x.example, keine", "keine", id="a placeholder"),
        pytest.param("a@x.example, b@y", "b@y", id="a bad domain"),
        pytest.param("Muster, Eva <b@y.example>", "Muster", id="a name with a comma, not quoted"),
        pytest.param('"Eva" b@y.example', "b@y.example", id="a name without brackets"),
        pytest.param("a@x.example <b@y.example>", "a@x.example", id="two addresses in one part"),
        pytest.param('"a@x.example', "a@x.example", id="an open quote"),
        pytest.param("<>, a@x.example", "", id="empty brackets"),
    ],
)
def test_one_bad_part_refuses_the_whole_and_is_named(cell: str, part: str) -> None:
    result = email_list(cell)
    assert isinstance(result, Invalid)
    assert part in result.detail


def test_separators_alone_are_no_list() -> None:
    assert isinstance(email_list(",;,"), Invalid)


def test_text_in_the_wrong_column_is_refused_quickly() -> None:
    result = email_list("a@x.example," * 2000)
    assert isinstance(result, Invalid)
    assert "characters" in result.detail


addresses = st.builds("{}@{}.example".format, st.sampled_from("abcDE"), st.sampled_from(["x", "y", "Z"]))


@given(st.lists(addresses, min_size=1, max_size=6), st.sampled_from([",", ";", ", ", " ; ", "\n", "|", " / ", " ::: "]))
def test_no_address_is_lost_and_none_appears_twice(found: list[str], separator: str) -> None:
    joined = email_list(separator.join(found))
    assert isinstance(joined, str)
    kept = [address.casefold() for address in joined.split(",")]
    assert kept == list(dict.fromkeys(address.casefold() for address in found))


@pytest.mark.parametrize("name", SPECIAL_USE_DOMAIN_NAMES)
def test_an_address_in_a_domain_of_special_use_is_left_to_the_package(name: str) -> None:
    assert not email_module._is_plain(f"a@{name}")
    assert not email_module._is_plain(f"a@b.{name}")
    assert email_module._is_plain(f"a@b.{name.replace('.', '')}s")


PLAIN = st.from_regex(email_module._PLAIN, fullmatch=True)


@given(PLAIN | st.from_regex(r"[A-Za-z.+_-]{1,6}@[a-z0-9.-]{1,8}\.(test|local|onion|nl|arpa|locals)", fullmatch=True))
@example("a@b.local")
@example("a@local.nl")
@example("a@x.xn--p1ai")
@example("a-@b.nl")
def test_what_is_taken_at_sight_is_what_the_package_takes_as_it_is(words: str) -> None:
    if email_module._is_plain(words):
        assert email_module._address(words) == words
        assert not is_placeholder(words)
    assert email(words) == email_module._address(words)
    assert email_list(words) == email_module._joined(words)
