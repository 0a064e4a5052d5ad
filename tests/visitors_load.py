"""Hundreds of visitors at once, each with a job: what their pages ask of the app, over real HTTP, no browser.

`python -m tests.visitors_load --visitors 500 --spread 60` prints what they cost the app and how long they wait
for their pictures after the API has made them. Everything runs on this machine's loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Literal
from urllib.parse import urlsplit

from PIL import Image
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from seedream.offline import Options, Painter, create_app, serve
from seedream.schema import load
from tests.servers import App, AppProcess, Receive, Recorder, Scope, Send, start_app

TOKEN = "owner-of-the-load"
# As the page's scripts have it: how long they let pass before they open a stream again.
REOPEN_SECONDS = 3.0
# How often a visitor presses a tile's button before giving the picture up.
PRESSES = 20
_TICK = 0.25
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

Habit = Literal["stays", "returns", "returns_early", "leaves", "leaves_early"]
"""What a visitor does while the job is under way. `early`: before the browser has learned the request ID."""


@dataclass(frozen=True)
class Plan:
    """What is to happen; all times in seconds.

    Attributes:
        arrivals: the time over which the visitors come.
        shortest: the quickest job's drawing.
        spread: how much longer the slowest one's takes; the others lie evenly between.
        leaving: whether three in ten close their tab while they wait; two of them come back.
        faults: whether the API answers a tenth of all reads with 500 and cuts another twentieth.
    """

    visitors: int = 200
    arrivals: float = 5.0
    queue: float = 0.5
    shortest: float = 1.0
    spread: float = 2.0
    leaving: bool = False
    faults: bool = False
    seed: int = 7

    @property
    def drawings(self) -> list[float]:
        """How long drawing takes, at each of the API's speeds: as many as make the ends follow evenly."""
        steps = max(1, round(self.spread / max(self.arrivals, 0.5)), 4 if self.spread else 1)
        return [self.shortest + self.spread * step / steps for step in range(steps + 1 if steps > 1 else 1)]

    def habits(self) -> list[Habit]:
        """Return what each visitor does, in the order in which they come."""
        cycle: list[Habit] = ["stays"] * 10
        if self.leaving:
            cycle[1], cycle[4], cycle[6], cycle[8] = "returns", "returns_early", "leaves", "stays"
        habits = [cycle[number % len(cycle)] for number in range(self.visitors)]
        leaving = [number for number, habit in enumerate(habits) if habit == "leaves"]
        for number in leaving[1::2]:
            habits[number] = "leaves_early"
        return habits


@lru_cache(maxsize=8)
def _encoded(size: tuple[int, int], format: str) -> bytes:
    """Return a picture of that size: large in pixels, small in bytes, made once."""
    shade = Image.linear_gradient("L").resize(size)
    file = BytesIO()
    Image.merge("RGB", (shade, shade.transpose(Image.Transpose.ROTATE_180), shade)).save(file, format.upper())
    return file.getvalue()


def ready_made(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    """Paint in no time."""
    return _encoded(size, format)


class Speeds:
    """One API made of several, each slower than the last; the submissions go to them in turn."""

    def __init__(self, services: Sequence[Starlette]) -> None:
        self._services = services
        self._places: dict[str, Starlette] = {}
        self._turn = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith("/v1/models/"):
            await self._submit(scope, receive, send)
        else:
            # /v1/requests/<id>/… and /files/<id>/…
            named = [part for part in scope["path"].split("/") if part in self._places]
            await (self._places[named[0]] if named else self._services[0])(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            for service in self._services:
                await stack.enter_async_context(service.router.lifespan_context(service))
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _submit(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = self._services[self._turn % len(self._services)]
        self._turn += 1

        async def note(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body" and (body := message.get("body")):
                self._places[json.loads(body).get("request_id", "")] = service
            await send(message)

        await service(scope, receive, note)


class Faults:
    """Wraps an API: of every twenty reads, in an order drawn by lot, two are answered with 500 and one is cut."""

    def __init__(self, app: App, seed: int) -> None:
        self._app = app
        self._lots = random.Random(seed)
        self._deck: list[str] = []
        self.dealt: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lot = self._draw() if scope["type"] == "http" and scope["method"] == "GET" else "whole"
        if lot == "broken":
            await PlainTextResponse("out of order", status_code=500)(scope, receive, send)
        elif lot == "cut":
            await self._app(scope, receive, _half(send))
        else:
            await self._app(scope, receive, send)

    def _draw(self) -> str:
        if not self._deck:
            self._deck = ["broken"] * 2 + ["cut"] + ["whole"] * 17
            self._lots.shuffle(self._deck)
        lot = self._deck.pop()
        self.dealt[lot] += 1
        return lot


def _half(send: Send) -> Send:
    """Let half of the first piece through; the server closes the connection of an answer that stays unfinished."""
    ended = False

    async def send_half(message: MutableMapping[str, Any]) -> None:
        nonlocal ended
        if message["type"] == "http.response.start":
            await send(message)
        elif not ended:
            ended = True
            body = message.get("body", b"")
            await send({**message, "body": body[: len(body) // 2], "more_body": True})

    return send_half


@dataclass(frozen=True)
class Api:
    """The API under load: its address, the requests that reached it, and the faults it made."""

    url: str
    recorder: Recorder
    faults: Faults | None


@contextmanager
def serving(plan: Plan, paint: Painter = ready_made) -> Iterator[Api]:
    """Serve the API that the plan asks for."""
    options = [Options(plan.queue, drawing, keep_jobs=plan.visitors * 2 + 100) for drawing in plan.drawings]
    app: App = Speeds([create_app(each, paint) for each in options])
    faults = Faults(app, plan.seed) if plan.faults else None
    recorder = Recorder(faults or app)
    with serve(recorder) as service:
        if faults:
            # It would log each answer that is left unfinished, as it is told to.
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        yield Api(service.url, recorder, faults)


@contextmanager
def served_app(
    api: Api, environment: dict[str, str] | None = None, descriptors: int | None = None
) -> Iterator[AppProcess]:
    """Start the app, as a process of its own, in front of the API."""
    variables = {"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": api.url, **(environment or {})}
    app = start_app(variables, descriptors=descriptors)
    try:
        yield app
    finally:
        app.kill()


@dataclass(frozen=True)
class Page:
    """The app as a browser finds it: its address, and the number of the gallery among the page's components."""

    url: str
    gallery: int

    @classmethod
    async def find(cls, url: str) -> Page:
        config = json.loads(await read(f"{url}/config"))
        galleries = (each["id"] for each in config["components"] if each["props"].get("elem_id") == "gallery")
        return cls(url, next(galleries))


@asynccontextmanager
async def asked(url: str, body: object = None, address: str = "") -> AsyncIterator[asyncio.StreamReader]:
    """Send a request on a connection of its own, and give the answer's body; leaving early closes the connection.

    As HTTP/1.0, so that an answer of unknown length simply goes on until the connection ends. From this `address`,
    where a proxy's word for it is taken.
    """
    parts = urlsplit(url)
    content = b"" if body is None else json.dumps(body).encode()
    target = f"{parts.path or '/'}?{parts.query}"
    head = [
        f"{'GET' if body is None else 'POST'} {target} HTTP/1.0",
        f"Host: {parts.netloc}",
        *([] if body is None else ["Content-Type: application/json", f"Content-Length: {len(content)}"]),
        *([f"X-Forwarded-For: {address}"] if address else []),
    ]
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 20)
    try:
        writer.write("\r\n".join([*head, "", ""]).encode() + content)
        status = await reader.readline()
        while (await reader.readline()).strip():
            pass
        if status.split()[1:2] != [b"200"]:
            raise ConnectionError(f"{parts.path}: {status!r} {await reader.read()!r}")
        yield reader
    finally:
        writer.close()


async def read(url: str, body: object = None, address: str = "") -> bytes:
    """Return what the app answers, whole."""
    async with asked(url, body, address) as answer:
        return await answer.read()


async def _events(stream: asyncio.StreamReader) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    name = ""
    while line := (await stream.readline()).decode():
        what, _, value = line.rstrip("\r\n").partition(": ")
        if what == "event":
            name = value
        elif what == "data":
            yield name, json.loads(value)


@dataclass
class Visitor:
    """One browser with one job, doing what `jobs.js` does, and what a visitor presses when a picture fails."""

    page: Page
    prompt: str
    habit: Habit = "stays"
    values: dict[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    record: dict[str, Any] = field(default_factory=dict)
    previews: dict[int, bytes] = field(default_factory=dict)
    # By its number, what each picture's links have.
    signed: dict[int, str] = field(default_factory=dict)
    watching: bool = False
    presses: int = 0
    received_at: float = 0.0
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    session: str = field(default_factory=lambda: uuid.uuid4().hex[:11])

    @property
    def complete(self) -> bool:
        """Whether the job has ended with all its pictures."""
        outputs = self.record.get("outputs", ())
        return self.record.get("status") == "completed" and 0 < len(outputs) == len(self.previews)

    @property
    def delay(self) -> float:
        """Seconds from the API being done to the last preview being here."""
        return self.received_at - datetime.fromisoformat(self.record["finished_at"]).timestamp()

    async def stay(self) -> None:
        """Open the page, submit, and wait, as the habit has it."""
        await read(f"{self.page.url}/")
        await self.press()
        if self.habit in ("returns", "leaves"):
            await self.look(once_known=True)
        if self.habit in ("returns", "returns_early"):
            await asyncio.sleep(REOPEN_SECONDS / 2)
        if self.habit not in ("leaves", "leaves_early"):
            await self.look()

    async def press(self) -> None:
        ticket = json.loads(await read(f"{self.page.url}/atelier/ticket", {}))["ticket"]
        answer = json.loads(await read(*self._submission(ticket)))
        assert "error" not in answer, answer

    async def look(self, *, once_known: bool = False) -> None:
        """Watch the job until its pictures are here, or only until its request ID is known."""
        while not self.complete and not (once_known and self.request_id):
            # A button pressed on a card or a tile that has ended in an error.
            if self.record.get("ended"):
                self.presses += 1
                assert self.presses <= PRESSES, f"{self.prompt} is given up: {self.record}"
            await self._stream(once_known=once_known)
            if not self.record.get("ended") and not (once_known and self.request_id):
                await asyncio.sleep(REOPEN_SECONDS)

    async def _stream(self, *, once_known: bool) -> None:
        watched = {"jobs": [[self.key, self.request_id, False, None]]}
        try:
            async with asked(f"{self.page.url}/atelier/watch", watched) as stream:
                self.watching = True
                async for name, data in _events(stream):
                    await self._hear(name, data)
                    if name == "done" or (once_known and self.request_id):
                        return
        finally:
            self.watching = False

    async def _hear(self, name: str, data: dict[str, Any]) -> None:
        if name == "record":
            self.record = data["record"]
            self.request_id = self.record["request_id"] or self.request_id
        elif name == "picture" and "error" not in data:
            self.signed[data["number"]] = data["signed"]
            self.previews[data["number"]] = await read(f"{self.page.url}/{data['preview']}")
            self.received_at = time.time()

    async def cancel(self) -> dict[str, Any]:
        """Press *Cancel* on the card."""
        order = {"key": self.key, "request_id": self.request_id, "own": False, "seal": None}
        answer: dict[str, Any] = json.loads(await read(*self._order("cancel", order)))
        return answer

    def _submission(self, ticket: str) -> tuple[str, dict[str, Any]]:
        values = {**load().defaults, **self.values, "prompt": self.prompt}
        order = {"key": self.key, "ticket": ticket, "own": False, "seal": None, "values": values}
        return self._order("submit", order)

    def _order(self, name: str, order: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return f"{self.page.url}/gradio_api/component_server/", {
            "data": order,
            "component_id": self.page.gallery,
            "fn_name": name,
            "session_hash": self.session,
        }


@dataclass(frozen=True)
class Sample:
    """The app at one moment: its processor time in seconds, its memory in MB, and the visitors who wait."""

    time: float
    cpu: float
    rss: float
    waiting: int


def sample(process: int, waiting: int = 0) -> Sample:
    """Read what the kernel says of a process."""
    folder = Path("/proc") / str(process)
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    # The command's name, in parentheses, may hold spaces.
    times = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    cpu = sum(map(int, times)) / _CLOCK_TICKS
    return Sample(time.monotonic(), cpu, int(status["VmRSS"].split()[0]) * 1024 / 1e6, waiting)


@dataclass
class Load:
    """What became of the visitors, and samples of the app, from before the first of them to after the last."""

    visitors: list[Visitor]
    samples: list[Sample] = field(default_factory=list)

    @property
    def peak(self) -> float:
        """The most memory that the app's process had, in MB."""
        return max(each.rss for each in self.samples)

    @property
    def all_waiting(self) -> list[Sample]:
        """The samples at which every visitor was waiting."""
        return [each for each in self.samples if each.waiting == len(self.visitors)]

    def delays(self) -> list[float]:
        """Return, for those who stayed, the seconds from the API being done to the preview being received."""
        return [each.delay for each in self.visitors if each.habit == "stays" and each.complete]


async def run(plan: Plan, app: AppProcess) -> Load:
    """Let the visitors come, and return when each is content or has gone."""
    page = await Page.find(app.url)
    chance = random.Random(plan.seed)
    visitors = [Visitor(page, f"load {number}", habit) for number, habit in enumerate(plan.habits())]
    result = Load(visitors, [sample(app.process.pid)])

    async def come(visitor: Visitor) -> None:
        await asyncio.sleep(chance.uniform(0, plan.arrivals))
        await visitor.stay()

    async def measure() -> None:
        while True:
            await asyncio.sleep(_TICK)
            result.samples.append(sample(app.process.pid, sum(each.watching for each in visitors)))

    measuring = asyncio.create_task(measure())
    try:
        await asyncio.gather(*map(come, visitors))
    finally:
        measuring.cancel()
    result.samples.append(sample(app.process.pid))
    return result


async def warm_up(
    app: AppProcess, visitors: int = 5, *, at_once: int = 5, values: dict[str, Any] | None = None
) -> None:
    """Let a few come first: what is loaded when first needed is there then, and how long jobs take is known."""
    page = await Page.find(app.url)
    places = asyncio.Semaphore(at_once)

    async def come(number: int) -> None:
        async with places:
            await Visitor(page, f"warm-up {number}", values=values or {}).stay()

    await asyncio.gather(*map(come, range(visitors)))


def report(load: Load) -> list[str]:
    """Put into words what the visitors cost and how long they waited."""
    idle, count = load.samples[0], len(load.visitors)
    delays = load.delays()
    cuts = quantiles(delays, n=20)
    lines = [
        f"{count} visitors, {len(delays)} stayed and have their pictures",
        f"preview after the API is done: median {median(delays):.2f} s, p95 {cuts[18]:.2f} s, "
        f"worst {max(delays):.2f} s",
    ]
    if len(waiting := load.all_waiting) > 1:
        first, last = waiting[0], waiting[-1]
        seconds = last.time - first.time
        lines += [
            f"all waiting for {seconds:.1f} s: "
            f"{1000 * (last.cpu - first.cpu) / seconds / count:.2f} ms of processor a second for each",
            f"memory then: {(last.rss - idle.rss) / count:.3f} MB for each, over {idle.rss:.0f} MB",
        ]
    steps = zip(load.samples, load.samples[1:], strict=False)
    waited = sum((after.time - before.time) * after.waiting for before, after in steps)
    used = load.samples[-1].cpu - idle.cpu
    lines += [
        f"the whole run: {used:.1f} s of processor, {1000 * used / waited:.2f} ms for each second that one waited",
        f"memory: {idle.rss:.0f} MB before, {load.peak:.0f} at most, {load.samples[-1].rss:.0f} right after",
    ]
    return lines


async def _measured(plan: Plan, app: AppProcess, settle: float) -> list[str]:
    await warm_up(app)
    load = await run(plan, app)
    lines = report(load)
    for seconds in (15.0, 15.0, 30.0):
        if settle >= seconds:
            settle -= seconds
            await asyncio.sleep(seconds)
            lines.append(f"memory {seconds:.0f} s later: {sample(app.process.pid).rss:.0f} MB")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.visitors_load", description=__doc__)
    parser.add_argument("--visitors", type=int, default=500)
    parser.add_argument("--spread", type=float, default=60.0, help="seconds over which the jobs end")
    parser.add_argument("--arrivals", type=float, default=10.0, help="seconds over which the visitors come")
    parser.add_argument("--shortest", type=float, default=20.0, help="seconds that the quickest job is drawn")
    parser.add_argument("--settle", type=float, default=0.0, help="seconds to go on reading the memory after it")
    parser.add_argument("--leaving", action="store_true", help="some close their tab")
    parser.add_argument("--faults", action="store_true", help="some reads fail")
    options = vars(parser.parse_args())
    settle = options.pop("settle")
    plan = Plan(**options)
    with serving(plan) as api, served_app(api) as app:
        print("\n".join(asyncio.run(_measured(plan, app, settle))))
        print(f"the API saw {len(api.recorder.calls)} requests, {len(api.recorder.submissions())} submissions")


if __name__ == "__main__":
    main()
