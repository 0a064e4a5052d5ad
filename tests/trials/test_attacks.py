"""Every attack at once, kept up while one visitor after the other makes a picture.

3,000 answers are half read and then left to stand, 300 requests half sent, 200 bodies sent a byte a second, 500 of
10 MB as fast as they are taken, and 2,500 sessions begun a minute to which nobody listens; whoever is thrown out
comes again. (With only 256 descriptors, `test_half_sent.py` has the half-sent ones.)

The attackers are one process that may have what processor time nobody else wants (`nice -n 19`): in the world they
have processors of their own, while here they share two with the app, the API and the visitor. They come over half
a minute, as 3,000 connections in the same second are more than the processor has time for.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median

from PIL import Image

from tests.memory import memory
from tests.servers import ROOT, AppProcess
from tests.trials.attackers import ARRIVALS, SESSIONS, STREAMS
from tests.visitors_load import Page, Plan, Visitor, ready_made, served_app, serving, warm_up

PLAN = Plan(queue=0.5, shortest=1.0, spread=0.0)
ALONE, BESIDE = 5, 8
PAUSE = 1.0
PATIENCE = 60.0
# Until all who attack have come.
BEGUN_SECONDS = ARRIVALS + 5
SETTLED_SECONDS = 60
MOST_MEMORY, MOST_LOG = 60.0, 1_000_000
# Of descriptors and threads: some connections to the API and some idle workers stay for a while.
FEW = 10
NOISE = "noise"


def painted(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    """Paint in no time; what an attacker asks for is large in bytes."""
    if prompt != NOISE:
        return ready_made(prompt, number, of, size, format)
    file = BytesIO()
    Image.frombytes("RGB", (1200, 1200), os.urandom(1200 * 1200 * 3)).save(file, "PNG")
    return file.getvalue()


@dataclass(frozen=True)
class Held:
    """What the app holds: memory in MB, open files, threads."""

    memory: float
    files: int
    threads: int

    @classmethod
    def by(cls, app: AppProcess) -> Held:
        folder = Path("/proc") / str(app.process.pid)
        files, threads = (len(list((folder / name).iterdir())) for name in ("fd", "task"))
        return cls(memory(app.process.pid).now, files, threads)

    def little_over(self, before: Held) -> bool:
        return self.files <= before.files + FEW and self.threads <= before.threads + FEW


async def made(page: Page, prompt: str) -> Visitor:
    visitor = Visitor(page, prompt)
    await asyncio.wait_for(visitor.stay(), PATIENCE)
    assert visitor.complete, visitor.record
    return visitor


async def timed(page: Page, prompt: str) -> float:
    """Make a picture as a browser does; return the seconds from opening the page to the preview."""
    began = time.monotonic()
    await made(page, prompt)
    return time.monotonic() - began


@contextmanager
def attackers_at(app: AppProcess, *what: str) -> Iterator[subprocess.Popen[str]]:
    command = ["nice", "-n", "19", sys.executable, "-m", "tests.trials.attackers", app.url, *what]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_a_visitor_hardly_notices_and_a_minute_later_nothing_is_left() -> None:
    with serving(PLAN, painted) as api, served_app(api) as app:
        await warm_up(app)
        page = await Page.find(app.url)
        noise = await made(page, NOISE)
        alone = [await timed(page, f"alone {number}") for number in range(ALONE)]
        before, logged = Held.by(app), len(app.output)
        beside: list[float] = []
        with attackers_at(app, noise.signed[0], noise.key) as attackers:
            await asyncio.sleep(BEGUN_SECONDS)
            for number in range(BESIDE):
                beside.append(await timed(page, f"beside {number}"))
                await asyncio.sleep(PAUSE)
            under = Held.by(app)
            said, _ = await asyncio.to_thread(attackers.communicate, timeout=PATIENCE)
        answers = json.loads(said)
        for _ in range(SETTLED_SECONDS):
            now = Held.by(app)
            if now.little_over(before) and now.memory <= before.memory + MOST_MEMORY:
                break
            await asyncio.sleep(1)
        after, lines = Held.by(app), app.output[logged:]
        print(f"alone {alone}\nbeside {beside}\nbefore {before}\nunder attack {under}\nafter {after}")
        print(f"log {len(lines)}", *(f"{name}: {found}" for name, found in answers.items()), sep="\n")
    assert sum(answers["streams"].values()) >= STREAMS
    assert sum(answers["sessions"].values()) >= SESSIONS / 2
    assert median(beside) <= 2 * median(alone)
    assert after.little_over(before)
    assert len(lines) <= MOST_LOG
    assert "Traceback" not in lines
    assert after.memory <= before.memory + MOST_MEMORY
