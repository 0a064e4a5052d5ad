"""Everybody at once, as one light process beside the app: who abandons, who scripts, who makes things up.

`python -m tests.trials.crowd URL QUEUED_ID SEED` attacks until its standard input is closed; then it prints a line
of JSON, what became of the scripts and how many of the others' calls were answered.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from uuid import UUID

from seedream.schema import load
from tests.visitors_load import asked, read

ABANDONED, SCRIPTS, STREAMS, JOBS, JOINS = 40, 50, 100, 60, 2500
# Over so many seconds the scripts come, and the joins.
ARRIVALS, FLOOD = 6.0, 15.0
AT_ONCE = 25
# A visitor who left listened for so long.
LISTENED = 0.3
PAUSE = 1.0


class Crowd:
    def __init__(self, url: str, queued: str, seed: int) -> None:
        self.url = url
        self.queued = queued
        self.chance = random.Random(seed)
        self.counted: Counter[str] = Counter()
        self.scripts: list[tuple[str, str, int]] = []

    def made_up(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    async def all_at_once(self) -> None:
        works: list[Awaitable[None]] = [
            *(self.abandon(number) for number in range(ABANDONED)),
            *(self.stream(number) for number in range(STREAMS)),
        ]
        endless = [asyncio.ensure_future(work) for work in works]
        waiting = asyncio.ensure_future(self.wait())
        scripts = asyncio.gather(*(self.script(number) for number in range(SCRIPTS)))
        await self.join()
        await asyncio.to_thread(sys.stdin.read)
        await scripts
        # Thousands called after it: it is still who is answered.
        self.counted["waiting"] = not waiting.done()
        for work in (waiting, *endless):
            work.cancel()

    async def call(self, name: str, values: list[object], address: str) -> str:
        answer = await read(f"{self.url}/gradio_api/call/{name}", {"data": values}, address)
        return str(json.loads(answer)["event_id"])

    async def wait(self) -> None:
        """Call, and listen to the end."""
        event = await self.call("resume", [self.queued], "10.5.0.1")
        await read(f"{self.url}/gradio_api/call/resume/{event}", None, "10.5.0.1")

    async def abandon(self, number: int) -> None:
        """Call, listen for a moment or not at all, and be gone."""
        event = await self.call("resume", [self.queued], "10.1.0.1")
        if number % 2:
            async with asked(f"{self.url}/gradio_api/call/resume/{event}", None, "10.1.0.1") as answer:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(answer.read(), LISTENED)
        self.counted["abandoned"] += 1

    async def script(self, number: int) -> None:
        """Make a picture as README says, and keep what came of it."""
        await asyncio.sleep(self.chance.uniform(0, ARRIVALS))
        values = {**load().defaults, "prompt": f"script {number}", "output_format": "jpeg"}
        address = f"10.2.0.{number}"
        event = await self.call("generate", list(values.values()), address)
        url = f"{self.url}/gradio_api/call/generate/{event}"
        said = (await read(url, None, address)).decode().strip().split("\n\n")[-1]
        kind, _, told = said.partition("\n")
        data = json.loads(told.removeprefix("data: "))
        kind = kind.removeprefix("event: ")
        pictures = len(data[0]) if kind == "complete" else 0
        self.scripts.append((f"script {number}", told if kind == "error" else kind, pictures))

    async def stream(self, number: int) -> None:
        """Watch jobs that there are not; once it is told so, watch others."""
        while True:
            jobs = [[self.made_up(), self.made_up(), False, None] for _ in range(JOBS)]
            with suppress(OSError):
                await read(f"{self.url}/atelier/watch", {"jobs": jobs}, f"10.3.0.{number % 20}")
                self.counted["streams"] += 1
            await asyncio.sleep(PAUSE)

    async def join(self) -> None:
        """Call under ever new names, and never listen."""
        config = json.loads(await read(f"{self.url}/config"))
        function = next(each["id"] for each in config["dependencies"] if each["api_name"] == "resume")
        places = asyncio.Semaphore(AT_ONCE)
        loop = asyncio.get_running_loop()
        started = loop.time()

        async def one(number: int) -> None:
            async with places:
                await asyncio.sleep(started + FLOOD * number / JOINS - loop.time())
                session = f"{self.chance.getrandbits(40):x}"
                body = {"data": [self.made_up()], "fn_index": function, "session_hash": session}
                with suppress(OSError):
                    await read(f"{self.url}/gradio_api/queue/join", body, f"10.4.0.{number % 50}")
                    self.counted["joins"] += 1

        await asyncio.gather(*map(one, range(JOINS)))
        print(json.dumps({"joined": loop.time() - started}), flush=True)


def main() -> None:
    url, queued, seed = sys.argv[1:]
    crowd = Crowd(url, queued, int(seed))
    asyncio.run(crowd.all_at_once())
    print(json.dumps({"scripts": crowd.scripts, **crowd.counted}))


if __name__ == "__main__":
    main()
