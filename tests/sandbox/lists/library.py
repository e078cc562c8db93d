"""A small resource of its own for tests of lists: books with loans, one field of every kind."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from importer.sandbox.ids import Thing
from importer.sandbox.lists.paging import Page, page_of
from importer.sandbox.lists.resource import Field, FieldKind, Relation, Resource
from importer.sandbox.lists.settings import ListSettings
from importer.sandbox.opening import _folded_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from importer.sandbox.lists.fragments import Fragment

NOW = dt.datetime(2026, 5, 13, 14, 30, 20, 500, tzinfo=dt.UTC)  # a Wednesday

LOANS = Relation(
    source="loans l WHERE l.book_id = b.id",
    fields={
        "reader": Field(FieldKind.STRING, "l.reader"),
        "fee": Field(FieldKind.CURRENCY, "l.fee"),
        "days": Field(FieldKind.NUMBER, "l.days"),
        "at": Field(FieldKind.DATE, "l.at"),
    },
)
KINDS = frozenset({"novel", "essay", "atlas"})

BOOKS = Resource(
    select="SELECT b.*, o.name AS owner_name FROM books b LEFT JOIN owners o ON o.id = b.owner_id",
    table="books",
    key="b.id",
    archived="b.deleted_at",
    fields={
        "title": Field(FieldKind.STRING, "b.title"),
        "owner.name": Field(FieldKind.STRING, "o.name"),
        "owner.id": Field(FieldKind.ID, "b.owner_id", of=Thing.USER),
        "lent": Field(FieldKind.BOOLEAN, "b.lent"),
        "bought_at": Field(FieldKind.DATE, "b.bought_at"),
        "rating": Field(FieldKind.NUMBER, "b.rating"),
        "price": Field(FieldKind.CURRENCY, "b.price"),
        "kind": Field(FieldKind.ENUM, "b.kind", values=KINDS),
        "shelf": Field(FieldKind.ENUM, "b.shelf"),
        "code": Field(FieldKind.STRING, "b.code", operators=frozenset({"eq"})),
    },
    sorts={
        "title": Field(FieldKind.STRING, "b.title"),
        "rating": Field(FieldKind.NUMBER, "b.rating"),
        "bought_at": Field(FieldKind.DATE, "b.bought_at"),
    },
    relations={"loans": LOANS},
    aggregates=frozenset({"loans"}),
    custom_fields="b.custom_fields",
)
SETTINGS = ListSettings(path="http://x.example/books", now=NOW, me="2", custom_fields=None, page_size_max=1000)

_TABLES = """
    CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO owners VALUES (1, 'Ada'), (2, 'Bo');
    CREATE TABLE books (
        id INTEGER PRIMARY KEY, title TEXT, owner_id INTEGER, lent INTEGER, bought_at TEXT, rating REAL, price REAL,
        kind TEXT, shelf TEXT, code TEXT, custom_fields TEXT NOT NULL, deleted_at TEXT
    );
    CREATE TABLE loans (id INTEGER PRIMARY KEY, book_id INTEGER, reader TEXT, fee REAL, days INTEGER, at TEXT);
"""


@dataclass(frozen=True, slots=True)
class Loan:
    reader: str | None = None
    fee: float | None = None
    days: int | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Book:
    title: str | None = None
    owner_id: int | None = None
    lent: bool | None = None
    bought_at: str | None = None
    rating: float | None = None
    price: float | None = None
    kind: str | None = None
    shelf: str | None = None
    code: str | None = None
    custom: dict[str, Any] = field(default_factory=dict)
    deleted_at: str | None = None
    loans: tuple[Loan, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    db: sqlite3.Connection

    def page(self, query: dict[str, Any], *, where: Fragment | None = None, **settings: Any) -> Page:
        return page_of(self.db, BOOKS, query, replace(SETTINGS, **settings), where)

    def ids(self, given: Any, *, size: int = 1000, **settings: Any) -> list[int]:
        """The books that a filter chooses; a list or a map is sent as JSON."""
        text = given if isinstance(given, str) else json.dumps(given)
        return [row["id"] for row in self.page({"filter": text, "page": {"size": str(size)}}, **settings).rows]

    def walked(
        self, size: int, *, backward: bool = False, query: dict[str, Any] | None = None, **settings: Any
    ) -> list[int]:
        """Follow the cursors to the end, and back to the beginning where that is asked."""
        pages = list(self._pages("next_cursor", None, size, query or {}, settings))
        if backward:
            last = pages[-1]
            pages = [*self._pages("prev_cursor", last.meta["prev_cursor"], size, query or {}, settings)][::-1]
            pages = [*pages, last] if last.meta["prev_cursor"] else [last]
        return [row["id"] for page in pages for row in page.rows]

    def _pages(self, key: str, cursor: Any, size: int, query: dict[str, Any], settings: Any) -> Iterator[Page]:
        while cursor is not None or key == "next_cursor":
            page = self.page({**query, "page": {"size": str(size), "cursor": cursor}}, **settings)
            yield page
            cursor = page.meta[key]
            if cursor is None:
                return


@contextmanager
def library(*books: Book) -> Iterator[Library]:
    """Open a library with books whose ids are 1, 2, ... in this order."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        db.create_function("folded_text", 1, _folded_text, deterministic=True)
        db.executescript(_TABLES)
        for number, book in enumerate(books, start=1):
            _insert(db, number, book)
        yield Library(db)


def _insert(db: sqlite3.Connection, number: int, book: Book) -> None:
    values = [
        number,
        book.title,
        book.owner_id,
        book.lent,
        book.bought_at,
        book.rating,
        book.price,
        book.kind,
        book.shelf,
        book.code,
        json.dumps(book.custom),
        book.deleted_at,
    ]
    db.execute(f"INSERT INTO books VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608  # question marks
    for loan in book.loans:
        db.execute(
            "INSERT INTO loans (book_id, reader, fee, days, at) VALUES (?, ?, ?, ?, ?)",
            [number, loan.reader, loan.fee, loan.days, loan.at],
        )
