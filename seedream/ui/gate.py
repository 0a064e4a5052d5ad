"""The gate: what every request passes before anything else sees it, and what answers those that don't pass.

It stands outside of all that Gradio does. In this order: is there such a route, asked for in this way; by a name
of this page; from a page of its own; by somebody who has logged in, where that is needed; with a body that is
short and quick enough, and holds what it should. What fails behind it leaves a line in the log, and a sentence.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seedream.errors import SeedreamError
from seedream.ui.endpoints import endpoints
from seedream.ui.first_html import path_below_root
from seedream.ui.gate_origin import Names
from seedream.ui.gate_routes import GateRoute, gate_routes
from seedream.ui.gradio_calls import GradioCalls, unfit
from seedream.ui.login import let_in
from seedream.ui.refusals import refuse
from seedream.ui.request_body import Bodies, Body
from seedream.ui.services import Services
from seedream.ui.submission import address_of

if TYPE_CHECKING:
    from gradio.routes import App

log = logging.getLogger(__name__)

# No request of this page has lists within lists as deep.
_DEEPEST = 16
# Nor as many values, each of which costs a hundred times the byte that it is written as. A prompt may have commas.
_MOST_COMMAS = 50_000
# `Content-Encoding`'s word for none (RFC 9110).
_PLAIN = "identity"
# What Gradio and its framework say in words of their own, or in none.
_UNFIT, _FAULT = 422, 500


class Gate:
    """An ASGI app in front of Gradio's.

    Args:
        inner: does what is asked.
        app: Gradio's, which knows who has logged in.
        routes: what there is.
        names: those of the page.
        address: tells a visitor's.
    """

    def __init__(
        self,
        inner: ASGIApp,
        app: App,
        routes: Sequence[GateRoute],
        names: Names,
        address: Callable[[Request], str],
    ) -> None:
        self._inner = inner
        self._app = app
        self._routes = routes
        self._names = names
        self._address = address
        self._bodies = Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif scope["type"] == "http":
            await self._let_through(Request(scope), receive, send)
        else:
            await self._inner(scope, receive, send)

    async def _let_through(self, request: Request, receive: Receive, send: Send) -> None:
        body, answer = Body(receive), _Answer(send, head_only=request.method == "HEAD")
        try:
            error = await self._error(request, body, answer)
            if error is not None and not answer.begun:
                await refuse(request, error, body, send)
        finally:
            # Gradio keeps the request of a call for as long as that waits, and so all that the request knows.
            body.let_go()
            answer.let_go()

    async def _error(self, request: Request, body: Body, answer: _Answer) -> SeedreamError | None:
        """Have the request answered, and return what is to be said instead, if anything.

        It keeps no name for an error that it caught: that knows its frame, and a frame that knew the error would
        hold on to all that the request brought until Python looks for such circles, which may be never.
        """
        # Most of Gradio's routes know GET alone.
        scope = {**request.scope, "method": "GET"} if request.method == "HEAD" else request.scope
        try:
            await self._check(request, body)
            await self._inner(scope, body.receive, answer.send)
            return await answer.end()
        except ClientDisconnect:
            return None
        except SeedreamError as refused:
            return refused
        # Whatever fails behind the gate, its caller is told so, and no server's own traceback is written.
        except Exception as fault:
            place = traceback.extract_tb(fault.__traceback__)[-1]
            said = (request.method, _path(request), type(fault).__name__, place.filename, place.lineno)
            # Who asks often enough would fill the disk with tracebacks.
            log.error("%s %s failed: %s in %s:%d", *said)  # noqa: TRY400 - a line
            return SeedreamError("internal")

    async def _check(self, request: Request, body: Body) -> None:
        """Raise SeedreamError where a request does not pass."""
        route, named = self._route(request)
        if not route.any_host and not self._names.knows(request):
            raise SeedreamError("host_unknown")
        if not route.foreign and not self._names.own(request):
            raise SeedreamError("foreign_page")
        if route.login and not let_in(request, self._app):
            raise SeedreamError("login_needed")
        value = await self._read(request, route, body)
        if route.check:
            route.check(named, value)

    def _route(self, request: Request) -> tuple[GateRoute, Mapping[str, str]]:
        path, method = _path(request), "GET" if request.method == "HEAD" else request.method
        found = [(route, match) for route in self._routes if (match := route.pattern.match(path))]
        if not found:
            raise SeedreamError("route_unknown")
        for route, match in found:
            if method in route.methods:
                return route, match.groupdict()
        raise SeedreamError("method_unfit")

    async def _read(self, request: Request, route: GateRoute, body: Body) -> Any:
        """Return what the body holds, where that is JSON."""
        declared = request.headers.get("content-length")
        if request.method != "POST":
            if declared is not None or "transfer-encoding" in request.headers:
                await self._bodies.read(body, declared, 0, "")
            return None
        if request.headers.get("content-encoding", _PLAIN).lower() != _PLAIN:
            raise SeedreamError("body_encoded")
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if route.media_types and sent not in route.media_types:
            raise unfit("Content-Type")
        whole = await self._bodies.read(body, declared, route.most_bytes, self._address(request))
        return _json(whole) if route.body == "json" else None


def install_gate(app: App, services: Services) -> None:
    """Put the gate in front of Gradio's app. To be called before its first request."""
    calls = GradioCalls(app.get_blocks(), endpoints(services), services.pictures.folder)
    settings = services.settings
    names = Names(settings.hosts, behind_proxy=settings.trusted_proxies > 0)
    inner = app.middleware_stack
    assert inner is not None  # noqa: S101 - it is made before anything else happens
    app.middleware_stack = Gate(
        inner, app, gate_routes(calls, sign_in=settings.sign_in), names, partial(address_of, services)
    )


class _Answer:
    """What comes back from behind the gate: handed on, but for what is to be said in a better way.

    Args:
        send: takes it.
        head_only: end with what would be the body's first piece; a stream would go on and on.
    """

    def __init__(self, send: Send, *, head_only: bool) -> None:
        self._send = send
        self._head_only = head_only
        self._ended = False
        self._held: list[Message] = []
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = message["status"] not in (_UNFIT, _FAULT)
        if not self.begun:
            self._held.append(message)
        elif not self._ended:
            self._ended = self._head_only and message["type"] == "http.response.body"
            await self._send({"type": message["type"], "body": b""} if self._ended else message)

    def let_go(self) -> None:
        """Forget the connection: nothing more is sent."""
        self._send = _nowhere

    async def end(self) -> SeedreamError | None:
        """Return what is to be said instead of what came, if anything."""
        if not self._held:
            return None
        start, *pieces = self._held
        if start["status"] == _UNFIT:
            return SeedreamError("body_unfit", what=str(_UNFIT))
        if b'"error":null' in b"".join(each.get("body", b"") for each in pieces):
            return SeedreamError("internal")
        # A sentence of this page's, to a script whose call was not taken.
        self.begun = True
        for message in self._held:
            await self._send(message)
        return None


async def _nowhere(_: Message) -> None:
    pass


def _path(request: Request) -> str:
    return path_below_root(request.scope).rstrip("/") or "/"


def _json(body: bytes) -> Any:
    if body.count(b",") > _MOST_COMMAS:
        raise unfit("JSON")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise unfit("JSON") from error
    within = [value]
    for _ in range(_DEEPEST):
        within = [inner for each in within for inner in _members(each)]
        if not within:
            return value
    raise unfit("JSON")


def _members(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
