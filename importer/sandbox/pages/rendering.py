"""Templates and values -> HTML, with everything that comes from outside escaped and bounded.

Importing this module and making `Templates` take a tenth of a second: `site` does both in a worker thread, when the
first page is asked for.
"""

from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import DictLoader, Environment, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_SHOWN", "Templates"]

MAX_SHOWN = 2000
"""Characters of one value that a page shows; the API has the rest."""


class Templates:
    """All templates, compiled, and the stylesheet; used from any thread."""

    def __init__(self) -> None:
        here = files("importer.sandbox.pages")
        sources = {
            entry.name: entry.read_text(encoding="utf-8")
            for entry in (here / "templates").iterdir()
            if entry.name.endswith(".html")
        }
        self.style = (here / "static" / "style.css").read_bytes()
        self._environment = Environment(
            loader=DictLoader(sources),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(shown=_shown, clock=_clock, instant=_instant, took=_took)
        for name in sources:
            self._environment.get_template(name)

    def rendered(self, template: str, values: Mapping[str, object]) -> bytes:
        """Make a page."""
        return self._environment.get_template(template).render(values).encode("utf-8", "replace")


def _shown(value: object, most: int = MAX_SHOWN) -> str:
    """Write a value as people read it, cut where it is long; the cut says so."""
    text = _text(value)
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} more characters)"


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_text(item) for item in value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _clock(moment: str | dt.datetime) -> str:
    return _utc(moment).strftime("%Y-%m-%d %H:%M:%S")


def _instant(moment: str | dt.datetime) -> str:
    return _utc(moment).isoformat()


def _utc(moment: str | dt.datetime) -> dt.datetime:
    at = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at.astimezone(dt.UTC)


def _took(seconds: float) -> str:
    if seconds >= 10:
        return f"{seconds:,.1f} s"
    return f"{seconds * 1000:,.1f} ms" if seconds < 0.01 else f"{seconds * 1000:,.0f} ms"
