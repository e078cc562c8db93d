"""A fault file, or its text -> a script; what is wrong with it is said with file and line."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedMap

from importer.sandbox.documents import entries_of, line_of, plain, read_document, read_text, refuse_unknown, wrong
from importer.sandbox.faults.fault import Fault

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FaultScript", "load_faults", "parse_faults"]

_SEED_BITS = 63
_NAMES = [item.name for item in fields(Fault)]


@dataclass(frozen=True, slots=True)
class FaultScript:
    """Faults in the order in which they are asked, and the seed of their chances."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0


def load_faults(path: Path) -> FaultScript:
    """Read a fault file.

    Raises:
        ValueError: what is wrong, with file and line.
        OSError: the file cannot be read.
    """
    return parse_faults(read_text(path), name=str(path))


def parse_faults(text: str, name: str = "faults") -> FaultScript:
    """Read a fault script from YAML, which JSON is a part of.

    Raises:
        ValueError: what is wrong, with `name` and line.
    """
    document = read_document(text, name)
    refuse_unknown(document, ("seed", "faults"), name)
    seed = plain(document.get("seed", 0))
    if type(seed) is not int or seed.bit_length() > _SEED_BITS:
        raise wrong(name, line_of(document, "seed"), f"seed must be a whole number of at most {_SEED_BITS} bits")
    entries = entries_of(document, "faults", name)
    return FaultScript(
        tuple(_fault(entry, entries.lc.item(index)[0] + 1, name) for index, entry in enumerate(entries)), seed
    )


def _fault(entry: object, line: int, name: str) -> Fault:
    if not isinstance(entry, CommentedMap):
        raise wrong(name, line, 'each fault is a map, such as {on: "POST /companies", do: hang}')
    refuse_unknown(entry, _NAMES, name)
    missing = [key for key in ("on", "do") if key not in entry]
    if missing:
        raise wrong(name, line, f"the fault has no `{missing[0]}`")
    try:
        return Fault(**{str(key): plain(value) for key, value in entry.items()})  # type: ignore[arg-type]  # checked there
    except ValueError as error:
        raise wrong(name, line_of(entry, str(error).partition(" ")[0]), str(error)) from None
