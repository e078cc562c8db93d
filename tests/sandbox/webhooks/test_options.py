"""Which subscriptions there can be."""

from __future__ import annotations

import pytest
from hypothesis import example, given, strategies as st
from yarl import URL

from importer.sandbox import DeliveryOptions, Subscription, SubscriptionError


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/hook",
        "https://127.255.0.9/hook?a=b",
        "http://localhost:1",
        "HTTP://LOCALHOST/hook",
        "http://[::1]:8080/",
    ],
)
def test_this_machine_may_be_called(url: str) -> None:
    assert Subscription(url).url == url


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://10.0.0.1/", id="private"),
        pytest.param("http://169.254.169.254/", id="metadata of a cloud"),
        pytest.param("http://0.0.0.0/", id="any address"),
        pytest.param("http://[::]/", id="any address of version 6"),
        pytest.param("http://[::ffff:127.0.0.1]/", id="mapped"),
        pytest.param("http://[::1%25lo]/", id="zone"),
        pytest.param("http://hooks.example/", id="name"),
        pytest.param("http://localhost.hooks.example/", id="name that begins well"),
        pytest.param("http://127.0.0.1.hooks.example/", id="name that looks like an address"),
        pytest.param("http://localhost./", id="dot at the end"),
        pytest.param("http://2130706433/", id="number"),
        pytest.param("http://0x7f.0.0.1/", id="hexadecimal"),
        pytest.param("http://127.1/", id="short"),
        pytest.param("http://0177.0.0.1/", id="octal"),
    ],
)
def test_nothing_but_this_machine_may_be_called(url: str) -> None:
    with pytest.raises(SubscriptionError, match="must be on this machine"):
        Subscription(url)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("hook", id="no address"),
        pytest.param("//127.0.0.1/", id="no scheme"),
        pytest.param("ftp://127.0.0.1/", id="other scheme"),
        pytest.param("file:///etc/hosts", id="file"),
        pytest.param("http://127.0.0.1:99999/", id="no port"),
        pytest.param("http://127.0.0.1:0/", id="port 0"),
        pytest.param("http://[::1", id="open bracket"),
        pytest.param("http://127.0.0.1@hooks.example/", id="user"),
        pytest.param("http://user:password@127.0.0.1/", id="password"),
        pytest.param("http://127.0.0.1/" + "x" * 2000, id="long"),
        pytest.param("http://127.0.0.1/\ud800", id="half a character"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SubscriptionError, match="http or https address"):
        Subscription(url)


@given(st.one_of(st.text(), st.from_regex(r"https?://[^/]{1,20}(/.*)?", fullmatch=True)))
@example("http://127.0.0.1\\@hooks.example/")
@example("http://hooks.example#@127.0.0.1/")
@example("http://hooks.example\t@127.0.0.1/")
def test_an_address_is_refused_or_its_host_is_literally_this_machine(text: str) -> None:
    try:
        url = Subscription(text).url
    except SubscriptionError:
        return
    host = URL(url).host or ""
    assert host in ("localhost", "::1") or host.startswith("127.")


def test_every_field_that_is_wrong_is_named() -> None:
    with pytest.raises(SubscriptionError) as caught:
        Subscription("http://hooks.example", ("company:restore",), "x" * 256)
    assert list(caught.value.messages) == ["url", "events", "secret"]
    with pytest.raises(SubscriptionError, match="some of company:create"):
        Subscription("http://localhost", ())
    with pytest.raises(SubscriptionError, match="secret must be text"):
        Subscription("http://localhost", secret="\ud800")  # noqa: S106  # no password


def test_a_secret_is_not_in_a_repr() -> None:
    assert "hush" not in repr(Subscription("http://localhost", secret="hush"))  # noqa: S106  # no password


def test_the_delay_doubles_with_every_attempt() -> None:
    assert [DeliveryOptions(backoff=0.5).delay(attempts) for attempts in (1, 2, 3)] == [0.5, 1.0, 2.0]
