"""An API whose every step a test decides."""

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
from seedream.offline.options import Painter
from tests.offline.support import Client, StillClock
from tests.servers import App, Call, Receive, Recorder, Scope, Send

# Marks every place where the owner's token must not show.
TOKEN = "marker-3f9c1d27-owner"
QUEUE_SECONDS = 30.0
DRAWING_SECONDS = 30.0
PATIENCE = 90.0


def tiny_picture(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    """Paint a picture in no time; a prompt that asks for trouble gets it."""
    if prompt.startswith("fail:"):
        raise ValueError(prompt)
    file = BytesIO()
    Image.new("RGB", (64, 48), (20 * number, 90, 200)).save(file, format.upper())
    return file.getvalue()


def full_size_picture(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    """Paint a picture of the size that was asked for; the same arguments give the same bytes."""
    file = BytesIO()
    Image.new("RGB", size, (20 * number, 90, 200)).save(file, format.upper())
    return file.getvalue()


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until something holds that no browser sees."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


@dataclass
class Interceptor:
    """Stands before the `usual` API, whose answers to submissions pass, are held until `open`, or get lost.

    While it is to `deny`, no job can be read.
    """

    usual: App
    answers: Literal["pass", "lose", "deny"] = "pass"
    open: threading.Event = field(default_factory=threading.Event)
    holding: threading.Event = field(default_factory=threading.Event)
    taken: int = 0

    def __post_init__(self) -> None:
        self.open.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, submits = scope.get("path", ""), scope.get("method") == "POST" and "/models/" in scope["path"]
        if submits:
            await self._submitted(scope, receive, send)
        elif self.answers == "deny" and "/requests/" in path:
            await JSONResponse({"error_code": 403001}, 403)(scope, receive, send)
        else:
            await self.usual(scope, receive, send)

    async def _submitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: list[MutableMapping[str, Any]] = []

        async def keep(message: MutableMapping[str, Any]) -> None:
            answer.append(message)

        await self.usual(scope, receive, keep)
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
    def holding_answers(self) -> Iterator[None]:
        """Hold the answers to submissions for as long as the block lasts."""
        self.holding.clear()
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()

    @contextmanager
    def answered_by(self, instead: App) -> Iterator[None]:
        """Let something else answer every request for as long as the block lasts."""
        usual, self.usual = self.usual, instead
        try:
            yield
        finally:
            self.usual = usual

    @contextmanager
    def answering(self, answers: Literal["lose", "deny"]) -> Iterator[None]:
        """`lose`: take submissions, and answer them as a broken proxy does. `deny`: let no job be read."""
        self.answers = answers
        try:
            yield
        finally:
            self.answers = "pass"


@dataclass
class ControlledApi:
    """The API: jobs wait and are drawn by a clock that the test moves, and each request is on record."""

    recorder: Recorder
    interceptor: Interceptor
    clock: StillClock
    url: str
    painter: Painter = tiny_picture

    @property
    def submissions(self) -> list[Call]:
        return self.recorder.submissions()

    def draw(self) -> None:
        """Let every job that waits be drawn; none is ready by that alone."""
        self.clock.move(QUEUE_SECONDS)

    def finish(self) -> None:
        """Let every job that has arrived be ready."""
        self.clock.move(QUEUE_SECONDS + DRAWING_SECONDS)

    @contextmanager
    def hurrying(self) -> Iterator[None]:
        """Let no job wait for anything for as long as the block lasts."""
        self.clock.stands = False
        try:
            yield
        finally:
            self.clock.stands = True

    def submitted(self) -> int:
        return len(self.submissions)

    def arrived(self, count: int) -> None:
        """Wait until so many submissions have arrived in all, and their jobs stand in the queue."""
        wait_until(lambda: self.interceptor.taken >= count)

    def client(self, token: str = TOKEN) -> Client:
        """Call the API from elsewhere, as this account."""
        return Client(self.url, token)

    def bearers(self, since: int = 0) -> list[str]:
        """Return the tokens of the API calls after the first `since` ones."""
        calls = [call for call in self.recorder.calls[since:] if call.path.startswith("/v1/")]
        return [call.headers.get("authorization", "").removeprefix("Bearer ") for call in calls]

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the variables of an app with an owner's token, in front of this API."""
        return {"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": self.url, **variables}


@contextmanager
def controlled_api() -> Iterator[ControlledApi]:
    clock = StillClock()
    options = Options(
        queue_seconds=QUEUE_SECONDS,
        drawing_seconds=DRAWING_SECONDS,
        price_usd=0.04,
        balance_usd=4.12,
        keep_seconds=1e6,
    )

    def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        return api.painter(prompt, number, of, size, format)

    interceptor = Interceptor(create_app(options, paint, clock))
    recorder = Recorder(interceptor)
    with serve(recorder) as service:
        api = ControlledApi(recorder, interceptor, clock, service.url)
        yield api
