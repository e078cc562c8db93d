"""What can be wrong with data: the codes, how much each weighs, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TEMPLATES", "Code", "Severity", "Template"]


class Severity(StrEnum):
    """How much an issue weighs."""

    ERROR = "error"  # the row is not in Kanbert as the file has it
    WARNING = "warning"  # it is, but somebody should look
    INFO = "info"  # said for completeness, such as why a row was skipped


class Code(StrEnum):
    """What can be wrong with data. Stable and public; README lists each one."""

    EXTRA_CELLS = "extra-cells"
    MISSING_CELLS = "missing-cells"
    BAD_QUOTES = "bad-quotes"
    NOT_DATA = "not-data"
    ERROR_CELL = "error-cell"
    NO_STORED_RESULT = "no-stored-result"

    MISSING_REQUIRED = "missing-required"
    BAD_EXTERNAL_ID = "bad-external-id"
    DAMAGED_NUMBER = "damaged-number"
    TOO_LONG = "too-long"
    NOT_TEXT = "not-text"
    NOT_AN_INTEGER = "not-an-integer"
    NOT_A_DECIMAL = "not-a-decimal"
    NOT_A_BOOLEAN = "not-a-boolean"
    NOT_A_DATE = "not-a-date"
    NOT_A_COUNTRY = "not-a-country"
    NOT_AN_EMAIL = "not-an-email"
    NOT_A_URL = "not-a-url"
    NOT_A_DATETIME = "not-a-datetime"
    NOT_A_VAT_ID = "not-a-vat-id"
    NOT_AN_IBAN = "not-an-iban"
    NOT_A_BIC = "not-a-bic"
    NOT_A_PHONE = "not-a-phone"
    NOT_A_LOCALE = "not-a-locale"
    NOT_SPLIT = "not-split"
    COMPLETED = "completed"
    NOT_IN_MAP = "not-in-map"
    KEPT_AS_IS = "kept-as-is"
    LEFT_BLANK = "left-blank"
    DUPLICATE_IN_FILE = "duplicate-in-file"
    ALIKE_IN_FILE = "alike-in-file"
    SKIPPED_BY_RULE = "skipped-by-rule"

    AMBIGUOUS_DATES = "ambiguous-dates"
    CONTRADICTING_DATES = "contradicting-dates"
    SHORT_YEARS = "short-years"
    DATES_AND_TEXT = "dates-and-text"
    AMBIGUOUS_NUMBERS = "ambiguous-numbers"
    LOST_ZEROS = "lost-zeros"
    SCIENTIFIC_NOTATION = "scientific-notation"
    MOJIBAKE = "mojibake"
    NUMBERS_AND_TEXT = "numbers-and-text"
    CONSTANT_COLUMN = "constant-column"
    READ_BY_COLUMN = "read-by-column"

    ARCHIVED_IN_KANBERT = "archived-in-kanbert"
    HELD_ELSEWHERE = "held-elsewhere"
    HELD_TWICE = "held-twice"
    SEVERAL_MATCHES = "several-matches"
    MATCH_IS_TAKEN = "match-is-taken"
    UNKNOWN_CLIENT = "unknown-client"
    SEVERAL_CLIENTS = "several-clients"
    OTHER_COMPANY_ANSWERED = "other-company-answered"
    REFUSED_BY_KANBERT = "refused-by-kanbert"
    GAVE_UP = "gave-up"
    OUTCOME_UNKNOWN = "outcome-unknown"
    STORED_DIFFERS = "stored-differs"
    NOT_SHOWN = "not-shown"
    CLEARED_UNASKED = "cleared-unasked"
    CHANGED_MEANWHILE = "changed-meanwhile"
    DIFFERS_IN_KANBERT = "differs-in-kanbert"
    MISSING_IN_KANBERT = "missing-in-kanbert"
    HELD_BY_ANOTHER = "held-by-another"
    STALE_PLAN = "stale-plan"
    OUR_BUG = "our-bug"

    CHANGED_SINCE = "changed-since"
    OFFER_REFERS = "offer-refers"
    NOT_PUT_BACK = "not-put-back"


@dataclass(frozen=True, slots=True)
class Template:
    """How an issue of one code reads; `message` takes `{detail}` and the other facts of `Issue.of`."""

    severity: Severity
    message: str
    hint: str


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO
_AGAIN = "Correct the cell and give the corrected rows back with `retry --rows`, or change the mapping and `retry`."

TEMPLATES: Mapping[Code, Template] = {
    Code.EXTRA_CELLS: Template(
        _E,
        "the row has {detail} more than the header",
        "Look in this row for a missing quote or an unquoted delimiter.",
    ),
    Code.MISSING_CELLS: Template(
        _W,
        "the row ends {detail} before the header does; they count as empty",
        "Check that the row is complete in the program that wrote the file.",
    ),
    Code.BAD_QUOTES: Template(
        _E,
        "the quotation marks in the row do not match, so its cells are doubtful{detail}",
        'Inside a quoted cell write a " twice, or remove it.',
    ),
    Code.NOT_DATA: Template(
        _E,
        "the row is no data, as it seems: it {detail}",
        "Delete the row from the file; if it is a company, fill in its other cells.",
    ),
    Code.ERROR_CELL: Template(
        _E, "the cell holds the error {value}", "Repair the formula in the spreadsheet, or type the value."
    ),
    Code.NO_STORED_RESULT: Template(
        _E,
        "the formula in this cell has no stored result",
        "Open the workbook in Excel or LibreOffice once and save it.",
    ),
    Code.MISSING_REQUIRED: Template(
        _E, "{field} is empty, and Kanbert requires it", "Fill the cell, or name further columns with `first_of`."
    ),
    Code.BAD_EXTERNAL_ID: Template(
        _E,
        "{value} cannot be an external_id: {detail}",
        "Give the row another number, or map another column to external_id.",
    ),
    Code.DAMAGED_NUMBER: Template(
        _E,
        "{value} has lost digits: {detail}",
        "Export the column as text; a spreadsheet keeps only 15 digits of a number.",
    ),
    Code.TOO_LONG: Template(
        _E, "{field} has {detail}", "Shorten the text; Kanbert would refuse it, and nothing is cut without being asked."
    ),
    Code.NOT_TEXT: Template(_E, "{value} cannot be sent as text: {detail}", _AGAIN),
    Code.NOT_AN_INTEGER: Template(_E, "{value} is not a whole number: {detail}", _AGAIN),
    Code.NOT_A_DECIMAL: Template(_E, "{value} is not a number: {detail}", _AGAIN),
    Code.NOT_A_BOOLEAN: Template(
        _E, "{value} is neither yes nor no: {detail}", "Write yes or no, or translate the words with `map`."
    ),
    Code.NOT_A_DATE: Template(
        _E,
        "{value} is not a date: {detail}",
        "Write it as YYYY-MM-DD, or declare the order with `as: {{date: {{order: dmy}}}}`.",
    ),
    Code.NOT_A_COUNTRY: Template(
        _E,
        "{value} is not a country: {detail}",
        "Use the country's name or its two-letter code, or translate it with `map`.",
    ),
    Code.NOT_AN_EMAIL: Template(_E, "{value} is not an e-mail address: {detail}", _AGAIN),
    Code.NOT_A_URL: Template(_E, "{value} is not a web address: {detail}", _AGAIN),
    Code.NOT_A_DATETIME: Template(
        _E,
        "{value} is not a date with a time: {detail}",
        "Write it as YYYY-MM-DD HH:MM:SS, or declare order and time zone in `as: {{datetime: ...}}`.",
    ),
    Code.NOT_A_VAT_ID: Template(_E, "{value} is not a VAT id: {detail}", _AGAIN),
    Code.NOT_AN_IBAN: Template(_E, "{value} is not an IBAN: {detail}", _AGAIN),
    Code.NOT_A_BIC: Template(_E, "{value} is not a BIC: {detail}", _AGAIN),
    Code.NOT_A_PHONE: Template(
        _E,
        "{value} is not a phone number: {detail}",
        "Write it with its country, as +31 20 123 4567, or declare the `region`.",
    ),
    Code.NOT_A_LOCALE: Template(_E, "{value} is not a language: {detail}", _AGAIN),
    Code.NOT_SPLIT: Template(
        _E,
        "{value} cannot be split into street and house number: {detail}",
        "Put street and house number into columns of their own, or set `on_invalid: keep`.",
    ),
    Code.COMPLETED: Template(
        _W,
        "{field} is sent as {value}: {detail}",
        "Look whether the value is the right one; nothing else has to be done.",
    ),
    Code.NOT_IN_MAP: Template(
        _E,
        "{value} stands in no `map` of {field}{detail}",
        "Add the value to the mapping's `map`, or set `otherwise: keep`.",
    ),
    Code.KEPT_AS_IS: Template(
        _W, "{field} is sent as it stands: {detail}", "Look whether the value is good enough; `on_invalid` decides."
    ),
    Code.LEFT_BLANK: Template(
        _W, "{field} is left out: {detail}", "Look whether the value may be missing; `on_invalid` decides."
    ),
    Code.DUPLICATE_IN_FILE: Template(
        _E,
        "external_id {value} stands in more than one row: {detail}",
        "Keep one of the rows, or set `duplicates: first` or `last` in the mapping.",
    ),
    Code.ALIKE_IN_FILE: Template(
        _E,
        "external_id {value} differs from that of another row in case, accents or blanks alone: {detail}",
        "Kanbert may take both for one: give one row another external_id, or map a column whose values differ in more.",
    ),
    Code.SKIPPED_BY_RULE: Template(_I, "skipped: {detail}", "Change `skip` in the mapping if the row should go."),
    Code.AMBIGUOUS_DATES: Template(
        _W,
        "the column has dates such as {value}, day first or month first, and no cell of it settles which",
        "Look at the program that wrote the file, and declare the order: `as: {{date: {{order: dmy}}}}`, or `mdy`.",
    ),
    Code.CONTRADICTING_DATES: Template(
        _W,
        "the column has dates day first and dates month first; of the rarer ones is {value}",
        "Have the column exported in one form, best as YYYY-MM-DD: which of the others are swapped nobody can tell.",
    ),
    Code.SHORT_YEARS: Template(
        _W,
        "the column has years of two digits, as in {value}",
        "Say which hundred years are meant, as in `as: {{date: {{order: dmy, two_digit_from: 1950}}}}`.",
    ),
    Code.DATES_AND_TEXT: Template(
        _W,
        "some dates of the column are typed and some are text, such as {value}",
        "A spreadsheet may have swapped day and month in the typed ones: compare some of them with the original.",
    ),
    Code.AMBIGUOUS_NUMBERS: Template(
        _W,
        "the column has numbers such as {value}, and it is not settled which mark is the decimal separator",
        "Declare it: `as: {{decimal: {{decimal_comma: true}}}}`, or `false`.",
    ),
    Code.LOST_ZEROS: Template(
        _W,
        "some numbers of the column have fewer digits than the others, such as {value}{detail}",
        "A spreadsheet takes leading zeros away: export the column as text, or put them back there. Postal codes of countries with shorter ones are right.",
    ),
    Code.SCIENTIFIC_NOTATION: Template(
        _W,
        "the column has numbers such as {value}, whose last digits are lost",
        "Have the column exported as text; what a spreadsheet has shortened cannot be restored here.",
    ),
    Code.MOJIBAKE: Template(
        _W,
        "the column has text that was decoded wrongly before, such as {value}{detail}",
        "Export the file anew as UTF-8, or repair the text in the program it comes from; it is sent as it stands.",
    ),
    Code.NUMBERS_AND_TEXT: Template(
        _W,
        "the column has both numbers and text; of the rarer kind is {value}",
        "Look whether the numbers have lost leading zeros, and whether the text belongs there.",
    ),
    Code.CONSTANT_COLUMN: Template(
        _I, "every row that fills the column has {value}", "Nothing to do, if the column is the one that was meant."
    ),
    Code.READ_BY_COLUMN: Template(
        _I,
        "{value} and its like are read {detail}",
        "Declare it in the mapping (`order`, `decimal_comma`), so that it does not hang on one file.",
    ),
    Code.ARCHIVED_IN_KANBERT: Template(
        _E,
        "the company that holds external_id {value} is archived in Kanbert",
        "Run again with `--archived restore`, or restore it in Kanbert and `retry`.",
    ),
    Code.HELD_ELSEWHERE: Template(
        _E,
        "Kanbert does not let external_id {value} be used, but shows no company with it under our origin{detail}",
        "It may be archived (run again with `--archived restore`) or held under another origin: look in Kanbert, then `retry`.",
    ),
    Code.HELD_TWICE: Template(
        _E,
        "several companies in Kanbert hold external_id {value} under our origin: {detail}; nothing was written",
        "Merge or archive all but one of them in Kanbert, then `retry`.",
    ),
    Code.SEVERAL_MATCHES: Template(
        _E,
        "several companies in Kanbert match the row by `match`: {detail}; none was adopted, and none was created",
        "Give the right one external_id and origin of the row in Kanbert, or merge them, then `retry`.",
    ),
    Code.MATCH_IS_TAKEN: Template(
        _E,
        "the row matches by `match` {detail}; it was not taken over, and none was created",
        "If both are one company, leave the row out; if not, change the value they share or `match`, then `retry`.",
    ),
    Code.UNKNOWN_CLIENT: Template(
        _E,
        "no company in Kanbert has a client with the external_id {value}; nothing was sent",
        "Correct the external_id; or give one company to that client in Kanbert, which is how it is found, then `retry`.",
    ),
    Code.SEVERAL_CLIENTS: Template(
        _E,
        "several clients in Kanbert have the external_id {value}: {detail}; nothing was sent",
        "Say in the mapping whose clients are meant, `as: {{client: {{origin: ...}}}}`, then `retry -m`.",
    ),
    Code.OTHER_COMPANY_ANSWERED: Template(
        _E,
        "asked for external_id {value}, Kanbert answered with {detail}; nothing was written",
        "Two external_ids are alike to Kanbert (case, accents or digits): give one company another external_id.",
    ),
    Code.REFUSED_BY_KANBERT: Template(_E, "Kanbert refused {field}: {detail}", _AGAIN),
    Code.GAVE_UP: Template(_E, "gave up: {detail}", "Run `retry`: nothing was lost, the row is tried again."),
    Code.OUTCOME_UNKNOWN: Template(
        _E,
        "it is not known whether the write arrived: {detail}",
        "Run `retry`: the company is looked up before anything is sent again.",
    ),
    Code.STORED_DIFFERS: Template(
        _W, "Kanbert stored {detail} in {field} instead of {value}", "Compare the company in Kanbert with the row."
    ),
    Code.NOT_SHOWN: Template(
        _W,
        "Kanbert's answer does not show {field}: whether it is there as the row has it is not known",
        "Look at the company in Kanbert, and set the field there if it is wrong.",
    ),
    Code.CLEARED_UNASKED: Template(
        _E,
        "after an update that did not send them, Kanbert has these fields empty: {detail}; the run was stopped",
        "Look at this company in Kanbert. If nobody else emptied the fields, do not go on and tell us.",
    ),
    Code.CHANGED_MEANWHILE: Template(
        _I,
        "somebody else changed these fields of the company just before it was updated: {detail}; they were left alone",
        "Nothing to do, unless the same person changed a field that the row has as well: that was overwritten.",
    ),
    Code.DIFFERS_IN_KANBERT: Template(
        _E,
        "{field} differs: {detail}",
        "Somebody changed it there, or Kanbert did when it was written: `explain` tells. `run` writes it as the file has it.",
    ),
    Code.MISSING_IN_KANBERT: Template(
        _E,
        "no company holds external_id {value} under our origin{detail}",
        "If the company that it was is named, and was archived or given another external_id, put that right in Kanbert; else `run` or `retry` creates it, or says why not.",
    ),
    Code.HELD_BY_ANOTHER: Template(
        _E,
        "external_id {value} is held by {detail}",
        "Look at both companies in Kanbert, and give the external_id to the right one.",
    ),
    Code.STALE_PLAN: Template(
        _E,
        "the plan does not hold for the row any more: {detail}; nothing was written",
        "Plan again and look at what has changed; `retry` writes the row without a plan.",
    ),
    Code.OUR_BUG: Template(
        _E,
        "an error of kanbert-import itself: {detail}",
        "Please report it; the journal has the details. Nothing was lost.",
    ),
    Code.CHANGED_SINCE: Template(
        _E,
        "the company is not as the run left it: {detail}; it was kept as it is",
        "Look at the company in Kanbert, and change or archive it there if it should not stay so.",
    ),
    Code.OFFER_REFERS: Template(
        _E,
        "the company was not archived, for offers refer to it: {detail}",
        "Decline or archive these offers in Kanbert and give the same undo again, or keep the company.",
    ),
    Code.NOT_PUT_BACK: Template(
        _E,
        "{field} could not be put back: Kanbert has {value} instead of {detail}",
        "Set the field in Kanbert by hand; the other fields of the company are as they were before the run.",
    ),
}
