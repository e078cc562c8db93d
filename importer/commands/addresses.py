"""Where a target is, as a journal remembers it and as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["SANDBOX_SCHEME", "Address"]

SANDBOX_SCHEME = "sandbox:"
"""How a journal remembers the embedded sandbox: this, the path of its file, `#` and which space the file keeps."""


@dataclass(frozen=True, slots=True)
class Address:
    """A target as the journal remembers it: an address of the API, or the file of an embedded sandbox."""

    url: str

    @property
    def sandbox_file(self) -> Path | None:
        """The embedded sandbox's file; None for a real address."""
        if not self.url.startswith(SANDBOX_SCHEME):
            return None
        path, mark, _ = self.url.removeprefix(SANDBOX_SCHEME).rpartition("#")
        return Path(path if mark else self.url.removeprefix(SANDBOX_SCHEME))

    @property
    def shown(self) -> str:
        """The address for people: of a sandbox without its identity."""
        return self.url if self.sandbox_file is None else f"{SANDBOX_SCHEME}{self.sandbox_file}"

    @property
    def local(self) -> bool:
        """Whether nothing leaves this machine, so that nobody needs to be asked."""
        return self.sandbox_file is not None or urlsplit(self.url).hostname in {"localhost", "127.0.0.1", "::1"}
