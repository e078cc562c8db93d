"""Debian's nginx with `limit_req` in front of a local Kanbert, as a process of its own: a limit that nobody tells.

No root is needed: its configuration, its logs and what it buffers are in one folder, its port is on loopback.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Gateway", "Hit", "Limit", "gateway", "wait_for"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What nginx lets through."""

    rate: int  # requests a second
    burst: int = 5
    delay: bool = False  # nginx holds the burst back to the rate, in place of passing it on at once
    retry_after: int | None = None  # seconds, said on each 429


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the access log."""

    at: float  # Unix time of the answer, to the millisecond
    status: int
    url: str  # of the port that was asked


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running nginx; both addresses lead to the same API and share one limit, and the log tells them apart."""

    urls: tuple[str, str]
    log: Path

    @property
    def url(self) -> str:
        return self.urls[0]

    def hits(self) -> list[Hit]:
        """Read what was answered until now."""
        lines = (line.split(" ", 2) for line in self.log.read_text(encoding="utf-8").splitlines())
        by_port = {str(urlsplit(url).port): url for url in self.urls}
        return sorted(
            (Hit(float(at), int(status), by_port[port]) for at, status, port in lines), key=lambda hit: hit.at
        )


@contextmanager
def gateway(folder: Path, upstream: str, limit: Limit) -> Iterator[Gateway]:
    """Run nginx before the API at `upstream`; its files stay in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    address, ports = urlsplit(upstream), _free_ports()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _configuration(folder, ports, f"{address.hostname}:{address.port}", limit), encoding="utf-8"
    )
    words = [_nginx(), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(ports[0], process, folder)
            first, second = (f"http://127.0.0.1:{port}{address.path}" for port in ports)
            yield Gateway((first, second), folder / "access.log")
        finally:
            process.terminate()


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise RuntimeError("nginx is not installed: apt-get install nginx-light (its service need not run)")
    return found


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        for listener in (first, second):
            listener.bind(("127.0.0.1", 0))
        return int(first.getsockname()[1]), int(second.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until nginx listens; RuntimeError with its own words where it has ended."""
    until = time.monotonic() + 60.0
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            time.sleep(0.02)  # a process of its own: only asking tells when it listens
        else:
            return
    message = f"nginx did not start: {(folder / 'error.log').read_text(encoding='utf-8')}"
    raise RuntimeError(message)


def _configuration(folder: Path, ports: tuple[int, int], upstream: str, limit: Limit) -> str:
    nodelay = "" if limit.delay else " nodelay"
    burst = f" burst={limit.burst}{nodelay}" if limit.burst else ""
    said = f"map $status $wait {{ 429 {limit.retry_after}; default ''; }}" if limit.retry_after is not None else ""
    header = "add_header Retry-After $wait always;" if said else ""
    buffers = " ".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""\
daemon off;
master_process off;
pid {folder / "nginx.pid"};
error_log {folder / "error.log"} crit;
events {{ worker_connections 512; }}
http {{
  {buffers}
  {said}
  log_format short '$msec $status $server_port';
  access_log {folder / "access.log"} short;
  limit_req_zone $server_name zone=all:1m rate={limit.rate}r/s;
  limit_req_status 429;
  keepalive_requests 1000000;
  upstream kanbert {{ server {upstream}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{ports[0]};
    listen 127.0.0.1:{ports[1]};
    server_name limited;
    location / {{
      limit_req zone=all{burst};
      {header}
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_pass http://kanbert;
    }}
  }}
}}
"""
