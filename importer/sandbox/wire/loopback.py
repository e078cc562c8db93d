"""A host as it is written -> whether it names this machine, without asking anybody."""

from __future__ import annotations

import ipaddress

__all__ = ["is_loopback"]

_V6 = ipaddress.IPv6Address("::1")


def is_loopback(host: str) -> bool:
    """Tell whether a host is literally 127.x.y.z, ::1 or localhost.

    Other spellings are refused, whatever they lead to: numbers, mapped addresses and zones, a dot at the end.
    """
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback if isinstance(address, ipaddress.IPv4Address) else address == _V6
