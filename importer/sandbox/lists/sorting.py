"""The query's `sort` -> the columns of the order, exactly those that are named, without a tie-breaker.

Text is ordered as it is compared, without regard to case unless the list minds it. Null comes first, or last with `-`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.lists.computed import PREFIX
from importer.sandbox.lists.conditions import MAX_CONDITIONS, custom_slug
from importer.sandbox.lists.fragments import Fragment
from importer.sandbox.lists.resource import FieldKind
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.sandbox.lists.computed import Computed
    from importer.sandbox.lists.resource import Resource
    from importer.sandbox.lists.settings import ListSettings
    from importer.sandbox.wire.inputs import Json

__all__ = ["AS_IT_IS", "Order", "key_order", "orders"]

AS_IT_IS = "{}"
"""How an order compares what needs no folding."""

_MAX_ORDERS = 20


@dataclass(frozen=True, slots=True)
class Order:
    """One column of an order; `name` is what a cursor calls it."""

    name: str
    kind: FieldKind
    value: Fragment  # what the cursor holds
    compared: str  # a template: what the database orders by is made of the value
    descending: bool = False


def orders(asked: Json, resource: Resource, computed: Sequence[Computed], settings: ListSettings) -> tuple[Order, ...]:
    """Read a sort; without one the order is that of the key.

    Raises:
        ApiError: 400 for a name that the resource cannot be sorted by.
    """
    names = list(dict.fromkeys(_names(asked)))
    known = {name: (declared.kind, Fragment(declared.sql)) for name, declared in resource.sorts.items()}
    for one in computed:
        known[PREFIX + one.alias] = (FieldKind.NUMBER, one.expression)
        known.setdefault(one.alias, (FieldKind.NUMBER, one.expression))
    found = {name: _order(name, known, resource, settings) for name in names}
    if unknown := [name.removeprefix("-") for name, order in found.items() if order is None]:
        raise _unknown(unknown, resource)
    if len(found) > _MAX_ORDERS:
        raise ApiError(400, f"More than {_MAX_ORDERS} sorts are not allowed.")
    if sum(one.field.weight for one in computed for name in _spellings(one) if name in found) > MAX_CONDITIONS:
        raise ApiError(400, f"The sort is made of more than {MAX_CONDITIONS} conditions.")
    chosen = tuple(order for order in found.values() if order is not None)
    if not chosen:
        return (key_order(resource),)
    return (*chosen, key_order(resource)) if settings.stable_sort else chosen


def _spellings(one: Computed) -> list[str]:
    return [sign + name for sign in ("", "-") for name in (one.alias, PREFIX + one.alias)]


def key_order(resource: Resource) -> Order:
    """Return the order of the primary key."""
    return Order(f"{resource.table}.id", FieldKind.ID, Fragment(resource.key), AS_IT_IS)


def _names(asked: Json) -> list[str]:
    items = list(asked.values()) if isinstance(asked, dict) else [asked]
    texts = [item for item in items if isinstance(item, str)]
    return [name for text in texts for name in text.encode("utf-8", "replace").decode().split(",") if name]


def _order(
    name: str, known: Mapping[str, tuple[FieldKind, Fragment]], resource: Resource, settings: ListSettings
) -> Order | None:
    plain = name.removeprefix("-")
    folds = AS_IT_IS if settings.case_sensitive else "folded_text({})"
    if plain in known:
        kind, value = known[plain]
        compared = folds if kind is FieldKind.STRING else AS_IT_IS
        return Order(plain, kind, value, compared, descending=plain != name)
    slug = custom_slug(plain, settings)
    if slug is None or resource.custom_fields is None:
        return None
    value = Fragment(f"(SELECT value FROM json_each({resource.custom_fields}) WHERE key = ?)", (slug,))  # noqa: S608  # a column of ours
    folded = AS_IT_IS if settings.case_sensitive else "CASE typeof({0}) WHEN 'text' THEN folded_text({0}) ELSE {0} END"
    return Order(plain, FieldKind.CUSTOM, value, folded, descending=plain != name)


def _unknown(names: Sequence[str], resource: Resource) -> ApiError:
    shown = ", ".join(names)[:200]
    allowed = ", ".join(resource.sorts)
    return ApiError(400, f"Requested sort(s) `{shown}` is not allowed. Allowed sort(s) are `{allowed}`.")
