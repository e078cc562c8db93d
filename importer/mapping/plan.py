"""A compiled mapping: everything a row goes through, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.mapping.evaluation import Compiled, Test
    from importer.mapping.expressions import EvaluateAll
    from importer.model import Json

__all__ = ["Field", "Plan", "Rule"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field or custom field to fill."""

    key: str  # in the payload, or in its custom_fields
    compiled: Compiled
    clears: bool  # whether a blank is sent as null
    required: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """When a row is left out, and why."""

    test: Test
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a row goes through, in order."""

    skip: tuple[Rule, ...]
    skip_reads: frozenset[int]  # the columns that they look at
    external_id: Field
    fields: tuple[Field, ...]  # the others, in the order of the API reference
    tags: tuple[EvaluateAll, ...]
    tag_reads: frozenset[int]
    custom_fields: tuple[Field, ...]
    client: Mapping[str, Json] | None  # what is known beforehand of a client named by its external_id; None: by its id
