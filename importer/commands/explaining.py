"""`explain`: one row's life out of the journal, from its cells to what Kanbert stored; asks nothing and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from importer.commands.addresses import Address
from importer.commands.again import OF_A_RETRY, planned_run, remembered, retry_again
from importer.commands.inputs import with_readings
from importer.commands.mending import errors_file
from importer.company import FIELDS, IDENTITY, arrived_otherwise, changes, not_shown, read_value
from importer.errors import Exit, UsageError
from importer.journal import PLAN, life_of, life_without_row, rows_meant, view_journal, was_sent, writer_of
from importer.mapping import parse_mapping
from importer.model import Row, pasted
from importer.report import (
    CellFact,
    Explanation,
    FieldFact,
    FileFact,
    OperationFact,
    RunFact,
    SentFact,
    StoredFact,
    Summary,
    TargetFact,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from importer.journal import JournalView, KeptOperation, KeptRow, Life, RunRecord
    from importer.model import Json, Payload

__all__ = ["By", "explain"]

By = Literal["row", "external_id"]

_MOST_NAMED = 10  # rows that a message lists


def explain(path: Path, word: str, by: By | None = None) -> Summary:
    """Tell the life of the row that `word` means: its number in the file, or its external_id.

    Raises:
        UsageError: the journal knows no such row, or the word means two; the message says how to say which.
    """
    with view_journal(path) as view:
        last = view.last_run()
        life, meant = _life_meant(view, path, word, by)
        explanation = _explained(view, life, meant)
        summary = _base(view, path, life)
        undone = last.undoes is not None  # a retry would do once more what was taken back
    writer = writer_of(path)
    going_on = () if writer is None else (f"{writer.going_on}: there may be more soon.",)
    following = None if writer is not None or undone else _next(life, last, path)
    return replace(summary, explained=explanation, notes=going_on, next=following)


def _base(view: JournalView, path: Path, life: Life) -> Summary:
    run, target = life.mapped_by, view.target()
    counts = view.counts()
    return Summary(
        command="explain",
        exit_code=Exit.OK,
        source=run.source,
        rows=counts.read,
        mapping=FileFact(run.mapping_path, run.mapping_sha256),
        target=TargetFact(Address(target.url).shown, target.origin),
        journal=str(path),
        counts=counts,
    )


def _next(life: Life, last: RunRecord, path: Path) -> str | None:
    if life.mapped_by.command == PLAN:
        return planned_run(last, path)
    outcome = None if life.row is None else life.row.outcome
    if life.row is not None and (outcome is None or outcome in {"failed", "unknown"}):
        return retry_again(path, remembered(last.again, OF_A_RETRY))
    if any(issue.severity == "error" for _, issue in life.issues):
        return pasted("kanbert-import", "report", path, "-o", errors_file(path))
    return None


# ── which row is meant ───────────────────────────────────────────────────────────────────────────────────────────


def _life_meant(view: JournalView, path: Path, word: str, by: By | None) -> tuple[Life, By]:
    numbered = rows_meant(view, number=int(word)) if by != "external_id" and _is_number(word) else []
    identified = rows_meant(view, external_id=word) if by != "row" else []
    if numbered and identified and {row.id for row in numbered} != {row.id for row in identified}:
        raise UsageError(_ambiguous(path, word, numbered[0], identified))
    if numbered:
        return life_of(view, numbered[0]), "row"
    if len(identified) > 1:
        raise UsageError(_several(path, word, identified))
    if identified:
        return life_of(view, identified[0]), "external_id"
    if by != "row" and was_sent(view, word):
        return life_without_row(view, word), "external_id"
    raise UsageError(_unknown(path, word, by))


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 19


def _ambiguous(path: Path, word: str, row: KeptRow, others: list[KeptRow]) -> str:
    held = "no external_id" if row.external_id is None else f"external_id {row.external_id}"
    command = pasted("kanbert-import", "explain", path, word)
    return (
        f"{word} is the number of a row ({held}), and the external_id of row {_numbers(others)}. "
        f"Say which is meant: `{command} --by row`, or `--by external_id`."
    )


def _several(path: Path, word: str, rows: list[KeptRow]) -> str:
    command = pasted("kanbert-import", "explain", path, str(rows[0].number), "--by", "row")
    return f"external_id {word} stands in rows {_numbers(rows)} of the file. Name one by its number: `{command}`."


def _numbers(rows: list[KeptRow]) -> str:
    named = ", ".join(str(row.number) for row in rows[:_MOST_NAMED])
    return named + (f" and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else "")


def _unknown(path: Path, word: str, by: By | None) -> str:
    kind = {"row": "a row with the number", "external_id": "the external_id", None: "a row or an external_id"}[by]
    return (
        f"the journal {path} does not know {kind} {word}. Rows are counted as the file's own program shows them, the "
        "header included; an external_id is written as the mapping makes it."
    )


# ── its life ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _explained(view: JournalView, life: Life, meant: By) -> Explanation:
    row, source = life.row, life.mapped_by.source
    fields, unread = _fields(view, life)
    stored, stored_by = _stored(life)
    took_part = {one.run for one in life.operations} | {one.run for one in life.requests} | {life.mapped_by.id}
    return Explanation(
        source=source,
        meant=meant,
        number=None if row is None else row.number,
        external_id=life.external_ids[0] if row is None else row.external_id,
        former=tuple(one for one in life.external_ids if row is not None and one != row.external_id),
        kanbert_id=life.kanbert_id,
        outcome=_outcome(life),
        cells=tuple(_cells(life)),
        mapping=life.mapped_by.mapping_path,
        fields=fields,
        unread=unread,
        payload=life.payload,
        issues=life.issues,
        foreseen=None if life.forecast is None else (life.forecast.action, life.forecast.changes),
        operations=tuple(map(_operation, life.operations)),
        requests=tuple(
            SentFact(
                run=one.run,
                at=one.attempt.at,
                method=one.attempt.method,
                path=one.attempt.path,
                status=one.attempt.status,
                duration_s=one.attempt.duration,
                waited_s=one.waited,
                request_id=one.attempt.request_id,
                message=one.attempt.message,
            )
            for one in life.requests
        ),
        runs=tuple(
            RunFact(run.id, run.command, run.state, run.started_at)
            for number, run in life.runs.items()
            if number in took_part
        ),
        stored=stored,
        stored_by=stored_by,
    )


def _outcome(life: Life) -> str:
    if life.row is None:
        return "gone"
    return life.row.outcome or ("unknown" if life.open else "pending")


def _cells(life: Life) -> Iterator[CellFact]:
    source, number = life.mapped_by.source, life.row.number if life.row else None
    read = life.original or life.cells
    for column, now, before in zip(source.columns, life.cells, read, strict=False):
        yield CellFact(column, source.address(column, number), now, before, corrected=now != before)


def _fields(view: JournalView, life: Life) -> tuple[tuple[FieldFact, ...], str | None]:
    """Map the row once more, by the mapping that it was mapped by; nothing and the reason where that cannot be read."""
    if life.row is None:
        return (), None
    run = life.mapped_by
    try:
        mapping = parse_mapping(run.mapping_text, path=Path(run.mapping_path))
        mapper = mapping.compile(run.source.columns, file=run.source.path, sheet=run.source.sheet)
        mapper = with_readings(mapper, mapping, run.source, view.original_rows())
    except UsageError as error:
        return (), f"The mapping in the journal cannot be read by this version: {error}"
    traced = mapper.traced(Row(life.row.number, life.cells))
    return tuple(
        FieldFact(one.field, one.value, one.state, one.columns, one.column, *mapping.rule(one.path)) for one in traced
    ), None


def _operation(one: KeptOperation) -> OperationFact:
    return OperationFact(
        id=one.id,
        run=one.run,
        action=one.action,
        external_id=one.external_id,
        kanbert_id=one.kanbert_id,
        body=one.body,
        changes=one.changes,
        intended_at=one.intended_at,
        outcome=one.outcome,
        settled_at=one.settled_at,
        otherwise=() if one.after is None else arrived_otherwise(_known(one.body), one.after),
        undoes=one.undoes,
        undone_by=one.undone_by,
        traceback=one.traceback,
    )


def _known(body: Payload) -> Payload:
    return {name: value for name, value in body.items() if name in FIELDS}


def _stored(life: Life) -> tuple[tuple[StoredFact, ...], str | None]:
    """Compare what the company should be with the latest that is known of it: an answer, or a listing."""
    answered = next((one for one in reversed(life.operations) if one.after is not None), None)
    stored, known_by = None, None
    if answered is not None:
        moment = (answered.settled_at or answered.intended_at)[:19].replace("T", " ")
        stored, known_by = answered.after, f"as it answered to operation {answered.id} at {moment}"
        later = next((one for one in reversed(life.operations) if one.id > answered.id and one.settled_at), None)
        known_by += "" if later is None else f", before operation {later.id} ({later.action})"
    if life.listed is not None and _is_later(life.listed, stored):
        stored, known_by = life.listed, "as the last listing of the space showed it"
        known_by += ", archived" if life.listed.get("deleted_at") else ""
    if stored is None:
        return (), None
    wanted = _known(life.payload or (answered.body if answered else {}))
    return tuple(_compared(name, value, stored) for name, value in wanted.items()), known_by


def _is_later(listed: Mapping[str, Json], stored: Mapping[str, Json] | None) -> bool:
    """Whether a listing shows a later state; within one second that of an archived company."""
    return stored is None or _moment(listed) > _moment(stored)


def _moment(company: Mapping[str, Json]) -> tuple[str, str]:
    return str(company.get("updated_at") or ""), str(company.get("deleted_at") or "")


def _compared(name: str, wanted: Json, stored: Mapping[str, Json]) -> StoredFact:
    there = read_value(FIELDS[name], stored)
    if name in IDENTITY:
        return StoredFact(name, wanted, there, same=there == wanted)
    if FIELDS[name].reads_as not in stored or not_shown({name: wanted}, stored):
        return StoredFact(name, wanted, None, same=None)
    return StoredFact(name, wanted, there, same=not changes({name: wanted}, stored))
