"""Which parts of a mapping each row makes use of: fields that it sets, conditions, entries of `map`, ways through an expression.

The parts of a row are one number, a bit for each part, so that rows that exercise the same are told by one comparison.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from importer.mapping.evaluation import Usage
from importer.mapping.steps import MEMO
from importer.model import Desired, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from importer.mapping.mapper import Mapper
    from importer.mapping.steps import Settle
    from importer.mapping.tree import Path
    from importer.model import Cell, Row

__all__ = ["Exercise"]

_LONGEST_KEY = 40


class Exercise(Usage):
    """Follows one row at a time through a mapping that was compiled with it."""

    __slots__ = ("_bits", "_met_by_row")

    def __init__(self) -> None:
        super().__init__()
        self._bits: dict[Path, int] = {}
        self._met_by_row = 0

    def watch(self, path: Path) -> Callable[[], None]:
        """Begin to watch a part; what comes back is to be called when a row makes use of it."""
        bit = self._bit(path)

        def met() -> None:
            self._met_by_row |= bit

        return met

    def branch(self, path: Path) -> Callable[[], None]:
        """Begin to watch a way through an expression."""
        return self.watch(path)

    def remembering(self, settle: Settle) -> Settle:
        """Remember what becomes of a cell together with the parts that it made use of."""

        @lru_cache(maxsize=MEMO, typed=True)
        def noted(cell: Cell, country: str | None) -> tuple[object, int]:
            before, self._met_by_row = self._met_by_row, 0
            settled = settle(cell, country)
            met, self._met_by_row = self._met_by_row, before
            return settled, met

        def again(cell: Cell, country: str | None) -> object:
            settled, met = noted(cell, country)
            self._met_by_row |= met
            return settled

        return again  # type: ignore[return-value]  # what `settle` gave, through the cache

    def parts_of(self, mapper: Mapper, row: Row) -> int | None:
        """Map a row and say which parts it made use of, as bits; None where no company comes of it."""
        self._met_by_row = 0
        mapped = mapper.map(row)
        if not isinstance(mapped, Desired):
            return None
        met, payload = self._met_by_row, mapped.payload
        slugs = payload.get("custom_fields")
        for slug, value in slugs.items() if isinstance(slugs, dict) else ():
            met |= self._bit(("custom_fields", slug)) if value is not None else 0
        for name, value in payload.items():
            met |= self._bit(("company", name)) if name not in _ELSEWHERE and value is not None else 0
        return met

    def declare(self, mapper: Mapper) -> None:
        """Take note of the fields that the mapping can set, so that those that no row sets are known."""
        for name in mapper.sources:
            slug = name.removeprefix("custom_fields.")
            self._bit(("company", name) if slug == name else ("custom_fields", slug))

    def named(self, bits: int) -> Iterator[tuple[str, str]]:
        """Name parts in the words of the mapping, each by what it is a part of and itself, in the order in which they were met."""
        sent = ((path, bit) for path, bit in self._bits.items() if path[0] != "skip")  # its rows are not sent
        yield from (_named(path) for path, bit in sent if bit & bits)

    @property
    def all(self) -> int:
        """All parts that a row that is sent can make use of."""
        return sum(bit for path, bit in self._bits.items() if path[0] != "skip")

    def _bit(self, path: Path) -> int:
        return self._bits.setdefault(path, 1 << len(self._bits))


_ELSEWHERE = {"tags", "custom_fields", "external_origin"}


def _named(path: Path) -> tuple[str, str]:
    """Write `company, phone, first_of, 0, map, ict` as `phone: first_of 1: map` and `"ict"`; a field as `fields` and `phone`."""
    section, name, *rest = path
    if section == "decisions":
        return f"{name}: decisions", _item(rest[0], quoted=True)
    if not rest:
        return ("fields" if section == "company" else str(section)), _item(name)
    words = [_item(name) if section == "company" else f"{section} {_item(name)}"]
    *before, (word, *items) = [rest[place : place + 2] for place in range(0, len(rest), 2)]
    words += [f"{way} {_item(taken)}" for way, taken in before]
    if not items:  # a condition, a default
        return ": ".join(words) + ":", str(word)
    return ": ".join((*words, str(word))), _item(items[0], quoted=word == "map")


def _item(part: str | int, *, quoted: bool = False) -> str:
    if isinstance(part, int):
        return str(part + 1)
    return f'"{shortened(part, _LONGEST_KEY)}"' if quoted else part
