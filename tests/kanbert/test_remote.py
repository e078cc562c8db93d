"""Answers of the API as remote companies, in every shape that the documentation leaves open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.company import Remote
from importer.kanbert.remote import remote_of

if TYPE_CHECKING:
    from importer.model import Json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
KEYS = st.sampled_from(["id", "data", "external_id", "external_origin", "updated_at", "deleted_at"])


def test_a_company_is_read() -> None:
    body: dict[str, Json] = {
        "id": "1042",
        "external_id": "K-1",
        "external_origin": "moneybird",
        "updated_at": "2019-08-24T14:15:22+00:00",
        "deleted_at": None,
        "brand_new_key": {"x": 1},
    }
    assert remote_of(body) == Remote("1042", "K-1", "moneybird", "2019-08-24T14:15:22+00:00", archived=False, body=body)


@pytest.mark.parametrize(
    ("body", "kanbert_id"),
    [
        pytest.param({"id": 1042}, "1042", id="a number"),
        pytest.param({"id": "9b2c-uuid"}, "9b2c-uuid", id="any text"),
        pytest.param({"data": {"id": 7}}, "7", id="wrapped"),
        pytest.param({"id": "1", "data": {"id": 7}}, "1", id="bare, with a key named data"),
        pytest.param({"id": 0}, "0", id="zero"),
    ],
)
def test_an_id_is_text_or_a_number(body: Json, kanbert_id: str) -> None:
    remote = remote_of(body)
    assert remote is not None
    assert remote.kanbert_id == kanbert_id


@pytest.mark.parametrize("written", ['{"id": 7,\n "fax": "\\u00e9"}', '{"data": {"id": 7, "fax": "é"}}'])
def test_the_text_of_a_company_is_the_company_alone_as_it_was_answered(written: str) -> None:
    remote = remote_of(json.loads(written), written.encode())
    assert remote is not None
    assert json.loads(remote.text) == remote.body == {"id": 7, "fax": "é"}
    assert remote.text == (written if remote.answer else '{"id":7,"fax":"é"}')
    assert (remote.answer is None) == ("data" in written)


@pytest.mark.parametrize(
    "body",
    [None, [], "x", 5, {}, {"id": None}, {"id": ""}, {"id": True}, {"id": 1.5}, {"data": []}, {"message": "deleted"}],
    ids=repr,
)
def test_what_has_no_id_is_no_company(body: Json) -> None:
    assert remote_of(body) is None


@pytest.mark.parametrize(
    "deleted_at", ["2019-08-24T14:15:22Z", "2019-08-24T14:15:22+00:00", "2019-08-24T14:15:22.000000Z"]
)
def test_an_archived_company_has_a_deleted_at_in_any_format(deleted_at: str) -> None:
    remote = remote_of({"id": "1", "deleted_at": deleted_at})
    assert remote is not None
    assert remote.archived


def test_an_external_id_of_digits_may_come_as_a_number() -> None:
    remote = remote_of({"id": 1, "external_id": 42, "external_origin": None})
    assert remote is not None
    assert (remote.external_id, remote.external_origin) == ("42", None)


@given(st.one_of(JSON, st.dictionaries(KEYS, JSON)))
def test_reading_a_company_is_total(body: Json) -> None:
    remote = remote_of(body)
    assert remote is None or remote.kanbert_id
