"""The routes that this page uses, and for each who may call it, how, and with how much. All others don't exist.

Gradio opens some sixty more; what a new version of it adds stays closed until it is written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from starlette.routing import compile_path

from seedream.ui.assets import static_path
from seedream.ui.gradio_calls import GradioCalls
from seedream.ui.request_body import KIB
from seedream.ui.sign_in import CALLBACK, LOGIN, SIGN_OUT

_MEDIA_TYPES = {
    "json": ("application/json",),
    "form": ("application/x-www-form-urlencoded", "multipart/form-data"),
}
# The longest prompt, each of its characters as the twelve bytes that JSON may write it with; and the rest.
_CALL = 512 * KIB
# What takes references, as data URIs: 64 MiB of them, and the rest.
_REFERENCES = 66 * 1024 * KIB
# An agent need not have logged in before it is read. What is longer, the protocol's library refuses in its words.
_AGENT = 4 * 1024 * KIB
# A hundred files by their signed addresses, and the request, as a form encodes them.
_ARCHIVE = 1024 * KIB
# The longest settings that a copy holds, as a form encodes them.
_COPY = 96 * KIB
_SHORT = 4 * KIB

Check = Callable[[Mapping[str, str], Any], None]
"""Takes what the path names, and the body as JSON. Raises SeedreamError `body_unfit` or `route_unknown`."""


@dataclass(frozen=True)
class GateRoute:
    """A route that the gate lets through.

    Attributes:
        path: as Starlette writes it, below the page's root.
        methods: GET stands for HEAD, too.
        login: whether a visitor must have logged in, where the page asks for that.
        foreign: whether a page of another site may load it. Any site may lead a visitor to any page by a link.
        any_host: whether it answers by whatever name: who looks whether a process is well knows its number alone.
        body: how its body is written, if it has one.
        most_bytes: which its body may have.
        check: what else must hold.
    """

    path: str
    methods: tuple[Literal["GET", "POST", "DELETE"], ...] = ("GET",)
    login: bool = True
    foreign: bool = False
    any_host: bool = False
    body: Literal["json", "form"] | None = None
    most_bytes: int = 0
    check: Check | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return compile_path(self.path)[0]

    @property
    def media_types(self) -> tuple[str, ...]:
        """Return those that a body may have; none: any."""
        return _MEDIA_TYPES.get(self.body or "", ())


def gate_routes(calls: GradioCalls, *, sign_in: bool = False) -> list[GateRoute]:
    """Return the list.

    Args:
        calls: checks what a request asks Gradio to do.
        sign_in: whether visitors may sign in with Hugging Face, which leads them back here.
    """
    api = "/gradio_api"
    everybody: dict[str, Any] = {"login": False, "foreign": True}
    # What a page needs to ask for a login, or to say that it must be loaded anew.
    before_login: dict[str, Any] = {"login": False}
    posted: dict[str, Any] = {"methods": ("POST",), "body": "json"}
    signing_in = [GateRoute(LOGIN), GateRoute(CALLBACK), GateRoute(SIGN_OUT, ("POST",), most_bytes=_SHORT)]
    return [
        GateRoute("/", **everybody),
        GateRoute("/healthz", **everybody, any_host=True),
        GateRoute("/assets/{path:path}", **everybody),
        GateRoute("/static/{path:path}", **everybody),
        GateRoute(f"/{static_path()}/{{path:path}}", **everybody),
        GateRoute("/atelier/texts-{version}/{language}.json", **everybody),
        GateRoute("/theme.css", **everybody),
        GateRoute(f"{api}/theme.css", **everybody),
        GateRoute("/favicon.ico", **everybody),
        GateRoute("/manifest.json", **everybody),
        GateRoute("/robots.txt", **everybody),
        GateRoute("/login", ("POST",), **before_login, body="form", most_bytes=_SHORT),
        GateRoute(f"{api}/app_id", **before_login),
        GateRoute(f"{api}/startup-events", **before_login),
        GateRoute("/logout", ("POST",), **before_login, most_bytes=_SHORT),
        GateRoute("/config"),
        GateRoute(f"{api}/info"),
        GateRoute(f"{api}/queue/data"),
        GateRoute(f"{api}/queue/join", **posted, most_bytes=_REFERENCES, check=calls.joined),
        GateRoute(f"{api}/run/{{name}}", **posted, most_bytes=_REFERENCES, check=calls.listed),
        GateRoute(f"{api}/api/{{name}}", **posted, most_bytes=_CALL, check=calls.listed),
        GateRoute(f"{api}/call/v2/{{name}}", **posted, most_bytes=_REFERENCES, check=calls.named),
        GateRoute(f"{api}/call/v2/{{name}}/{{event}}"),
        GateRoute(f"{api}/call/{{name}}", **posted, most_bytes=_REFERENCES, check=calls.listed),
        GateRoute(f"{api}/call/{{name}}/{{event}}"),
        GateRoute(f"{api}/cancel", **posted, most_bytes=_SHORT),
        GateRoute(f"{api}/reset", **posted, most_bytes=_SHORT),
        GateRoute(f"{api}/component_server", **posted, most_bytes=_REFERENCES, check=calls.function),
        GateRoute(f"{api}/file={{path:path}}", check=calls.file),
        # An agent without a login sees the tools; they refuse it.
        GateRoute(f"{api}/mcp/schema", **before_login),
        GateRoute(f"{api}/mcp/sse", **before_login),
        GateRoute(f"{api}/mcp/messages", ("POST",), **before_login, body="json", most_bytes=_AGENT),
        GateRoute(f"{api}/mcp", ("GET", "POST", "DELETE"), **before_login, body="json", most_bytes=_AGENT),
        GateRoute("/atelier/ticket", ("POST",), most_bytes=_SHORT),
        GateRoute("/atelier/watch", **posted, most_bytes=_CALL),
        GateRoute("/atelier/archive", ("POST",), body="form", most_bytes=_ARCHIVE),
        GateRoute("/atelier/copy/{signed}", ("POST",), body="form", most_bytes=_COPY),
        GateRoute("/atelier/preview/{signed}"),
        GateRoute("/atelier/original/{signed}"),
        *(signing_in if sign_in else ()),
    ]
