"""Runs an ASGI application as a real HTTP server beside the program, on this machine's loopback alone."""

from __future__ import annotations

import socket
import threading
from contextlib import AbstractContextManager, suppress

import uvicorn
from starlette.types import ASGIApp

from seedream.offline.options import Options
from seedream.offline.service import create_app

_SHUTDOWN_SECONDS = 3


class RunningService(AbstractContextManager["RunningService"]):
    """A server in a thread of its own. As a context manager it stops when the block ends."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        # asyncio turns Nagle's delay off (40 ms an answer) for sockets that name their protocol alone.
        bound = socket.create_server(("127.0.0.1", port)).detach()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, bound)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=_SHUTDOWN_SECONDS
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="offline-service", daemon=True)
        self._thread.start()
        while self._thread.is_alive() and not self._server.started:
            self._thread.join(0.001)
        if not self._server.started:
            raise RuntimeError("the server could not start")

    def stop(self) -> None:
        """End the server and wait for it; stopping twice is harmless."""
        self._server.should_exit = True
        self._thread.join()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        # uvicorn ends the program where an application fails to start; it is not its program here.
        with self._socket, suppress(SystemExit):
            self._server.run(sockets=[self._socket])


def serve(app: ASGIApp, port: int = 0) -> RunningService:
    """Serve `app` on 127.0.0.1 and return once it accepts connections.

    Args:
        app: any ASGI application.
        port: 0 takes a free one.

    Raises:
        OSError: the port is taken.
        RuntimeError: the application failed to start.
    """
    return RunningService(app, port)


def start_offline(options: Options | None = None, port: int = 0) -> RunningService:
    """Serve the stand-in of the Model API, drawing sample pictures."""
    return serve(create_app(options), port)
