r"""A filter as a readable text -> the same filter as the JSON spelling has it.

    sentence   = all ("or" all)*                       and binds tighter than or
    all        = term ("and" term)*
    term       = "(" sentence ")" | condition
    condition  = field operator value                  tax_uid eq "ATU1", created_at >= 2024-01-01
               | field ("in" | "nin" | "notin") list   x in ['a', 'b']
               | field "is" ["not"] "null"             also isnull, isnotnull, notnull
               | field ("any" | "none" | "all") ["(" sentence ")"]
               | field "count" ["(" sentence ")"] operator value
    list       = "[" [value ("," value)*] "]", or in round brackets
    value      = text in "double" or 'single' quotes, or a bare word: 12.5, true, today-30d, me.id

Operators and keywords are written in any case; `= != < <= > >=` are eq, ne, lt, lte, gt, gte. Inside quotes a backslash
before a quote or a backslash means just that sign, before anything else it is a backslash. A bare word is the text that
it is, and the field's kind decides what it means, as in the JSON spelling.

Inferred, because the documentation names these without a syntax: the escape, the round brackets of lists, and all of
any, none, all and count. `tags any (title eq "VIP")` becomes `{"field": "tags", "op": "any", "value": [..]}`, and
`contacts count (email notnull) >= 2` becomes
`{"field": "contacts", "op": "count", "value": {"op": "gte", "value": "2", "where": [..]}}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from importer.sandbox.wire.inputs import Json

__all__ = ["MAX_DEPTH", "tree_of_sentence"]

MAX_DEPTH = 16
"""Brackets inside brackets; SQLite's parser takes about 100, and each of ours costs it a few."""

_MAX_TEXT = 50_000
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
        | (?P<sign>!=|<=|>=|[=<>()\[\],])
        | (?P<word>[^\s"'=<>!()\[\],]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"""\\(["'\\])""")
_SIGNS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_NULLS = ("isnull", "isnotnull", "notnull")
_LISTS = ("in", "nin", "notin")
_RELATIONS = ("any", "none", "all")
_CLOSING = {"[": "]", "(": ")"}


def tree_of_sentence(text: str) -> Json:
    """Read a sentence; 400 says at which character it stops making sense."""
    if len(text) > _MAX_TEXT:
        raise ApiError(400, "The filter is too long.")
    text = text.encode("utf-8", "replace").decode()
    sentence = _Sentence(_tokens(text), len(text))
    tree = sentence.either(0)
    if sentence.kind:
        raise sentence.unexpected("and, or, or the end")
    return tree


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # quoted, sign or word; "" is the end
    text: str  # what is between the quotes, with its escapes read
    at: int  # counted from 1


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip()) + 1
            raise ApiError(400, f"The filter cannot be read from character {start} on: is a quote left open?")
        found = match[match.lastgroup]
        said = _ESCAPED.sub(r"\1", found[1:-1]) if match.lastgroup == "quoted" else found
        tokens.append(_Token(match.lastgroup, said, match.start(match.lastgroup) + 1))
        at = match.end()
    return tokens


class _Sentence:
    """Tokens and how far they are read; every method reads one part of the grammar and leaves the rest."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._end = _Token("", "", length + 1)

    @property
    def kind(self) -> str:
        """The kind of the next token."""
        return self._peek().kind

    def either(self, depth: int) -> Json:
        parts = [self._both(depth)]
        while self._takes("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else {"or": parts}

    def unexpected(self, wanted: str) -> ApiError:
        token = self._peek()
        found = f"`{token.text[:30]}`" if token.kind else "the end"
        return ApiError(400, f"The filter cannot be read at character {token.at}: {wanted} expected, {found} found.")

    def _both(self, depth: int) -> Json:
        parts = [self._term(depth)]
        while self._takes("and"):
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else {"and": parts}

    def _term(self, depth: int) -> Json:
        return self._bracketed(depth) if self._is_sign("(") else self._condition(depth)

    def _bracketed(self, depth: int) -> Json:
        if depth == MAX_DEPTH:
            raise ApiError(400, "The filter is nested too deeply.")
        self._expect("(")
        tree = self.either(depth + 1)
        self._expect(")")
        return tree

    def _condition(self, depth: int) -> Json:
        field = self._word("a field")
        op = self._operator()
        condition: dict[str, Json] = {"field": field, "op": op}
        if op in _NULLS:
            return condition
        if op in _RELATIONS:
            return {**condition, "value": self._where(depth)}
        if op == "count":
            where = self._where(depth)
            return {**condition, "value": {"op": self._operator(), "value": self._value(), "where": where}}
        return {**condition, "value": self._list() if op in _LISTS else self._value()}

    def _where(self, depth: int) -> list[Json]:
        return [self._bracketed(depth)] if self._is_sign("(") else []

    def _operator(self) -> str:
        token = self._peek()
        if token.kind == "sign" and token.text in _SIGNS:
            self._next += 1
            return _SIGNS[token.text]
        op = self._word("an operator").lower()
        if op != "is":
            return op
        negated = self._takes("not")
        if not self._takes("null"):
            raise self.unexpected("null")
        return "isnotnull" if negated else "isnull"

    def _list(self) -> Json:
        opening = self._peek()
        if opening.kind != "sign" or opening.text not in _CLOSING:
            raise self.unexpected("a list in brackets")
        self._next += 1
        closing = _CLOSING[opening.text]
        values: list[Json] = []
        while not self._is_sign(closing):
            if values:
                self._expect(",")
            values.append(self._single())
        self._expect(closing)
        return values

    def _value(self) -> Json:
        if self._is_sign("["):
            return self._list()  # the operator says that it wants no list, as it does in the JSON spelling
        return self._single()

    def _single(self) -> Json:
        token = self._peek()
        if token.kind not in ("quoted", "word"):
            raise self.unexpected("a value")
        self._next += 1
        return None if token.kind == "word" and token.text.lower() == "null" else token.text

    def _word(self, wanted: str) -> str:
        token = self._peek()
        if token.kind != "word":
            raise self.unexpected(wanted)
        self._next += 1
        return token.text

    def _takes(self, word: str) -> bool:
        token = self._peek()
        taken = token.kind == "word" and token.text.lower() == word
        self._next += taken
        return taken

    def _is_sign(self, sign: str) -> bool:
        token = self._peek()
        return token.kind == "sign" and token.text == sign

    def _expect(self, sign: str) -> None:
        if not self._is_sign(sign):
            raise self.unexpected(sign)
        self._next += 1

    def _peek(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end
