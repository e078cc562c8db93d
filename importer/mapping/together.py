"""Turns the parts of an expression into functions of a `Batch`: where values come from, their steps, their condition.

Each gives no list where the cells are such that it has nothing to offer; then the rows are evaluated one by one.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any, cast

from importer.mapping.patterns import MAX_TEXT
from importer.mapping.template import join
from importer.values.text import are_external_ids, plain_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from importer.mapping.batch import Batch
    from importer.mapping.evaluation import Compiled, Test, Together, Value
    from importer.mapping.steps import Steps
    from importer.model import Cell
    from importer.values.quick import Quick

__all__ = ["first_together", "guarded_together", "settled_together", "template_together"]


def first_together(parts: Sequence[Compiled]) -> Together:
    """Take the first part that has a value; later ones are asked only where a row is left without."""

    def together(batch: Batch) -> Sequence[Value]:
        values = batch.values(parts[0])
        for part in parts[1:]:
            if None not in values:
                break
            values = [
                value if value is not None else other for value, other in zip(values, batch.values(part), strict=True)
            ]
        return values

    return together


def template_together(pieces: Sequence[int | str]) -> Together:
    """Put texts together as `template` does: a column by its position, other text as it is."""
    columns = [place for place, piece in enumerate(pieces) if isinstance(piece, int)]

    def joined(made: tuple[str | None, ...]) -> str | None:
        if None not in made:
            return "".join(made).strip()  # type: ignore[arg-type]  # which was just seen
        return join(made) if any(made[place] for place in columns) else None

    def together(batch: Batch) -> Sequence[Value] | None:
        texts = [repeat(piece) if isinstance(piece, str) else batch.texts(piece) for piece in pieces]
        if not columns or None in texts:
            return None
        rows = list(zip(*(text for text in texts if text is not None), strict=False))
        batch.set_apart(sum(len(piece) for piece in made if piece) > MAX_TEXT for made in rows)
        return list(map(joined, rows))

    return together


def settled_together(
    origin: Compiled, steps: Steps, default: Cell, limit: int | None, country: Compiled | None
) -> Together | None:
    """Run the steps over what the origin gives; a kind that reads by the country gets that of each row."""
    find = origin.together
    if find is None:
        return None

    def together(batch: Batch) -> Sequence[Value] | None:
        raw = find(batch)
        texts = None if raw is None else plain_texts(cast("Sequence[Cell]", raw))
        if texts is None:
            return None
        values = _converted(batch, steps, texts, country)
        if limit is not None and _longest(values) > limit:
            batch.set_apart(isinstance(value, str) and len(value) > limit for value in values)
        return values if default is None else [default if value is None else value for value in values]

    return together


def _longest(values: Sequence[Value]) -> int:
    """Count the characters of the longest text; where there are truth values it is not worth the while to be quick."""
    try:
        return max(map(len, values if None not in values else filter(None, values)), default=0)  # type: ignore[arg-type]
    except TypeError:
        return max((len(value) for value in values if isinstance(value, str)), default=0)


def _converted(batch: Batch, steps: Steps, texts: Sequence[str | None], country: Compiled | None) -> Sequence[Value]:
    if steps.keeps_text or (steps.keeps_ids and are_external_ids(texts)):
        return texts
    if steps.quick is not None:
        return _quickly(batch, steps, steps.quick, texts, country)
    countries = None if country is None else _countries(batch, country)
    return batch.smooth(_one_by_one(steps, texts, countries))


def _quickly(
    batch: Batch, steps: Steps, quick: Quick, texts: Sequence[str | None], country: Compiled | None
) -> Sequence[Value]:
    """Convert all at once that can be, and the others each by itself."""
    words = texts if None not in texts else [text or "" for text in texts]
    values: Sequence[object] = quick(cast("Sequence[str]", words))
    if None in values:
        places = [place for place, value in enumerate(values) if value is None]
        countries = None if country is None else list(map(_countries(batch, country).__getitem__, places))
        settled = _one_by_one(steps, [texts[place] for place in places], countries)
        values = list(values)
        for place, value in zip(places, settled, strict=True):
            values[place] = value
        values = batch.smooth(values)
    return cast("Sequence[Value]", values if words is texts else [None if value == "" else value for value in values])


def _countries(batch: Batch, country: Compiled) -> Sequence[str | None]:
    return [code if isinstance(code, str) else None for code in batch.values(country)]


def _one_by_one(steps: Steps, texts: Sequence[str | None], countries: Sequence[str | None] | None) -> list[object]:
    if countries is None:
        return _each(steps.smooth(None), lambda words: steps.settle(words, None), texts)
    pairs = list(zip(texts, countries, strict=True))
    return _each(lambda pair: steps.smooth(pair[1])(pair[0]), lambda pair: steps.settle(*pair), pairs)


def _each(convert: Callable[[Any], object], remembered: Callable[[Any], object], cells: Sequence[Any]) -> list[object]:
    """Convert each cell; where they repeat, each of them once, and perhaps in a batch before."""
    distinct = set(cells)
    if 2 * len(distinct) > len(cells):
        return list(map(convert, cells))
    found = {cell: remembered(cell) for cell in distinct}
    return list(map(found.__getitem__, cells))


def guarded_together(compiled: Compiled, when: Test, reads: frozenset[int], default: Cell) -> Together:
    """Take the values of an expression where its condition holds."""

    def together(batch: Batch) -> Sequence[Value]:
        holds = batch.by_cells(when, reads)
        if not any(holds):
            return [default] * len(batch)
        values = batch.values(compiled)
        return [value if holding else default for value, holding in zip(values, holds, strict=True)]

    return together
