"""A stand-in of the API whose every step a test decides, and an app that can be killed and started again."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Literal

from PIL import Image
from starlette.responses import JSONResponse

from seedream.offline import Options, create_app, serve
from tests.conftest import TOKEN
from tests.offline.support import Client, StillClock
from tests.servers import App, AppProcess, Receive, Recorder, Scope, Send, start_app

QUEUE_SECONDS = 30.0
DRAWING_SECONDS = 30.0
PATIENCE = 30.0


def dab(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    """Paint a small picture, in no time; a prompt that asks for trouble gets it."""
    if prompt.startswith("fail:"):
        raise ValueError(prompt)
    file = BytesIO()
    Image.new("RGB", (64, 48), (20 * number, 90, 200)).save(file, format.upper())
    return file.getvalue()


def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds that no browser sees."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


@dataclass
class Gate:
    """Wraps the API: its answers to submissions pass, are held until `open` is set, or get lost on the way.

    While it is to `deny`, no job can be read.
    """

    app: App
    answers: Literal["pass", "lose", "deny"] = "pass"
    open: threading.Event = field(default_factory=threading.Event)
    holding: threading.Event = field(default_factory=threading.Event)
    taken: int = 0

    def __post_init__(self) -> None:
        self.open.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or "/models/" not in scope["path"]:
            denied = self.answers == "deny" and "/requests/" in scope.get("path", "")
            await (JSONResponse({"error_code": 403001}, 403) if denied else self.app)(scope, receive, send)
            return
        answer: list[MutableMapping[str, Any]] = []

        async def keep(message: MutableMapping[str, Any]) -> None:
            answer.append(message)

        await self.app(scope, receive, keep)
        self.taken += 1
        if self.answers == "lose":
            answer = [
                {"type": "http.response.start", "status": 502, "headers": [(b"content-type", b"text/html")]},
                {"type": "http.response.body", "body": b"<h1>Bad Gateway</h1>"},
            ]
        if not self.open.is_set():
            self.holding.set()
            await asyncio.to_thread(self.open.wait, PATIENCE)
        for message in answer:
            await send(message)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Hold the answers to submissions for as long as the block lasts."""
        self.holding.clear()
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()

    @contextmanager
    def doing(self, answers: Literal["lose", "deny"]) -> Iterator[None]:
        """`lose`: take submissions, and answer them as a broken proxy does. `deny`: let no job be read."""
        self.answers = answers
        try:
            yield
        finally:
            self.answers = "pass"


@dataclass
class Studio:
    """The API: jobs wait and are drawn by a clock that the test moves, and each request is on record."""

    recorder: Recorder
    gate: Gate
    clock: StillClock
    url: str

    def draw(self) -> None:
        """Let every job that waits be drawn; none is ready by that alone."""
        self.clock.move(QUEUE_SECONDS)

    def finish(self) -> None:
        """Let every job that has arrived be ready."""
        self.clock.move(QUEUE_SECONDS + DRAWING_SECONDS)

    def submitted(self) -> int:
        return len(self.recorder.submissions())

    def arrived(self, count: int) -> None:
        """Wait until so many submissions have arrived in all, and their jobs stand in the queue."""
        eventually(lambda: self.gate.taken >= count)

    def client(self, token: str = TOKEN) -> Client:
        """Call the API from elsewhere, as this account."""
        return Client(self.url, token)

    def bearers(self, since: int = 0) -> list[str]:
        """Return the tokens of the API calls after the first `since` ones."""
        calls = [call for call in self.recorder.calls[since:] if call.path.startswith("/v1/")]
        return [call.headers.get("authorization", "").removeprefix("Bearer ") for call in calls]


@contextmanager
def studio(*, at_once: bool = False) -> Iterator[Studio]:
    """Serve the stand-in. `at_once`: no job waits for anything, and the clock has no meaning."""
    clock = StillClock()
    waits = (0.0, 0.0) if at_once else (QUEUE_SECONDS, DRAWING_SECONDS)
    options = Options(queue_seconds=waits[0], drawing_seconds=waits[1], price_usd=0.04, keep_seconds=1e6)
    gate = Gate(create_app(options, dab, clock))
    recorder = Recorder(gate)
    with serve(recorder) as service:
        yield Studio(recorder, gate, clock, service.url)


class Host:
    """A machine that the app runs on, at one address through all of its restarts."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.app = start_app(environment)
        self.url = self.app.url

    def kill(self) -> AppProcess:
        """End the app with SIGKILL, and return what is left of it."""
        self.app.kill()
        return self.app

    def start(self) -> None:
        self.app = start_app(self._environment, port=int(self.url.rpartition(":")[2]))

    def restart(self) -> None:
        self.kill()
        self.start()


@contextmanager
def host(environment: dict[str, str]) -> Iterator[Host]:
    machine = Host(environment)
    try:
        yield machine
    finally:
        machine.kill()


def account(api: Studio, **variables: str) -> dict[str, str]:
    """Return the variables of an app with an owner's token, in front of this API."""
    return {"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": api.url, **variables}
