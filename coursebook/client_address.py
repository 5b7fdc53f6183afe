"""The network address of a client, and the network that limits count it by."""

from ipaddress import IPv6Address, IPv6Network, ip_address

HOME_PREFIX = 64
"""Providers give every customer at least a /64 (RFC 6177), so its addresses are one client."""
LONGEST_ADDRESS = 64


def address_of(peer: str, forwarded: str, trusted_proxies: int) -> str:
    """Return the caller's address.

    Each of our `trusted_proxies` appended one entry to `X-Forwarded-For`; what stands before
    those was written by the caller and is not believed.
    """
    if trusted_proxies == 0:
        return peer
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    return entries[-trusted_proxies] if len(entries) >= trusted_proxies else peer


def network_of(address: str) -> str:
    """Return what limits count an address as: an IPv4 address, or the /64 of an IPv6 address.

    An IPv4 address that is written as IPv6 counts as the IPv4 address.
    """
    try:
        found = ip_address(_without_port(address.strip()))
    except ValueError:
        return address[:LONGEST_ADDRESS]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), HOME_PREFIX), strict=False))


def _without_port(address: str) -> str:
    """Return the address alone: some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, colon, _ = address.partition(":")
    return host if colon and address.count(":") == 1 else address
