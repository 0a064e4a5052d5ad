"""By which name a page was asked for, and whether by a page of its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

# Whoever asks for these is on this machine, or could write any name.
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_OWN, _FOREIGN = frozenset({"same-origin", "none"}), frozenset({"same-site", "cross-site"})


class Names:
    """The names that the page goes by.

    Args:
        hosts: its owner's list; empty: whatever it is asked by.
        behind_proxy: whether one that the owner trusts says in `X-Forwarded-Host` what it was asked by.
    """

    def __init__(self, hosts: tuple[str, ...], *, behind_proxy: bool) -> None:
        self._hosts = frozenset(each.lower() for each in hosts)
        self._known = self._hosts | _LOOPBACK
        self._behind_proxy = behind_proxy

    def knows(self, request: Request) -> bool:
        """Tell whether the page goes by the name in this request."""
        name = _name_and_port(f"//{request.headers.get('host', '')}")[0]
        return not self._hosts or name in self._known

    def own(self, request: Request) -> bool:
        """Tell whether no page of another site asked for this, but by leading its visitor here.

        A browser says so in `Sec-Fetch-Site` (Fetch Metadata, W3C), an older one or over plain HTTP in `Origin`
        alone. What is no browser says neither.
        """
        origin = request.headers.get("origin")
        if origin is not None and _name_and_port(origin)[0] in self._hosts:
            return True
        site = request.headers.get("sec-fetch-site")
        if site in _OWN:
            return True
        if site in _FOREIGN:
            led_here = request.headers.get("sec-fetch-mode") == "navigate"
            return led_here and request.method in ("GET", "HEAD")
        return origin is None or any(_same(origin, each) for each in self._asked_by(request))

    def _asked_by(self, request: Request) -> list[str]:
        said = [request.headers.get("host", "")]
        if self._behind_proxy:
            said += [each.strip() for each in request.headers.get("x-forwarded-host", "").split(",")]
        return [each for each in said if each]


def _same(origin: str, host: str) -> bool:
    """Compare an origin and a host; the port counts where both name one: proxies take it off."""
    name, port = _name_and_port(origin)
    asked_name, asked_port = _name_and_port(f"//{host}")
    return name == asked_name and (None in (port, asked_port) or port == asked_port)


def _name_and_port(address: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "", None
    return parts.hostname or "", port
