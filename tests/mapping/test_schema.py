"""The JSON Schema: true to the models, and complete for an editor."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.company import FIELDS
from importer.mapping import json_schema
from importer.mapping.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).parents[2] / "mappings" / "mapping.schema.json"


def test_the_stored_schema_is_the_one_of_the_models() -> None:
    """Write it anew with `python -m importer.mapping > mappings/mapping.schema.json`."""
    printed = subprocess.run([sys.executable, "-m", "importer.mapping"], check=True, capture_output=True, text=True)
    assert FILE.read_text(encoding="utf-8") == printed.stdout
    assert json.loads(printed.stdout) == json_schema()


def test_the_schema_lists_every_field_that_can_be_written() -> None:
    company = json_schema()["properties"]["company"]
    assert set(company["properties"]) == set(FIELDS) - {"external_origin", "tags", "custom_fields"}
    assert company["additionalProperties"] is False
    assert company["required"] == ["external_id", "company_name"]


def test_the_schema_knows_the_short_forms() -> None:
    schema = json_schema()
    expression = schema["$defs"]["Expression"]["properties"]
    text = {"type": "string", "minLength": 1}
    assert text in schema["properties"]["company"]["properties"]["phone"]["anyOf"]
    assert text in schema["properties"]["match"]["items"]["anyOf"]
    assert text in expression["split"]["anyOf"]
    assert {"enum": list(KINDS)} in expression["as"]["anyOf"]


def test_every_word_has_a_description() -> None:
    undescribed = [path for path, word in words(json_schema()) if not word.get("description")]
    assert undescribed == []


def words(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, word in schema.get("properties", {}).items():
        yield f"{path}/{name}", word
    for name, part in schema.get("$defs", {}).items():
        yield from words(part, name)
