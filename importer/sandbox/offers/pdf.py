"""An offer -> a PDF of one page, written by hand: its number, title, company, items' sums and dates."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["document", "file_name"]

_WIDTH, _HEIGHT, _MARGIN = 595, 842, 60  # points; A4
_LINE = 18
_CHARACTERS = 80
_LINES = 38
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_ESCAPES = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def document(heading: str, paragraphs: Sequence[str]) -> bytes:
    """Write a PDF; what Windows-1252, the font's encoding, does not have becomes a question mark."""
    lines = [line for paragraph in paragraphs for line in _wrapped(paragraph)][:_LINES]
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>" % (_WIDTH, _HEIGHT),
            _stream(_content(heading, lines)),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
    )


def file_name(number: str) -> str:
    """Make a file's name that is safe in a header and on every disk."""
    return f"{_UNSAFE.sub('-', f'offer-{number}')[:100].strip('.-')}.pdf"


def _wrapped(paragraph: str) -> list[str]:
    return [piece for line in paragraph.splitlines() for piece in textwrap.wrap(_plain(line), _CHARACTERS)] or [""]


def _plain(text: str) -> str:
    return _CONTROLS.sub(" ", text)[:2000]


def _content(heading: str, lines: Sequence[str]) -> bytes:
    shown = textwrap.shorten(_plain(heading), 50, placeholder="...")
    top = _HEIGHT - _MARGIN
    commands = [b"BT", b"/F1 18 Tf", b"%d %d Td" % (_MARGIN, top), _shown(shown), b"/F1 11 Tf", b"%d TL" % _LINE, b"T*"]
    for line in lines:
        commands += [b"T*", _shown(line)]
    return b"\n".join([*commands, b"ET"])


def _shown(text: str) -> bytes:
    return b"(%s) Tj" % text.translate(_ESCAPES).encode("cp1252", "replace")


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _file(objects: Sequence[bytes]) -> bytes:
    """Join objects, numbered from 1, with the table of where each begins, counted in bytes from the file's start."""
    written = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(written)
