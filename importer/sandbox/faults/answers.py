"""A fault that fires -> the answer that is sent in place of the right one, or what is made of that."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.sandbox.wire.answers import HTML, Answer, ApiError, error_answer, login_answer, page, redirect

if TYPE_CHECKING:
    from importer.sandbox.faults.fault import Fault
    from importer.sandbox.wire.inputs import Json

__all__ = ["executes", "instead", "spoilt"]

_EXECUTED = frozenset({"reset_during", "reset_after", "content_type", "expire_token", "repeat_cursor"})


def executes(fault: Fault | None) -> bool:
    """Tell whether the request is carried out."""
    return fault is None or fault.commit or fault.do in _EXECUTED


def instead(fault: Fault) -> Answer | None:
    """Return the answer that is sent whatever the right one is; None where the fault has none."""
    if fault.do == "login_page":
        return login_answer()
    if fault.do != "status":
        return None
    status = fault.status or 500
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if 300 <= status < 400:
        return redirect("/login", status, headers)
    error = ApiError(status, errors={} if status == 422 else None, headers=headers)
    if fault.body == "json":
        return error_answer(error, as_json=True)
    return Answer(status, page(error.message), HTML, headers)


def spoilt(answer: Answer, fault: Fault, asked_url: str, cursor: Json) -> Answer:
    """Return what a fault makes of the right answer; `asked_url` and `cursor` are those of the page that was asked."""
    if fault.do == "content_type":
        return replace(answer, content_type=HTML)
    if fault.do == "repeat_cursor" and cursor is not None and answer.status == 200:
        return _repeating(answer, asked_url, cursor)
    return answer


def _repeating(answer: Answer, asked_url: str, cursor: Json) -> Answer:
    body = json.loads(answer.body)
    if isinstance(body, dict) and isinstance(meta := body.get("meta"), dict):
        again = {"next_cursor": cursor, "next_page_url": asked_url, "next_cursor_url": asked_url}
        body["meta"] = {**meta, **{name: value for name, value in again.items() if name in meta}}
        return replace(answer, body=json.dumps(body, separators=(",", ":")).encode())
    return answer
