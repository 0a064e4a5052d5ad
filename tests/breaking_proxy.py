"""Between a browser and a server: keeps connections as a proxy does, and breaks them when a test says so.

A browser sends a request again by itself when a connection that it used before breaks ahead of the answer, a POST
too: the copy may reach another server.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

_PIECE = 65536
# Closing with this set resets the connection, as one does that is lost.
_RESET = struct.pack("ii", 1, 0)
_PATIENCE = 120.0

Break = Literal["before", "after"] | None


@dataclass(frozen=True)
class Asked:
    """One request as it came; `reused` says that its connection had carried others."""

    head: bytes
    body: bytes
    reused: bool

    @property
    def is_press(self) -> bool:
        return b"component_server" in self.head.partition(b"\r\n")[0] and b'"submit"' in self.body

    @property
    def raw(self) -> bytes:
        # The next server sees each request on a connection of its own.
        lines = [line for line in self.head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        return b"\r\n".join([*lines, b"Connection: close", b"", self.body])


@dataclass
class BreakingProxy:
    """Hands each request to the server that `choose(request)` names.

    Where `breaks(request)` says so, the browser's connection breaks before the server has seen it, or after.
    """

    choose: Callable[[Asked], str]
    breaks: Callable[[Asked], Break]
    url: str

    def serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(_PATIENCE)
            reused = False
            while asked := _read(connection, reused):
                breaks = self.breaks(asked)
                if breaks == "before":
                    break
                host, _, port = self.choose(asked).removeprefix("http://").partition(":")
                with socket.create_connection((host, int(port)), timeout=_PATIENCE) as upstream:
                    upstream.sendall(asked.raw)
                    if not breaks:
                        _relay(upstream, connection)
                        reused = True
                        continue
                    threading.Thread(target=_drain, args=[upstream.dup()], daemon=True).start()
                break
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


@contextmanager
def breaking_proxy(choose: Callable[[Asked], str], breaks: Callable[[Asked], Break]) -> Iterator[BreakingProxy]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        proxy = BreakingProxy(choose, breaks, f"http://127.0.0.1:{listening.getsockname()[1]}")

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=proxy.serve, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield proxy
        listening.shutdown(socket.SHUT_RDWR)


def _read(connection: socket.socket, reused: bool) -> Asked | None:
    found = b""
    while b"\r\n\r\n" not in found:
        piece = connection.recv(_PIECE)
        if not piece:
            return None
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += connection.recv(_PIECE)
    return Asked(head, body, reused)


def _relay(upstream: socket.socket, connection: socket.socket) -> None:
    """Hand on an answer, but for the line that would end the browser's connection with it."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = upstream.recv(_PIECE)
        if not piece:
            raise OSError("no answer")
        answer += piece
    head, _, rest = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    connection.sendall(b"\r\n".join([*lines, b"", rest]))
    while piece := upstream.recv(_PIECE):
        connection.sendall(piece)


def _drain(upstream: socket.socket) -> None:
    """Let the server answer a browser that has gone."""
    with upstream, suppress(OSError):
        while upstream.recv(_PIECE):
            pass
