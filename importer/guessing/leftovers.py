"""Says what becomes of all other columns: tags, lists of words, custom fields to choose from, and what is not sent."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import TYPE_CHECKING

from importer.guessing.addresses import wrong
from importer.guessing.evidence import converting, plausible
from importer.guessing.lines import Line, column_value
from importer.model import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.guessing.lines import Draft
    from importer.guessing.table import Column, Table
    from importer.guessing.yaml_text import Value

__all__ = ["leftovers", "slug_of", "words_of_few"]

_SEPARATORS = (" ::: ", ";", ",", "|")
_MOST_WORDS = 30  # different values of a column that a map is shown for
_LONGEST_SLUG = 40
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_FRACTION = re.compile(r"[-+]?[\d.,\s']*\d[.,]\d{1,2}")


def words_of_few(table: Table, draft: Draft) -> None:
    """Add tags and the business field; show the lists of words that Kanbert keeps."""
    for column in table.of("tags"):
        evidence = plausible(column, "tags")
        steps: dict[str, Value] = {}
        if separators := [mark for mark in _SEPARATORS if any(mark in word for word in column.distinct)]:
            steps["split"] = list(separators)
        reason = f"by its name; {table.share(column)}{wrong(evidence, 'is no tag')}"
        draft.tags.append(Line("", {"from": column.name, **steps}, reason, (column,), active=evidence.fits))
    for column in table.of("business_field")[:1]:
        draft.company += _business_field(table, column)
    for role in ("company_size", "company_revenue"):
        for column in table.of(role)[:1]:
            reason = (
                f"not set: what Kanbert does with a title it does not know is not documented; {table.share(column)}"
            )
            draft.company.append(Line(role, _mapped(column), reason, (column,), active=False))
    for column in table.of("archived")[:1]:
        condition: Value = {"when": {"column": column.name, "is": True}, "reason": f"{shortened(column.name, 40)}"}
        reason = f"rows that say yes here would be left out; {table.share(column)}"
        draft.skip.append(Line("", condition, reason, (column,), active=False))


def _business_field(table: Table, column: Column) -> Iterator[Line]:
    """Set the field, and show the map that keeps typing errors out: Kanbert makes a new one of any word."""
    few = len(column.distinct) <= _MOST_WORDS and plausible(column, "business_field").fits
    if not column.filled or (few and all(len(word) <= 60 for word in column.distinct)):
        reason = f"by its name; {len(_apart(list(column.distinct)))} different values; {table.share(column)}"
        yield Line("business_field", column_value(column), reason, (column,))
        if column.filled:
            said = "or so, that nothing else goes through: Kanbert makes a new one of any word"
            yield Line("business_field", _mapped(column), said, (column,), active=False)
        return
    reason = (
        f"not set: {len(column.distinct)} different values or codes, and Kanbert makes a new business field of each"
    )
    yield Line("business_field", column_value(column), reason, (column,), active=False)


def _mapped(column: Column) -> Value:
    words = [word for word in column.distinct if len(word) <= 60]
    if not words or len(words) > _MOST_WORDS:
        return column_value(column)
    return column_value(column, {"map": {word: word for word in _apart(words)}, "otherwise": "error"})


def _apart(words: list[str]) -> list[str]:
    """Leave out the words that are the same to `map`, which does not mind case and blanks."""
    return list({" ".join(word.split()).casefold(): word for word in reversed(words)}.values())[::-1]


def leftovers(table: Table, draft: Draft) -> None:
    """Show every column that is not used: as a custom field, as somebody else's, or as empty."""
    used, slugs = draft.used(), set[str]()
    draft.rows = "always" if table.complete else f"in the first {table.rows} rows"
    for column in table.columns:
        if column.index in used:
            continue
        if table.rows and not column.filled:
            draft.empty.append(column)
        elif column.meaning.apart:
            draft.apart.append((column, column.meaning.apart))
        else:
            draft.custom.append(_custom(table, column, _unused(slug_of(column), slugs)))


def _custom(table: Table, column: Column, slug: str) -> Line:
    steps = _steps(column)
    facts = [table.share(column)]
    if column.meaning.role:
        facts.insert(0, f"a further {column.meaning.role.replace('_', ' ')}")
    if len(column.distinct) == 1 and column.filled > 1:
        facts.append(f'always "{shortened(column.distinct[0], 40)}"')
    elif column.filled:
        facts.append(f'such as "{shortened(str(column.values[0]), 40)}"')
    return Line(slug, column_value(column, steps), "; ".join(facts), (column,), active=False)


def _steps(column: Column) -> dict[str, Value]:
    """Say how the values of a custom field are read, where they are all of one kind."""
    if not column.filled:
        return {}
    if all(isinstance(value, dt.datetime) and value.time() != dt.time() for value in column.values):
        return {"as": "datetime"}
    if converting(column, "boolean").share == 1.0 and _has_words(column):
        return {"as": "boolean"}
    return _dates(column) or _numbers(column)


def _has_words(column: Column) -> bool:
    """Whether some value is more than 1 or 0, which may be a count of something."""
    return any(str(value).strip() not in {"0", "1"} for value in column.values)


def _dates(column: Column) -> dict[str, Value]:
    order = column.date_order
    if converting(column, "date").sure and order in {None, "ymd"}:
        return {"as": "date"}
    looks = [value for value in column.values if isinstance(value, (dt.date, str))]
    if order in {"dmy", "mdy"} and len(looks) == column.filled:
        return {"as": {"date": {"order": order}}}
    return {}


def _numbers(column: Column) -> dict[str, Value]:
    comma = column.decimal_comma
    if comma is None or not all(
        _FRACTION.fullmatch(str(value)) or not isinstance(value, str) for value in column.values
    ):
        return {}
    return {"as": {"decimal": {"decimal_comma": comma}}}


def slug_of(column: Column) -> str:
    """Make the name of a custom field from a header: small letters, digits and underscores."""
    if column.meaning.slug:
        return column.meaning.slug
    plain = unicodedata.normalize("NFKD", column.name.casefold().replace("ß", "ss")).encode("ascii", "ignore").decode()
    return _NOT_IN_A_SLUG.sub("_", plain)[:_LONGEST_SLUG].strip("_") or f"column_{column.index + 1}"


def _unused(slug: str, taken: set[str]) -> str:
    name, number = slug, 1
    while name in taken:
        number += 1
        name = f"{slug}_{number}"
    taken.add(name)
    return name
