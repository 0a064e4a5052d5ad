"""Forty abandoned calls, fifty honest scripts, 100 streams of made-up request IDs, 70 hung reads and 2,500 joins.

All at once: a press, a cancellation and a finished picture hardly notice, and no script loses what it paid for.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from seedream.offline import Options, create_app, serve
from tests.controlled_api import TOKEN
from tests.servers import ROOT, App, AppProcess, Receive, Scope, Send, running_app
from tests.trials import crowd
from tests.visitors_load import Page, Visitor, read, ready_made, warm_up

SEED = 12
HUNG = 70
ALONE = 8
PRESSES = 8
# Between two presses, so that they fall into every part of the rush.
PAUSE = 1.5
PATIENCE = 90.0
GONE_SECONDS = 15.0


@dataclass
class BusyApi:
    """An API that notes when each prompt arrives, and never answers where a job of the prompt "hung" is."""

    usual: App
    arrived: dict[str, float] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    hung_reads: int = 0
    over: bool = False
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope.get("method") == "POST" and path.startswith("/v1/models/"):
            await self._submitted(scope, receive, send)
        elif self.names.get(path.split("/")[3] if path.startswith("/v1/requests/") else "") == "hung":
            self.hung_reads += 1
            while not self.over:  # noqa: ASYNC110 - it is said in another thread
                await asyncio.sleep(0.2)
        else:
            await self.usual(scope, receive, send)

    async def _submitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        now, prompt = time.monotonic(), ""

        async def note() -> MutableMapping[str, Any]:
            nonlocal prompt
            message = await receive()
            if message["type"] == "http.request":
                prompt = json.loads(message["body"])["prompt"]
                self.arrived[prompt] = now
            return message

        async def name(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body" and message.get("body"):
                self.names[json.loads(message["body"])["request_id"]] = prompt
            await send(message)

        await self.usual(scope, note, name)


@contextmanager
def busy_api() -> Iterator[BusyApi]:
    options = Options(queue_seconds=3.0, drawing_seconds=3.0, keep_jobs=1000)
    api = BusyApi(create_app(options, ready_made))
    with serve(api) as service:
        api.url = service.url
        try:
            yield api
        finally:
            api.over = True


@contextmanager
def crowd_at(app: AppProcess, queued: str) -> Iterator[subprocess.Popen[str]]:
    # In the world it has processors of its own; its pace is set by the clock, so it attacks no less.
    command = ["nice", "-n", "10", sys.executable, "-m", "tests.trials.crowd", app.url, queued, str(SEED)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@dataclass
class Measured:
    presses: list[float] = field(default_factory=list)
    cancels: list[float] = field(default_factory=list)
    script_cancels: list[float] = field(default_factory=list)
    pictures: list[float] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        numbers = (self.presses, self.cancels, self.script_cancels, self.pictures)
        names = ("presses", "cancellations", "a script's", "pictures")
        return "; ".join(
            f"{name} {', '.join(f'{each:.2f}' for each in found)}"
            for name, found in zip(names, numbers, strict=True)
        )


async def picture(page: Page, api: BusyApi, prompt: str, measured: Measured) -> None:
    visitor = Visitor(page, prompt)
    pressed = time.monotonic()
    await visitor.press()
    measured.presses.append(api.arrived[prompt] - pressed)
    await visitor.look()
    measured.pictures.append(visitor.delay)


async def cancelled(page: Page, prompt: str, measured: Measured) -> None:
    visitor = Visitor(page, prompt)
    await visitor.press()
    pressed = time.monotonic()
    state = (await visitor.cancel())["state"]
    measured.cancels.append(time.monotonic() - pressed)
    measured.states.append(state)


async def cancelled_by_a_script(page: Page, prompt: str, measured: Measured) -> None:
    visitor = Visitor(page, prompt)
    await visitor.press()
    await visitor.look(once_known=True)
    pressed = time.monotonic()
    url = f"{page.url}/gradio_api/call/cancel"
    event = json.loads(await read(url, {"data": [visitor.request_id]}, "10.9.0.1"))["event_id"]
    said = (await read(f"{url}/{event}", None, "10.9.0.1")).decode()
    measured.script_cancels.append(time.monotonic() - pressed)
    measured.states.append("cancelled" if '"status": "cancelled"' in said else said)


async def measured_rounds(page: Page, api: BusyApi, what: str, rounds: int) -> Measured:
    measured, works = Measured(), []
    for number in range(rounds):
        works.append(asyncio.create_task(picture(page, api, f"{what} {number}", measured)))
        works.append(asyncio.create_task(cancelled(page, f"{what} cancelled {number}", measured)))
        works.append(asyncio.create_task(cancelled_by_a_script(page, f"{what} by a script {number}", measured)))
        await asyncio.sleep(PAUSE)
    await asyncio.wait_for(asyncio.gather(*works), PATIENCE)
    return measured


async def hang(page: Page, api: BusyApi) -> None:
    """Have seventy real jobs whose reads never come back."""
    await asyncio.gather(*(Visitor(page, "hung").press() for _ in range(HUNG)))
    while api.hung_reads < HUNG:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.1)


async def test_all_at_once() -> None:
    own = {"RUNCOMFY_TOKEN": TOKEN, "SEEDREAM_TRUSTED_PROXIES": "1"}
    with busy_api() as api, running_app({**own, "RUNCOMFY_BASE_URL": api.url}) as app:
        page = await Page.find(app.url)
        await warm_up(app)
        alone = await measured_rounds(page, api, "alone", ALONE)
        print("alone:", alone)
        await hang(page, api)
        hung = next(request_id for request_id, prompt in api.names.items() if prompt == "hung")
        with crowd_at(app, hung) as process:
            rush = await measured_rounds(page, api, "rush", PRESSES)
            print("rush: ", rush)
            said, _ = await asyncio.to_thread(process.communicate, timeout=PATIENCE)
        *_, told = said.splitlines()
        ends = json.loads(told)
        print(said.splitlines()[0], {name: value for name, value in ends.items() if name != "scripts"})
        print("scripts with their picture:", sum(pictures for *_, pictures in ends["scripts"]))
    assert ends["abandoned"] == crowd.ABANDONED
    assert ends["joins"] == crowd.JOINS
    assert ends["waiting"]
    assert len(ends["scripts"]) == crowd.SCRIPTS
    for name, end, pictures in ends["scripts"]:
        assert pictures == 1 or "request ID" in end or name not in api.arrived, (name, end)
    assert set(rush.states) == {"cancelled"}
    assert max(rush.presses) <= 1
    assert max(rush.cancels) <= 1
    assert max(rush.script_cancels) <= 1
    assert median(rush.pictures) <= 2 * median(alone.pictures)


async def test_a_call_that_nobody_listens_to_ends_within_fifteen_seconds() -> None:
    with busy_api() as api, running_app({"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": api.url}) as app:
        visitor = Visitor(await Page.find(app.url), "hung")
        await visitor.press()
        await visitor.look(once_known=True)
        url, asked_for = f"{app.url}/gradio_api/call/resume", {"data": [visitor.request_id]}
        events = [json.loads(await read(url, asked_for))["event_id"] for _ in range(3)]
        await asyncio.sleep(GONE_SECONDS)
        # Who comes back for it late is told which job goes on.
        for event in events:
            said = (await asyncio.wait_for(read(f"{url}/{event}"), 1)).decode()
            assert "[nobody_listened]" in said and str(visitor.request_id) in said
