"""One job's life: submit once, poll, collect. The only place that waits.

Waiting is `await`. A job that was submitted can be taken up again, by anyone with the same account, from its
request ID alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

from seedream.errors import SeedreamError
from seedream.jobs.polling import Polling, PollingPolicy
from seedream.jobs.record import JobStatus, Record, lacks_files, step, stopped
from seedream.jobs.unconfirmed import LAST
from seedream.limits.limiter import Limits
from seedream.runcomfy.client import ModelApi
from seedream.runcomfy.responses import Result, Status
from seedream.schema import Request

# A service may say `completed` a moment before the files' URLs are there.
NO_OUTPUT_TRIES = 4
# The longest that a Retry-After is followed, in seconds; the watch's own end is far beyond.
LONGEST_DELAY = 60.0
# A read that failed is soon tried again, and then less and less soon, in seconds.
FIRST_RETRY_SECONDS = 0.2
_MOST_DOUBLINGS = 10


@dataclass(frozen=True)
class JobSpec:
    """What is to be done, and who pays.

    Attributes:
        api: the model, as the account that pays sees it.
        request: what to submit, as `Model.request` returns it; None to take up a submitted job.
        request_id: the submitted job to take up, with or without spaces around it; None to submit.
        policy: when to ask, shared with the account's other jobs.
        limits: what counts the job's pictures; None where nobody does.
        visitor: for whom they are counted, and whose turn it is.
        told: the request as records tell it, where that is not as it is sent: references as what they are, without
            their bytes.
    """

    api: ModelApi
    request: Request | None = None
    request_id: str | None = None
    policy: PollingPolicy = field(default_factory=PollingPolicy)
    limits: Limits | None = None
    visitor: str = ""
    told: Request | None = None

    def as_told(self) -> JobSpec:
        """Return the same without what is only to be sent, for whoever keeps it."""
        return replace(self, request=self.told or self.request)


class Job:
    """A job on its way. Iterate over `states()` once; `cancel()` at any time in between.

    Args:
        spec: what is to be done.
        submit: returns the request ID of what was asked for; default: submits it.
    """

    def __init__(self, spec: JobSpec, submit: Callable[[Request], Awaitable[str]] | None = None) -> None:
        self._api = spec.api
        self._submit = submit or spec.api.submit
        # Nothing of it is kept once it was sent: its references may weigh megabytes.
        self._request = spec.request or {}
        spec = spec.as_told()
        self._policy = spec.policy
        self._visitor = spec.visitor
        # Whether the service has said of it that it is there.
        self._confirmed = spec.request_id is None
        self._ask_now = asyncio.Event()
        self._without_files = 0
        status: JobStatus = "submitting" if spec.request_id is None else "in_queue"
        expected = self._policy.estimates.expect(spec.request)
        self.record = Record(
            spec.api.model_id if spec.request else None,
            status,
            request_id=spec.request_id and spec.request_id.strip(),
            request=spec.request,
            usually=(expected.low, expected.high) if spec.request else None,
        )

    async def states(self) -> AsyncIterator[Record]:
        """Yield a record at each change of state; the last one has `ended`. Errors are records, too."""
        try:
            # Of a job that is taken up nothing is known, so there is nothing to show before the first answer.
            shown = None
            if self.record.request_id is None:
                yield self.record
                self._policy.rate_limiter.count()
                request, self._request = self._request, {}
                request_id = await self._submit(request)
                del request
                shown = self.record = replace(self.record, status="in_queue", request_id=request_id)
                yield shown
            async for record in self._polled(shown):
                yield record
        except SeedreamError as error:
            self.record = stopped(self.record, error)
            yield self.record

    async def cancel(self) -> Status:
        """Take a queued job back and return where it is then. One that is being drawn goes on.

        Raises:
            SeedreamError: the service did not take the wish; the job is as it was.
        """
        if self.record.request_id is None:
            raise SeedreamError("not_submitted_yet")
        self._policy.rate_limiter.count()
        unknown = None if self._confirmed else self._policy.unconfirmed.cancellation(self._visitor)
        async with unknown or contextlib.nullcontext():
            status = await self._api.cancel(self.record.request_id)
        self._ask_now.set()
        return status

    async def _polled(self, shown: Record | None) -> AsyncIterator[Record]:
        clock = asyncio.get_running_loop().time
        started = clock()
        polling = Polling(self._policy.estimates, self.record.request, started)
        failures, wish = 0, 0.0
        while not self.record.ended:
            if clock() - started > self._policy.watch_seconds:
                raise SeedreamError("watch_ended")
            if shown or failures:
                seconds = polling.seconds(clock())
                soon = FIRST_RETRY_SECONDS * 2 ** (failures - 1) if failures else seconds
                await self._pause(max(wish, min(seconds, soon)))
            try:
                self._take(await self._answer(polling.likelihood(clock())), polling, clock())
                failures, wish = 0, 0.0
            except SeedreamError as error:
                if not error.passing:
                    raise
                failures = min(failures + 1, _MOST_DOUBLINGS)
                wish = min(float(str(error.facts.get("retry_after") or 0)), LONGEST_DELAY)
            if self.record != shown:
                shown = self.record
                yield shown

    async def _answer(self, likelihood: float) -> Status | Result:
        """Ask where the job is."""
        if self._confirmed:
            return await self._asked(likelihood)
        async with self._policy.unconfirmed.read(self._visitor):
            answer = await self._asked(LAST)
        self._confirmed = True
        return answer

    async def _asked(self, likelihood: float) -> Status | Result:
        """`/status` tells the queue position, `/result` all the rest in one call."""
        request_id = str(self.record.request_id)
        await self._policy.rate_limiter.turn(likelihood)
        if self.record.status == "in_queue":
            status = await self._api.status(request_id)
            if status.state in ("in_queue", "in_progress"):
                return status
            await self._policy.rate_limiter.turn()
        return await self._api.result(request_id)

    def _take(self, answer: Status | Result, polling: Polling, now: float) -> None:
        if isinstance(answer, Result):
            self._without_files += lacks_files(answer)
        self.record = step(self.record, answer, patient=self._without_files < NO_OUTPUT_TRIES)
        if self.record.status == "in_queue":
            polling.in_queue(now, self.record.queue_position)
        elif self.record.status == "in_progress":
            polling.in_progress(now)
        elif self.record.status == "completed" and not self.record.error:
            polling.completed(now)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ask_now.wait(), seconds)
        self._ask_now.clear()
