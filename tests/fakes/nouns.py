"""Small valid nouns for tests: a source, rows, desired companies, runs, remote companies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.company import FIELDS, FieldType, Remote
from importer.journal import RunFacts, Work
from importer.model import Desired, Json, Location, Payload, Row, SourceInfo

if TYPE_CHECKING:
    from importer.journal import Intent

ORIGIN = "moneybird"
AT = "2026-01-01T00:00:00+00:00"


def source_info(*columns: str) -> SourceInfo:
    return SourceInfo(path="contacts.csv", sha256="0" * 64, format="csv", columns=columns or ("id", "name"))


def run_facts(run_id: str = "r1", command: str = "run") -> RunFacts:
    return RunFacts(run_id, command, "0.0", AT, source_info(), "mapping.yaml", "1" * 64, "version: 1")


def desired(external_id: str, **fields: Json) -> Desired:
    payload: Payload = {
        "external_id": external_id,
        "external_origin": ORIGIN,
        "company_name": f"Company {external_id}",
        **fields,
    }
    return Desired(external_id, payload)


def row(number: int, *cells: str) -> Row:
    return Row(number, cells or (str(number), f"Company {number}"))


def work(external_id: str, *, row_id: int = 1, intent: Intent | None = None, **fields: Json) -> Work:
    return Work(row_id, row_id + 1, desired(external_id, **fields), intent)


def place(_work: Work, column: str | None) -> Location:
    return Location("contacts.csv", None, _work.number, column)


def stored(payload: Payload, *, kanbert_id: str = "7", **overrides: Json) -> Remote:
    """A company as Kanbert would return it after a create with `payload`, with some read fields overridden."""
    body: dict[str, Json] = {"id": kanbert_id, "updated_at": AT, "deleted_at": None, "tags": [], "custom_fields": []}
    for name, field in FIELDS.items():
        body.setdefault(field.reads_as, None)
        if name in payload:
            body[field.reads_as] = _as_read(field.type, payload[name])
    body |= overrides
    return Remote(
        kanbert_id=str(body["id"]),
        external_id=_text(body["external_id"]),
        external_origin=_text(body["external_origin"]),
        updated_at=AT,
        archived=body["deleted_at"] is not None,
        body=body,
        read_at=0.0,
    )


def _as_read(kind: FieldType, value: Json) -> Json:
    match kind:
        case FieldType.COUNTRY:
            return {"id": "1", "name": "Somewhere", "code": value}
        case FieldType.NAMED:
            return {"id": "1", "name": value}
        case FieldType.TITLED:
            return {"id": "1", "title": value}
        case FieldType.COUNTRY_ID | FieldType.CLIENT_ID:
            return {"id": value}
        case FieldType.TAGS:
            return [{"id": str(i), "title": tag} for i, tag in enumerate(value)] if isinstance(value, list) else []
        case _:
            return value


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
