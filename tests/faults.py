"""An offline service that misbehaves by order: a list of faults, each for some calls, each doing one odd thing.

What it does right, it does as the offline service; what it does wrong is on the wire, down to single bytes.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Container, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, Protocol

from PIL import Image

from seedream.offline import Options, create_app, serve
from tests.servers import App, Receive, Recorder, Scope, Send

Kind = Literal["submit", "catalogue", "status", "result", "cancel", "file", "other"]
# The prompt of a job that no painter can paint.
NO_PAINT = "no paint"
ALWAYS = range(1, 1_000_000)


def first(number: int) -> range:
    return range(1, number + 1)


class Effect(Protocol):
    async def do(self, there: Exchange) -> None: ...


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and when.

    Attributes:
        on: the kinds of call that it is for.
        when: which of them, counted from 1.
        name: how their path ends.
        reaches: whether the service itself takes the call in first, so that its answer alone is lost.
    """

    on: tuple[Kind, ...]
    effect: Effect
    when: Container[int] = ALWAYS
    name: str = ""
    reaches: bool = False


@dataclass(frozen=True)
class Reply:
    """What the service itself answered."""

    status: int
    body: bytes


@dataclass
class Faulty:
    """The service behind its faults. `accepted` are the request IDs of the jobs that it took in."""

    app: App
    faults: Sequence[Fault] = ()
    accepted: list[str] = field(default_factory=list)
    _seen: dict[int, int] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        there = Exchange(self, scope, receive, send)
        fault = self._due(kind(scope), scope["path"])
        if fault is None and kind(scope) != "submit":
            await self.app(scope, receive, send)
        elif fault is None:
            reply = await there.real()
            await there.answer(reply.status, reply.body, {"Content-Type": "application/json"})
        else:
            if fault.reaches:
                await there.real()
            await fault.effect.do(there)

    def _due(self, kind: Kind, path: str) -> Fault | None:
        due = None
        for number, fault in enumerate(self.faults):
            if kind in fault.on and path.endswith(fault.name):
                self._seen[number] = self._seen.get(number, 0) + 1
                if due is None and self._seen[number] in fault.when:
                    due = fault
        return due


@dataclass
class Exchange:
    """One call, and every way to answer it."""

    service: Faulty
    scope: Scope
    receive: Receive
    send: Send

    async def real(self) -> Reply:
        """Let the service answer, and keep the answer back."""
        status, body = 0, b""

        async def keep(message: Mapping[str, Any]) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")

        await self.service.app(self.scope, self.receive, keep)
        if kind(self.scope) == "submit" and status == 200:
            self.service.accepted.append(json.loads(body)["request_id"])
        return Reply(status, body)

    async def answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        lines = {"Content-Length": str(len(body)), **headers}
        encoded = [(name.encode(), value.encode()) for name, value in lines.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": encoded})
        await self.send({"type": "http.response.body", "body": body})

    def write(self, piece: bytes) -> None:
        """Put bytes on the wire that no server would."""
        self._transport.write(piece)

    async def cut(self) -> None:
        """Close the connection once what was written has left."""
        self._transport.close()
        await self.gone()

    async def gone(self) -> None:
        """Wait for the client to give up."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    @property
    def _transport(self) -> asyncio.Transport:
        # uvicorn's `send` is a method of what holds the connection; ASGI itself has no way to cut one.
        cycle: Any = self.send
        transport: asyncio.Transport = cycle.__self__.transport
        return transport


def kind(scope: Scope) -> Kind:
    path, end = scope["path"], scope["path"].rpartition("/")[2]
    if path.startswith("/v1/models/"):
        return "submit" if scope["method"] == "POST" else "catalogue"
    if path.startswith("/files/"):
        return "file"
    ends: dict[str, Kind] = {"status": "status", "result": "result", "cancel": "cancel"}
    return ends.get(end, "other") if path.startswith("/v1/requests/") else "other"


@lru_cache
def picture(number: int = 0, format: str = "PNG") -> bytes:
    """Return a small picture whose shade tells its number."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (40 * number % 256, 90, 120)).save(file, format)
    return file.getvalue()


def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    if prompt == NO_PAINT:
        raise ValueError("out of paint")
    return picture(number, format)


@dataclass(frozen=True)
class RunningApi:
    """A running service with its faults, and all that reached it. Its URL: `recorder.url`."""

    faulty: Faulty
    recorder: Recorder

    @property
    def url(self) -> str:
        return self.recorder.url

    def asked(self, kind_asked: Kind) -> list[str]:
        """Return the paths of the calls of one kind, in order."""
        calls = self.recorder.calls
        return [call.path for call in calls if kind({"path": call.path, "method": call.method}) == kind_asked]


@asynccontextmanager
async def running_api(faults: Sequence[Fault] = ()) -> AsyncIterator[RunningApi]:
    """Serve an API that draws at once, and does these things wrong until they are taken back."""
    faulty = Faulty(create_app(Options(queue_seconds=0, drawing_seconds=0, price_usd=0.04), paint), faults)
    recorder = Recorder(faulty)
    service = await asyncio.to_thread(serve, recorder)
    try:
        recorder.url = service.url
        yield RunningApi(faulty, recorder)
    finally:
        await asyncio.to_thread(service.stop)
