"""Which address a host's name may lead to: resolved once, judged, and pinned (SECURITY V22)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

from kernel.errors import Refused

#: What a name from a council's file must not lead to unless the operator listed the network.
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def allowed(address: str, listed: Sequence[_Network]) -> bool:
    """Whether a service may live there: a public address, or one of a listed network."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        # ::ffff:127.0.0.1 is 127.0.0.1.
        ip = ip.ipv4_mapped
    if any(ip in network for network in listed if ip.version == network.version):
        return True
    return ip.is_global and not ip.is_multicast


async def pinned(host: str, port: int, listed: Sequence[_Network]) -> str:
    """The one address that will be spoken to. Raises ``Refused`` when any answer is forbidden, ``OSError`` without one.

    Any, not all: a name that gives a public and a private address is made to be asked twice (DNS rebinding).
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(allowed(one, listed) for one in addresses):
        raise Refused("forbidden_address", "a service's name leads to an address that is not allowed")
    return addresses[0]
