"""Turns the steps of an expression (replace, map, case, as, and what the field takes) into one function of a cell.

The order is fixed: clean, `replace`, `map`, `case`, `as`, what the field takes, the API's limit. The function is pure,
so it is memoised: columns repeat. Where a kind reads a value by the row's country, the country is part of what is
remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, cast

from importer.company import FieldType
from importer.mapping.conditions import compile_regex
from importer.mapping.evaluation import Nothing, Settled, comparable
from importer.mapping.names import quoted
from importer.mapping.patterns import TooMuchError, parse_replacement
from importer.mapping.slots import explained, objection
from importer.model import Cell, Code, Invalid, Noted
from importer.values.text import clean, external_id, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.mapping.evaluation import Reading, Scope
    from importer.mapping.kinds import Convert, NotValid
    from importer.mapping.patterns import Pattern, Replacing
    from importer.mapping.schema import Expression
    from importer.mapping.slots import Slot
    from importer.mapping.tree import Path
    from importer.values.quick import Quick

__all__ = ["MEMO", "Settle", "Steps", "check_constant", "compile_steps"]

Settle: TypeAlias = Callable[[Cell, str | None], Cell | Settled]
"""All steps of one expression in a row, whose country is given where it matters; anything but a value that went through
smoothly is a `Settled`."""

_Reshape: TypeAlias = Callable[[Cell], Cell | Invalid]

MEMO = 1024  # distinct cells kept for each expression: enough for columns that repeat, little for those that do not
_COUNTRIES = 256  # converters kept for each expression that reads by the country
_WORD = re.compile(r"\w[\w'\u2019]*")


@dataclass(frozen=True, slots=True)
class Steps:
    """The compiled steps: all of them, and the last ones alone, which constants go through as well."""

    settle: Settle
    constant: Convert  # without `as` where that depends on the row's country
    smooth: Callable[[str | None], Callable[[Cell], object]]
    """For a country: the steps over trimmed text; what comes out is a value that went through, or says that none did."""

    quick: Quick | None = None  # all steps for many texts; where it is not sure, `smooth` is
    keeps_text: bool = False  # whether trimmed text goes through as it is
    keeps_ids: bool = False  # whether an external_id does


def compile_steps(expression: Expression, slot: Slot, scope: Scope, *, nested: bool, by_country: bool) -> Steps:
    """Compile the steps; `nested` expressions leave what the field takes to the one around them.

    `by_country` says that the country comes with each row; else it is none, or a fixed one.
    """
    reshaping = _reshaping(expression, scope)
    reshape = cast("_Reshape", _fused(reshaping))  # none of them notes
    finish = None if nested else slot.finish(expression.as_.kind.gives if expression.as_ else None)
    reading = _reading(expression, scope)

    def converter(country: str | None) -> Convert:
        steps = [expression.as_.converter(country, reading)] if expression.as_ is not None else []
        return _fused([*steps, finish] if finish else steps)

    fixed = None if by_country else converter(expression.as_.region if expression.as_ else None)
    constant = fixed or finish or _unchanged
    _check_values(expression, slot, scope, constant)
    limit = None if nested else slot.limit
    choose = lru_cache(maxsize=_COUNTRIES)(converter) if fixed is None else lambda _: fixed
    settle = _settle(reshape, choose, _Policy(expression, slot), limit)
    if scope.decisions.get(slot.name):
        settle = decided(settle, slot, scope, constant)
    remembered = _remembered(settle, scope)
    if reshaping != [clean] or scope.decisions.get(slot.name):
        return Steps(remembered, constant, lambda country: lambda cell: remembered(cell, country))
    keeps_text = expression.as_ is None and (finish in {None, text} or slot.type is FieldType.CUSTOM)
    keeps_ids = expression.as_ is None and finish is external_id
    quick = expression.as_.kind.quick if expression.as_ is not None and finish is None else None
    return Steps(remembered, constant, choose, quick, keeps_text=keeps_text, keeps_ids=keeps_ids)


def _remembered(settle: Settle, scope: Scope) -> Settle:
    noting = None if scope.usage is None else scope.usage.remembering(settle)
    return lru_cache(maxsize=MEMO, typed=True)(settle) if noting is None else noting


def _unchanged(cell: Cell) -> Cell:
    return cell


# ── the steps ────────────────────────────────────────────────────────────────────────────────────────────────────


def _reshaping(expression: Expression, scope: Scope) -> list[Convert]:
    """List the steps that work on text; a typed cell becomes text first."""
    steps: list[Convert] = []
    for index, replacement in enumerate(expression.replace or ()):
        pattern = compile_regex(replacement.pattern, scope.at("replace", index), "pattern")
        if pattern is None:
            continue
        by = parse_replacement(replacement.with_, pattern)
        if isinstance(by, str):
            scope.flaw(f"this cannot take the pattern's place: {by}", "replace", index, "with")
        else:
            steps.append(_replacing(pattern, by, scope.branch("replace", index)))
    if expression.map is not None:
        steps.append(_mapping(expression, scope))
    elif expression.otherwise is not None:
        scope.flaw(
            "`otherwise` says what happens to values that `map` does not list, and there is no `map`", "otherwise"
        )
    if expression.case is not None:
        steps.append(_CASES[expression.case])
    return [text, *steps] if steps else [clean]


def _reading(expression: Expression, scope: Scope) -> Reading | None:
    """Say what the column as a whole proves of its cells, and note that it was asked; only where they come as they are."""
    asked = None if expression.as_ is None else expression.as_.asked
    steps = (expression.split, expression.replace, expression.map, expression.case)
    if asked is None or expression.from_ is None or any(step is not None for step in steps):
        return None
    column = scope.header.position(expression.from_)
    if isinstance(column, str):  # which is said elsewhere
        return None
    scope.asked.setdefault(column, set()).add(asked)
    return scope.readings.get(column)


def _replacing(pattern: Pattern, by: Replacing, met: Callable[[], None] | None) -> Convert:
    def replaced(cell: Cell) -> Cell | Invalid:
        try:
            return clean(pattern.replaced(cell, by)) if isinstance(cell, str) else cell
        except TooMuchError as error:
            return Invalid(Code.TOO_LONG, str(error))

    def noted(cell: Cell) -> Cell | Invalid:
        after = replaced(cell)
        if after != cell and met is not None:
            met()
        return after

    return replaced if met is None else noted


def _mapping(expression: Expression, scope: Scope) -> Convert:
    known = _table(expression, scope)
    met = (
        {}
        if scope.usage is None
        else {comparable(key): scope.usage.watch((*scope.path, "map", key)) for key in expression.map or ()}
    )
    otherwise = expression.otherwise
    unlisted = None if otherwise in {None, "error"} else scope.branch("otherwise")
    fixed = otherwise.value if otherwise is not None and not isinstance(otherwise, str) else None
    unknown = Invalid(Code.NOT_IN_MAP)

    def mapped(cell: Cell) -> Cell | Invalid:
        key = comparable(cell) if isinstance(cell, str) else None
        if key in known:
            if met and key is not None:
                met[key]()
            return known[key]
        if unlisted is not None:
            unlisted()
        if otherwise == "keep":
            return cell
        return unknown if fixed is None else fixed

    return mapped


def _table(expression: Expression, scope: Scope) -> dict[str | None, Cell]:
    table: dict[str | None, Cell] = {}
    spelled: dict[str, str] = {}
    for key, value in (expression.map or {}).items():
        folded = comparable(key)
        if not folded:
            scope.flaw("an empty cell never comes to `map`; use `default`", "map", key, on_key=True)
        elif folded in table and table[folded] != value:
            both = " and ".join(quoted((spelled[folded], key)))
            scope.flaw(f"{both} are the same key, with different values", "map", key, on_key=True)
        table[folded] = clean(value)
        spelled[folded] = key
    return table


def _title(cell: Cell) -> Cell:
    return _WORD.sub(lambda word: word.group().capitalize(), cell) if isinstance(cell, str) else cell


_CASES: dict[str, Convert] = {
    "upper": lambda cell: cell.upper() if isinstance(cell, str) else cell,
    "lower": lambda cell: cell.lower() if isinstance(cell, str) else cell,
    "title": _title,
}


def _fused(steps: Sequence[Convert]) -> Convert:
    """Make one step of several; a blank or an invalid value ends it, and a note goes along."""
    if len(steps) == 1:
        return steps[0]

    def convert(cell: Cell) -> Cell | Noted | Invalid:
        value: Cell | Noted | Invalid = cell
        note: Noted | None = None
        for step in steps:
            if value is None or isinstance(value, Invalid):
                return value
            if isinstance(value, Noted):
                note = value
                value = value.value
            value = step(value)
        return replace(note, value=value) if note is not None and isinstance(value, str) else value

    return convert


# ── what becomes of a value that does not go through ─────────────────────────────────────────────────────────────


class _Policy:
    """Decides about an invalid value as `on_invalid` and `otherwise` say."""

    __slots__ = ("_field", "_has_default", "_on_invalid", "_unlisted")

    def __init__(self, expression: Expression, slot: Slot) -> None:
        self._field = slot.name
        self._has_default = expression.default is not None
        self._on_invalid = expression.on_invalid or _unless_said(expression, slot)
        self._unlisted = "blank" if expression.otherwise == "blank" else "refuse"

    def decide(self, invalid: Invalid, cell: Cell, reshaped: Cell) -> Settled:
        """Settle `cell`; `reshaped` is what it was before it was to be converted, None where it did not come so far."""
        rule = self._unlisted if invalid.code is Code.NOT_IN_MAP else self._on_invalid
        why = objection(invalid, cell, self._field)
        if rule == "blank" and self._has_default:
            return Settled(None, Code.LEFT_BLANK, f"{why}; the default is sent", suggestions=invalid.suggestions)
        if rule == "blank":
            return Settled(Nothing.LEFT_OUT, Code.LEFT_BLANK, why, suggestions=invalid.suggestions)
        if rule == "keep" and isinstance(kept := text(reshaped), str):
            return Settled(kept, Code.KEPT_AS_IS, why, suggestions=invalid.suggestions)
        return Settled(Nothing.FAILED, invalid.code, explained(invalid), suggestions=invalid.suggestions)


def _unless_said(expression: Expression, slot: Slot) -> NotValid:
    """Choose what a kind does with a value that does not convert; never to let text past what the field itself checks."""
    kind = expression.as_.kind if expression.as_ else None
    return "refuse" if kind is None or slot.finish(kind.gives) else kind.on_invalid


def _settle(reshape: _Reshape, choose: Callable[[str | None], Convert], policy: _Policy, limit: int | None) -> Settle:
    longest = float("inf") if limit is None else limit

    def settle(cell: Cell, country: str | None) -> Cell | Settled:
        reshaped = reshape(cell)
        if isinstance(reshaped, Invalid):
            return policy.decide(reshaped, cell, None)
        settled = _decided(choose(country)(reshaped), cell, reshaped, policy)
        value = settled.value if isinstance(settled, Settled) else settled
        if isinstance(value, str) and len(value) > longest:
            return Settled(Nothing.FAILED, Code.TOO_LONG, f"{len(value)} characters, and {limit} are allowed")
        return settled

    return settle


def _decided(result: Cell | Noted | Invalid, cell: Cell, reshaped: Cell, policy: _Policy) -> Cell | Settled:
    if isinstance(result, Invalid):
        return policy.decide(result, cell, reshaped)
    return Settled(result.value, result.code, result.detail, noted=True) if isinstance(result, Noted) else result


# ── decisions ────────────────────────────────────────────────────────────────────────────────────────────────────


def decided(settle: Settle, slot: Slot, scope: Scope, constant: Convert) -> Settle:
    """Put what somebody decided in the place of what the steps cannot settle; a value that goes through stays."""
    made: dict[str, Cell] = {}
    paths: dict[str, Path] = {}
    for written, value in scope.decisions[slot.name].items():
        path: Path = ("decisions", slot.name, written)
        key = comparable(written)
        paths[key] = path
        made[key] = None if value == "" else check_constant(value, slot, replace(scope, path=path), constant)
    usage = scope.usage
    met = {} if usage is None else {key: usage.watch(path) for key, path in paths.items()}

    def settle_or_decide(cell: Cell, country: str | None) -> Cell | Settled:
        settled = settle(cell, country)
        key = comparable(written) if made and isinstance(written := text(cell), str) else ""
        if key not in made:
            return settled
        if met:
            met[key]()
        if isinstance(settled, Settled) and not settled.noted:
            return made[key]
        if usage is not None:
            value = settled.value if isinstance(settled, Settled) else settled
            usage.settled[paths[key]] = None if isinstance(value, Nothing) else value
        return settled

    return settle_or_decide


# ── constants of the mapping ─────────────────────────────────────────────────────────────────────────────────────


def _check_values(expression: Expression, slot: Slot, scope: Scope, convert: Convert) -> None:
    """Hold every value that `map` and `otherwise` can give against what comes after them."""
    finish = _fused([_CASES[expression.case], convert]) if expression.case else convert
    for key, value in (expression.map or {}).items():
        if value is not None:
            check_constant(value, slot, scope.at("map", key), finish)
    if expression.otherwise is not None and not isinstance(expression.otherwise, str):
        check_constant(expression.otherwise.value, slot, scope.at("otherwise", "value"), finish)


def check_constant(value: str | bool | int, slot: Slot, scope: Scope, convert: Convert) -> Cell:  # noqa: FBT001 - a value
    """Convert a constant of the mapping as a cell would be; a flaw where that cannot be."""
    if not slot.accepts_constant(value):
        spelled = str(value).lower() if isinstance(value, bool) else str(value)
        scope.flaw(f'{slot.takes}, and YAML does not read {spelled} as text; put it in quotes: "{spelled}"')
        return None
    result = convert(value)
    if isinstance(result, Noted):
        result = result.value
    if isinstance(result, Invalid):
        scope.flaw(objection(result, value, slot.name))
        return None
    if isinstance(result, str) and slot.limit is not None and len(result) > slot.limit:
        scope.flaw(f"{slot.name} has {len(result)} characters, and {slot.limit} are allowed")
    return result
