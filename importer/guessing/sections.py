"""Cuts the text of a mapping file into its sections and their entries, so that some can go and all others stay as written.

It knows the files of this project: sections begin in the first column, their entries in the third, and a comment belongs to
the entry right below it; behind a blank line it stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Entry", "Section", "entries", "paragraphs", "sections"]

_KEY = re.compile(r"([a-z_]+):")
_ENTRY = re.compile(r"  (?:- |(\w+):)")


@dataclass(slots=True)
class Section:
    """A word of the first column, with what stands above and below it."""

    name: str
    above: list[str]  # comments and blank lines
    lines: list[str]  # from the word itself on


@dataclass(slots=True)
class Entry:
    """One field, one tag, one rule, one test: its own lines, and the comment that is about it."""

    name: str  # empty in a list
    free: list[str]  # comments above that stand for themselves
    above: list[str]  # comments about this entry
    lines: list[str] = field(default_factory=list)


def sections(text: str) -> list[Section]:
    """Cut a file into its sections; the last one has no name, and what stands at the end of the file above it."""
    found: list[Section] = []
    pending: list[str] = []
    for line in text.splitlines():
        if key := _KEY.match(line):
            found.append(Section(key[1], pending, [line]))
            pending = []
        elif not line.strip() or line.startswith("#"):
            pending.append(line)
        else:
            found[-1].lines += [*pending, line]
            pending = []
    return [*found, Section("", pending, [])]


def entries(lines: Iterable[str]) -> tuple[list[Entry], list[str]]:
    """Cut the lines below a section's word into entries; and what comes behind the last of them."""
    found: list[Entry] = []
    pending: list[str] = []
    for line in lines:
        if entry := _ENTRY.match(line):
            free, above = _parted(pending)
            found.append(Entry(entry[1] or "", free, above, [line]))
            pending = []
        elif not line.strip() or line.lstrip().startswith("#"):
            pending.append(line)
        else:
            found[-1].lines += [*pending, line]
            pending = []
    return found, pending


def _parted(comments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part comments at the last blank line: those about other things, and those about what follows."""
    last = max((number for number, line in enumerate(comments, 1) if not line.strip()), default=0)
    return list(comments[:last]), list(comments[last:])


def paragraphs(comments: Iterable[str]) -> Iterator[list[str]]:
    """Cut a comment into its paragraphs, which a line with nothing but a # parts."""
    paragraph: list[str] = []
    for line in comments:
        if line.strip() in {"#", ""}:
            if paragraph:
                yield paragraph
            paragraph = []
        else:
            paragraph.append(line)
    if paragraph:
        yield paragraph
