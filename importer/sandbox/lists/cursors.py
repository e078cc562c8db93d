"""A cursor, which is base64url of the JSON of a row's order -> the condition for what lies beyond that row.

The condition is the framework's: strictly beyond the first column, or equal there and strictly beyond the second, and
so on. What is equal in every column, and what is null where the cursor or the row is, is never beyond: a walk through
a sorted list loses it. With `stable_sort` null is a value like any other, and the key makes rows different.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from importer.sandbox.lists.fragments import TRUE, Fragment, Value, joined
from importer.sandbox.lists.operands import bounded, number_of
from importer.sandbox.lists.resource import FieldKind
from importer.sandbox.wire.answers import ApiError
from importer.sandbox.wire.inputs import Json, integer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.sandbox.lists.settings import ListSettings
    from importer.sandbox.lists.sorting import Order

__all__ = ["Cursor", "beyond", "cursor_of"]

_FORWARD = "_pointsToNextItems"
_NUMBERS = (FieldKind.NUMBER, FieldKind.CURRENCY, FieldKind.BOOLEAN)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the row it stands at, and whether it looks at what follows or at what precedes."""

    values: Mapping[str, Json]
    forward: bool = True

    def text(self) -> str:
        """Write it as it stands in a query."""
        body = json.dumps({**self.values, _FORWARD: self.forward}, separators=(",", ":"))
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def cursor_of(text: Json) -> Cursor | None:
    """Decode a cursor as the framework does: what is no base64 of JSON is no cursor, other JSON is a 500."""
    if not isinstance(text, str):
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text.encode() + b"=="), parse_constant=_refuse)
        json.dumps(values, ensure_ascii=False).encode()  # half of a surrogate pair is not JSON to the framework
    except (ValueError, RecursionError, binascii.Error):
        return None
    if not isinstance(values, dict) or _FORWARD not in values:
        raise ApiError(500)
    return Cursor(values, forward=bool(values[_FORWARD]))


def beyond(cursor: Cursor, orders: Sequence[Order], columns: Sequence[str], settings: ListSettings) -> Fragment:
    """Compile the condition for what lies beyond a cursor; `columns` are the names of the orders in the SELECT.

    Raises:
        ApiError: 500 for a cursor of another order.
    """
    compiled = TRUE
    for number in reversed(range(len(orders))):
        order, column = orders[number], columns[number]
        value = _bound(order, cursor, settings)
        further = _further(column, value, ascending=order.descending is not cursor.forward, settings=settings)
        if number == len(orders) - 1:
            compiled = further
        else:
            equal = joined([Fragment(f"{column} IS ?", (value,)), compiled], "AND")
            compiled = joined([further, equal], "OR")
    return compiled


def _further(column: str, value: Value, *, ascending: bool, settings: ListSettings) -> Fragment:
    if settings.stable_sort and value is None:
        return Fragment(f"{column} IS NOT NULL") if ascending else Fragment("0")
    if settings.stable_sort and not ascending:
        return Fragment(f"({column} < ? OR {column} IS NULL)", (value,))
    return Fragment(f"{column} {'>' if ascending else '<'} ?", (value,))


def _bound(order: Order, cursor: Cursor, settings: ListSettings) -> Value:
    if order.name not in cursor.values:
        raise ApiError(500)  # the framework: unable to find parameter in pagination item
    value = cursor.values[order.name]
    if isinstance(value, dict | list):
        raise ApiError(500)
    if value is None and not settings.stable_sort and settings.null_in_cursor == "error":
        raise ApiError(500)  # the framework: illegal operator and value combination
    return None if value is None else _as_kind(order.kind, value, folded=not settings.case_sensitive)


def _as_kind(kind: FieldKind, value: str | float, *, folded: bool) -> Value:
    """Make of a cursor's value what the column has, as MySQL's comparisons do: text that is no number is 0."""
    if kind is FieldKind.ID:
        return _number(integer(value) if isinstance(value, str) else value)
    if kind in _NUMBERS:
        return _number(number_of(value) or 0 if isinstance(value, str) else value)
    if kind is FieldKind.CUSTOM and not isinstance(value, str):
        return _number(value)
    text = str(value)
    return text.casefold() if folded and kind in (FieldKind.STRING, FieldKind.CUSTOM) else text


def _number(value: float) -> Value:
    try:
        return bounded(int(value) if isinstance(value, bool) else value)
    except OverflowError:  # an integer of more than 300 digits
        return bounded(-1.7e308 if value < 0 else 1.7e308)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
