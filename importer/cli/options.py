"""Arguments and options that several commands share, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "MOST_ROWS",
    "Archived",
    "Canary",
    "Concurrency",
    "Decisions",
    "Delimiter",
    "Encoding",
    "File",
    "HeaderRow",
    "IncludeArchived",
    "JournalArgument",
    "JournalOption",
    "Json",
    "Limit",
    "Lookup",
    "MappingOption",
    "MaxAge",
    "MaxErrorRate",
    "MaxErrors",
    "NoProgress",
    "OptionalFile",
    "OptionalMapping",
    "OptionalTo",
    "Quiet",
    "Rate",
    "Rows",
    "Sheet",
    "SinceLast",
    "SourceTokenFile",
    "To",
    "TokenFile",
    "Yes",
]

MOST_ROWS = 10**12  # no file has more, and every sum with it is a number that `islice` and SQLite take

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="The CSV or .xlsx file to import, or moneybird://ADMINISTRATION_ID.", show_default=False
    ),
]
MappingOption = Annotated[
    Path, typer.Option("--mapping", "-m", metavar="MAPPING", help="The mapping file (YAML).", show_default=False)
]
OptionalFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE", help="The CSV or .xlsx file to import, or moneybird://ADMINISTRATION_ID.", show_default=False
    ),
]
OptionalMapping = Annotated[
    Path | None,
    typer.Option("--mapping", "-m", metavar="MAPPING", help="The mapping file (YAML).", show_default=False),
]
Decisions = Annotated[
    Path | None,
    typer.Option(
        "--decisions",
        metavar="DECISIONS",
        help="What is sent for values that no rule of the mapping settles; `validate` writes it.",
        show_default=False,
    ),
]
JournalArgument = Annotated[
    Path, typer.Argument(metavar="JOURNAL", help="The journal of an earlier run.", show_default=False)
]
_TO = "Where to: the API's address, `kanbert` (production), or `sandbox` (a local Kanbert, kept in kanbert-sandbox.db)."
To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="TARGET",
        help=_TO,
        show_default=False,
    ),
]
OptionalTo = Annotated[str | None, typer.Option("--to", metavar="TARGET", help=_TO, show_default=False)]
JournalOption = Annotated[
    Path | None,
    typer.Option(
        "--journal", metavar="PATH", help="The journal.  [default: the file's name with .journal]", show_default=False
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="PATH",
        help="A file that holds the token, instead of KANBERT_TOKEN.",
        show_default=False,
    ),
]
SourceTokenFile = Annotated[
    Path | None,
    typer.Option(
        "--source-token-file",
        metavar="PATH",
        help="A file that holds Moneybird's token, instead of MONEYBIRD_TOKEN.",
        show_default=False,
    ),
]
IncludeArchived = Annotated[
    bool, typer.Option("--include-archived", help="Of Moneybird, the archived contacts as well.")
]
SinceLast = Annotated[
    bool,
    typer.Option(
        "--since-last", help="Fetch only the contacts of Moneybird that changed since the journal's last run."
    ),
]
Concurrency = Annotated[int, typer.Option(min=1, max=256, metavar="N", help="Most requests in flight.")]
Rate = Annotated[float | None, typer.Option(min=0.001, metavar="N", help="Most requests a second.", show_default=False)]
MaxAge = Annotated[
    float,
    typer.Option(
        min=0.0,
        metavar="SECONDS",
        help="Before an update, read a company again of which what was read is older than this.",
    ),
]
MaxErrors = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=MOST_ROWS,
        metavar="N",
        help="Stop when more rows than this have errors, those that the mapping refuses included.",
        show_default=False,
    ),
]
MaxErrorRate = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        metavar="P",
        help="Stop when more than this share of rows (0 to 1) has errors: of the whole file before anything is sent, "
        "then of those taken up, once they are 50.",
        show_default=False,
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option("--sheet", metavar="NAME", help="The workbook's sheet.  [default: detected]", show_default=False),
]
HeaderRow = Annotated[
    int | None,
    typer.Option(
        "--header-row",
        min=1,
        max=MOST_ROWS,
        metavar="ROW",
        help="The row that holds the column names.  [default: detected]",
        show_default=False,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        metavar="NAME",
        help="The encoding of a CSV file, such as utf-8 or cp1252.  [default: detected]",
        show_default=False,
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        "--delimiter",
        metavar="CHARACTER",
        help="What parts the cells of a CSV file, or the word tab.  [default: detected]",
        show_default=False,
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_ROWS, metavar="N", help="Only the first N rows.", show_default=False),
]
Rows = Annotated[
    str | None,
    typer.Option(
        "--rows",
        metavar="ROWS",
        help="Only these rows, by the numbers that the spreadsheet shows: 2-100,250 or 250- for all from there on.",
        show_default=False,
    ),
]
Canary = Annotated[
    bool,
    typer.Option(
        "--canary",
        help="First the fewest rows that make use of everything in the mapping; read them back, and ask before the others.",
    ),
]
Lookup = Annotated[
    Literal["auto", "rows", "list"],
    typer.Option(
        help="How companies are found: one look-up a row, the whole space listed once, or whichever is cheaper."
    ),
]
Archived = Annotated[
    Literal["report", "restore"],
    typer.Option(help="What to do with a company that is archived in Kanbert: report the row, or restore it."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages, results alone.")]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="No progress.")]
