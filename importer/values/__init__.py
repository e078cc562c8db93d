"""Converters: one module a kind of value, one pure total function `Cell -> value | Invalid`, None for a blank cell.

A converter never raises on data and never guesses: what it cannot settle is an `Invalid` with the reason in words and,
where something near is known, suggestions that are never filled in.
"""

from __future__ import annotations
