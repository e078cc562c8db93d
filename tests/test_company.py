"""The comparison of what should be with what Kanbert returned, in the remote's shape."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from importer.company import (
    FIELDS,
    MAX_LENGTH,
    READ_NAMES,
    FieldType,
    arrived_otherwise,
    changes,
    cleared_unasked,
    not_shown,
    read_value,
    same_value,
)
from importer.model import Change, Json
from tests.fakes.nouns import desired, stored


def test_the_create_request_has_43_fields() -> None:
    assert len(FIELDS) == 43


def test_names_of_the_answer_lead_to_names_of_the_request() -> None:
    assert set(READ_NAMES).isdisjoint(FIELDS)
    assert set(READ_NAMES.values()) <= set(FIELDS)


def test_limits_are_code_points_of_texts_alone() -> None:
    limited = {name for name, field in FIELDS.items() if field.max_length == MAX_LENGTH}
    assert "company_name" in limited
    assert limited.isdisjoint({"taxation", "tags", "custom_fields", "address_invoice_country", "business_field"})


@pytest.mark.parametrize(
    ("name", "wanted", "read"),
    [
        pytest.param("company_name", "ACME", "ACME", id="text"),
        pytest.param("phone", " 1 ", "1", id="text-trimmed-by-the-server"),
        pytest.param("fax", None, "", id="empty-text-is-null"),
        pytest.param("taxation", True, True, id="boolean-by-its-read-name"),
        pytest.param("address_invoice_country", "NL", {"id": "5", "code": "NL", "name": "Netherlands"}, id="country"),
        pytest.param("address_invoice_country_id", "5", {"id": 5, "code": "NL"}, id="country-id-as-a-number"),
        pytest.param("client_id", "9", {"id": "9", "name": "x"}, id="client"),
        pytest.param("business_field", "Bau", {"id": "1", "name": "Bau"}, id="named"),
        pytest.param("company_size", "50", {"id": "1", "title": "50"}, id="titled"),
        pytest.param("tags", ["b", "a"], [{"id": "1", "title": "a"}, {"id": "2", "title": "b"}], id="tags-unordered"),
        pytest.param("tags", ["a"], [{"title": "a"}, {"title": "theirs"}], id="tags-of-others-are-left-alone"),
        pytest.param("custom_fields", {"k": "1"}, {"k": 1, "other": "x"}, id="custom-number-as-text"),
        pytest.param("custom_fields", {"k": None}, [], id="custom-fields-empty-list"),
        pytest.param("custom_fields", {"k": "1"}, [{"slug": "k", "value": 1}], id="custom-fields-as-objects"),
        pytest.param("taxation", True, 1, id="boolean-as-a-number"),
        pytest.param("taxation", False, "0", id="boolean-as-a-digit"),
        pytest.param("phone", "20", 20, id="text-of-digits-as-a-number"),
        pytest.param("business_field", "Bau", "Bau", id="named-without-an-object"),
        pytest.param("address_invoice_country", "NL", "NL", id="country-without-an-object"),
        pytest.param("tags", ["a"], ["theirs", "a"], id="tags-as-texts"),
        pytest.param("tags", ["a"], [{"id": 1}], id="tags-without-titles-are-not-known"),
        pytest.param("custom_fields", {"k": "1"}, [{"id": 1}], id="custom-fields-that-cannot-be-read-are-not-known"),
    ],
)
def test_equal_values_are_no_change(name: str, wanted: Json, read: Json) -> None:
    assert changes({name: wanted}, {FIELDS[name].reads_as: read}) == ()


@pytest.mark.parametrize(
    ("name", "wanted", "read", "change"),
    [
        pytest.param("company_name", "New", "Old", Change("company_name", "Old", "New"), id="text"),
        pytest.param("company_name", "acme", "ACME", Change("company_name", "ACME", "acme"), id="case-counts"),
        pytest.param("taxation", False, True, Change("taxation", True, False), id="boolean"),
        pytest.param("taxation", True, None, Change("taxation", None, True), id="boolean-from-null"),
        pytest.param(
            "address_delivery_country",
            "NL",
            {"code": "AT"},
            Change("address_delivery_country", "AT", "NL"),
            id="country",
        ),
        pytest.param(
            "tags", ["new"], [{"title": "old"}], Change("tags", ["old"], ["old", "new"]), id="tags-are-a-union"
        ),
        pytest.param(
            "custom_fields",
            {"a": "2"},
            {"a": "1", "b": "x"},
            Change("custom_fields", {"a": "1", "b": "x"}, {"a": "2", "b": "x"}),
            id="custom-fields-are-a-union",
        ),
        pytest.param("fax", None, "1", Change("fax", "1", None), id="clear"),
        pytest.param("tags", ["n"], ["o"], Change("tags", ["o"], ["o", "n"]), id="tags-as-texts-are-a-union"),
        pytest.param("taxation", True, 0, Change("taxation", False, True), id="boolean-as-a-number"),
        pytest.param(
            "custom_fields",
            {"a": "2"},
            [{"slug": "b", "value": "x"}],
            Change("custom_fields", {"b": "x"}, {"b": "x", "a": "2"}),
            id="custom-fields-as-objects-are-a-union",
        ),
    ],
)
def test_a_difference_is_a_change_in_the_shape_that_is_read(
    name: str, wanted: Json, read: Json, change: Change
) -> None:
    assert changes({name: wanted}, {FIELDS[name].reads_as: read}) == (change,)


_SMALL = st.sampled_from(["", " a", "a", "A", "b", "1", 1, 2, True, 1.0, None])
_OBJECTS = st.dictionaries(st.sampled_from(["id", "code", "name", "title"]), _SMALL, max_size=3)
_UNLIKE_OBJECTS = {FieldType.TEXT, FieldType.EMAIL, FieldType.BOOLEAN, FieldType.TAGS, FieldType.CUSTOM}
_OF_OBJECTS = [name for name, field in FIELDS.items() if field.type not in _UNLIKE_OBJECTS]


@given(
    st.sampled_from(_OF_OBJECTS), st.text("aAb1 ", max_size=2) | st.none(), _OBJECTS | st.lists(_OBJECTS, max_size=2)
)
def test_what_needs_no_second_look_is_what_the_rules_find_equal(name: str, wanted: Json, read: Json) -> None:
    field, remote = FIELDS[name], {FIELDS[name].reads_as: read}
    assert (changes({name: wanted}, remote) == ()) is same_value(field, read_value(field, remote), wanted)


@given(st.lists(st.text("aAb1 ", max_size=2), max_size=3), st.lists(_SMALL | _OBJECTS, max_size=3))
def test_tags_are_equal_where_all_that_are_wanted_are_there(wanted: list[Json], read: list[Json]) -> None:
    field, remote = FIELDS["tags"], {"tags": list(read)}
    present = read_value(field, remote)
    assert isinstance(present, list)
    there = bool(not_shown({"tags": wanted}, remote)) or set(map(str, wanted)) <= set(map(str, present))
    assert (changes({"tags": wanted}, remote) == ()) is there


def test_identity_is_not_compared() -> None:
    assert changes({"external_id": "1", "external_origin": "a"}, {"external_id": "2", "external_origin": "b"}) == ()


def test_a_stored_company_equals_what_made_it() -> None:
    payload = desired("1", taxation=True, tags=["a"], address_invoice_country="NL", custom_fields={"k": "v"}).payload
    assert changes(payload, stored(payload).body) == ()


def test_what_the_server_made_of_a_value_is_told_the_other_way_round() -> None:
    assert arrived_otherwise({"company_name": "sent"}, {"company_name": "kept"}) == (
        Change("company_name", before="sent", after="kept"),
    )


def test_a_field_missing_from_an_answer_is_not_known_to_differ() -> None:
    assert arrived_otherwise({"tags": ["a"]}, {"company_name": "x"}) == ()


def test_fields_emptied_without_being_sent_are_named() -> None:
    before: dict[str, Json] = {"phone": "1", "fax": "2", "email": None, "company_name": "x"}
    after: dict[str, Json] = {"phone": None, "fax": "2", "email": None, "company_name": "y"}
    assert cleared_unasked({"company_name": "y"}, before, after) == ("phone",)
    assert cleared_unasked({"phone": None}, before, after) == ()
