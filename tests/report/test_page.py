"""The page's markup: sound, closed to the outside, and nothing in it that a cell could have brought to life."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from importer.model import Cell, Code, Counts, Issue, Location, OutcomeKind
from importer.report import ReportRow, write_report
from importer.report.page.text import MAX_SHOWN, visible
from tests.report.pages import Node, Page, cells, columns, issues, row_numbers
from tests.report.samples import Report, country, full_summary, group, kept, row

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--rows-->",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x.example","a")',
    "+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "a\u2028b\x00c\ud800d\u202ee",
    "{{ 7 * 7 }}",
    "]]></style>",
]
BLOCKS = {"p", "li", "div", "h1", "h2", "h3", "td", "th", "caption", "summary", "option", "article", "label", "title"}


def page_of(tmp_path: Path, report: Report) -> Page:
    path = tmp_path / "report.html"
    write_report(path, report)
    page = Page(path.read_text(encoding="utf-8"))
    assert page.problems == []
    return page


def hostile_report(text: str) -> Report:
    column = f"{text} x"
    place = Location(text, text, 2, column)
    issue = Issue.of(Code.NOT_A_COUNTRY, place, field=text, value=text, detail=text)
    found = ReportRow(2, text, (text, text), text, None, (issue,))
    summary = full_summary(groups=(group(field=text, column=None, message=text, hint=text),), notes=(text,), next=text)
    return Report((column, "Naam"), (found,), summary)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_markup_or_begins_a_block(text: str, tmp_path: Path) -> None:
    page = page_of(tmp_path, hostile_report(text))
    assert len(page.root.all("script")) == len(page.root.all("style")) == 1
    assert page.root.all("img") == []
    [found] = page.root.all("article")
    assert [*cells(found).values()] == [text, text]
    starts = {node.tag: node for node in every(page.root) if node.tag in BLOCKS and re.match(r"\s*[=+@\-]", node.text)}
    assert starts == {}


def every(node: Node) -> list[Node]:
    return [node, *(found for one in node.children if isinstance(one, Node) for found in every(one))]


def test_policy_allows_our_style_and_script_and_nothing_else(tmp_path: Path) -> None:
    page = page_of(tmp_path, Report(summary=full_summary(), listed=(row(("1", "Acme", "Holand")),)))
    [policy] = [one.attributes["content"] for one in page.root.all("meta") if "http-equiv" in one.attributes]
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.root.one(tag).text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    attributes = {name for node in every(page.root) for name in node.attributes}
    assert not [name for name in attributes if name == "style" or name.startswith("on")]
    links = [node.attributes.get("href") or node.attributes.get("src", "#") for node in every(page.root)]
    assert all(link.startswith("#") or link == "data:," for link in links)
    assert not re.search(r"url\(|@import|https?:", page.root.one("style").text + page.root.one("script").text)


def test_ids_are_unique_and_labels_and_captions_there(tmp_path: Path) -> None:
    listed = tuple(row(("1", "Acme", "Holand"), country(n), kept(n), number=n) for n in range(2, 130))
    page = page_of(tmp_path, Report(summary=full_summary(), listed=listed))
    assert row_numbers(page) == list(range(2, 130))
    ids = [node.attributes["id"] for node in every(page.root) if "id" in node.attributes]
    assert len(ids) == len({*ids})
    labels = {one.attributes["for"] for one in page.root.all("label")}
    assert labels == {one.attributes["id"] for tag in ("select", "input") for one in page.root.all(tag)}
    named = [one for one in page.root.all("svg") if one.attributes.get("role") == "img"]
    assert all(one.attributes.get("aria-label") or one.all("title") for one in named)
    assert len(named) == 3  # the balance, and a bar for each of two reasons
    assert [len(one.all("article")) for one in page.root.all("div", class_="rows")] == [50, 50, 28]


def test_counts_are_all_there_and_said_to_balance(tmp_path: Path) -> None:
    page = page_of(tmp_path, Report(summary=full_summary()))
    shown = {line.one("th").text: line.one("td").text for line in page.root.one("table", class_="counts").all("tr")}
    assert shown["read"] == "1,204"
    assert (shown["created"], shown["failed"], shown["pending"]) == ("880", "0", "0")
    assert {*OutcomeKind} < {*shown}
    assert "counts balance" in page.root.text
    off = page_of(tmp_path, Report(summary=full_summary(counts=Counts(read=3, created=1))))
    assert "do not balance" in off.root.text


def test_pieces_of_the_bar_fill_it_and_small_ones_are_seen(tmp_path: Path) -> None:
    page = page_of(tmp_path, Report(summary=full_summary(counts=Counts(read=100_001, created=100_000, failed=1))))
    pieces = [one.attributes for one in page.root.one("svg", class_="balance").all("rect")]
    assert [one["class"] for one in pieces] == ["created", "failed"]
    assert float(pieces[1]["width"]) >= 4
    assert sum(float(one["width"]) for one in pieces) == pytest.approx(1000, abs=0.5)


def test_row_has_its_place_its_reasons_and_its_marked_cells(tmp_path: Path) -> None:
    found = ReportRow(17, "Contacten", ("1", None, "Holand"), None, OutcomeKind.FAILED, (country(17), kept(17)))
    page = page_of(tmp_path, Report(listed=(found,)))
    [shown] = page.root.all("article")
    assert [one["cell"] for one in issues(shown)] == ["Contacten!C17", "Contacten!B17"]
    marks = {one.one("b").text: one.attributes["class"] for one in shown.all("mark")}
    assert marks == {"Naam": "warning", "Land": "error"}
    assert "Naam empty   " in shown.one("p", class_="cells").text
    assert shown.attributes["data-o"] == "failed"


def test_an_error_marks_a_cell_whatever_came_first(tmp_path: Path) -> None:
    place = Location("klanten.csv", None, 2, "Land")
    info = Issue.of(Code.SKIPPED_BY_RULE, Location("klanten.csv", None, 2, "Naam"), detail="x")
    for listed in ((country(2), kept(2, "Land")), (kept(2, "Land"), country(2))):
        page = page_of(tmp_path, Report(listed=(row(("1", "Acme", "Holand"), *listed, info),)))
        assert [one.attributes["class"] for one in page.root.all("mark")] == ["error"], place


def test_filters_name_every_reason_column_and_outcome_with_its_rows(tmp_path: Path) -> None:
    whole = Issue.of(Code.GAVE_UP, Location("klanten.csv", None, 3), detail="x")
    other = ReportRow(4, None, ("2", "B", None), "2", None, (whole,))
    listed = (row(("1", "A", "Holand"), country(2), kept(2)), row(("2", "B", "X"), country(3), number=3), other)
    page = page_of(tmp_path, Report(listed=listed))
    told = {one.attributes["id"]: [two.text for two in one.all("option")] for one in page.root.all("select")}
    assert told["reason"] == ["all reasons", "not-a-country (2)", "kept-as-is (1)", "gave-up (1)"]
    assert told["column"] == ["all columns", "B: Naam (1)", "C: Land (2)", "no one column (1)"]
    assert told["outcome"] == ["all outcomes", "pending (1)", "refused (2)"]
    kinds = [one.attributes["data-k"] for one in page.root.all("article")]
    values = [one.attributes["value"] for one in page.root.one("select", id_="reason").all("option")]
    assert kinds == ["0 1", "0", "2"]
    assert values == ["", "0", "1", "2"]


def test_long_cell_is_cut_and_says_so(tmp_path: Path) -> None:
    page = page_of(tmp_path, Report(listed=(row(("x" * (MAX_SHOWN + 1234), "A", "Holand")),)))
    [shown] = page.root.all("article")
    assert "… and 1,234 characters more" in shown.text
    assert "1 cell is too long and cut here" in page.root.text


def test_cell_from_right_to_left_keeps_to_itself(tmp_path: Path) -> None:
    page = page_of(tmp_path, Report(listed=(row(("1", "שלום 12", "Holand")),)))
    assert [one.text for one in page.root.all("span", dir_="auto")] == ["שלום 12"]


def test_facts_are_those_of_the_workbook(tmp_path: Path) -> None:
    page = page_of(tmp_path, Report(summary=full_summary(), listed=(row(("1", "Acme", "Holand")),)))
    facts = {line.one("th").text: line.one("td").text for line in page.root.one("table", class_="facts").all("tr")}
    assert facts["mapping"] == "· mappings/klanten.yaml"
    assert facts["requests"] == "· 1250"
    assert facts["next"] == "· kanbert-import retry klanten.journal"
    assert columns(page) == ("Nummer", "Naam", "Land")
    [first, *_] = page.root.one("ol", class_="groups").all("li")
    assert "312 x not-a-country in Land" in first.text
    assert [one.attributes["href"] for one in first.all("a")] == ["#r4", "#r17", "#r23"]
    assert "C4" in first.text


def test_nothing_to_look_at_is_said(tmp_path: Path) -> None:
    page = page_of(tmp_path, Report())
    assert "No row has an error or a warning." in page.root.text
    assert page.root.all("article") == []


@given(text=st.text(st.characters()))
@settings(max_examples=200)
def test_every_text_comes_back(text: str) -> None:
    shown = visible(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff\u2028\u202e]", shown)
    assert Page(f"<p>{shown}</p>").root.one("p").original == text


def test_cell_of_blanks_is_kept_and_seen_where_it_is_wrong(tmp_path: Path) -> None:
    page = page_of(tmp_path, Report(listed=(row(("1", "  ", " "), country(2)),)))
    [shown] = page.root.all("article")
    assert cells(shown) == {"Nummer": "1", "Naam": "  ", "Land": " "}
    assert shown.one("mark").text == "Land  empty"


@pytest.mark.parametrize("cell", [None, "", 0, False, 1.5])
def test_only_empty_cells_are_left_out(cell: Cell, tmp_path: Path) -> None:
    page = page_of(tmp_path, Report(listed=(row((cell, "A", "Holand")),)))
    assert ("Nummer" in cells(page.root.one("article"))) == (cell is not None and cell != "")
