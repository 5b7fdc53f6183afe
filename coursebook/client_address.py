"""The network address of a client, and its network for rate limits."""

from ipaddress import IPv6Address, IPv6Network, ip_address

HOME_PREFIX = 64
"""Providers give every customer at least a /64 (RFC 6177), so its addresses are one client."""
MAX_ADDRESS = 64


def address_of(peer: str, forwarded: str, trusted_proxies: int) -> str:
    """Return the caller's address.

    Each of our `trusted_proxies` appends one entry to `X-Forwarded-For`. Earlier entries come from
    the caller and are ignored.
    """
    if trusted_proxies == 0:
        return peer
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    return entries[-trusted_proxies] if len(entries) >= trusted_proxies else peer


def network_of(address: str) -> str:
    """Return the network to count an address by: an IPv4 address, or the /64 of an IPv6 address.

    An IPv4-mapped IPv6 address counts as the IPv4 address.
    """
    try:
        ip = ip_address(_without_port(address.strip()))
    except ValueError:
        return address[:MAX_ADDRESS]
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(IPv6Network((int(ip), HOME_PREFIX), strict=False))


def _without_port(address: str) -> str:
    """Return the address alone: some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, colon, _ = address.partition(":")
    return host if colon and address.count(":") == 1 else address
