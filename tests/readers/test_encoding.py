from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.readers import ReaderOptions, open_source
from importer.readers.charset import guess_charset, strange_words
from tests.readers.trap_files import read

if TYPE_CHECKING:
    from tests.readers.conftest import Write

TABLE = "id;Straße;Name\n1;Hauptstraße 5;Müller & Söhne\n2;Königsallee;Bäckerei Schröder\n"
CELLS = [("1", "Hauptstraße 5", "Müller & Söhne"), ("2", "Königsallee", "Bäckerei Schröder")]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param(TABLE.encode(), "utf-8", id="utf-8"),
        pytest.param(TABLE.encode("utf-8-sig"), "utf-8-sig", id="utf-8-with-mark"),
        pytest.param(b"\xff\xfe" + TABLE.encode("utf-16-le"), "utf-16", id="utf-16-le-with-mark"),
        pytest.param(b"\xfe\xff" + TABLE.encode("utf-16-be"), "utf-16", id="utf-16-be-with-mark"),
        pytest.param(TABLE.encode("utf-16-le"), "utf-16-le", id="utf-16-le-without-mark"),
        pytest.param(TABLE.encode("utf-16-be"), "utf-16-be", id="utf-16-be-without-mark"),
        pytest.param(TABLE.encode("utf-32"), "utf-32", id="utf-32"),
        pytest.param(TABLE.encode("cp1252"), "cp1252", id="cp1252"),
        pytest.param(TABLE.encode("mac_roman"), "mac_roman", id="mac-roman"),
        pytest.param(TABLE.encode("cp850"), "cp850", id="dos"),
    ],
)
def test_the_encoding_is_found(write: Write, data: bytes, encoding: str) -> None:
    got = read(write(data))
    assert got.cells == CELLS
    assert got.info.columns == ("id", "Straße", "Name")
    assert got.info.encoding == encoding
    assert got.info.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("words", "encoding", "expected"),
    [
        pytest.param("Müller Café Crème Genève Søren Malmö", "cp1252", "cp1252", id="west"),
        pytest.param(
            "Cruise “d\u2019Or” \u2013 5 € Hotel „Zur Post“ 20 m² Acme® Nº5", "cp1252", "cp1252", id="typographic-signs"
        ),
        pytest.param("Société Générale Hôtel Forêt Besançon", "cp1252", "cp1252", id="french"),
        pytest.param("João Conceição São Guimarães", "cp1252", "cp1252", id="portuguese"),
        pytest.param("Sørensen Århus Bjørn Møller Håndværk", "cp1252", "cp1252", id="danish"),
        pytest.param("Łódź Spółka Żabka Gdańsk Wałęsa Częstochowa", "cp1250", "cp1250", id="polish"),
        pytest.param("Dvořák Plzeň Česká Řezníček Kroměříž Svěží", "cp1250", "cp1250", id="czech"),
        pytest.param("Название Город Ромашка Москва Газпром", "cp1251", "cp1251", id="russian"),
        pytest.param("Όνομα Πόλη Εταιρεία Αθηνών Παπαδόπουλος", "cp1253", "cp1253", id="greek"),
        pytest.param("Müller", "mac_roman", None, id="too-little-to-tell"),
        pytest.param("\x81\x8d\x8f\x90", "latin-1", None, id="no-text"),
    ],
)
def test_a_code_page_is_named_only_where_its_words_make_sense(words: str, encoding: str, expected: str | None) -> None:
    assert guess_charset(words.encode(encoding)) == expected


def test_words_of_a_wrong_code_page_are_strange() -> None:
    text = "Dvořák Łódź Straße Müller".encode("cp1250").decode("cp1252")
    assert strange_words(text) == ["Dvoøák", "£ódŸ"]
    assert strange_words("Stra§e MŸller KŠln Wa³êsa") == ["Stra§e", "MŸller", "KŠln", "Wa³êsa"]


def test_a_guess_names_words_to_check_it_by(write: Write) -> None:
    (note,) = read(write(TABLE.encode("cp1252"))).info.notes
    assert "cp1252" in note
    assert '"Straße"' in note


def test_an_umlaut_after_megabytes_of_ascii_decides_too(write: Write) -> None:
    plain = b"id;name\n" + b"1;Acme\n" * 400_000
    late_utf8 = read(write(plain + "2;Müller\n".encode()))
    assert late_utf8.cells[-1] == ("2", "Müller")
    assert late_utf8.info.encoding == "utf-8"
    late_cp1252 = read(write(plain + "2;Müller\n".encode("cp1252")))
    assert late_cp1252.cells[-1] == ("2", "Müller")
    assert late_cp1252.info.encoding == "cp1252"


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_a_letter_across_two_blocks_is_no_damage(write: Write, before: int) -> None:
    head = b"id;name\n"
    filler = b"1;" + b"a" * ((1 << 20) - len(head) - 2 - before) + "ü€😀".encode() + b"\n"
    assert read(write(head + filler)).cells[0][1] == "a" * ((1 << 20) - len(head) - 2 - before) + "ü€😀"


@pytest.mark.parametrize(
    ("data", "line", "byte"),
    [
        pytest.param("id;name\n1;Müller\n2;M".encode() + b"\xfcller\n", 3, "0xFC", id="one-bad-byte-in-utf-8"),
        pytest.param("id;name\r\n1;Müller\r\n2;M".encode() + b"\xc3", 3, "0xC3", id="cut-in-a-letter"),
        pytest.param("id;name\r1;Müller\r2;Zoë\r".encode() + b"3;\xe9\r", 4, "0xE9", id="lone-cr"),
        pytest.param("id;ü\n".encode() * 300_000 + b"3;\xe9\n", 300_001, "0xE9", id="far-down"),
        pytest.param(b"\xef\xbb\xbfid;n\n1;\xfc\n", 2, "0xFC", id="behind-a-mark"),
        pytest.param(b"\xff\xfei\0d\0\n\0\x00\xdc", 2, "0x00", id="half-a-pair-in-utf-16"),
    ],
)
def test_a_byte_that_does_not_decode_is_placed(write: Write, data: bytes, line: int, byte: str) -> None:
    with pytest.raises(SourceError) as caught, open_source(write(data)):
        pass
    assert f"line {line}: byte {byte}" in str(caught.value)
    assert "source.encoding" in str(caught.value)


def test_a_line_break_across_two_blocks_counts_once(write: Write) -> None:
    head = "ü;n\r\n".encode()
    data = head + b"x" * ((1 << 20) - len(head) - 1) + b"\r\n" + b"1;\xe9\r\n"
    with pytest.raises(SourceError, match="line 3: byte 0xE9"):
        read(write(data), ReaderOptions(encoding="utf-8"))


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        pytest.param(b"id;n\n", ReaderOptions(encoding="foo"), 'no encoding "foo"', id="unknown"),
        pytest.param(b"id;n\n", ReaderOptions(encoding="base64"), "no encoding", id="no-text-encoding"),
        pytest.param(b"id;n\n1;\xfc\n", ReaderOptions(encoding="utf-8"), "line 2: byte 0xFC", id="not-in-it"),
        pytest.param(b"id;n\n1;\x81\n", ReaderOptions(encoding="cp1252"), "line 2: byte 0x81", id="hole-of-cp1252"),
        pytest.param(b"id;n\n", ReaderOptions(encoding="utf-16"), "is not utf-16", id="no-utf-16"),
        pytest.param(
            b"\xef\xbb\xbfid;n\n", ReaderOptions(encoding="cp1252"), "mark of utf-8", id="mark-says-otherwise"
        ),
        pytest.param(b"id;n\n1;\x81\x8d\n", ReaderOptions(), "cannot be told", id="none-fits"),
        pytest.param(b"x" * (66 << 20), ReaderOptions(), "line of more than 64 MiB", id="one-endless-line"),
    ],
)
def test_an_encoding_that_cannot_be_used_is_refused(
    write: Write, data: bytes, options: ReaderOptions, words: str
) -> None:
    with pytest.raises(SourceError) as caught, open_source(write(data), options):
        pass
    assert words in str(caught.value)


def test_the_encoding_of_the_user_counts(write: Write) -> None:
    path = write("id;Město\n1;Plzeň\n".encode("cp1250"))
    assert read(path, ReaderOptions(encoding="windows-1250")).cells == [("1", "Plzeň")]
    marked = write(TABLE.encode("utf-8-sig"), "marked.csv")
    assert read(marked, ReaderOptions(encoding="UTF8")).info.columns[0] == "id"


def test_older_damage_is_told_and_kept(write: Write) -> None:
    got = read(write("id;name\n1;MÃ¼ller\n2;M\ufffdller\n".encode()))
    assert [cells[1] for cells in got.cells] == ["MÃ¼ller", "M\ufffdller"]
    assert len(got.info.notes) == 2


def test_zero_bytes_in_a_value_are_kept(write: Write) -> None:
    assert read(write(b"id;name\n1;Ac\0me\n")).cells == [("1", "Ac\0me")]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_guessing_is_total(text: str) -> None:
    for encoding in ("utf-8", "cp1252", "utf-16-le"):
        guess = guess_charset(text.encode(encoding, "ignore"))
        assert guess is None or text.encode(encoding, "ignore").decode(guess) is not None
