"""The frozen table: what it promises by itself, and that `.ci/country_table.py` still makes it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel import Locale
from babel.core import get_cldr_version

from importer.values.countries import countries
from importer.values.folding import fold

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "country_table.py"
TABLE = ROOT / "importer" / "values" / "countries.json"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    if not SCRIPT.exists():
        pytest.skip("the source distribution does not hold .ci")
    spec = importlib.util.spec_from_file_location("country_table", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_script_makes_the_table(script: ModuleType) -> None:
    made = script.build()
    stored = json.loads(TABLE.read_text("utf-8"))
    if stored["about"]["cldr"] == get_cldr_version():
        assert script.rendered(made) == TABLE.read_text("utf-8"), "run .ci/country_table.py and review the difference"
        return
    new = {key: code for code, keys in made["names"].items() for key in keys.split()}
    changed = {key: (code, new[key]) for key, code in countries().names.items() if new.get(key, code) != code}
    assert not changed, "a newer CLDR gives a name to another country"


def test_the_table_has_the_249_countries_with_all_three_codes() -> None:
    assert len(countries().english) == 249
    assert len(countries().codes) == 3 * 249
    assert set(countries().codes.values()) == set(countries().names.values()) == set(countries().english)


def test_every_key_is_folded_and_means_one_thing() -> None:
    for key in [*countries().names, *countries().refused]:
        assert fold(key) == key
    assert not countries().names.keys() & countries().refused.keys()


def test_a_short_bare_key_is_a_reviewed_abbreviation_and_never_the_code_of_another_country() -> None:
    for key, code in countries().names.items():
        if len(key) <= 3 and key.isascii():
            assert countries().codes.get(key.upper(), code) == code, key


def test_refusals_suggest_countries() -> None:
    for key, refused in countries().refused.items():
        assert set(refused.codes) <= countries().english.keys(), key
        assert refused.reason


@pytest.mark.parametrize("locale", ["zu", "yo", "mn", "km", "si", "qu", "so", "ml", "ne", "ps"])
def test_names_of_locales_that_the_table_does_not_know_are_right_or_unknown(locale: str) -> None:
    for code, name in Locale.parse(locale).territories.items():
        if code in countries().english:
            assert countries().names.get(fold(name), code) == code, name
