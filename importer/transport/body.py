"""An answer's bytes -> its JSON: bounded while they come, and parsed only where they say that they are JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pydantic_core

from importer.transport.failure import BodyTooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

    from importer.model import Json

__all__ = ["parsed", "read_body"]


async def read_body(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Read the body to its end, decompressed, up to `most` bytes; aiohttp then has the connection back.

    Raises:
        BodyTooLargeError: there is more; the response is to be closed.
    """
    stream = response.content
    content = await stream.read(most + 1)
    if not stream.at_eof():
        parts, size = [content], len(content)
        while size <= most and (part := await stream.read(most + 1 - size)):
            parts.append(part)
            size += len(part)
        content = b"".join(parts)
    if len(content) > most:
        raise BodyTooLargeError(most)
    return content


def parsed(headers: Mapping[str, str], content: bytes) -> tuple[bool, Json]:
    """Parse a body; the first is false where it is no JSON, or says that it is none. Empty is null."""
    if not content.strip():
        return True, None
    if not headers.get("Content-Type", "").partition(";")[0].strip().lower().endswith(("/json", "+json")):
        return False, None
    try:
        # answers have their keys in common; their values are new ones, and would drive each other out of the cache
        data: Json = pydantic_core.from_json(content, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return False, None
    return True, data
