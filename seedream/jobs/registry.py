"""Every job that this process has under way, each in a task of its own, watched by whoever likes.

A page that goes away takes its Gradio event with it. What was paid for must not go with the event, so a job
runs here, under a key that the visitor's browser made, and events and streams only watch it. The same key
is never started twice: that makes a double click, or a request that a browser replays, one submission.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import Context
from copy import copy
from dataclasses import replace

from seedream.errors import SeedreamError
from seedream.jobs.claims import Claims, OwnClaims
from seedream.jobs.job import Job, JobSpec
from seedream.jobs.record import JobStatus, Record
from seedream.limits.limiter import Reservation
from seedream.runcomfy.responses import Status
from seedream.schema import Request

log = logging.getLogger(__name__)

# How long a finished job can still be asked for by its key, in seconds: enough for a browser that was closed
# during the submission to come back. Afterwards its request ID finds it.
KEEP_SECONDS = 60 * 60.0
# How much of a prompt the log's line of a submission holds.
_FIRST_LETTERS = 80


class RunningJob:
    """A job under way and what is known of it now."""

    def __init__(self, spec: JobSpec) -> None:
        self.spec = spec.as_told()
        self.record: Record | None = None
        # Set once the limits have let it start, or refused it.
        self.admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._job = Job(spec)
        self._changed = asyncio.Event()
        self._reached: dict[JobStatus, float] = {}

    @property
    def started(self) -> bool:
        return self.admitted.done() and not self.admitted.exception()

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to watch: where it has a request ID, asking anew tells more."""
        return self.record is not None and self.record.ended

    async def watch(self) -> AsyncIterator[Record]:
        """Yield the record now and at each change, up to the last one. A slow watcher misses some between.

        Whoever begins before the end is told to the last what was asked for. Afterwards nobody here knows.
        """
        request = self.spec.request
        while True:
            record, changed = self.record, self._changed
            if record:
                # A copy of the error, as a watcher may raise it.
                yield replace(record, request=request, error=copy(record.error))
                if record.ended:
                    return
            await changed.wait()

    async def submitted(self) -> Record:
        """Wait until the service has answered the submission, and return the record then."""
        async for record in self.watch():
            if record.request_id or record.ended:
                break
        return record

    async def cancel(self) -> Status:
        """Do as `Job.cancel`."""
        return await self._job.cancel()

    def adopt(self, submitted: Callable[[Request], Awaitable[str]]) -> None:
        """Be the job that another process submits: `submitted` waits for its request ID."""
        self._job = Job(self.spec, submitted)

    async def run(self) -> Record:
        """Run the job to its end and return the last record."""
        try:
            async for record in self._job.states():
                self.tell(record)
        except Exception:
            # Whoever watches must hear an end, also of a fault that nobody foresaw.
            known = self.record or self._job.record
            log.exception("a job stopped, request_id=%s", known.request_id)
            fault = SeedreamError("internal", request_id=known.request_id)
            self.tell(replace(known, status="unknown", error=fault))
        return self.record or self._job.record

    def forget_request(self) -> None:
        """Drop what an ended job was asked for: it may be long, and whoever asked knows it."""
        known = self.record or self._job.record
        self.spec = replace(self.spec, request=None)
        self.record = self._job.record = replace(known, request=None)

    def log_line(self, *, prompt: bool) -> dict[str, object]:
        """Return what the page's owner reads of an ended job. Seconds are as this process saw them."""
        ended = time.monotonic()
        record = self.record or self._job.record
        drawing = self._reached.get("in_progress")
        return {
            "request_id": record.request_id,
            "status": record.status,
            "error": record.error and record.error.code,
            "queued_seconds": self._seconds("in_queue", drawing or ended),
            "drawing_seconds": self._seconds("in_progress", ended),
            "pictures": len(record.outputs),
            "cost_usd": record.cost_usd,
            **({"prompt": (record.request or {}).get("prompt")} if prompt else {}),
        }

    def _seconds(self, status: JobStatus, until: float) -> float | None:
        since = self._reached.get(status)
        return None if since is None else round(until - since, 1)

    def tell(self, record: Record) -> None:
        """Let everybody know how the job is now."""
        if record == self.record:
            return
        self.record = record
        self._reached.setdefault(record.status, time.monotonic())
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class JobRegistry:
    """The running jobs by key. One for each process, or event loop; used from its event loop alone.

    Args:
        keep_seconds: how long an ended job is still found by its key.
        log_prompts: whether the line that the log gets of each job holds its prompt, which is the visitor's own.
        claims: where a key is claimed before its job is submitted; default: this process's own.
    """

    def __init__(
        self, keep_seconds: float = KEEP_SECONDS, *, log_prompts: bool = False, claims: Claims | None = None
    ) -> None:
        self._keep_seconds = keep_seconds
        self._log_prompts = log_prompts
        self.claims = claims or OwnClaims()
        self._jobs: dict[str, RunningJob] = {}
        # asyncio itself holds tasks weakly.
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def find(self, key: str) -> RunningJob | None:
        job = self._jobs.get(key)
        return job if job and job.started else None

    async def start(self, key: str, spec: JobSpec, epoch: str | None = None) -> RunningJob:
        """Start a job under this key, or return the one that was started under it before, here or elsewhere.

        Args:
            key: names this very press of a button.
            spec: the job; what counts it is asked once for each key.
            epoch: the claims that a press of the page was meant for.

        Raises:
            SeedreamError: a limit is reached, or as `Claims.claim`. Nothing was sent, and the key is free again.
        """
        job = self._jobs.get(key)
        if job is None:
            job = self._jobs[key] = RunningJob(spec)
            # This one has all that was at hand when the job was asked for, references and all.
            own, run = Context(), self._run(key, job, epoch)
            task = self._tasks[key] = asyncio.create_task(run, context=own)
            task.add_done_callback(lambda _: self._tasks.pop(key, None), context=own)
        # A caller that goes away must not stop the others, nor what was reserved already.
        await asyncio.shield(job.admitted)
        return job

    def leave(self, key: str) -> None:
        """Stop watching a job, and forget it; at RunComfy it goes on."""
        self._jobs.pop(key, None)
        if task := self._tasks.get(key):
            task.cancel()

    async def _run(self, key: str, job: RunningJob, epoch: str | None) -> None:
        """Claim, reserve, run, settle."""
        try:
            # To take up a job costs nothing.
            mine = job.spec.request is None or await self.claims.claim(key, epoch)
            reservation = await self._reserved(key, job.spec, epoch) if mine else None
        except Exception as error:
            # Of a fault that nobody foresaw, too: nothing was sent, and the key is free again.
            del self._jobs[key]
            job.admitted.set_exception(error)
            # Who asked may have gone: asyncio would complain that nobody heard of it.
            job.admitted.exception()
            return
        job.admitted.set_result(None)
        if mine:
            self._log_submission(key, job)
            record, _ = await asyncio.gather(job.run(), self._tell_outcome(key, job))
            line = {"key": key, **job.log_line(prompt=self._log_prompts)}
            log.info("job %s", json.dumps(line, ensure_ascii=False))
        else:
            job.adopt(lambda _: self.claims.outcome(key))
            record = await job.run()
        job.forget_request()
        asyncio.get_running_loop().call_later(self._keep_seconds, self._jobs.pop, key, None)
        if reservation:
            made = record.pictures_to_count
            await reservation.settle(reservation.pictures if made is None else made)

    async def _tell_outcome(self, key: str, job: RunningJob) -> None:
        if job.spec.request is not None:
            await self.claims.settle(key, await job.submitted())

    async def _reserved(self, key: str, spec: JobSpec, epoch: str | None) -> Reservation | None:
        """Take the job's share of what its visitor may spend. Who pays for themselves is not counted."""
        if spec.limits is None or spec.request is None:
            return None
        try:
            return await spec.limits.reserve(spec.visitor, spec.request)
        except Exception as error:
            # Whatever it was, nothing is sent: who has a copy of the press must not wait for it.
            refusal = error if isinstance(error, SeedreamError) else SeedreamError("internal")
            await self.claims.refuse(key, refusal, epoch)
            raise

    def _log_submission(self, key: str, job: RunningJob) -> None:
        """Write down what may be paid for, before it is: a process that is killed now can't say it later.

        Whoever runs the page finds the job by its time, and by the prompt's first words, under Generations.
        """
        if job.spec.request is None:
            return
        words = str(job.spec.request.get("prompt"))[:_FIRST_LETTERS] if self._log_prompts else "(not logged)"
        log.info("submitting key=%s prompt=%s", key, json.dumps(words, ensure_ascii=False))
