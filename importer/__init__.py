"""Moves contact exports (CSV, Excel) into Kanbert as companies: once, completely, and provably."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
