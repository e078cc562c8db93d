"""The composition root: for each command, where operations come from, which target they go to, what remembers."""

from __future__ import annotations

from importer.commands.offline import Checked, Coverage, check, preview, validate
from importer.commands.reading import report, status
from importer.commands.serving import Served, Serving, serve_sandbox
from importer.commands.settings import Desk, Job, Writing
from importer.commands.targets import REHEARSAL, SANDBOX_FILE
from importer.commands.writing import retry, run

__all__ = [
    "REHEARSAL",
    "SANDBOX_FILE",
    "Checked",
    "Coverage",
    "Desk",
    "Job",
    "Served",
    "Serving",
    "Writing",
    "check",
    "preview",
    "report",
    "retry",
    "run",
    "serve_sandbox",
    "status",
    "validate",
]
