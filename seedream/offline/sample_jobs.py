"""The jobs of the stand-in: each is one coroutine that waits in the queue, has its pictures drawn, and ends.

Everything here runs on the server's event loop, but for the drawing itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from PIL import Image

from seedream.offline.options import Clock, Options, Painter
from seedream.offline.painting import painter, painter_over
from seedream.pictures.own_folder import OwnFolder

State = Literal["in_queue", "in_progress", "completed", "cancelled", "failed"]

_QUEUE_LENGTH = 3  # a job enters the queue here; 1 is next


@dataclass(frozen=True)
class Wish:
    """What to draw: `count` pictures of `size` pixels as `format` (png or jpeg); from a reference, if any."""

    prompt: str
    count: int
    size: tuple[int, int]
    format: str
    reference: Image.Image | None = None


@dataclass(eq=False)
class SampleJob:
    """One submitted job.

    `owner` is a digest of its token; `submitted` is in the clock's seconds; `finished_at` is None until it ends.
    """

    request_id: str
    wish: Wish
    owner: bytes
    submitted: float
    folder: Path
    state: State = "in_queue"
    error: str | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    finished_at: datetime | None = None
    task: asyncio.Task[None] = field(init=False)

    @property
    def files(self) -> list[str]:
        """The names of its pictures."""
        return [f"{number}.{self.wish.format}" for number in range(1, self.wish.count + 1)]


class SampleJobs:
    """All jobs that the stand-in knows, oldest first. They are kept and drawn while it is `open`."""

    _folder: Path
    _pool: ThreadPoolExecutor

    def __init__(self, options: Options, paint: Painter | None, clock: Clock) -> None:
        self._options = options
        self._paint = paint
        self._clock = clock
        self._jobs: dict[str, SampleJob] = {}

    @contextmanager
    def open(self) -> Iterator[None]:
        """Have a place for the files and threads to draw in, until the block ends."""
        own = OwnFolder()
        self._folder = own.path
        self._pool = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="painter")
        try:
            yield
        finally:
            for job in self._jobs.values():
                job.task.cancel()
            self._pool.shutdown(cancel_futures=True)
            own.drop()

    def submit(self, wish: Wish, owner: bytes) -> SampleJob | None:
        """Queue a job; None where every place is taken by a job that has not ended."""
        self._forget_old()
        if len(self._jobs) >= self._options.keep_jobs:
            ended = next((job for job in self._jobs.values() if job.finished_at), None)
            if ended is None:
                return None
            self._forget(ended)
        request_id, now = str(uuid.uuid4()), self._clock.now()
        job = SampleJob(request_id, wish, owner, now, self._folder / request_id)
        self._jobs[request_id] = job
        job.task = asyncio.create_task(self._run(job))
        return job

    def find(self, request_id: str) -> SampleJob | None:
        self._forget_old()
        return self._jobs.get(request_id)

    def queue_position(self, job: SampleJob) -> int:
        """Return the place of a queued job: 3 at first, 1 when it is next."""
        waited = self._clock.now() - job.submitted
        return max(1, _QUEUE_LENGTH - int(_QUEUE_LENGTH * waited / self._options.queue_seconds))

    def cancel(self, job: SampleJob) -> bool:
        """Cancel a queued job; return whether the job is cancelled now."""
        if job.state == "in_queue":
            job.task.cancel()
            self._end(job, "cancelled")
        return job.state == "cancelled"

    async def _run(self, job: SampleJob) -> None:
        await self._clock.sleep(self._options.queue_seconds)
        job.state = "in_progress"
        job.folder.mkdir()
        loop = asyncio.get_running_loop()
        drawing = [
            loop.run_in_executor(self._pool, self._draw, job, number) for number in range(1, job.wish.count + 1)
        ]
        try:
            await asyncio.gather(self._clock.sleep(self._options.drawing_seconds), *drawing)
        except Exception as error:  # whatever a painter trips over is the job's error, as on any service
            job.error = f"{type(error).__name__}: {error}"
        job.wish = replace(job.wish, reference=None)
        self._end(job, "failed" if job.error else "completed")

    def _draw(self, job: SampleJob, number: int) -> None:
        wish = job.wish
        salt = job.request_id
        paint = painter_over(wish.reference, salt) if wish.reference else self._paint or painter(salt)
        picture = paint(wish.prompt, number, wish.count, wish.size, wish.format)
        (job.folder / job.files[number - 1]).write_bytes(picture)

    def _end(self, job: SampleJob, state: State) -> None:
        job.state = state
        job.finished_at = job.created_at + timedelta(seconds=self._clock.now() - job.submitted)

    def _forget_old(self) -> None:
        oldest_kept = self._clock.now() - self._options.keep_seconds
        for job in [*self._jobs.values()]:
            if job.finished_at and job.submitted <= oldest_kept:
                self._forget(job)

    def _forget(self, job: SampleJob) -> None:
        del self._jobs[job.request_id]
        shutil.rmtree(job.folder, ignore_errors=True)
