"""What a canary covered and how it came out, as values, and turned into lines for a terminal and into JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.report.fitting import wrapped
from importer.report.verified import verified_document, verified_sections
from importer.report.wording import number_text, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from importer.model import Json
    from importer.report.verified import VerifiedFact

__all__ = ["CanaryFact", "canary_document", "canary_lines"]

_MOST_ROWS = 20
_MOST_LABELS = 30
_MOST_ITEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryFact:
    """The rows that were sent first, what of the mapping they make use of, and what a look at them found."""

    rows: tuple[int, ...]  # as the user's program shows them
    covered: tuple[tuple[str, str], ...]  # parts of the mapping: what each is a part of, and itself
    missing: tuple[tuple[str, str], ...]  # that no row makes use of which can be sent
    verified: VerifiedFact | None = None  # None: it did not come so far
    waiting: int = 0  # rows that are open, and were not taken up
    went_on: bool = False

    @property
    def sound(self) -> bool:
        """Whether all of it is in Kanbert as the mapping wants it."""
        return self.verified is not None and not self.verified.unlike and not self.verified.not_looked_at


def canary_lines(fact: CanaryFact, width: int) -> Iterator[str]:
    """Lay it out; the first line is the title."""
    rows = _listed([str(number) for number in fact.rows], _MOST_ROWS)
    yield from wrapped(f"Canary: {plural(len(fact.rows), 'row')}, {rows}", width, rest="  ")
    total = plural(len(fact.covered) + len(fact.missing), "part")
    title = f"make use of {number_text(len(fact.covered))} of {total} of the mapping:"
    yield from wrapped(title, width, first="  ", rest="  ")
    yield from _parts(fact.covered, width)
    if fact.missing:
        yield from wrapped("No row that can be sent makes use of:", width, first="  ", rest="  ")
        yield from _parts(fact.missing, width)
    if fact.verified is not None:
        for section in verified_sections(fact.verified, width - 2):
            yield from (f"  {line}" for line in section)
    if fact.waiting:
        yield from wrapped(
            f"{plural(fact.waiting, 'other row waits', 'other rows wait')}.", width, first="  ", rest="  "
        )


def _parts(parts: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """List parts, those of one label in one line."""
    labels: dict[str, list[str]] = {}
    for label, item in parts:
        labels.setdefault(label, []).append(item)
    for label in list(labels)[:_MOST_LABELS]:
        yield from wrapped(f"{label} {_listed(labels[label], _MOST_ITEMS)}", width, first="    ", rest="      ")
    if len(labels) > _MOST_LABELS:
        yield from wrapped(f"and {number_text(len(labels) - _MOST_LABELS)} more: see --json", width, first="    ")


def canary_document(fact: CanaryFact) -> dict[str, Json]:
    """Lay it out for `--json`."""
    return {
        "rows": list(fact.rows),
        "covered": [" ".join(part) for part in fact.covered],
        "not_covered": [" ".join(part) for part in fact.missing],
        "verified": None if fact.verified is None else verified_document(fact.verified),
        "waiting": fact.waiting,
        "went_on": fact.went_on,
    }


def _listed(found: Sequence[str], most: int) -> str:
    more = f" and {number_text(len(found) - most)} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more
