"""Cells to JSON text and back, every type kept: what was read can be mapped again without the file."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.model import Cell

__all__ = ["cells_from_json", "cells_to_json"]


def cells_to_json(cells: Sequence[Cell]) -> str:
    """Write cells as a JSON list; dates, times and durations as objects with one key that names the type.

    ASCII only: a lone surrogate in a damaged file would otherwise be refused by SQLite.
    """
    return _ENCODER.encode(cells)


def _tagged(cell: object) -> dict[str, str | int]:
    match cell:
        case dt.datetime():
            return {"datetime": cell.isoformat()}
        case dt.date():
            return {"date": cell.isoformat()}
        case dt.time():
            return {"time": cell.isoformat()}
        case dt.timedelta():
            return {"microseconds": cell // dt.timedelta(microseconds=1)}
        case _:
            msg = f"no cell: {type(cell).__name__}"
            raise TypeError(msg)


_ENCODER = json.JSONEncoder(default=_tagged, separators=(",", ":"))  # json.dumps would make one for each row


def cells_from_json(text: str) -> tuple[Cell, ...]:
    """Read what `cells_to_json` wrote."""
    return tuple(_cell(value) if isinstance(value, dict) else value for value in json.loads(text))


def _cell(tagged: dict[str, Any]) -> Cell:
    [(kind, value)] = tagged.items()
    match kind:
        case "datetime":
            return dt.datetime.fromisoformat(value)
        case "date":
            return dt.date.fromisoformat(value)
        case "time":
            return dt.time.fromisoformat(value)
        case _:
            return dt.timedelta(microseconds=value)
