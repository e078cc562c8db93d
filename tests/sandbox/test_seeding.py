"""A seed file: what it fills a sandbox with, what stays in force after a restart, and what it is refused for."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread

from importer.sandbox import SandboxOptions, Seed, begun_anew, load_seed, parse_seed, running_sandbox
from tests.sandbox.client import opened

if TYPE_CHECKING:
    from pathlib import Path

COMPANIES = """
custom_fields: [coc]
companies:
  - {external_id: "10", external_origin: moneybird, company_name: Alpha, tags: [VIP], custom_fields: {coc: "1", x: 2}}
  - {external_id: "11", address_invoice_country: NLD, business_field: Bakery, taxation: false}
  - {external_id: "10", company_name: of another origin, archived: true}
"""


def reset(path: Path) -> None:
    with begun_anew(path) as forget:
        forget()


async def parsed(text: str) -> Seed:
    return await to_thread.run_sync(parse_seed, text)


async def seeded(text: str, path: Path | None = None) -> list[dict[str, Any]]:
    async with running_sandbox(SandboxOptions(data=path, seed=await parsed(text))) as sandbox:
        return await sandbox.companies()


async def test_companies_are_there_as_the_file_has_them() -> None:
    alpha, nameless, archived = await seeded(COMPANIES)
    assert (alpha["external_id"], alpha["external_origin"], alpha["company_name"]) == ("10", "moneybird", "Alpha")
    assert alpha["custom_fields"] == {"coc": "1", "x": 2}
    assert [tag["title"] for tag in alpha["tags"]] == ["VIP"]
    assert nameless["company_name"] is None
    assert nameless["external_origin"] == "sandbox"
    assert nameless["taxation_enabled"] is False
    assert nameless["address_invoice_country"]["code"] == "NL"
    assert alpha["deleted_at"] is None
    assert archived["deleted_at"] is not None


async def test_a_space_whose_custom_fields_are_named_ignores_others() -> None:
    async with opened(SandboxOptions(seed=await parsed(COMPANIES))) as client:
        assert (await client.created(custom_fields={"coc": "2", "y": "3"}))["custom_fields"] == {"coc": "2"}


async def test_settings_hold_after_a_restart_without_the_seed(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    text = (
        'behaviour: {throttle: 7, page_size_max: 2}\ntokens: {reader: {slug: reports, scopes: ["contact-data:read"]}}'
    )
    await seeded(text, path)
    async with opened(SandboxOptions(data=path)) as client:
        reader = {"Authorization": "Bearer reader"}
        listed = await client.call("GET", "/companies?page[size]=5", headers=reader)
        assert (listed.status, listed.body["meta"]["per_page"], listed.headers["X-RateLimit-Limit"]) == (200, 2, "7")
        assert (await client.call("POST", "/companies", {"company_name": "x"}, headers=reader)).status == 403
        assert (await client.create()).status == 201


async def test_the_same_seed_twice_fills_once(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    assert len(await seeded(COMPANIES, path)) == 3
    assert len(await seeded(COMPANIES, path)) == 3


async def test_another_seed_is_refused_by_a_sandbox_that_holds_something(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    await seeded(COMPANIES, path)
    with pytest.raises(ValueError, match=r"fills an empty sandbox, and this one holds 3 companies.*--data.*--reset"):
        await seeded(COMPANIES + "\n", path)
    await to_thread.run_sync(reset, path)
    assert not path.exists()
    assert len(await seeded(COMPANIES + "\n", path)) == 3


async def test_another_seed_is_refused_where_one_without_companies_was(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    await seeded("custom_fields: [a]", path)
    with pytest.raises(ValueError, match="was filled from another seed file"):
        await seeded("custom_fields: [b]", path)


async def test_a_seed_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    with pytest.raises(ValueError, match="seed:4: "):
        await seeded('companies:\n- {external_id: "1"}\n-\n  phone: 1\n', path)
    assert await seeded("", path) == []


async def test_an_empty_seed_is_a_seed() -> None:
    assert await seeded("") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("- a", "seed:1: the top of the file must be a map", id="a list"),
        pytest.param("a: [", "this is not YAML", id="not YAML"),
        pytest.param(
            "companies:\n- {company_name: 2026-02-28}\n- {company_name: 2026-02-31}",
            "seed:3: 2026-02-31 is no date; put it in quotes if it is a text",
            id="a date that is none",
        ),
        pytest.param("x: 1\ny: a\x07", "seed:2: a character that YAML does not allow: '\\x07'", id="a control sign"),
        pytest.param("\ncompany: []", "seed:2: `company` is unknown here; did you mean `companies`?", id="section"),
        pytest.param("companies: {}", "seed:1: companies must be a list", id="a section that is no list"),
        pytest.param("companies:\n - x", "seed:2: each of the companies must be a map", id="an entry that is no map"),
        pytest.param(
            "\nbehaviour: {throtle: 1}", "seed:2: `throtle` is no switch; did you mean `throttle`?", id="switch"
        ),
        pytest.param("behaviour: {throttle: many}", "throttle must be a whole number or null, not 'many'", id="number"),
        pytest.param("behaviour: {throttle: true}", "throttle must be a whole number or null, not True", id="bool"),
        pytest.param("behaviour: {throttle_window: x}", "throttle_window must be a number", id="float"),
        pytest.param(
            "behaviour: {duplicate: 410}", "duplicate must be one of 422, 409, 500, accept, not 410", id="one of"
        ),
        pytest.param("behaviour: {shows_archived: 1}", "shows_archived must be true or false, not 1", id="truth"),
        pytest.param("behaviour: []", "behaviour must be a map", id="behaviour"),
        pytest.param("custom_fields: {a: b}", "custom_fields must be a list of slugs", id="custom fields"),
        pytest.param("tokens: [a]", "tokens must be a map", id="tokens"),
        pytest.param("tokens: {a: b}", "the token a needs a map", id="token"),
        pytest.param(
            "tokens: {a: {slog: b}}", "`slog` is nothing that a token has; did you mean `slug`?", id="token name"
        ),
        pytest.param("tokens: {a: {}}", "the token a needs a slug", id="slug"),
        pytest.param("tokens: {a: {slug: b, scopes: [x]}}", "the scopes of the token a must be among", id="scope"),
        pytest.param(
            "tokens: {a: {slug: b, user_id: x}}", "the user_id of the token a must be a whole number", id="user"
        ),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"seed:\d+: ") as caught:
        parse_seed(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        pytest.param("companyname: x", "did you mean `company_name`?", id="unknown"),
        pytest.param("company_name: 5", 'must be a string. Put it in quotes: "5".', id="number"),
        pytest.param("email_general: x", "must be a valid email address.", id="e-mail"),
        pytest.param("client_id: '9'", "The selected client id is invalid.", id="client"),
        pytest.param("archived: 1", "archived must be true or false", id="archived"),
        pytest.param("external_id: '1'", "has the external_id 1 already", id="second holder"),
    ],
)
async def test_an_entry_that_cannot_be_stored_is_named_by_its_line(entry: str, message: str) -> None:
    text = f"companies:\n  - external_id: '1'\n  - phone: '1'\n    {entry}\n"
    with pytest.raises(ValueError, match=r"seed:4: ") as caught:
        await seeded(text)
    assert message in str(caught.value)


async def test_a_second_holder_is_seeded_where_the_space_accepts_it() -> None:
    text = "behaviour: {duplicate: accept}\ncompanies:\n  - external_id: '1'\n  - external_id: '1'\n"
    assert len(await seeded(text)) == 2


def test_a_seed_file_is_named_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text("x: 1", encoding="utf-8")
    with pytest.raises(ValueError, match=r"space\.yaml:1: `x` is unknown here"):
        load_seed(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="not UTF-8"):
        load_seed(path)


def test_dates_and_numbers_of_a_seed_are_plain() -> None:
    seed: Seed = parse_seed(
        "companies:\n  - {a: 2026-01-02, b: 0.5, c: 7, d: true, e: [1, ~], f: 2026-01-02T03:04:05Z}\n"
    )
    given = seed.entries[0].given
    assert {type(value) for value in given.values()} == {str, float, int, bool, list}
    assert (given["a"], given["e"]) == ("2026-01-02", [1, None])


def test_what_is_not_a_sandbox_is_not_reset(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("x" * 5000, encoding="utf-8")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE companies (id)")
    db.close()
    for path in (text, other):
        with pytest.raises(ValueError, match="not a sandbox's file, and is left as it is"):
            reset(path)
        assert path.exists()
    reset(tmp_path / "absent.db")


async def test_a_sandbox_that_runs_is_not_reset_under_its_feet(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    async with opened(SandboxOptions(data=path)) as client:
        await client.created()
        with pytest.raises(ValueError, match="stop that one first"):
            await to_thread.run_sync(reset, path)
        assert (await client.get("/companies/1")).status == 200


async def test_what_cannot_begin_anew_has_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    await seeded(COMPANIES, path)

    def failing() -> None:
        with begun_anew(path):
            assert not path.exists()
            path.write_bytes(b"half made")
            path.with_name("kanbert.db-wal").write_bytes(b"half made")
            raise KeyError

    def left() -> list[str]:
        return [entry.name for entry in tmp_path.iterdir()]

    with pytest.raises(KeyError):
        await to_thread.run_sync(failing)
    assert await to_thread.run_sync(left) == ["kanbert.db"]
    assert len(await seeded(COMPANIES, path)) == 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(
            "\ntokens: {sandbox: {slug: a}}", "seed:2: the token sandbox is the sandbox's own", id="own token"
        ),
        pytest.param("\ntokens: {'': {slug: a}}", "seed:2: a token must not be empty", id="no token"),
        pytest.param("tokens: {a: {slug: b, scopes: [[1]]}}", "the scopes of the token a must be", id="scope"),
        pytest.param("tokens: {a: {slug: b, user_id: '\u00b2'}}", "user_id of the token a must be", id="a small two"),
        pytest.param("tokens: {a: {slug: b, user_id: '99999999999999999999'}}", "user_id of the", id="a huge id"),
        pytest.param("behaviour: {throttle: 0}", "throttle must be from 1 to", id="nothing allowed"),
        pytest.param("behaviour: {throttle_window: .inf}", "throttle_window must be from 0.01 to", id="endless window"),
        pytest.param("behaviour: {throttle_window: .nan}", "throttle_window must be from 0.01 to", id="no window"),
        pytest.param("behaviour: {page_size_max: -5}", "page_size_max must be from 1 to", id="pages without end"),
        pytest.param("behaviour: {default_country: XX}", "default_country must be a country, such as AT", id="nowhere"),
        pytest.param(
            "companies:\n - {phone: 0xffffffffffffffffff}", "seed:2: a number has more than 64 bits", id="bits"
        ),
        pytest.param('companies:\n - phone: "\\ud800"', "seed:2: a text has half of a surrogate pair", id="surrogate"),
        pytest.param("users: [&a {x: 1}, *a]", "seed:1: an alias (*a) is not read here", id="alias"),
    ],
)
async def test_settings_that_no_sandbox_can_have_are_said_with_their_line(settings: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"seed:\d+: ") as caught:
        await seeded(settings)
    assert message in str(caught.value)


async def test_settings_of_another_version_are_said_as_such(tmp_path: Path) -> None:
    path = tmp_path / "kanbert.db"
    await seeded("behaviour: {throttle: 7}", path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE settings SET value = ? WHERE name = 'behaviour'", ['{"new_switch": 1}'])
    db.close()
    with pytest.raises(ValueError, match=r"kanbert\.db was set up by another version.*--reset"):
        async with running_sandbox(SandboxOptions(data=path)):
            pass
