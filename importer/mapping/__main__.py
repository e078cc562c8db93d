"""Prints the JSON Schema of mapping files: `python -m importer.mapping > mappings/mapping.schema.json`."""

from __future__ import annotations

import json
import sys

from importer.mapping.validation import json_schema

if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
