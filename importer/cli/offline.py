"""`check`, `preview` and `validate`: nothing leaves this machine."""

from __future__ import annotations

import json as jsonlib
import shutil
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from importer.cli import options
from importer.cli.endings import Concluded, Output, attempted, concluded, desk_of, print_document, readers_may_leave
from importer.errors import Exit, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importer.commands.offline import Checked, Coverage
    from importer.journal import MappedRow
    from importer.model import Issue, IssueGroup, Json, SourceInfo

__all__ = ["check", "preview", "validate"]

_PREVIEWED = 5  # rows, where the user does not say


def validate(
    file: options.File,
    mapping: options.MappingOption,
    decisions: options.Decisions = None,
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    source_token_file: options.SourceTokenFile = None,
    include_archived: options.IncludeArchived = False,
    limit: options.Limit = None,
    rows: options.Rows = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    no_progress: options.NoProgress = False,
) -> None:
    """Map every row, offline, and say what would be refused, and why.

    With --decisions, write the values that no rule settles to that file, to be decided there once for all rows.

    Example: kanbert-import validate contacts.xlsx -m mappings/moneybird.yaml
    """
    from importer.commands import offline
    from importer.commands.settings import Fetching, Job
    from importer.mapping import SourceSettings

    said, fetching = (
        SourceSettings(sheet, header_row, encoding, delimiter),
        Fetching(source_token_file, include_archived),
    )
    job = Job(file, mapping, limit, decisions, said, rows, fetching)
    output = Output(json=json, quiet=quiet, progress=not no_progress)
    concluded("validate", output, lambda desk: offline.validate(job, desk))


def preview(
    file: options.File,
    mapping: options.MappingOption,
    decisions: options.Decisions = None,
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    source_token_file: options.SourceTokenFile = None,
    include_archived: options.IncludeArchived = False,
    number: Annotated[
        int | None,
        typer.Option(
            "-n",
            min=0,
            max=options.MOST_ROWS,
            metavar="N",
            help="How many rows; 0 is all.  [default: 5, or all of --rows]",
            show_default=False,
        ),
    ] = None,
    row: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=options.MOST_ROWS,
            metavar="ROW",
            help="One row, by its number in the file.",
            show_default=False,
        ),
    ] = None,
    rows: options.Rows = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON document for each row, one a line.")] = False,
) -> None:
    """Show rows as they would be sent, side by side with their cells.

    Example: kanbert-import preview contacts.xlsx -m mappings/moneybird.yaml --row 17
    """
    from importer.commands import offline
    from importer.commands.settings import Fetching, Job
    from importer.mapping import SourceSettings

    said, fetching = (
        SourceSettings(sheet, header_row, encoding, delimiter),
        Fetching(source_token_file, include_archived),
    )
    job = Job(file, mapping, decisions=decisions, reading=said, rows=rows, fetching=fetching)
    output = Output(json=json, quiet=True, lines=True)
    first = (0 if rows else _PREVIEWED) if number is None else number
    previewed = offline.preview(job, desk_of(output), first=first, row=row)

    def following() -> tuple[SourceInfo, MappedRow] | None:
        return attempted("preview", output, lambda: next(previewed, None))

    with readers_may_leave():
        shown = 0
        while (found := following()) is not None:
            if not shown:
                _say(found[0].notes)
            shown += 1
            for line in _preview_lines(*found, json=json):
                typer.echo(line)
        if not shown:
            attempted("preview", output, lambda: _check_shown(job.source[0], row, rows))
            if not json:
                typer.echo(f"{job.source[0]} has a header, and no row below it.")


def _say(notes: Iterable[str]) -> None:
    """Say beside the rows what is to be known of the file."""
    from importer.model import harmless

    for note in notes:
        typer.echo(harmless(note), err=True)


def _check_shown(file: str, row: int | None, rows: str | None) -> None:
    asked = f"row {row}" if row is not None else f"row in {rows}" if rows else ""
    if asked:
        message = f"{file} has no {asked} with data. Rows are counted as the file's own program shows them."
        raise UsageError(message)


def _preview_lines(source: SourceInfo, mapped: MappedRow, *, json: bool) -> Iterator[str]:
    if json:
        from importer.report import json_text

        yield json_text(_row_document(source, mapped))
    else:
        yield from _side_by_side(source, mapped)


def _row_document(source: SourceInfo, mapped: MappedRow) -> dict[str, Json]:
    from importer.report import issue_document

    return {
        "row": mapped.number,
        "external_id": mapped.external_id,
        "payload": mapped.payload,
        "issues": [
            issue_document(issue, source.address(issue.location.column, mapped.number)) for issue in mapped.issues
        ],
    }


def _side_by_side(source: SourceInfo, mapped: MappedRow) -> Iterator[str]:
    from importer.model import shortened

    half = max(shutil.get_terminal_size((100, 24)).columns // 2 - 2, 24)
    yield f"row {mapped.number}" + ("" if mapped.payload is not None else "  (would not be sent)")
    cells = [
        shortened(f"{column}: {cell}", half)
        for column, cell in zip(source.columns, mapped.cells, strict=True)
        if cell not in {None, ""}
    ]
    fields = [shortened(f"{name}: {_shown(value)}", half) for name, value in (mapped.payload or {}).items()]
    for left, right in zip_longest(cells, fields, fillvalue=""):
        yield f"  {left:<{half}} {right}".rstrip()
    for issue in mapped.issues:
        yield f"  {issue.severity}{_place(source, mapped.number, issue)}: {issue.code}: {issue.message}"
        yield f"    {issue.hint}"
    yield ""


def _place(source: SourceInfo, row: int, issue: Issue) -> str:
    column = issue.location.column
    place = f"column {column}" if source.sheet is None and column else source.address(column, row)
    return f" in {place}" if place else ""


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else jsonlib.dumps(value, ensure_ascii=False)


def check(
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING", help="The mapping file (YAML).", show_default=False)],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A file to measure its coverage of.", show_default=False)
    ] = None,
    decisions: options.Decisions = None,
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    source_token_file: options.SourceTokenFile = None,
    include_archived: options.IncludeArchived = False,
    json: options.Json = False,
) -> None:
    """Find the mistakes in a mapping, and run its own tests.

    With FILE, measure what the mapping covers of it, row by row: rows with the same external_id are found by validate.

    Example: kanbert-import check mappings/moneybird.yaml contacts.xlsx
    """
    from importer.commands import offline
    from importer.commands.settings import Fetching
    from importer.mapping import SourceSettings

    output, said = Output(json=json, quiet=True), SourceSettings(sheet, header_row, encoding, delimiter)
    fetching = Fetching(source_token_file, include_archived)
    checked = attempted(
        "check", output, lambda: offline.check(mapping, file, desk_of(output), decisions, said, fetching)
    )
    code = Exit.USAGE if checked.failures else Exit.OK
    with readers_may_leave(code):
        if json:
            print_document(_check_document(checked, code))
        else:
            for line in _check_lines(checked):
                typer.echo(line)
    raise Concluded(int(code))


def _check_document(checked: Checked, code: Exit) -> dict[str, Json]:
    from importer.report import FileFact, Summary, document

    coverage = checked.coverage
    summary = Summary(
        command="check",
        exit_code=code,
        mapping=FileFact(checked.path, checked.sha256),
        source=coverage.source if coverage else None,
        rows=coverage.rows if coverage else None,
        columns=coverage.columns if coverage else (),
    )
    tests: dict[str, Json] = {"total": checked.tests, "failures": [str(failure) for failure in checked.failures]}
    return {**document(summary), "tests": tests, "coverage": _coverage_document(coverage) if coverage else None}


def _coverage_document(coverage: Coverage) -> dict[str, Json]:
    return {
        "unused_columns": list(coverage.unused_columns),
        "unused_filled": {column: coverage.left[column] for column in coverage.unused_columns},
        "unset_fields": list(coverage.unset_fields),
        "sources": dict(coverage.sources),
        "filled": dict(coverage.filled),
        "longest": dict(coverage.longest),
        "never": [
            {"file": one.file, "line": one.line, "column": one.column, "message": one.message} for one in coverage.never
        ],
        "refused": coverage.refused,
        "skipped": coverage.skipped,
    }


def _check_lines(checked: Checked) -> Iterator[str]:
    passed = checked.tests - len(checked.failures)
    yield f"{checked.path}: no mistakes in the language; {passed} of {checked.tests} of its own tests pass."
    for failure in checked.failures:
        yield f"test {failure.number}:"
        for difference in failure.differences:
            yield f"  {checked.path}:{difference.line}:{difference.column}: {difference}"
    if checked.coverage is not None:
        yield ""
        yield from _coverage_lines(checked.coverage)


def _coverage_lines(coverage: Coverage) -> Iterator[str]:
    from importer.model import plural

    without = (
        f"{coverage.refused} refused, {coverage.skipped} skipped (`validate` says why, and finds duplicates as well)"
    )
    yield f"{coverage.source.path}: {plural(coverage.rows, 'row')}, {without}"
    yield f"columns not used: {'' if coverage.unused_columns else 'none'}".rstrip()
    for column in coverage.unused_columns:
        count = coverage.left[column]
        what = (
            f'{plural(count, "row has", "rows have")} something, the first "{coverage.samples[column]}"'
            if count
            else "always empty"
        )
        yield f"  {column:<32} {what}"
    yield f"fields never set: {', '.join(coverage.unset_fields) or 'none'}"
    yield "fields set, in how many rows, and from which column:"
    for name, source in coverage.sources.items():
        count = coverage.filled[name]
        share = count / max(coverage.rows - coverage.refused - coverage.skipped, 1)
        yield f"  {name:<32} {count:>8}  {share:>4.0%}  {source or ''}".rstrip()
    for name, length, limit in coverage.near_limit():
        yield f"near the limit: {name} has up to {length} of {limit} characters"
    for group in coverage.columns:
        rows = f" ({_rows(group)})" if group.first_rows else ""
        yield f"column {group.column}: {group.code}: {group.message}{rows}"
    for one in coverage.never:
        yield f"{one.file}:{one.line}:{one.column}: {one.message}"


def _rows(group: IssueGroup) -> str:
    first = ", ".join(map(str, group.first_rows))
    more = group.count - len(group.first_rows)
    return f"row{'s' * (group.count > 1)} {first}" + (f" and {more} more" if more else "")
