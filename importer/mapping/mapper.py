"""Turns rows into desired companies: the compiled form of a mapping for one file's header."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

from importer.company import FIELDS
from importer.mapping.batch import Batch
from importer.mapping.evaluation import Nothing, Trouble
from importer.model import Code, Desired, Issue, Location, Refusal, Severity, Skip, Weighed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from importer.mapping.evaluation import Cells, Scope
    from importer.mapping.expressions import EvaluateAll
    from importer.mapping.plan import Field, Plan, Rule
    from importer.model import Json, Mapped, Payload, Row

__all__ = ["Mapper", "Place", "Traced"]


@dataclass(frozen=True, slots=True)
class Place:
    """The table that rows come from, as issues name it."""

    file: str
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Traced:
    """What one field looked at in a row, and what came of it."""

    field: str  # as in the payload; custom_fields.slug
    columns: tuple[str, ...]  # the headers that its rule looks at, in the order of the file
    column: str | None  # the one that the value came from, where it is one
    value: Json
    state: Literal["value", "blank", "cleared", "left-out", "failed"]
    path: tuple[str, ...]  # where its rule stands in the mapping


@dataclass(frozen=True, slots=True)
class _Filled:
    """The values of many rows, by field."""

    named: Sequence[Sequence[Json]]  # the external_id, then the fields of the plan
    tags: Sequence[list[Json]]
    custom_fields: Sequence[Sequence[Json]]


class Mapper:
    """Maps the rows of one table; pure, so one mapper serves any number of rows in any order."""

    __slots__ = ("_origin", "_place", "_plan", "_usage", "asked", "columns", "fields", "used_columns")

    def __init__(self, plan: Plan, *, origin: str, place: Place, scope: Scope) -> None:
        header = scope.header
        self._usage = scope.usage
        self._plan = plan
        self._origin = origin
        self._place = place
        self.asked = {column: frozenset(asked) for column, asked in scope.asked.items()}
        """What expressions would know of a column as a whole, by its position."""
        self.columns = header.columns
        self.used_columns = tuple(column for index, column in enumerate(header.columns) if index in header.used)
        """The headers that the mapping looks at, in the order of the file."""
        names = {"external_id", "external_origin", *(field.key for field in plan.fields)}
        names |= {name for name, part in (("tags", plan.tags), ("custom_fields", plan.custom_fields)) if part}
        self.fields = tuple(name for name in FIELDS if name in names)
        """The written names that the mapping can set, in the order of the API reference."""

    @property
    def notes_usage(self) -> bool:
        """Whether it is noted which parts of the mapping the rows make use of: in this process alone."""
        return self._usage is not None

    @property
    def undeclared(self) -> tuple[int, ...]:
        """The positions of the columns that have to be read as a whole to know how their cells are read."""
        return tuple(column for column, asked in sorted(self.asked.items()) if any(not one.declared for one in asked))

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """The headers that the mapping never looks at, in the order of the file."""
        used = set(self.used_columns)
        return tuple(column for column in self.columns if column not in used)

    def column_of(self, field: str) -> str | None:
        """Name the header that a field, a custom field (custom_fields.slug), or the first of these is taken from, or None."""
        blank: Cells = (None,) * len(self.columns)
        custom, _, slug = field.partition(".")
        named = self._plan.custom_fields if custom == "custom_fields" else (self._plan.external_id, *self._plan.fields)
        sources = [one for one in named if one.key == (slug or field) or field == "custom_fields"]
        places = (one.compiled.blame(blank) for one in sources)
        return next((self.columns[place] for place in places if place is not None), None)

    @property
    def sources(self) -> dict[str, str | None]:
        """Name the column that each field and custom field is taken from, the first of several; None: from no column."""
        blank: Cells = (None,) * len(self.columns)
        fields = {field.key: field for field in (self._plan.external_id, *self._plan.fields)}
        fields |= {f"custom_fields.{field.key}": field for field in self._plan.custom_fields}
        places = {name: field.compiled.blame(blank) for name, field in fields.items()}
        return {name: None if place is None else self.columns[place] for name, place in places.items()}

    def map(self, row: Row) -> Mapped:
        """Say which company a row stands for, or every reason why it cannot be said; never raises on data."""
        cells = self._padded(row)
        troubles: list[Trouble] = []
        if (rule := self._skip_rule(cells, troubles)) is not None:
            return self._skipped(row, cells, rule)
        payload = self._referring(self._payload(cells, troubles))
        issues = tuple(map(self._weighed, row.issues))
        if troubles:
            if self._usage is not None:
                self._usage.count(troubles)
            issues = tuple(dict.fromkeys((*issues, *(self._issue(trouble, row) for trouble in troubles))))
        external_id = payload.get("external_id")
        if not isinstance(external_id, str):
            return Refusal(None, issues)
        if any(issue.severity is Severity.ERROR for issue in issues):
            return Refusal(external_id, issues)
        return Desired(external_id, payload, issues)

    @property
    def names_clients(self) -> bool:
        """Whether clients are named by external_ids, of which only Kanbert knows whether there is such a client."""
        return self._plan.client is not None

    def _referring(self, payload: Payload) -> Payload:
        """Put a client's external_id where no id is meant; it never leaves as it is."""
        if self._plan.client is not None and isinstance(named := payload.get("client_id"), str):
            payload["client_id"] = {"external_id": named, **self._plan.client}
        return payload

    def traced(self, row: Row) -> tuple[Traced, ...]:
        """Say of each field which columns it looks at in a row and what comes of them, also where the row is refused."""
        cells, plan = self._padded(row), self._plan
        found = [self._traced(one, cells, ("company", one.key)) for one in (plan.external_id, *plan.fields)]
        if plan.tags:
            tags = _tags(plan.tags, cells, [])
            columns = self._headers(plan.tag_reads)
            found.append(Traced("tags", columns, None, tags or None, "value" if tags else "blank", ("tags",)))
        found += [self._traced(one, cells, ("custom_fields", one.key)) for one in plan.custom_fields]
        return tuple(found)

    def _traced(self, field: Field, cells: Cells, path: tuple[str, str]) -> Traced:
        value, place = field.compiled.evaluate(cells, []), field.compiled.blame(cells)
        name = field.key if path[0] == "company" else ".".join(path)
        column, columns = None if place is None else self.columns[place], self._headers(field.compiled.reads)
        if isinstance(value, Nothing):
            return Traced(name, columns, column, None, value.value, path)
        if isinstance(value, (str, int)):
            return Traced(name, columns, column, value, "value", path)
        return Traced(name, columns, column, None, "cleared" if field.clears else "blank", path)

    def _headers(self, places: Collection[int]) -> tuple[str, ...]:
        return tuple(self.columns[place] for place in sorted(places))

    def map_all(self, rows: Sequence[Row]) -> list[Mapped]:
        """Map many rows, each as `map` would; a tenth of the time a row where they are a few hundred, and sound."""
        if self._usage is not None or not rows:  # which is told of one row at a time
            return [self.map(row) for row in rows]
        batch = Batch(self._all_padded(rows))
        filled = self._fill_all(batch)
        payloads = self._payloads(filled, len(batch))
        return [
            self.map(row)
            if row.issues or place in batch.alone
            else Desired(cast("str", payload["external_id"]), self._referring(payload))
            for place, (row, payload) in enumerate(zip(rows, payloads, strict=True))
        ]

    def weigh_all(self, rows: Sequence[Row]) -> Weighed:
        """Say of many rows what `map_all` would, of those without any issue only the external_id: two thirds of the time."""
        if self._usage is not None or not rows:
            alone: Collection[int] = range(len(rows))
            external_ids = list[str | None]([None] * len(rows))
        else:
            batch = Batch(self._all_padded(rows))
            external_ids = cast("list[str | None]", list(self._fill_all(batch).named[0]))
            alone = batch.alone | {place for place, row in enumerate(rows) if row.issues}
        troubled = {place: (rows[place], self.map(rows[place])) for place in sorted(alone)}
        for place, (_, mapped) in troubled.items():
            external_ids[place] = mapped.external_id
        return Weighed([row.number for row in rows], external_ids, troubled)

    def _fill_all(self, batch: Batch) -> _Filled:
        plan = self._plan
        if plan.skip:
            skipped = batch.by_cells(self._skip_rule, plan.skip_reads)
            batch.set_apart(rule is not None for rule in skipped)
        return _Filled(
            named=[_filled(batch, field) for field in (plan.external_id, *plan.fields)],
            tags=batch.by_cells(lambda cells, troubles: _tags(plan.tags, cells, troubles), plan.tag_reads),
            custom_fields=[_filled(batch, field) for field in plan.custom_fields],
        )

    def _payloads(self, filled: _Filled, count: int) -> list[Payload]:
        plan = self._plan
        named = (plan.external_id, *plan.fields)
        keys = [field.key for field in named]
        keys.insert(1, "external_origin")
        columns = [*filled.named]
        columns.insert(1, [self._origin] * count)
        if plan.tags:
            keys.append("tags")
            columns.append([list(each) or None for each in filled.tags])
        if plan.custom_fields:
            keys.append("custom_fields")
            columns.append(_custom_fields(plan.custom_fields, filled.custom_fields))
        return _payloads(keys, columns, {field.key for field in named if field.clears})

    def _all_padded(self, rows: Sequence[Row]) -> list[Cells]:
        cells = [row.cells for row in rows]
        return cells if min(map(len, cells)) >= len(self.columns) else list(map(self._padded, rows))

    def _padded(self, row: Row) -> Cells:
        cells = row.cells
        return cells if len(cells) >= len(self.columns) else (*cells, *[None] * (len(self.columns) - len(cells)))

    def _weighed(self, issue: Issue) -> Issue:
        """Take an error in a cell that the mapping never looks at for what it is: of no consequence."""
        if issue.location.column is None or issue.location.column in self.used_columns:
            return issue
        return replace(issue, severity=Severity.INFO)

    def _skip_rule(self, cells: Cells, troubles: list[Trouble]) -> Rule | None:
        """Find the first rule that holds beyond doubt; a condition that cannot be settled refuses the row instead."""
        for rule in self._plan.skip:
            doubts: list[Trouble] = []
            if rule.test(cells, doubts) and not doubts:
                return rule
            troubles += doubts
        return None

    def _skipped(self, row: Row, cells: Cells, rule: Rule) -> Skip:
        external_id = self._plan.external_id.compiled.evaluate(cells, [])
        issue = Issue.of(Code.SKIPPED_BY_RULE, self._location(row, None), detail=rule.reason)
        return Skip(external_id if isinstance(external_id, str) else None, (*row.issues, issue))

    def _payload(self, cells: Cells, troubles: list[Trouble]) -> Payload:
        payload: Payload = {}
        _fill(payload, (self._plan.external_id,), cells, troubles)
        payload["external_origin"] = self._origin
        _fill(payload, self._plan.fields, cells, troubles)
        if self._plan.tags and (tags := _tags(self._plan.tags, cells, troubles)):
            payload["tags"] = tags
        if self._plan.custom_fields:
            custom_fields: Payload = {}
            _fill(custom_fields, self._plan.custom_fields, cells, troubles)
            if custom_fields:
                payload["custom_fields"] = custom_fields
        return payload

    def _issue(self, trouble: Trouble, row: Row) -> Issue:
        return Issue.of(
            trouble.code,
            self._location(row, trouble.column),
            field=trouble.field,
            value=trouble.value,
            detail=trouble.detail,
        )

    def _location(self, row: Row, column: int | None) -> Location:
        header = None if column is None else self.columns[column]
        return Location(self._place.file, self._place.sheet, row.number, header)


def _fill(payload: Payload, fields: tuple[Field, ...], cells: Cells, troubles: list[Trouble]) -> None:
    for field in fields:
        value = field.compiled.evaluate(cells, troubles)
        if isinstance(value, (str, int)):  # a boolean is an int
            payload[field.key] = value
        elif field.required and value is not Nothing.FAILED:
            troubles.append(Trouble(Code.MISSING_REQUIRED, field.key, None, "", field.compiled.blame(cells)))
        elif field.clears and value is None:
            payload[field.key] = None


def _filled(batch: Batch, field: Field) -> Sequence[Json]:
    values = batch.values(field.compiled)
    if field.required:
        batch.set_apart(type(value) is not str for value in values)
    return cast("list[Json]", values)


def _custom_fields(fields: tuple[Field, ...], columns: Sequence[Sequence[Json]]) -> list[Json]:
    made = _payloads([field.key for field in fields], columns, {field.key for field in fields if field.clears})
    return [payload or None for payload in made]


def _payloads(keys: Sequence[str], columns: Sequence[Sequence[Json]], clears: set[str]) -> list[Payload]:
    """Make the rows of columns; a blank is left out, or null where a field is to be cleared."""
    blanks = [0 if key in clears else column.count(None) for key, column in zip(keys, columns, strict=True)]
    kept = [place for place, column in enumerate(columns) if blanks[place] < len(column)]
    names = [keys[place] for place in kept]
    if not names:
        return [{} for _ in columns[0]]
    payloads: list[Payload] = [
        dict(zip(names, values, strict=True)) for values in zip(*(columns[place] for place in kept), strict=True)
    ]
    for place in kept:
        if blanks[place]:
            for payload, value in zip(payloads, columns[place], strict=True):
                if value is None:
                    del payload[keys[place]]
    return payloads


def _tags(expressions: tuple[EvaluateAll, ...], cells: Cells, troubles: list[Trouble]) -> list[Json]:
    """Collect the tags of all expressions, each once, in order."""
    found = (value for evaluate in expressions for value in evaluate(cells, troubles))
    return list(dict.fromkeys(value for value in found if isinstance(value, str)))
