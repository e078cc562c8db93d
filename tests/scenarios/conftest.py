"""A desk for scenarios: a folder with an export and a mapping, a local Kanbert, and the command line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from importer.cli import app
from tests.fakes.contacts import MAPPING, contact, write_contacts, write_mapping
from tests.fakes.local_kanbert import LocalKanbert, local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.out))

    @property
    def counts(self) -> dict[str, int]:
        """The outcomes that happened, and `read`."""
        return {name: count for name, count in self.document["counts"].items() if count}


@dataclass
class Desk:
    """Where a user works."""

    folder: Path
    kanbert: LocalKanbert
    token: str = "sandbox"

    @property
    def export(self) -> Path:
        return self.folder / "contacts.csv"

    @property
    def mapping(self) -> Path:
        return self.folder / "mapping.yaml"

    @property
    def journal(self) -> Path:
        return self.folder / "contacts.journal"

    def has(self, *contacts: dict[str, str], mapping: str = MAPPING) -> None:
        write_contacts(self.export, list(contacts))
        write_mapping(self.mapping, mapping)

    def has_contacts(self, count: int) -> None:
        self.has(*(contact(n) for n in range(1, count + 1)))

    def call(self, *words: object, env: dict[str, str] | None = None) -> Ended:
        result = CliRunner().invoke(
            app, [str(word) for word in words], env={"KANBERT_TOKEN": self.token, **(env or {})}
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    def run(self, *options: object, to: str | None = None) -> Ended:
        target = to or self.kanbert.url
        return self.call("run", self.export, "-m", self.mapping, "--to", target, "--json", "-q", *options)

    def retry(self, *options: object) -> Ended:
        return self.call("retry", self.journal, "--json", "-q", *options)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    with local_kanbert() as kanbert:
        yield Desk(tmp_path, kanbert)
