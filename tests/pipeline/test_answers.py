"""What Kanbert made of a write: nothing that arrived otherwise is overlooked, however quickly the usual is passed over."""

from __future__ import annotations

from hypothesis import assume, given, strategies as st

from importer.company import FIELDS, IDENTITY, Remote, arrived_otherwise, not_shown_after
from importer.model import Code, Json
from importer.pipeline.answers import Sent, differences
from tests.fakes.nouns import place, stored, work

WORK = work("k1")
SMALL = st.sampled_from(["", " a", "a", "A", "b", "1", 1, 2, True, 1.0, None])
OBJECTS = st.dictionaries(st.sampled_from(["id", "code", "name", "title"]), SMALL, max_size=3)
VALUES = SMALL | OBJECTS | st.lists(SMALL | OBJECTS, max_size=2)


@given(
    st.sampled_from(sorted(FIELDS.keys() - IDENTITY)), VALUES, VALUES, st.sampled_from(["sent", "read", "otherwise"])
)
def test_no_difference_is_overlooked(name: str, wanted: Json, other: Json, as_it_was: str) -> None:
    assume(name == "custom_fields" or not isinstance(wanted, dict))  # of the others, none is sent as an object
    body, key = {name: wanted}, FIELDS[name].reads_as
    shown = {"sent": wanted, "read": stored(body).body[key], "otherwise": other}[as_it_was]
    for answer in ({key: shown}, {name: shown}):
        remote = Remote("7", None, None, None, archived=False, body=answer)
        issues = list(differences(Sent(remote, body), place, WORK))
        told = [issue.field for issue in issues if issue.code is Code.NOT_SHOWN]
        assert told == [*not_shown_after(body, answer)]
        assert (len(issues) > len(told)) == bool(arrived_otherwise(body, answer))
