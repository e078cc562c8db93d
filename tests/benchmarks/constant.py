"""nginx on loopback that answers every create at once with one and the same company: what no stub in Python can be under."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pydantic_core

from tests.fakes.nginx import wait_for
from tests.fakes.nouns import stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["constant_answers"]


@contextmanager
def constant_answers(folder: Path, body: bytes) -> Iterator[str | None]:
    """Run nginx with the answer to one create; its URL, or None where nginx is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        yield None
        return
    folder.mkdir()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    configuration = folder / "nginx.conf"
    configuration.write_text(_configuration(folder, port, body), encoding="utf-8")
    words = [program, "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process, folder)
            yield f"http://127.0.0.1:{port}/api/v1"
        finally:
            process.terminate()


def _configuration(folder: Path, port: int, body: bytes) -> str:
    company = stored(pydantic_core.from_json(body), kanbert_id="kb-1").body
    answer = pydantic_core.to_json(company).decode().replace("\\", "\\\\").replace("'", "\\'")
    buffers = " ".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""\
daemon off;
master_process off;
pid {folder / "nginx.pid"};
events {{ worker_connections 256; }}
http {{
  access_log off;
  default_type application/json;
  keepalive_requests 1000000000;
  {buffers}
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 201 '{answer}'; }}
  }}
}}
"""
