from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, strategies as st

from importer.model import Code, Invalid
from importer.values import url as url_module
from importer.values.url import UrlOptions, url

if TYPE_CHECKING:
    from importer.model import Cell


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        pytest.param("www.Acme.example", "https://www.acme.example", id="without scheme"),
        pytest.param(" http://acme.example ", "http://acme.example", id="http stays"),
        pytest.param(
            "HTTPS://ACME.example/Path?Q=A#F", "https://acme.example/Path?Q=A#F", id="only scheme and host fold"
        ),
        pytest.param("https://acme.example/", "https://acme.example/", id="slash stays"),
        pytest.param("https://acme.example:443/x", "https://acme.example/x", id="default port"),
        pytest.param("http://acme.example:80", "http://acme.example", id="default port of http"),
        pytest.param("http://acme.example:443", "http://acme.example:443", id="port of the other scheme"),
        pytest.param("acme.example:8080/x", "https://acme.example:8080/x", id="port without scheme"),
        pytest.param("acme.example?x=1", "https://acme.example?x=1", id="query without path"),
        pytest.param("http://münchen.example/ü", "http://münchen.example/ü", id="Unicode stays"),
        pytest.param("xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example", id="punycode"),
        pytest.param("acme.xn--p1ai", "https://acme.xn--p1ai", id="punycode top level"),
        pytest.param("https://social.example/@acme", "https://social.example/@acme", id="at in a path"),
        pytest.param("my_shop.acme.example", "https://my_shop.acme.example", id="underscore"),
    ],
)
def test_a_web_address_is_written_with_scheme_and_small_host(cell: Cell, address: str) -> None:
    assert url(cell) == address


@pytest.mark.parametrize(
    "cell",
    [
        "n/a",
        "Beispiel GmbH",
        "info@acme.example",
        "mailto:info@acme.example",
        "http://http://acme.example",
        "http//acme.example",
        "http://acme..example",
        "http://localhost",
        "www.acme",
        "http:// acme.example",
        "http://ac\nme.example",
        "http:/acme.example",
        "http:acme.example",
        "javascript:alert(1)",
        "javascript://acme.example/%0aalert(1)",
        "ftp://acme.example",
        "file:///etc",
        "www.a.example, www.b.example",
        "a.example;b.example",
        "www.a.example/www.b.example",
        "a.example,www.b.example",
        "https://a.example/https://b.example",
        "https://eva:secret@acme.example",
        "https://eva@acme.example",
        "acme.example.",
        ".acme.example",
        "-acme.example",
        "acme-.example",
        "127.0.0.1",
        "http://[::1]",
        "http://[::1",
        "acme.e",
        "acme.123",
        "1.5",
        "acme.example:99999",
        "acme.example:abc",
        "https://",
        "acme",
        "a" * 64 + ".example",
        "acme.example/a\\b",
        "acme.example/<x>",
        "\uff41cme.example",
        "http://acme\u2100.example",
        "a" * 2001,
        "a\x00b.example",
        "acme\ud800.example",
        True,
        42,
        dt.date(2021, 1, 1),
    ],
    ids=lambda cell: f"{ascii(cell)[:50]}-{len(str(cell))}",
)
def test_what_is_no_single_web_address_is_refused(cell: Cell) -> None:
    result = url(cell)
    assert isinstance(result, Invalid)
    assert result.code is Code.NOT_A_URL


@pytest.mark.parametrize(("scheme", "address"), [("http", "http://acme.example"), ("", "acme.example")])
def test_the_scheme_that_is_put_before_is_an_option(scheme: str, address: str) -> None:
    assert url("ACME.example", UrlOptions(default_scheme=scheme)) == address
    assert url("https://acme.example", UrlOptions(default_scheme=scheme)) == "https://acme.example"


@given(
    st.from_regex(url_module._PLAIN, fullmatch=True)
    | st.from_regex(r"(https?://)?(www\.)?[a-z0-9.-]{1,6}\.[a-z]{2,9}(/[\w./~-]{0,8})?", fullmatch=True)
)
@example("www.nl")
@example("www.nl/x")
@example("https://www.com")
@example("www.a.nl/www.b.nl")
def test_what_is_taken_at_sight_is_what_the_long_way_makes_of_it(words: str) -> None:
    for scheme in ("https", "http", ""):
        slow = url_module._refused(reason) if (reason := url_module._no_single_address(words)) else None
        assert url(words, UrlOptions(scheme)) == (slow or url_module._normalised(words, scheme))
