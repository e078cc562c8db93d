"""A Kanbert that does as it is told: companies in memory, and a script of errors for its calls."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from importer.company import FIELDS
from importer.errors import (
    ConflictError,
    Exchange,
    FatalTargetError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from tests.fakes.nouns import ORIGIN, stored

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from importer.company import Remote
    from importer.model import Payload

__all__ = ["ScriptedTarget", "conflict", "fatal", "gone", "lost", "refused"]


class ScriptedTarget:
    """Keeps companies by external_id. `script["create"]` holds, in order, what the next calls raise; None is success.

    `script["create k1"]` is for the calls of one company alone, and comes first. An error with `effect=True` is raised after the write took place.
    """

    def __init__(self, *companies: Remote) -> None:
        self.companies = {one.external_id or f"free {one.kanbert_id}": one for one in companies}
        self.hidden: dict[str, Remote] = {}  # archived: found by restore alone
        self.script: dict[str, list[Exception | None]] = defaultdict(list)
        self.calls: list[str] = []
        self.before: Callable[[str], Awaitable[None]] | None = None
        self.edit: Callable[[Remote], Remote] = lambda company: company

    async def find(self, external_id: str) -> Remote | None:
        await self._call("find", external_id)
        return self.companies.get(external_id)

    async def read(self, kanbert_id: str, *, key: str) -> Remote | None:
        await self._call("read", key)
        return next((one for one in self._all() if one.kanbert_id == kanbert_id), None)

    async def identify(self, kanbert_id: str, external_id: str) -> Remote:
        error = await self._call("identify", external_id, late=True)
        place = next((place for place, one in self.companies.items() if one.kanbert_id == kanbert_id), None)
        if place is None:
            raise conflict("PUT", 404)
        if external_id in self.companies or external_id in self.hidden:
            raise conflict("PUT")
        old = self.companies.pop(place)
        body = old.body | {"external_id": external_id, "external_origin": ORIGIN}
        return self._store(replace(old, external_id=external_id, external_origin=ORIGIN, body=body), error)

    def _all(self) -> list[Remote]:
        return [one for one in self.companies.values() if not one.archived]

    async def create(self, payload: Payload) -> Remote:
        external_id = str(payload["external_id"])
        error = await self._call("create", external_id, late=True)
        if external_id in self.companies or external_id in self.hidden:
            raise conflict("POST")
        return self._store(stored(payload, kanbert_id=f"k{len(self.companies) + 1}"), error)

    async def update(self, kanbert_id: str, body: Payload, *, key: str) -> Remote:
        error = await self._call("update", key, late=True)
        if key not in self.companies:
            raise conflict("PATCH")
        old = self.companies[key]
        fresh = {FIELDS[name].reads_as: stored(body).body[FIELDS[name].reads_as] for name in body}
        return self._store(replace(old, body=old.body | fresh), error)

    async def restore(self, kanbert_id: str, *, key: str) -> Remote:
        error = await self._call("restore", key, late=True)
        old = self.companies[key]
        return self._store(replace(old, archived=False, body=old.body | {"deleted_at": None}), error)

    async def restore_holder(self, external_id: str) -> Remote:
        await self._call("restore_holder", external_id)
        if external_id not in self.hidden:
            raise conflict("POST")
        return self._store(replace(self.hidden.pop(external_id), archived=False), None)

    async def _call(self, name: str, key: str, *, late: bool = False) -> Exception | None:
        """Count a call and raise what its script says; an error with an effect is given back to be raised later."""
        self.calls.append(f"{name} {key}")
        if self.before is not None:
            await self.before(name)
        script = self.script[f"{name} {key}"] or self.script[name]
        error = script.pop(0) if script else None
        if error is not None and not (late and getattr(error, "effect", False)):
            raise error
        return error

    def _store(self, company: Remote, error: Exception | None) -> Remote:
        company = self.edit(company)
        self.companies[str(company.external_id)] = company
        if error is not None:
            raise error
        return company


def conflict(method: str, status: int = 422) -> ConflictError:
    return ConflictError("taken", exchange=Exchange(method, "/companies", status))


def lost(*, effect: bool) -> OutcomeUnknownError:
    error = OutcomeUnknownError("the answer was lost", exchange=Exchange("POST", "/companies"))
    error.effect = effect  # type: ignore[attr-defined]  # read by ScriptedTarget alone
    return error


def gone(method: str = "GET") -> TransientError:
    return TransientError("no answer after 5 attempts", exchange=Exchange(method, "/companies"))


def refused(**fields: str) -> RefusedError:
    messages: dict[str, tuple[str, ...]] = {name.replace("__", "."): (text,) for name, text in fields.items()}
    return RefusedError("Kanbert says no", exchange=Exchange("POST", "/companies", 422), fields=messages)


def fatal(method: str = "POST", status: int = 401) -> FatalTargetError:
    return FatalTargetError("the token is not valid", exchange=Exchange(method, "/companies", status))
