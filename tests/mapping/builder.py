"""What the tests of the mapping language build on: the lines every mapping has, and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.model import Desired, Refusal, Row

if TYPE_CHECKING:
    from importer.model import Cell, Issue, Json, Mapped

TOP = """\
version: 1
target: {external_origin: old}
company:
  external_id: id
  company_name: name
"""
"""Five lines; what a test adds begins in line 6, under `company`."""


def row_of(*cells: Cell, issues: tuple[Issue, ...] = ()) -> Row:
    return Row(2, cells, issues)


def payload_of(mapped: Mapped) -> dict[str, Json]:
    """The payload without what every payload has."""
    assert isinstance(mapped, Desired), mapped
    always = {"external_id", "external_origin", "company_name"}
    return {name: value for name, value in mapped.payload.items() if name not in always}


def codes_of(mapped: Mapped) -> list[str]:
    """The codes of all issues, in order."""
    return [issue.code.value for issue in mapped.issues]


def refusal_of(mapped: Mapped) -> list[str]:
    assert isinstance(mapped, Refusal), mapped
    return [issue.code.value for issue in mapped.issues]
