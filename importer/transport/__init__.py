"""Calls -> requests of one polite HTTP client: paced, bounded, counted, and repeated only where that does no harm."""

from __future__ import annotations

from importer.clock import Clock, SystemClock
from importer.transport.allowance import Allowance
from importer.transport.backoff import next_delay
from importer.transport.certificate import Certificate, certificate_of
from importer.transport.client import Attempt, RequestCounts, Transport, open_transport
from importer.transport.options import Token, TransportOptions, check_address
from importer.transport.verdict import Answer

__all__ = [
    "Allowance",
    "Answer",
    "Attempt",
    "Certificate",
    "Clock",
    "RequestCounts",
    "SystemClock",
    "Token",
    "Transport",
    "TransportOptions",
    "certificate_of",
    "check_address",
    "next_delay",
    "open_transport",
]
