"""How far a command is, told on a stream: a bar on a terminal, a line every half minute without one, or nothing.

Telling must never stop the work: a stream that is closed or full is not written to again.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from importer.model import shortened

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TextIO

    from tqdm import tqdm

__all__ = ["Bar", "Lines", "Notes", "Progress", "Silent", "progress_for"]

INTERVAL = 30.0
"""Seconds between two lines of `Lines`."""

_LONGEST_LABEL = 40
_LONGEST_FACT = 30
_LONGEST_NOTE = 500


class Progress(Protocol):
    """What long work tells while it runs, in stages one after the other.

    `start` begins a stage and ends one that is still open. `advance`, `status` and `finish` outside a stage do nothing,
    so that nobody has to ask whether one is open. No method raises, none blocks longer than a write to the stream, and
    all but `start` are cheap enough for every row.
    """

    def start(self, label: str, total: int | None, unit: str = "rows") -> None:
        """Begin a stage of `total` units, None where that is not known."""
        ...

    def advance(self, n: int = 1) -> None:
        """Count `n` more units as done."""
        ...

    def status(self, **facts: int | str) -> None:
        """Show facts behind the count, in place of those before: `status(in_flight=8, waits=2)`."""
        ...

    def note(self, text: str) -> None:
        """Tell one message, shortened to a line, in a stage or outside."""
        ...

    def finish(self) -> None:
        """End the stage."""
        ...


def progress_for(stream: TextIO, *, quiet: bool, enabled: bool, monotonic: Callable[[], float]) -> Progress:
    """Choose by what the user asked for and where `stream` leads; `enabled` False leaves the notes alone."""
    if quiet:
        return Silent()
    if not enabled:
        return Notes(stream)
    return Bar(stream) if stream.isatty() else Lines(stream, monotonic)


class Silent:
    """Tells nothing."""

    def start(self, label: str, total: int | None, unit: str = "rows") -> None:
        """Tell nothing."""

    def advance(self, n: int = 1) -> None:
        """Tell nothing."""

    def status(self, **facts: int | str) -> None:
        """Tell nothing."""

    def note(self, text: str) -> None:
        """Tell nothing."""

    def finish(self) -> None:
        """Tell nothing."""


class Notes(Silent):
    """Tells the notes and nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._out = _Out(stream)

    def note(self, text: str) -> None:
        """Write the note as a line."""
        self._out.line(shortened(text, _LONGEST_NOTE))


class Lines:
    """Tells in lines: one at the start and one at the end of a stage, one every half minute between.

    `monotonic` gives seconds. The clock is looked at when something is told, so a stage that stands still is silent.
    """

    def __init__(self, stream: TextIO, monotonic: Callable[[], float]) -> None:
        self._out = _Out(stream)
        self._monotonic = monotonic
        self._stage: _Stage | None = None
        self._told_at = 0.0

    def start(self, label: str, total: int | None, unit: str = "rows") -> None:
        """Write that the stage begins."""
        self.finish()
        self._told_at = self._monotonic()
        self._stage = _Stage(shortened(label, _LONGEST_LABEL), total, shortened(unit, _LONGEST_FACT), self._told_at)
        self._out.line(self._stage.beginning())

    def advance(self, n: int = 1) -> None:
        """Count, and write a line if the last one is half a minute old."""
        if self._stage is not None:
            self._stage.done += n
            self._tell(self._stage)

    def status(self, **facts: int | str) -> None:
        """Keep the facts for the next line, and write it if the last one is half a minute old."""
        if self._stage is not None:
            self._stage.facts = _facts(facts)
            self._tell(self._stage)

    def note(self, text: str) -> None:
        """Write the note as a line."""
        self._out.line(shortened(text, _LONGEST_NOTE))

    def finish(self) -> None:
        """Write how much was done, in which time."""
        if self._stage is not None:
            self._out.line(self._stage.end(self._monotonic()))
            self._stage = None

    def _tell(self, stage: _Stage) -> None:
        now = self._monotonic()
        if now - self._told_at >= INTERVAL:
            self._told_at = now
            self._out.line(stage.middle(now))


class _Stage:
    """One stage of `Lines`: what it says at a given time."""

    def __init__(self, label: str, total: int | None, unit: str, started_at: float) -> None:
        self.label = label
        self.total = total
        self.unit = unit
        self.started_at = started_at
        self.done = 0
        self.facts = ""

    def beginning(self) -> str:
        return f"{self.label}: started" if self.total is None else f"{self.label}: {self.total:,} {self.unit}"

    def middle(self, now: float) -> str:
        rate = self._rate(now)
        parts = [self._count(), f"{rate:,.1f} {self.unit}/s", *self._left(rate), *filter(None, [self.facts])]
        return f"{self.label}: {', '.join(parts)}"

    def end(self, now: float) -> str:
        facts = f", {self.facts}" if self.facts else ""
        return f"{self.label}: {self._count()} in {_duration(now - self.started_at)}{facts}"

    def _count(self) -> str:
        if not self.total or self.done == self.total:
            return f"{self.done:,} {self.unit}"
        return f"{self.done:,} of {self.total:,} {self.unit} ({100 * self.done // self.total} %)"

    def _rate(self, now: float) -> float:
        return self.done / max(now - self.started_at, 0.001)

    def _left(self, rate: float) -> list[str]:
        if self.total is None or not rate or self.done >= self.total:
            return []
        return [f"about {_duration((self.total - self.done) / rate)} left"]


class Bar:
    """Draws tqdm's bar with units a second and the time left. `width` is the terminal's own where None."""

    def __init__(self, stream: TextIO, width: int | None = None) -> None:
        self._out = _Out(stream)
        self._width = width
        self._bar: tqdm[NoReturn] | None = None

    def start(self, label: str, total: int | None, unit: str = "rows") -> None:
        """Draw an empty bar."""
        self.finish()
        self._bar = _bar_class()(
            total=total,
            desc=shortened(label, _LONGEST_LABEL),
            unit=f" {shortened(unit, _LONGEST_FACT)}",
            file=self._out,
            ncols=self._width,
            dynamic_ncols=self._width is None,
            miniters=0,  # look at the clock each time: by itself tqdm counts, and looks frozen once rows come slower
        )

    def advance(self, n: int = 1) -> None:
        """Move the bar; it is drawn ten times a second at most."""
        if self._bar is not None:
            self._bar.update(n)

    def status(self, **facts: int | str) -> None:
        """Put the facts behind the bar; drawn as often as `advance` does."""
        if self._bar is not None:
            self._bar.set_postfix_str(_facts(facts), refresh=False)
            self._bar.update(0)

    def note(self, text: str) -> None:
        """Write the note above the bar."""
        if self._bar is not None:
            self._bar.clear()
        self._out.line(shortened(text, _LONGEST_NOTE))
        if self._bar is not None:
            self._bar.refresh()

    def finish(self) -> None:
        """Leave the bar as it stands and go to the next line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _bar_class() -> type[tqdm[NoReturn]]:
    from tqdm import tqdm  # noqa: PLC0415 - only a terminal needs it, and every command imports this module

    class OneThreadBar(tqdm):  # type: ignore[type-arg]  # generic in the stubs alone
        """A bar with neither a monitor thread nor a lock between processes; tqdm's own class keeps its settings."""

        monitor_interval = 0

    OneThreadBar.set_lock(threading.RLock())
    return OneThreadBar


class _Out:
    """A stream that is given up at the first error and gets no character that it cannot encode."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._usable = True
        self.encoding = stream.encoding or "utf-8"  # tqdm draws with # where it is not a Unicode one
        self.fileno = stream.fileno  # tqdm asks the terminal for its width

    def line(self, text: str) -> None:
        self.write(text + "\n")
        self.flush()

    def write(self, text: str) -> None:
        self._try(lambda: self._stream.write(text.encode(self.encoding, "replace").decode(self.encoding)))

    def flush(self) -> None:
        self._try(self._stream.flush)

    def _try(self, effect: Callable[[], object]) -> None:
        if self._usable:
            try:
                effect()
            except (OSError, ValueError):  # ValueError: the stream is closed
                self._usable = False


def _facts(facts: dict[str, int | str]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_fact(value)}" for name, value in facts.items())


def _fact(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else shortened(value, _LONGEST_FACT)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
