"""The exports of other systems: their samples, their ready mappings, and all that must come of the two together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.local_kanbert import local_kanbert
from tests.samples.test_samples import generate
from tests.scenarios.conftest import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SAMPLES, MAPPINGS = ROOT / "samples", ROOT / "mappings"
README = (SAMPLES / "README.md").read_text("utf-8")
PAIRS = re.findall(r"^\| `([\w.-]+)` \| `([\w-]+\.yaml)` \|", README, re.MULTILINE)
PLANTED = re.findall(r"^\| `([\w.-]+)` \| (\d+) \| ([a-z-]+) \| ([^|]*?) ?\| [^|]+ \|$", README, re.MULTILINE)
CASES = [pytest.param(SAMPLES / sample, MAPPINGS / mapping, id=sample) for sample, mapping in PAIRS]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with local_kanbert() as kanbert:
        yield Desk(tmp_path_factory.mktemp("systems"), kanbert)


def issues(document: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Row, code and column of all issues."""
    found = [(row, issue["code"], issue["column"] or "") for issue in document["issues"] for row in issue["first_rows"]]
    assert sum(issue["count"] for issue in document["issues"]) == len(found)
    return sorted(found)


def planted(sample: Path) -> list[tuple[int, str, str]]:
    return sorted((int(row), code, column) for name, row, code, column in PLANTED if name == sample.name)


# ── the samples ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_generator_writes_the_samples_that_are_here(tmp_path: Path) -> None:
    made = {path.name: path.read_bytes() for path in generate(tmp_path).iterdir() if path.suffix == ".csv"}
    assert len(made) == len([path for path, _ in PAIRS if path.endswith(".csv")]) + 1
    for name, content in made.items():
        assert (SAMPLES / name).read_bytes() == content, name


def test_all_that_is_invented_is_of_example() -> None:
    for sample, _ in PAIRS:
        text = (SAMPLES / sample).read_bytes().decode("cp1252", "replace")
        hosts = re.findall(r"(?:@|www\.|https?://)([A-Za-z0-9-]+\.[A-Za-z0-9.-]+)", text)
        assert [host for host in hosts if not host.endswith(".example")] == []


def test_bytes_are_those_of_the_system() -> None:
    assert b"\r" not in (SAMPLES / "hubspot-companies.csv").read_bytes()
    assert (SAMPLES / "hubspot-companies.csv").read_bytes().startswith(b'"Record ID","Company name","Company owner",')
    assert (SAMPLES / "google-contacts.csv").read_bytes().startswith(b"\xef\xbb\xbfFirst Name,")
    datev = (SAMPLES / "datev-debitoren-kreditoren.csv").read_bytes().decode("cp1252").split("\r\n")
    assert datev[0].startswith('"EXTF";700;16;"Debitoren/Kreditoren";')
    assert (len(datev[1].split(";")), datev[1].split(";")[0]) == (254, "Konto")
    assert datev[2].startswith('10000;"Blauwe Otter')
    assert b'"Werkadres, straat"' in (SAMPLES / "outlook-contacten-nl.csv").read_bytes()


# ── a sample with its mapping ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("sample", "mapping"), CASES)
def test_check_is_green(sample: Path, mapping: Path, desk: Desk) -> None:
    checked = desk.call("check", mapping, sample)
    assert checked.code == 0, checked.out + checked.err


@pytest.mark.parametrize(("sample", "mapping"), CASES)
def test_validate_finds_what_is_planted_and_nothing_else(sample: Path, mapping: Path, desk: Desk) -> None:
    document = desk.call("validate", sample, "-m", mapping, "--json", "-q").document
    assert issues(document) == planted(sample) != []
    assert document["counts"]["read"] >= 30


@pytest.mark.slow
@pytest.mark.parametrize(("sample", "mapping"), CASES)
def test_all_that_a_run_writes_reads_back_the_same(sample: Path, mapping: Path, desk: Desk) -> None:
    shutil.copy(sample, desk.folder)
    file, journal = desk.folder / sample.name, desk.folder / f"{sample.name}.journal"
    ran = desk.call("run", file, "-m", mapping, "--to", desk.kanbert.url, "--journal", journal, "--json", "-q")
    refused = {
        row for row, code, _ in planted(sample) if code not in {"kept-as-is", "missing-cells", "skipped-by-rule"}
    }
    skipped = {row for row, code, _ in planted(sample) if code == "skipped-by-rule"}
    gone = ran.counts.get("created", 0) + ran.counts.get("unchanged", 0) + ran.counts.get("updated", 0)
    assert (ran.code, gone) == (1, ran.counts["read"] - len(refused) - len(skipped))
    verified = desk.call("verify", journal, "--json", "-q").document["verified"]
    assert {kind: verified[kind] for kind in ("same", "differs", "missing", "error") if verified[kind]} == {
        "same": gone
    }


MONEYBIRD = pytest.param(SAMPLES / "moneybird-contacts.xlsx", MAPPINGS / "moneybird.yaml", id="moneybird")


@pytest.mark.slow
@pytest.mark.parametrize(("sample", "mapping"), [*CASES, MONEYBIRD])
def test_init_finds_the_mapping_by_the_file_alone(sample: Path, mapping: Path, desk: Desk) -> None:
    file = desk.folder / f"renamed{sample.suffix}"  # its name says nothing
    shutil.copy(sample, file)
    made = desk.folder / f"{sample.name}.yaml"
    document = desk.call("init", file, "-o", made, "--json").document
    assert (document["ready"], document["without"]) == (mapping.stem, [])
    assert document["looks_like"]
    assert desk.call("check", made, file).code == 0
    validated = desk.call("validate", file, "-m", made, "--json", "-q")
    if sample.stem == "moneybird-contacts":
        assert validated.counts == {"read": 200, "skipped": 7, "refused": 13}
    else:
        assert issues(validated.document) == planted(sample)
