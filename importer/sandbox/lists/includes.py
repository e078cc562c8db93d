"""The query's `include` -> the relations that are asked for; 400 for one that the resource does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.wire.answers import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.sandbox.wire.inputs import Json

__all__ = ["included"]

_FALSY = ("", "0")  # what PHP's filter drops of a list of texts


def included(asked: Json, allowed: Sequence[str]) -> frozenset[str]:
    """Read an include: names with commas between them, or an array of names; empty ones are dropped.

    Raises:
        ApiError: 400 for a name that is not allowed.
    """
    names = dict.fromkeys(_names(asked))
    if unknown := [name for name in names if name not in allowed]:
        said, may = ", ".join(unknown)[:200], ", ".join(allowed)
        raise ApiError(400, f"Given include(s) `{said}` are not allowed. Allowed includes are `{may}`.")
    return frozenset(names)


def _names(asked: Json) -> list[str]:
    """Part a text at its commas; of an array each item is one name, and one that is an array itself is none."""
    items = asked.split(",") if isinstance(asked, str) else list(asked.values()) if isinstance(asked, dict) else []
    return [
        "Array" if isinstance(item, dict) else str(item) for item in items if item is not None and item not in _FALSY
    ]
