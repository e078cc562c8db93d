"""Report rows written as one page for a browser: counts, reasons, and the rows themselves, to be searched and filtered.

The file asks nobody for anything: style and script stand in it, and its Content-Security-Policy allows those two alone.
"""

from __future__ import annotations

from importer.report.page.writing import write_page

__all__ = ["write_page"]
