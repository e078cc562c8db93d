"""Turns a wrong name into the nearest right ones, and a header into the form in which headers are compared."""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING

from importer.model import shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["folded", "listed", "meant", "nearest", "quoted"]


def folded(name: str) -> str:
    """Leave out of a header what people write differently: case, accents, spaces, punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum()).casefold()


def nearest(name: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Find the known names that may be meant, likeliest first; none where nothing is near."""
    by_fold: dict[str, list[str]] = {}
    for candidate in known:
        by_fold.setdefault(folded(candidate) or candidate, []).append(candidate)
    wanted = folded(name)[:200] or name[:200]
    close = difflib.get_close_matches(wanted, by_fold, n=limit, cutoff=0.65)
    holding = [fold for fold in by_fold if len(wanted) > 2 and wanted in fold and fold not in close]
    return tuple(name for fold in [*close, *sorted(holding, key=len)] for name in by_fold[fold])[:limit]


def meant(name: str, known: Collection[str]) -> str:
    """Say which known names may be meant, as the end of a message; all of them where few are known."""
    if near := nearest(name, known):
        return f"; did you mean {listed(near, 'or')}?"
    if 0 < len(known) <= 16:
        return f"; known are {listed(known, 'and')}"
    return ""


def listed(names: Collection[str], last: str) -> str:
    """Write names as a list in words: a, b or c."""
    shown = [shortened(name, 60) for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}"


def quoted(names: Iterable[str]) -> list[str]:
    """Put each name in quotes, shortened."""
    return [f'"{shortened(name, 60)}"' for name in names]
