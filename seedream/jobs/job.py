"""One job's life: submit once, wait, collect. The only place that waits.

Waiting is `await`; a thread is held only while an HTTP call is under way. A job that was submitted can be
picked up again, by anyone with the same account, from its request ID alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from seedream.errors import Code, SeedreamError
from seedream.jobs.estimates import Estimates
from seedream.jobs.polling import Wait
from seedream.jobs.rate_limiter import RateLimiter
from seedream.runcomfy.client import ModelApi, checked_request_id
from seedream.runcomfy.responses import Output, Result, Status
from seedream.schema import Request

JobStatus = Literal["submitting", "in_queue", "in_progress", "completed", "cancelled", "failed", "unknown"]

WATCH_SECONDS = 30 * 60.0
# A service may say `completed` a moment before the files' URLs are there.
NO_OUTPUT_TRIES = 4
# The longest that a Retry-After is followed, in seconds; the watch's own end is far beyond.
LONGEST_DELAY = 60.0

T = TypeVar("T")
_threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="model-api")


@dataclass(frozen=True)
class Pace:
    """What an account's jobs share about waiting.

    Attributes:
        durations: how long jobs have taken in this process.
        ceiling: how many requests a second they may make together.
        watch_seconds: how long one is watched.
    """

    durations: Estimates = field(default_factory=Estimates)
    ceiling: RateLimiter = field(default_factory=RateLimiter)
    watch_seconds: float = WATCH_SECONDS


@dataclass(frozen=True)
class Trouble:
    """Why a job has no pictures (yet): the sentence's code, and the service's own words as foreign text."""

    code: Code
    detail: str | None = None


@dataclass(frozen=True)
class Record:
    """All that is known of a job at one moment.

    Attributes:
        status: `unknown` where a submission's outcome, or a submitted job's state, can't be known.
        request: what was sent; None where a job was picked up by its request ID.
        cost_usd: US dollars as the result names them; None where it names none.
        created_at, finished_at: ISO 8601, as the result names them.
        usually: how long drawing such a job usually takes, in seconds, from and to.
    """

    model_id: str
    status: JobStatus
    request_id: str | None = None
    queue_position: int | None = None
    outputs: tuple[Output, ...] = ()
    cost_usd: float | None = None
    created_at: str | None = None
    finished_at: str | None = None
    request: Request | None = None
    error: Trouble | None = None
    usually: tuple[int, int] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of watching it."""
        return self.error is not None or self.status in ("completed", "cancelled", "failed", "unknown")


class Job:
    """A job on its way. Iterate over `states()` once; `cancel()` at any time in between.

    Args:
        api: the model, as the account that pays sees it.
        request: what to submit, as `Model.request` returns it; None to pick up a submitted job.
        request_id: the submitted job to pick up; None to submit.
        pace: when to ask, shared with the account's other jobs.
    """

    def __init__(
        self,
        api: ModelApi,
        request: Request | None = None,
        *,
        request_id: str | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._api = api
        self._pace = pace or Pace()
        self._ask_now = asyncio.Event()
        self._empty_results = 0
        status: JobStatus = "submitting" if request_id is None else "in_queue"
        expected = self._pace.durations.expect(request)
        self.record = Record(
            api.model_id,
            status,
            request_id=request_id,
            request=request,
            usually=(expected.low, expected.high) if request else None,
        )

    async def states(self) -> AsyncIterator[Record]:
        """Yield a record at each change of state; the last one has `ended`. Errors are records, too."""
        try:
            request_id = self.record.request_id
            if request_id is None:
                yield self.record
                request_id = await self._submit()
                yield self.record
                watched = self._watched(request_id, shown=self.record)
            else:
                # Nothing is known of it yet, so there is nothing to show before the first answer.
                request_id = checked_request_id(request_id)
                self.record = replace(self.record, request_id=request_id)
                watched = self._watched(request_id, shown=None)
            async for record in watched:
                yield record
        except SeedreamError as error:
            yield self._stopped_by(error)

    async def cancel(self) -> Status:
        """Take a queued job back and return where it is then. One that is being drawn goes on.

        Raises:
            SeedreamError: the service did not take the wish; the job is as it was.
        """
        request_id = self.record.request_id
        if request_id is None:
            raise SeedreamError("not_submitted_yet")
        status = await in_thread(self._api.cancel, request_id)
        self._ask_now.set()
        return status

    async def _submit(self) -> str:
        request_id = await in_thread(self._api.submit, self.record.request or {})
        self.record = replace(self.record, status="in_queue", request_id=request_id)
        return request_id

    async def _watched(self, request_id: str, shown: Record | None) -> AsyncIterator[Record]:
        clock = asyncio.get_running_loop().time
        started = clock()
        wait = Wait(self._pace.durations, self.record.request, started)
        wish = 0.0
        while not self.record.ended:
            if clock() - started > self._pace.watch_seconds:
                raise SeedreamError("watch_ended")
            if shown:
                await self._pause(max(wish, wait.seconds(clock())))
            await self._pace.ceiling.turn(wait.likelihood(clock()))
            try:
                await self._ask(request_id)
                self._note(wait, clock())
                wish = 0.0
            except SeedreamError as error:
                if not error.passing:
                    raise
                wish = min(float(str(error.facts.get("retry_after") or 0)), LONGEST_DELAY)
            if self.record != shown:
                shown = self.record
                yield shown

    def _note(self, wait: Wait, now: float) -> None:
        if self.record.status == "in_queue":
            wait.in_queue(now, self.record.queue_position)
        elif self.record.status == "in_progress":
            wait.in_progress(now)
        elif self.record.status == "completed" and not self.record.error:
            wait.completed(now)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ask_now.wait(), seconds)
        self._ask_now.clear()

    async def _ask(self, request_id: str) -> None:
        """Read where the job is: `/status` tells the queue position, `/result` all the rest in one call."""
        if self.record.status == "in_queue":
            status = await in_thread(self._api.status, request_id)
            if status.state in ("in_queue", "in_progress"):
                self._update(status)
                return
        self._collect(await in_thread(self._api.result, request_id))

    def _update(self, status: Status) -> None:
        self.record = replace(self.record, status=status.state, queue_position=status.queue_position)

    def _collect(self, result: Result) -> None:
        if result.status.state == "completed" and not result.outputs:
            self._empty_results += 1
            if self._empty_results < NO_OUTPUT_TRIES:
                self.record = replace(self.record, status="in_progress", queue_position=None)
                return
        self._update(result.status)
        self.record = replace(
            self.record,
            outputs=result.outputs,
            cost_usd=result.cost_usd,
            created_at=result.created_at,
            finished_at=result.finished_at,
            error=_trouble(result),
        )

    def _stopped_by(self, error: SeedreamError) -> Record:
        if error.code == "watch_ended":
            status = self.record.status
        elif self.record.request_id is not None or error.code == "submission_unknown":
            # Paid for, perhaps: not being allowed to look is not the same as having failed.
            status = "unknown"
        else:
            status = "failed"
        self.record = replace(self.record, status=status, error=Trouble(error.code, error.detail))
        return self.record


def _trouble(result: Result) -> Trouble | None:
    if result.status.state == "failed":
        return Trouble("job_failed", result.reason)
    if result.status.state == "cancelled":
        return Trouble("job_cancelled", result.reason)
    if result.status.state == "completed" and not result.outputs:
        return Trouble("no_output", result.reason)
    return None


async def in_thread(call: Callable[..., T], *arguments: Any) -> T:
    """Run one blocking API call in a thread that it holds only for as long as it works."""
    return await asyncio.get_running_loop().run_in_executor(_threads, call, *arguments)
