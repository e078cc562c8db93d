"""Regular expressions: Python's dialect where RE2 can keep it, refused where it cannot, and never slow."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.mapping.patterns import MAX_TEXT, Pattern, TooMuchError, parse_pattern, parse_replacement
from tests.mapping.builder import payload_of, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.model import Cell, Mapped

    MapRow = Callable[[str, dict[str, Cell]], Mapped]


def compiled(written: str) -> Pattern:
    pattern = parse_pattern(written)
    assert isinstance(pattern, Pattern), pattern
    return pattern


def replaced(written: str, by: str, text: str) -> str:
    pattern = compiled(written)
    replacing = parse_replacement(by, pattern)
    assert isinstance(replacing, tuple), replacing
    return pattern.replaced(text, replacing)


# ── the dialect ──


@pytest.mark.parametrize(
    ("pattern", "by", "text", "made"),
    [
        pytest.param("x*", "-", "abxd", "-a-b--d-", id="empty places too"),
        pytest.param("$", "!", "é", "é!", id="the end, once"),
        pytest.param("", "-", "né", "-n-é-", id="between whole characters"),
        pytest.param(r"\w+", "w", "Straße_1 é", "w w", id="letters of all languages"),
        pytest.param(r"\W", "", "é-ß", "éß", id="not letters"),
        pytest.param(r"\s+", " ", "a\xa0\u2003b", "a b", id="blanks of all kinds"),
        pytest.param(r"\S+", "x", "a\xa0é", "x\xa0x", id="not blanks"),
        pytest.param(r"\d\D", "", "\uff11a\u0663b", "", id="digits of all scripts"),
        pytest.param(r"[\w.-]+", "m", "jürgen.o-x@b", "m@m", id="a class in a class"),
        pytest.param(r"[^\d]", "", "a1é2", "12", id="not in a class"),
        pytest.param(r"[]a[]+", "", "]a[b", "b", id="brackets in a class"),
        pytest.param(r"[^]]", "", "a]b", "]", id="a bracket that is not"),
        pytest.param(r"\[\]", "", "a[]b", "ab", id="brackets"),
        pytest.param("\\u00e9|\\x41|\\U0001f600", "", "éA\U0001f600b", "b", id="by code point"),
        pytest.param(r"a\Z", "", "aa", "a", id="the end by its Python name"),
        pytest.param("(?i)ÉCOLE", "x", "école", "x", id="case of accents"),
        pytest.param(r"(?P<first>\w+) (\w+)", r"\2, \g<first>\n\\", "Eva Muster", "Muster, Eva\n\\", id="groups"),
        pytest.param("(a)|b", r"[\1]", "ab", "[a][]", id="a group that took no part"),
        pytest.param("a.c", "", "a\U0001f600c", "", id="a point is a whole character"),
    ],
)
def test_a_replacement_is_pythons(pattern: str, by: str, text: str, made: str) -> None:
    assert replaced(pattern, by, text) == made
    assert re.sub(pattern, by, text) == made


_ATOMS = ["a", "b", "é", ".", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", "[ab]", r"[^\d]", r"[\w-]", "(a|bé)", "(?:x)"]
_PATTERNS = st.lists(
    st.tuples(st.sampled_from(_ATOMS), st.sampled_from(["", "+", "?", "*", "{1,2}"])).map("".join),
    min_size=1,
    max_size=4,
).map("".join)
_TEXTS = st.text(st.sampled_from("abx1é_ -\xa0\u0301\u0663\U0001f600"), max_size=12) | st.text(
    st.characters(exclude_categories=["Cs", "Cn"]), max_size=8
)


@given(_PATTERNS, _TEXTS, st.sampled_from(["^", ""]), st.sampled_from(["$", ""]))
def test_the_dialect_means_what_it_means_to_python(pattern: str, text: str, start: str, end: str) -> None:
    whole = f"{start}{pattern}{end}"
    text = text.rstrip("\n")  # where Python's $ holds before the last line break as well
    assert compiled(whole).found_in(text) is (re.search(whole, text) is not None)
    assert replaced(whole, "<->", text) == re.sub(whole, "<->", text)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        pytest.param("(", r"missing \)", id="open"),
        pytest.param("\\", r"trailing \\", id="a lone backslash"),
        pytest.param(r"\bNL", r"\\b is not known here; write what stands at the edge", id="edge of a word"),
        pytest.param(r"a\B", r"\\B is not known", id="no edge"),
        pytest.param(r"\C", r"\\C is not known", id="a byte"),
        pytest.param(r"\Qa.b\E", r"\\Q is not known", id="quoted"),
        pytest.param(r"(a)\1", "its own groups again", id="back-reference"),
        pytest.param("a(?=b)", "looking ahead", id="ahead"),
        pytest.param("a(?!b)", "looking ahead", id="not ahead"),
        pytest.param("(?<=b)a", "looking behind", id="behind"),
        pytest.param("(?<!b)a", "looking behind", id="not behind"),
        pytest.param(r"[^\W\d]", r"\\W is not known inside of \[ \]; .* such as \[\^\\w\]", id="opposite in a class"),
        pytest.param("[[:alpha:]]", r"write \\p\{L\} for a letter", id="POSIX class"),
        pytest.param("a++", "bad repetition", id="possessive"),
        pytest.param("a{1001}", "1000 at most", id="many"),
        pytest.param(r"(\w{10,90}){10}", "lower the numbers", id="large"),
    ],
)
def test_what_the_dialect_does_not_know_is_refused(pattern: str, why: str) -> None:
    found = parse_pattern(pattern)
    assert isinstance(found, str)
    assert re.search(why, found), found


@pytest.mark.parametrize(
    ("by", "why"),
    [
        pytest.param(r"\2", "there is no group 2 in the pattern; it has 1 of them", id="number"),
        pytest.param(r"\g<x>", "there is no group x", id="name"),
        pytest.param(r"\d", r"\\d means nothing here", id="escape"),
        pytest.param("\\", "means nothing here", id="a lone backslash"),
        pytest.param(r"\0", r"\\0 means nothing here", id="octal"),
    ],
)
def test_a_replacement_that_means_nothing_is_refused(by: str, why: str) -> None:
    found = parse_replacement(by, compiled("(a)"))
    assert isinstance(found, str)
    assert re.search(why, found), found


def test_a_pattern_without_groups_says_how_to_make_one() -> None:
    assert "it has no groups; a group is put in (parentheses)" in parse_replacement(r"\1", compiled("a"))


# ── bounds ──

HOSTILE = [
    pytest.param("(a+)+$", "a" * (MAX_TEXT - 1) + "b", id="nested"),
    pytest.param("(a|aa)+$", "a" * (MAX_TEXT - 1) + "b", id="alternatives"),
    pytest.param("(a*)*b", "a" * MAX_TEXT, id="stars"),
    pytest.param("a*a*a*a*a*a*b", "a" * MAX_TEXT, id="polynomial"),
    pytest.param("[ab]*a[ab]{500}c", "abaab" * (MAX_TEXT // 5), id="many states"),
    pytest.param("(?s)a.*b|a", "a" * MAX_TEXT, id="every place looks to the end"),
]


@pytest.mark.parametrize(("pattern", "text"), HOSTILE)
def test_no_pattern_and_no_cell_takes_long(pattern: str, text: str) -> None:
    began = time.process_time()
    compiled(pattern).found_in(text)
    with contextlib.suppress(TooMuchError):
        replaced(pattern, "-", text)
    assert time.process_time() - began < 5  # Python's own engine takes years for most of them


def test_a_long_text_is_not_looked_through_again_and_again(mapped: MapRow) -> None:
    text = "custom_fields: {k: {from: a, replace: [{pattern: '(?s)a.*b|a', with: x}]}}\n"
    refusal = mapped(text, {"a": "a" * MAX_TEXT})
    assert refusal_of(refusal) == ["too-long"]
    assert "more places for `replace` than can be looked for" in refusal.issues[0].message
    assert payload_of(mapped(text, {"a": "a" * 2000})) == {"custom_fields": {"k": "x" * 2000}}


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_hostile_mapping_over_hostile_data_ends(mapped: MapRow, pattern: str) -> None:
    text = f"  phone: {{from: a, replace: [{{pattern: '{pattern}'}}], when: {{column: a, matches: '{pattern}'}}}}\n"
    assert payload_of(mapped(text, {"a": "a" * 20_000 + "!"})) == {}


def test_what_is_too_long_to_look_through_refuses_the_row(mapped: MapRow) -> None:
    cell = "x" * (MAX_TEXT + 1)
    message = "32768 characters, and a regular expression looks through 32767 at most"
    for text in (
        "custom_fields: {k: {from: a, replace: [{pattern: b}]}}\n",
        "tags: [{value: t, when: {column: a, matches: b}}]\n",
    ):
        refusal = mapped(text, {"a": cell})
        assert refusal_of(refusal) == ["too-long"]
        assert message in refusal.issues[0].message
        assert refusal.issues[0].location.column == "a"
    assert payload_of(mapped("custom_fields: {k: {from: a, replace: [{pattern: b}]}}\n", {"a": cell[1:]}))


def test_what_a_replacement_makes_is_bounded(mapped: MapRow) -> None:
    steps = ", ".join(["{pattern: 'x', with: 'xx'}"] * 40)
    refusal = mapped(f"custom_fields: {{k: {{from: a, replace: [{steps}]}}}}\n", {"a": "x"})
    assert refusal_of(refusal) == ["too-long"]
    assert "custom_fields.k has more than 32767 characters after `replace`" in refusal.issues[0].message
    with pytest.raises(TooMuchError, match="more than 32767"):
        replaced("(.+)", r"\1" * 9, "é" * 4000)
    assert len(replaced("x", "y" * MAX_TEXT, "x")) == MAX_TEXT


def test_what_a_template_makes_is_bounded(mapped: MapRow) -> None:
    refusal = mapped(f"custom_fields: {{k: '{'{a}' * 1000}'}}\n", {"a": "x" * 1000})
    assert refusal_of(refusal) == ["too-long"]
    assert "1000000 characters by its template" in refusal.issues[0].message
    assert refusal.issues[0].location.column == "a"
