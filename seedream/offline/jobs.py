"""The jobs of the stand-in: where each one is, its pictures, and when it is forgotten.

A job's state follows from the clock and from its pictures whenever somebody asks, so that a thousand waiting
jobs cost nothing. Everything here runs on the server's event loop, but for the drawing itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from seedream.offline.options import Clock, Options, Painter

State = Literal["in_queue", "in_progress", "completed", "cancelled", "failed"]

_QUEUE_LENGTH = 3  # a job enters the queue here; 1 is next


@dataclass(frozen=True)
class Order:
    """What to draw: `count` pictures of `size` pixels as `format` (png or jpeg)."""

    prompt: str
    count: int
    size: tuple[int, int]
    format: str


@dataclass(frozen=True)
class _Drawn:
    at: float
    error: str | None


@dataclass(eq=False)
class Job:
    """One submitted job. `submitted` is in the clock's seconds; `owner` is a digest of its token."""

    order: Order
    owner: bytes
    submitted: float
    folder: Path
    request_id: str
    created_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    cancelled: float | None = None
    leaves_queue: asyncio.TimerHandle | None = None
    drawings: list[Future[_Drawn]] = field(default_factory=list)


class TooManyJobsError(Exception):
    """Every place is taken by a job that has not ended."""


class Jobs:
    """All jobs the stand-in knows, oldest first. They are kept and drawn while it is `open`."""

    _folder: Path
    _pool: ThreadPoolExecutor

    def __init__(self, options: Options, paint: Painter, clock: Clock = time.monotonic) -> None:
        self._options = options
        self._paint = paint
        self._clock = clock
        self._jobs: dict[str, Job] = {}

    @contextmanager
    def open(self) -> Iterator[None]:
        """Have a place for the files and threads to draw in, until the block ends."""
        with tempfile.TemporaryDirectory(prefix="seedream-offline-") as folder:
            self._folder = Path(folder)
            self._pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="painter")
            try:
                yield
            finally:
                self._pool.shutdown(cancel_futures=True)
                self._jobs.clear()

    def submit(self, order: Order, owner: bytes) -> Job:
        """Queue a job; raise `TooManyJobsError` where none of the kept ones can be dropped for it."""
        self._forget_old()
        if len(self._jobs) >= self._options.keep_jobs and not self._forget_one():
            raise TooManyJobsError
        request_id = str(uuid.uuid4())
        job = Job(order, owner, self._clock(), self._folder / request_id, request_id)
        self._jobs[request_id] = job
        loop = asyncio.get_running_loop()
        job.leaves_queue = loop.call_later(self._options.queue_seconds, self._start, job)
        return job

    def find(self, request_id: str) -> Job | None:
        self._forget_old()
        return self._jobs.get(request_id)

    def state(self, job: Job) -> State:
        if job.cancelled is not None:
            return "cancelled"
        waited = self._clock() - job.submitted
        if waited < self._options.queue_seconds:
            return "in_queue"
        self._start(job)
        if not all(drawing.done() for drawing in job.drawings):
            return "in_progress"
        if self.error(job):
            return "failed"
        shown = waited >= self._options.queue_seconds + self._options.drawing_seconds
        return "completed" if shown else "in_progress"

    def queue_position(self, job: Job) -> int:
        """Return the place of a queued job: 3 at first, 1 when it is next."""
        waited = self._clock() - job.submitted
        return max(1, _QUEUE_LENGTH - int(_QUEUE_LENGTH * waited / self._options.queue_seconds))

    def finished_at(self, job: Job) -> datetime:
        """Return when an ended job ended."""
        if job.cancelled is not None:
            end = job.cancelled
        else:
            end = max(drawing.result().at for drawing in job.drawings)
            if not self.error(job):
                end = max(end, job.submitted + self._options.queue_seconds + self._options.drawing_seconds)
        return job.created_at + timedelta(seconds=end - job.submitted)

    def error(self, job: Job) -> str | None:
        """Return why a drawn job failed, or None."""
        return next((error for drawing in job.drawings if (error := drawing.result().error)), None)

    def cancel(self, job: Job) -> bool:
        """Cancel a queued job; return whether the job is cancelled now."""
        if self.state(job) == "in_queue":
            job.cancelled = self._clock()
            if job.leaves_queue:
                job.leaves_queue.cancel()
        return job.cancelled is not None

    def _start(self, job: Job) -> None:
        if not job.drawings:
            numbers = range(1, job.order.count + 1)
            job.drawings = [self._pool.submit(self._draw, job, number) for number in numbers]

    def _draw(self, job: Job, number: int) -> _Drawn:
        order = job.order
        try:
            picture = self._paint(order.prompt, number, order.count, order.size, order.format)
            job.folder.mkdir(exist_ok=True)
            (job.folder / f"{number}.{order.format}").write_bytes(picture)
        except Exception as error:  # whatever a painter trips over is the job's error, as on any service
            return _Drawn(self._clock(), f"{type(error).__name__}: {error}")
        return _Drawn(self._clock(), None)

    def _forget_old(self) -> None:
        oldest_kept = self._clock() - self._options.keep_seconds
        for job in list(self._old(oldest_kept)):
            if self._ended(job):
                self._forget(job)

    def _old(self, oldest_kept: float) -> Iterator[Job]:
        for job in self._jobs.values():
            if job.submitted > oldest_kept:
                return
            yield job

    def _forget_one(self) -> bool:
        ended = next((job for job in self._jobs.values() if self._ended(job)), None)
        if ended:
            self._forget(ended)
        return ended is not None

    def _ended(self, job: Job) -> bool:
        return self.state(job) in ("completed", "cancelled", "failed")

    def _forget(self, job: Job) -> None:
        del self._jobs[job.request_id]
        shutil.rmtree(job.folder, ignore_errors=True)
