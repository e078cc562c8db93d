"""The headers of a request -> whether a page of this machine asks, so that no other site can look in or press a button.

A site whose name is made to point at this machine (DNS rebinding) shows by its Host, a form of another site by its
Origin. Programs send no Origin, and go on working.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from importer.sandbox.wire.answers import ApiError
from importer.sandbox.wire.loopback import is_loopback

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["READS", "refuse_foreign", "refuse_rebound"]

READS = ("GET", "HEAD")

_ELSEWHERE = "This answers under a name of this machine only, such as 127.0.0.1 or localhost."
_HOST = re.compile(r"(?:\[(?P<v6>[^\]]*:[^\]]*)\]|(?P<name>[^:\[\]]*))(?::\d{1,5})?", re.ASCII)


def refuse_foreign(request: web.BaseRequest) -> None:
    """Let a request through that comes from this machine's own pages or from a program.

    Raises:
        ApiError: 403, with the reason in plain words.
    """
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not _is_ours(hosts[0]):
        raise ApiError(403, _ELSEWHERE)
    if request.method not in READS and not _is_from(request, hosts[0]):
        raise ApiError(403, "Another site asked for this. Only the sandbox's own pages, and programs, change anything.")


def refuse_rebound(request: web.BaseRequest) -> None:
    """Let a call of the API through unless a browser makes it under another machine's name.

    A proxy on this machine may name the API as it likes. Browsers show by Accept-Language and the Sec-Fetch headers,
    which a page cannot leave out of its requests; not every browser sends each of them.

    Raises:
        ApiError: 403, with the reason in plain words.
    """
    host = request.headers.get("Host")
    if host is not None and _is_from_browser(request) and not _is_ours(host):
        raise ApiError(403, _ELSEWHERE)


def _is_ours(host: str) -> bool:
    """Tell whether a Host header names this machine, with or without a port."""
    found = _HOST.fullmatch(host)
    return found is not None and is_loopback(found["v6"] or found["name"])


def _is_from_browser(request: web.BaseRequest) -> bool:
    return any(name.lower().startswith(("accept-language", "sec-fetch-")) for name in request.headers)


def _is_from(request: web.BaseRequest, host: str) -> bool:
    headers = request.headers
    source = headers.get("Origin", headers.get("Referer"))
    if source is None:
        return headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
