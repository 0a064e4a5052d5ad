"""The connections below every request: how long one may take to say what it wants, and how many there are.

Left to itself, uvicorn waits for a request's head for good, and takes connections until the process can open no
file any more; then nobody gets in, and the log grows by megabytes a second.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from functools import partial
from typing import Any

from gradio import http_server
from starlette.requests import Request
from uvicorn import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.h11_impl import H11Protocol

from seedream.errors import SeedreamError
from seedream.ui.places import TAKEN_UP_AT_ONCE, Bounds, Places
from seedream.ui.refusals import refuse
from seedream.ui.request_body import KIB, Body

try:
    import resource
except ImportError:  # Windows has no bound that could be met
    resource = None  # type: ignore[assignment]  # a module elsewhere

# More than any page needs, and as many as macOS lets a process ask for.
_MOST_DESCRIPTORS = 10_240
# Of them for the app's own: its files, its own requests, and connections that wait to be taken up or to be closed.
_OWN_DESCRIPTORS = 64
_QUEUE = 2048
# So many bytes the system takes from the app before the line does. Left to itself it takes megabytes, which cost
# the time of reading them, for somebody who may never want them.
_AHEAD = 128 * KIB
# So many bytes of an answer wait for the line before no more of it is asked for.
_WAITING = 16 * KIB
# So long, in seconds, Linux itself keeps a connection that says nothing: who speaks at once comes first.
_SILENT_SECONDS = 1


class Server(http_server.Server):
    """The server that Gradio starts, but for its connections, which have bounds.

    It leaves uvicorn no choice of parser, loop or WebSocket (which the page has none of) by what is installed.
    """

    def __init__(self, config: Config, *args: Any, bounds: Bounds | None = None, **options: Any) -> None:
        super().__init__(config, *args, **options)
        places = Places(bounds or Bounds(most_connections(descriptors())))
        config.http = partial(_Connection, places)  # type: ignore[assignment]  # uvicorn only calls it
        config.loop, config.ws = "asyncio", "none"
        config.backlog = TAKEN_UP_AT_ONCE

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for each in server.sockets:
                with each.dup() as same:
                    # How many wait in the system's queue is another thing, though asyncio gives both one name.
                    same.listen(_QUEUE)
                    if hasattr(socket, "TCP_DEFER_ACCEPT"):
                        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _SILENT_SECONDS)
                    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
                        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _AHEAD)


def bound_connections() -> None:
    """Have Gradio start a server with bounds."""
    http_server.Server = Server  # type: ignore[misc]  # to mypy, a class is no variable


def descriptors() -> int:
    """Let the process open as many files as the system allows it, up to what is needed; return how many."""
    if resource is None:
        return _MOST_DESCRIPTORS
    now, most = (
        _MOST_DESCRIPTORS if each == resource.RLIM_INFINITY else each
        for each in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    if now < (wanted := min(most, _MOST_DESCRIPTORS)):
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], _MOST_DESCRIPTORS)


def most_connections(descriptors: int) -> int:
    """Return how many there may be; to each a file may be sent that is open, too."""
    return max((descriptors - _OWN_DESCRIPTORS) // 2, 4 * TAKEN_UP_AT_ONCE)


class _Connection(H11Protocol):
    def __init__(self, places: Places, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._places = places
        # Whether the request that is waited for has begun to come.
        self.begun = False

    @property
    def address(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def waits(self) -> bool:
        """Whether no request is under way."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def gone(self) -> bool:
        return self not in self.connections

    @property
    def unsent(self) -> int:
        return self.transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as h11's
        # Unless told so, asyncio reads four times as much at once from one, and keeps all others waiting for it.
        transport.max_size = HIGH_WATER_LIMIT  # type: ignore[attr-defined]  # of its transports of sockets
        # Left to itself, it lets 64 KiB and a piece wait for a reader who takes none of it.
        transport.set_write_buffer_limits(_WAITING)
        super().connection_made(transport)
        self._places.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._places.lost(self)
        # What knows itself is kept, with all that was read, until Python looks for such circles.
        self.app = self.config.loaded_app

    def data_received(self, data: bytes) -> None:
        self.app = self._serve
        super().data_received(data)
        self._places.heard(self)

    def on_response_complete(self) -> None:
        self._places.answered(self)
        super().on_response_complete()
        if not self.waits:
            # The next request had come before this one was answered.
            self._places.heard(self)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._places.still(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._places.moves(self)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        if self._places.take(self):
            await self.config.loaded_app(scope, receive, send)
        else:
            await refuse(Request(scope), SeedreamError("page_busy"), Body(receive), send)

    def end(self, answer: bytes) -> None:
        """Close the connection; with this answer, if there is a request to answer."""
        unsent = self.unsent
        answered = not self.waits and self.cycle.response_started
        if self.begun and not unsent and not answered and not self.transport.is_closing():
            self.transport.write(answer)
        if self.unsent:
            self.transport.abort()
        self.transport.close()
