"""The vocabulary of compiled expressions: what they take, what they give, and how they say that something is wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field as slot, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal, TypeAlias

from importer.mapping.tree import Flaw, Path
from importer.model import Cell, Code, Severity
from importer.values.text import clean, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from importer.mapping.batch import Batch
    from importer.mapping.header import Header
    from importer.mapping.steps import Settle

__all__ = [
    "Asked",
    "Blame",
    "Cells",
    "Compiled",
    "Decisions",
    "Evaluate",
    "Nothing",
    "Open",
    "Reading",
    "Scope",
    "Settled",
    "Test",
    "Together",
    "Trouble",
    "Usage",
    "Value",
    "comparable",
]

Cells: TypeAlias = tuple[Cell, ...]


def comparable(written: str) -> str:
    """Leave out of a text what the mapping does not tell apart: surrounding blanks, case, the coding of accents."""
    cleaned = clean(unicodedata.normalize("NFC", written))
    return cleaned.casefold() if isinstance(cleaned, str) else ""


class Nothing(Enum):
    """Why there is no value, where that is not simply a blank cell (None)."""

    FAILED = "failed"  # an error says why; the row is refused
    LEFT_OUT = "left-out"  # a warning says why; the field is not sent, and not cleared either


Value: TypeAlias = Cell | Nothing


@dataclass(frozen=True, slots=True)
class Trouble:
    """An issue in the making: all of it but the row and the words."""

    code: Code
    field: str | None
    value: Cell
    detail: str
    column: int | None  # position in the header
    severity: Severity | None = None
    decidable: bool = False  # whether a decision about the value would settle it
    suggestions: tuple[str, ...] = ()  # what may be meant, likeliest first


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a value that did not go through smoothly: what is used, and what is said about it."""

    value: Value
    code: Code
    detail: str
    noted: bool = False  # the value is right, and is what is told; else the cell is
    suggestions: tuple[str, ...] = ()  # what may be meant, likeliest first

    def trouble(self, field: str, cell: Cell, column: int | None) -> Trouble:
        """Say of a cell what became of it."""
        shown = self.value if self.noted and not isinstance(self.value, Nothing) else cell
        return Trouble(
            self.code, field, shown, self.detail, column, decidable=not self.noted, suggestions=self.suggestions
        )


Evaluate: TypeAlias = Callable[[Cells, list[Trouble]], Value]
"""A compiled expression: a row's cells -> its value; what is wrong is put at the end of the list."""

Test: TypeAlias = Callable[[Cells, list[Trouble]], bool]
"""A compiled condition."""

Decisions: TypeAlias = "Mapping[str, Mapping[str, str | bool | int]]"
"""Field -> cell as written -> what is to be sent for it; empty text: nothing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a whole column proves of how its cells are read; None where it proves nothing."""

    date_order: Literal["dmy", "mdy"] | None = None
    decimal_comma: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an expression would know of its column: the option of its kind, and whether the mapping says it itself."""

    option: str
    declared: bool


Blame: TypeAlias = Callable[[Cells], int | None]
"""Says which column a value came from; asked only when something is wrong with it."""


Together: TypeAlias = "Callable[[Batch], Sequence[Value] | None]"
"""An expression for many rows: the values that it has for each, and None for a row set apart; or no list at all."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to run, and which column to show where something is wrong."""

    evaluate: Evaluate
    blame: Blame
    reads: frozenset[int] = frozenset()  # the columns that it looks at
    together: Together | None = None  # where that is quicker than to evaluate once for each combination of cells


MAX_OPEN = 10_000  # distinct values that are remembered as not settled
MAX_DECIDED = 500  # characters of one; a key of YAML can have 1024


@dataclass(slots=True)
class Open:
    """What is known of a value that no rule settles."""

    rows: int
    detail: str
    suggestions: tuple[str, ...]


class Usage:
    """Which parts of a mapping the rows make use of; it fills while they are mapped, and is asked for by `check` alone."""

    __slots__ = ("_met", "_spelled", "open", "settled")

    def __init__(self) -> None:
        self._met: dict[Path, bool] = {}
        self.settled: dict[Path, Cell] = {}
        """Decisions that are not needed, since a rule settles the cell itself, and how it does."""
        self.open: dict[tuple[str, str], Open] = {}
        """Field and cell of what no rule settles, and nobody has decided; the first ones, where there are very many.

        Cells that a decision does not tell apart are one, in the spelling that came first.
        """
        self._spelled: dict[tuple[str, str], Open] = {}  # `open` by what is compared

    def count(self, troubles: Iterable[Trouble]) -> None:
        """Count a row's cells that did not go through."""
        for trouble in troubles:
            written = text(trouble.value)
            if not trouble.decidable or trouble.field in {None, "external_id"} or not isinstance(written, str):
                continue
            if len(written) > MAX_DECIDED:
                continue
            field = trouble.field or ""
            key = (field, comparable(written))
            if (found := self._spelled.get(key)) is not None:
                found.rows += 1
            elif len(self.open) < MAX_OPEN:
                self.open[field, written] = self._spelled[key] = Open(1, trouble.detail, trouble.suggestions)

    def watch(self, path: Path) -> Callable[[], None]:
        """Begin to watch a part; what comes back is to be called when a row makes use of it."""
        self._met.setdefault(path, False)

        def met() -> None:
            self._met[path] = True

        return met

    def branch(self, path: Path) -> Callable[[], None] | None:  # noqa: ARG002 - for those who follow each row
        """Watch a way through an expression; None where only conditions and entries of `map` are watched."""
        return None

    def remembering(self, settle: Settle) -> Settle | None:  # noqa: ARG002 - as above
        """Remember what becomes of a cell; None where the memory of steps themselves will do."""
        return None

    @property
    def never(self) -> tuple[Path, ...]:
        """The parts that no row made use of, in the order in which they were compiled."""
        return tuple(path for path, met in self._met.items() if not met)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where in the file we are, the header that names are looked up in, and the flaws found so far."""

    header: Header
    flaws: list[Flaw] = slot(default_factory=list)
    path: Path = ()
    field: Callable[[str], Compiled | str | None] = lambda _: None
    """Another field of the company, for what depends on it; a text where it cannot be asked, None where it is not set."""

    usage: Usage | None = None
    decisions: Decisions = slot(default_factory=dict)
    readings: Mapping[int, Reading] = slot(default_factory=dict)  # by the column's position
    asked: dict[int, set[Asked]] = slot(default_factory=dict)  # what expressions ask of their columns
    reads: set[int] = slot(default_factory=set)  # the columns that were found through `column`

    def watch(self, test: Test) -> Test:
        """Let the usage know when a condition of this part of the file holds."""
        if self.usage is None:
            return test
        met = self.usage.watch(self.path)

        def watched(cells: Cells, troubles: list[Trouble]) -> bool:
            if holds := test(cells, troubles):
                met()
            return holds

        return watched

    def branch(self, *parts: str | int) -> Callable[[], None] | None:
        """Let the usage know when a way through this part of the file is taken; None where it does not want to."""
        return None if self.usage is None else self.usage.branch((*self.path, *parts))

    def noting_reads(self) -> Scope:
        """Begin to note anew which columns are looked at."""
        return replace(self, reads=set())

    def at(self, *parts: str | int) -> Scope:
        """Step into a part of the file."""
        return replace(self, path=(*self.path, *parts))

    def flaw(self, message: str, *parts: str | int, on_key: bool = False) -> None:
        """Note a mistake in this part of the file, or in a part below it."""
        self.flaws.append(Flaw((*self.path, *parts), message, on_key))

    def column(self, name: str, *parts: str | int) -> int:
        """Find a column; one that is not there is noted as a flaw, and the position is of no use."""
        position = self.header.position(name)
        if isinstance(position, str):
            self.flaw(position, *parts)
            return 0
        self.reads.add(position)
        return position
