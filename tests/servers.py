"""Real servers for the tests: the offline service with a record of its calls, and the app as its own process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
START_SECONDS = 60.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Call:
    """One request that reached a server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Recorder:
    """Wraps an ASGI app and keeps each request that it gets, in order."""

    app: App
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages: list[MutableMapping[str, Any]] = []

        async def listen() -> MutableMapping[str, Any]:
            messages.append(await receive())
            if messages[-1]["type"] == "http.request" and not messages[-1].get("more_body"):
                headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
                body = b"".join(message.get("body", b"") for message in messages)
                self.calls.append(Call(scope["method"], scope["path"], headers, body))
            return messages[-1]

        # A handler that reads no body would leave no record: its beginning is read here, and handed on.
        replay = [await listen()]

        async def hand_on() -> MutableMapping[str, Any]:
            if replay:
                return replay.pop()
            return await (listen() if messages[-1].get("more_body") else receive())

        await self.app(scope, hand_on, send)

    def submissions(self) -> list[Call]:
        return [call for call in self.calls if call.method == "POST" and call.path.startswith("/v1/models/")]


@dataclass
class AppProcess:
    """`python app.py`, running."""

    url: str
    process: subprocess.Popen[str]
    lines: list[str]

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_app(
    environment: dict[str, str], *, port: int | None = None, cwd: Path = ROOT, program: Path = ROOT / "app.py"
) -> AppProcess:
    """Start the app with these variables, and return when it answers."""
    port = port or free_port()
    variables = {
        name: value for name, value in os.environ.items() if "TOKEN" not in name and "RUNCOMFY" not in name
    }
    process = subprocess.Popen(
        [sys.executable, str(program)],
        env={
            **variables,
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
            **environment,
        },
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            if "Running on local URL" in line:
                ready.set()
        ready.set()

    threading.Thread(target=listen, daemon=True).start()
    if not ready.wait(START_SECONDS) or process.poll() is not None:
        process.kill()
        raise AssertionError(f"the app did not start:\n{''.join(lines)}")
    return AppProcess(f"http://127.0.0.1:{port}", process, lines)


@contextmanager
def running_app(environment: dict[str, str]) -> Iterator[AppProcess]:
    app = start_app(environment)
    try:
        yield app
    finally:
        app.kill()
