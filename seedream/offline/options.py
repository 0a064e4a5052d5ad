"""What can be set about the stand-in: its waiting times, price and bounds, its painter and its clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Clock = Callable[[], float]
"""Gives seconds that never run backwards, as `time.monotonic` does."""


class Painter(Protocol):
    """Draws picture `number` (from 1) `of` so many, in a worker thread.

    `size` is in pixels; `format` is `png` or `jpeg`. What it raises makes its job fail.
    """

    def __call__(self, prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes: ...


@dataclass(frozen=True)
class Options:
    """How the stand-in behaves.

    `queue_seconds` and `drawing_seconds` are what a job takes at least; `price_usd` is for each picture. A
    job and its files are forgotten `keep_seconds` after it was submitted, or when there are more than
    `keep_jobs`; never before it has ended.
    """

    queue_seconds: float = 1.2
    drawing_seconds: float = 2.0
    price_usd: float = 0.0
    keep_seconds: float = 3600
    keep_jobs: int = 500
