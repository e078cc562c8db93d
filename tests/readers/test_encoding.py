# ruff: noqa: RUF001 - letters of many scripts, some of which look alike
from __future__ import annotations

import csv
import encodings.aliases
import hashlib
import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from importer.errors import SourceError
from importer.readers import ReaderOptions, charset, code_page, open_source
from importer.readers.charset import guess_charset, strange_words
from importer.readers.encoding_names import encoding_name, is_single_byte
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
    guess = guess_charset(words.encode(encoding))
    assert (guess and guess.encoding) == expected


def test_words_of_a_wrong_code_page_are_strange() -> None:
    text = "Dvořák Łódź Straße Müller".encode("cp1250").decode("cp1252")
    assert strange_words(text) == ["Dvoøák", "£ódŸ"]
    assert strange_words("Stra§e MŸller KŠln Wa³êsa") == ["Stra§e", "MŸller", "KŠln", "Wa³êsa"]


def test_a_guess_names_words_to_check_it_by(write: Write) -> None:
    (note,) = read(write(TABLE.encode("cp1252"))).info.notes
    assert "cp1252" in note
    assert '"Straße"' in note


def test_a_guess_says_how_sure_it_is(write: Write) -> None:
    strange = "".join(f"{letter}ß;{letter}ö\n" for letter in "abcdefghijklmnopqrst") + "Dvoøák;b\n"
    (note,) = read(write(strange.encode("cp1252"))).info.notes
    assert "cp1252 (confidence 95 %)" in note


def test_words_that_look_wrong_in_the_encoding_of_the_user_are_told(write: Write) -> None:
    got = read(write(TABLE.encode("cp1252")), ReaderOptions(encoding="Macintosh"))
    assert got.info.encoding == "mac-roman"
    assert 'look like cp1252 (confidence 87 %): "Straße" for "Straﬂe"' in got.info.notes[0]
    assert read(write(TABLE.encode("cp1252")), ReaderOptions(encoding="ansi")).info.notes == ()


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        pytest.param("ansi", "cp1252", id="ansi"),
        pytest.param("Windows-1250", "cp1250", id="windows"),
        pytest.param("win 1251", "cp1251", id="win"),
        pytest.param("cp-437", "cp437", id="code-page"),
        pytest.param("1252", "cp1252", id="number"),
        pytest.param("UTF-8 BOM", "utf-8-sig", id="utf-8-bom"),
        pytest.param("latin 1", "iso8859-1", id="latin"),
        pytest.param("Unicode", "utf-16", id="unicode"),
        pytest.param("UTF16LE", "utf-16-le", id="utf-16-le"),
        pytest.param("Shift-JIS", "shift_jis", id="shift-jis"),
        pytest.param("Mac", "mac-roman", id="mac"),
        pytest.param("DOS", "cp850", id="dos"),
        pytest.param("unicode_escape", None, id="escapes"),
        pytest.param("rot13", None, id="rot13"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_encodings_have_the_names_that_programs_give_them(name: str, encoding: str | None) -> None:
    assert encoding_name(name) == encoding


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("width", ["utf-16", "utf-32"])
def test_an_order_of_bytes_that_the_mark_belies_is_refused(write: Write, width: str, order: str) -> None:
    other = {"le": "be", "be": "le"}[order]
    path = write("\ufeffid;name\n1;Acme\n".encode(f"{width}-{order}"))
    assert read(path, ReaderOptions(encoding=f"{width}-{order}")).cells == [("1", "Acme")]
    assert read(path, ReaderOptions(encoding=width)).cells == [("1", "Acme")]
    with pytest.raises(SourceError, match=f'mark of {width}-{order}, but the encoding is set to "{width}-{other}"'):
        read(path, ReaderOptions(encoding=f"{width}-{other}"))


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("width", ["utf-16", "utf-32"])
@pytest.mark.parametrize(
    "table",
    [
        pytest.param("id;naam\n1;Acme\n", id="dutch"),
        pytest.param("Номер;Город\n1;Москва\n", id="russian"),
        pytest.param("Όνομα;Πόλη\nΑθήνα;Β\n", id="greek"),
        pytest.param("番号,会社名\n一,株式会社山田商店\n", id="japanese"),
        pytest.param("번호,회사명\n하나,삼성전자\n", id="korean"),
        pytest.param("编号,公司名称\n一,北京科技有限公司\n", id="chinese"),
    ],
)
def test_wide_text_without_a_mark_is_found_in_any_script(write: Write, table: str, width: str, order: str) -> None:
    encoding = f"{width}-{order}"
    got = read(write(table.encode(encoding)))
    assert got.info.encoding == encoding
    assert [list(got.info.columns), *map(list, got.cells)] == list(
        csv.reader(io.StringIO(table), delimiter=";" if ";" in table else ",")
    )


@pytest.mark.parametrize(
    ("language", "words", "encodings"),
    [
        pytest.param("tr", "Şehir Yıldız İstanbul Güneş Eskişehir Ağaoğlu Muğla", "cp1254 iso8859-9", id="turkish"),
        pytest.param("hu", "Név Város Kovács Győző Győr Szűcs Székesfehérvár", "cp1250 iso8859-2", id="hungarian"),
        pytest.param("lt", "Žalgiris Šiauliai Ąžuolas Kėdainiai Įmonė", "cp1257 iso8859-13", id="lithuanian"),
        pytest.param("ru", "НАЗВАНИЕ ГОРОД РОМАШКА МОСКВА ОАО", "cp1251 koi8-r cp866 iso8859-5", id="russian"),
        pytest.param("he", "מס שם עיר חברה בעמ תל אביב אלקטרה חיפה", "cp1255 iso8859-8", id="hebrew"),
        pytest.param("ar", "رقم اسم مدينة شركة النور القاهرة المدينة", "cp1256 iso8859-6", id="arabic"),
        pytest.param("gr", "Αριθμός Όνομα Πόλη Παπαδόπουλος Αθήνα", "cp1253 iso8859-7", id="greek"),
        pytest.param("jp", "番号 会社名 株式会社山田商店 東京都 鈴木電機 ソニー表計算", "cp932 euc_jp", id="japanese"),
        pytest.param("cn", "编号 公司名称 北京科技有限公司 上海贸易公司", "gbk gb18030", id="chinese"),
        pytest.param("tw", "編號 公司名稱 台灣積體電路 新竹 鴻海精密 新北", "big5", id="taiwanese"),
        pytest.param("kr", "번호 회사명 삼성전자 수원 현대자동차 서울", "euc_kr", id="korean"),
        pytest.param("th", "ลำดับ ชื่อ บริษัท ไทย กรุงเทพ", "cp874", id="thai"),
        pytest.param("fr", "Société Générale Hôtel Besançon Noël", "mac_roman cp850 iso8859-15", id="french"),
    ],
)
def test_a_code_page_is_told_by_its_language(language: str, words: str, encodings: str) -> None:
    for encoding in encodings.split():
        guess = guess_charset(words.encode(encoding))
        assert guess is not None, encoding
        assert words.encode(encoding).decode(guess.encoding) == words, encoding


def test_every_encoding_of_python_is_of_one_kind() -> None:
    names = [name for alias in set(encodings.aliases.aliases.values()) if (name := encoding_name(alias))]
    assert {"cp1252", "iso8859-2", "mac-roman", "koi8-r"} <= {name for name in names if is_single_byte(name)}
    assert {"utf-8", "utf-16", "gb18030", "shift_jis", "utf-7"} <= {name for name in names if not is_single_byte(name)}


@pytest.mark.parametrize("latin", [1, 50])
def test_two_encodings_in_one_file_are_placed(write: Write, latin: int) -> None:
    data = "id;n\n1;Söhne\n".encode() + "2;Café\n".encode("cp1252") * latin + "3;Zoë\n".encode() * 2
    with pytest.raises(SourceError) as caught:
        read(write(data))
    assert "line 3" in str(caught.value)


@pytest.mark.slow
def test_a_line_across_two_blocks_is_no_sign_of_two_encodings(write: Write) -> None:
    line = "1;Café Zoë\n".encode("cp1252")
    data = b"id;n\n" + line * ((1 << 20) // len(line) + 5) + "2;Söhne\n".encode()
    with pytest.raises(SourceError, match="two encodings"):
        read(write(data))


@pytest.mark.slow
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
        pytest.param("id;é\n1;€\n".encode("cp1252"), ReaderOptions(encoding="latin1"), "line 2: byte 0x80", id="latin"),
        pytest.param(
            "id;ü\n".encode(), ReaderOptions(encoding="cp1252"), "every line of the file is utf-8", id="utf-8"
        ),
        pytest.param("id;ü\n".encode("utf-16-le"), ReaderOptions(encoding="utf8"), "is utf-16-le", id="wide"),
        pytest.param(b"id;a\n" * 2, ReaderOptions(encoding="utf-16-be"), "is utf-8", id="not-wide"),
        pytest.param("id;ü\n".encode("cp1252"), ReaderOptions(encoding="utf-16"), "no byte order mark", id="no-mark"),
        pytest.param(b"id;n\n1;a\n" + bytes(20), ReaderOptions(), "ends in zero bytes", id="not-written-to-its-end"),
        pytest.param(b"id;n\n1;\x81\n", ReaderOptions(encoding="cp1252"), "line 2: byte 0x81", id="hole-of-cp1252"),
        pytest.param(b"id;n\n", ReaderOptions(encoding="utf-16"), "every line of the file is utf-8", id="no-utf-16"),
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
    assert read(write(b"id,name\n1,\0\n,3")).cells == [("1", "\0"), ("", "3")]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_guessing_is_total(text: str) -> None:
    for encoding in ("utf-8", "cp1252", "utf-16-le"):
        guess = guess_charset(text.encode(encoding, "ignore"))
        assert guess is None or text.encode(encoding, "ignore").decode(guess.encoding) is not None


@given(st.text(st.sampled_from("aZé0 _-.\n\rß\u2028Ω;"), max_size=40))
def test_words_and_lines_are_found_from_their_begin(text: str) -> None:
    signs = r"\s\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f"
    assert charset._WORD.findall(text) == re.findall(rf"[^{signs}]*[^\s\x00-\x7f][^{signs}]*", text)
    assert code_page._RICH_WORD.findall(text) == re.findall(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*", text)
    data = text.encode()
    assert code_page._RICH_LINE.findall(data) == re.findall(rb"[^\r\n]*[\x80-\xff][^\r\n]*", data)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'"' + b"a" * 400_000 + b'"', id="in-quotes"),
        pytest.param(b"a" * 400_000, id="one-word"),
        pytest.param(b"ab " * 130_000, id="words"),
    ],
)
def test_a_long_line_of_ascii_costs_no_square_of_its_length(write: Write, line: bytes) -> None:
    """Without a bound on each try this takes minutes."""
    got = read(write(b"id\n" + line + b"\n" + "Müller Größe Straße Café\n".encode("cp1252")))
    assert got.cells[-1] == ("Müller Größe Straße Café",)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_file_that_ends_within_a_character_is_said_to_be_cut(write: Write, encoding: str) -> None:
    data = "id;name\r\n1;Acme\r\n".encode(encoding)
    with pytest.raises(SourceError, match="ends in the middle of a character"):
        read(write(data[:-1]))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            b"k0,\0b,\0,\xc4\x80\r\nk1,,\0\0,\r\nk2,,,x\r\nk3,\xc4\x80,,a\0\r\nk4,x,\0,a\0\r\nk5,x,,\xc4\x80\r\n",
            id="letters",
        ),
        pytest.param(
            b"k0,\0b,\0,x\r\nk1,\0b,x,\xc4\x80\r\nk2,a\0,\0,\xc4\x80\r\nk3,x,,a\0\r\nk4,x,\xc4\x80,\0b\r\n", id="more"
        ),
        pytest.param(b"k1,\0\n\0,\0,\xc4\x80\r\n", id="a-line-end-within"),
    ],
)
def test_a_declared_encoding_in_which_all_decodes_is_used(write: Write, body: bytes) -> None:
    """Some zero bytes let the bytes make sense as UTF-16 too; the lines do not end as they would there."""
    path = write(b"id,first,second,third\r\n" + body + b"end,,,\r\n")
    assert read(path, ReaderOptions(encoding="utf-8", delimiter=",")).info.encoding == "utf-8"
    assert read(path).info.encoding == "utf-8"


def test_a_wide_encoding_that_was_declared_is_used_where_it_makes_sense(write: Write) -> None:
    table = "番号,会社名\n一,株式会社山田商店\n"
    assert read(write(table.encode("utf-16-be")), ReaderOptions(encoding="utf-16-be")).info.encoding == "utf-16-be"


def test_utf_8_that_is_declared_to_be_of_east_asia_is_told(write: Write) -> None:
    got = read(write("id,n\n1,Müller\n".encode()), ReaderOptions(encoding="gb18030"))
    assert got.info.encoding == "gb18030"
    assert "UTF-8 as well" in got.info.notes[0]


def test_runs_of_zeros_are_no_text(write: Write) -> None:
    with pytest.raises(SourceError, match="not text"):
        read(write(b"NAME\0\0\0\0\0\0\0C\0\0\0\0\x14\0\0\0\n1;a\n"))
