"""Every operation of the contract, called with data that schemathesis makes of it, valid and not, against a sandbox.

As it stands it repeats itself. To look for what it does not find: `CONFORMANCE_EXAMPLES=5000 pytest tests/conformance
--timeout=0` calls each operation so many times, each run with other data.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, Config
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from importer.sandbox import Behaviour, Fault, FaultScript, Token
from tests.conformance.checks import (
    a_refusal_names_documented_fields,
    a_refusal_of_valid_data_is_one_of_the_frameworks,
    a_server_error_is_a_cursor_of_another_list,
    what_was_accepted_may_be_accepted,
)
from tests.conformance.contract import CONTRACT, Contract
from tests.conformance.space import OPTIONS
from tests.fakes.local_kanbert import LocalKanbert, local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONG = int(os.environ.get("CONFORMANCE_EXAMPLES", "0"))
_SETTINGS = settings(
    max_examples=_LONG or 20,
    derandomize=not _LONG,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
_HEADERS = {"Accept": "application/json", "Authorization": "Bearer sandbox"}
_GENERATION = {"deterministic": not _LONG, "max-examples": _LONG or 20}
_CONFIG = Config.from_dict({"headers": _HEADERS, "generation": _GENERATION})
API = schemathesis.openapi.from_path(CONTRACT, config=_CONFIG)

_DOCUMENTED = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_LINKED = {
    one.label for one in Contract().operations.values() if "/companies" in one.label
}  # no link leads to an offer
_CHECKS = [
    *_DOCUMENTED,
    unsupported_method,
    allow_header_conformance,
    a_server_error_is_a_cursor_of_another_list,
    a_refusal_names_documented_fields,
    a_refusal_of_valid_data_is_one_of_the_frameworks,
    what_was_accepted_may_be_accepted,
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalKanbert]:
    with local_kanbert(**OPTIONS) as running:
        yield running


def test_the_contract_is_valid_openapi() -> None:
    API.validate()


@pytest.mark.slow
@API.parametrize()
@_SETTINGS
def test_every_answer_is_a_documented_one(case: Case[Any], sandbox: LocalKanbert) -> None:
    case.call_and_validate(base_url=sandbox.url, checks=_CHECKS, allow_redirects=False)


@pytest.mark.slow
def test_a_company_is_followed_along_the_links() -> None:
    """Creates, changes, renames, archives and restores, each from the answer of the one before; a new space each time."""
    stored: Counter[str] = Counter()
    succeeded: Counter[str] = Counter()
    linked = schemathesis.openapi.from_dict(_without_references(), config=_CONFIG)

    class Conversation(linked.as_state_machine()):  # type: ignore[misc]  # a class that is made at run time
        def setup(self) -> None:
            self.held = ExitStack()
            self.local = self.held.enter_context(local_kanbert(**OPTIONS))

        def teardown(self) -> None:
            stored.update(self.local.stats()["writes"])
            self.held.close()

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            return {"base_url": self.local.url, "allow_redirects": False}

        def validate_response(self, response: schemathesis.Response, case: Case[Any], **options: object) -> None:
            succeeded[case.operation.label] += response.status_code < 300
            case.validate_response(response, checks=_CHECKS)

    phases = [Phase.generate, Phase.shrink] if _LONG else [Phase.generate]  # making a failure small takes minutes
    Conversation.run(settings=settings(_SETTINGS, max_examples=_LONG or 40, stateful_step_count=10, phases=phases))
    assert set(stored) == {"create", "update", "delete", "external-identifier", "restore"}
    assert {label for label, times in succeeded.items() if times} >= _LINKED, "what only fails proves nothing"


def _without_references() -> dict[str, Any]:
    """The contract without what makes a create look as if something else had to be made before.

    Ids that are made up are refused, and by its name schemathesis takes external_id for one of them.
    """
    contract = Contract()
    for name in ("CompanyCreate", "CompanyUpdate"):
        fields = contract.schema(name)["properties"]
        for field in [field for field in fields if field.endswith("_id")]:
            del fields[field]
    return contract.document


_READS = Token("reads", frozenset({"contact-data:read"}))


def _failing(status: int, retry_after: int | None = None) -> dict[str, Any]:
    return {"faults": FaultScript((Fault(on="*", do="status", status=status, retry_after=retry_after),))}


_REFUSING = [
    pytest.param({"token": "other"}, 401, id="wrong-token"),
    pytest.param({"behaviour": Behaviour(throttle=1)}, 429, id="throttled"),
    pytest.param(_failing(500), 500, id="server-error"),
    pytest.param(_failing(503, retry_after=1), 503, id="unavailable"),
    pytest.param({"behaviour": Behaviour(maintenance=True, maintenance_retry_after=60)}, 503, id="maintenance"),
]


@pytest.mark.parametrize(("options", "status"), _REFUSING)
def test_an_answer_to_every_request_alike_is_documented_for_every_operation(
    options: dict[str, Any], status: int
) -> None:
    with local_kanbert(**options) as refusing:
        if status == 429:  # the one request that is allowed
            next(_one_case_each()).call(base_url=refusing.url, headers=_HEADERS)
        for case in _one_case_each():
            response = case.call(base_url=refusing.url, headers=_HEADERS, allow_redirects=False)
            assert response.status_code == status, case.operation.label
            case.validate_response(response, checks=_DOCUMENTED)


def test_a_token_without_the_scope_is_refused_in_the_documented_form() -> None:
    contract = Contract()
    with local_kanbert(token="other", tokens={"sandbox": _READS}) as reading:  # noqa: S106  # opens nothing else
        for case in _one_case_each():
            response = case.call(base_url=reading.url, headers=_HEADERS, allow_redirects=False)
            may = contract.labelled(case.operation.label).scopes <= _READS.scopes
            assert (response.status_code == 403) is not may, case.operation.label
            case.validate_response(response, checks=_DOCUMENTED)


def _one_case_each() -> Iterator[Case[Any]]:
    for result in API.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        yield operation.Case(path_parameters={"id": "1"} if "{id}" in operation.path else {})
