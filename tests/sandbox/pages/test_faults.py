"""Faults are set, cleared and explained on their page, and nothing that was typed is lost."""

from __future__ import annotations

import dataclasses
import html
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from importer.sandbox.faults import Do, Fault, Faults, FaultScript, parse_faults
from importer.sandbox.pages.faults import EXAMPLES, script_text, with_example
from tests.sandbox.pages.visiting import Visitor, markup

SCRIPT = 'seed: 7\nfaults:\n  - {on: "GET /companies", do: status, status: 503}\n'


async def test_a_script_that_is_set_fires_and_counts(visitor: Visitor) -> None:
    reply = await visitor.send("/faults", {"script": SCRIPT.replace("\n", "\r\n")})
    assert (reply.status, reply.headers["Location"]) == (303, "/faults?done=set")
    assert (await visitor.client.get("/companies")).status == 503
    page = await visitor.see("/faults?done=set")
    assert "The faults are on" in page
    assert '<td class="number">1</td><td class="number">1</td>' in page


async def test_the_form_holds_the_script_that_is_on(visitor: Visitor) -> None:
    await visitor.send("/faults", {"script": SCRIPT})
    page = await visitor.see("/faults")
    text = html.unescape(page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0])
    assert text == f"\n{SCRIPT}"


async def test_faults_are_cleared_by_their_button_and_by_an_empty_script(visitor: Visitor) -> None:
    for path in ("/faults/clear", "/faults"):
        await visitor.send("/faults", {"script": SCRIPT})
        reply = await visitor.send(path, {"script": ""})
        assert (reply.status, reply.headers["Location"]) == (303, "/faults?done=cleared")
        assert (await visitor.client.get("/companies")).status == 200


@pytest.mark.parametrize(
    ("script", "line", "reason"),
    [
        pytest.param(
            "faults:\n  - {on: '*', do: hang}\n  - {on: '*', do: hand}\n", 3, "do must be one of", id="a-value"
        ),
        pytest.param("faults:\n\n\n  - {on: '*', does: hang}", 4, "`does` is unknown here", id="a-name"),
        pytest.param("faults: [", 1, "this is not YAML", id="not-yaml"),
        pytest.param("- a\n- b", 1, "a map", id="no-map"),
    ],
)
async def test_a_wrong_script_is_kept_with_the_line_that_is_wrong(
    visitor: Visitor, script: str, line: int, reason: str
) -> None:
    await visitor.send("/faults", {"script": SCRIPT})
    reply = await visitor.send("/faults", {"script": script})
    assert reply.status == 422
    page = markup(reply.text)
    assert f"Line {line}: " in page.text
    assert reason in page.text
    assert html.escape(script, quote=False) in reply.text.replace("&#39;", "'")
    assert '<span class="wrong">' in reply.text
    assert page.title.startswith("Error: ")
    assert (await visitor.client.get("/companies")).status == 503  # what was on still is


async def test_a_script_that_is_too_long_is_refused_and_kept(visitor: Visitor) -> None:
    script = "#" * 70_000
    reply = await visitor.send("/faults", {"script": script})
    assert reply.status == 422
    assert "longer than 65,536 characters" in reply.text
    assert script in reply.text


async def test_very_many_faults_are_cut_on_the_page(visitor: Visitor) -> None:
    many = "\n".join(['  - {on: "*", do: latency, ms: 1}'] * 250)
    await visitor.send("/faults", {"script": f"faults:\n{many}"})
    assert "and 50 more" in await visitor.see("/faults")


async def test_an_example_is_put_into_the_script_that_was_typed(visitor: Visitor) -> None:
    reply = await visitor.send("/faults", {"script": "seed: 3", "insert": EXAMPLES[0].name})
    assert reply.status == 200
    assert "It is not on yet" in reply.text
    assert "seed: 3\nfaults:\n  - {on: " in reply.text
    assert (await visitor.client.get("/companies")).status == 200


async def test_an_example_that_is_none_is_no_button(visitor: Visitor) -> None:
    assert (await visitor.send("/faults", {"script": SCRIPT, "insert": "nonsense"})).status == 303


@pytest.mark.parametrize(
    "before",
    [
        "",
        "\n",
        "seed: 7",
        "faults:",
        "faults:\n- {on: '*', do: hang}",
        "faults:\n      - {on: '*', do: hang}\n",
        "# a note\nfaults:\n  - {on: '*', do: hang}\n  # another\n",
    ],
)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_fits_behind_every_script(before: str, example: object) -> None:
    text = getattr(example, "text", "")
    faults = parse_faults(before).faults
    assert parse_faults(with_example(before, text)).faults == (*faults, *parse_faults(f"faults: [{text}]").faults)


async def test_the_reference_explains_every_setting_and_every_fault(visitor: Visitor) -> None:
    page = await visitor.see("/faults")
    reference = page.partition('id="reference"')[2]
    for word in (*get_args(Do), *(item.name for item in dataclasses.fields(Fault)), "seed"):
        assert f"<code>{word}</code>" in reference or f"<code>{word}:" in reference, word


_COUNTS = st.none() | st.integers(1, 10**9)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@st.composite
def _faults(draw: st.DrawFn) -> Fault:
    do = draw(st.sampled_from(get_args(Do)))
    status = {
        "status": draw(st.integers(200, 599)),
        "retry_after": draw(st.none() | st.integers(1, 9)),
        "body": draw(st.sampled_from(["json", "html"])),
        "commit": draw(st.booleans()),
    }
    latency = {"ms": draw(st.integers(1, 9))}
    return Fault(
        on=draw(st.just("*") | st.from_regex(r"(\*|[A-Z]{1,6}) /\S{0,9}", fullmatch=True)),
        do=do,
        nth=draw(_COUNTS),
        every=draw(_COUNTS),
        chance=draw(st.none() | st.floats(0, 1)),
        external_id=draw(st.none() | _TEXT),
        times=draw(_COUNTS),
        **(status if do == "status" else latency if do == "latency" else {}),
    )


@given(st.lists(_faults(), max_size=3), st.integers(-(10**6), 10**6))
def test_a_script_that_is_written_reads_back_as_the_same(faults: list[Fault], seed: int) -> None:
    script = FaultScript(tuple(faults), seed if faults else 0)
    assert parse_faults(script_text(Faults(script))) == script
