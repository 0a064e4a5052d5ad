"""Every submission that this process has under way, each a task of its own, watched by whoever likes.

A page that goes away takes its Gradio event with it. What was paid for must not go with the event, so a job
runs here, under a key that the visitor's browser made, and events and streams only watch it. The same key
is never started twice: that makes a double click, or a request that a browser replays, one submission.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

from seedream.jobs.job import Job, Record, Trouble
from seedream.jobs.log_line import Entry
from seedream.runcomfy.responses import Status

log = logging.getLogger(__name__)

# How long a finished job can still be asked for by its key, in seconds: enough for a browser that was closed
# during the submission to come back. Afterwards its request ID finds it.
KEEP_SECONDS = 60 * 60.0


@dataclass(frozen=True)
class Order:
    """A job that may start, and what is to be done with its last record, whatever that is."""

    job: Job
    settle: Callable[[Record], Awaitable[None]]


class Running:
    """A job under way and what is known of it now."""

    def __init__(self, job: Job, entry: Entry) -> None:
        self._job = job
        self._entry = entry
        self._record = job.record
        self._changed = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to watch: where it has a request ID, asking anew tells more."""
        return self._record.ended

    async def watch(self) -> AsyncIterator[Record]:
        """Yield the record now and at each change, up to the last one. A slow watcher misses some between."""
        while True:
            record, changed = self._record, self._changed
            yield record
            if record.ended:
                return
            await changed.wait()

    async def submitted(self) -> Record:
        """Wait until the service has answered the submission, and return the record then."""
        async for record in self.watch():
            if record.request_id or record.ended:
                break
        return self._record

    async def cancel(self) -> Status:
        """Do as `Job.cancel`."""
        return await self._job.cancel()

    async def run(self) -> Record:
        """Run the job to its end and return the last record."""
        try:
            async for record in self._job.states():
                self._tell(record)
        except Exception:
            # Whoever watches must hear an end, also of a fault that nobody foresaw.
            log.exception("a job stopped, request_id=%s", self._record.request_id)
            self._tell(replace(self._record, status="unknown", error=Trouble("internal")))
        self._entry.close(self._record)
        return self._record

    def _tell(self, record: Record) -> None:
        if record == self._record:
            return
        self._record = record
        self._entry.note(record)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class JobRegistry:
    """The running jobs by key. One for each process; used from its event loop alone.

    Args:
        keep_seconds: how long an ended job is still found by its key.
        log_prompts: whether the line that the log gets of each job holds its prompt.
    """

    def __init__(self, keep_seconds: float = KEEP_SECONDS, *, log_prompts: bool = False) -> None:
        self._keep_seconds = keep_seconds
        self._log_prompts = log_prompts
        self._running: dict[str, Running] = {}
        self._starting: dict[str, asyncio.Task[Running]] = {}
        # asyncio itself holds tasks weakly.
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, key: str) -> Running | None:
        return self._running.get(key)

    async def start(self, key: str, order: Callable[[], Awaitable[Order]]) -> Running:
        """Start a job under this key, or return the one that was started under it before.

        Args:
            key: names this very press of a button.
            order: asks whether the job may start; awaited once for each key. What it raises is raised here,
                and the key is free again.
        """
        if running := self._running.get(key):
            return running
        task = self._starting.get(key)
        if task is None:
            task = self._starting[key] = asyncio.create_task(self._start(key, order))
            task.add_done_callback(lambda _: self._starting.pop(key, None))
        # A caller that goes away must not stop the others, nor what the order has taken already.
        return await asyncio.shield(task)

    async def _start(self, key: str, order: Callable[[], Awaitable[Order]]) -> Running:
        accepted = await order()
        running = self._running[key] = Running(accepted.job, Entry(self._log_prompts))
        task = asyncio.create_task(self._run(key, running, accepted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return running

    async def _run(self, key: str, running: Running, order: Order) -> None:
        record = await running.run()
        asyncio.get_running_loop().call_later(self._keep_seconds, self._running.pop, key, None)
        await order.settle(record)
