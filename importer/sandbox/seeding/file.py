"""The text of a seed file -> settings and entries with their lines; what is wrong is said with file and line."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from importer.sandbox.documents import (
    entries_of,
    line_of,
    line_of_item,
    plain,
    read_document,
    read_text,
    refuse_unknown,
    wrong,
)
from importer.sandbox.seed_error import SeedError
from importer.sandbox.seeding.settings import SETTINGS, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from importer.sandbox.wire.inputs import Input, Json

__all__ = ["SECTIONS", "Entry", "Seed", "load_seed", "parse_seed"]

SECTIONS = ("users", "clients", "projects", "companies", "contacts", "offers", "webhooks")
"""What a space can hold from the start, in the order in which it is stored: what refers comes after what it names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a section; `lines` are those of its names, `line` its own."""

    section: str
    given: Input
    line: int
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed file that was read: `name` is for messages, `fingerprint` tells it from another."""

    name: str
    fingerprint: str
    settings: Mapping[str, Json]
    lines: Mapping[str, int]
    """Of the settings."""
    entries: tuple[Entry, ...]

    def wrong_setting(self, error: SeedError) -> ValueError:
        """Say what is wrong with a setting, and where."""
        return wrong(self.name, self.lines.get(error.key, 1), error.reason)

    def wrong(self, entry: Entry, error: SeedError) -> ValueError:
        """Say what is wrong with an entry, and where."""
        return wrong(self.name, entry.lines.get(error.key, entry.line), error.reason)


def load_seed(path: Path) -> Seed:
    """Read a seed file.

    Raises:
        ValueError: what is wrong, with file and line.
        OSError: the file cannot be read.
    """
    return parse_seed(read_text(path), name=str(path))


def parse_seed(text: str, name: str = "seed") -> Seed:
    """Read a seed from YAML.

    Raises:
        ValueError: what is wrong, with `name` and line.
    """
    document = read_document(text, name)
    refuse_unknown(document, [*SETTINGS, *SECTIONS], name)
    settings = {key: plain(document[key]) for key in SETTINGS if key in document}
    lines = _setting_lines(document)
    try:
        settings_of(settings)
    except SeedError as error:
        raise wrong(name, lines.get(error.key, 1), error.reason) from None
    entries = [entry for section in SECTIONS for entry in _entries(document, section, name)]
    return Seed(name, hashlib.sha256(text.encode()).hexdigest(), settings, lines, tuple(entries))


def _setting_lines(document: CommentedMap) -> dict[str, int]:
    """Tell where settings stand: `behaviour`, and `behaviour.throttle` inside it."""
    lines = {}
    for key in SETTINGS:
        if key in document:
            lines[key] = line_of(document, key)
            inner = document[key]
            if isinstance(inner, CommentedMap):
                lines.update((f"{key}.{name}", line_of(inner, name)) for name in inner)
    return lines


def _entries(document: CommentedMap, section: str, name: str) -> list[Entry]:
    found = []
    for index, given in enumerate(sequence := entries_of(document, section, name)):
        line = line_of_item(sequence, index)
        if not isinstance(given, CommentedMap):
            raise wrong(name, line, f"each of the {section} must be a map of names and values")
        values = plain(given)
        lines = {str(key): line_of(given, key) for key in given}
        found.append(Entry(section, values if isinstance(values, dict) else {}, line, lines))
    return found
