"""Proposes a mapping for a file: the ready one of a known system, or a guess from its headers and its values."""

from __future__ import annotations

from importer.guessing.exports import meta_row
from importer.guessing.guess import Guess, guess
from importer.guessing.proposal import propose

__all__ = ["Guess", "guess", "meta_row", "propose"]
