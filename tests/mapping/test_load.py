"""Loading: what a mapping says, and how every mistake in one is shown."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from importer.errors import MappingError, UsageError
from importer.mapping import SourceSettings, load_mapping
from tests.mapping.builder import TOP, row_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from importer.mapping import Mapping

FULL = """\
version: 1
name: Customers
source: {sheet: Contacten, header_row: 3, encoding: utf-8, delimiter: ";", columns: {id: [Klantnummer, Customer ID]}}
target: {external_origin: moneybird}
duplicates: last
blank: clear
match: [tax_uid, [company_name, address_invoice_zip]]
skip:
company:
  external_id: id
  company_name: name
  tax_uid: vat
  address_invoice_zip: zip
tags:
tests:
"""


def test_a_mapping_says_what_its_file_says(load: Callable[[str], Mapping]) -> None:
    mapping = load(FULL)
    assert mapping.name == "Customers"
    assert mapping.origin == "moneybird"
    assert mapping.source == SourceSettings("Contacten", 3, "utf-8", ";")
    assert (mapping.duplicates, mapping.blank) == ("last", "clear")
    assert mapping.match == (("tax_uid",), ("company_name", "address_invoice_zip"))
    assert mapping.sha256 == hashlib.sha256(FULL.encode()).hexdigest()
    assert mapping.run_tests() == ()


def test_what_a_mapping_does_not_say_is_left_to_detection_and_caution(load: Callable[[str], Mapping]) -> None:
    mapping = load(TOP)
    assert mapping.name == "mapping"
    assert mapping.source == SourceSettings()
    assert (mapping.duplicates, mapping.blank, mapping.match) == ("refuse", "keep", ())


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TOP.replace("\n", "\r\n").encode())
    assert load_mapping(path).origin == "old"


# ── files that are none ──


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such mapping file; look at the path"):
        load_mapping(tmp_path / "nope.yaml")


def test_a_folder_is_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        load_mapping(tmp_path)


def test_a_path_that_cannot_be_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_mapping(tmp_path / "a\0b")


def test_a_huge_file_is_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    with path.open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(UsageError, match="more than 10 MB"):
        load_mapping(path)


def test_a_file_that_is_not_utf_8_says_where(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(b"version: 1\nname: M\xfcller\n")
    with pytest.raises(MappingError, match=r"m\.yaml:2:8: the file is not UTF-8 \(byte 0xFC\)"):
        load_mapping(path)


@pytest.mark.parametrize("text", ["just text", "- a\n- b\n", "12"])
def test_yaml_that_is_no_object_is_no_mapping(text: str, problems: Callable[[str], list[str]]) -> None:
    (problem,) = problems(text)
    assert "a mapping file is an object with" in problem


# ── one mistake ──


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            "  locale: {form: x}", '6:12 "form" is no word of the language here; did you mean from?', id="word"
        ),
        pytest.param("  locale: {from: x, as: colour}", '6:25 `as` does not know "colour"; supported', id="kind"),
        pytest.param(
            "  phone: {from: x, as: {phone: {region: nl}}}",
            '6:41 "nl" is neither a field',
            id="region in small letters",
        ),
        pytest.param("  phone: {from: x, as: {phone: {region: UK}}}", '6:41 "UK" is neither a field', id="region"),
        pytest.param(
            "  fax: {from: x, as: {datetime: {time_zone: Europe/Atlantis}}}", '6:45 "Europe/Atlantis" is', id="zone"
        ),
        pytest.param(
            "  fax: {from: x, as: {date: {two_digit_from: 50}}}",
            "6:46 a number from 1800 to 2000 is expected here, not 50",
            id="century",
        ),
        pytest.param(
            "  fax: {from: x, as: {datetime: {two_digit_from: 2100}}}",
            "6:50 a number from 1800 to 2000 is expected here, not 2100",
            id="late century",
        ),
        pytest.param(
            "  locale: {from: x, as: contry}", '6:25 `as` does not know "contry"; did you mean country', id="near"
        ),
        pytest.param("  locale: {from: x, as: [a]}", "6:21 `as` is one kind", id="as list"),
        pytest.param("  locale: {from: x, as: {date: {ordr: dmy}}}", '6:33 "ordr" is no word', id="option"),
        pytest.param(
            "  locale: {from: x, as: {date: {order: dym}}}", '6:40 "dym" is not known here; did you mean', id="order"
        ),
        pytest.param(
            "  locale: {from: x, as: {url: {a: 1}}}", '6:32 "a" is no word of the language here', id="no options"
        ),
        pytest.param("  locale: {from: x, template: '{y}'}", "6:3 this expression has `from` and `template`", id="two"),
        pytest.param(
            "  locale: {case: upper}", "6:3 this expression does not say where its value comes", id="no origin"
        ),
        pytest.param("  locale: {from: }", "6:3 this expression does not say", id="empty origin"),
        pytest.param("  locale:", "6:3 nothing cannot stand here: write a column name", id="empty field"),
        pytest.param("  locale: 3", "6:11 the number or date 3 cannot stand here", id="number"),
        pytest.param("  locale: 0123", "6:11 the number or date 0123 cannot stand here", id="zero number"),
        pytest.param("  locale: true", "6:11 the boolean true cannot stand here", id="boolean"),
        pytest.param("  locale: [a, b]", "6:3 a list cannot stand here", id="list"),
        pytest.param("  locale: ''", "6:11 this is empty; write a name", id="empty name"),
        pytest.param(
            "  locale: {value: 0123}", '6:19 YAML does not read 0123 as text; put it in quotes: "0123"', id="0123"
        ),
        pytest.param("  locale: {value: 2024-01-02}", "6:19 YAML does not read 2024-01-02 as text; put it", id="date"),
        pytest.param(
            "  locale: {value: 12}", "6:19 locale takes text, and YAML does not read 12 as text; put", id="12"
        ),
        pytest.param("  locale: {value: true}", "6:19 locale takes text, and YAML does not read true as", id="true"),
        pytest.param("  locale: {from: x, default: 1}", "6:30 locale takes text", id="default"),
        pytest.param("  locale: {from: x, map: {a: 1}}", "6:30 locale takes text", id="map value"),
        pytest.param("  locale: {from: x, map: {012: a}}", "6:27 YAML does not read this key as text", id="map key"),
        pytest.param("  locale: {from: x, map: {a: b, A: c}}", '6:33 "a" and "A" are the same key', id="same key"),
        pytest.param("  locale: {from: x, map: {' ': c}}", "6:27 an empty cell never comes to `map`", id="blank key"),
        pytest.param("  locale: {from: x, map: {}}", "6:21 this is empty", id="empty map"),
        pytest.param(
            "  locale: {from: x, otherwise: keep}", "6:32 `otherwise` says what happens", id="otherwise alone"
        ),
        pytest.param(
            "  locale: {from: x, map: {a: b}, otherwise: kep}", "6:45 `otherwise` is keep, error, blank", id="kep"
        ),
        pytest.param(
            "  locale: {from: x, map: {a: b}, otherwise: {valu: b}}",
            '6:46 "valu" is no word of the language here; did you mean value?',
            id="valu",
        ),
        pytest.param(
            "  locale: {from: x, case: uper}", '6:27 "uper" is not known here; did you mean upper?', id="case"
        ),
        pytest.param("  locale: {from: x, split: ','}", "6:28 `split` gives several values, and locale", id="split"),
        pytest.param(
            "  locale: {from: x, replace: [{pattern: '('}]}", "6:41 this is no regular expression", id="regex"
        ),
        pytest.param("  locale: {from: x, replace: [{pattern: '\\bx'}]}", "6:41 this is no regular", id="dialect"),
        pytest.param(
            f"  locale: {{from: x, replace: [{{pattern: {'x' * 1001}}}]}}", "6:41 this is too", id="long regex"
        ),
        pytest.param(
            "tags: [{value: x, when: {column: a, is: ''}}]",
            "6:41 `is` never holds for an empty cell; ask for one with `blank: true`",
            id="is nothing",
        ),
        pytest.param(
            "tags: [{value: x, when: {not: {column: a, in: [b, ' ']}}}]",
            "6:51 `in` never holds for an empty cell; ask for one with `blank: true`",
            id="in nothing",
        ),
        pytest.param("tags: [{value: x, when: {column: a, matches: '(?=a)'}}]", "6:46 this is no regular", id="ahead"),
        pytest.param("  locale: {from: x, replace: [{pattern: a, with: '\\2'}]}", "6:50 this cannot take", id="group"),
        pytest.param("  locale: {from: x, replace: [{with: a}]}", "6:31 `pattern` is missing", id="no pattern"),
        pytest.param("  locale: {from: x, on_invalid: ignore}", '6:33 "ignore" is not known here', id="on_invalid"),
        pytest.param("  locale: '{a'", '6:11 the template has a lone "{"', id="template"),
        pytest.param("  locale: {template: abc}", "6:22 the template names no column; use `value`", id="no column"),
        pytest.param("  locale: {first_of: []}", "6:12 this is empty", id="first of none"),
        pytest.param(
            "  locale: {first_of: [a, {from: b, blank: clear}]}", "6:43 `blank` belongs to the whole", id="part"
        ),
        pytest.param(
            "  locale: {first_of: [a, {from: b, split: ','}]}", "6:43 `split` gives several values", id="part split"
        ),
        pytest.param(
            "  locale: {from: x, when: {column: a}}", "6:21 a condition is `column` with exactly", id="condition"
        ),
        pytest.param("  locale: {from: x, when: {column: a, is: }}", "6:21 a condition is `column`", id="empty is"),
        pytest.param("  locale: {from: x, when: {is: a}}", "6:21 a condition is `column`", id="no column named"),
        pytest.param("  locale: {from: x, when: {all: [], is: a}}", "6:28 this is empty", id="empty all"),
        pytest.param(
            "  locale: {from: x, when: {not: {column: a, blank: true}, is: a}}", "6:21 `not` stands alone", id="not"
        ),
        pytest.param("  locale: {from: x, when: {column: a, matches: '('}}", "6:48 this is no regular", id="matches"),
        pytest.param(
            "  locale: {from: x, when: {column: a, blank: maybe}}", "6:46 true or false is expected", id="blank"
        ),
        pytest.param("  locale: {from: x, when: {column: a, is: 0123}}", "6:43 YAML does not read 0123", id="is 0123"),
        pytest.param("  locale: {from: x, when: yes}", '6:27 an object is expected here, not "yes"', id="when text"),
        pytest.param(
            "  taxation: {from: x, as: date}", "6:27 taxation takes true or false, and `as: date` gives", id="as"
        ),
        pytest.param("  taxation: {from: x, as: text}", "6:27 taxation takes true or false", id="as text"),
        pytest.param("  taxation: {value: perhaps}", '6:21 "perhaps" is neither yes nor no', id="constant"),
        pytest.param(
            "  taxation: {from: x, default: perhaps}", '6:32 "perhaps" is neither yes nor no', id="bad default"
        ),
        pytest.param("  taxation: {from: x, map: {a: perhaps}}", '6:32 "perhaps" is neither', id="bad map value"),
        pytest.param(
            "  taxation: {from: x, map: {a: true}, otherwise: {value: perhaps}}", '6:58 "perhaps"', id="otherwise"
        ),
        pytest.param(
            "  taxation: {from: x, on_invalid: keep}", "6:35 taxation takes true or false, so text", id="keep"
        ),
        pytest.param(
            "  taxation: {from: x, blank: clear}", "6:30 Kanbert does not let taxation be cleared", id="clear"
        ),
        pytest.param("  address_invoice_country: {value: Atlantis}", '6:36 "Atlantis" is not a country', id="country"),
        pytest.param(
            "  address_invoice_country: {from: x, as: text}", "6:42 address_invoice_country takes a c", id="ctext"
        ),
        pytest.param("  address_invoice_country: {from: x, on_invalid: keep}", "6:50 address_invoice_coun", id="ckeep"),
        pytest.param("  address_invoice_country: {from: x, blank: clear}", "6:45 Kanbert does not let", id="cclear"),
        pytest.param(
            "  email_general: {from: x, as: email_list}\n  email: {from: x, as: boolean}", "7:24 email takes", id="e"
        ),
        pytest.param("  email_general: {value: nobody}", '6:26 "nobody" is not an e-mail address', id="email"),
        pytest.param("  phone: {value: '" + "0" * 256 + "'}", "6:18 phone has 256 characters", id="long constant"),
        pytest.param(
            "  fax: {from: x, default: '" + "0" * 256 + "'}", "6:27 fax has 256 characters", id="long default"
        ),
        pytest.param(
            "  company_nam: x", '6:3 a company has no field "company_nam"; did you mean company_name', id="field"
        ),
        pytest.param("  taxation_enabled: x", '6:3 "taxation_enabled" is what Kanbert\'s answers say', id="read name"),
        pytest.param("  external_origin: x", "6:3 external_origin is the same for every row; write it", id="origin"),
        pytest.param("  tags: x", "6:3 `tags` stands beside `company`", id="tags in company"),
        pytest.param("  custom_fields: x", "6:3 `custom_fields` stands beside `company`", id="custom in company"),
        pytest.param("  name: x\n  name: y", '7:3 "name" stands here twice, first in line 6', id="twice"),
        pytest.param(
            "  address_delivery_country: a\n  address_delivery_country_id: b",
            "6:3 Kanbert ignores address_delivery_country where address_delivery_country_id is given",
            id="country twice",
        ),
        pytest.param("tags: x", '6:7 a list is expected here, not "x"', id="tags text"),
        pytest.param("tags: [{value: true}]", "6:16 tags takes text, and YAML does not read true", id="tag true"),
        pytest.param("tags: [{from: a, as: boolean}]", "6:22 tags takes text, and `as: boolean` gives", id="tag as"),
        pytest.param("tags: [{from: a, blank: clear}]", "6:25 Kanbert does not let tags be cleared", id="tag clear"),
        pytest.param("tags: [{from: a, split: []}]", "6:18 this is empty", id="no separator"),
        pytest.param("tags: [{from: a, split: ''}]", "6:25 this is empty", id="empty separator"),
        pytest.param("tags: [{from: a, split: 1}]", "6:25 a list is expected here, not 1", id="number separator"),
        pytest.param("custom_fields: [a]", "6:1 an object with names and values is expected here", id="custom list"),
        pytest.param("custom_fields: {' ': a}", "6:17 a custom field is named by its slug", id="no slug"),
        pytest.param("custom_fields: {a: {value: 1.5}}", "6:28 YAML does not read 1.5 as text", id="custom float"),
        pytest.param(
            "custom_fields: {a: {from: b, as: date, default: soon}}", '6:49 "soon" is not a date', id="custom"
        ),
        pytest.param("skip: [{when: {column: a, blank: true}}]", "6:8 `reason` is missing", id="reason"),
        pytest.param("skip: [{when: {column: '', blank: true}, reason: x}]", "6:24 this is empty", id="skip column"),
        pytest.param("match: [external_id]", "6:9 Kanbert cannot be asked for companies by external_id", id="match"),
        pytest.param("match: [taxation]", "6:9 Kanbert cannot be asked for companies by taxation", id="match taxation"),
        pytest.param("match: [[company_name, iban]]", "6:24 `company` does not set iban", id="match not set"),
        pytest.param("match: [emal]", '6:9 a company has no field "emal"; did you mean email', id="match name"),
        pytest.param(
            "match: [[company_name, address_invoice_country]]", "6:24 Kanbert cannot be asked", id="match all"
        ),
        pytest.param(
            "source: {header_row: 0}", "6:22 a number from 1 to 1000000000000 is expected here, not 0", id="header 0"
        ),
        pytest.param(
            f"source: {{header_row: {10**12 + 1}}}",
            "6:22 a number from 1 to 1000000000000 is expected",
            id="header beyond",
        ),
        pytest.param("source: {header_row: '1'}", '6:22 a whole number is expected here, not "1"', id="header text"),
        pytest.param("source: {delimiter: ';;'}", "6:21 this is too long; 1 character at most", id="delimiter"),
        pytest.param("source: {encoding: utf9}", '6:20 there is no encoding "utf9"; did you mean utf-8', id="encoding"),
        pytest.param('source: {encoding: "a\\0b"}', "6:20 there is no encoding", id="encoding with NUL"),
        pytest.param("source: {columns: {a: x, b: X}}", '6:29 "X" is a spelling of "a" already', id="spelling"),
        pytest.param("source: {columns: [a]}", "6:10 an object with names", id="columns list"),
        pytest.param("duplicates: frist", '6:13 "frist" is not known here; did you mean first?', id="duplicates"),
        pytest.param("blank: 1", '6:8 "1" is not known here; write keep or clear', id="blank number"),
        pytest.param('name: "a\\ud800"', "6:7 this has a broken character", id="surrogate"),
        pytest.param("name: [a]", "6:1 a list cannot stand here; text is expected", id="name list"),
        pytest.param("name: {a: b}", "6:1 an object cannot stand here; text is expected", id="name object"),
        pytest.param("tests: [{row: {a: [b]}}]", "6:16 a list cannot stand here", id="test cell list"),
        pytest.param("tests: [{row: {}, tags: [1]}]", "6:26 YAML does not read 1 as text", id="test tag"),
        pytest.param("tests: true", "6:8 a list is expected here, not true", id="tests true"),
        pytest.param("skip: {when: x}", "6:1 a list is expected here, not an object", id="skip object"),
        pytest.param("source: [a]", "6:1 an object is expected here, not a list", id="source list"),
        pytest.param("skip: [null]", "6:8 an object is expected here, not nothing", id="skip nothing"),
        pytest.param("tets: []", '6:1 "tets" is no word of the language here; did you mean tests?', id="section"),
        pytest.param("tests: [{company: {}}]", "6:9 `row` is missing", id="test row"),
        pytest.param("tests: [{row: {a: 0123}}]", "6:19 YAML does not read 0123 as text", id="test cell"),
        pytest.param("tests: [{row: {}, company: {nam: x}}]", '6:29 a company has no field "nam"', id="test field"),
        pytest.param(
            "tests: [{row: {}, company: {iban: 5}}]", "6:35 iban is sent as text; put it in quotes", id="test int"
        ),
        pytest.param("tests: [{row: {}, refused: [to-long]}]", '6:29 there is no issue code "to-long"; did', id="code"),
        pytest.param("tests: [{row: {}, skipped: false}]", '6:28 "false" is not known here; write true', id="skipped"),
        pytest.param("tests: [{row: {}, skipped: true, tags: []}]", "6:9 a test expects one of", id="two ends"),
    ],
)
def test_a_mistake_is_named_where_it_stands(text: str, problem: str, problems: Callable[[str], list[str]]) -> None:
    found = problems(TOP + text)
    assert any(line.startswith(problem) for line in found), found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            TOP.replace("version: 1\n", ""),
            ["1:1 `version: 1` is missing; it says which version of the language this is"],
            id="no version",
        ),
        pytest.param(
            TOP.replace("version: 1", "version: 2"), ['1:10 "2" is not known here; write 1'], id="later version"
        ),
        pytest.param(
            TOP.replace("target: {external_origin: old}\n", ""),
            ["1:1 `target` with `external_origin` is missing; it says which system the external_ids come from"],
            id="no target",
        ),
        pytest.param(
            TOP.replace("external_origin: old", ""),
            [
                "2:1 `external_origin` is missing; it says which system the external_ids come from, and is never left to the server's default: another token would not find the companies again"
            ],
            id="no origin",
        ),
        pytest.param(
            TOP.replace("old", "'old '"),
            ["2:27 this cannot be sent as it stands: it has blanks around it, which Kanbert would trim off"],
            id="origin with blanks",
        ),
        pytest.param(
            TOP.replace("old", '"a\\x01b"'),
            ["2:27 this cannot be sent as it stands: it has the control character U+0001"],
            id="origin with a control character",
        ),
        pytest.param(
            TOP.replace("old", "x" * 256), ["2:27 this is too long; 255 characters at most"], id="long origin"
        ),
        pytest.param(
            "version: 1\ntarget: {external_origin: old}\ncompany:\n",
            ["3:1 `company` is missing; it says which columns go to which fields"],
            id="no company",
        ),
        pytest.param(
            "version: 1\ntarget: {external_origin: old}\ncompany: {}\n",
            [
                "3:1 `company` lacks company_name: Kanbert requires it of every company",
                "3:1 `company` lacks external_id: it is the company's name in the source, by which a second run finds it again",
            ],
            id="empty company",
        ),
        pytest.param(
            TOP.replace("external_id: id", "external_id: {value: '1', on_invalid: keep}"),
            [
                "4:24 external_id must differ from row to row; a fixed value would make all of them one company",
                "4:41 an external_id that is not right is always refused",
            ],
            id="fixed identity",
        ),
        pytest.param(
            TOP.replace("external_id: id", "external_id: {first_of: [id, {value: '1'}]}"),
            ["4:40 external_id must differ from row to row; a fixed value would make all of them one company"],
            id="fixed identity inside",
        ),
    ],
)
def test_what_every_mapping_needs_is_missed_with_the_reason(
    text: str, found: list[str], problems: Callable[[str], list[str]]
) -> None:
    assert problems(text) == found


def test_all_mistakes_are_shown_at_once_in_the_order_of_the_file(problems: Callable[[str], list[str]]) -> None:
    found = problems(
        TOP + "  fax: {from: x, as: fone}\n  phone: {form: x}\n  bic: '{x'\n  fax: y\n  taxation: {value: perhaps}\n"
        "duplicates: frist\ntags: [{from: x}, {value: 1}, 7]\ncustom_fields: {a: [], b: '{'}\n"
        "skip: [{when: {}, reason: x}]\nmatch: [phon]\ntests: [{row: 1}, {row: {}, refused: [x]}]\n"
    )
    places = [tuple(map(int, line.split(" ")[0].split(":"))) for line in found]
    assert places == sorted(places)
    assert [line for line, _ in places] == [6, 7, 8, 9, 10, 11, 12, 12, 13, 13, 14, 15, 16, 16]


# ── a header ──


ELSEWHERE = ". If these are not the column names, say where they stand with `header_row` or `sheet` under `source`"


def test_all_columns_that_are_not_there_are_named_where_they_are_used(load: Callable[[str], Mapping]) -> None:
    mapping = load(
        TOP + "  fax: {from: Telefx}\n  bic: '{a} {Bik}'\n"
        "tags: [{value: x, when: {not: {column: nope, blank: true}}}]\n"
        "source: {columns: {id: [Nummer, Nr.], unused: [Never There]}}\n"
    )
    with pytest.raises(MappingError) as caught:
        mapping.compile(["Telefax", "a", "BIC", "name"], file="a.csv")
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(4, 16), (6, 15), (7, 8), (8, 40)]
    assert [problem.message for problem in caught.value.problems] == [
        'the file has no column for "id"; looked for "Nummer", "Nr." and "id"; its columns are "Telefax", "a", "BIC" and "name"'
        + ELSEWHERE,
        'the file has no column "Telefx"; did you mean "Telefax"?',
        'the file has no column "Bik"; did you mean "BIC"?',
        'the file has no column "nope"; its columns are "Telefax", "a", "BIC" and "name"' + ELSEWHERE,
    ]


def test_a_mapper_knows_which_columns_and_fields_it_uses(load: Callable[[str], Mapping]) -> None:
    text = TOP + "  phone: tel\ntags: [{value: x, when: {column: a, blank: true}}]\ncustom_fields: {kvk: '{a}{b}'}\n"
    mapper = load(text).compile(("b", "c", "Tel.", "a", "ID", "Name", "d"), file="a.csv")
    assert mapper.used_columns == ("b", "Tel.", "a", "ID", "Name")
    assert mapper.unused_columns == ("c", "d")
    assert mapper.fields == ("external_id", "external_origin", "company_name", "phone", "tags", "custom_fields")


def test_one_mapping_compiles_for_any_number_of_headers(load: Callable[[str], Mapping]) -> None:
    mapping = load(TOP)
    first = mapping.compile(("id", "name"), file="a.csv").map(row_of("1", "ACME"))
    second = mapping.compile(("Name", "x", "ID"), file="b.csv").map(row_of("ACME", "", "1"))
    assert first == second
