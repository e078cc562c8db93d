"""`moneybird://ADMINISTRATION_ID?FILTERS` -> which contacts are meant, in one spelling.

The address holds no secret: it is printed, and kept in journals and plans.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from importer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePath

__all__ = ["SCHEME", "ContactsAddress", "address_of", "word_of"]

SCHEME = "moneybird:"
_INSTANTS = ("created_after", "updated_after")
_NAMES = ("first_name", "last_name")
_ARCHIVED = "include_archived"
_KEYS = (*_INSTANTS, *_NAMES, _ARCHIVED)
_FORM = "moneybird://ADMINISTRATION_ID, the digits behind moneybird.com/ in the browser's address bar"
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ContactsAddress:
    """The contacts of one administration, or some of them."""

    administration: str  # digits
    include_archived: bool = False
    filters: tuple[tuple[str, str], ...] = ()  # in the API's spelling, sorted by key

    @property
    def question(self) -> str | None:
        """The API's `filter`; None where there is none."""
        return ",".join(f"{key}:{value}" for key, value in self.filters) or None

    @property
    def text(self) -> str:
        """The address as it is shown and kept; equal addresses are spelled alike."""
        pairs = [(_ARCHIVED, "true")] if self.include_archived else []
        words = [f"{key}={quote(_short(key, value), safe=':')}" for key, value in (*pairs, *self.filters)]
        return f"{SCHEME}//{self.administration}" + (f"?{'&'.join(words)}" if words else "")

    @property
    def name(self) -> str:
        """The beginning of the names of files about it; other filters, another name."""
        _, mark, query = self.text.partition("?")
        return f"moneybird-{self.administration}" + (
            f"-{hashlib.sha256(query.encode()).hexdigest()[:8]}" if mark else ""
        )

    def with_archived(self) -> ContactsAddress:
        """Take the archived contacts in as well."""
        return replace(self, include_archived=True)


def address_of(file: PurePath) -> ContactsAddress | None:
    """Read an address where one is given instead of a file; a path may have taken one of its slashes.

    Raises:
        UsageError: it begins as one, and is none.
    """
    word = re.sub(r"^([a-z][a-z0-9+.-]+):/+", r"\1://", file.as_posix())
    if not word.startswith(SCHEME):
        if "://" in word:
            message = f"{word} is no file, and of addresses only those of Moneybird are read: {_FORM}."
            raise UsageError(message)
        return None
    place, _, query = word.removeprefix(SCHEME).lstrip("/").partition("?")
    administration = place.rstrip("/")
    if not re.fullmatch(r"[0-9]{1,20}", administration):
        message = f"{word} names no administration of Moneybird: write {_FORM}."
        raise UsageError(message)
    said = dict(_pairs(query))
    archived = said.pop(_ARCHIVED, "false").lower()
    if archived not in _BOOLEANS:
        message = f"{word}: include_archived is true or false."
        raise UsageError(message)
    filters = tuple((key, _filter(key, value)) for key, value in sorted(said.items()))
    return ContactsAddress(administration, _BOOLEANS[archived], filters)


def word_of(file: PurePath) -> str:
    """Write a FILE of the command line as it was given: a path would have only one slash of an address."""
    address = address_of(file) if file.as_posix().startswith(SCHEME) else None
    return str(file) if address is None else address.text


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    seen = set[str]()
    for part in filter(None, query.split("&")):
        key, mark, value = (unquote(text) for text in part.partition("="))
        if key not in _KEYS or not mark or not value.strip() or key in seen:
            known = ", ".join(_KEYS)
            why = "stands there twice" if key in seen else "is no filter" if key not in _KEYS else "has no value"
            message = (
                f"moneybird://...?{query}: {key!r} {why}. Filters are {known}; write KEY=VALUE with & between them."
            )
            raise UsageError(message)
        seen.add(key)
        yield key, value.strip()


def _filter(key: str, value: str) -> str:
    """Write the value of a filter as the API takes it: an instant in UTC, a name without what parts filters."""
    if key in _NAMES:
        if re.search(r"[,:\x00-\x1f]", value):
            message = f"{key}={value!r}: Moneybird's filters part names at commas and colons; leave them out."
            raise UsageError(message)
        return value
    try:
        instant = dt.datetime.fromisoformat(value)
        at = instant.replace(tzinfo=dt.UTC) if instant.tzinfo is None else instant.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:  # OverflowError: in UTC it is before the year 1, or after 9999
        message = f"{key}={value!r} is no date: write it like 2026-08-31 or 2026-08-31T09:00:00Z (UTC)."
        raise UsageError(message) from error
    return f"{at.replace(tzinfo=None).isoformat(' ', 'seconds')} UTC"


def _short(key: str, value: str) -> str:
    return f"{value[:10]}T{value[11:19]}Z" if key in _INSTANTS else value
