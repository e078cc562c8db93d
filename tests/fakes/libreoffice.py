"""LibreOffice Calc as somebody has it on their desk: it opens a report, cells are typed into, it saves it as they ask.

One process does a whole list of such sittings, by a macro in a profile of its own; typing goes through the command that
the keyboard gives, so that the cell's format and the program decide what becomes of it.
"""

from __future__ import annotations

import fcntl
import html
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Sitting", "first_of_all", "saved_by_libreoffice"]

_MACRO = Path(__file__).with_suffix(".bas")
_MODULE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<script:module xmlns:script="http://openoffice.org/2000/script"'
    ' script:name="Module1" script:language="StarBasic">{code}</script:module>'
)
_CSV = "Text - txt - csv (StarCalc)"
_FILTERS = {  # by the last suffixes of a name: the filter and its options (delimiter, quote, encoding, ... as shown)
    ".xlsx": ("Calc MS Excel 2007 XML", ""),
    ".xls": ("MS Excel 97", ""),
    ".ods": ("calc8", ""),
    ".comma.csv": (_CSV, "44,34,76,1,,0,false,true,false"),
    ".semicolon.csv": (_CSV, "59,34,76,1,,0,false,true,false"),
    ".tab.csv": (_CSV, "9,34,65535,1,,0,false,true,false"),
    ".ansi.csv": (_CSV, "59,34,1,1,,0,false,true,false"),
    ".caret.csv": (_CSV, "94,34,4,1,,0,false,true,false"),  # ^, and code page 850
}
_READ_CSV = "59,34,76,1,,0,false,true"  # what its import dialogue proposes for our CSV: each cell as if typed in


@dataclass(frozen=True, slots=True)
class Sitting:
    """One file opened, worked at, and saved as another."""

    source: Path
    target: Path
    steps: list[tuple[str, ...]] = field(default_factory=list)

    def did(self, *steps: tuple[str, ...]) -> Sitting:
        """Do these steps, in their order: see libreoffice.bas for what there is."""
        return Sitting(self.source, self.target, [*self.steps, *steps])

    @property
    def lines(self) -> Iterable[str]:
        """Write the sitting as lines of a job."""
        suffix = "".join(self.target.suffixes[-2:]) if self.target.suffix == ".csv" else self.target.suffix
        opened = ("open", str(self.source), _READ_CSV if self.source.suffix == ".csv" else "")
        for words in (opened, *self.steps, ("save", str(self.target), *_FILTERS[suffix])):
            yield "\t".join(words)


def saved_by_libreoffice(folder: Path, sittings: Iterable[Sitting]) -> None:
    """Do the sittings, one after the other; the profile lies in `folder`."""
    profile, job = folder / "profile", folder / "job"
    module = profile / "user/basic/Standard/Module1.xba"
    _soffice(profile, "--terminate_after_init")  # makes the profile, without which there is no place for a macro
    module.write_text(_MODULE.format(code=html.escape(_MACRO.read_text(encoding="utf-8"))), encoding="utf-8")
    job.write_text("".join(f"{line}\n" for one in sittings for line in one.lines), encoding="utf-8")
    _soffice(profile, f'macro:///Standard.Module1.Main("{job}")')
    assert (folder / "job.said").read_text(encoding="utf-8") == "done"


def _soffice(profile: Path, *words: str) -> None:
    program = shutil.which("soffice")
    if program is None:
        raise RuntimeError("LibreOffice is not installed: apt-get install libreoffice-calc")
    options = [f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo"]
    subprocess.run([program, *options, *words], check=True, timeout=50, stderr=subprocess.DEVNULL)


@contextmanager
def first_of_all(folder: Path) -> Iterator[bool]:
    """Say whether this is the first of several test processes to come here; the others wait until it is done."""
    with (folder / "lock").open("a+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        yield not lock.read()
        lock.write("done")
