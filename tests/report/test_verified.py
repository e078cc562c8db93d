"""What a look found, laid out: narrow and wide, cut and whole."""

from __future__ import annotations

import pytest

from importer.model import Change, Code, Issue, Location
from importer.report import RequestFact, Summary, VerifiedFact, VerifiedRow, document, summary_lines

PLACE = Location("contacts.csv", None, 2, "Telefoon")
GOLDEN = """\
verified     50,000
  = same     49,986  as the mapping wants it
  * differs      12  with differences
  + missing       1  missing: nobody holds the external_id
  ! error         1  not to be told
  ? open        250
not compared: 3 refused by the mapping, 2 skipped

Fields that differ:
  12 x fax
   9 x phone

Not compared, since Kanbert's answers do not show it:
  1,000 x tags

Differences, wanted -> in Kanbert: 12 rows
* row 2, K-2, company 2
    phone: "1" -> nothing
    fax: nothing -> "9"
"""


def row(number: int, kind: str = "differs", fields: int = 2) -> VerifiedRow:
    names = ["phone", "fax", *(f"custom_fields.f{n}" for n in range(fields - 2))]
    changes = [Change(name, None, "1") if n % 2 == 0 else Change(name, "9", None) for n, name in enumerate(names)]
    issue = Issue.of(Code.MISSING_IN_KANBERT, PLACE, field="external_id", value=f"K-{number}")
    missing = kind != "differs"
    return VerifiedRow(
        kind, number, f"K-{number}", str(number), () if missing else tuple(changes), (issue,) if missing else ()
    )


def fact(*rows: VerifiedRow, full: bool = False) -> VerifiedFact:
    return VerifiedFact(
        counts={"same": 49_986, "differs": 12, "missing": 1, "error": 1},
        wanted=50_250,
        refused=3,
        skipped=2,
        fields={"phone": 9, "fax": 12},
        hidden={"tags": 1000},
        rows=rows,
        full=full,
    )


def shown(found: VerifiedFact, width: int = 100) -> str:
    summary = Summary(command="verify", exit_code=1, verified=found, requests=RequestFact(total=5, read=5))
    return "\n".join(summary_lines(summary, width=width, colour=False))


ROWS = [*(row(n) for n in range(2, 14)), row(14, "missing"), row(15, "error")]


def test_a_look_at_fifty_thousand_rows_is_read_at_a_glance() -> None:
    text = shown(fact(*ROWS))
    assert text.startswith(GOLDEN)
    assert text.count("* row ") == 10
    assert "  and 2 more: --full shows them, the report has them" in text
    assert '+ row 14, K-14, company 14\n    no company holds external_id "K-14" under our origin' in text
    assert text.endswith("in 0.0 s, 5 requests (5 read, 0 write)")


def test_all_rows_are_shown_when_they_are_asked_for() -> None:
    text = shown(fact(*ROWS, full=True))
    assert (text.count("* row "), text.count("more")) == (12, 0)


def test_of_many_fields_a_sample_shows_six() -> None:
    one = row(2, fields=9)
    assert "    and 3 more fields" in shown(fact(one))
    assert shown(fact(one, full=True)).count(" -> ") == 10  # the title has one


@pytest.mark.parametrize("width", [24, 40, 60, 80, 200])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    assert max(map(len, shown(fact(*ROWS), width).splitlines())) <= width


def test_a_cut_list_says_so_in_json() -> None:
    whole, cut = fact(*ROWS), fact(*ROWS[:5])
    documents = [document(Summary(command="verify", exit_code=1, verified=one))["verified"] for one in (whole, cut)]
    assert [isinstance(one, dict) and one.get("rows_cut") for one in documents] == [None, True]
