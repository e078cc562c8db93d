"""What asking a target brought -> checks: what was found, how bad that is, why it matters and what to do.

Pure decisions; the asking is in `importer.commands.doctor`. A check is a problem only where a run would be refused,
or would do harm.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from importer.commands.settings import CONCURRENCY
from importer.company import FIELDS
from importer.errors import TargetError
from importer.model import plural, shortened

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from importer.model import Json
    from importer.transport import Certificate

__all__ = [
    "WHY",
    "Check",
    "Origins",
    "Probed",
    "State",
    "access",
    "certificate",
    "clock",
    "fields",
    "latency",
    "not_checked",
    "offer_scope",
    "origin",
    "page_size",
    "patch",
    "rate_limit",
    "write_scope",
]

FEW_DAYS = 14
MUCH_SKEW = 30.0  # seconds
SLOW = 2.0  # seconds for one small answer
SMALL_PAGE = 10
MANY_COMPANIES = 10_000  # the example that page sizes are explained with

WHY: Mapping[str, str] = {
    "address": "Without the API's own address nothing can be asked.",
    "certificate": "A run stops when the certificate cannot be trusted any more.",
    "token": "Without a token that Kanbert knows, a run is refused before its first row.",
    "read-scope": "A run looks up what is there before it writes.",
    "write-scope": "Without it a run is refused at its first write.",
    "offer-scope": "Offers show which companies are in use, before one is archived.",
    "page-size": "It decides how many requests a listing of the space takes.",
    "rate-limit": "It bounds how fast a run can be; a run waits by itself when it is told to.",
    "clock": "Times that Kanbert names (when to go on, when a company was changed) are held against this machine's clock.",
    "latency": "With the number of requests in flight it decides how fast a run can be.",
    "fields": "What an answer does not show cannot be compared with what the file says.",
    "origin": "A company is found by its external_id and origin together: under another origin, a run makes a second copy of every company.",
    "patch": "A run updates single fields; the others must stay as they are.",
}
"""Why each check matters, by its name; the order is that of the checks."""

AsDone: TypeAlias = "bool | TargetError | None"


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"  # a run would be refused, or would do harm
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check; its name is public and stable. `hint` is empty where there is nothing to do."""

    name: str
    state: State
    found: str
    hint: str = ""

    @property
    def why(self) -> str:
        """Why it matters."""
        return WHY[self.name]


def not_checked(name: str, reason: str, hint: str = "") -> Check:
    """Say of a check that it was not done."""
    return Check(name, State.NOT_CHECKED, reason, hint)


# ── being let in ─────────────────────────────────────────────────────────────────────────────────────────────────


def access(refusal: TargetError | None, url: str) -> tuple[Check, ...]:
    """Read off the first answer, or the lack of one, how far we came: address, token, scope to read.

    | status of the refusal | address | token       | read-scope  |
    |-----------------------|---------|-------------|-------------|
    | there is none         | ok      | ok          | ok          |
    | 401                   | ok      | problem     | not checked |
    | 403                   | ok      | ok          | problem     |
    | 429, all the time     | ok      | not checked | not checked |
    | others, or no answer  | problem | not checked | not checked |
    """
    found = Check("address", State.OK, f"{url} answers")
    known, may_read = Check("token", State.OK, "accepted"), Check("read-scope", State.OK, "companies can be read")
    if refusal is None:
        return found, known, may_read
    match refusal.exchange.status:
        case 401:
            hint = "Set KANBERT_TOKEN, or --token-file, to a valid one."
            return found, _refused("token", refusal, hint), not_checked("read-scope", "the token was not accepted")
        case 403:
            hint = "Give the integration of this token the scope contact-data:read (Settings > Apps & API)."
            return found, known, _refused("read-scope", refusal, hint)
        case 429:
            throttled = "the target answers nothing but 429 (too many requests)"
            return found, not_checked("token", throttled), not_checked("read-scope", throttled)
        case _:
            hint = "Check the address: the API's own, like https://api.kanbert.com/api/v1."
            silent = "nothing can be asked at this address"
            address = _refused("address", refusal, hint)
            return address, not_checked("token", silent), not_checked("read-scope", silent)


def certificate(shown: Certificate | None, now: dt.datetime) -> Check:
    """Judge a certificate by the days that are left; None where the address is plain http on this machine."""
    if shown is None:
        return not_checked("certificate", "plain http, which never leaves this machine")
    if shown.distrust:
        hint = "Check the address and this machine's clock, or tell those who run the server. Nothing was sent."
        return Check("certificate", State.PROBLEM, f"it cannot be trusted: {shown.distrust}", hint)
    if shown.expires_at is None:
        return not_checked("certificate", "no TLS connection came about")
    days = (shown.expires_at - now).days
    found = f"trusted, and valid until {shown.expires_at:%Y-%m-%d} ({plural(days, 'day')})"
    if days < FEW_DAYS:
        return Check("certificate", State.WARNING, found, "Be done before that day, or ask whether it is renewed.")
    return Check("certificate", State.OK, found)


def write_scope(answered: AsDone) -> Check:
    """Judge the PATCH of nothing to nobody."""
    name = "write-scope"
    match answered:
        case True:
            return Check(name, State.OK, "companies can be written, as far as can be told without writing")
        case False:
            hint = "Give the integration of this token the scope contact-data:write (Settings > Apps & API)."
            return Check(name, State.PROBLEM, "the token may not write companies", hint)
        case None:
            hint = "A rehearsal with `run --limit 1` shows whether the token may write."
            return not_checked(name, "a company has the id 0, so nothing was tried on it", hint)
        case error:
            return _unanswered(name, error)


def offer_scope(answered: AsDone) -> Check:
    """Judge the look at offers; a run needs none."""
    name = "offer-scope"
    match answered:
        case True:
            return Check(name, State.OK, "offers can be read")
        case False:
            hint = "No run needs it. To be warned of offers before companies are archived, add the scope offer:read."
            return Check(name, State.WARNING, "the token may not read offers", hint)
        case None:
            return Check(name, State.WARNING, "this address has no offers", "No run needs them.")
        case error:
            return _unanswered(name, error)


# ── speed ────────────────────────────────────────────────────────────────────────────────────────────────────────


def page_size(asked: int, per_page: int | None, listed: int, *, whole: bool) -> Check:
    """Say what a listing takes; `listed` companies were seen, which is all of them where `whole`."""
    name = "page-size"
    size = f"the space has {plural(listed, 'company', 'companies')}" if whole else f"more than {listed:,} companies"
    if per_page is None:
        return Check(name, State.WARNING, f"the list does not say how many companies a page has; {size}")
    pages = -(-MANY_COMPANIES // per_page)
    found = (
        f"{per_page} companies a page (asked for {asked}); {size}; "
        f"a listing of {MANY_COMPANIES:,} takes {plural(pages, 'request')}"
    )
    if per_page < SMALL_PAGE:
        return Check(name, State.WARNING, found, "For a small file into a large space, use `--lookup rows`.")
    return Check(name, State.OK, found)


def rate_limit(headers: Mapping[str, str], throttled: int) -> Check:
    """Read what the first answer said of the limit; `throttled` requests of ours were answered 429 since."""
    name = "rate-limit"
    limit, left = (_number(headers.get(f"X-RateLimit-{word}", "")) for word in ("Limit", "Remaining"))
    if limit is None:
        found = "the answers name none; a run finds its pace by itself"
    else:
        found = (
            f"{plural(limit, 'request')} in a window, {'?' if left is None else left} left at the start; if that is a "
            f"minute, as usual, up to {plural(limit, 'row')} a minute, and half as many where each row is looked up"
        )
    if throttled:
        hint = "Something else may be using this token: let that end first. A run waits, and loses nothing by it."
        return Check(name, State.WARNING, f"{found}; {plural(throttled, 'request')} answered 429", hint)
    if limit is not None and left is not None and left * 10 < limit:
        hint = "Something else is using this token; let that end first, or the run waits for it."
        return Check(name, State.WARNING, found, hint)
    return Check(name, State.OK, found)


def latency(seconds: Sequence[float]) -> Check:
    """Say what the time of small requests means for a run."""
    if not seconds:
        return not_checked("latency", "no small request was answered")
    middle = median(seconds)
    pace = CONCURRENCY / max(middle, 0.001)
    found = f"{_milliseconds(middle)}; --concurrency {CONCURRENCY} is at most about {plural(round(pace), 'request')} a second"
    if middle > SLOW:
        hint = f"Raise --concurrency: requests a second are about concurrency / {middle:.1f} s, up to the rate limit."
        return Check("latency", State.WARNING, found, hint)
    return Check("latency", State.OK, found)


def clock(skew: float | None) -> Check:
    """Judge how far the target's clock is ahead of ours, in seconds; None where its answers name no time."""
    if skew is None:
        return not_checked("clock", "the answers have no Date")
    if abs(skew) <= MUCH_SKEW:
        return Check("clock", State.OK, "this machine's clock and the target's agree")
    found = f"this machine's clock is {abs(skew):,.0f} s {'behind' if skew > 0 else 'ahead of'} the target's"
    return Check("clock", State.WARNING, found, "Set this machine's clock by the network's time.")


# ── what is there ────────────────────────────────────────────────────────────────────────────────────────────────


def fields(company: Mapping[str, Json] | None) -> Check:
    """Compare a listed company with the documented fields; tags are documented as optional."""
    if company is None:
        return not_checked("fields", "there is no company to look at")
    expected = {field.reads_as: None for field in FIELDS.values()}
    missing = [name for name in (*expected, "created_at", "updated_at", "deleted_at") if name not in company]
    if not missing:
        return Check("fields", State.OK, f"a company shows all {len(expected)} fields that can be written")
    found = f"a company does not show {', '.join(missing)}"
    return Check(
        "fields", State.WARNING, found, "Rows that set these are reported as `not-shown`: look at them in Kanbert."
    )


@dataclass(frozen=True, slots=True)
class Origins:
    """Which origins the listed companies have, by how many of them hold an external_id under each."""

    seen: Mapping[str | None, int]
    listed: int
    whole: bool  # that was the whole space
    own: str | None = None  # what the token's own origin was found to be


def origin(origins: Origins, wanted: str | None) -> Check:
    """Hold the mapping's origin, where there is one, against those that the space has."""
    seen, holders = origins.seen, sum(origins.seen.values())
    among = "the space" if origins.whole else f"the first {plural(origins.listed, 'company', 'companies')}"
    own = "" if origins.own is None else f"; the token's own is {_quoted(origins.own)}"
    if not holders:
        found = f"no company of {among} has an external_id yet{own}"
        return Check("origin", State.OK, found)
    counts = ", ".join(
        f"{_quoted(name)} ({count})" for name, count in sorted(seen.items(), key=lambda one: -one[1])[:8]
    )
    found = f"origins in {among}: {counts}{own}"
    if wanted is None:
        hint = (
            ""
            if len(seen) == 1 and origins.own in seen
            else "Add -m MAPPING to hold its external_origin against these."
        )
        return Check("origin", State.OK, found, hint)
    if wanted in seen:
        return Check("origin", State.OK, f"the mapping's is {_quoted(wanted)}; {found}")
    near = difflib.get_close_matches(wanted.casefold(), [name.casefold() for name in seen if name], n=1, cutoff=0.65)
    meant = next((name for name in seen if name and near and name.casefold() == near[0]), None)
    return Check(
        "origin",
        State.WARNING,
        f"the mapping's is {_quoted(wanted)}, which no company has; {found}",
        f"Did you mean {_quoted(meant)}? "
        * (meant is not None)
        + "If these companies were imported from the same system, set target.external_origin in the mapping to theirs; "
        "a first import from a new system is fine as it is.",
    )


@dataclass(frozen=True, slots=True)
class Probed:
    """What the PATCH of one field to its own value did to a company; `before` holds what it changed besides."""

    kanbert_id: str
    field: str
    before: Mapping[str, Json]
    left: tuple[str, ...] = ()  # what is otherwise still, after all of it was put back


def patch(probed: Probed | TargetError) -> Check:
    """Judge what came of a PATCH that should have changed nothing."""
    if isinstance(probed, TargetError):
        return _unanswered("patch", probed)
    did = f"company {probed.kanbert_id}: {probed.field} set to the value it had"
    if not probed.before:
        return Check("patch", State.OK, f"{did}; every other field stayed as it was")
    lost = ", ".join(f"{name} (was {shortened(str(value), 60)})" for name, value in probed.before.items())
    end = f"; still otherwise: {', '.join(probed.left)}" if probed.left else "; all of it was put back"
    hint = (
        "Do not run an import into this space, and tell us: a PATCH changes fields that it does not name. "
        "Or somebody changed the company at that moment: then try again."
    )
    return Check("patch", State.PROBLEM, f"{did}, and that changed {lost}{end}", hint)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _refused(name: str, refusal: TargetError, otherwise: str = "") -> Check:
    """Split the error's text into what was found and, behind its last semicolon, what to do."""
    found, _, advice = refusal.text.rpartition("; ")
    hint = f"{advice[0].upper()}{advice[1:]}." if found and advice else otherwise
    return Check(name, State.PROBLEM, f"{found or refusal.text} ({refusal.exchange})", hint)


def _unanswered(name: str, error: TargetError) -> Check:
    return not_checked(name, str(error), "Ask again in a while.")


def _milliseconds(seconds: float) -> str:
    return "less than 1 ms" if seconds < 0.001 else f"{seconds * 1000:,.0f} ms"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _quoted(name: str | None) -> str:
    return "none" if name is None else f'"{shortened(name, 60)}"'
