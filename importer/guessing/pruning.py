"""Takes out of the rules of a mapping what is about columns that a file does not have.

The rule behind all of it: a column that is not there is a column that is always empty. So what is left says of the file
exactly what the whole mapping would say of it if the missing columns were added, without a cell in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, cast

from importer.mapping.template import join, parse_template

if TYPE_CHECKING:
    from importer.guessing.yaml_text import Value

__all__ = ["Has", "columns_of", "pruned", "pruned_condition"]

Has: TypeAlias = Callable[[str], bool]

_ORIGINS = ("from", "first_of", "template", "value")


def pruned(expression: Value, has: Has) -> Value:
    """Take the missing columns out of an expression; None where nothing but blanks could come of it."""
    if not isinstance(expression, Mapping):
        name = str(expression)
        return _template(name, has) if "{" in name else name if has(name) else None
    condition = pruned_condition(expression["when"], has) if "when" in expression else True
    origin, value = next((word, expression[word]) for word in _ORIGINS if word in expression)
    left = _origin(origin, value, has) if condition is not False else None
    if left is None:
        return {"value": expression["default"]} if "default" in expression else None
    kept = {word: part for word, part in expression.items() if word != "when" or condition is not True}
    kept |= {origin: left} | ({"when": condition} if "when" in kept else {})
    return _shortest(kept, value)


def _shortest(expression: Mapping[str, Value], before: Value) -> Value:
    """Open a `first_of` that has lost all but one of its parts, and has no further steps."""
    parts = expression.get("first_of")
    if len(expression) == 1 and isinstance(parts, Sequence) and len(parts) == 1 and parts != before:
        return parts[0]
    return expression


def _origin(word: str, value: Value, has: Has) -> Value:
    match word:
        case "from":
            return value if isinstance(value, str) and has(value) else None
        case "template":
            return _template(str(value), has)
        case "first_of":
            parts = [pruned(part, has) for part in cast("Sequence[Value]", value)]
            return tuple(part for part in parts if part is not None) or None
        case _:
            return value


def _template(template: str, has: Has) -> str | None:
    """Leave a template's missing columns out, with the blanks that an empty one takes along."""
    parts = parse_template(template)
    if isinstance(parts, str) or not any(part.is_column and has(part.text) for part in parts):
        return None
    if all(has(part.text) for part in parts if part.is_column):
        return template
    pieces = [_piece(part.text, has) if part.is_column else _escaped(part.text) for part in parts]
    return join(pieces)


def _piece(column: str, has: Has) -> str | None:
    return f"{{{column}}}" if has(column) else None


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def pruned_condition(whole: Value, has: Has) -> Value:
    """Take the missing columns out of a condition; true or false where it no longer depends on the row."""
    condition = cast("Mapping[str, Value]", whole)
    if "not" in condition:
        inner = pruned_condition(condition["not"], has)
        return not inner if isinstance(inner, bool) else {"not": inner}
    for word, decides in (("all", False), ("any", True)):
        if word in condition:
            return _combined(word, condition[word], has, decides=decides)
    if has(str(condition["column"])):
        return condition
    return condition.get("blank") is True


def _combined(word: str, conditions: Value, has: Has, *, decides: bool) -> Value:
    """Put several conditions together, of which one alone decides if it is this."""
    parts = [pruned_condition(part, has) for part in cast("Sequence[Value]", conditions)]
    if decides in parts:
        return decides
    left = tuple(part for part in parts if not isinstance(part, bool))
    if not left:
        return not decides
    return left[0] if len(left) == 1 < len(parts) else {word: left}


def columns_of(expression: Value) -> frozenset[str]:
    """Name all columns that an expression or a condition is about."""
    if isinstance(expression, str):
        parts = parse_template(expression) if "{" in expression else ()
        return frozenset(part.text for part in parts if not isinstance(part, str) and part.is_column) or (
            frozenset() if "{" in expression else frozenset([expression])
        )
    if not isinstance(expression, Mapping):
        return frozenset()
    found = [frozenset([str(expression[word])]) for word in ("from", "column") if word in expression]
    found += [columns_of(str(expression["template"]))] if "template" in expression else []
    found += [columns_of(part) for word in ("when", "not") if (part := expression.get(word)) is not None]
    several = (expression.get(word) for word in ("first_of", "all", "any"))
    found += [columns_of(part) for parts in several if isinstance(parts, Sequence) for part in parts]
    return frozenset[str]().union(*found)
