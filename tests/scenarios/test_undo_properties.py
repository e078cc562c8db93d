"""`run` and then `undo`: a random space is as it was, apart from timestamps and the archived copies of new companies."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from importer.sandbox import Behaviour
from tests.fakes.local_kanbert import local_kanbert
from tests.fakes.pasts import MAPPING, as_it_is, past_of, written
from tests.scenarios.conftest import Desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.pasts import Past
    from tests.scenarios.conftest import Ended

STORING: dict[str, Any] = {"unknown_custom_field": "store"}


def ran(desk: Desk, past: Past, lookup: str, policy: str) -> None:
    desk.mapping.write_text(MAPPING, encoding="utf-8")
    for rows in past.files:
        written(desk.export, rows)
        ended = desk.run("--lookup", lookup, "--archived", policy)
        assert ended.code in {0, 1}, ended.err


def undo(desk: Desk, *options: object) -> Ended:
    return desk.call("undo", desk.journal, "--json", "-q", *options)


def is_back(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Every company that was there is as it was; every other one is archived."""
    assert {key: one for key, one in after.items() if key in before} == dict(before)
    assert all(one["archived"] for key, one in after.items() if key not in before)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(1, 14),
    lookup=st.sampled_from(["list", "rows", "auto"]),
    policy=st.sampled_from(["report", "restore"]),
    behaviour=st.sampled_from(
        [
            {},
            {"ids": "uuid"},
            {"ids": "number"},
            {"shows_archived": True},
            {"custom_fields_on_patch": "replace"},
            {"origin_without_id": "none"},
            {"folds_business_field": True},
            {"empty_custom_fields": "object"},
            {"answers_tags": False},
            {"restore_status": 200},
            {"archived_frees_id": True},
        ]
    ),
)
def test_run_then_undo_leaves_the_space_as_it_was(
    seed: int, rows: int, lookup: str, policy: str, behaviour: dict[str, Any]
) -> None:
    past = past_of(random.Random(seed), rows=rows)
    with tempfile.TemporaryDirectory() as folder, local_kanbert(behaviour=Behaviour(**STORING, **behaviour)) as kanbert:
        desk = Desk(Path(folder), kanbert)
        past.happens_in(kanbert)
        before = as_it_is(kanbert)
        ran(desk, past, lookup, policy)
        ended = undo(desk)
        assert ended.code == 0, (ended.document["kept"], ended.err)
        is_back(before, as_it_is(kanbert))
        requests = len(kanbert.requests)
        assert undo(desk).code == 0
        assert len(kanbert.requests) == requests
