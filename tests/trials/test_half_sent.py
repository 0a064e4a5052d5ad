"""Three hundred callers who never finish what they began to send, where the process may open 256 files in all.

They go on for a minute; who is thrown out comes again. One visitor after the other makes a picture beside them.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from tests.servers import AppProcess
from tests.visitors_load import Page, Plan, Visitor, served_app, serving, warm_up

PLAN = Plan(queue=0.5, shortest=1.0, spread=0.0)
CALLERS, DESCRIPTORS = 300, 256
SECONDS = 60.0
ALONE = 5
PAUSE = 3.0
PATIENCE = 30.0
# What is half sent has ten seconds; then what is told, and the checks' own time.
FEW, ENDED = 12, 15.0
# Until a caller who was thrown out is back.
AGAIN = 0.5
MOST_LOG = 1_000_000
SAID = (
    b"",
    b"GET / HTTP/1.1\r\nHost: app\r\nX-",
    b"POST /atelier/watch HTTP/1.1\r\nHost: app\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
)


def open_files(app: AppProcess) -> int:
    return len(list(Path(f"/proc/{app.process.pid}/fd").iterdir()))


async def told(app: AppProcess, said: bytes) -> bytes:
    """Say something, and return the status of what is answered before the connection is closed, if anything is."""
    parts = urlsplit(app.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        writer.write(said)
        return (await reader.read())[9:12]
    finally:
        writer.close()


async def come_again(app: AppProcess, said: bytes, ends: Counter[bytes]) -> None:
    while True:
        with suppress(OSError):
            ends[await told(app, said)] += 1
        await asyncio.sleep(AGAIN)


@asynccontextmanager
async def half_sent(app: AppProcess) -> AsyncIterator[Counter[bytes]]:
    """Attack, and count the answers by their status; nothing, where there was none."""
    ends: Counter[bytes] = Counter()
    callers = [asyncio.create_task(come_again(app, SAID[number % len(SAID)], ends)) for number in range(CALLERS)]
    try:
        yield ends
    finally:
        for each in callers:
            each.cancel()
        await asyncio.gather(*callers, return_exceptions=True)


async def made(page: Page, prompt: str) -> float:
    """Make a picture as a browser does; return the seconds from opening the page to the preview."""
    began = time.monotonic()
    visitor = Visitor(page, prompt)
    await asyncio.wait_for(visitor.stay(), PATIENCE)
    assert visitor.complete, visitor.record
    return time.monotonic() - began


async def test_a_visitor_gets_in_beside_hundreds_of_half_sent_requests() -> None:
    with serving(PLAN) as api, served_app(api, descriptors=DESCRIPTORS) as app:
        await warm_up(app)
        page = await Page.find(app.url)
        alone = [await made(page, f"alone {number}") for number in range(ALONE)]
        files, logged = open_files(app), len(app.output)
        # A few of them have room beside each other, and their time.
        works = (told(app, said) for said in SAID * FEW)
        assert await asyncio.wait_for(asyncio.gather(*works), ENDED) == [b"", b"408", b"408"] * FEW
        beside: list[float] = []
        async with half_sent(app) as ends:
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                await asyncio.sleep(PAUSE)
                beside.append(await made(page, f"beside {len(beside)}"))
        print(f"alone {alone}\nbeside {beside}\n{ends}\nlog {len(app.output) - logged}")
        assert median(beside) <= 2 * median(alone)
        assert len(app.output) - logged <= MOST_LOG
        assert "out of system resource" not in app.output
        # They made room for each other; those who had said something were told that the page is full.
        assert b"503" in ends
        assert set(ends) <= {b"", b"408", b"503"}
        for _ in range(20):
            if open_files(app) <= files + 5:
                break
            await asyncio.sleep(1)
        assert open_files(app) <= files + 5
