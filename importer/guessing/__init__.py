"""Guesses a mapping for a file that nobody has described yet: from its headers, and from its values."""

from __future__ import annotations

from importer.guessing.exports import meta_row
from importer.guessing.guess import Guess, guess

__all__ = ["Guess", "guess", "meta_row"]
