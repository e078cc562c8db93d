"""`validate` over what it could not be quicker than, and over another program that validates."""

from __future__ import annotations

import json
import sys
import venv
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.children import importing, measured, peer
from tests.benchmarks.exports import COLUMNS, COUNTRIES, write_csv, write_mapping
from tests.benchmarks.figures import Figure, quickest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.benchmarks.setting import Setting

__all__ = ["validate"]

_DIRTY_EVERY = 100
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
    ended = importing("validate", export, "-m", mapping, "--json", codes=(1,))
    reading = ended.seconds("reading")
    floors = [peer("csv", export) for _ in range(setting.repeats)]
    yield Figure("validate", "whole command", rows / ended.wall, "rows/s")
    yield Figure("validate", "reading phase", rows / reading, "rows/s")
    yield quickest("validate", "csv.reader alone", (rows / floor for floor in floors))
    yield Figure("validate", "reading phase / csv.reader", min(floors) / reading)
    yield Figure("validate", "our reader alone", rows / peer("source", export), "rows/s")
    python = _python_with_frictionless(setting)
    if python is not None:
        alone = _frictionless(python, export, rows)
        yield Figure("validate", "frictionless", rows / alone, "rows/s")
        yield Figure("validate", "whole command / frictionless", alone / ended.wall, at_least=2.0)


def _python_with_frictionless(setting: Setting) -> str | None:
    """Find a Python that has the peer, or make one where that was asked for."""
    if find_spec("frictionless") is not None:
        return sys.executable
    if not setting.frictionless:
        return None
    environment = setting.folder / "frictionless"
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    measured(python, "-m", "pip", "install", "--quiet", "frictionless")
    return python


def _frictionless(python: str, export: Path, rows: int) -> float:
    """Validate with frictionless, without its limit of errors; seconds without the start."""
    schema = export.with_name("schema.json")
    fields = [{"name": column, "type": "string"} | dict(_TYPES.get(column, {})) for column in COLUMNS]
    schema.write_text(json.dumps({"fields": fields}), encoding="utf-8")
    script = Path(__file__).with_name("frictionless_peer.py")
    errors = 2 * (rows // _DIRTY_EVERY)  # a country and an e-mail in each dirty row
    return float(measured(python, script, export, schema, str(rows), str(errors)).out)
