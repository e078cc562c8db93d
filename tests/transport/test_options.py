"""Options: addresses that may carry a token, and a token that never shows."""

from __future__ import annotations

import pytest

from importer.errors import UsageError
from importer.transport import Token, TransportOptions

TOKEN = Token("abc-123")


@pytest.mark.parametrize(
    "address",
    [
        "https://api.kanbert.com/api/v1",
        "HTTPS://API.KANBERT.COM/api/v1",
        "http://127.0.0.1:8080/api/v1",
        "http://127.8.9.1",
        "http://localhost:1/",
        "http://[::1]:8080/api/v1",
        "https://[2001:db8::1]/api",
    ],
)
def test_https_and_loopback_are_taken(address: str) -> None:
    assert TransportOptions(base_url=address, token=TOKEN).base_url == address.rstrip("/")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://api.kanbert.com/api/v1", "plain http"),
        ("http://127.0.0.1.evil.example/", "plain http"),
        ("http://localhost.example/", "plain http"),
        ("http://10.0.0.1/", "plain http"),
        ("http://[::2]/", "plain http"),
        ("ftp://127.0.0.1/", "in full"),
        ("api.kanbert.com/api/v1", "in full"),
        ("", "in full"),
        ("https://", "in full"),
        ("https://user:pass@api.kanbert.com/", "a user, a query"),
        ("https://api.kanbert.com/?token=1", "a user, a query"),
        ("https://api.kanbert.com/#x", "a user, a query"),
        ("https://api.kanbert.com:port/", "cannot be read"),
        ("https://[api.kanbert.com/", "cannot be read"),
        ("https://api.kanbert.com/a b", "holds a blank"),
    ],
)
def test_other_addresses_are_refused_with_words(address: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        TransportOptions(base_url=address, token=TOKEN)
    assert "pass" not in str(raised.value)
    assert "token=1" not in str(raised.value)


@pytest.mark.parametrize("changes", [{"concurrency": 0}, {"attempts": 0}, {"rate": 0.0}, {"rate": -1.0}], ids=repr)
def test_numbers_that_would_send_nothing_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        TransportOptions("https://api.kanbert.com", TOKEN, **changes)  # type: ignore[arg-type]  # mypy cannot match **


def test_a_token_never_shows_itself() -> None:
    options = TransportOptions("https://api.kanbert.com", TOKEN)
    for shown in (repr(TOKEN), str(TOKEN), f"{TOKEN}", f"{TOKEN!r:>40}", repr(options), str(options), repr([TOKEN])):
        assert "abc-123" not in shown
        assert "***" in shown
    assert TOKEN.reveal() == "abc-123"


def test_blanks_around_a_token_are_dropped() -> None:
    assert Token(" abc \r\n").reveal() == "abc"


@pytest.mark.parametrize("text", ["", " \n", "Bearer abc", "a\nb", "a\x00b", "täst"], ids=repr)
def test_what_cannot_be_a_token_is_refused_unquoted(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        Token(text)
    assert not text.strip() or text not in str(raised.value)


@pytest.mark.parametrize(
    ("token", "said", "shown"),
    [
        pytest.param("ro", b"Invalid scope(s) provided.", b"Invalid scope(s) provided.", id="within-a-word"),
        pytest.param("ro", b'{"m": "Bearer ro is wrong"}', b'{"m": "Bearer [token] is wrong"}', id="alone"),
        pytest.param("ro", b'{"token":"ro"}', b'{"token":"[token]"}', id="quoted"),
        pytest.param("ro", b"ro", b"[token]", id="nothing-else"),
        pytest.param("ro", rb'"\nro" "\u0022ro\u0022"', rb'"\n[token]" "\u0022[token]\u0022"', id="behind-an-escape"),
        pytest.param("ro", "„ro“".encode(), "„[token]“".encode(), id="in-quotes-of-another-language"),
        pytest.param("ro", b"a_ro_b=ro&x", b"a_[token]_b=[token]&x", id="among-signs"),
        pytest.param("-ro", b"x-ro", b"x[token]", id="begins-with-a-sign"),
        pytest.param("longtoken", b"xlongtokeny", b"x[token]y", id="a-long-one-anywhere"),
        pytest.param("a.c.e.g.i", b"abcdefghi a.c.e.g.i", b"abcdefghi [token]", id="no-pattern"),
    ],
)
def test_a_token_is_blotted_out_and_no_word_is_cut(token: str, said: bytes, shown: bytes) -> None:
    assert Token(token).removed_from(said) == shown
