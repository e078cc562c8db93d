"""The reference of the language, mappings/README.md: its examples run, and it leaves out no word."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.company import FIELDS
from importer.mapping import json_schema, load_mapping
from importer.mapping.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.mapping import Mapping

FOLDER = Path(__file__).parents[2] / "mappings"
REFERENCE = (FOLDER / "README.md").read_text(encoding="utf-8")
SECTION = re.compile(
    r"^(#+) (?P<title>[^\n]+)$|^```yaml(?P<whole> mapping)?\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)


def examples() -> list[tuple[str, str]]:
    """Each example, made whole, with the heading above it."""
    found, title = [], ""
    for match in SECTION.finditer(REFERENCE):
        title = match["title"] or title
        if match["code"] is not None:
            found.append((title, match["code"] if match["whole"] else completed(match["code"])))
    return found


def completed(example: str) -> str:
    """Add what the reference says that its examples leave out."""
    required = "company:\n  external_id: id\n  company_name: name\n"
    whole = (
        example.replace("company:\n", required, 1)
        if re.search("^company:", example, re.MULTILINE)
        else required + example
    )
    rows = re.sub(r"- row: \{(?!id:)", "- row: {id: '1000', name: ACME, ", whole)
    return f"version: 1\ntarget: {{external_origin: example}}\n{rows}"


@pytest.mark.parametrize(
    "example", [pytest.param(text, id=f"{number} {title}") for number, (title, text) in enumerate(examples())]
)
def test_an_example_of_the_reference_does_what_it_says(example: str, load: Callable[[str], Mapping]) -> None:
    mapping = load(example)
    assert mapping.test_count > 0
    assert mapping.run_tests() == ()


def test_the_reference_has_an_example_for_every_word() -> None:
    text = "\n".join(text for _, text in examples())
    schema = json_schema()
    known = {word for part in (schema, *schema["$defs"].values()) for word in part.get("properties", ())} - set(KINDS)
    assert [word for word in sorted(known) if not re.search(rf"\b{word}:", text)] == []
    assert [kind for kind in KINDS if not re.search(rf"as: (\{{)?{kind}\b", text)] == []


def test_the_reference_has_an_example_for_every_choice_that_is_not_the_usual_one() -> None:
    text = "\n".join(text for _, text in examples())
    choices = {
        "duplicates": ["last"],
        "blank": ["keep", "clear"],
        "otherwise": ["error", "keep", "blank", "{value"],
        "case": ["upper", "lower", "title"],
        "on_invalid": ["refuse", "keep", "blank"],
    }
    missing = [
        f"{word}: {choice}" for word, all_of in choices.items() for choice in all_of if f"{word}: {choice}" not in text
    ]
    assert missing == []


def test_the_reference_explains_every_word() -> None:
    schema = json_schema()
    known = {word for part in (schema, *schema["$defs"].values()) for word in part.get("properties", ())}
    assert [
        word for word in sorted(known | set(KINDS)) if f"`{word}`" not in REFERENCE and f"## {word}" not in REFERENCE
    ] == []
    booleans = [name for name, field in FIELDS.items() if field.type == "boolean"]
    assert [name for name in booleans if f"`{name}`" not in REFERENCE] == []


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in sorted(FOLDER.glob("*.yaml"))])
def test_a_mapping_of_the_folder_passes_its_own_tests(path: Path) -> None:
    mapping = load_mapping(path)
    assert mapping.test_count > 0
    assert mapping.run_tests() == ()
