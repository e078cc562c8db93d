"""The traps of the API, one test each: what a careless client falls into must be here to fall into."""

from __future__ import annotations

import zlib

import pytest

from importer.sandbox import Behaviour, SandboxOptions, Token
from tests.sandbox.client import Client, opened


async def test_find_by_defaults_to_the_id(client: Client) -> None:
    await client.created(external_id="2", company_name="first")
    await client.created(external_id="1", company_name="second")
    assert (await client.get("/companies/2")).body["company_name"] == "second"
    assert (await client.get("/companies/2?find_by=")).body["company_name"] == "second"
    assert (await client.get("/companies/2?find_by=external_id")).body["company_name"] == "first"


@pytest.mark.parametrize("identity", ["01", "+1", "1.0", "1abc", "%31%20", "1" * 30, "%D9%A1"])
async def test_an_id_is_compared_exactly(client: Client, identity: str) -> None:
    await client.created()
    assert (await client.get(f"/companies/{identity}")).status == 404


async def test_the_origin_defaults_to_the_slug_of_the_token() -> None:
    options = SandboxOptions(slug="one", tokens={"second": Token(slug="two")})
    async with opened(options) as client:
        assert (await client.created(external_id="k1"))["external_origin"] == "one"
        other = {"Authorization": "Bearer second"}
        missing = await client.call("GET", "/companies/k1?find_by=external_id", headers=other)
        assert missing.status == 404
        copy = await client.call("POST", "/companies", {"company_name": "ACME", "external_id": "k1"}, headers=other)
        assert (copy.status, copy.body["external_origin"]) == (201, "two")
        named = await client.call("GET", "/companies/k1?find_by=external_id&origin=one", headers=other)
        assert named.body["id"] == "1"


async def test_a_company_without_external_id_still_gets_the_slug_as_origin(client: Client) -> None:
    assert (await client.created())["external_origin"] == "sandbox"


async def test_wrong_names_are_ignored_without_a_word(client: Client) -> None:
    before = await client.created(external_id="k1")
    reply = await client.patch(
        "/companies/1",
        id="7",
        external_id="other",
        external_origin="other",
        taxation_enabled=False,
        invoices_by_post=True,
        address_invoice_country_code="NL",
        bogus=1,
    )
    assert (reply.status, reply.body) == (200, before)


@pytest.mark.parametrize(
    "text", ["UK", "EL", "40", "Nederland", "Holand", "XK", "0", "\u017fe", "Den\u017f", "\uff24\uff25"]
)
async def test_a_bad_country_becomes_the_space_default_with_2xx(client: Client, text: str) -> None:
    company = await client.created(address_invoice_country=text)
    assert company["address_invoice_country"]["code"] == "AT"


@pytest.mark.parametrize("text", ["NL", "nl", "nLd", "528", "Netherlands", "NETHERLANDS", " NL "])
async def test_a_valid_country_that_is_not_there_is_created(client: Client, text: str) -> None:
    company = await client.created(address_invoice_country=text)
    assert company["address_invoice_country"] == {"id": "2", "name": "Netherlands", "code": "NL"}
    again = await client.created(address_delivery_country="NL")
    assert again["address_delivery_country"]["id"] == "2"


async def test_the_country_id_wins_over_the_text_and_null_clears(client: Client) -> None:
    company = await client.created(address_invoice_country="NL", address_invoice_country_id="1")
    assert company["address_invoice_country"]["code"] == "AT"
    cleared = await client.patch("/companies/1", address_invoice_country_id=None)
    assert cleared.body["address_invoice_country"] is None


async def test_an_unknown_business_field_is_created_and_a_typo_makes_another(client: Client) -> None:
    ids = [(await client.created(business_field=name))["business_field"]["id"] for name in ("Bau", "Bau ", "bau")]
    assert ids[0] == ids[1] != ids[2]


async def test_empty_custom_fields_are_a_list(client: Client) -> None:
    assert (await client.created())["custom_fields"] == []
    assert (await client.created(custom_fields=[]))["custom_fields"] == []


async def test_unknown_custom_fields_are_ignored(client: Client) -> None:
    assert (await client.created(custom_fields={"bogus": 1}))["custom_fields"] == []
    assert (await client.created(custom_fields=["bogus"]))["custom_fields"] == []


async def test_an_empty_external_id_creates_a_company_without_one_every_time(client: Client) -> None:
    for number in ("1", "2"):
        company = await client.created(external_id="")
        assert (company["id"], company["external_id"]) == (number, None)


async def test_an_empty_name_clears_it_on_patch_and_is_missing_on_create(client: Client) -> None:
    await client.created()
    assert (await client.patch("/companies/1", company_name="")).body["company_name"] is None
    assert (await client.create(company_name=" ")).errors == {"company_name": ["The company name field is required."]}


async def test_an_empty_boolean_is_422(client: Client) -> None:
    await client.created()
    for value in ("", None):
        reply = await client.patch("/companies/1", taxation=value)
        assert (reply.status, reply.errors) == (422, {"taxation": ["The taxation field must be true or false."]})


async def test_an_empty_path_id_is_the_list(client: Client) -> None:
    await client.created()
    reply = await client.get("/companies/?find_by=external_id")
    assert (reply.status, len(reply.body["data"])) == (200, 1)
    deleted = await client.call("DELETE", "/companies/")
    assert (deleted.status, deleted.headers["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    "path", ["/companies/a/b", "/companies/a%2Fb", "/companies//restore", "/clients", "/companies/1/x"]
)
async def test_a_path_that_is_no_route_is_404_before_authentication(client: Client, path: str) -> None:
    reply = await client.call("GET", path, headers={"Authorization": ""})
    assert reply.status == 404
    assert reply.body["message"].startswith("The route api/v1/c")
    assert reply.body["message"].endswith(" could not be found.")


async def test_strings_are_trimmed_in_bodies_and_queries_but_not_in_paths(client: Client) -> None:
    company = await client.created(external_id="\u00a0 C-1\u200b\ufeff", tags=[" a "], company_name="\t ACME\n")
    assert (company["external_id"], company["company_name"]) == ("C-1", "ACME")
    assert company["tags"][0]["title"] == "a"
    assert (await client.get("/companies/%20C-1?find_by=external_id")).status == 404
    assert (await client.get("/companies/C-1?find_by=%20external_id&origin=%20sandbox%20")).status == 200


async def test_external_identifier_without_an_origin_moves_to_the_slug(client: Client) -> None:
    await client.created(external_id="k1", external_origin="moneybird")
    reply = await client.call("PUT", "/companies/1/external-identifier", {"external_id": "k2"})
    assert reply.body["external_origin"] == "sandbox"
    kept = await client.call("PUT", "/companies/1/external-identifier", {"external_origin": "moneybird"})
    assert (kept.body["external_id"], kept.body["external_origin"]) == ("k2", "moneybird")


async def test_query_parameters_count_as_fields_and_the_body_wins(client: Client) -> None:
    await client.created()
    reply = await client.call("PATCH", "/companies/1?phone=1&fax=1&tags[]=a&tags[]=b", {"fax": "2"})
    assert (reply.body["phone"], reply.body["fax"]) == ("1", "2")
    assert [tag["title"] for tag in reply.body["tags"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        pytest.param(b'{"company_name": "x"', "application/json", id="malformed"),
        pytest.param(b'{"company_name": "x"}', "text/plain", id="another type"),
        pytest.param(b'{"company_name": "x"}', "", id="no type"),
        pytest.param(b"company_name=x", "application/x-www-form-urlencoded", id="a form"),
        pytest.param('{"company_name": "ü"}'.encode("latin-1"), "application/json", id="not UTF-8"),
        pytest.param(b'\xef\xbb\xbf{"company_name": "x"}', "application/json", id="byte order mark"),
        pytest.param(b'{"company_name": "\\ud800"}', "application/json", id="lone surrogate"),
        pytest.param(b'{"company_name": NaN}', "application/json", id="NaN"),
        pytest.param(b'{"company_name": ' + b"[" * 50_000, "application/json", id="deep"),
        pytest.param(
            b'{"company_name": "x", "n": ' + b"[" * 512 + b"]" * 512 + b"}", "application/json", id="513 deep"
        ),
        pytest.param(b'["company_name"]', "application/json", id="a list"),
        pytest.param(b'"company_name"', "application/json", id="a scalar"),
        pytest.param(b"", "application/json", id="nothing"),
    ],
)
async def test_a_body_that_cannot_be_read_is_an_empty_input_and_no_error(
    client: Client, raw: bytes, content_type: str
) -> None:
    before = await client.created()
    headers = {"Content-Type": content_type}
    patched = await client.call("PATCH", "/companies/1", raw=raw, headers=headers)
    assert (patched.status, patched.body) == (200, before)
    created = await client.call("POST", "/companies", raw=raw, headers=headers)
    assert created.errors == {"company_name": ["The company name field is required."]}


@pytest.mark.parametrize("depth", [1, 400, 511])
async def test_json_may_be_nested_512_deep(client: Client, depth: int) -> None:
    raw = b'{"company_name": " x ", "n": ' + b"[" * depth + b"]" * depth + b"}"
    reply = await client.call("POST", "/companies", raw=raw)
    assert (reply.status, reply.body["company_name"]) == (201, "x")


async def test_a_json_suffix_is_json(client: Client) -> None:
    headers = {"Content-Type": "application/vnd.api+json; charset=utf-8"}
    reply = await client.call("POST", "/companies", raw=b'{"company_name": "\\ud83d\\ude00"}', headers=headers)
    assert reply.body["company_name"] == "\U0001f600"


@pytest.mark.parametrize("accept", ["", "*/*", "text/html, application/json"])
async def test_without_a_json_accept_errors_are_redirects_and_pages(client: Client, accept: str) -> None:
    headers = {"Accept": accept}
    invalid = await client.call("POST", "/companies", {}, headers=headers)
    assert (invalid.status, invalid.headers["Location"]) == (302, "/")
    assert invalid.headers["Content-Type"].startswith("text/html")
    anonymous = await client.call("GET", "/companies", headers={**headers, "Authorization": ""})
    assert (anonymous.status, anonymous.headers["Location"]) == (302, "/login")
    missing = await client.call("GET", "/companies/42", headers=headers)
    assert (missing.status, missing.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    written = await client.call("POST", "/companies", {"company_name": "x"}, headers=headers)
    assert (written.status, written.body["company_name"]) == (201, "x")


@pytest.mark.parametrize(
    ("accept", "as_json"),
    [
        pytest.param("application/json", True, id="json"),
        pytest.param("Application/JSON; charset=utf-8", True, id="in another case"),
        pytest.param("application/problem+json", True, id="a suffix"),
        pytest.param("application/json, text/html", True, id="json first"),
        pytest.param("text/html, application/json", False, id="json second"),
        pytest.param("text/html;q=0.9, application/json", True, id="json is wanted more"),
        pytest.param("application/json;q=0.1, */*", False, id="json is wanted less"),
        pytest.param("application/json;q=nonsense", True, id="a wrong quality"),
        pytest.param(",;=", False, id="nonsense"),
    ],
)
async def test_errors_are_json_for_who_wants_json_most(client: Client, accept: str, as_json: object) -> None:
    reply = await client.call("POST", "/companies", {}, headers={"Accept": accept})
    assert (reply.status == 422) == as_json


async def test_a_script_of_a_browser_expects_json(client: Client) -> None:
    headers = {"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"}
    assert (await client.call("POST", "/companies", {}, headers=headers)).status == 422


async def test_a_taken_external_id_is_422_and_an_archived_company_holds_it_too(client: Client) -> None:
    await client.created(external_id="k1")
    for _ in range(2):
        reply = await client.create(external_id="k1")
        assert reply.status == 422
        assert reply.body == {
            "message": "The external id has already been taken.",
            "errors": {"external_id": ["The external id has already been taken."]},
        }
        await client.call("DELETE", "/companies/1")
    assert (await client.get("/companies/k1?find_by=external_id")).status == 404
    assert client.sandbox.creates("k1") == 1


async def test_another_case_or_origin_is_another_external_id(client: Client) -> None:
    await client.created(external_id="k1")
    assert (await client.create(external_id="K1")).status == 201
    assert (await client.create(external_id="k1", external_origin="other")).status == 201


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        pytest.param("PUT", "/companies", "GET, HEAD, POST", id="collection"),
        pytest.param("POST", "/companies/1", "GET, HEAD, PATCH, DELETE", id="item"),
        pytest.param("GET", "/companies/1/restore", "POST", id="restore"),
        pytest.param("PATCH", "/companies/1/external-identifier", "PUT", id="external-identifier"),
        pytest.param("OPTIONS", "/companies", "GET, HEAD, POST", id="options"),
        pytest.param("TRACE", "/companies/1", "GET, HEAD, PATCH, DELETE", id="trace"),
    ],
)
async def test_another_method_is_405_with_allow(client: Client, method: str, path: str, allowed: str) -> None:
    reply = await client.call(method, path, headers={"Authorization": ""})
    assert (reply.status, reply.headers["Allow"]) == (405, allowed)
    assert reply.body == {
        "message": f"The {method} method is not supported for route api/v1{path}. Supported methods: {allowed}."
    }


async def test_the_throttle_comes_before_the_scope_and_the_scope_before_the_company() -> None:
    tokens = {"reads": Token("a", frozenset({"contact-data:read"}))}
    options = SandboxOptions(behaviour=Behaviour(throttle=4), tokens=tokens)
    async with opened(options) as client:
        reads = {"Authorization": "Bearer reads"}

        async def asked(method: str, path: str, headers: dict[str, str]) -> tuple[int, str | None]:
            reply = await client.call(method, path, {}, headers=headers)
            return reply.status, reply.headers.get("X-RateLimit-Remaining")

        assert await asked("GET", "/nothing", reads) == (404, None)
        assert await asked("PUT", "/companies", reads) == (405, None)
        assert await asked("PATCH", "/companies/9", {"Authorization": ""}) == (401, None)
        assert await asked("PATCH", "/companies/9?find_by=x", reads) == (403, "3")
        assert await asked("GET", "/companies/9?find_by=x", reads) == (422, "2")
        assert await asked("GET", "/companies/9", reads) == (404, "1")
        assert await asked("GET", "/companies/9", reads) == (404, "0")
        assert await asked("PATCH", "/companies/9", reads) == (429, "0")
        assert await asked("POST", "/companies", {}) == (422, "3")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/companies/1%2F"),
        ("DELETE", "/companies/E1%2F?find_by=external_id"),
        ("GET", "/companies/%2F"),
        ("POST", "/companies/%2F"),
        ("POST", "/companies/1/restore%2F"),
        ("GET", "/companies//1"),
    ],
)
async def test_an_encoded_slash_at_the_end_is_no_company(client: Client, method: str, path: str) -> None:
    await client.created(external_id="E1")
    reply = await client.call(method, path, {"company_name": "x"} if method == "POST" else None)
    assert reply.status == 404
    assert "could not be found" in reply.body["message"]
    assert [company["deleted_at"] for company in await client.sandbox.companies()] == [None]


async def test_a_slash_at_the_end_is_ignored_as_it_was_sent(client: Client) -> None:
    await client.created()
    for path in ("/companies/1/", "/companies/1//", "/companies/"):
        assert (await client.get(path)).status == 200


async def test_who_follows_the_redirect_of_a_401_finds_a_login_and_no_error(client: Client) -> None:
    async with client.session.get(f"{client.sandbox.url}/companies") as followed:
        assert (followed.status, followed.content_type, len(followed.history)) == (200, "text/html", 1)
        assert "Login" in await followed.text()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_a_compressed_body_is_not_inflated_and_so_no_json(client: Client, encoding: str) -> None:
    company = await client.created()
    raw = zlib.compress(b'{"company_name": "other"}', wbits=31 if encoding == "gzip" else 15)
    reply = await client.call("PATCH", "/companies/1", raw=raw, headers={"Content-Encoding": encoding})
    assert (reply.status, reply.body) == (200, company)
    reply = await client.call("POST", "/companies", raw=raw, headers={"Content-Encoding": encoding})
    assert (reply.status, list(reply.errors)) == (422, ["company_name"])
