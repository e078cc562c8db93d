"""Words of a command line that is printed to be pasted, in a POSIX shell's quotes."""

from __future__ import annotations

import shlex
from pathlib import Path

__all__ = ["pasted", "path_word"]


def pasted(*words: str | Path) -> str:
    """Join words so that a shell gives them to a command as they are; a path is never read as an option."""
    return shlex.join(path_word(word) if isinstance(word, Path) else word for word in words)


def path_word(path: Path) -> str:
    """Write a path as a word: `./-name` where it begins with a dash, by which a command knows its options."""
    word = str(path)
    return f"./{word}" if word.startswith("-") else word
