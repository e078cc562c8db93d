"""A YAML document that a person wrote -> maps and lists with their lines, or an error that says file, line and why."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, ScalarEvent
from ruamel.yaml.reader import ReaderError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from importer.sandbox.wire.inputs import Json

_BIGGEST = 2**63
_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?![^\sTt])", re.ASCII)

__all__ = [
    "DocumentError",
    "entries_of",
    "line_of",
    "line_of_item",
    "nearest",
    "plain",
    "read_document",
    "read_text",
    "refuse_unknown",
    "wrong",
]


class DocumentError(ValueError):
    """Something in a document cannot be; the message has its name and line."""


def read_text(path: Path) -> str:
    """Read a text file.

    Raises:
        ValueError: it is not UTF-8, with its name.
        OSError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise wrong(str(path), 1, "the file is not UTF-8 text") from None


def read_document(text: str, name: str) -> CommentedMap:
    """Read a document whose top is a map; an empty one is an empty map.

    Raises:
        ValueError: what is wrong, with `name` and line.
    """
    try:
        _refuse_aliases(text, name)
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise wrong(name, line, f"this is not YAML: {error.problem}") from error
    except DocumentError:
        raise
    except RecursionError as error:
        raise wrong(name, 1, "the lists and maps are nested too deeply") from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise wrong(name, line, f"a character that YAML does not allow: {text[error.position]!a}") from error
    except (YAMLError, ValueError) as error:
        raise _unreadable(text, name, error) from error
    if document is None:
        return CommentedMap()
    if not isinstance(document, CommentedMap):
        raise wrong(name, 1, "the top of the file must be a map: names, each followed by a colon")
    _refuse_unusable(document, name)
    return document


def entries_of(document: CommentedMap, key: str, name: str) -> CommentedSeq:
    """Return the list under a key; none is an empty list."""
    entries = document.get(key)
    if entries is None:
        return CommentedSeq()
    if not isinstance(entries, CommentedSeq):
        raise wrong(name, line_of(document, key), f"{key} must be a list")
    return entries


def line_of(given: CommentedMap, key: str = "") -> int:
    """Tell the line of a key, counted from 1; without one, and for what was merged in, that of the map."""
    return int((given.lc.data or {}).get(key, [given.lc.line])[0]) + 1


def line_of_item(given: CommentedSeq, index: int) -> int:
    """Tell the line of an item of a list, counted from 1."""
    return int((given.lc.data or {}).get(index, [given.lc.line])[0]) + 1


def refuse_unknown(given: CommentedMap, known: Iterable[str], name: str) -> None:
    """Raise for a key that means nothing, with the nearest right one."""
    for key in given:
        if key not in known:
            raise wrong(name, line_of(given, key), f"`{key}` is unknown here; {nearest(str(key), known)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """Say what may have been meant."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known are {', '.join(names)}"


def wrong(name: str, line: int, reason: str) -> DocumentError:
    """Make the error of a document."""
    return DocumentError(f"{name}:{line}: {reason}")


def _unreadable(text: str, name: str, error: Exception) -> DocumentError:
    """Find what the YAML reader took for a date, and could not make one of: it does not say where that is."""
    for event in YAML(typ="rt", pure=True).parse(text):
        found = _DATE.match(event.value) if isinstance(event, ScalarEvent) and event.style is None else None
        if found and not _is_date(*map(int, found.groups())):
            return wrong(name, event.start_mark.line + 1, f"{found[0]} is no date; put it in quotes if it is a text")
    return wrong(name, 1, f"somewhere in the file is what YAML cannot read: {str(error).splitlines()[0]}")


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _refuse_aliases(text: str, name: str) -> None:
    """A few lines of aliases to aliases are millions of values, so there are none."""
    if "&" not in text or "*" not in text:
        return
    for event in YAML(typ="rt", pure=True).parse(text):
        if isinstance(event, AliasEvent):
            line = event.start_mark.line + 1
            raise wrong(name, line, f"an alias (*{event.anchor}) is not read here; write the values out")


def _refuse_unusable(document: CommentedMap, name: str) -> None:
    """Refuse what no database takes: numbers beyond 64 bits, and halves of a surrogate pair."""
    open_nodes: list[tuple[object, int]] = [(document, 1)]
    while open_nodes:
        node, line = open_nodes.pop()
        if isinstance(node, CommentedMap):
            open_nodes += [(each, line_of(node, key)) for key, value in node.items() for each in (key, value)]
        elif isinstance(node, CommentedSeq):
            open_nodes += [(value, line_of_item(node, index)) for index, value in enumerate(node)]
        elif isinstance(node, int) and not -_BIGGEST <= node < _BIGGEST:
            raise wrong(name, line, "a number has more than 64 bits; put it in quotes if it is a text")
        elif isinstance(node, str) and any("\ud800" <= sign <= "\udfff" for sign in node):
            raise wrong(name, line, "a text has half of a surrogate pair, which is no character")


def plain(value: object) -> Json:
    """Make a plain value of what the YAML reader returns; dates become text as they were meant, ISO 8601."""
    match value:
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case dt.date():
            return value.isoformat()
        case bool() | None:
            return value
        case int() | float():
            return int(value) if isinstance(value, int) else float(value)
        case _:
            return str(value)
