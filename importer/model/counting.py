"""Counts in words: one helper for all sentences, so that none says "1 rows"."""

from __future__ import annotations

__all__ = ["number_text", "plural", "singular"]


def plural(number: int, one: str, many: str = "") -> str:
    """Count a noun, or a noun with its verb: `plural(1, "row was", "rows were")` is "1 row was"."""
    return f"{number_text(number)} {one if number == 1 else many or one + 's'}"


def singular(many: str) -> str:
    """Say of what "rows", "pages" and "companies" are several; for words of our own."""
    return many.removesuffix("ies") + "y" if many.endswith("ies") else many.removesuffix("s")


def number_text(number: int) -> str:
    """Write a number with its thousands apart."""
    return f"{number:,}"
