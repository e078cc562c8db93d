"""A Kanbert that answers at once: every list is one empty page, every create is stored as it was sent, nothing is kept.

`python -m tests.benchmarks.stub LATENCY` prints its URL. A bare protocol, so that it is quicker than any client of it.
Not nginx: `run` holds each answer against what it has sent, and Kanbert's answer has other names and shapes than the
request (`taxation_enabled`, tags as objects), so a constant answer would make every row an issue (`stored-differs`), and
nginx has no word to make the right one of a body. The peers that do not look meet this same stub, for a fair ratio.
"""

from __future__ import annotations

import asyncio
import sys

import pydantic_core

from tests.fakes.nouns import stored

__all__ = ["main"]

_EMPTY_PAGE = b'{"data":[],"links":[],"meta":{"next_cursor":null}}'
_HEAD_END = b"\r\n\r\n"


class _Connection(asyncio.Protocol):
    """One connection; requests come one after the other, as aiohttp sends them."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(_HEAD_END)
        if head_end < 0:
            return
        head = self._received[:head_end]
        body_end = head_end + len(_HEAD_END) + _content_length(head)
        if len(self._received) < body_end:
            return
        body = self._received[head_end + len(_HEAD_END) : body_end]
        self._received = self._received[body_end:]
        self._answer(_created(body) if head.startswith(b"POST") else _response(b"200 OK", _EMPTY_PAGE))

    def _answer(self, response: bytes) -> None:
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._write, response)
        else:
            self._write(response)

    def _write(self, response: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(response)


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def _created(body: bytes) -> bytes:
    payload = pydantic_core.from_json(body)
    company = stored(payload, kanbert_id=f"kb-{payload['external_id']}").body
    return _response(b"201 Created", pydantic_core.to_json(company))


def _response(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


async def _serve(latency: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(latency), "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until terminated."""
    asyncio.run(_serve(float(sys.argv[1])))


if __name__ == "__main__":
    main()
