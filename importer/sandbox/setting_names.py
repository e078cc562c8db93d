"""Names in the table of settings that are not a seed file's."""

from __future__ import annotations

__all__ = ["IDENTITY"]

IDENTITY = "identity"
"""Which space a file keeps; another one when the file is begun anew."""
