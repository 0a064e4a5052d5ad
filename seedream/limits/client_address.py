"""Who a visitor is, for counting: an address that the visitor can't choose."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

# Some proxies write the port along: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]+)\](?::\d+)?|(?P<v4>[\d.]+):\d+")


def visitor_address(headers: Mapping[str, str], peer: str, trusted_proxies: int) -> str:
    """Return the address that a request counts for.

    Each proxy appends the address it was called from, so only as many entries as there are trusted proxies
    can be believed, counted from the right; whatever a visitor forged stands to the left of them.

    Args:
        headers: the request's own headers. Not a `dict` of them: that keeps one `X-Forwarded-For` of several,
            and the one it keeps is the forged one.
        peer: the address at the other end of the connection.
        trusted_proxies: how many proxies in front append to `X-Forwarded-For`; 0 to ignore the header.

    Returns:
        An IPv4 address, an IPv6 network `…/64` (what one household or one machine usually gets), or the peer
        as it is where neither it nor the header has an address.
    """
    forwarded = [
        entry for name, value in headers.items() if name.lower() == "x-forwarded-for" for entry in value.split(",")
    ]
    named = forwarded[-trusted_proxies] if 0 < trusted_proxies <= len(forwarded) else ""
    return _counted(named) or _counted(peer) or peer


def _counted(text: str) -> str | None:
    text = text.strip()
    if found := _WITH_PORT.fullmatch(text):
        text = found["v6"] or found["v4"]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    return str(address) if address.version == 4 else str(ipaddress.IPv6Network((int(address), 64), strict=False))
