"""`validate` over what it could not be quicker than, and over another program that validates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.benchmarks.children import importing, peer
from tests.benchmarks.exports import COLUMNS, COUNTRIES, write_csv, write_mapping
from tests.benchmarks.figures import Figure, quickest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.benchmarks.children import Ended
    from tests.benchmarks.environments import Environment
    from tests.benchmarks.setting import Setting

__all__ = ["validate"]

_DIRTY_EVERY = 100
_AT_LEAST = {"frictionless": 2.0}
_TYPES: Mapping[str, Mapping[str, object]] = {
    "email": {"type": "string", "format": "email"},
    "invoice_email": {"type": "string", "format": "email"},
    "country": {"type": "string", "constraints": {"enum": COUNTRIES}},
    "delivery_country": {"type": "string", "constraints": {"enum": COUNTRIES}},
    "tax_number": {"type": "string", "constraints": {"pattern": r"NL\d{9}B\d{2}"}},
    "iban": {"type": "string", "constraints": {"pattern": r"NL\d{2}[A-Z]{4}\d{10}"}},
    "homepage": {"type": "string", "constraints": {"pattern": r"(https?://)?[\w.-]+\.\w{2,}(/.*)?"}},
    "vat_liable": {"type": "boolean", "trueValues": ["Ja"], "falseValues": ["Nee"]},
    "by_email": {"type": "boolean", "trueValues": ["Ja"], "falseValues": ["Nee"]},
    "by_post": {"type": "boolean", "trueValues": ["Ja"], "falseValues": ["Nee"]},
    "created_at": {"type": "date", "format": "%d-%m-%Y"},
    "credit_limit": {"type": "number"},
}


def validate(setting: Setting) -> Iterator[Figure]:
    """Rows a second of 100,000 x 40, one in a hundred with an unknown country and a broken e-mail.

    We hold VAT ids and IBANs against their check digits as well; the peer knows their form alone.
    """
    rows = setting.rows(100_000)
    export = write_csv(setting.folder / "contacts.csv", rows, dirty_every=_DIRTY_EVERY)
    mapping = write_mapping(setting.folder)
    words = ("validate", export, "-m", mapping, "--json")
    floors, theirs = list[float](), dict[str, list[float]]()
    runs: list[Ended] = []
    for _ in range(setting.repeats):  # in turns, so that a busy moment meets all
        floors.append(peer("csv", export))
        runs.append(importing(*words, codes=(1,)))
        for name, seconds in _peers(setting.peers, export, rows):
            theirs.setdefault(name, []).append(seconds)
    wall, reading = min(run.wall for run in runs), min(run.seconds("reading") for run in runs)
    yield quickest("validate", "whole command", (rows / run.wall for run in runs))
    yield quickest("validate", "reading phase", (rows / run.seconds("reading") for run in runs))
    yield quickest("validate", "csv.reader alone", (rows / floor for floor in floors))
    yield Figure("validate", "reading phase / csv.reader", min(floors) / reading)
    yield Figure("validate", "our reader alone", rows / peer("source", export), "rows/s")
    for name, times in theirs.items():
        yield quickest("validate", name, (rows / seconds for seconds in times))
        bound = _AT_LEAST.get(name)
        yield Figure("validate", f"whole command / {name}", min(times) / wall, at_least=bound)


def _peers(installed: Mapping[str, Environment], export: Path, rows: int) -> Iterator[tuple[str, float]]:
    """Validate with each peer that is there; seconds without the start."""
    errors = str(2 * (rows // _DIRTY_EVERY))  # a country and an e-mail in each dirty row
    if (frictionless := installed.get("frictionless")) is not None:
        schema = export.with_name("schema.json")
        fields = [{"name": column, "type": "string"} | dict(_TYPES.get(column, {})) for column in COLUMNS]
        schema.write_text(json.dumps({"fields": fields}), encoding="utf-8")
        yield "frictionless", frictionless.peer("frictionless", export, schema, str(rows), errors).work
    if (pandas := installed.get("pandas")) is not None:
        yield "pandas + pydantic", pandas.peer("pandas", export, str(rows), errors).work
