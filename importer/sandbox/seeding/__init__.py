"""A seed file -> the space it describes: its settings, and what it holds from the start."""

from __future__ import annotations

from importer.sandbox.seeding.file import Seed, load_seed, parse_seed
from importer.sandbox.seeding.settings import Settings, overlaid

__all__ = ["Seed", "Settings", "load_seed", "overlaid", "parse_seed"]
