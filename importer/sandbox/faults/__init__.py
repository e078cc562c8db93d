"""Scripted misbehaviour: what may go wrong, which requests it hits, and what those get."""

from __future__ import annotations

from importer.sandbox.faults.choosing import Faults, Hit
from importer.sandbox.faults.fault import Do, Fault
from importer.sandbox.faults.script import FaultScript, load_faults, parse_faults

__all__ = ["Do", "Fault", "FaultScript", "Faults", "Hit", "load_faults", "parse_faults"]
