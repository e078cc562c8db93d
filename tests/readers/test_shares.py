"""Every second or third block of the rows of a CSV file: together the shares are all rows, and the same errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from hypothesis import HealthCheck, example, given, settings, strategies as st

from importer.errors import SourceError
from importer.model import Row
from importer.readers import BLOCK, ReaderOptions, ShareableSource, open_source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ROWS = 3 * BLOCK
_ESCAPED = '{0},"with \\"escapes\\"",c'  # and so a line break can be escaped
_ODD = (
    '{0},"in quotes, with a comma",c',
    '{0},"over\ntwo lines",c',
    '{0},"over\n\nfour\n""lines""",c',
    '{0},"rows\n1,b,c\n2,b,c",c',
    '{0},5" pipe,c',
    '{0},"a"b,c',
    '{0},"never closed,c',
    "{0},back\\slash,c\\",
    _ESCAPED,
    "{0},over\\\ntwo lines,c",
    "",
    ",,",
    "{0}",
    "{0},b,c,d",
    "id,name,note",
)
_BORDERS = [place for block in (1, 2) for place in range(block * BLOCK - 5, block * BLOCK + 3)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    odd=st.dictionaries(st.sampled_from(_BORDERS) | st.integers(0, _ROWS - 1), st.sampled_from(_ODD), max_size=4),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    of=st.sampled_from([2, 3]),
)
@example(odd={BLOCK - 3: '{0},"a"b,c'}, newline="\n", of=2)  # its error is raised on the border of two blocks
@example(odd={BLOCK - 3: '{0},"over\ntwo lines",c'}, newline="\n", of=2)
@example(odd={1: _ESCAPED, BLOCK + 9: "{0},over\\\ntwo lines,c"}, newline="\n", of=2)
def test_shares_of_a_file_are_all_of_it(tmp_path: Path, odd: dict[int, str], newline: str, of: int) -> None:
    path = tmp_path / "f.csv"
    lines = ["id,name,note", *(odd.get(place, "{0},b,c").format(place) for place in range(_ROWS))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline=newline)
    try:
        with open_source(path, ReaderOptions()) as source:
            shareable = cast("ShareableSource", source)
            whole, end = _until_the_end(source.rows())
            blank = source.blank_rows
            shares = [(*_until_the_end(shareable.share(number, of)), source.blank_rows) for number in range(of)]
    except SourceError:
        return  # the head of it tells enough; no row is read
    together = sorted((row for rows, _, _ in shares for row in rows), key=lambda row: row.number)
    assert together[: len(whole)] == whole
    if not end:
        assert (len(together), sum(blank for _, _, blank in shares)) == (len(whole), blank)
    assert {end for _, end, _ in shares} >= {end}


def _until_the_end(rows: Iterable[Row]) -> tuple[list[Row], str]:
    """The rows, and the error that ends them."""
    found = list[Row]()
    try:
        for row in rows:
            found.append(row)
    except SourceError as error:
        return found, str(error)
    return found, ""
