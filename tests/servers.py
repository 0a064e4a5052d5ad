"""Real servers for the tests: the offline service with a record of its calls, and the app as its own process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from tests import app_forks

ROOT = Path(__file__).parent.parent
START_SECONDS = 60.0
# Whoever tries the app in the checkout has a token in `.env` there, which no test may spend.
_ELSEWHERE = tempfile.TemporaryDirectory(prefix="seedream-tests-")
# What every app of a test has.
_EVERYWHERE = {"GRADIO_ANALYTICS_ENABLED": "False", "PYTHONUNBUFFERED": "1"}
_SERVED = re.compile(r"Running on local URL:\s+\w+://[\w.]+:(\d+)")

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


class Process(Protocol):
    """What `subprocess.Popen` and `app_forks.Fork` have in common."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None, /) -> object: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...


@dataclass
class AppProcess:
    """`python app.py`, running. Killed, it can be started again at its address; `lines` are of the newest run."""

    url: str
    process: Process
    lines: list[str]
    again: Callable[..., AppProcess] | None = None

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def start(self, **variables: str) -> None:
        """Start it again, with further variables if need be."""
        assert self.again
        started = self.again(**variables)
        self.process, self.lines = started.process, started.lines

    def restart(self, **variables: str) -> None:
        self.kill()
        self.start(**variables)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_app(
    environment: dict[str, str],
    *,
    port: int | None = None,
    cwd: Path | None = None,
    program: Path = ROOT / "app.py",
    descriptors: int | None = None,
) -> AppProcess:
    """Start the app with these variables, in a folder that has no `.env`, and return when it answers.

    Args:
        environment: variables, beside those that every test has.
        port: that it answers at.
        cwd: another folder to start in.
        program: another one to start.
        descriptors: how many files the system lets it open, at first half of them; None: as many as this process.
    """
    foreign = ("TOKEN", "RUNCOMFY", "SEEDREAM")
    kept = {name: value for name, value in os.environ.items() if not any(part in name for part in foreign)}
    port = port or free_port()
    variables = {**kept, "GRADIO_SERVER_PORT": str(port), "PYTHONPATH": str(ROOT), **environment}
    cwd = cwd or Path(_ELSEWHERE.name)
    # Where only what is installed may be found, a start is as an operator's.
    if app_forks.possible() and "PYTHONPATH" not in environment and descriptors is None:
        app = _answering(*app_forks.start(program, {**_EVERYWHERE, **variables}, cwd), START_SECONDS)
    else:
        bounds = descriptors and f'ulimit -Sn {descriptors // 2} && ulimit -Hn {descriptors} && exec "$@"'
        bounded = ["bash", "-c", bounds, "bash"] if bounds else []
        app = launched([*bounded, sys.executable, str(program)], variables, cwd)
    app.again = lambda **more: start_app(
        {**environment, **more}, port=port, cwd=cwd, program=program, descriptors=descriptors
    )
    return app


def launched(
    command: list[str],
    variables: dict[str, str],
    cwd: Path,
    *,
    seconds: float = START_SECONDS,
    group: bool = False,
) -> AppProcess:
    """Start a command that comes to run the app, and return when that answers.

    Args:
        command: what is started.
        variables: all of its environment, but for what every app of a test has.
        cwd: the folder that it starts in.
        seconds: how long it may take.
        group: give it a process group of its own.
    """
    process = subprocess.Popen(
        command,
        env={**_EVERYWHERE, **variables},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=group,
    )
    assert process.stdout
    return _answering(process, process.stdout, seconds, group=group)


def _answering(process: Process, output: IO[str], seconds: float, *, group: bool = False) -> AppProcess:
    lines: list[str] = []
    ports: list[str] = []
    told = threading.Event()

    def listen() -> None:
        for line in output:
            lines.append(line)
            if found := _SERVED.search(line):
                ports.append(found[1])
                told.set()
        told.set()

    threading.Thread(target=listen, daemon=True).start()
    if not told.wait(seconds) or not ports:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
        raise AssertionError(f"the app did not start:\n{''.join(lines)}")
    return AppProcess(f"http://127.0.0.1:{ports[0]}", process, lines)


@contextmanager
def running_app(environment: dict[str, str]) -> Iterator[AppProcess]:
    app = start_app(environment)
    try:
        yield app
    finally:
        app.kill()
