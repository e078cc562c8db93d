from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.errors import SourceError
from importer.readers import Limits, ReaderOptions, scratch
from importer.readers.opening import open_source
from tests.readers.trap_files import read, workbook

if TYPE_CHECKING:
    from tests.readers.conftest import Write

UNNAMED = Path("/proc/self/fd").is_dir()
TABLE = b"id;name\n1;Acme\n2\n"
BOOK = workbook([["id", "name"], [1, "Acme"]])


def zipped(content: bytes, *others: str, name: str = "Kunden 2024.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for other in others:
            archive.writestr(other, b"")
        archive.writestr(name, content)
    return out.getvalue()


def changed(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("data", "kind", "note"),
    [
        pytest.param(gzip.compress(TABLE), "csv", "unpacked from gzip.", id="gzip"),
        pytest.param(gzip.compress(TABLE[:9]) + gzip.compress(TABLE[9:]), "csv", "gzip.", id="gzip-in-two-parts"),
        pytest.param(zipped(TABLE), "csv", 'unpacked from zip: "Kunden 2024.csv".', id="zip"),
        pytest.param(
            zipped(TABLE, "a/", "__MACOSX/._a", "a/.DS_Store", "Thumbs.db"),
            "csv",
            "zip",
            id="zip-with-what-systems-add",
        ),
        pytest.param(gzip.compress(TABLE.decode().encode("utf-16")), "csv", "gzip", id="gzip-of-utf-16"),
        pytest.param(gzip.compress(BOOK), "xlsx", "gzip", id="gzip-of-a-workbook"),
        pytest.param(zipped(BOOK, name="x.bin"), "xlsx", "zip", id="zip-of-a-workbook"),
    ],
)
def test_what_is_packed_alone_is_read(write: Write, data: bytes, kind: str, note: str) -> None:
    path = write(data, "table.csv")
    got = read(path)
    assert (got.info.format, got.info.columns) == (kind, ("id", "name"))
    assert tuple(map(str, got.cells[0])) == ("1", "Acme")
    assert note in got.info.notes[0]
    assert (got.info.path, got.info.sha256) == (str(path), hashlib.sha256(data).hexdigest())


def test_issues_and_errors_name_the_packed_file(write: Write) -> None:
    path = write(gzip.compress(TABLE))
    with open_source(path) as source:
        list(source.rows())
        ragged = list(source.rows())[1]
        assert source.blank_rows == 0
    assert [issue.location.file for issue in ragged.issues] == [str(path)]
    for inside in (b"%PDF-1.7", b'id;name\n1;"Acme\n2;Beta\n', b"id;name\n" + b"1;a\n" * 3000 + b'1;"Acme\n2;Beta\n'):
        path = write(gzip.compress(inside))
        with pytest.raises(SourceError) as caught:
            read(path)
        assert str(caught.value).startswith(str(path))
        assert "kanbert-import-" not in str(caught.value)


@pytest.mark.parametrize("named", [True, False])
def test_the_unpacked_copy_is_gone_in_the_end(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    if named:  # as where a file without a name cannot be read by a path
        monkeypatch.setattr(scratch, "_OPEN_FILES", tmp_path / "none")
    for data in (gzip.compress(TABLE), gzip.compress(b"%PDF-1.7"), gzip.compress(TABLE)[:-9]):
        try:
            with open_source(write(data)) as source:
                assert bool(list(copies.iterdir())) == (named or not UNNAMED)
                assert [row.number for _ in range(2) for row in source.rows()] == [2, 3, 2, 3]
        except SourceError:
            pass
        assert not list(copies.iterdir())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(gzip.compress(zipped(TABLE)), "an archive within an archive", id="zip-in-gzip"),
        pytest.param(zipped(gzip.compress(TABLE)), "an archive within an archive", id="gzip-in-zip"),
        pytest.param(gzip.compress(TABLE)[:-9], "damaged", id="gzip-cut-off"),
        pytest.param(changed(gzip.compress(TABLE), 14, 0xFF), "damaged", id="gzip-flipped"),
        pytest.param(gzip.compress(b""), "empty", id="gzip-of-nothing"),
        pytest.param(zipped(TABLE)[:-30], "damaged", id="zip-cut-off"),
        pytest.param(changed(zipped(TABLE), 50, 0xFF), "damaged", id="zip-flipped"),
        pytest.param(zipped(TABLE, "other.csv"), "Unpack it", id="zip-of-two"),
        pytest.param(gzip.compress(bytes(80 << 20)), "would unpack to more than", id="gzip-bomb"),
        pytest.param(zipped(bytes(80 << 20)), "would unpack to more than", id="zip-bomb"),
    ],
)
def test_what_cannot_be_unpacked_is_refused_in_words(write: Write, data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught, open_source(write(data, "table.gz")):
        pass
    assert "table.gz" in str(caught.value)


def test_a_protected_or_oddly_packed_archive_is_named(write: Write) -> None:
    data = zipped(TABLE)
    central = data.rfind(b"PK\x01\x02")
    with pytest.raises(SourceError, match="protected by a password"), open_source(write(changed(data, central + 8, 1))):
        pass
    odd = changed(changed(data, central + 10, 9), 8, 9)
    with pytest.raises(SourceError, match="unusual way"), open_source(write(odd)):
        pass


@pytest.mark.slow
def test_the_limits_can_be_raised_and_lowered(write: Write) -> None:
    path = write(gzip.compress(b"id;name\n" + b"1;Acme\n" * 200_000))
    assert len(read(path).rows) == 200_000
    with pytest.raises(SourceError, match="KANBERT_LIMITS=unpacked"):
        read(path, ReaderOptions(limits=Limits(unpacked=1 << 20)))


@pytest.mark.slow
def test_a_list_that_packs_well_is_no_bomb(write: Write) -> None:
    rows = b"id;name;a;b;c;d\n" + b"".join(b"%d;Acme;;;;\n" % number for number in range(200_000))
    assert len(read(write(gzip.compress(rows))).rows) == 200_000
