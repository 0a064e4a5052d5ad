"""What the tests of the gate walk along: the gate's own list, and the routes that Gradio's app really has."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from gradio.routes import App
from starlette.routing import BaseRoute, Mount

from seedream.settings import Settings
from seedream.ui.endpoints import endpoints
from seedream.ui.gate_routes import GateRoute, gate_routes
from seedream.ui.gradio_calls import GradioCalls
from seedream.ui.page import launch_options, page
from seedream.ui.services import make_services

_PARAMETER = re.compile(r"\{(\w+)(:\w+)?\}")
SECONDS = 30.0

_services = make_services(Settings())
_page = page(_services)
LIST: list[GateRoute] = gate_routes(GradioCalls(_page, endpoints(_services), _services.pictures.folder))


def routes_of_gradio() -> set[tuple[str, str]]:
    """Return the method and the path, without parameters, of every route that the app has."""
    kwargs = launch_options(_services)["app_kwargs"]
    return set(_walked(App.create_app(_page, app_kwargs=kwargs, mcp_server=True).routes))


def _walked(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in routes:
        within: Any = getattr(route, "original_router", None)
        if within is not None:
            yield from _walked(within.routes, prefix)
            continue
        path = prefix + route.path  # type: ignore[attr-defined]
        if isinstance(route, Mount):
            yield from _walked(route.routes, path)
            yield "GET", example(f"{path}/{{path}}")
        for method in getattr(route, "methods", None) or ("GET", "POST"):
            yield method, example(path)


def example(path: str) -> str:
    """Return an address that this path stands for."""
    filled = _PARAMETER.sub(lambda place: "generate" if place[1] == "name" else "1", path)
    # Without the slash, Starlette sends whoever asks on to it.
    return f"{filled}/" if filled.endswith("/mcp") else filled


def listed(method: str, path: str) -> bool:
    path = path.rstrip("/") or "/"
    return any(route.pattern.match(path) and method.replace("HEAD", "GET") in route.methods for route in LIST)


def ask(
    url: str,
    route: GateRoute,
    body: bytes | Iterable[bytes] | None = None,
    method: str | None = None,
    **headers: str,
) -> tuple[int, Mapping[str, Any] | None]:
    """Ask for a route as a stranger might, and return the status and the JSON of the answer, if it is a refusal.

    Args:
        url: the app's.
        route: the one that is asked for.
        body: its body: in one piece with its length, or in several without.
        method: default: POST, where the route takes that.
        headers: further ones, `_` for `-`.
    """
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=SECONDS)
    named = {"Accept-Language": "ja"}
    if route.media_types:
        named["Content-Type"] = route.media_types[0]
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        chosen = method or ("POST" if "POST" in route.methods else "GET")
        connection.request(chosen, example(route.path), body, named)
        answer = connection.getresponse()
        if answer.status < 400 or answer.getheader("Content-Type") != "application/json":
            return answer.status, None
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()
