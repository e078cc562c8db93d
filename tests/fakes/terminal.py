"""A real terminal of a given width around the command line: what a person sees, and a person who answers."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Seen", "in_terminal"]

_ROOT = Path(__file__).parents[2]
_CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_QUESTION = b"[y/N]: "


@dataclass(frozen=True)
class Seen:
    """What went over a terminal until the command ended."""

    code: int
    text: str

    @property
    def coloured(self) -> bool:
        return "\x1b[" in self.text

    @property
    def drawn(self) -> list[str]:
        """Everything that was drawn over by something else, without codes."""
        plain = _CODES.sub("", self.text.replace("\r\n", "\n"))
        return [drawn for line in plain.split("\n") for drawn in line.split("\r")[:-1] if drawn]

    @property
    def lines(self) -> list[str]:
        """The lines as they stand in the end, without codes."""
        plain = _CODES.sub("", self.text.replace("\r\n", "\n"))
        return [line.rstrip("\r").rsplit("\r", 1)[-1] for line in plain.rstrip("\n").split("\n")]


def in_terminal(
    *words: object, folder: Path, columns: int = 80, answer: str = "", env: Mapping[str, str] | None = None
) -> Seen:
    """Give a command in a terminal of `columns`; `answer` is typed behind each question."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    environment |= {"TERM": "xterm", "PYTHONPATH": str(_ROOT), "KANBERT_TOKEN": "sandbox", **(env or {})}
    command = [sys.executable, "-m", "importer", *map(str, words)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment) as process:
        os.close(theirs)
        text = _read(ours, answer)
        code = process.wait()
    os.close(ours)
    return Seen(code, text.decode())


def _read(terminal: int, answer: str) -> bytes:
    text = b""
    while True:
        try:
            found = os.read(terminal, 65536)
        except OSError:  # as Linux says that nobody has the other end any more
            return text
        if not found:
            return text
        text += found
        if text.endswith(_QUESTION):
            os.write(terminal, f"{answer}\n".encode())
