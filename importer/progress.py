"""How far a command is, told on a stream: a bar on a terminal, a line every half minute without one, or nothing.

Telling must never stop the work: a stream that is closed or full is not written to again.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from importer.model import plural, shortened, singular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn, TextIO

    from tqdm import tqdm

    Facts: TypeAlias = "Mapping[str, int | str]"
    Gauge: TypeAlias = "Callable[[], Facts]"

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
        """Show facts behind the count from the next drawing on, in place of those before: `status(created=8)`."""
        ...

    def watch(self, gauge: Gauge | None) -> None:
        """Ask for further facts whenever something is drawn, in this stage and those after it; None: no more."""
        ...

    def tick(self) -> None:
        """Draw anew if it is time to, though nothing was done: to be called every second or so while others wait."""
        ...

    def note(self, text: str) -> None:
        """Tell one message, shortened to a line, in a stage or outside."""
        ...

    def finish(self) -> None:
        """End the stage."""
        ...


def progress_for(
    stream: TextIO, *, quiet: bool, enabled: bool, monotonic: Callable[[], float], dumb: bool = False
) -> Progress:
    """Choose by what the user asked for and where `stream` leads; `enabled` False leaves the notes alone.

    A `dumb` terminal cannot go back to the beginning of a line.
    """
    if quiet:
        return Silent()
    if not enabled:
        return Notes(stream)
    return Bar(stream) if stream.isatty() and not dumb else Lines(stream, monotonic)


class Silent:
    """Tells nothing."""

    def start(self, label: str, total: int | None, unit: str = "rows") -> None:
        """Tell nothing."""

    def advance(self, n: int = 1) -> None:
        """Tell nothing."""

    def status(self, **facts: int | str) -> None:
        """Tell nothing."""

    def watch(self, gauge: Gauge | None) -> None:
        """Ask for nothing."""

    def tick(self) -> None:
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

    `monotonic` gives seconds. The clock is looked at when something is told, and at each `tick`.
    """

    def __init__(self, stream: TextIO, monotonic: Callable[[], float]) -> None:
        self._out = _Out(stream)
        self._monotonic = monotonic
        self._stage: _Stage | None = None
        self._gauge: Gauge | None = None
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
        """Keep the facts for the next line."""
        if self._stage is not None:
            self._stage.facts = facts

    def watch(self, gauge: Gauge | None) -> None:
        """Ask for further facts at each line."""
        self._gauge = gauge

    def tick(self) -> None:
        """Write a line if the last one is half a minute old."""
        if self._stage is not None:
            self._tell(self._stage)

    def note(self, text: str) -> None:
        """Write the note as a line."""
        self._out.line(shortened(text, _LONGEST_NOTE))

    def finish(self) -> None:
        """Write how much was done, in which time."""
        if self._stage is not None:
            self._out.line(self._stage.end(self._monotonic(), _all_facts(self._stage.facts, self._gauge)))
            self._stage = None

    def _tell(self, stage: _Stage) -> None:
        now = self._monotonic()
        if now - self._told_at >= INTERVAL:
            self._told_at = now
            self._out.line(stage.middle(now, _all_facts(stage.facts, self._gauge)))


class _Stage:
    """One stage of `Lines`: what it says at a given time."""

    def __init__(self, label: str, total: int | None, unit: str, started_at: float) -> None:
        self.label = label
        self.total = total
        self.unit = unit
        self.started_at = started_at
        self.done = 0
        self.facts: Facts = {}

    def beginning(self) -> str:
        return f"{self.label}: {'started' if self.total is None else _counted(self.total, self.unit)}"

    def middle(self, now: float, facts: str) -> str:
        rate = self._rate(now)
        parts = [self._count(), f"{rate:,.1f} {self.unit}/s", *self._left(rate), *filter(None, [facts])]
        return f"{self.label}: {', '.join(parts)}"

    def end(self, now: float, facts: str) -> str:
        return f"{self.label}: {self._count()} in {_duration(now - self.started_at)}{', ' * bool(facts)}{facts}"

    def _count(self) -> str:
        if not self.total or self.done == self.total:
            return _counted(self.done, self.unit)
        return f"{self.done:,} of {_counted(self.total, self.unit)} ({100 * self.done // self.total} %)"

    def _rate(self, now: float) -> float:
        return self.done / max(now - self.started_at, 0.001)

    def _left(self, rate: float) -> list[str]:
        if self.total is None or not rate or self.done >= self.total:
            return []
        return [f"about {_duration((self.total - self.done) / rate)} left"]


class Bar:
    """Draws tqdm's bar with units a second and the time left. `width` is the terminal's own where None.

    Where the terminal is too narrow for a bar beside the facts, there are the facts and no bar: nothing ever takes more
    than one line, for two could not be drawn over.
    """

    def __init__(self, stream: TextIO, width: int | None = None) -> None:
        self._out = _Out(stream)
        self._width = width
        self._bar: tqdm[NoReturn] | None = None
        self._facts: Facts = {}
        self._gauge: Gauge | None = None

    def start(self, label: str, total: int | None, unit: str = "rows") -> None:
        """Draw an empty bar."""
        self.finish()
        self._facts = {}
        self._bar = _bar_class(lambda: _all_facts(self._facts, self._gauge))(
            total=total,
            desc=shortened(label, _LONGEST_LABEL),
            unit=f" {shortened(unit, _LONGEST_FACT)}",
            file=self._out,
            ncols=self._width,
            dynamic_ncols=self._width is None,
            smoothing=0.05,  # a pause that the target asks for says little of the time left
            miniters=0,  # look at the clock each time: by itself tqdm counts, and looks frozen once rows come slower
        )

    def advance(self, n: int = 1) -> None:
        """Move the bar; it is drawn ten times a second at most."""
        if self._bar is not None:
            self._bar.update(n)

    def status(self, **facts: int | str) -> None:
        """Put the facts behind the bar, when it is drawn next."""
        self._facts = facts

    def watch(self, gauge: Gauge | None) -> None:
        """Ask for further facts at each drawing."""
        self._gauge = gauge

    def tick(self) -> None:
        """Draw the bar anew, with the time that has gone by."""
        if self._bar is not None:
            self._bar.refresh()

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


def _bar_class(facts: Callable[[], str]) -> type[tqdm[NoReturn]]:
    from tqdm import tqdm  # noqa: PLC0415 - only a terminal needs it, and every command imports this module

    class OneThreadBar(tqdm):  # type: ignore[type-arg]  # generic in the stubs alone
        """A bar with neither a monitor thread nor a lock between processes; tqdm's own class keeps its settings."""

        monitor_interval = 0

        @property
        def format_dict(self) -> Any:  # noqa: ANN401 - as tqdm has it
            drawn = super().format_dict
            drawn["ncols"] = (drawn["ncols"] or _USUAL_WIDTH) - 1  # some terminals go to the next line at the last cell
            drawn["postfix"] = facts()
            drawn["bar_format"] = _layout(drawn)
            return drawn

    OneThreadBar.set_lock(threading.RLock())
    return OneThreadBar


_USUAL_WIDTH = 80
_NARROW = 60
_LEAST_BAR = 8  # cells
_AROUND = len(": 100%|| / [00:00<00:00, 1,000.0 /s]")


def _layout(drawn: Mapping[str, Any]) -> str:
    """Choose what a line has room for; words in braces are tqdm's."""
    unit, rate = drawn["unit"].strip().translate(_NO_BRACES), _rate(drawn)
    if drawn["total"] is None:
        counted = singular(unit) if drawn["n"] == 1 else unit
        return "{desc}: {n_fmt} " + counted + " [{elapsed}, " + f"{rate} {unit}/s" + "{postfix}]"
    taken = sum(len(str(drawn[name])) for name in ("prefix", "n", "total", "unit", "postfix"))
    if taken + _AROUND + _LEAST_BAR <= drawn["ncols"]:
        times = "[{elapsed}<{remaining}, " + f"{rate} {unit}/s" + "{postfix}]"
        return "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} " + times
    done = "{desc} {percentage:.0f}% {n_fmt}/{total_fmt}, "
    if drawn["ncols"] < _NARROW:
        return done + f"{rate}/s" + "{postfix}"
    return done + "{remaining} left, " + f"{rate} {unit}/s" + "{postfix}"


_NO_BRACES = str.maketrans("", "", "{}")


def _rate(drawn: Mapping[str, Any]) -> str:
    rate = drawn["rate"] or (drawn["n"] / drawn["elapsed"] if drawn["elapsed"] else 0.0)
    return f"{rate:,.1f}" if rate < 100 else f"{rate:,.0f}"


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


def _counted(number: int, unit: str) -> str:
    return plural(number, singular(unit), unit)


def _all_facts(facts: Facts, gauge: Gauge | None) -> str:
    """Write the facts of a stage; those of the gauge that are 0 say nothing, and what is waited for comes first."""
    more = {} if gauge is None else {name: value for name, value in gauge().items() if value}
    waiting = {name: more.pop(name) for name in ("waiting",) if name in more}
    return _facts({**waiting, **facts, **more})


def _facts(facts: Facts) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_fact(value)}" for name, value in facts.items())


def _fact(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else shortened(value, _LONGEST_FACT)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
