"""An offer as a PDF: valid to the byte, whatever the offer's texts are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.sandbox.companies.seeding import insert_company
from importer.sandbox.offers.pdf import document, file_name
from importer.sandbox.offers.seeding import insert_offer
from tests.sandbox.client import HEADERS
from tests.sandbox.spaces import SPACE, opened_with

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def objects_of(pdf: bytes) -> dict[int, bytes]:
    """Read a PDF by its cross-reference table, as a viewer does."""
    assert pdf.startswith(b"%PDF-1.4\n")
    assert pdf.endswith(b"%%EOF\n")
    start = re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", pdf)
    assert start
    table = pdf[int(start[1]) :]
    head = re.match(rb"xref\n0 (\d+)\n", table)
    assert head
    lines = table[head.end() : head.end() + 20 * int(head[1])]
    entries = [lines[at : at + 20] for at in range(0, len(lines), 20)]
    assert entries[0] == b"0000000000 65535 f \n"
    assert table[head.end() + len(lines) :].startswith(b"trailer\n<< /Size %s /Root 1 0 R >>" % head[1])
    found = {}
    for number, entry in enumerate(entries[1:], start=1):
        assert re.fullmatch(rb"\d{10} 00000 n \n", entry)
        body = pdf[int(entry[:10]) :]
        assert body.startswith(b"%d 0 obj\n" % number)
        found[number] = body[: body.index(b"\nendobj\n")]
    return found


def text_of(pdf: bytes) -> str:
    """Read what a PDF's page shows, a line each."""
    (stream,) = [body for body in objects_of(pdf).values() if b"stream\n" in body]
    head, content = stream.split(b"\nstream\n", 1)
    length = re.search(rb"/Length (\d+)", head)
    assert length
    content, end = content[: int(length[1])], content[int(length[1]) :]
    assert end == b"\nendstream"
    shown = re.findall(rb"^\(((?:[^()\\]|\\[()\\])*)\) Tj$", content, re.MULTILINE)
    assert len(shown) == content.count(b" Tj\n")
    return "\n".join(re.sub(rb"\\(.)", rb"\1", line).decode("cp1252") for line in shown)


async def test_an_offers_pdf_says_number_title_company_and_sums(tmp_path: Path) -> None:
    def fill(db: sqlite3.Connection) -> None:
        insert_company(db, SPACE, {"company_name": "Łódź (Müller) €", "external_id": "C-1"})
        insert_offer(db, SPACE, {"title": "Über \\ 日本", "status": "open", "company": "C-1", "sum_net": 1000.5})
        insert_offer(db, SPACE, {"title": "Bare", "status": "open", "offer_number": None})

    async with opened_with(tmp_path / "space.db", fill) as client:
        url = f"{client.sandbox.url}/offers"
        async with client.session.get(f"{url}/1/pdf", headers=HEADERS) as response:
            headers, pdf = response.headers, await response.read()
        async with client.session.get(f"{url}/2/pdf", headers=HEADERS) as response:
            bare = await response.read()
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment; filename=offer-AN-2026-0001.pdf"
    text = text_of(pdf)
    for line in ("Offer AN-2026-0001", "Über \\ ??", "?ód? (Müller) €", "Net: 1000.50 EUR", "Total: 1200.60 EUR"):
        assert line in text.splitlines()
    assert "Offer 2" in text_of(bare)


@given(st.text(), st.lists(st.text()))
def test_no_text_breaks_a_pdf(heading: str, paragraphs: list[str]) -> None:
    pdf = document(heading, paragraphs)
    assert len(objects_of(pdf)) == 5
    assert text_of(pdf).count("\n") <= 40


def test_a_pdf_stays_small() -> None:
    assert len(document("x" * 10**6, ["y " * 10**6, *["z"] * 10**4])) < 10_000


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param("AN-2026-0001", "offer-AN-2026-0001.pdf", id="plain"),
        pytest.param('a"; filename=b\r\nX: y', "offer-a-filename-b-X-y.pdf", id="header"),
        pytest.param("../../etc/passwd", "offer-..-..-etc-passwd.pdf", id="path"),
        pytest.param("日本", "offer.pdf", id="foreign"),
        pytest.param("9" * 500, f"offer-{'9' * 94}.pdf", id="long"),
    ],
)
def test_a_files_name_is_safe(number: str, name: str) -> None:
    assert file_name(number) == name
