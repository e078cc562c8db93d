"""One migration as a job of an orchestrator; the README shows it, and `test_orchestrating.py` runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import importer


def migrate(folder: str, to: str) -> dict[str, Any]:
    """Bring one customer's export into Kanbert; called again after a failure, it goes on where it stopped."""
    home = Path(folder)
    done = importer.sync.run(home / "contacts.csv", home / "mapping.yaml", to=to, confirm=True, max_error_rate=0.1)
    if done.stopped is not None:
        message = f"{folder}: {done.stopped}"
        raise RuntimeError(message)
    importer.sync.write_report(home / "contacts.journal", home / "errors.xlsx")
    return importer.document(importer.sync.verify(home / "contacts.journal"))
