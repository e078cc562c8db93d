"""`python -m importer` and the console script `kanbert-import`."""

from __future__ import annotations

from importer.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
