"""Turns a web address as people write it into one with a scheme and a lower-case host; everything else is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from importer.model import Code, Invalid
from importer.values.placeholder import is_placeholder
from importer.values.quick import as_they_stand
from importer.values.text import clean, unfit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult

    from importer.model import Cell

__all__ = ["UrlOptions", "quick_urls", "url"]


@dataclass(frozen=True, slots=True)
class UrlOptions:
    """What an address without a scheme becomes: `default_scheme` is put before it; "" leaves it without."""

    default_scheme: str = "https"


_MAX_CHARACTERS = 2_000
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SECOND = re.compile(r"://|[/,;|]www\.", re.IGNORECASE)
_UNSAFE = re.compile(r'[\s<>"\\^`{|}\x00-\x1f]')
# Most addresses: a host in small ASCII letters without a port, and a path without anything that may be a second address.
_PLAIN_FORM = (
    r"(?:https?://)?(?!www\.[a-z]+(?:/|$))(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}(?:/(?!www\.)[A-Za-z0-9._~-]*)?"
)
_PLAIN = re.compile(_PLAIN_FORM)
_MAX_PLAIN = 64  # characters, so that no part is too long
_DEFAULT_PORTS = {"http": 80, "https": 443}
_TOP_LEVEL = re.compile(r"xn--[a-z0-9-]+|[^\W\d_]{2,63}")


def url(cell: Cell, options: UrlOptions = UrlOptions()) -> str | Invalid | None:
    """Read one http or https address; path, query and fragment stay as written, so does the script of the host.

    Refused: several addresses, blanks, other schemes, user names, hosts without a dot or a top-level domain.
    """
    words = clean(cell)
    if words is None:
        return None
    if not isinstance(words, str):
        return _refused("the cell is not text")
    if len(words) <= _MAX_PLAIN and _PLAIN.fullmatch(words):
        return words if "://" in words or not options.default_scheme else f"{options.default_scheme}://{words}"
    reason = unfit(words) or _no_single_address(words)
    return _refused(reason) if reason else _normalised(words, options.default_scheme)


def quick_urls(texts: Sequence[str]) -> Sequence[str | None]:
    """Read as `url` does, without options; see `Quick`."""
    return [words if not words or "://" in words else f"https://{words}" for words in _plain(texts)]


_plain = as_they_stand(_PLAIN_FORM, _MAX_PLAIN)


def _refused(detail: str) -> Invalid:
    return Invalid(Code.NOT_A_URL, detail)


def _no_single_address(words: str) -> str:
    if is_placeholder(words):
        return "it stands for no address"
    if len(words) > _MAX_CHARACTERS:
        return f"it has more than {_MAX_CHARACTERS} characters"
    if _UNSAFE.search(words):
        return "it has blanks or other characters that no address has"
    scheme = _SCHEME.match(words)
    if not scheme and "@" in words:
        return "it looks like an e-mail address"
    return "it holds more than one address" if _SECOND.search(words, scheme.end() if scheme else 0) else ""


@lru_cache(maxsize=4096)
def _normalised(words: str, default_scheme: str) -> str | Invalid:
    found = _SCHEME.match(words)
    scheme = found[1].lower() if found else "https"
    if scheme not in _DEFAULT_PORTS:
        return _refused("only http and https addresses are web addresses")
    rest = words[found.end() :] if found else words
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port
    except ValueError:
        return _refused("host or port cannot be read")
    netloc = _netloc(parts, port)
    if isinstance(netloc, Invalid):
        return netloc
    tail = rest[len(parts.netloc) :]
    prefix = scheme if found else default_scheme
    return f"{prefix}://{netloc}{tail}" if prefix else netloc + tail


def _netloc(parts: SplitResult, port: int | None) -> str | Invalid:
    if "@" in parts.netloc:
        return _refused("it holds a user name or password")
    host = unicodedata.normalize("NFC", parts.hostname or "").lower()
    if reason := _no_host(host):
        return _refused(reason)
    return host if port in {None, _DEFAULT_PORTS[parts.scheme]} else f"{host}:{port}"


def _no_host(host: str) -> str:
    if unicodedata.normalize("NFKC", host) != host:
        return "the host has look-alike characters"
    labels = host.split(".")
    if len(labels) < 2:
        return "the host has no dot"
    if labels[0] == "www" and len(labels) == 2:
        return "the host has nothing but a top-level domain behind www"
    if not all(_is_label(label) for label in labels):
        return "the host has an empty or impossible part"
    return "" if _TOP_LEVEL.fullmatch(labels[-1]) else "the host does not end in a top-level domain"


def _is_label(label: str) -> bool:
    if not 0 < len(label) <= 63 or label[0] == "-" or label[-1] == "-":
        return False
    return all(_is_host_character(character) for character in label)


def _is_host_character(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in "-_"
    return unicodedata.category(character)[0] in "LMN"
