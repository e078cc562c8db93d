"""The mapping language: turns a mapping file into a mapper, and a mapper turns rows into desired companies."""

from __future__ import annotations

from importer.mapping.coverage import Never
from importer.mapping.covering import Covering
from importer.mapping.evaluation import Asked, Reading, Usage
from importer.mapping.examples import TestFailure
from importer.mapping.exercise import Exercise
from importer.mapping.load import Mapping, SourceSettings, load_mapping, parse_mapping
from importer.mapping.mapper import Mapper, Traced
from importer.mapping.validation import json_schema

__all__ = [
    "Asked",
    "Covering",
    "Exercise",
    "Mapper",
    "Mapping",
    "Never",
    "Reading",
    "SourceSettings",
    "TestFailure",
    "Traced",
    "Usage",
    "json_schema",
    "load_mapping",
    "parse_mapping",
]
