"""Turns a cell into one e-mail address, or into the comma list that invoices are sent to."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, cast

from importer.model import Code, Invalid, Noted, shortened
from importer.values.placeholder import is_placeholder
from importer.values.quick import as_they_stand
from importer.values.text import clean, unfit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from importer.model import Cell

__all__ = ["email", "email_list", "quick_emails"]

_MAX_ADDRESS = 255  # the API's limit; the package allows one less
_MAX_LIST = 10_000  # what a cell may hold before it is text that ended up in the wrong column
_SCHEME = re.compile("mailto:", re.IGNORECASE)
_SEPARATORS = re.compile(r"\s+:::\s+|[,;|/\s]+")
_QUOTED_OR_SEPARATOR = re.compile(r'"(?:[^"\\]|\\.)*"|[^",;]+|[,;]|"')
_NAMED = re.compile(r'("(?:[^"\\]|\\.)*"|[^"<>@]*)\s*<([^<>]*)>')
# Most addresses: ASCII, no hyphens side by side (IDNA), small letters behind the "@", no domain of special use (RFC 6761).
# The package, which needs a hundred times as long, takes each of them as it is; tests hold this against it.
_PLAIN_FORM = (
    r"[A-Za-z0-9_+]+(?:[.-][A-Za-z0-9_+]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)$)[a-z]{2,}"
)
_PLAIN = re.compile(_PLAIN_FORM)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SHOWN = 3  # names that were left out
_MAX_PLAIN = 64  # characters, so that no part is too long
_TOP_LEVEL = re.compile(r"\.[^.]{2,}$")


def email(cell: Cell) -> str | Invalid | None:
    """Read one address; the domain is lower-cased and keeps its script, the local part keeps its case.

    A leading `mailto:` is dropped. Reserved domains such as `.test` and `.example` are addresses like any other.
    """
    words = clean(cell)
    if words is None or _is_plain(words):
        return cast("str | None", words)
    if not isinstance(words, str):
        return _refused("the cell is not text")
    if reason := unfit(words):
        return _refused(reason)
    if is_placeholder(words):
        return _refused("it stands for no address")
    return _address(words)


def email_list(cell: Cell) -> str | Noted | Invalid | None:
    """Read one or more addresses and join them with commas, in their order, without blanks and duplicates.

    Separated by comma, semicolon, bar, slash, blanks or ":::"; `"Muster, Eva" <eva@x.example>` gives the address alone, and
    the name that is left out is noted. One part that is no address refuses the whole and is named: nothing is dropped.
    """
    words = clean(cell)
    if _is_plain(words) or not isinstance(words, str) or unfit(words) or is_placeholder(words):
        return email(words)
    if len(words) > _MAX_LIST:
        return _refused(f"it has {len(words)} characters")
    return _joined(words)


def _is_plain(words: Cell) -> bool:
    return type(words) is str and len(words) <= _MAX_PLAIN and _PLAIN.fullmatch(words) is not None


quick_emails = as_they_stand(_PLAIN_FORM, _MAX_PLAIN)
"""`email` and `email_list`, as `Quick`."""


@lru_cache(maxsize=4096)
def _joined(words: str) -> str | Noted | Invalid:
    found: dict[str, str] = {}
    names: dict[str, None] = {}
    for name, part in _parts(words):
        address = _address(part)
        if isinstance(address, Invalid):
            return _refused(f'the part "{shortened(part, 60)}": {address.detail}', *address.suggestions)
        found.setdefault(address.casefold(), address)
        if name and name.casefold() != address.casefold():
            names.setdefault(name)
    if not found:
        return _refused("it has separators alone")
    joined = ",".join(found.values())
    return Noted(joined, Code.COMPLETED, _left_out(names)) if names else joined


def _left_out(names: Collection[str]) -> str:
    shown = ", ".join(f'"{shortened(name, 40)}"' for name in islice(names, _SHOWN))
    if len(names) == 1:
        return f"the name {shown} was left out"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"the names {shown}{more} were left out"


def _parts(words: str) -> Iterator[tuple[str, str]]:
    """Split a list into its parts: the name that stands before an address, or nothing, and the address."""
    if "<" not in words and '"' not in words:
        yield from (("", trimmed) for part in _SEPARATORS.split(words) if (trimmed := _trimmed(part)))
        return
    for part in _split_outside_quotes(words):
        named = _NAMED.fullmatch(part)
        yield (_unquoted(named[1]), _trimmed(named[2])) if named else ("", part)


def _unquoted(name: str) -> str:
    return _trimmed(_ESCAPED.sub(r"\1", bare[1:-1]) if (bare := _trimmed(name)).startswith('"') else bare)


def _split_outside_quotes(words: str) -> Iterator[str]:
    part = ""
    for token in [*_QUOTED_OR_SEPARATOR.findall(words), ","]:
        if token not in {",", ";"}:
            part += token
            continue
        if trimmed := _trimmed(part):
            yield trimmed
        part = ""


def _trimmed(part: str) -> str:
    cleaned = clean(part)
    return cleaned if isinstance(cleaned, str) else ""


def _refused(detail: str, *suggestions: str) -> Invalid:
    return Invalid(Code.NOT_AN_EMAIL, detail, suggestions)


@lru_cache(maxsize=4096)
def _address(words: str) -> str | Invalid:
    scheme = _SCHEME.match(words)
    bare = _trimmed(words[scheme.end() :]) if scheme else words
    if len(bare) > _MAX_ADDRESS:
        return _refused(f"it has {len(bare)} characters, and {_MAX_ADDRESS} are allowed")
    if named := _NAMED.fullmatch(bare):
        return _refused("it has a name beside the address", _trimmed(named[2]))
    if bare.count("@") > 1 and _SEPARATORS.search(bare):
        return _refused("it holds more than one address; only an e-mail list takes several")
    return _checked(bare)


def _checked(bare: str) -> str | Invalid:
    from email_validator import validate_email  # noqa: PLC0415 - 20 ms, for those whose addresses are not all plain

    try:
        checked = validate_email(bare, check_deliverability=False, test_environment=True, strict=True)
    except ValueError as error:  # EmailNotValidError is one, and so is what encodings raise
        return _refused(shortened(str(error)))
    if not _TOP_LEVEL.search(checked.ascii_domain):
        return _refused("the domain does not end in a top-level domain")
    # The package lower-cases well-known local parts (INFO) and decodes punycode; both are kept as they are written.
    local, _, domain = bare.rpartition("@")
    return f"{unicodedata.normalize('NFC', local)}@{domain.lower() if domain.isascii() else checked.domain}"
