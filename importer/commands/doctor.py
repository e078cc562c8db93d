"""`doctor`: asks a target what a run would trip over. Nothing is written, unless the probe of PATCH is asked for."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import anyio

from importer.commands import diagnosis
from importer.commands.diagnosis import WHY, Check, Origins, Probed, State, not_checked
from importer.commands.settings import Writing
from importer.commands.targets import address_of, open_target, token_of
from importer.company import FIELDS, FieldType, read_value
from importer.errors import ConflictError, Exchange, Exit, NoTokenError, TargetError, ThrottledError, TransientError
from importer.kanbert import PAGE_SIZE, Inspection
from importer.mapping import load_mapping
from importer.pipeline import unpacked
from importer.report import FileFact
from importer.transport import Answer, RequestCounts, SystemClock, TransportOptions, certificate_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Mapping, Sequence
    from pathlib import Path

    from importer.commands.addresses import Address
    from importer.commands.settings import Desk
    from importer.commands.targets import OpenTarget
    from importer.company import Remote
    from importer.model import Json, Payload
    from importer.transport import Attempt, Certificate, Clock, Token

__all__ = ["Checkup", "Diagnosis", "doctor", "skew"]

T = TypeVar("T")

MOST_PAGES = 5  # of the list that are looked at
SMALL_REQUESTS = 5  # that the latency is the median of
MOST_ORIGINS = 5  # that are tried for the token's own
ATTEMPTS = 2  # of a question that gets no answer; a run is more patient
PATIENCE = 75.0  # seconds for one question, waiting for the target included: a minute's throttle passes
_NO_ORIGIN = "-"  # stands where a target is opened without a mapping: no question here carries an origin
_PROBED = ("vendor_identifier", "phone")  # plain texts that nothing else follows from


@dataclass(frozen=True, slots=True)
class Checkup:
    """What to look at."""

    to: str
    token_file: Path | None = None
    mapping: Path | None = None
    probe_patch: bool = False
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found; `url` is where the target listens."""

    url: str
    origin: str | None  # of the mapping
    mapping: FileFact | None
    checks: tuple[Check, ...]
    requests: RequestCounts
    duration: float  # seconds

    @property
    def exit_code(self) -> Exit:
        """Say whether a run would be refused."""
        return Exit.TARGET if any(check.state is State.PROBLEM for check in self.checks) else Exit.OK


@dataclass(frozen=True, slots=True)
class _Examined:
    """What was found at one target."""

    url: str
    checks: tuple[Check, ...]
    requests: RequestCounts


def doctor(checkup: Checkup, desk: Desk, clock: Clock | None = None) -> Diagnosis:
    """Ask a target what a run would trip over; checks that cannot be done say so, and the others are done.

    Raises:
        UsageError: the words, the mapping or the token's file cannot be used; nothing was asked.
    """
    clock = clock or SystemClock()
    began = clock.monotonic()
    mapping = None if checkup.mapping is None else load_mapping(checkup.mapping)
    origin = None if mapping is None else mapping.origin
    address = address_of(checkup.to, desk)
    try:
        token = token_of(address, Writing(to=checkup.to, token_file=checkup.token_file), desk)
    except NoTokenError as error:
        examined = anyio.run(_without_token, address, str(error), clock)
    else:
        agreed = checkup.probe_patch and (address.local or desk.confirm(_question(address)))
        with unpacked():
            examined = anyio.run(_examined, address, token, _Plan(checkup, origin, agreed), clock)
    return Diagnosis(
        examined.url,
        origin,
        None if mapping is None else FileFact(str(mapping.path), mapping.sha256),
        _ordered(examined.checks),
        examined.requests,
        clock.monotonic() - began,
    )


def _question(address: Address) -> str:
    return (
        f"One company of {address.url} will be sent a value that it has already, to see whether its other fields stay. "
        "If they do not, they are put back as far as possible. Go on?"
    )


def _ordered(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Put the checks into their order; one that never came about is named all the same."""
    by_name = {check.name: check for check in checks}
    return tuple(by_name.get(name) or not_checked(name, "the target does not let us ask") for name in WHY)


async def _without_token(address: Address, message: str, clock: Clock) -> _Examined:
    found, _, hint = message.partition(": ")
    checks = (
        not_checked("address", "nothing was asked without a token"),
        diagnosis.certificate(await _certificate(address.url), clock.now()),
        Check("token", State.PROBLEM, found, f"{hint[0].upper()}{hint[1:]}"),
    )
    return _Examined(address.url, checks, RequestCounts())


async def _certificate(url: str) -> Certificate | None:
    parts = urlsplit(url)
    return await certificate_of(str(parts.hostname), parts.port or 443) if parts.scheme == "https" else None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an examination is to do."""

    checkup: Checkup
    origin: str | None
    probes: bool  # and nobody said no


async def _examined(address: Address, token: Token, plan: _Plan, clock: Clock) -> _Examined:
    attempts: list[Attempt] = []

    def options(url: str) -> TransportOptions:
        return TransportOptions(url, token, attempts=ATTEMPTS)

    async with open_target(address, options, plan.origin or _NO_ORIGIN, clock, attempts.append) as target:
        trust = diagnosis.certificate(await _certificate(target.url), clock.now())
        checks = await _Examination(target, plan, clock, attempts).checks()
        return _Examined(target.url, (trust, *checks), target.transport.counts)


class _Examination:
    """The asking, one question after the other, so that nothing else is measured with what is measured."""

    def __init__(self, target: OpenTarget, plan: _Plan, clock: Clock, attempts: Sequence[Attempt]) -> None:
        self._kanbert = target.kanbert
        self._transport = target.transport
        self._inspection = Inspection(target.transport)
        self._url = target.url
        self._plan = plan
        self._clock = clock
        self._attempts = attempts

    async def checks(self) -> tuple[Check, ...]:
        """Do all checks that can be done."""
        first = await self._answered(self._kanbert.preflight())
        if isinstance(first, Answer):
            ahead = skew(first.headers, self._clock)
            entered = diagnosis.access(None, self._url)
            return (*entered, diagnosis.clock(ahead), *await self._inside(), self._rate_limit(first.headers))
        checks = list(diagnosis.access(first, self._url))
        if first.exchange.status == 403:  # of one scope; others may be there
            checks.append(diagnosis.offer_scope(await self._answered(self._inspection.may_read_offers())))
        if self._transport.counts.throttled:
            checks.append(self._rate_limit({}))
        return tuple(checks)

    async def _inside(self) -> tuple[Check, ...]:
        latency = await self._latency()
        listed = await self._answered(self._listed())
        return (
            latency,
            *(await self._about(listed)),
            diagnosis.write_scope(await self._answered(self._inspection.may_write())),
            diagnosis.offer_scope(await self._answered(self._inspection.may_read_offers())),
            await self._patch(listed),
        )

    def _rate_limit(self, headers: Mapping[str, str]) -> Check:
        return diagnosis.rate_limit(headers, self._transport.counts.throttled)

    async def _latency(self) -> Check:
        before = len(self._attempts)
        for _ in range(SMALL_REQUESTS):
            if isinstance(await self._answered(self._kanbert.preflight()), TargetError):
                break
        seconds = [attempt.duration for attempt in self._attempts[before:] if attempt.status == 200]
        return diagnosis.latency(seconds)

    async def _listed(self) -> _Listed:
        companies: list[Remote] = []
        whole, per_page = False, None
        async with aclosing(self._kanbert.pages()) as pages:
            async for page in pages:
                companies.extend(page.companies)
                whole, per_page = page.last, per_page or page.per_page
                if page.number == MOST_PAGES:
                    break
        return _Listed(tuple(companies), per_page, whole=whole)

    async def _about(self, listed: _Listed | TargetError) -> tuple[Check, ...]:
        if isinstance(listed, TargetError):
            hint = "A run with --lookup rows does without a list."
            return tuple(not_checked(name, str(listed), hint) for name in ("page-size", "fields", "origin"))
        companies = listed.companies
        seen = Counter(company.external_origin for company in companies if company.external_id)
        origins = Origins(seen, len(companies), listed.whole, await self._own_origin(companies))
        return (
            diagnosis.page_size(PAGE_SIZE, listed.per_page, len(companies), whole=listed.whole),
            diagnosis.fields(companies[0].body if companies else None),
            diagnosis.origin(origins, self._plan.origin),
        )

    async def _own_origin(self, companies: Sequence[Remote]) -> str | None:
        """Find the token's own origin: a look-up without one shows the companies that have it."""
        for company in _one_of_each_origin(companies):
            found = await self._answered(self._inspection.holder(str(company.external_id)))
            if found is not None and not isinstance(found, TargetError) and found.external_id == company.external_id:
                return found.external_origin
        return None

    async def _patch(self, listed: _Listed | TargetError) -> Check:
        if not self._plan.probes:
            asked = self._plan.checkup.probe_patch
            return not_checked("patch", "you said no" if asked else "it is asked for by --probe-patch; it writes")
        if isinstance(listed, TargetError):
            return not_checked("patch", "the list was not answered, so no company is known to try it on")
        live = [one for one in listed.companies if not one.archived]
        if not live:
            return not_checked("patch", "there is no company to try it on")
        try:  # without a time limit: what it may have changed has to be put back
            return diagnosis.patch(await self._probed(live[0].kanbert_id))
        except TargetError as error:
            return diagnosis.patch(error)

    async def _probed(self, kanbert_id: str) -> Probed:
        before = await self._read(kanbert_id)
        field = next((name for name in _PROBED if before.get(name)), _PROBED[0])
        await self._kanbert.update(kanbert_id, {field: before.get(field)}, kanbert_id)
        changed = _changed(before, await self._read(kanbert_id))
        if not changed:
            return Probed(kanbert_id, field, {})
        await self._kanbert.update(kanbert_id, _everything(before), kanbert_id)
        left = _changed(before, await self._read(kanbert_id))
        return Probed(kanbert_id, field, {name: before.get(name) for name in changed}, left)

    async def _read(self, kanbert_id: str) -> Mapping[str, Json]:
        company = await self._kanbert.read(kanbert_id)
        if company is None:
            raise ConflictError("the company is no longer there", exchange=Exchange("GET", f"/companies/{kanbert_id}"))
        return company.body

    async def _answered(self, question: Awaitable[T]) -> T | TargetError:
        """Ask; what goes wrong comes back as a value, also that no answer came in good time."""
        patience = self._plan.checkup.patience
        with anyio.move_on_after(patience):
            try:
                return await question
            except TargetError as error:
                return error
        last = self._attempts[-1]
        exchange = Exchange(last.method, last.path, last.status, last.message)
        if last.status == 429:
            return ThrottledError("the target wants fewer requests", exchange=exchange, retry_after=None)
        return TransientError(f"no answer within {patience:g} s", exchange=exchange)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The first companies of the list; all of them where `whole`."""

    companies: tuple[Remote, ...]
    per_page: int | None
    whole: bool


def _one_of_each_origin(companies: Sequence[Remote]) -> Iterator[Remote]:
    """Choose live companies that can be asked for by their external_id."""
    tried: set[str | None] = set()
    for company in companies:
        external_id, origin = company.external_id, company.external_origin
        askable = external_id and "/" not in external_id and external_id not in {".", ".."}
        if askable and not company.archived and origin not in tried and len(tried) < MOST_ORIGINS:
            tried.add(origin)
            yield company


def _changed(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(name for name in before if name != "updated_at" and before[name] != after.get(name))


def _everything(company: Mapping[str, Json]) -> Payload:
    """Write a company as it was read; what had no value is left out."""
    values = {
        field.name: read_value(field, company)
        for field in FIELDS.values()
        if field.type is not FieldType.COUNTRY_ID and field.name not in {"external_id", "external_origin"}
    }
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def skew(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Say how many seconds the target's clock is ahead of ours, to about a second."""
    try:
        theirs = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None
    return (theirs - clock.now()).total_seconds() if theirs.tzinfo else None
