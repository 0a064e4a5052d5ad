"""The connections below every request: how long one may take to say what it wants, and how many there are.

Left to itself, uvicorn waits for a request's head for good, and takes connections until the process can open no
file any more; then nobody gets in, and the log grows by megabytes a second.
"""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradio import http_server
from starlette.requests import Request
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from seedream.errors import SeedreamError
from seedream.ui.refusals import RETRY_SECONDS, refuse
from seedream.ui.request_body import Body

try:
    import resource
except ImportError:  # Windows has no bound that could be met
    resource = None  # type: ignore[assignment]  # a module elsewhere

# More than any page needs, and as many as macOS lets a process ask for.
_MOST_DESCRIPTORS = 10_240
# Of them for the app's own: its files, its own requests, and connections that wait to be taken up or to be closed.
_OWN_DESCRIPTORS = 64
# asyncio takes up so many connections before it looks at the first of them; the others wait in the system's queue.
_TAKEN_UP_AT_ONCE = 8
_QUEUE = 2048
# So long, in seconds, Linux itself keeps a connection that says nothing: who speaks at once comes first.
_SILENT_SECONDS = 1
_END = b"Connection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n" + _END
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: %d\r\n" % RETRY_SECONDS + _END


@dataclass(frozen=True)
class Bounds:
    """What connections may take.

    Attributes:
        most: connections at once.
        head_seconds: from the opening, or from a further request's first byte, to the end of its head.
        sweep_seconds: how often that is looked at.
    """

    most: int
    head_seconds: float = 10.0
    sweep_seconds: float = 1.0

    @property
    def most_served(self) -> int:
        """How many of them may have a request under way.

        The others come to hear that it is full. They are as many as may be opened between the opening of one and
        the reading of what it has sent already: who speaks at once is heard.
        """
        return self.most - max(self.most // 8, 3 * _TAKEN_UP_AT_ONCE)


class Server(http_server.Server):
    """The server that Gradio starts, but for its connections, which have bounds.

    It leaves uvicorn no choice of parser, loop or WebSocket (which the page has none of) by what is installed.
    """

    def __init__(self, config: Config, *args: Any, bounds: Bounds | None = None, **options: Any) -> None:
        super().__init__(config, *args, **options)
        connections = _Connections(bounds or Bounds(most_connections(descriptors())))
        config.http = partial(_Connection, connections)  # type: ignore[assignment]  # uvicorn only calls it
        config.loop, config.ws = "asyncio", "none"
        config.backlog = _TAKEN_UP_AT_ONCE

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for each in server.sockets:
                with each.dup() as same:
                    # How many wait in the system's queue is another thing, though asyncio gives both one name.
                    same.listen(_QUEUE)
                    if hasattr(socket, "TCP_DEFER_ACCEPT"):
                        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _SILENT_SECONDS)


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
    return max((descriptors - _OWN_DESCRIPTORS) // 2, 4 * _TAKEN_UP_AT_ONCE)


class _Connection(H11Protocol):
    def __init__(self, all_of_them: _Connections, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._all = all_of_them
        # Whether the request that is waited for has begun to come.
        self.begun = False

    @property
    def waits(self) -> bool:
        """Whether no request is under way."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as h11's
        super().connection_made(transport)
        self._all.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._all.lost(self)

    def data_received(self, data: bytes) -> None:
        self.app = self.config.loaded_app if self._all.have_room() else _say_full
        super().data_received(data)
        self._all.heard(self)

    def on_response_complete(self) -> None:
        self._all.answered(self)
        super().on_response_complete()
        if not self.waits:
            # The next request had come before this one was answered.
            self._all.heard(self)

    def end(self, answer: bytes) -> None:
        """Close the connection; with this answer, if there is a request to answer."""
        unsent = self.transport.get_write_buffer_size()
        answered = not self.waits and self.cycle.response_started
        if self.begun and not unsent and not answered and not self.transport.is_closing():
            self.transport.write(answer)
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        self.transport.close()


class _Connections:
    """All of a server's, by what they wait for."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        # Those without a whole head, and since when.
        self._heads: OrderedDict[_Connection, float] = OrderedDict()
        # Those with a part of a body, in the order in which they were heard of. It is the gate that ends those.
        self._bodies: OrderedDict[_Connection, None] = OrderedDict()
        # Those with a whole request that is being answered.
        self._served: set[_Connection] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    def opened(self, connection: _Connection) -> None:
        self._wait_for_head(connection)
        # Those that were ended are not counted: they are gone at the loop's next turn.
        if len(self._heads) + len(self._bodies) + len(self._served) > self._bounds.most:
            # Itself, where nobody else waits.
            self._heads.popitem(last=False)[0].end(_FULL)

    def lost(self, connection: _Connection) -> None:
        self._heads.pop(connection, None)
        self._leave(connection)

    def have_room(self) -> bool:
        """Tell whether one more request can be taken."""
        return bool(self._bodies) or len(self._served) < self._bounds.most_served

    def heard(self, connection: _Connection) -> None:
        """Note that something came."""
        begins, connection.begun = not connection.begun, True
        if connection.waits:
            if begins and connection.cycle:
                self._wait_for_head(connection)
            return
        self._heads.pop(connection, None)
        self._leave(connection)
        if connection.cycle.more_body:
            self._bodies[connection] = None
        else:
            self._served.add(connection)
        if self._bodies and len(self._served) + len(self._bodies) > self._bounds.most_served:
            self._bodies.popitem(last=False)[0].end(_FULL)

    def answered(self, connection: _Connection) -> None:
        """Note that the request has its answer."""
        connection.begun = False
        self._leave(connection)
        if connection in connection.connections:
            self._wait_for_head(connection)

    def _leave(self, connection: _Connection) -> None:
        self._bodies.pop(connection, None)
        self._served.discard(connection)

    def _wait_for_head(self, connection: _Connection) -> None:
        self._heads[connection] = connection.loop.time()
        self._heads.move_to_end(connection)
        if self._sweeping is None:
            self._sweeping = connection.loop.call_later(self._bounds.sweep_seconds, self._sweep, connection.loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what has waited for its head too long."""
        before = loop.time() - self._bounds.head_seconds
        while self._heads and next(iter(self._heads.values())) <= before:
            connection, _ = self._heads.popitem(last=False)
            if connection.transport.get_write_buffer_size():
                # The last answer is still on its way, to somebody with a slow line.
                self._wait_for_head(connection)
            else:
                connection.end(_TOO_SLOW)
        again = self._heads
        self._sweeping = loop.call_later(self._bounds.sweep_seconds, self._sweep, loop) if again else None


async def _say_full(scope: Any, receive: Any, send: Any) -> None:
    await refuse(Request(scope), SeedreamError("page_busy"), Body(receive), send)
