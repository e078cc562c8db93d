"""What values decide, whose address it is, and what becomes of columns that nobody knows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.errors import UsageError
from importer.mapping import parse_mapping
from importer.model import Desired, Refusal, Row
from importer.readers import open_source
from tests.guessing.files import PATH, fields_of, guessed, mapping_of, passes_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.guessing import Guess
    from importer.model import Cell

SAMPLES = Path(__file__).parents[2] / "samples"
IBANS = ["NL13 TEST 0123 4567 89", "DE02 1203 0000 0000 2020 51", "BE68 5390 0754 7034", "NL91 ABNA 0417 1643 00"]


def line(made: Guess, field: str) -> str:
    """The line of a field as it stands in the file, without its reason."""
    found = [text.strip() for text in made.text.splitlines() if text.strip().startswith(f"{field}: ")]
    return found[0].partition("  #")[0].partition(": ")[2] if found else ""


def shown(made: Guess, words: str) -> str:
    """The first line that has these words."""
    return next(text.strip() for text in made.text.splitlines() if words in text)


def sampled(suffix: str) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    with open_source(SAMPLES / f"moneybird-contacts.{suffix}") as source:
        return source.info.columns, [row.cells for row in source.rows()]


# ── the samples ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_sample_goes_with_few_refusals(suffix: str) -> None:
    columns, rows = sampled(suffix)
    made = guessed(columns, *rows)
    passes_check(made, columns)
    assert made.todo == ()
    mapper = mapping_of(made).compile(columns, file=PATH)
    refused = [number for number, cells in enumerate(rows) if isinstance(mapper.map(Row(number, cells)), Refusal)]
    assert len(refused) <= 12  # the rows that the sample breaks on purpose
    assert line(made, "email") == "{from: Facturen versturen naar e-mail, as: email_list}"
    assert line(made, "address_invoice_house") == "{from: Adres, as: house_number}"
    assert line(made, "company_name") == '{first_of: [Bedrijfsnaam, "{Voornaam} {Achternaam}"]}'
    assert (
        line(made, "invoice_by_post")
        == "{from: Verzendmethode, map: {e-mail: false, handmatig: false, peppol: false, post: true}}"
    )


@pytest.mark.slow
def test_values_are_known_whatever_the_headers_are() -> None:
    columns, rows = sampled("csv")
    renamed = [f"Spalte {chr(65 + index)}x" for index in range(len(columns))]
    names = dict(zip(renamed, columns, strict=True))
    made = guessed(renamed, *rows)
    passes_check(made, renamed)
    found = {field: names[column] for field, column in fields_of(made).items() if isinstance(column, str)}
    assert found == {
        "external_id": "Klantnummer",
        "company_name": "Bedrijfsnaam",
        "tax_uid": "Btw-nummer",
        "iban": "IBAN",
        "bic": "BIC",
        "homepage": "Website",
        "address_invoice_country": "Land",
    }
    assert {one.field for one in made.todo} == {"external_id", "company_name"}
    assert "not set: 170 of 170 are e-mail addresses" in made.text  # two columns are, and nothing says which


# ── the key ──────────────────────────────────────────────────────────────────────────────────────────────────────


def keyed(columns: Sequence[str], *rows: Sequence[Cell]) -> tuple[str | tuple[str, ...], bool, str]:
    made = guessed(columns, *rows)
    passes_check(made, columns)
    [one] = [one for one in made.lines if one.field == "external_id"]
    return fields_of(made)["external_id"], one.todo, one.reason


def test_a_key_is_found_by_name_and_by_being_unique() -> None:
    rows = [(f"K{number}", f"Firma {number}", number % 3) for number in range(50)]
    assert keyed(["Kundennummer", "Firma", "ID"], *rows) == (
        "Kundennummer",
        False,
        "by its name; different in each of 50 rows",
    )


def test_a_better_key_goes_before_a_better_name() -> None:
    rows = [(number if number % 15 else None, f"Firma {number}", f"R-{number}") for number in range(60)]
    assert keyed(["Kundennummer", "Firma", "Record ID"], *rows)[:2] == ("Record ID", False)


def test_a_column_named_like_a_key_that_is_none_is_not_taken_for_one() -> None:
    rows = [(7, f"Firma {number}", f"X-{number}") for number in range(20)]
    column, todo, reason = keyed(["Kundennummer", "Firma", "Kürzel"], *rows)
    assert (column, todo) == ("Kürzel", True)
    assert "no column is named like a customer number" in reason


def test_the_suppliers_number_and_the_owners_are_no_keys() -> None:
    rows = [(f"L{number}", f"O{number}", f"Firma {number}") for number in range(20)]
    column, todo, reason = keyed(["Lieferantennummer", "Owner ID", "Firma"], *rows)
    assert (column, todo) == ("Firma", True)
    assert reason.startswith("TODO")


def test_dates_phones_and_words_are_no_codes() -> None:
    rows = [
        (f"{number % 28 + 1:02}.{number % 12 + 1:02}.20{number:02}", f"0049305552{number:03}", f"F {number}")
        for number in range(10, 40)
    ]
    assert keyed(["Wann", "Rückfrage", "Firma"], *rows)[:2] == ("Firma", True)


def test_the_whole_file_says_whether_a_key_repeats() -> None:
    rows: list[Sequence[Cell]] = [(number, f"Firma {number}") for number in range(2_500)]
    assert keyed(["Nummer", "Firma"], *rows)[2] == "by its name; different in each of 2,500 rows"
    rows[2_400] = (1, "Firma A")
    rows[2_401] = (None, "Firma B")
    rows[2_402] = ("a/b", "Firma C")
    assert keyed(["Nummer", "Firma"], *rows)[2] == (
        "by its name; of 2,500 rows, 1 empty, 1 used before, 1 not usable as a number"
    )
    assert "1,999 of" not in guessed(["Nummer", "Firma"], *rows).text
    assert "2,000 of the first 2,000 rows" in guessed(["Nummer", "Firma"], *rows).text


def test_without_any_name_that_can_be_written_there_is_no_mapping() -> None:
    with pytest.raises(UsageError, match="no column has a name that a mapping could use"):
        guessed(["\ud800"], ["a"])
    passes_check(guessed(["\ud800", "x"], ["a", "b"]), ["\ud800", "x"])


# ── names and people ─────────────────────────────────────────────────────────────────────────────────────────────

PEOPLE = [
    pytest.param(["Nr", "Name"], {"company_name": "Name"}, id="a name alone is the company's"),
    pytest.param(
        ["Nr", "Firma", "Name"], {"company_name": "Firma", "person_attention_to": "Name"}, id="beside a company"
    ),
    pytest.param(
        ["Nr", "Firma", "Name", "Vorname"],
        {"company_name": "Firma", "person_attention_to": ("Vorname", "Name")},
        id="beside a first name it is the last",
    ),
    pytest.param(
        ["Nr", "Name", "First name", "Last name"],
        {"company_name": "Name", "person_attention_to": ("First name", "Last name")},
        id="beside both",
    ),
    pytest.param(
        ["Nr", "Voornaam", "Tussenvoegsel", "Achternaam"],
        {
            "company_name": ("Voornaam", "Tussenvoegsel", "Achternaam"),
            "person_attention_to": ("Voornaam", "Tussenvoegsel", "Achternaam"),
        },
        id="no company at all",
    ),
    pytest.param(["Nr", "Firma", "Contact owner name"], {"company_name": "Firma"}, id="an owner is nobody to write to"),
]


@pytest.mark.parametrize(("columns", "fields"), PEOPLE)
def test_whose_name_it_is_the_neighbours_say(columns: list[str], fields: dict[str, str | tuple[str, ...]]) -> None:
    made = guessed(columns)
    passes_check(made, columns)
    assert fields_of(made) == {"external_id": "Nr", **fields}


def test_a_person_stands_in_only_where_a_row_has_no_company() -> None:
    columns = ["Nr", "Firma", "Vorname", "Nachname", "Ansprechpartner"]
    made = guessed(columns, (1, "ACME", "Eva", "Muster", "Einkauf"), (2, None, "Ida", "Beispiel", None))
    assert line(made, "company_name") == '{first_of: [Firma, "{Vorname} {Nachname}"]}'
    assert line(made, "person_attention_to") == '{first_of: [Ansprechpartner, "{Vorname} {Nachname}"]}'
    full = guessed(columns, (1, "ACME", "Eva", "Muster", "Einkauf"))
    assert line(full, "company_name") == "Firma"


def test_a_company_column_of_addresses_is_not_taken_for_names() -> None:
    made = guessed(["Nr", "Company", "Account"], *[(n, f"a{n}@b.example", f"Firma {n}") for n in range(9)])
    assert fields_of(made)["company_name"] == "Account"
    assert [one.field for one in made.todo] == ["company_name"]


def test_yes_and_no_are_no_names() -> None:
    columns = ["Nr", "Customer", "Bezeichnung"]
    made = guessed(columns, *[(number, "yes" if number % 2 else "no", f"Firma {number}") for number in range(30)])
    assert fields_of(made)["company_name"] == "Bezeichnung"


def test_rows_that_are_persons_of_one_company_are_asked_about() -> None:
    made = guessed(["Nr", "Firma"], *[(number, f"Firma {number // 2}") for number in range(30)])
    assert "15 rows have a name that an earlier row has: are rows persons" in made.text


def test_delivery_has_an_attention_of_its_own() -> None:
    made = guessed(["Nr", "Firma", "Lieferadresse Ansprechpartner", "Lieferadresse Ort"])
    assert fields_of(made)["delivery_person_attention_to"] == "Lieferadresse Ansprechpartner"


def test_names_with_braces_stand_in_no_template() -> None:
    columns = ["Nr", "{Firma}", "{Vorname}", "{Land}"]
    made = guessed(columns, ("1", "ACME", "Eva", "NL"))
    passes_check(made, columns)
    assert line(made, "company_name") == '{from: "{Firma}"}'
    assert line(made, "address_invoice_country") == '{from: "{Land}", as: country}'
    assert "person_attention_to" not in fields_of(made)


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────

ADDRESSES = [
    pytest.param(
        ["Straße", "Ort", "Rechnungsstraße", "Rechnungsort"],
        {"address_invoice_street": "Rechnungsstraße", "address_invoice_town": "Rechnungsort"},
        id="the invoice address goes before the main one",
    ),
    pytest.param(
        ["Bezoekadres straat", "Bezoekadres plaats", "Postadres straat", "Postadres plaats"],
        {"address_invoice_street": "Postadres straat", "address_invoice_town": "Postadres plaats"},
        id="the postal address goes before the visiting one",
    ),
    pytest.param(
        ["Delivery street", "Delivery city"],
        {"address_delivery_street": "Delivery street", "address_delivery_town": "Delivery city"},
        id="a delivery address alone is no invoice address",
    ),
    pytest.param(
        ["Adresse de facturation - Rue", "Code postal", "Ville"],
        {
            "address_invoice_street": "Adresse de facturation - Rue",
            "address_invoice_zip": "Code postal",
            "address_invoice_town": "Ville",
        },
        id="one address of which only the street says whose it is",
    ),
    pytest.param(
        ["Straat", "Huisnummer", "Toevoeging", "Postcode", "Plaats", "Land"],
        {
            "address_invoice_street": "Straat",
            "address_invoice_house": ("Huisnummer", "Toevoeging"),
            "address_invoice_zip": "Postcode",
            "address_invoice_town": "Plaats",
            "address_invoice_country": "Land",
        },
        id="a number of its own, with what belongs to it",
    ),
    pytest.param(
        ["Street", "Street 2", "Zip", "Zip 2", "City 2"],
        {"address_invoice_street": "Street", "address_invoice_zip": "Zip"},
        id="street 2 is no second line where there is a zip 2",
    ),
    pytest.param(
        ["Street", "Street 2", "Zip"],
        {"address_invoice_street": "Street", "address_invoice_street2": "Street 2", "address_invoice_zip": "Zip"},
        id="street 2 is a second line elsewhere",
    ),
    pytest.param(["Home street", "Other city", "Huisadres, straat"], {}, id="private ones are nobody's"),
]


@pytest.mark.parametrize(("columns", "fields"), ADDRESSES)
def test_an_address_is_never_put_together_from_two(
    columns: list[str], fields: dict[str, str | tuple[str, ...]]
) -> None:
    made = guessed(["Nr", "Firma", *columns])
    passes_check(made, ["Nr", "Firma", *columns])
    assert fields_of(made) == {"external_id": "Nr", "company_name": "Firma", **fields}


def test_an_invoice_address_that_is_mostly_empty_gives_way() -> None:
    columns = ["Nr", "Firma", "Straße", "Ort", "Rechnungsstraße", "Rechnungsort"]
    rows = [(n, f"F{n}", "Weg", "Ulm", "Gasse" if n == 1 else None, "Jena" if n == 1 else None) for n in range(9)]
    made = guessed(columns, *rows)
    assert fields_of(made)["address_invoice_street"] == "Straße"
    assert "it is of the invoice address" in made.text


def test_lines_are_split_only_where_most_numbers_can_be_told() -> None:
    columns = ["Nr", "Firma", "Adresse", "Land"]
    streets = guessed(columns, *[(n, f"F{n}", f"Hauptstraße {n + 1}", "DE") for n in range(9)])
    assert line(streets, "address_invoice_street") == "{from: Adresse, as: street_name}"
    assert line(streets, "address_invoice_house") == "{from: Adresse, as: house_number}"
    boxes = guessed(columns, *[(n, f"F{n}", f"Postfach {n}", "DE") for n in range(9)])
    assert line(boxes, "address_invoice_street") == "Adresse"
    assert line(boxes, "address_invoice_house") == ""


def test_whole_addresses_in_a_cell_are_left_alone() -> None:
    rows = [(n, f"F{n}", f"Hauptstraße {n}\n1001{n} Berlin") for n in range(9)]
    made = guessed(["Nr", "Firma", "Adresse"], *rows)
    assert "address_invoice_street" not in fields_of(made)
    assert "its cells hold whole addresses" in made.text


def test_without_a_country_a_line_shows_how_to_say_it() -> None:
    assert shown(guessed(["Nr", "Firma"]), "address_invoice_country").startswith(
        "# address_invoice_country: {value: NL}"
    )


# ── one kind of value ────────────────────────────────────────────────────────────────────────────────────────────


def with_column(header: str, *values: Cell) -> Guess:
    columns = ["Nr", "Firma", header]
    made = guessed(columns, *[(number, f"Firma {number}", value) for number, value in enumerate(values)])
    passes_check(made, columns)
    return made


WORDS = [f"Wort {number}" for number in range(9)]
KINDS = [
    pytest.param("IBAN", IBANS, "iban", "{from: IBAN, as: iban}", id="iban by both"),
    pytest.param("Spalte", IBANS, "iban", "{from: Spalte, as: iban}", id="iban by values"),
    pytest.param("IBAN", WORDS, "iban", "", id="values speak against the name"),
    pytest.param(
        "IBAN", [*IBANS[:3], "1", "2"], "iban", "{from: IBAN, as: iban, on_invalid: keep}", id="many do not fit"
    ),
    pytest.param("Spalte", [*IBANS, "1", "2"], "iban", "", id="by values only where nearly all are"),
    pytest.param("Spalte", IBANS[:2], "iban", "", id="by values only where there are some"),
    pytest.param("Owner IBAN", IBANS, "iban", "", id="by values never where the header says whose"),
    pytest.param(
        "Mail", ["a@b.example"], "email_general", "{from: Mail, as: email}", id="one address is enough to a name"
    ),
    pytest.param(
        "E-Mail",
        ["a@b.example, c@d.example", "e@f.example; g@h.example"],
        "email",
        "{from: E-Mail, as: email_list}",
        id="several in a cell go where several may",
    ),
    pytest.param("E-Mail", WORDS, "email_general", "", id="words are no addresses"),
    pytest.param(
        "Spalte",
        [f"i{n}@b.example" for n in range(9)],
        "email_general",
        "{from: Spalte, as: email}",
        id="email by values",
    ),
    pytest.param(
        "Spalte",
        ["eva@b.example"] * 5 + ["ida@b.example"] * 5 + ["jo@b.example"],
        "email_general",
        "",
        id="a few people's",
    ),
    pytest.param(
        "Spalte",
        [f"https://acme-{n}.example" for n in range(9)],
        "homepage",
        "{from: Spalte, as: url}",
        id="url by values",
    ),
    pytest.param("Spalte", [f"https://linkedin.com/company/a{n}" for n in range(9)], "homepage", "", id="no homepage"),
    pytest.param(
        "Spalte",
        ["Nederland", "Duitsland", "België", "NL"],
        "address_invoice_country",
        "{from: Spalte, as: country}",
        id="countries",
    ),
    pytest.param("Spalte", ["NL", "DE", "FR", "IT"], "address_invoice_country", "", id="codes may be languages"),
    pytest.param(
        "Spalte",
        [f"+31 20 555 01{n}" for n in range(10, 20)],
        "phone",
        "{from: Spalte, as: phone}",
        id="phone by values",
    ),
    pytest.param(
        "E-Mail Geschäftsführer", [f"i{n}@b.example" for n in range(9)], "email_general", "", id="somebody's email"
    ),
    pytest.param(
        "Herkunftsland", ["Nederland", "Duitsland", "België"], "address_invoice_country", "", id="another country"
    ),
    pytest.param("IBAN neu", IBANS, "iban", "{from: IBAN neu, as: iban}", id="whatever its name"),
    pytest.param("Spalte", [f"020 555 01{n}" for n in range(10, 20)], "phone", "", id="digits may be anything"),
    pytest.param(
        "Land", ["Nederland", "DE", "Frankrijk"], "address_invoice_country", "{from: Land, as: country}", id="country"
    ),
    pytest.param("Land", WORDS, "address_invoice_country", "", id="no countries"),
    pytest.param("Sprache", ["Deutsch", "nl_NL"], "locale", "{from: Sprache, as: locale}", id="language"),
    pytest.param("Sprache", WORDS, "locale", "", id="no languages"),
    pytest.param("Btw-plichtig", ["ja", "nee"], "taxation", "{from: Btw-plichtig, as: boolean}", id="yes and no"),
    pytest.param("Sprache", ["Deutsch", "nl", "Klingonisch"], "locale", "", id="languages of which many are none"),
    pytest.param(
        "E-Mail", ["a@b.example", "c@d.example", "e"], "email_general", "", id="addresses of which many are none"
    ),
    pytest.param("Btw-plichtig", ["ja", "nee", "deels"], "taxation", "", id="yes and no of which many are neither"),
    pytest.param("Telefon", WORDS, "phone", "", id="no phone numbers"),
    pytest.param("PLZ", WORDS, "address_invoice_zip", "PLZ", id="words with digits may be zips"),
    pytest.param("PLZ", ["Amsterdam", "Ulm"], "address_invoice_zip", "", id="towns are no zips"),
]


@pytest.mark.parametrize(("header", "values", "field", "expected"), KINDS)
def test_values_confirm_a_name_or_stand_for_one(header: str, values: list[Cell], field: str, expected: str) -> None:
    assert line(with_column(header, *values), field) == expected


def test_strange_words_for_yes_and_no_are_shown_to_be_decided() -> None:
    made = with_column("Btw-plichtig", "ja", "verlegd", "verlegd", "deels", "onbekend")
    assert line(made, "taxation") == ""
    asked = shown(made, "# taxation")
    assert (
        "{from: Btw-plichtig, map: {verlegd: null, deels: null, onbekend: null}, otherwise: keep, as: boolean}" in asked
    )
    assert "write true or false behind each word" in asked


def test_a_second_column_stands_in_where_the_first_is_empty() -> None:
    columns = ["Nr", "Firma", "Telefon", "Mobil", "Telefon 2"]
    made = guessed(columns, (1, "A", "030 123456", None, None), (2, "B", None, "0170 1234567", "030 123457"))
    assert line(made, "phone") == "{first_of: [Telefon, Telefon 2], as: phone}"
    assert "a further mobile" in made.text
    mobile = guessed(columns[:4], (1, "A", "030 123456", None), (2, "B", None, "0170 1234567"))
    assert line(mobile, "phone") == "{first_of: [Telefon, Mobil], as: phone}"


def test_the_delivery_method_becomes_two_switches_only_if_all_words_are_known() -> None:
    known = with_column("Verzendmethode", "E-mail", "post")
    assert line(known, "invoices_by_email") == "{from: Verzendmethode, map: {e-mail: true, post: false}}"
    assert line(known, "invoice_by_post") == "{from: Verzendmethode, map: {e-mail: false, post: true}}"
    assert line(with_column("Verzendmethode", "E-mail", "duif"), "invoices_by_email") == ""


# ── everything else ──────────────────────────────────────────────────────────────────────────────────────────────


def test_tags_are_split_at_what_stands_between_them() -> None:
    assert shown(with_column("Tags", "vip; noord", "zuid"), "- {from: Tags").startswith('- {from: Tags, split: [";"]}')
    assert shown(with_column("Tags", "vip"), "- {from: Tags").startswith("- {from: Tags}")
    assert "# tags:" in with_column("Tags", "a@b.example").text


def test_few_words_are_shown_as_a_map_and_many_are_not_sent() -> None:
    few = with_column("Branche", "ICT", "Bouw", "ict ", "Bouw")
    assert line(few, "business_field") == "Branche"
    assert "{from: Branche, map: {Bouw: Bouw, ICT: ICT}, otherwise: error}" in few.text
    many = with_column("Branche", *[f"Branche {number}" for number in range(40)])
    assert line(many, "business_field") == ""
    assert "40 different values" in many.text
    codes = with_column("Branche", "62010", "41200", "62010")
    assert line(codes, "business_field") == ""
    sizes = with_column("Mitarbeiter", "1-9", "10-99")
    assert line(sizes, "company_size") == ""
    assert '# company_size: {from: Mitarbeiter, map: {"1-9": "1-9"' in sizes.text


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        (["03-04-2021", "13-04-2021", "14-04-2021"], ", as: {date: {order: dmy}}"),
        (["04/03/2021", "04/13/2021", "04/14/2021"], ", as: {date: {order: mdy}}"),
        ([dt.date(2021, 4, 3), dt.date(2021, 4, 4), dt.date(2021, 4, 5)], ", as: date"),
        ([dt.datetime(2021, 4, 3, 10, 20)], ", as: datetime"),  # noqa: DTZ001 - as workbooks have it
        (["ja", "nee", "Ja"], ", as: boolean"),
        (["1,50", "12,75"], ", as: {decimal: {decimal_comma: true}}"),
        (["1.50", "1,200.75"], ", as: {decimal: {decimal_comma: false}}"),
    ],
)
def test_a_custom_field_is_read_as_its_values_are(values: list[Cell], steps: str) -> None:
    assert f"# sonst_noch: {{from: Sonst noch{steps}}}" in with_column("Sonst noch", *values).text


@pytest.mark.parametrize("values", [["1", "0", "1"], ["03-04-2021", "04-03-2021"], ["1.234", "x"], ["a", "b"]])
def test_a_custom_field_in_doubt_is_sent_as_it_stands(values: list[Cell]) -> None:
    assert "# sonst_noch: Sonst noch  #" in with_column("Sonst noch", *values).text


def test_constant_and_empty_columns_are_said_to_be_so() -> None:
    assert 'always "x"' in with_column("Sonst", "x", "x").text
    empty = with_column("Sonst: # {noch}", None, " ")
    assert '# Columns that are always empty:\n#     "Sonst: # {noch}"' in empty.text
    long = guessed(["Nr", "Firma", "Sonst"], *[(n, f"F{n}") for n in range(2_001)])
    assert "empty in the first 2000 rows" not in long.text
    assert "# Columns that are in the first 2000 rows empty:" in long.text


def test_an_empty_column_is_not_used_however_it_is_called() -> None:
    made = guessed(["Nr", "Firma", "IBAN", "Telefon", "Mobil"], (1, "A", None, None, "030 123456"))
    assert line(made, "iban") == ""
    assert line(made, "phone") == "{from: Mobil, as: phone}"
    assert "always empty:\n#     IBAN, Telefon" in made.text


def test_a_field_counts_once_and_the_second_line_is_shown() -> None:
    columns = ["Nr", "Firma", "Rechnungs-E-Mail", "E-Mail"]
    made = guessed(columns, *[(n, f"F{n}", f"a{n}@b.example", f"c{n}@d.example, e@f.example") for n in range(5)])
    passes_check(made, columns)
    assert line(made, "email") == "{from: Rechnungs-E-Mail, as: email_list}"
    assert "# email: {from: E-Mail, as: email_list}" in made.text


def test_long_lists_of_columns_are_wrapped() -> None:
    columns = ["Nr", "Firma", *[f"Leeres Feld {number}" for number in range(30)]]
    made = guessed(columns, (1, "A"), (2, "B"))
    listed = [text for text in made.text.splitlines() if text.startswith("#     Leeres Feld")]
    assert len(listed) > 2
    assert max(map(len, listed)) < 120
    assert sum(text.count("Leeres Feld") for text in listed) == 30


def test_a_column_of_long_words_is_shown_without_a_map() -> None:
    made = with_column("Mitarbeiter", "x" * 80)
    assert "# company_size: Mitarbeiter  #" in made.text


def test_slugs_are_of_small_letters_and_differ() -> None:
    columns = ["Nr", "Firma", "Größe (cm)", "Grösse cm", "客户", "KvK", "Kvk-nr"]
    made = guessed(columns, ("1", "A", "1", "2", "3", "4", "5"))
    for slug in ("grosse_cm", "grosse_cm_2", "column_5", "chamber_of_commerce", "chamber_of_commerce_2"):
        assert f"  # {slug}: " in made.text


def test_archived_rows_are_left_to_be_decided() -> None:
    made = with_column("Archiviert", "ja", "nein")
    assert "# skip:\n#   - {when: {column: Archiviert, is: true}, reason: Archiviert}" in made.text


def test_what_is_not_the_companys_is_listed_with_the_reason() -> None:
    made = guessed(["Nr", "Firma", "Owner e-mail", "Parent account"], (1, "A", "a@b.example", "B"))
    assert "# - it is about who looks after the company, not the company:\n#     Owner e-mail" in made.text
    assert set(fields_of(made)) == {"external_id", "company_name"}


@pytest.mark.slow
def test_comments_that_are_taken_away_leave_a_mapping() -> None:
    columns, rows = sampled("csv")
    text = guessed(columns, *rows).text
    for start in ("custom_fields:", "skip:", "  - {when: {column: Gearchiveerd"):
        assert f"# {start}" in text
    uncommented = text.replace("# custom_fields:", "custom_fields:").replace("  # chamber_of", "  chamber_of")
    uncommented = uncommented.replace("# skip:\n#   - ", "skip:\n  - ").replace("# match:", "match:")
    mapper = parse_mapping(uncommented, path=Path("x")).compile(columns, file=PATH)
    assert isinstance(mapper.map(Row(2, rows[0])), Desired)


@pytest.mark.parametrize("count", [1, 200])
def test_one_column_or_many_make_a_mapping(count: int) -> None:
    columns = [f"Feld {number}" for number in range(count)]
    passes_check(guessed(columns), columns)
    passes_check(guessed(columns, ["x"] * count, ["y"] * count), columns)
    assert len(guessed(columns).todo) == 2


def test_the_example_of_check_names_the_key_and_the_name() -> None:
    made = guessed(["Kundennummer", "Firma"], (1, "A"), (2, "B"))
    assert mapping_of(made).test_count == 1
    assert '{row: {Kundennummer: "1001", Firma: Example Company}' in made.text
    assert mapping_of(guessed(["Firma"], ["A"])).test_count == 0


# ── values that a mapping would refuse ───────────────────────────────────────────────────────────────────────────

VAT_HEADER = ("Konto", "Firma", "EU-Land", "EU-UStID")


def refused_of(made: Guess, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> int:
    mapper = mapping_of(made).compile(header, file=PATH)
    return sum(isinstance(mapper.map(Row(number, tuple(cells))), Refusal) for number, cells in enumerate(rows, 2))


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        pytest.param(
            [("DE", "100000129"), ("AT", "U12345675"), ("DE", "136695976")],
            '{template: "{EU-Land}{EU-UStID}", as: vat}',
            id="in two columns",
        ),
        pytest.param(
            [("DE", "USt-IdNr.: DE 100 000 129"), ("DE", "USt-IdNr.: DE 136 695 976"), ("AT", "UID: ATU12345675")],
            "{from: EU-UStID, as: vat}",
            id="whole in one, with a label",
        ),
        pytest.param(
            [("DE", "DE100000129"), ("DE", "DE136695976"), ("DE", "beantragt")],
            "{from: EU-UStID, as: vat, on_invalid: keep}",
            id="whole in one, and some are none",
        ),
        pytest.param(
            [("DE", "100000129"), ("DE", "136695976"), ("DE", "beantragt")],
            '{template: "{EU-Land}{EU-UStID}", as: vat, on_invalid: keep}',
            id="in two columns, and some are none",
        ),
        pytest.param(
            [("DE", 100000129), ("DE", 136695976.0), ("DE", None)],
            '{template: "{EU-Land}{EU-UStID}", as: vat, when: {column: EU-UStID, blank: false}}',
            id="in two columns, and letters alone",
        ),
    ],
)
def test_letters_and_number_are_put_together_where_that_makes_ids(ids: list[tuple[str, Cell]], expected: str) -> None:
    rows = [(str(1000 + index), f"Firma {index}", *both) for index, both in enumerate(ids)]
    made = guessed(VAT_HEADER, *rows)
    assert line(made, "tax_uid") == expected
    assert refused_of(made, VAT_HEADER, rows) == 0
    assert ("1 of 3 cells does not fit" in shown(made, "tax_uid:")) == ("keep" in expected)


def test_codes_of_vehicles_among_countries_are_translated_in_sight() -> None:
    header = ("Kundennummer", "Firma", "PLZ", "Ort", "Land")
    lands = ["D", "d", "DE", "Deutschland", "A", "Österreich", "N", "CH"]
    rows = [(str(index), f"Firma {index}", "80331", "Musterstadt", land) for index, land in enumerate(lands, 1001)]
    made = guessed(header, *rows)
    passes_check(made, header)
    written = shown(made, "address_invoice_country:")
    assert not written.startswith("#")
    assert "4 cells have the code of its vehicles" in written
    mapper = mapping_of(made).compile(header, file=PATH)
    mapped = [mapper.map(Row(number, cells)) for number, cells in enumerate(rows, 2)]
    read = [dict(one.payload)["address_invoice_country"] for one in mapped if isinstance(one, Desired)]
    assert read == ["DE", "DE", "DE", "DE", "AT", "AT", "NO", "CH"]


def test_countries_without_codes_of_vehicles_need_no_translation() -> None:
    rows = [("1", "A", "1000", "X", "NL"), ("2", "B", "1000", "X", "Nederland"), ("3", "C", "1000", "X", "BE")]
    made = guessed(("Nummer", "Naam", "Postcode", "Plaats", "Land"), *rows)
    assert line(made, "address_invoice_country") == "{from: Land, as: country}"
