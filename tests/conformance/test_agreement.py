"""What the contract says can be asked and written, against what the sandbox takes: nothing missing, nothing more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import EVERY_SCOPE, SandboxOptions, Token
from tests.conformance.contract import Contract, Filterable, Operation
from tests.conformance.space import OPTIONS, SLUG
from tests.sandbox.client import Client, opened
from tests.sandbox.spaces import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

CONTRACT = Contract()
LISTS = [operation for operation in CONTRACT.operations.values() if operation.sorts]
OPERATORS = {operator for one in LISTS for field in one.filterable for operator in field.operators}
VALUES: dict[str, object] = {
    "string": "a",
    "id": "1",
    "boolean": True,
    "bool": True,
    "date": "2026-01-01",
    "currency": 1.5,
    "float": 1.5,
    "enum": "unit",
    "custom": "a",
}
LIST_OPERATORS = {"in", "nin", "notin"}
OF_A_RELATION = {"any", "none", "all", "count"}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with opened(SandboxOptions(**OPTIONS)) as client:
        yield client


def fields(operation: Operation) -> Iterator[Filterable]:
    """The fields of a list, with a name of our space's for the custom fields."""
    for field in operation.filterable:
        name = field.field.replace("*", SLUG)
        yield Filterable(name, field.kind, field.operators, field.members)


async def status(client: Client, operation: Operation, **parameters: object) -> int:
    path = operation.path.replace("{id}", "1")
    return (await client.get(f"{path}?{query(**parameters)}")).status


def value_for(field: Filterable, operator: str) -> object:
    if field.kind == "relation":
        member = next(iter(field.members.items()))
        where = {"field": member[0], "op": "eq", "value": VALUES[member[1]]}
        return {"op": "gt", "value": 0, "where": where} if operator == "count" else [where]
    value = "with" if field.field == "archived" else VALUES[field.kind]
    return [value] if operator in LIST_OPERATORS else value


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
async def test_every_documented_operator_of_every_field_is_taken(client: Client, operation: Operation) -> None:
    for field in fields(operation):
        for operator in field.operators:
            condition = {"field": field.field, "op": operator, "value": value_for(field, operator)}
            assert await status(client, operation, filter=[condition]) == 200, condition


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
async def test_every_other_operator_of_every_field_is_a_400(client: Client, operation: Operation) -> None:
    for field in fields(operation):
        for operator in {*OPERATORS, "between", ""} - set(field.operators):
            condition = {"field": field.field, "op": operator, "value": value_for(field, operator)}
            assert await status(client, operation, filter=[condition]) == 400, condition


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
async def test_every_documented_member_of_every_relation_is_taken(client: Client, operation: Operation) -> None:
    for field in operation.filterable:
        for name, kind in field.members.items():
            conditions = [{"field": name, "op": "eq", "value": VALUES[kind]}]
            for operator in OF_A_RELATION:
                value = {"op": "gte", "value": 1, "where": conditions} if operator == "count" else conditions
                condition = {"field": field.field, "op": operator, "value": value}
                assert await status(client, operation, filter=[condition]) == 200, condition
            unknown = {"field": field.field, "op": "any", "value": [{"field": f"{name}x", "op": "eq", "value": "a"}]}
            assert await status(client, operation, filter=[unknown]) == 400, unknown


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
async def test_what_the_answers_hold_and_the_contract_does_not_list_cannot_be_filtered_by(
    client: Client, operation: Operation
) -> None:
    """The names of what is answered are the ones that a client would try."""
    documented = {field.field for field in operation.filterable}
    answered = (await client.get(operation.path.replace("{id}", "1"))).body["data"][0]
    inner = {f"{name}.{key}" for name, value in answered.items() if isinstance(value, dict) for key in value}
    tried = ({*answered, *inner, *operation.not_filterable} - documented) | {"", "1", "archived.x", "custom_fields."}
    if any(name.startswith("custom_fields.") for name in documented):
        tried -= {name for name in tried if name.startswith("custom_fields.") and len(name) > len("custom_fields.")}
    assert tried > set(operation.not_filterable)
    for name in sorted(tried):
        for operator in ("eq", "isnull", "any"):
            condition = {"field": name, "op": operator, "value": "1"}
            assert await status(client, operation, filter=[condition]) == 400, condition


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
async def test_exactly_the_documented_sorts_are_taken(client: Client, operation: Operation) -> None:
    names = [sort.replace("custom_fields.*", f"custom_fields.{SLUG}") for sort in operation.sorts]
    names = [name for name in names if not name.endswith("*")]  # a computed field has to be asked for
    answered = (await client.get(operation.path.replace("{id}", "1"))).body["data"][0]
    for name in names:
        assert await status(client, operation, sort=name) == 200, name
        assert await status(client, operation, sort=f"-{name}") == 200, name
    assert await status(client, operation, sort=",".join(names)) == 200
    for name in {*answered, "sort=-created_at", "id", "x", "custom_fields.nothing"} - set(names):
        assert await status(client, operation, sort=name) == 400, name


async def test_an_offers_computed_field_can_be_sorted_by(client: Client) -> None:
    computed = {"computed_fields__items": "line_items.count()"}
    assert await status(client, CONTRACT.operations["offers.index"], sort="computed_fields.items", **computed) == 200
    assert await status(client, CONTRACT.operations["offers.index"], sort="computed_fields.items") == 400


@pytest.mark.parametrize("name", ["companies.index", "companies.show", "offers.index"])
async def test_exactly_the_documented_includes_are_taken(client: Client, name: str) -> None:
    operation = CONTRACT.operations[name]
    every = {include for one in CONTRACT.operations.values() for include in one.includes} | {"client", "x"}
    for include in every:
        expected = 200 if include in operation.includes else 400
        assert await status(client, operation, include=include) == expected, include
    assert await status(client, operation, include=",".join(operation.includes)) == 200


REQUESTS = [
    pytest.param("CompanyCreate", "POST", "/companies", id="create"),
    pytest.param("CompanyUpdate", "PATCH", "/companies/1", id="update"),
    pytest.param("ExternalIdentifierUpdate", "PUT", "/companies/1/external-identifier", id="external-identifier"),
]


@pytest.mark.parametrize(("schema", "method", "path"), REQUESTS)
async def test_every_documented_field_has_the_documented_rules(
    client: Client, schema: str, method: str, path: str
) -> None:
    """Null where it may be, 255 signs and not one more, and no other type."""
    required = {"company_name": "x"} if method == "POST" else {}
    for name, rule in CONTRACT.schema(schema)["properties"].items():
        kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
        assert await refused(client, method, path, {**required, name: None}, name) is ("null" not in kinds), name
        assert await refused(client, method, path, {**required, name: 7}, name), name
        length = rule.get("maxLength")
        if length is not None and rule.get("format") != "email":
            assert not await refused(client, method, path, {**required, name: "ü" * length}, name), name
            assert await refused(client, method, path, {**required, name: "ü" * (length + 1)}, name), name
        if length is None and kinds[0] == "string" and not name.endswith("_id"):
            assert not await refused(client, method, path, {**required, name: "x" * 300}, name), name


@pytest.mark.parametrize(("schema", "method", "path"), REQUESTS)
async def test_no_undocumented_field_has_rules(client: Client, schema: str, method: str, path: str) -> None:
    """A name that is only read, or belongs to another request, is dropped without a word, whatever its value."""
    required = {"company_name": "x"} if method == "POST" else {}
    documented = CONTRACT.schema(schema)["properties"]
    others = {
        *CONTRACT.schema("CompanyData")["properties"],
        *CONTRACT.schema("CompanyCreate")["properties"],
        "address_delivery_is_invoice",
        "invoices_by_post",
    }
    for name in sorted(others - documented.keys()):
        for value in (None, 7, "x" * 300, [7], {"a": 7}):
            answer = await client.call(method, path, {**required, name: value})
            assert answer.status in {200, 201}, (name, value, answer.text)


async def refused(client: Client, method: str, path: str, body: dict[str, Any], name: str) -> bool:
    answer = await client.call(method, path, body)
    assert answer.status in {200, 201, 422}, (body, answer.text)
    return answer.status == 422 and any(key.partition(".")[0] == name for key in answer.errors)


async def test_only_the_required_field_is_required(client: Client) -> None:
    (required,) = CONTRACT.schema("CompanyCreate")["required"]
    assert list((await client.call("POST", "/companies", {})).errors) == [required]
    assert (await client.call("POST", "/companies", {required: "x"})).status == 201
    assert (await client.call("PATCH", "/companies/1", {})).status == 200
    assert (await client.call("PUT", "/companies/1/external-identifier", {})).status == 200


async def test_a_company_has_exactly_the_documented_properties(client: Client) -> None:
    properties = CONTRACT.schema("CompanyData")["properties"].keys()
    plain = (await client.get("/companies/1")).body
    included = (await client.get("/companies/1?include=contacts")).body
    assert set(included) == properties - {"contact_company"}
    assert set(plain) == set(included) - {"contacts"}
    contact = included["contacts"][0]
    assert set(contact) <= CONTRACT.schema("ContactData")["properties"].keys()
    assert json.dumps(contact["contact_company"])


@pytest.mark.parametrize(
    ("path", "schema"), [("/offers/1", "OfferData"), ("/offers/1/line-items", "OfferLineItemData")]
)
async def test_an_offer_and_its_items_have_exactly_the_documented_properties(
    client: Client, path: str, schema: str
) -> None:
    answer = (await client.get(path)).body
    found = answer["data"][0] if "data" in answer else answer
    assert set(found) == CONTRACT.schema(schema)["properties"].keys() - {"computed_fields"}


@pytest.mark.parametrize("operation", CONTRACT.operations.values(), ids=lambda operation: operation.name)
async def test_each_scope_opens_exactly_the_documented_operations(operation: Operation) -> None:
    tokens = {scope: Token("s", frozenset({scope})) for scope in EVERY_SCOPE}
    async with opened(SandboxOptions(**OPTIONS, tokens=tokens)) as client:
        opens = set()
        for scope in EVERY_SCOPE:
            headers = {"Authorization": f"Bearer {scope}"}
            path = operation.path.replace("{id}", "99")
            if (await client.call(operation.method, path, headers=headers)).status != 403:
                opens.add(scope)
        assert opens == operation.scopes
