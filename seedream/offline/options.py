"""What can be set about the stand-in: its waiting times, price and bounds, its painter and its clock."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol


class Painter(Protocol):
    """Draws picture `number` (from 1) `of` so many, in a worker thread.

    `size` is in pixels; `format` is `png` or `jpeg`. What it raises makes its job fail.
    """

    def __call__(self, prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes: ...


class Clock:
    """What jobs wait by, in seconds that never run backwards."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Options:
    """How the stand-in behaves.

    `queue_seconds` and `drawing_seconds` are what a job takes at least; `price_usd` is for each picture,
    `balance_usd` what every account is said to have; None: this service tells no balance. A series has `series`
    pictures where the model would decide how many. A job and its files are forgotten
    `keep_seconds` after it was submitted, or when there are more than `keep_jobs`; never before it has ended.
    """

    queue_seconds: float = 1.2
    drawing_seconds: float = 2.0
    price_usd: float = 0.0
    balance_usd: float | None = None
    series: int = 4
    keep_seconds: float = 3600
    keep_jobs: int = 500
