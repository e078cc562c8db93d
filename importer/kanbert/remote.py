"""The API's JSON -> remote companies, tolerant of what its documentation leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.company import Remote

if TYPE_CHECKING:
    from importer.model import Json

__all__ = ["remote_of"]


def remote_of(data: Json, content: bytes = b"") -> Remote | None:
    """Read a company; None where the JSON is no company.

    A company is an object with an id, text or number. It comes bare; one inside `data` is taken too. Unknown keys
    stay in the body, missing ones read as null. Dates stay text. `content` is what `data` was read from, where it is to
    be kept as it came.
    """
    if not isinstance(data, dict):
        return None
    inner = data.get("data")
    if "id" not in data and isinstance(inner, dict):
        data, content = inner, b""
    kanbert_id = _text(data.get("id"))
    if not kanbert_id:
        return None
    return Remote(
        kanbert_id=kanbert_id,
        external_id=_text(data.get("external_id")),
        external_origin=_text(data.get("external_origin")),
        updated_at=_text(data.get("updated_at")),
        archived=bool(data.get("deleted_at")),
        body=data,
        answer=content.decode() if content else None,
    )


def _text(value: Json) -> str | None:
    """Take text, or a whole number as text; anything else is not there."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value)
