"""One map of a seed file -> its values by name, each of the type that is asked for, or an error that says which."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from importer.sandbox.documents import nearest
from importer.sandbox.embedded.values import DECIMALS
from importer.sandbox.seed_error import SeedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.sandbox.wire.inputs import Input, Json

__all__ = ["SeedFields", "rounded"]

_MOST = 10**12  # of what is counted or paid; beyond it floats lose cents
_BIGGEST_ID = 10**15


def rounded(value: Decimal, places: int = DECIMALS) -> Decimal:
    """Round to decimal places as merchants do, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class SeedFields:
    """A map and where it stands; a null is the same as a name that is not there.

    Every method raises a `SeedError` for a value of another type; inside of a list its key is that of the list.
    """

    values: Input
    known: tuple[str, ...]
    what: str
    """What the map describes, for messages: "a client"."""
    inside: str = ""
    """The name that a map inside of an entry stands under."""
    place: str = ""
    """Where it stands there, for messages: "line_items, item 2: "."""

    def __post_init__(self) -> None:
        """Refuse a name that means nothing here."""
        for name in self.values:
            if name not in self.known:
                raise self.error(name, f"`{name}` is no field of {self.what}; {nearest(name, self.known)}")

    def error(self, name: str, reason: str) -> SeedError:
        """Make the error of a field."""
        return SeedError(self.inside or name, f"{self.place}{reason}")

    def has(self, name: str) -> bool:
        """Tell whether a name is there, be it with a null."""
        return name in self.values

    def text(self, name: str) -> str | None:
        """Read text; a number or a date has to be put in quotes."""
        value = self.values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise self.error(name, f'{name} must be text, not the number {value}. Put it in quotes: "{value}".')
        if value is not None and not isinstance(value, str):
            raise self._must(name, "text")
        if value is not None and not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            raise self.error(name, f"{name} holds half of a character, which no text can have")
        return value

    def required(self, name: str) -> str:
        """Read text that must be there and not be empty."""
        text = self.text(name)
        if not text:
            raise self.error(name if name in self.values else "", f"{self.what} needs `{name}`")
        return text

    def email(self, name: str) -> str | None:
        """Read an e-mail address."""
        text = self.text(name)
        if text is not None and not (text.partition("@")[0] and text.partition("@")[2]):
            raise self._must(name, "an e-mail address")
        return text

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """Read one of several words."""
        text = self.text(name)
        if text is not None and text not in choices:
            raise self.error(name, f"{name} must be one of {', '.join(choices)}, not {text!r}")
        return text

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read true or false."""
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._must(name, "true or false")
        return value

    def whole(self, name: str, most: int = 10**6) -> int | None:
        """Read a whole number from 0 to `most`."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise self._must(name, f"a whole number from 0 to {most}")
        return value

    def key(self, name: str = "id") -> int | None:
        """Read an id: a whole number from 1, in quotes or not."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _BIGGEST_ID:
            raise self._must(name, "a whole number from 1")
        return value

    def decimal(self, name: str) -> Decimal | None:
        """Read a number with at most four decimal places; of a float, its shortest spelling counts."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or not -_MOST < value < _MOST:
            raise self._must(name, "a number")
        exact = Decimal(str(value))
        if rounded(exact) != exact:
            raise self.error(name, f"{name} may have {DECIMALS} decimal places, not more: {value}")
        return exact

    def date(self, name: str) -> str | None:
        """Read a date, 2026-12-31."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            raise self._must(name, "a date such as 2026-12-31") from None

    def moment(self, name: str) -> str | None:
        """Read a date, with a time or without; what names no zone is UTC, and so is what returns, to the second."""
        text = self.text(name)
        if text is None:
            return None
        try:
            at = dt.datetime.fromisoformat(text)
            at = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise self._must(name, "a date such as 2026-12-31 or 2026-12-31T14:00:00+01:00") from None
        return at.replace(microsecond=0).isoformat()

    def maps(self, name: str, known: tuple[str, ...], what: str) -> list[SeedFields]:
        """Read a list of maps."""
        found = []
        for index, item in enumerate(self.items(name), start=1):
            place = f"{self.place}{name}, item {index}: "
            if not isinstance(item, dict):
                raise SeedError(self.inside or name, f"{place}must be a map of names and values")
            found.append(SeedFields(item, known, what, self.inside or name, place))
        return found

    def items(self, name: str) -> list[Json]:
        """Read a list."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._must(name, "a list")
        return value

    def map(self, name: str, known: tuple[str, ...], what: str) -> SeedFields | None:
        """Read a map inside of this one, if what stands there is one."""
        value = self.values.get(name)
        if not isinstance(value, dict):
            return None
        return SeedFields(value, known, what, self.inside or name, f"{self.place}{name}: ")

    def _must(self, name: str, what: str) -> SeedError:
        return self.error(name, f"{name} must be {what}, not {self.values.get(name)!r}"[:500])
