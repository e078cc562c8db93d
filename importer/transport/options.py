"""What a transport must know before it opens: where to, with which token, how fast and how patient."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from importer.errors import UsageError

if TYPE_CHECKING:
    from importer.transport.allowance import Allowance

__all__ = ["Token", "TransportOptions", "check_address"]

_TELLTALE = 8
"""Characters from which on a token is no part of a word by chance."""

_WORD_BEGINS = rb"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))"  # in JSON, also after an escape
_WORD_ENDS = rb"(?![A-Za-z0-9])"


class Token:
    """A bearer token that never shows itself: its text leaves only through `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Take the text of a variable or a file; blanks around it are not part of the token.

        Raises:
            UsageError: it is empty, or holds what no token holds. The message never quotes it.
        """
        stripped = text.strip()
        if not stripped:
            raise UsageError("the token is empty: set KANBERT_TOKEN, or name a file that holds it with --token-file")
        if not all("!" <= character <= "~" for character in stripped):
            raise UsageError(
                "the token holds blanks, line breaks or characters that no token has: "
                "give the token alone, without the word Bearer"
            )
        self._text = stripped

    def reveal(self) -> str:
        """Hand out the secret; only what writes the Authorization header has a use for it."""
        return self._text

    def removed_from(self, content: bytes) -> bytes:
        """Blot it out of what a server says; a short one where it stands alone, not within words."""
        secret = self._text.encode()
        pattern = re.escape(secret)
        if len(secret) < _TELLTALE:
            begins = _WORD_BEGINS if secret[:1].isalnum() else b""
            pattern = begins + pattern + (_WORD_ENDS if secret[-1:].isalnum() else b"")
        return re.sub(pattern, b"[token]", content)

    def __repr__(self) -> str:
        return "Token('**********')"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """Where requests go and how. An address that would show the token to the network is a `UsageError`."""

    base_url: str  # scheme, host and base path; a trailing slash makes no difference
    token: Token
    concurrency: int = 8  # most requests in flight
    rate: float | None = None  # most requests a second; None: as many as the target takes
    allowance: Allowance | None = None  # most requests in a window, where the target documents one
    connect_timeout: float = 10.0  # seconds, name look-up and TLS included
    read_timeout: float = 30.0  # seconds for one request as a whole, so that no trickle can hold it up
    attempts: int = 5  # most requests for one call that may be repeated
    attempts_budget: float = 120.0  # seconds that one call may spend on attempts and on the delays between them
    patience: float = 180.0  # seconds to wait for a target that has answered before and answers nobody now
    max_body_bytes: int = 16 * 1024 * 1024
    user_agent: str = "kanbert-import"

    def __post_init__(self) -> None:
        """Check what would otherwise fail late, or harm.

        Raises:
            UsageError: with what to write instead.
        """
        object.__setattr__(self, "base_url", self.base_url.strip().rstrip("/"))
        check_address(self.base_url)
        if self.concurrency < 1 or self.attempts < 1:
            raise UsageError("concurrency and attempts must be 1 or more")
        if self.rate is not None and not self.rate > 0:
            raise UsageError("the rate must be above 0 requests a second; leave it out for no limit")


def check_address(address: str) -> None:
    """Refuse what is no address of an API, or would show the token or a password; UsageError says what to write."""
    parts = _split(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = (
            f"{_shown(parts)!r} is not the address of an API: write it in full, like https://api.kanbert.com/api/v1"
        )
        raise UsageError(message)
    if "@" in parts.netloc or parts.query or parts.fragment:
        message = (
            f"{_shown(parts)} carries a user, a query or a fragment: give the address alone; "
            "the token comes from KANBERT_TOKEN or --token-file"
        )
        raise UsageError(message)
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        message = (
            f"{_shown(parts)} is plain http, where the token and the companies could be read on the way: "
            "use https (plain http works only on this machine, such as http://127.0.0.1:8080/api/v1)"
        )
        raise UsageError(message)


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # a port that is no number is found out only when it is read
    except ValueError as error:
        message = f"the target's address cannot be read: {error}; write it like https://host/api/v1"
        raise UsageError(message) from error
    if any(ord(character) <= 32 for character in address):
        raise UsageError("the target's address holds a blank; write it like https://host/api/v1")
    return parts


def _shown(parts: SplitResult) -> str:
    """Show an address without what may be secret in it."""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else f"{host}{parts.path}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
