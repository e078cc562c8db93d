"""What is wrong with one entry of a seed file; whoever reads the file adds where it stands."""

from __future__ import annotations

__all__ = ["SeedError"]


class SeedError(ValueError):
    """An entry cannot be stored: `key` is the name in it that is wrong, empty where it is the whole entry."""

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        self.reason = reason
        super().__init__(reason)
