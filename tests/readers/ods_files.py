"""Makes OpenDocument spreadsheets, as packages and as single files, from the elements of their tables."""

from __future__ import annotations

import io
import zipfile
from html import escape

__all__ = ["cell", "fods", "ods", "package", "row", "sheet", "styles"]

_NAMES = (
    "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "style", "table", "text")
    )
    + ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
_STYLES = (
    "<office:automatic-styles>"
    '<style:style style:name="seen" style:family="table"><style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="gone" style:family="table"><style:table-properties table:display="false"/></style:style>'
    "</office:automatic-styles>"
)


def cell(shown: str = "", attributes: str = "", **stored: str) -> str:
    """A cell with the text that is shown; `stored` are attributes of office, such as value_type="float"."""
    told = "".join(f' office:{name.replace("_", "-")}="{_attribute(value)}"' for name, value in stored.items())
    body = "".join(f"<text:p>{escape(line)}</text:p>" for line in shown.split("\n")) if shown else ""
    return f"<table:table-cell{told} {attributes}>{body}</table:table-cell>"


def _attribute(value: str) -> str:
    return escape(value).replace("\n", "&#10;").replace("\t", "&#9;")


def row(*cells: str, attributes: str = "") -> str:
    written = "".join(each if each.startswith("<") else cell(each) for each in cells)
    return f"<table:table-row {attributes}>{written}</table:table-row>"


def sheet(*rows: str, name: str = "Data", style: str = "seen") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'


def styles(declared: str) -> bytes:
    """The styles of a package, as its own file has them."""
    return (
        f"<office:document-styles{_NAMES}><office:styles>{declared}</office:styles></office:document-styles>".encode()
    )


def _content(root: str, tables: str, kind: str, declared: str = "") -> bytes:
    body = f"<office:body><office:{kind}>{tables}</office:{kind}></office:body>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{_NAMES}><office:styles>{declared}</office:styles>{_STYLES}{body}</{root}>'.encode()


def fods(*tables: str, kind: str = "spreadsheet", declared: str = "") -> bytes:
    return _content("office:document", "".join(tables), kind, declared)


def ods(*tables: str, kind: str = "spreadsheet", beside: bytes | None = None) -> bytes:
    return package(_content("office:document-content", "".join(tables), kind), beside=beside)


def package(content: bytes, manifest: str = "<manifest/>", beside: bytes | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
        if beside is not None:
            archive.writestr("styles.xml", beside)
    return out.getvalue()
