"""What a list can be asked for -> declared once for each resource: its fields, relations, sorts and aggregates.

All SQL here is written by us and reaches the database as it stands; nothing of a client ever does. An expression reads
the aliases of the resource's own SELECT (`c.company_name`), in a relation those of the relation's source as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.sandbox.ids import Thing

__all__ = ["OPERATORS", "SYNONYMS", "Field", "FieldKind", "Relation", "Resource"]


class FieldKind(StrEnum):
    """What the values of a field are, which decides how they are compared and by which operators."""

    STRING = "string"
    ID = "id"  # a number of the store, asked for as the API writes it; `me.id` is the user who asks
    BOOLEAN = "boolean"  # 0 or 1
    DATE = "date"  # ISO 8601 text, a date or a date-time; without a zone it is UTC
    NUMBER = "float"
    CURRENCY = "currency"  # a number in units, not cents; the operators of text see it with two decimals
    ENUM = "enum"
    CUSTOM = "custom"  # declared by `Resource.custom_fields`, never as a `Field`


_EQUAL = frozenset({"eq", "ne"})
_LISTS = frozenset({"in", "nin"})
_NULLS = frozenset({"isnull", "isnotnull"})
_ORDER = frozenset({"lt", "lte", "gt", "gte"})
_TEXT = frozenset({"contains", "like", "startswith", "endswith"})

OPERATORS: Mapping[FieldKind, frozenset[str]] = MappingProxyType(
    {
        FieldKind.STRING: _EQUAL | _LISTS | _NULLS | _TEXT,
        FieldKind.ID: _EQUAL | _LISTS | _NULLS,
        FieldKind.BOOLEAN: _EQUAL | _NULLS,
        FieldKind.DATE: _EQUAL | _ORDER | _LISTS | _NULLS,
        FieldKind.NUMBER: _EQUAL | _ORDER | _LISTS | _NULLS,
        FieldKind.CURRENCY: _EQUAL | _ORDER | _LISTS | _NULLS | _TEXT,
        FieldKind.ENUM: _EQUAL | _LISTS,
        FieldKind.CUSTOM: _EQUAL | _ORDER | _LISTS | _NULLS | _TEXT,
    }
)
"""The operators that the documentation names for each kind, by their first names."""

SYNONYMS: Mapping[str, str] = MappingProxyType(
    {"neq": "ne", "notin": "nin", "notnull": "isnotnull", "le": "lte", "ge": "gte"}
)
"""Second name of an operator -> its first."""


@dataclass(frozen=True, slots=True)
class Field:
    """One name that can be filtered or sorted by: `sql` is an expression, `values` all that an enum may be."""

    kind: FieldKind
    sql: str
    values: frozenset[str] | None = None
    operators: frozenset[str] | None = None
    """Only where they are others than those of the kind."""
    of: Thing | None = None
    """What an id is of: of every field of the kind ID, and of no other."""
    weight: int = 1
    """How many of the conditions that a filter may have one on this field is, by what it costs."""

    def __post_init__(self) -> None:
        if (self.kind is FieldKind.ID) is (self.of is None):
            msg = f"{self.sql}: an id, and nothing else, is of a thing"
            raise ValueError(msg)

    @property
    def allowed(self) -> frozenset[str]:
        """The operators that may be used, by their first names."""
        return OPERATORS[self.kind] if self.operators is None else self.operators


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows that belong to a row of the resource, for `any`, `none`, `count` and `all`, and for aggregates.

    `source` is what follows FROM, with a WHERE that ties it to the resource's row, to which AND is appended:
    `company_tags t JOIN names n ON n.id = t.tag_id WHERE t.company_id = c.id`. An OR in it needs brackets; its aliases are none of the resource's.
    """

    source: str
    fields: Mapping[str, Field]

    def select(self, result: str) -> str:
        """Return the query for a result, in brackets, with a place `{}` for a condition on the rows."""
        return f"(SELECT {result} FROM {self.source} AND {{}})"  # noqa: S608  # SQL of ours

    @property
    def columns(self) -> Mapping[str, str]:
        """What sum, avg, min and max may be taken of: the relation's numbers."""
        numbers = (FieldKind.NUMBER, FieldKind.CURRENCY)
        return {name: declared.sql for name, declared in self.fields.items() if declared.kind in numbers}


@dataclass(frozen=True, slots=True)
class Resource:
    """A table that can be listed."""

    select: str
    """From SELECT to the last JOIN, without WHERE; no column of its own may begin with `list_`."""
    table: str  # the cursor of an unsorted list names its key `companies.id`
    key: str  # the integer primary key, `c.id`, which the table is indexed by
    fields: Mapping[str, Field]
    sorts: Mapping[str, Field]  # name -> what it sorts by
    archived: str | None = None  # `c.deleted_at`; None where rows cannot be archived, and `archived` is no field
    relations: Mapping[str, Relation] = field(default_factory=lambda: MappingProxyType({}))
    aggregates: frozenset[str] = frozenset()
    """The relations that computed_fields may use; with none, computed_fields is a query key like any unknown one."""
    custom_fields: str | None = None
    """A column with a JSON object, slug -> value; None where there are no custom fields to filter and sort by."""
