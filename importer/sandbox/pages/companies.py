"""The store's companies -> the page that lists and searches them, and the page of one with its history."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from importer.sandbox.companies.finding import SELECT
from importer.sandbox.ids import Thing, id_of
from importer.sandbox.pages import offers
from importer.sandbox.pages.fields import Group, groups_of
from importer.sandbox.pages.history import history_of
from importer.sandbox.pages.visits import Page, Visit, number
from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["Listing", "Wanted", "found", "listed", "shown"]

_PAGE = 50
_MAX_SEARCH = 200  # characters
_LAST = 2**63 - 1
_SEARCHED = ("company_name", "external_id", "tax_uid", "email", "email_general")
_SHOWN = {"all": "1", "live": "c.deleted_at IS NULL", "archived": "c.deleted_at IS NOT NULL"}
_COLUMNS = """
    c.id, c.external_id, c.external_origin, c.company_name, c.tax_uid, c.email, c.address_invoice_zip,
    c.address_invoice_town, ic.code AS country, c.created_at, c.updated_at, c.deleted_at
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which companies, and from where on: those with a smaller id than `before`, or the nearest greater than `after`."""

    search: str = ""
    show: str = "all"
    before: int = _LAST
    after: int | None = None

    def url(self, step: str, company_id: int) -> str:
        """Return the list's address with the same filter from another place on."""
        return f"/companies?{urlencode({'q': self.search, 'show': self.show, step: company_id})}"


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of companies, newest first, and whether there are newer and older ones."""

    rows: Sequence[sqlite3.Row]
    newer: bool
    older: bool


async def listed(visit: Visit) -> Page:
    """Show companies; `q` is searched for, `show` is all, live or archived."""
    query = visit.query
    show = query.get("show", "all")
    wanted = Wanted(
        search=query.get("q", "").replace("\0", "").strip()[:_MAX_SEARCH],  # SQLite takes a NUL for the end
        show=show if show in _SHOWN else "all",
        before=number(query.get("before"), _LAST),
        after=number(query.get("after"), 0) if "after" in query else None,
    )
    listing = await visit.exchanges.read(partial(found, wanted=wanted))
    rows = listing.rows
    return Page(
        "companies.html",
        {
            "companies": rows,
            "wanted": wanted,
            "newer": wanted.url("after", rows[0]["id"]) if rows and listing.newer else None,
            "older": wanted.url("before", rows[-1]["id"]) if rows and listing.older else None,
            "is_first": wanted.before == _LAST and wanted.after is None,
        },
    )


def found(db: sqlite3.Connection, wanted: Wanted) -> Listing:
    """Find one page of companies; without a search it costs the same however many there are."""
    forward = wanted.after is None
    place, order = ("c.id < ?", "DESC") if forward else ("c.id > ?", "ASC")
    search, parameters = _search(wanted.search)
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM companies c LEFT JOIN countries ic ON ic.id = c.address_invoice_country_id"  # noqa: S608  # names of ours
        f" WHERE {place} AND {_SHOWN[wanted.show]} AND {search} ORDER BY c.id {order} LIMIT {_PAGE + 1}",
        [wanted.before if forward else wanted.after, *parameters],
    ).fetchall()
    page, more = rows[:_PAGE], len(rows) > _PAGE
    if forward:
        return Listing(page, newer=wanted.before != _LAST, older=more)
    return Listing(page[::-1], newer=more, older=True)


def _search(text: str) -> tuple[str, list[str]]:
    """Ask for a text inside any of the searched columns, in any case.

    LIKE folds the letters of ASCII alone, but is ten times as quick as a function of Python for each value.
    """
    if not text:
        return "1", []
    pattern = "%" + text.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    column = "c.{}" if text.isascii() else "folded_text(c.{})"
    terms = " OR ".join(f"{column.format(name)} LIKE ? ESCAPE '\\'" for name in _SEARCHED)
    return f"({terms})", [pattern] * len(_SEARCHED)


async def shown(visit: Visit) -> Page:
    """Show one company with its offers and its history."""
    company_id = id_of(visit.names[0], Thing.COMPANY, visit.exchanges.behaviour.ids)
    values = await visit.exchanges.read(partial(_particulars, company_id=company_id)) if company_id else None
    if values is None:
        raise ApiError(404, f"There is no company {visit.names[0][:100]}. It may be in another sandbox file.")
    return Page("company.html", values)


def _particulars(db: sqlite3.Connection, company_id: int) -> dict[str, object] | None:
    row = db.execute(f"{SELECT} WHERE c.id = ?", [company_id]).fetchone()
    if row is None:
        return None
    groups: list[Group] = groups_of(db, row)
    return {
        "company": row,
        "groups": groups,
        "offers": offers.of_company(db, company_id),
        "statuses": offers.STATUSES,
        "history": history_of(db, company_id),
    }
