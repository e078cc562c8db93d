"""The word behind `--to` -> an open Kanbert: production, an address, or the embedded sandbox."""

from __future__ import annotations

import random
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.commands.addresses import SANDBOX_SCHEME, Address
from importer.errors import JournalError, NoTokenError, UsageError
from importer.kanbert import Kanbert
from importer.transport import Token, TransportOptions, check_address, open_transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from importer.commands.settings import Desk, Writing
    from importer.transport import Attempt, Clock, Transport

__all__ = [
    "PRODUCTION",
    "SANDBOX_FILE",
    "SANDBOX_TOKEN",
    "OpenTarget",
    "address_of",
    "identified",
    "open_target",
    "token_in",
    "token_of",
]

PRODUCTION = "https://api.kanbert.com/api/v1"
SANDBOX_FILE = "kanbert-sandbox.db"
SANDBOX_TOKEN = "sandbox"  # noqa: S105 - opens nothing but a sandbox on this machine


@dataclass(frozen=True, slots=True)
class OpenTarget:
    """A target that answers; `url` is where it listens."""

    kanbert: Kanbert
    transport: Transport
    url: str


def address_of(to: str, desk: Desk) -> Address:
    """Say where a TARGET word leads; UsageError for what is neither a word we know nor an address."""
    if to == "sandbox":
        return Address(f"{SANDBOX_SCHEME}{desk.folder.resolve() / SANDBOX_FILE}")
    if to == "kanbert":
        return Address(PRODUCTION)
    if "://" not in to:
        message = f"--to {to}: give the API's address (https://...), or the word kanbert, or the word sandbox."
        raise UsageError(message)
    check_address(to)
    return Address(to.strip().rstrip("/"))


def identified(address: Address, bound: str | None) -> Address:
    """Return the address with which sandbox it is, where it is one; `bound` is what a journal with rows remembers.

    Raises:
        JournalError: the sandbox is gone or was begun anew since: the journal remembers companies that are nowhere.
        UsageError: the sandbox's file cannot be used.
    """
    file = address.sandbox_file
    if file is None:
        return address
    remembered = bound is not None and Address(bound).sandbox_file == file
    if remembered and not file.exists():
        raise JournalError(_forgotten(file, "is gone"))
    from importer.commands.embedded import identity_of_file  # noqa: PLC0415 - only whoever has a sandbox waits for it

    found = Address(f"{SANDBOX_SCHEME}{file}#{identity_of_file(file)}")
    if remembered and bound != found.url:
        raise JournalError(_forgotten(file, "was begun anew since"))
    return found


def _forgotten(file: Path, what: str) -> str:
    return (
        f"the journal remembers companies of the sandbox {file}, which {what}. "
        "Delete the journal as well to start afresh, or run with another one (`run --journal`)."
    )


def token_of(address: Address, writing: Writing, desk: Desk) -> Token:
    """Find the token: --token-file, else KANBERT_TOKEN; the embedded sandbox has one of its own."""
    if address.sandbox_file is not None:
        return Token(SANDBOX_TOKEN)
    if writing.token_file is not None:
        return token_in(writing.token_file, "--token-file")
    text = desk.environment.get("KANBERT_TOKEN", "")
    if not text.strip():
        raise NoTokenError(
            "there is no token: set KANBERT_TOKEN, or name a file that holds it with --token-file "
            "(in Kanbert: Settings > Apps & API)."
        )
    return Token(text)


def token_in(file: Path, option: str) -> Token:
    """Read the token that a file holds; UsageError names the option where it cannot be read, or holds none."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        message = f"{option} {file} cannot be read: {why}. Name the file that holds the token alone."
        raise UsageError(message) from error
    if not text.strip():
        message = f"{option} {file} is empty. Name the file that holds the token alone."
        raise UsageError(message)
    return Token(text)


@asynccontextmanager
async def open_target(
    address: Address,
    options: Callable[[str], TransportOptions],
    origin: str,
    clock: Clock,
    on_attempt: Callable[[Attempt], None],
) -> AsyncIterator[OpenTarget]:
    """Open the API at `address`, after starting it where it is the embedded sandbox; `options` takes its URL."""
    async with AsyncExitStack() as stack:
        url = address.url
        if address.sandbox_file is not None:
            from importer.commands.embedded import embedded_sandbox  # noqa: PLC0415 - as above

            url = await stack.enter_async_context(embedded_sandbox(address.sandbox_file, SANDBOX_TOKEN))
        jitter = random.Random()  # noqa: S311 - spreads requests in time, guards nothing
        transport = await stack.enter_async_context(open_transport(options(url), clock, jitter, on_attempt))
        yield OpenTarget(Kanbert(transport, origin), transport, url)
