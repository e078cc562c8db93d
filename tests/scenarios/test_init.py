"""`init`: from an unknown file to a mapping that `check`, `preview` and `validate` take."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from importer.mapping import parse_mapping

if TYPE_CHECKING:
    from tests.scenarios.conftest import Desk, Ended

ROOT = Path(__file__).parents[2]
CONTENT = """\
Nummer;Bedrijf;Straat en nummer;Postcode;Plaats;Land;E-mail;Eigenaar e-mail
K-1;Blauwe Otter;Kanaalstraat 12;1012 AB;Amsterdam;Nederland;info@otter.example;eva@bureau.example
K-2;Grüner Dachs;Hauptstraße 7;07743;Jena;Duitsland;info@dachs.example;eva@bureau.example
K-3;Kwikstaart;Dorpsweg 4 b;3511 XX;Utrecht;NL;info@kwik.example;ida@bureau.example
"""


def written(desk: Desk, content: str | bytes = CONTENT, name: str = "klanten.csv") -> Path:
    path = desk.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def followed(desk: Desk, ended: Ended) -> Ended:
    """Do what the last line says to do next."""
    return desk.call(*shlex.split(ended.out.splitlines()[-1])[1:])


def test_init_check_preview_validate_go_one_after_the_other(desk: Desk) -> None:
    file, mapping = written(desk), desk.folder / "klanten.yaml"
    made = desk.call("init", file, "-o", mapping)
    assert (made.code, made.out.splitlines()[0]) == (
        0,
        f"{mapping}: 8 fields from 7 of 8 columns, by 3 rows.",
    )
    checked = followed(desk, made)
    assert checked.code == 0
    assert "1 of 1 of its own tests pass" in checked.out
    assert "0 refused" in checked.out
    assert "Eigenaar e-mail" in checked.out.split("fields never set")[0]
    shown = desk.call("preview", file, "-m", mapping, "-n", "1")
    assert "address_invoice_house: 12" in shown.out
    validated = desk.call("validate", file, "-m", mapping, "--json")
    assert (validated.code, validated.document["issues"]) == (0, [])
    assert not desk.kanbert.requests


def test_without_o_the_mapping_alone_is_on_standard_output(desk: Desk) -> None:
    made = desk.call("init", written(desk))
    assert made.code == 0
    assert parse_mapping(made.out, path=Path("x")).origin == "old-system"
    assert "8 fields from 7 of 8 columns" in made.err
    assert made.err.splitlines()[-1].endswith("-o klanten.yaml")
    assert sorted(path.name for path in desk.folder.iterdir()) == ["klanten.csv"]
    quiet = desk.call("init", written(desk), "-q")
    assert (quiet.out, quiet.err) == (made.out, "")


def test_the_same_file_gives_the_same_mapping(desk: Desk) -> None:
    file = written(desk)
    assert desk.call("init", file).out == desk.call("init", file).out


def test_a_mapping_that_is_there_is_never_overwritten(desk: Desk) -> None:
    file, mapping = written(desk), written(desk, "mine", "klanten.yaml")
    made = desk.call("init", file, "-o", mapping)
    assert made.code == 2
    assert "is there already, and may have somebody's work in it" in made.err
    assert mapping.read_text(encoding="utf-8") == "mine"
    assert desk.call("init", file, "-o", file).code == 2


def test_a_place_that_cannot_be_written_is_said(desk: Desk) -> None:
    made = desk.call("init", written(desk), "-o", desk.folder / "no" / "such" / "x.yaml")
    assert made.code == 2
    assert "x.yaml cannot be written: No such file or directory" in made.err


def test_what_the_user_says_of_the_file_stands_in_the_mapping(desk: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Leer"  # type: ignore[union-attr]  # a new workbook has a sheet
    sheet = book.create_sheet("Kunden, 2026 #1")
    for row in (["Alle Kunden"], ["Kunden-Nr.", "Firma"], [1, "A"], [2, "B"]):
        sheet.append(row)
    book.save(desk.folder / "kunden.xlsx")
    mapping = desk.folder / "kunden.yaml"
    options = ["--sheet", "Kunden, 2026 #1", "--header-row", "2"]
    made = desk.call("init", desk.folder / "kunden.xlsx", *options, "-o", mapping)
    assert made.code == 0
    assert 'source:\n  sheet: "Kunden, 2026 #1"\n  header_row: 2\n' in mapping.read_text(encoding="utf-8")
    assert followed(desk, made).code == 0
    shown = desk.call("init", desk.folder / "kunden.xlsx", *options)
    assert shlex.join(options) in shown.err.splitlines()[-1]


def test_encoding_and_delimiter_are_taken_and_kept(desk: Desk) -> None:
    file = written(desk, "Kunden-Nr.\tFirma\n1\tGrün\n2\tBlau\n".encode("cp1252"), "kunden.txt")
    mapping = desk.folder / "kunden.yaml"
    made = desk.call("init", file, "--encoding", "cp1252", "--delimiter", "tab", "-o", mapping)
    assert 'source:\n  encoding: cp1252\n  delimiter: "\\t"\n' in mapping.read_text(encoding="utf-8")
    assert followed(desk, made).code == 0


def test_what_was_detected_is_shown_as_a_comment(desk: Desk) -> None:
    assert (
        '# source:\n  # encoding: utf-8  # as detected\n  # delimiter: ";"  # as detected\n'
        in desk.call("init", written(desk)).out
    )


def test_json_is_one_document(desk: Desk) -> None:
    file, mapping = written(desk), desk.folder / "klanten.yaml"
    document = desk.call("init", file, "-o", mapping, "--json").document
    assert (document["command"], document["exit_code"], document["source"]["rows"]) == ("init", 0, 3)
    content = mapping.read_bytes()
    assert document["mapping"] == {"path": str(mapping), "sha256": hashlib.sha256(content).hexdigest()}
    assert document["text"] == content.decode()
    assert (document["looks_like"], document["ready"], document["without"]) == (None, None, [])
    assert document["origin"] == "old-system"
    lines = {line["field"]: line for line in document["lines"] if line["counts"]}
    assert lines["external_id"] == {
        "field": "external_id",
        "columns": ["Nummer"],
        "counts": True,
        "todo": False,
        "reason": "by its name; different in each of 3 rows",
    }
    assert document["next"] == f"kanbert-import check {mapping} {file}"


def test_what_it_looks_like_and_what_is_to_do_is_said(desk: Desk) -> None:
    file = written(desk, "Organization - Name,Organization - Owner\nACME,Eva\n", "p.csv")
    made = desk.call("init", file, "-o", desk.folder / "p.yaml")
    assert (
        "This looks like a Pipedrive organizations export: the ready mapping for it was fitted to the file." in made.out
    )
    assert "Left out, since the file has no column for them: homepage, address_invoice_street, " in made.out
    assert 'external_id: "Organization - Name": TODO' in made.out


def test_a_known_export_without_a_ready_mapping_is_guessed_and_said(desk: Desk) -> None:
    made = desk.call("init", written(desk, "*ContactName,AccountNumber,POCity\nACME,1,Delft\n", "x.csv"))
    assert "This looks like a Xero contacts export: there is no ready mapping for it." in made.err
    assert "# By its headers this looks like an export of Xero contacts." in made.out


def test_the_line_above_the_header_of_datev_is_passed_over(desk: Desk) -> None:
    lines = [
        '"EXTF";700;16;"Debitoren/Kreditoren";5;;;;',
        "Konto;Name (Adressattyp Unternehmen);EU-Land;EU-UStID;Ort;;;;",
    ]
    file = written(desk, "\r\n".join([*lines, "10000;ACME GmbH;;;Jena;;;;", "10001;Otter AG;;;Ulm;;;;"]), "d.csv")
    mapping = desk.folder / "d.yaml"
    made = desk.call("init", file, "-o", mapping)
    assert "source:\n  header_row: 2\n" in mapping.read_text(encoding="utf-8")
    assert "DATEV" in made.out
    assert followed(desk, made).code == 0


def test_editors_find_the_schema_where_it_lies_beside(desk: Desk) -> None:
    shutil.copy(ROOT / "mappings" / "mapping.schema.json", desk.folder)
    desk.call("init", written(desk), "-o", desk.folder / "klanten.yaml")
    first = (desk.folder / "klanten.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=mapping.schema.json"


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "the file is empty"), ("\n\n", "no row that is not blank"), (b"PK\x03\x04rubbish", "")],
    ids=["empty", "blank", "damaged"],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(desk: Desk, content: str | bytes, said: str) -> None:
    made = desk.call("init", written(desk, content), "-o", desk.folder / "x.yaml")
    assert made.code == 2
    assert said in made.err
    assert not (desk.folder / "x.yaml").exists()


def test_there_is_no_file_or_none_that_this_version_reads(desk: Desk) -> None:
    assert desk.call("init", desk.folder / "none.csv").code == 2
    remote = desk.call("init", "https://x.example/contacts.csv")
    assert (remote.code, "is no file" in remote.err) == (2, True)


HEADERS = ["a", "a;a;a", ";;", 'a: b;"x # y";{z}', '\'q\';"b""c";é', "Name;name;NAME", "- x;? y;! z", "x" * 3000]


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
@pytest.mark.parametrize("rows", ["", "1;2;3\n4;5;6\n"], ids=["header-only", "rows"])
def test_odd_headers_make_a_mapping_that_passes_check(desk: Desk, header: str, rows: str) -> None:
    file = written(desk, f"{header}\n{rows}")
    made = desk.call("init", file, "-o", desk.folder / "x.yaml")
    if made.code == 2:  # a header of blanks alone is none to the reader
        assert not (desk.folder / "x.yaml").exists()
        return
    assert desk.call("check", desk.folder / "x.yaml", file).code == 0


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        pytest.param(b"List\nx;y;z\na;b;c\nd;e;f\n", "set `--header-row`; if the file", id="header row"),
        pytest.param(b"N\xe4;b\n1;\x81\x8d\n", "Name the encoding with `--encoding` (utf-8,", id="encoding"),
    ],
)
def test_what_cannot_be_read_is_advised_on_in_options_since_there_is_no_mapping(
    desk: Desk, content: bytes, advice: str
) -> None:
    made = desk.call("init", written(desk, content, "odd.csv"))
    assert made.code == 2
    assert advice in made.err
    assert "source." not in made.err
