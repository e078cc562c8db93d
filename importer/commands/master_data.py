"""What is to be written -> values of other records of Kanbert that no company has: a typo would make a new one.

Kanbert's documents say of business fields alone that one that is not there is created; of sizes, revenues and tags
they say nothing. There is no list of any of them: what companies have is all that can be seen.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from importer.company import FIELDS, FieldType, read_value
from importer.model import Action, Change
from importer.report import MasterFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from importer.model import Json, Operation

__all__ = ["MasterData"]

_KINDS = tuple(field for field in FIELDS.values() if field.type in {FieldType.NAMED, FieldType.TITLED, FieldType.TAGS})
_NAMES = frozenset(field.name for field in _KINDS)
_CREATED = frozenset({"business_field"})
_MOST = 100_000  # values that are remembered; beyond it a field holds no master data


class MasterData:
    """Collects what companies have and what rows need; memory: the distinct values."""

    def __init__(self) -> None:
        self._there: dict[tuple[str, str], str] = {}  # field and folded value, to the value as a company has it
        self._exact: set[tuple[str, str]] = set()
        self._needed: Counter[tuple[str, str]] = Counter()

    def see(self, companies: Iterable[Mapping[str, Json]]) -> None:
        """Take note of what companies have, given as Kanbert answered."""
        for body in companies:
            for field in _KINDS:
                for value in _texts(read_value(field, body)):
                    self._see(field.name, value)

    def _see(self, field: str, value: str) -> None:
        if (field, value) not in self._exact and len(self._exact) < _MOST:
            self._exact.add((field, value))
            self._there.setdefault((field, value.casefold()), value)

    def need(self, operation: Operation) -> None:
        """Take note of what an operation writes."""
        if operation.before is not None:
            self.see([operation.before])
        for key in _written(operation):
            if key in self._needed or len(self._needed) < _MOST:
                self._needed[key] += 1

    def facts(self, *, whole: bool) -> tuple[MasterFact, ...]:
        """List the values that no company has, those of most rows first; `whole`: every company was seen."""
        missing = ((key, rows) for key, rows in self._needed.most_common() if key not in self._exact)
        return tuple(self._fact(field, value, rows, whole=whole) for (field, value), rows in missing)

    def _fact(self, field: str, value: str, rows: int, *, whole: bool) -> MasterFact:
        alike = self._there.get((field, value.casefold()))
        return MasterFact(
            field, value, rows, used=False if whole else None, creates=True if field in _CREATED else None, alike=alike
        )


def _written(operation: Operation) -> Iterator[tuple[str, str]]:
    changes = operation.changes
    if operation.action is Action.CREATE:
        changes = tuple(Change(name, None, value) for name, value in operation.body.items())
    for change in changes:
        if change.field in _NAMES:
            had = set(_texts(change.before))
            yield from ((change.field, value) for value in dict.fromkeys(_texts(change.after)) if value not in had)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))
    elif isinstance(value, str):
        yield value
