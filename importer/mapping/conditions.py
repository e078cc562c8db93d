"""Turns a condition of the mapping into a function of a row's cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.mapping.evaluation import Trouble, comparable
from importer.mapping.patterns import Pattern, TooMuchError, parse_pattern
from importer.model import Cell, Code, Invalid
from importer.values.boolean import boolean
from importer.values.text import clean, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.mapping.evaluation import Cells, Scope, Test
    from importer.mapping.schema import Condition

__all__ = ["compile_condition", "compile_regex"]


def compile_regex(written: str, scope: Scope, *parts: str | int) -> Pattern | None:
    """Compile a regular expression; one that is wrong is noted as a flaw, and None comes back."""
    pattern = parse_pattern(written)
    if isinstance(pattern, Pattern):
        return pattern
    scope.flaw(f"this is no regular expression: {pattern}", *parts)
    return None


def compile_condition(condition: Condition, scope: Scope, field: str | None) -> Test:
    """Compile a condition; a cell that `is: true` cannot read as yes or no refuses the row, and the test is false."""
    if condition.all_ is not None:
        every = [compile_condition(part, scope.at("all", i), field) for i, part in enumerate(condition.all_)]
        return lambda cells, troubles: all(test(cells, troubles) for test in every)
    if condition.any_ is not None:
        some = [compile_condition(part, scope.at("any", i), field) for i, part in enumerate(condition.any_)]
        return lambda cells, troubles: any(test(cells, troubles) for test in some)
    if condition.not_ is not None:
        opposite = compile_condition(condition.not_, scope.at("not"), field)
        return lambda cells, troubles: not opposite(cells, troubles)
    return _comparison(condition, scope, field)


def _comparison(condition: Condition, scope: Scope, field: str | None) -> Test:
    index = scope.column(condition.column or "", "column")
    if condition.blank is not None:
        wanted = condition.blank
        return lambda cells, _: (clean(cells[index]) is None) is wanted
    if condition.matches is not None:
        pattern = compile_regex(condition.matches, scope, "matches")
        return (lambda _cells, _troubles: False) if pattern is None else _matching(pattern, index, field)
    if condition.is_ is not None:
        _not_blank(condition.is_, scope, "is")
        return _one_of((condition.is_,), index, field)
    constants = condition.in_ or ()
    for position, constant in enumerate(constants):
        _not_blank(constant, scope, "in", position)
    return _one_of(constants, index, field)


def _not_blank(constant: str | bool | int, scope: Scope, *parts: str | int) -> None:  # noqa: FBT001 - a value
    if comparable(str(constant)) == "":
        scope.flaw(f"`{parts[0]}` never holds for an empty cell; ask for one with `blank: true` in its place", *parts)


def _matching(pattern: Pattern, index: int, field: str | None) -> Test:
    def test(cells: Cells, troubles: list[Trouble]) -> bool:
        written = text(cells[index])
        try:
            return isinstance(written, str) and pattern.found_in(written)
        except TooMuchError as error:
            troubles.append(Trouble(Code.TOO_LONG, field, cells[index], str(error), index))
            return False

    return test


def _one_of(constants: tuple[str | bool | int, ...], index: int, field: str | None) -> Test:
    words = {comparable(str(value)) for value in constants if not isinstance(value, bool)}
    truths = {value for value in constants if isinstance(value, bool)}
    says = _says(words)
    if not truths:
        return lambda cells, _: says(cells[index])

    def test(cells: Cells, troubles: list[Trouble]) -> bool:
        cell = cells[index]
        if words and says(cell):
            return True
        truth = boolean(cell)
        if isinstance(truth, Invalid):
            troubles.append(Trouble(truth.code, field, cell, truth.detail, index))
            return False
        return truth in truths

    return test


def _says(words: set[str]) -> Callable[[Cell], bool]:
    def says(cell: Cell) -> bool:
        written = text(cell)
        return isinstance(written, str) and comparable(written) in words

    return says
