"""The list's `filter` in its JSON and form spellings -> an SQL condition; 400 for what the API does not filter by.

The string spelling, dates, and the relations contacts and tags are not here: asking for them is a 400 that says so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.companies.contract import TEXTS
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from importer.sandbox.wire.inputs import Json

__all__ = ["LIVE", "Condition", "condition"]

_MAX_DEPTH = 20  # SQLite's parser takes about 100 parentheses


@dataclass(frozen=True, slots=True)
class Condition:
    """An SQL condition over the store's SELECT, with its parameters."""

    sql: str
    parameters: tuple[str | int, ...] = ()


LIVE = Condition("c.deleted_at IS NULL")

_ARCHIVED = {"with": "1", "only": "c.deleted_at IS NOT NULL", "without": LIVE.sql}

_STRINGS = {
    **{name: f"c.{name}" for name in TEXTS if name not in ("vendor_identifier", "locale")},
    "business_field.name": "bf.name",
    "address_invoice_country.name": "ic.name",
    "address_delivery_country.name": "dc.name",
    "client.name": "cl.name",
    "client.shortcode": "NULL",
    "client.external_id": "NULL",
    "client.external_origin": "NULL",
}
_IDS = {"business_field.id": "c.business_field_id", "client.id": "c.client_id"}
_BOOLEANS = {name: f"c.{name}" for name in ("invoices_by_post", "invoices_by_email", "address_invoice_is_delivery")}
_CUSTOM = re.compile(r"custom_fields\.([A-Za-z0-9_-]+)")
_LATER = re.compile(r"created_at|updated_at|contacts|tags")

_NULLS = {"isnull": "IS NULL", "isnotnull": "IS NOT NULL", "notnull": "IS NOT NULL"}
_LISTS = {"in": "IN", "nin": "NOT IN", "notin": "NOT IN"}
_SINGLE = {"eq": "{x} = {v}", "ne": "{x} <> {v}", "neq": "{x} <> {v}"}
_TEXT = {
    "contains": "instr({x}, {v}) > 0",
    "like": "{x} LIKE {v}",
    "startswith": "substr({x}, 1, length({v})) = {v}",
    "endswith": "substr({x}, -length({v})) = {v}",
}


def condition(given: Json, custom_fields: frozenset[str] | None) -> Condition:
    """Compile a filter; without a word on `archived` it is for live companies.

    Args:
        given: the filter as it stood in the query: JSON text, or the map of the form spelling.
        custom_fields: the slugs that may be filtered by; None is any.
    """
    if given is None:
        return LIVE
    tree = _from_form(given) if isinstance(given, dict) else _from_text(given)
    parts = list(_compiled(tree, custom_fields, 0))
    if not _asks_archived(tree):
        parts.append(LIVE)
    return _joined(parts, " AND ")


def _from_text(given: Json) -> Json:
    try:
        tree: Json = json.loads(str(given))
    except (ValueError, RecursionError):
        raise ApiError(400, "The filter is not JSON, the only spelling that this sandbox reads.") from None
    return tree


def _from_form(given: Json) -> Json:
    """Make lists of the maps with numbered keys that `filter[0][field]=...` is parsed into."""
    if not isinstance(given, dict):
        return given
    items = {key: _from_form(value) for key, value in given.items()}
    return list(items.values()) if all(key.isdigit() for key in items) else items


def _compiled(tree: Json, custom_fields: frozenset[str] | None, depth: int) -> Iterator[Condition]:
    if depth > _MAX_DEPTH:
        raise ApiError(400, "The filter is nested too deeply.")
    match tree:
        case list():
            for item in tree:
                yield from _compiled(item, custom_fields, depth + 1)
        case {"and": list(items)}:
            yield from _compiled(items, custom_fields, depth + 1)
        case {"or": list(items)}:
            either = [_joined(list(_compiled(item, custom_fields, depth + 1)), " AND ") for item in items]
            yield _joined(either, " OR ")
        case dict():
            yield _leaf(_word(tree, "field"), _word(tree, "op").lower(), tree.get("value"), custom_fields)
        case _:
            raise ApiError(400, "A filter is a list of conditions with field, op and value.")


def _word(leaf: dict[str, Json], name: str) -> str:
    word = leaf.get(name)
    if not isinstance(word, str):
        raise ApiError(400, f"A filter condition needs `{name}`.")
    return word


def _asks_archived(tree: Json) -> bool:
    if isinstance(tree, dict):
        return tree.get("field") == "archived" or any(map(_asks_archived, tree.values()))
    return isinstance(tree, list) and any(map(_asks_archived, tree))


def _leaf(field: str, op: str, value: Json, custom_fields: frozenset[str] | None) -> Condition:
    if field == "archived":
        return _archived_leaf(op, value)
    if field in _STRINGS:
        return _text_leaf(field, _STRINGS[field], op, value)
    if field in _IDS:
        return _exact_leaf(field, f"CAST({_IDS[field]} AS TEXT)", op, value)
    if field in _BOOLEANS:
        return _boolean_leaf(field, op, value)
    slug = _CUSTOM.fullmatch(field)
    if slug and (custom_fields is None or slug[1] in custom_fields):
        return _text_leaf(field, f"""CAST(json_extract(c.custom_fields, '$."{slug[1]}"') AS TEXT)""", op, value)
    if _LATER.fullmatch(field.partition(".")[0]):
        raise ApiError(400, f"This sandbox does not filter by `{field}`.")
    raise ApiError(400, f"Requested filter(s) `{field[:100]}` are not allowed.")


def _archived_leaf(op: str, value: Json) -> Condition:
    if op != "eq" or not isinstance(value, str) or value not in _ARCHIVED:
        raise _not_allowed("archived", op)
    return Condition(_ARCHIVED[value])


def _boolean_leaf(field: str, op: str, value: Json) -> Condition:
    if op in _LISTS:
        raise _not_allowed(field, op)
    truth = str(value).lower() in ("true", "1")
    return _exact_leaf(field, f"CAST({_BOOLEANS[field]} AS TEXT)", op, str(int(truth)))


def _text_leaf(field: str, column: str, op: str, value: Json) -> Condition:
    if op not in _TEXT:
        return _exact_leaf(field, f"folded_text({column})", op, value, mark="folded_text(?)")
    sql = _TEXT[op].format(x=f"folded_text({column})", v="folded_text(?)")
    return Condition(sql, (_text(field, op, value),) * sql.count("?"))


def _exact_leaf(field: str, column: str, op: str, value: Json, mark: str = "?") -> Condition:
    if op in _NULLS:
        return Condition(f"{column} {_NULLS[op]}")
    if op in _LISTS:
        if not isinstance(value, list):
            raise _not_allowed(field, op)
        marks = ", ".join([mark] * len(value))
        return Condition(f"{column} {_LISTS[op]} ({marks})", tuple(_text(field, op, item) for item in value))
    if op in _SINGLE:
        return Condition(_SINGLE[op].format(x=column, v=mark), (_text(field, op, value),))
    raise _not_allowed(field, op)


def _text(field: str, op: str, value: Json) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if not isinstance(value, str | int | float):
        raise _not_allowed(field, op)
    return str(value).encode("utf-8", "replace").decode()


def _joined(parts: Sequence[Condition], how: str) -> Condition:
    if not parts:
        return Condition("1")
    sql = how.join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))


def _not_allowed(field: str, op: str) -> ApiError:
    return ApiError(400, f"The operator `{op[:20]}` with this value is not allowed for the filter `{field[:100]}`.")
