"""The sandbox's README says what the sandbox takes: its tables are compared, its examples read."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from typer.main import get_command

from importer.cli import app
from importer.sandbox import Behaviour, Fault, load_seed, parse_faults
from importer.sandbox.faults.fault import Do
from importer.sandbox.seeding.file import SECTIONS
from importer.sandbox.seeding.settings import SETTINGS

ROOT = Path(__file__).parents[2]
README = (ROOT / "importer" / "sandbox" / "README.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The cells of the table whose head begins so, without the marks of code."""
    rows = README.split(f"\n| {heading} |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split(" | ")] for row in rows]


def written(value: object) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def values_of(switch: str) -> list[str]:
    """All that a switch may be, its default first; of numbers and texts the default alone."""
    wanted, default = get_type_hints(Behaviour)[switch], getattr(Behaviour(), switch)
    if wanted is bool:
        return [written(default), written(not default)]
    choices = get_args(wanted) if get_origin(wanted) is Literal else [default]
    return [written(default), *(written(value) for value in choices if value != default)]


def test_every_switch_has_its_line() -> None:
    rows = table("switch")
    assert [name for name, *_ in rows] == [item.name for item in fields(Behaviour)]
    for name, values, _ in rows:
        assert values.replace("**", "").split(", ") == values_of(name), name
        assert values.startswith("**")


def test_every_misbehaviour_has_its_line() -> None:
    assert [name for name, _ in table("`do`")] == list(get_args(Do))


def test_every_part_of_a_seed_file_has_its_line() -> None:
    assert [name for name, _ in table("part")] == [*SETTINGS, *SECTIONS]


def test_every_option_has_its_line() -> None:
    options = {name for parameter in get_command(app).commands["sandbox"].params for name in parameter.opts}  # type: ignore[attr-defined]  # a group, as the app is
    assert {name.partition(" ")[0] for name, _ in table("option")} == options - {"--help"}


def test_the_fault_script_is_one() -> None:
    [text] = re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert [fault.do for fault in parse_faults(text).faults][:2] == ["latency", "reset_after"]
    assert all(isinstance(fault, Fault) for fault in parse_faults(text).faults)


def test_the_sample_has_an_offer_in_each_status() -> None:
    seed = load_seed(ROOT / "samples" / "sandbox-space.yaml")
    assert {entry.section for entry in seed.entries} == set(SECTIONS) - {"webhooks"}
    statuses = {entry.given["status"] for entry in seed.entries if entry.section == "offers"}
    assert statuses == {"open", "approval_pending", "approval_approved", "transformed", "cancelled"}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)", README))))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / "importer" / "sandbox" / link).exists()
