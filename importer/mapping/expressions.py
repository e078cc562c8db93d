"""Turns an expression of the mapping into a function of a row's cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from importer.company import FieldType
from importer.mapping.conditions import compile_condition
from importer.mapping.evaluation import Compiled, Nothing, Settled, Trouble
from importer.mapping.kinds import COUNTRY_FIELDS
from importer.mapping.patterns import MAX_TEXT
from importer.mapping.slots import country_field, explained, objection
from importer.mapping.steps import check_constant, compile_steps
from importer.mapping.template import join, parse_template
from importer.mapping.together import first_together, guarded_together, settled_together, template_together
from importer.model import Cell, Code, Invalid
from importer.values.text import clean, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.mapping.evaluation import Cells, Evaluate, Scope, Test, Value
    from importer.mapping.schema import Expression
    from importer.mapping.slots import Slot
    from importer.mapping.steps import Settle, Steps

__all__ = ["EvaluateAll", "compile_expression", "compile_tags"]

EvaluateAll: TypeAlias = Callable[["Cells", list[Trouble]], "list[Value]"]
"""A compiled expression that may give several values."""


def compile_expression(expression: Expression, slot: Slot, scope: Scope, *, nested: bool = False) -> Compiled:
    """Compile an expression that gives one value; flaws are noted in the scope, and what is returned is then no use."""
    if expression.split is not None:
        place = "an expression in `first_of`" if nested else slot.name
        scope.flaw(
            f"`split` gives several values, and {place} takes one; it is for `tags`"
            " (`as: email_list` separates addresses by itself)",
            "split",
        )
    outer, scope = scope, scope.noting_reads()
    _check(expression, slot, scope, nested=nested)
    origin = _origin(expression, slot, scope)
    country = _country(expression, slot, scope)
    steps = compile_steps(expression, slot, scope, nested=nested, by_country=country is not None)
    default = _default(expression, slot, scope, steps)
    together = None
    if expression.value is not None and country is None:
        evaluate = _constant(expression.value, slot, scope.at("value"), steps)
    else:
        met = None if default is None else scope.branch("default")
        evaluate = _settled(origin, _here(steps.settle, country), default, slot.name, met)
        together = settled_together(origin, steps, default, None if nested else slot.limit, country)
    compiled = Compiled(evaluate, origin.blame, frozenset(scope.reads), together)
    compiled = _guarded(compiled, expression, slot, scope, default)
    outer.reads.update(compiled.reads)
    return compiled


def compile_tags(expression: Expression, slot: Slot, scope: Scope) -> EvaluateAll:
    """Compile an expression of `tags`; each value that it gives goes through the steps by itself."""
    evaluate, met = _compiled_tags(expression, slot, scope), scope.branch()
    if met is None:
        return evaluate

    def noted(cells: Cells, troubles: list[Trouble]) -> list[Value]:
        values = evaluate(cells, troubles)
        if any(isinstance(value, str) for value in values):
            met()
        return values

    return noted


def _compiled_tags(expression: Expression, slot: Slot, scope: Scope) -> EvaluateAll:
    if expression.split is None:
        single = compile_expression(expression, slot, scope).evaluate
        return lambda cells, troubles: [single(cells, troubles)]
    _check(expression, slot, scope, nested=False)
    origin = _origin(expression, slot, scope)
    country = _country(expression, slot, scope)
    steps = compile_steps(expression, slot, scope, nested=False, by_country=country is not None)
    default = _default(expression, slot, scope, steps)
    when = _condition(expression, scope, slot.name)
    separators = re.compile("|".join(re.escape(separator) for separator in expression.split))
    several = _several(origin, separators, _here(steps.settle, country), slot.name)

    def evaluate(cells: Cells, troubles: list[Trouble]) -> list[Value]:
        values = several(cells, troubles) if when is None or when(cells, troubles) else []
        return values if any(value is not None for value in values) else [default]

    return evaluate


# ── rules that need no file ──────────────────────────────────────────────────────────────────────────────────────


def _check(expression: Expression, slot: Slot, scope: Scope, *, nested: bool) -> None:
    if expression.as_ is not None and not slot.accepts(gives := expression.as_.kind.gives):
        scope.flaw(f"{slot.takes}, and `as: {expression.as_.name}` gives {gives}", "as")
    if nested and expression.as_ is not None and expression.as_.kind.gives == "client":
        scope.flaw("`as: client` belongs to the whole field, not to a part of `first_of`", "as")
    if slot.name == "external_id":
        _check_identity(expression, scope)
    if expression.on_invalid == "keep" and slot.type in {FieldType.BOOLEAN, FieldType.COUNTRY}:
        scope.flaw(f"{slot.takes}, so text cannot be kept as it is; use refuse or blank", "on_invalid")
    if expression.blank is not None and nested:
        scope.flaw("`blank` belongs to the whole field, not to a part of `first_of`", "blank")
    elif expression.blank == "clear" and not slot.nullable:
        scope.flaw(f"Kanbert does not let {slot.name} be cleared", "blank")


def _check_identity(expression: Expression, scope: Scope) -> None:
    """Refuse what could give two companies the same external_id."""
    for word, given in (("value", expression.value), ("default", expression.default)):
        if given is not None:
            scope.flaw(
                "external_id must differ from row to row; a fixed value would make all of them one company", word
            )
    if expression.on_invalid not in {None, "refuse"}:
        scope.flaw("an external_id that is not right is always refused", "on_invalid")


# ── where the value comes from ───────────────────────────────────────────────────────────────────────────────────


def _origin(expression: Expression, slot: Slot, scope: Scope) -> Compiled:
    """Compile the one origin; its value has gone through no steps yet."""
    if expression.from_ is not None:
        index = scope.column(expression.from_, "from")
        return Compiled(
            lambda cells, _: cells[index],
            lambda _: index,
            together=lambda batch: batch.texts(index),
        )
    if expression.first_of is not None:
        return _first_of([_part(part, slot, scope, number) for number, part in enumerate(expression.first_of)])
    if expression.template is not None:
        return _template(expression.template, slot.name, scope)
    constant = expression.value
    return Compiled(lambda _cells, _troubles: constant, lambda _: None)


def _part(expression: Expression, slot: Slot, scope: Scope, number: int) -> Compiled:
    """Compile a part of `first_of`; who follows each row is told when it has the value."""
    part = compile_expression(expression, slot, scope.at("first_of", number), nested=True)
    met, evaluate = scope.branch("first_of", number), part.evaluate
    if met is None:
        return part

    def noted(cells: Cells, troubles: list[Trouble]) -> Value:
        value = evaluate(cells, troubles)
        if value is not None and value is not Nothing.LEFT_OUT:
            met()
        return value

    return replace(part, evaluate=noted)


def _first_of(parts: Sequence[Compiled]) -> Compiled:
    def evaluate(cells: Cells, troubles: list[Trouble]) -> Value:
        left_out = False
        for part in parts:
            value = part.evaluate(cells, troubles)
            if value is Nothing.LEFT_OUT:
                left_out = True
            elif value is not None:
                return value
        return Nothing.LEFT_OUT if left_out else None

    def blame(cells: Cells) -> int | None:
        for part in parts:
            if part.evaluate(cells, []) is not None:
                return part.blame(cells)
        return parts[0].blame(cells)

    return Compiled(evaluate, blame, together=first_together(parts))


def _template(template: str, field: str, scope: Scope) -> Compiled:
    parsed = parse_template(template)
    if isinstance(parsed, str):
        scope.flaw(parsed, "template")
        parsed = ()
    pieces: list[int | str] = [scope.column(part.text, "template") if part.is_column else part.text for part in parsed]
    columns = [piece for piece in pieces if isinstance(piece, int)]
    first = columns[0] if columns else None

    def evaluate(cells: Cells, troubles: list[Trouble]) -> Value:
        written = {index: text(cells[index]) for index in columns}
        for index, piece in written.items():
            if isinstance(piece, Invalid):
                troubles.append(Trouble(piece.code, field, cells[index], explained(piece), index))
                return Nothing.FAILED
        if not any(written.values()):
            return None
        made = [piece if isinstance(piece, str) else _text_or_none(written[piece]) for piece in pieces]
        if (length := sum(len(piece) for piece in made if piece is not None)) > MAX_TEXT:
            why = f"{length} characters by its template, and {MAX_TEXT} are the most"
            troubles.append(Trouble(Code.TOO_LONG, field, None, why, blame(cells)))
            return Nothing.FAILED
        return join(made)

    def blame(cells: Cells) -> int | None:
        return next((index for index in columns if clean(cells[index]) is not None), first)

    return Compiled(evaluate, blame, together=template_together(pieces))


def _text_or_none(piece: str | Invalid | None) -> str | None:
    return piece if isinstance(piece, str) else None


# ── the country that a value is at home in ───────────────────────────────────────────────────────────────────────


def _country(expression: Expression, slot: Slot, scope: Scope) -> Compiled | None:
    """Find what says the row's country; None where it does not matter, is fixed, or is said nowhere."""
    conversion = expression.as_
    if conversion is None or not conversion.kind.region:
        return None
    said, option = conversion.region, ("as", conversion.name, conversion.kind.region)
    if said is not None and said not in COUNTRY_FIELDS:
        return None
    name = said or country_field(slot.name)
    found = scope.field(name)
    if isinstance(found, str):
        scope.flaw(f"{found}; write the country here: `as: {{{conversion.name}: {{{option[-1]}: NL}}}}`", *option)
        return None
    if found is None and said:
        scope.flaw(f"`company` does not set {name}; set it, or write the two letters of a country", *option)
    if found is not None:
        scope.reads.update(found.reads)
    return found


# ── putting it together ──────────────────────────────────────────────────────────────────────────────────────────


_Met: TypeAlias = "Callable[[], None] | None"

_SettleHere: TypeAlias = Callable[["Cells", Cell], "Cell | Nothing | Settled"]


def _here(settle: Settle, country: Compiled | None) -> _SettleHere:
    """Give the steps the row's country; what cannot be read because the country is refused fails with it."""
    if country is None:
        return lambda _, cell: settle(cell, None)
    find = country.evaluate

    def settled(cells: Cells, cell: Cell) -> Cell | Nothing | Settled:
        if clean(cell) is None:
            return settle(cell, None)
        code = find(cells, [])
        if code is Nothing.FAILED:
            return Nothing.FAILED
        return settle(cell, code if isinstance(code, str) else None)

    return settled


def _settled(origin: Compiled, settle: _SettleHere, default: Cell, field: str, met: _Met) -> Evaluate:
    """Run the steps over what the origin gives; one test for each cell where all is well."""
    if met is not None:
        return _or_default(_settled(origin, settle, None, field, None), default, met)
    find, blame = origin.evaluate, origin.blame

    def evaluate(cells: Cells, troubles: list[Trouble]) -> Value:
        raw = find(cells, troubles)
        if isinstance(raw, Nothing):
            return raw if default is None or raw is Nothing.FAILED else default
        value = settle(cells, raw)
        if isinstance(value, Settled):
            troubles.append(value.trouble(field, raw, blame(cells)))
            return default if value.value is None else value.value
        return default if value is None else value

    return evaluate


def _blank(_cells: Cells, _troubles: list[Trouble]) -> Value:
    return None


def _or_default(evaluate: Evaluate, default: Cell, met: _Met) -> Evaluate:
    """Take the default where there is no value, and tell who follows each row."""

    def evaluate_or_default(cells: Cells, troubles: list[Trouble]) -> Value:
        value = evaluate(cells, troubles)
        if value is not None and value is not Nothing.LEFT_OUT:
            return value
        if met is not None:
            met()
        return default

    return evaluate_or_default


def _several(origin: Compiled, separators: re.Pattern[str], settle: _SettleHere, field: str) -> EvaluateAll:
    def pieces(cells: Cells, troubles: list[Trouble]) -> list[str]:
        raw = origin.evaluate(cells, troubles)
        written = None if isinstance(raw, Nothing) else text(raw)
        if isinstance(written, Invalid):
            troubles.append(Trouble(written.code, field, None, explained(written), origin.blame(cells)))
        return separators.split(written) if isinstance(written, str) else []

    def evaluate(cells: Cells, troubles: list[Trouble]) -> list[Value]:
        values: list[Value] = []
        for piece in pieces(cells, troubles):
            value = settle(cells, piece)
            if isinstance(value, Settled):
                troubles.append(value.trouble(field, piece, origin.blame(cells)))
            values.append(value.value if isinstance(value, Settled) else value)
        return values

    return evaluate


def _guarded(compiled: Compiled, expression: Expression, slot: Slot, scope: Scope, default: Cell) -> Compiled:
    when = _condition(expression, inner := scope.noting_reads(), slot.name)
    if when is None:
        return compiled
    evaluate, reads = compiled.evaluate, frozenset(inner.reads)
    otherwise = _blank if default is None else _or_default(_blank, default, scope.branch("default"))
    return Compiled(
        lambda cells, troubles: evaluate(cells, troubles) if when(cells, troubles) else otherwise(cells, troubles),
        compiled.blame,
        compiled.reads | reads,
        guarded_together(compiled, when, reads, default),
    )


def _condition(expression: Expression, scope: Scope, field: str) -> Test | None:
    if expression.when is None:
        return None
    below = scope.at("when")
    return below.watch(compile_condition(expression.when, below, field))


def _default(expression: Expression, slot: Slot, scope: Scope, steps: Steps) -> Cell:
    """Convert `default` once; it may be written as a cell may."""
    if expression.default is None:
        return None
    return check_constant(expression.default, slot, scope.at("default"), steps.constant)


def _constant(constant: str | bool | int, slot: Slot, scope: Scope, steps: Steps) -> Evaluate:  # noqa: FBT001 - a value
    """Run the steps over a fixed value once, when the mapping is compiled."""
    before = len(scope.flaws)
    check_constant(constant, slot, scope, lambda cell: cell)
    settled = steps.settle(constant, None)
    if isinstance(settled, Settled) and settled.noted:
        settled = None if isinstance(settled.value, Nothing) else settled.value
    value = None if isinstance(settled, Settled) else settled
    if isinstance(settled, Settled) and len(scope.flaws) == before:
        scope.flaw(objection(Invalid(settled.code, settled.detail), constant, slot.name))
    return lambda _cells, _troubles: value
