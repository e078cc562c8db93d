"""A local Kanbert companies API over SQLite, with its traps and with scripted faults, on a loopback port."""

from __future__ import annotations

from importer.sandbox.behaviour import EVERY_SCOPE, Behaviour, Token
from importer.sandbox.faults import Fault, FaultScript, load_faults, parse_faults
from importer.sandbox.ledger import RequestRecord
from importer.sandbox.opening import identity_of
from importer.sandbox.options import SandboxOptions
from importer.sandbox.resetting import begun_anew
from importer.sandbox.seeding import Seed, load_seed, parse_seed
from importer.sandbox.server import RunningSandbox, running_sandbox
from importer.sandbox.webhooks.options import DeliveryOptions, Subscription, SubscriptionError

__all__ = [
    "EVERY_SCOPE",
    "Behaviour",
    "DeliveryOptions",
    "Fault",
    "FaultScript",
    "RequestRecord",
    "RunningSandbox",
    "SandboxOptions",
    "Seed",
    "Subscription",
    "SubscriptionError",
    "Token",
    "begun_anew",
    "identity_of",
    "load_faults",
    "load_seed",
    "parse_faults",
    "parse_seed",
    "running_sandbox",
]
