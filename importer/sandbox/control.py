"""Requests below /sandbox -> what drives a sandbox from outside: its counts and its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anyio import to_thread

from importer.sandbox import webhook_control
from importer.sandbox.companies.finding import SELECT
from importer.sandbox.companies.rendering import rendered
from importer.sandbox.faults import Fault, Faults, FaultScript, parse_faults
from importer.sandbox.wire.answers import Answer, ApiError, json_answer
from importer.sandbox.wire.requests import body_of

if TYPE_CHECKING:
    import sqlite3

    from aiohttp import web

    from importer.sandbox.exchange import Exchanges
    from importer.sandbox.space import Space
    from importer.sandbox.wire.inputs import Json

__all__ = ["all_companies", "controlled", "set_faults", "stats"]

_MAX_SCRIPT = 64 * 1024  # bytes of a fault script that comes by HTTP
_CHUNK = 500

_COUNTS = """
    SELECT count(*) FILTER (WHERE deleted_at IS NULL), count(*) FILTER (WHERE deleted_at IS NOT NULL) FROM companies
"""
_DUPLICATES = """
    SELECT count(*) FROM (
        SELECT 1 FROM companies WHERE external_id IS NOT NULL GROUP BY external_origin, external_id HAVING count(*) > 1
    )
"""


async def controlled(exchanges: Exchanges, request: web.BaseRequest, segments: tuple[str, ...]) -> Answer:
    """Answer a request below /sandbox; `segments` is what follows.

    Raises:
        ApiError: its answer, where it asks for what is not there or sends what cannot be read.
    """
    match request.method, segments:
        case "GET", ("stats",):
            return json_answer(await stats(exchanges))
        case "GET", ("faults",):
            return _described(exchanges)
        case "POST", ("faults",):
            text = (await body_of(request, _MAX_SCRIPT)).decode("utf-8", "replace")
            try:
                script = await to_thread.run_sync(parse_faults, text)  # YAML is slow, and text may be hostile
            except ValueError as error:
                raise ApiError(422, str(error)) from None
            set_faults(exchanges, *script.faults, seed=script.seed)
            return _described(exchanges)
        case _, ("webhooks", *rest):
            return await webhook_control.controlled(exchanges, request, tuple(rest))
        case _, ("stats" | "faults" as last,):
            allowed = "GET, POST" if last == "faults" else "GET"
            raise ApiError(405, f"/sandbox/{last} takes {allowed}.", headers={"Allow": allowed})
        case _:
            raise ApiError(404, "Nothing is here: the API is at /api/v1.")


async def stats(exchanges: Exchanges) -> dict[str, Any]:
    """Return the counts of GET /sandbox/stats."""
    stored = await exchanges.store.read(_stored)
    return {**exchanges.ledger.totals(), **stored, "faults_fired": exchanges.faults.fired}


def set_faults(exchanges: Exchanges, *faults: Fault, seed: int = 0) -> None:
    """Replace the faults; counting begins anew, and tokens that a fault let expire are good again."""
    exchanges.faults = Faults(FaultScript(faults, seed))
    exchanges.expired.clear()


def all_companies(db: sqlite3.Connection, space: Space) -> list[dict[str, Any]]:
    """Return all companies, archived ones too, as the API would answer them, in order of id."""
    found = db.execute(f"{SELECT} ORDER BY c.id")
    companies: list[Any] = []
    while rows := found.fetchmany(_CHUNK):
        companies += rendered(db, rows, space.behaviour)
    return companies


def _described(exchanges: Exchanges) -> Answer:
    faults: list[Json] = [*exchanges.faults.described()]
    return json_answer({"faults": faults})


def _stored(db: sqlite3.Connection) -> dict[str, Any]:
    live, archived = db.execute(_COUNTS).fetchone()
    (duplicates,) = db.execute(_DUPLICATES).fetchone()
    return {"companies": {"live": live, "archived": archived}, "duplicates": duplicates}
