"""`client_id: {from: parent, as: client}`: a client's external_id becomes Kanbert's id, or the row is not sent."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from importer.errors import MappingError
from importer.mapping import load_mapping
from importer.sandbox import Fault, parse_seed
from tests.fakes.contacts import MAPPING, contact
from tests.fakes.local_kanbert import local_kanbert

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios.conftest import Desk

PARENT = MAPPING.replace("  phone: phone\n", "  client_id: {from: phone, as: client}\n")
OURS = MAPPING.replace("  phone: phone\n", "  client_id: {from: phone, as: {client: {origin: crm}}}\n")

SEED = """
clients:
  - {id: 11, name: North, external_id: C-1, external_origin: crm}
  - {id: 12, name: South, external_id: C-2, external_origin: crm}
  - {id: 13, name: South again, external_id: C-2, external_origin: books}
  - {id: 14, name: Empty, external_id: C-3, external_origin: crm}
companies:
  - {company_name: Of North, external_id: N-1, external_origin: other, client_id: "11"}
  - {company_name: Of South, external_id: S-1, external_origin: other, client_id: "12"}
  - {company_name: Of South again, external_id: S-2, external_origin: other, client_id: "13"}
"""


@contextmanager
def space(desk: Desk) -> Iterator[None]:
    with local_kanbert(seed=parse_seed(SEED, "seed.yaml")) as kanbert:
        desk.kanbert = kanbert
        yield


def client_of(desk: Desk, external_id: str) -> str | None:
    client = desk.kanbert.companies()[external_id]["client"]
    return None if client is None else str(client["name"])


def asked(desk: Desk) -> list[str]:
    return [one.path for one in desk.kanbert.requests if "client.external_id" in unquote(str(one))]


def has(desk: Desk, *parents: str, mapping: str = PARENT) -> None:
    rows = (contact(n, phone=parent) for n, parent in enumerate(parents, start=1))
    desk.has(*rows, mapping=mapping)


def problems(document: dict[str, Any]) -> set[tuple[str, str, int]]:
    return {(one["code"], one["value"], row) for one in document["issues"] for row in one["first_rows"]}


def test_a_client_is_looked_up_once_and_its_id_is_sent(desk: Desk) -> None:
    with space(desk):
        has(desk, "C-1", " C-1 ", "", "C-1")
        assert desk.run().counts == {"read": 4, "created": 4}
        assert [client_of(desk, f"K-{n}") for n in range(1, 5)] == ["North", "North", None, "North"]
        assert len(asked(desk)) == 1
        assert desk.run().counts == {"read": 4, "unchanged": 4}
        assert len(asked(desk)) == 1
        assert desk.call("verify", desk.journal, "--json", "-q").code == 0


def test_what_is_unknown_or_ambiguous_is_never_sent_and_said_by_plan(desk: Desk) -> None:
    with space(desk):
        has(desk, "C-1", "C-9", "C-2", "C-3")
        planned = desk.call("plan", desk.export, "-m", desk.mapping, "--to", desk.kanbert.url, "--json", "-q")
        ran = desk.call("run", "--plan", desk.folder / "contacts.plan", "--json", "-q")
        for found in (planned, ran):
            assert found.counts == {"read": 4, "created": 1, "refused": 3}
            assert problems(found.document) == {
                ("several-clients", "C-2", 4),
                ("unknown-client", "C-3", 5),
                ("unknown-client", "C-9", 3),
            }
        assert [desk.kanbert.creates(f"K-{n}") for n in range(1, 5)] == [1, 0, 0, 0]
        assert "C-9" in desk.call("explain", desk.journal, "3").out
        assert "client_id" in desk.call("preview", desk.export, "-m", desk.mapping).out


def test_an_origin_says_whose_client_is_meant(desk: Desk) -> None:
    with space(desk):
        has(desk, "C-2", mapping=PARENT)
        assert desk.run().counts == {"read": 1, "refused": 1}
        has(desk, "C-2", mapping=OURS)
        assert desk.retry("-m", desk.mapping).counts == {"read": 1, "created": 1}
        assert client_of(desk, "K-1") == "South"


def test_a_client_that_moved_is_put_back_and_what_was_done_is_undone(desk: Desk) -> None:
    with space(desk):
        has(desk, "C-1", mapping=OURS)
        desk.run()
        has(desk, "C-2", mapping=OURS)
        verified = desk.call("verify", desk.journal, "--json", "-q")
        assert verified.code == 0  # the journal's rows are those of the run
        assert desk.run().counts == {"read": 1, "updated": 1}
        assert client_of(desk, "K-1") == "South"
        found = desk.kanbert.companies()
        moved = {"client_id": found["N-1"]["client"]["id"]}
        desk.kanbert.ask("PATCH", f"/companies/{found['K-1']['id']}?find_by=id", moved)
        assert desk.call("verify", desk.journal, "--json", "-q").document["verified"]["differs"] == 1
        assert desk.run().counts == {"read": 1, "updated": 1}
        assert desk.call("undo", desk.journal, "--json", "-q").code == 0
        assert desk.kanbert.companies()["K-1"]["deleted_at"]


def lost_create(desk: Desk) -> None:
    """Have a company created without anybody knowing: the answer is lost, and the look-up after it ends the run."""
    has(desk, "C-1")
    lost = Fault(on="POST /companies", nth=1, do="reset_after")
    desk.kanbert.set_faults(lost, Fault(on="GET /companies/*", do="status", status=401))
    assert desk.run("--lookup", "list").counts == {"read": 1, "unknown": 1}
    desk.kanbert.set_faults()
    assert desk.kanbert.creates("K-1") == 1


def settled_and_undone(desk: Desk) -> None:
    """Mend what hindered the row: it is known as created, and so an undo archives its company."""
    desk.has(contact(1, phone="C-1", name="Another name"), mapping=PARENT)
    assert desk.run().counts == {"read": 1, "created": 1}
    assert desk.kanbert.creates("K-1") == 1
    assert desk.call("undo", desk.journal, "--json", "-q").code == 0
    assert desk.kanbert.companies()["K-1"]["deleted_at"]


def test_a_create_that_may_have_happened_is_not_forgotten_over_an_unknown_client(desk: Desk) -> None:
    with space(desk):
        lost_create(desk)
        has(desk, "C-9")
        found = desk.run()
        assert found.counts == {"read": 1, "unknown": 1}
        assert problems(found.document) == {("unknown-client", "C-9", 2)}
        settled_and_undone(desk)


def test_a_look_up_that_fails_is_tried_again_later(desk: Desk) -> None:
    with space(desk):
        has(desk, "C-1")
        refused = Fault(on="GET /companies", nth=2, times=1, do="status", status=400)
        desk.kanbert.set_faults(refused, Fault(on="GET /companies", nth=3, times=1, do="status", status=400))
        ended = desk.run("--lookup", "rows")
        assert ended.counts.get("created") is None
        assert desk.kanbert.creates("K-1") == 0
        desk.kanbert.set_faults()
        assert desk.run("--lookup", "rows").counts == {"read": 1, "created": 1}


def test_offline_it_is_said_what_is_not_known(desk: Desk) -> None:
    has(desk, "C-9")
    validated = desk.call("validate", desk.export, "-m", desk.mapping)
    assert validated.code == 0
    assert "not known offline" in " ".join(validated.out.split())
    has(desk, "C-9", mapping=MAPPING)
    assert "not known offline" not in " ".join(desk.call("validate", desk.export, "-m", desk.mapping).out.split())


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        pytest.param("  vendor_identifier: {from: phone, as: client}\n", "gives client", id="field"),
        pytest.param("  client_id: {first_of: [{from: phone, as: client}, nr]}\n", "whole field", id="part"),
    ],
)
def test_a_client_goes_into_client_id_alone(tmp_path: Path, rule: str, message: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING.replace("  phone: phone\n", rule), encoding="utf-8")
    mapping = load_mapping_error(path)
    assert message in mapping


def load_mapping_error(path: Path) -> str:
    with pytest.raises(MappingError) as mistaken:
        load_mapping(path).compile(("nr", "name", "phone", "country", "labels"), file="contacts.csv", sheet=None)
    return str(mistaken.value)
