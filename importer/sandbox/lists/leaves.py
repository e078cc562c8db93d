"""One condition of a filter, a field with operator and value -> SQL that compares by the rules of the field's kind.

Texts are compared without regard to case unless the list minds it, `ne` and `nin` do not match null, which is what SQL
does. Values of custom fields are compared by what is stored: numbers with numbers, booleans with booleans, others as
text; with lt, lte, gt and gte a text may be compared with a special date too (`custom_fields.due lt today`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.lists.dates import span_of
from importer.sandbox.lists.fragments import TRUE, Fragment, Value
from importer.sandbox.lists.operands import (
    allowed_value,
    boolean_of,
    id_number,
    items_of,
    number_of,
    pattern_of,
    span,
    text_of,
    truth_of,
)
from importer.sandbox.lists.resource import OPERATORS, SYNONYMS, Field, FieldKind
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from importer.sandbox.lists.settings import ListSettings
    from importer.sandbox.wire.inputs import Json

__all__ = ["checked_operator", "custom_condition", "field_condition", "number_condition"]

_COMPARED = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_PATTERNS = ("contains", "like", "startswith", "endswith")
_NUMBERS = (FieldKind.NUMBER, FieldKind.CURRENCY)


def checked_operator(name: str, op: str, allowed: frozenset[str]) -> str:
    """Return the first name of an operator, written in any case; 400 if it may not be used."""
    word = op.lower()
    found = SYNONYMS.get(word, word)
    if found not in allowed:
        raise ApiError(400, f"The operator `{op[:20]}` is not allowed for the filter `{name}`.")
    return found


def field_condition(name: str, field: Field, op: str, value: Json, settings: ListSettings) -> Fragment:
    """Compile a condition on a declared field; 400 for an operator or a value that it does not take."""
    op = checked_operator(name, op, field.allowed)
    if op in ("isnull", "isnotnull"):
        return Fragment(f"{field.sql} IS {'NULL' if op == 'isnull' else 'NOT NULL'}")
    if field.kind is FieldKind.DATE:
        return _date_condition(name, field.sql, op, value, settings)
    if op in _PATTERNS:
        return _pattern(_as_text(field, settings), op, _folding_text(name, settings)(value))
    return _compared(_comparable(field, settings), op, _values(op, name, value, _reading(name, field, settings)))


def number_condition(name: str, sql: Fragment, op: str, value: Json) -> Fragment:
    """Compile a condition on a number that the filter makes up, a count."""
    op = checked_operator(name, op, OPERATORS[FieldKind.NUMBER] - {"isnull", "isnotnull"})
    compared = _compared(sql.sql, op, _values(op, name, value, lambda item: _number(name, item)))
    return Fragment(compared.sql, (*sql.parameters, *compared.parameters))


def custom_condition(slug: str, column: str, op: str, value: Json, settings: ListSettings) -> Fragment:
    """Compile a condition on a custom field, which is a member of the JSON object in `column`."""
    name = f"custom_fields.{slug}"
    op = checked_operator(name, op, OPERATORS[FieldKind.CUSTOM])
    if op in ("isnull", "isnotnull"):
        return _member(column, slug, TRUE, exists=op == "isnotnull")
    folding = _folding_text(name, settings)
    text = "CAST(list_c.value AS TEXT)" if settings.case_sensitive else "folded_text(CAST(list_c.value AS TEXT))"
    if op in _PATTERNS:
        return _member(column, slug, _pattern(text, op, folding(value)))
    if op in ("lt", "lte", "gt", "gte"):
        return _member(column, slug, _custom_order(op, _special_date(value, settings) or value, folding, text))
    items = items_of(name, value) if op in ("in", "nin") else [value]
    return _member(
        column, slug, _custom_equality(items, [folding(item) for item in items], text, wanted=op in ("eq", "in"))
    )


def _member(column: str, slug: str, test: Fragment, *, exists: bool = True) -> Fragment:
    """Say that the member is there, is not null, and passes."""
    sql = f"SELECT 1 FROM json_each({column}) list_c WHERE list_c.key = ? AND list_c.type <> 'null' AND {test.sql}"  # noqa: S608  # SQL of ours
    return Fragment(f"{'' if exists else 'NOT '}EXISTS ({sql})", (slug, *test.parameters))


def _custom_equality(items: Sequence[Json], texts: Sequence[str], text_sql: str, *, wanted: bool) -> Fragment:
    """Compare by the type that is stored; a value that cannot be of that type equals nothing of it."""
    numbers = [number for item in items if (number := number_of(item)) is not None]
    truths = [truth for item in items if (truth := truth_of(item)) is not None]
    how = "IN" if wanted else "NOT IN"
    sql = (
        f"CASE WHEN list_c.type IN ('integer', 'real') THEN list_c.value {how} ({_marks(numbers)}) "
        f"WHEN list_c.type IN ('true', 'false') THEN list_c.value {how} ({_marks(truths)}) "
        f"ELSE {text_sql} {how} ({_marks(texts)}) END"
    )
    return Fragment(sql, (*numbers, *truths, *texts))


def _custom_order(op: str, value: Json, folding: Callable[[Json], str], text_sql: str) -> Fragment:
    """Compare numbers with a number, text with text; booleans are neither more nor less."""
    sign, number = _COMPARED[op], number_of(value)
    numbers = "0" if number is None else f"list_c.value {sign} ?"
    sql = (
        f"CASE WHEN list_c.type IN ('integer', 'real') THEN {numbers} "
        f"WHEN list_c.type IN ('true', 'false') THEN 0 ELSE {text_sql} {sign} ? END"
    )
    return Fragment(sql, (*([] if number is None else [number]), folding(value)))


def _special_date(value: Json, settings: ListSettings) -> str | None:
    """Return the text of `today` and its like as a custom field may hold a date: the day, or day and time."""
    if not isinstance(value, str) or not value[:1].isalpha() or len(value) > 50:
        return None
    found = span_of(value, settings.now)
    if found is None:
        return None
    return found.start[:10] if found.whole_day else found.start.replace(" ", "T")


def _date_condition(name: str, column: str, op: str, value: Json, settings: ListSettings) -> Fragment:
    if op not in ("eq", "ne", "in", "nin"):
        return Fragment(f"datetime({column}) {_COMPARED[op]} ?", (span(name, value, settings).start,))
    spans = [span(name, item, settings) for item in (items_of(name, value) if op in ("in", "nin") else [value])]
    days = [found.start[:10] for found in spans if found.whole_day]
    instants = [found.start for found in spans if not found.whole_day]
    either = f"(date({column}) IN ({_marks(days)}) OR datetime({column}) IN ({_marks(instants)}))"
    negated = "NOT " if op in ("ne", "nin") else ""
    return Fragment(f"({column} IS NOT NULL AND {negated}{either})", (*days, *instants))


def _compared(sql: str, op: str, values: Sequence[Value]) -> Fragment:
    if op in ("in", "nin"):
        return Fragment(f"{sql} {'NOT IN' if op == 'nin' else 'IN'} ({_marks(values)})", tuple(values))
    return Fragment(f"{sql} {_COMPARED[op]} ?", tuple(values))


def _marks(values: Sequence[Value]) -> str:
    return ", ".join("?" * len(values))


def _pattern(sql: str, op: str, text: str) -> Fragment:
    return Fragment(f"{sql} GLOB ?", (pattern_of(op, text),))


def _values(op: str, name: str, value: Json, reading: Callable[[Json], Value]) -> list[Value]:
    items = items_of(name, value) if op in ("in", "nin") else [value]
    return [reading(item) for item in items]


def _reading(name: str, field: Field, settings: ListSettings) -> Callable[[Json], Value]:
    """Return how a value of this kind is read."""
    if field.kind is FieldKind.STRING:
        return _folding_text(name, settings)
    if (thing := field.of) is not None:
        return lambda value: id_number(name, value, thing, settings)
    if field.kind is FieldKind.BOOLEAN:
        return lambda value: boolean_of(name, value)
    if field.kind in _NUMBERS:
        return lambda value: _number(name, value)
    return lambda value: allowed_value(name, field, value)


def _folding_text(name: str, settings: ListSettings) -> Callable[[Json], str]:
    return lambda value: text_of(name, value, folded=not settings.case_sensitive)


def _number(name: str, value: Json) -> int | float:
    number = number_of(value)
    if number is None:
        shown = str(value)[:50].encode("utf-8", "replace").decode()
        raise ApiError(400, f"The filter `{name}` takes a number, which `{shown}` is not.")
    return number


def _comparable(field: Field, settings: ListSettings) -> str:
    if field.kind is FieldKind.STRING:
        return _as_text(field, settings)
    if field.kind is FieldKind.ID:
        return f"CAST({field.sql} AS INTEGER)"
    return field.sql


def _as_text(field: Field, settings: ListSettings) -> str:
    if field.kind is FieldKind.CURRENCY:
        return f"CASE WHEN {field.sql} IS NOT NULL THEN printf('%.2f', {field.sql}) END"
    text = f"CAST({field.sql} AS TEXT)"
    return text if settings.case_sensitive else f"folded_text({text})"
