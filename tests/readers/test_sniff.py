from __future__ import annotations

import io
import os
import struct
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from importer.errors import SourceError
from importer.readers import open_source
from importer.readers.sniff import Format, recognise
from tests.readers.trap_files import patch, read, saved, workbook
from tests.readers.xls_files import container

if TYPE_CHECKING:
    from pathlib import Path

    from tests.readers.conftest import Write

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return out.getvalue()


def ole(stream: str, *, before: int = 504) -> bytes:
    return OLE + bytes(before) + stream.encode("utf-16-le").ljust(512, b"\0")


def dbase(*columns: bytes, version: int = 3, more: int = 0) -> bytes:
    """A table of text columns with one row; FoxPro has 263 bytes `more` behind the columns."""
    length = 32 + 32 * len(columns) + 1 + more
    head = bytes((version, 126, 2, 29)) + struct.pack("<IHH", 1, length, 1 + 10 * len(columns)) + bytes(20)
    listed = b"".join(name.ljust(11, b"\0") + b"C" + bytes(4) + b"\x0a" + bytes(15) for name in columns)
    return head + listed + b"\r" + bytes(more) + b" " + b"Acme      " * len(columns) + b"\x1a"


HTML = b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><body><table><tr><th>Company</th></tr></table></body></html>'
XML_2003 = b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"PK", "damaged", id="two-bytes-of-a-zip"),
        pytest.param(workbook([["id"]])[:2000], "damaged", id="truncated"),
        pytest.param(archive(), "empty zip", id="empty-zip"),
        pytest.param(archive("word/document.xml"), "Word", id="word"),
        pytest.param(archive("ppt/presentation.xml"), "presentation", id="powerpoint"),
        pytest.param(archive("Index/Document.iwa"), "Numbers", id="numbers"),
        pytest.param(ole("EncryptedPackage"), "password", id="password"),
        pytest.param(ole("EncryptedPackage", before=(1 << 20) - 16), "password", id="password-across-a-block"),
        pytest.param(ole("WordDocument"), "older Office", id="other-ole"),
        pytest.param(b'<?xml version="1.0"?><contacts/>', "XML", id="other-xml"),
        pytest.param(b'[{"name": "Acme"}]', "JSON", id="json-list"),
        pytest.param(b'{\n "name": "Acme"}', "JSON", id="json-object"),
        pytest.param(b'ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K"Name"\r\nE\r\n', "SYLK", id="sylk"),
        pytest.param(
            b"ID;PGnumeric;N;E\r\nP;P00000\r\nP;Pdd.mm.yyyy\r\nP;PGeneral\r\n" + b"F;P0;SM1;C1\r\n" * 900,
            "SYLK",
            id="sylk-whose-cells-come-late",
        ),
        pytest.param(b"ID;PWXL;N;E\r\nF;P0;DG0G8;M255\r\nB;Y1;X1;D0 0 0 0\r\nE\r\n", "SYLK", id="sylk-without-general"),
        pytest.param(b"ID;PCALCOOO32\nE\n", "SYLK", id="sylk-without-cells"),
        pytest.param(b"socialcalc:version:1.5\nMIME-Version: 1.0\n", "SocialCalc", id="socialcalc"),
        pytest.param(dbase(b"NAME", b"ZIP"), "dBase", id="dbase"),
        pytest.param(dbase(b"NAME", version=0x30, more=263), "dBase", id="dbase-of-foxpro"),
        pytest.param(dbase(version=0x83), "dBase", id="dbase-without-columns"),
        pytest.param(b'TABLE\r\n0,1\r\n"EXCEL"\r\n', "DIF", id="dif"),
        pytest.param(b"%PDF-1.7\n", "PDF", id="pdf"),
        pytest.param(archive("a.csv", "b/c.csv"), '"a.csv", "b/c.csv"', id="zip-of-two"),
        pytest.param(archive("b/", "__MACOSX/._a"), "a zip archive", id="zip-of-nothing"),
        pytest.param(archive("encrypted-package"), "password", id="protected-opendocument"),
        pytest.param(b"%c%c" % (0, 0) * 5000, "zero bytes", id="zeros"),
        pytest.param(b"PAR1\x15\x00", "Parquet", id="parquet"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "image", id="png"),
        pytest.param(b"BZh91AY", "bzip2", id="bzip2"),
        pytest.param(b"a.csv".ljust(257, b"\0") + b"ustar\x0000", "tar archive", id="tar"),
        pytest.param(b"\x00\x00\x02\x00\x06\x04", "Lotus", id="lotus"),
        pytest.param(b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>none</p>", "without a table", id="mhtml"),
        pytest.param(b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n<table>", "without a table", id="mail"),
        pytest.param(b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "vCard", id="vcard"),
        pytest.param(b"SQLite format 3\x00", "SQLite", id="sqlite"),
        pytest.param(bytes(range(256)) * 8, "not text", id="arbitrary-bytes"),
    ],
)
def test_what_cannot_be_read_is_named(write: Write, data: bytes, words: str) -> None:
    with pytest.raises(SourceError) as caught, open_source(write(data, "companies.xlsx")):
        pass
    message = str(caught.value)
    assert words in message
    assert "companies.xlsx" in message
    assert message.endswith(".")


@pytest.mark.parametrize("stream", ["Workbook", "WORKBOOK", "Book", "BOOK"])
def test_names_of_streams_do_not_distinguish_case(write: Write, stream: str) -> None:
    assert recognise(write(ole(stream))) is Format.XLS


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        pytest.param(b"id;name\n1;Acme\n", "companies.xlsx", Format.CSV, id="csv-named-xlsx"),
        pytest.param("id\tname\n1\tAcme\n".encode("utf-16"), "companies.xls", Format.CSV, id="utf-16-tabs-named-xls"),
        pytest.param(workbook([["id"], [1]]), "companies.csv", Format.XLSX, id="workbook-named-csv"),
        pytest.param(workbook([["id"], [1]]), "companies.xls", Format.XLSX, id="workbook-named-xls"),
        pytest.param(b"ID;PLZ;Ort\n1;50667;K\n", "companies.csv", Format.CSV, id="csv-that-begins-like-sylk"),
        pytest.param(b"ID;Plaats\nP;Purmerend\n", "companies.csv", Format.CSV, id="csv-with-the-id-p"),
        pytest.param(b"ID;Plaats\nC;X-stad\n", "companies.csv", Format.CSV, id="csv-with-the-id-c"),
        pytest.param(
            b"<p></p><table cellspacing=0><caption>A</caption><tr><td>id<tr><td>1</table>",
            "companies.xls",
            Format.HTML,
            id="html-fragment-behind-a-paragraph",
        ),
        pytest.param(b"<b>id</b>;name\n1;Acme\n", "companies.csv", Format.CSV, id="csv-with-markup-in-a-name"),
        pytest.param(b"PKW;Name\n1;Acme\n", "companies.csv", Format.CSV, id="csv-that-begins-like-a-zip"),
        pytest.param(b"<name>;id\nAcme;1\n", "companies.csv", Format.CSV, id="csv-that-begins-with-a-bracket"),
        pytest.param(b"[id],[name]\n1,Acme\n", "companies.csv", Format.CSV, id="csv-with-square-brackets"),
    ],
)
def test_the_content_decides_and_not_the_name(write: Write, data: bytes, name: str, kind: Format) -> None:
    path = write(data, name)
    assert recognise(path) is kind
    assert read(path).info.format == kind.value
    assert len(read(path).rows) == 1


def test_letters_for_ids_make_no_sylk_file(write: Write) -> None:
    assert len(read(write(b"ID;Product\nC;Apple\nP;Pear\nB;Plum\nF;Fig\nE;Elder\n")).rows) == 5


def renamed(old: str, new: str) -> bytes:
    """Give the workbook's main part another name, by the relations and types."""

    def change(body: bytes) -> bytes:
        return body.replace(old.encode(), new.encode())

    return patch(
        workbook([["id", "name"], [7, "Acme"]]),
        {"_rels/.rels": change, "[Content_Types].xml": change},
        rename=lambda name: name.replace(old.rpartition("/")[2], new.rpartition("/")[2]),
    )


BOOK = workbook([["id", "name"], [7, "Acme"]])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(renamed("xl/workbook.xml", "xl/workbook2.xml"), id="another-name"),
        pytest.param(patch(BOOK, rename=lambda name: f"/{name}"), id="leading-slashes"),
        pytest.param(b"\n" + BOOK, id="line-end-before"),
        pytest.param(b"\xef\xbb\xbf" + BOOK, id="mark-before"),
        pytest.param(b"<br />\n<b>Warning</b>: something in export.php on line 12<br />\n" + BOOK, id="warning-before"),
        pytest.param(BOOK + b"\r\n", id="line-end-behind"),
        pytest.param(BOOK + b"<!-- 1 -->" * 10_000, id="100-kB-behind"),
        pytest.param(b"\n" + BOOK + bytes(1000), id="both"),
    ],
)
def test_a_workbook_within_a_file_is_read(write: Write, data: bytes) -> None:
    path = write(data)
    assert recognise(path) is Format.XLSX
    assert read(path).cells == [(7, "Acme")]


@pytest.mark.parametrize("name", ["WORKBOOK", "BOOK", "workbook"])
def test_the_stream_of_an_xls_file_may_be_written_in_any_case(write: Write, name: str) -> None:
    assert recognise(write(ole(name))) is Format.XLS


@pytest.mark.parametrize("size", [8, 300, 512, 1024])
def test_an_xls_file_whose_directory_is_cut_off_is_told(write: Write, size: int) -> None:
    """LibreOffice writes the directory behind the stream; here it is the second sector."""
    with pytest.raises(SourceError, match="damaged: its end is missing"):
        recognise(write(container(b"x")[:size]))


@pytest.mark.parametrize("field", [48, 60, 68, 76])
def test_an_ole_file_whose_header_names_sectors_beyond_its_end_is_cut_off(write: Write, field: int) -> None:
    whole = container(b"x", "WordDocument")
    with pytest.raises(SourceError, match="older Office"):
        recognise(write(whole))
    with pytest.raises(SourceError, match="damaged: its end is missing"):
        recognise(write(whole[:field] + struct.pack("<I", 99) + whole[field + 4 :]))


def test_the_word_book_in_a_document_makes_no_workbook(write: Write) -> None:
    with pytest.raises(SourceError, match="older Office"):
        recognise(write(ole("WordDocument") + "a notebook, a Book".encode("utf-16-le") + b"\0"))


def test_an_empty_sheet_names_the_others(write: Write) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Companies").append(["id"])
    book.create_sheet("Old").sheet_state = "hidden"
    with pytest.raises(SourceError, match='is empty; the workbook also has "Companies" and hidden "Old"'):
        read(write(saved(book)))


def test_a_path_that_is_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, words in (
        ("missing.csv", "no such file"),
        (".", "folder"),
        ("pipe", "not a regular file"),
        ("loop", "cannot be read"),
    ):
        with pytest.raises(SourceError, match=words), open_source(tmp_path / name):
            pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(write: Write) -> None:
    path = write(b"id\n1\n")
    path.chmod(0)
    with pytest.raises(SourceError, match="not allowed"), open_source(path):
        pass
