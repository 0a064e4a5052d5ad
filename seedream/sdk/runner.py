"""One job for a script, from the first check to the saved originals."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from seedream import settings as environment
from seedream.errors import SeedreamError
from seedream.jobs.estimates import Estimates
from seedream.jobs.job import Job, Pace, Record, Trouble, in_thread
from seedream.jobs.rate_limiter import RateLimiter
from seedream.pictures.downloads import Downloads
from seedream.runcomfy.client import ModelApi, checked_request_id
from seedream.runcomfy.transport import Connections
from seedream.schema import Request, load
from seedream.sdk.results import Generation, Missing, SavedPicture
from seedream.sdk.saver import Saver, check_folder, file_stem

log = logging.getLogger(__name__)

Hear = Callable[[Record], None]

_durations = Estimates()
_ceilings: WeakKeyDictionary[asyncio.AbstractEventLoop, RateLimiter] = WeakKeyDictionary()
_starting = threading.Lock()


@dataclass(frozen=True)
class JobSpec:
    """What a script asks for.

    Attributes:
        folder: where the files are saved.
        request: what to submit, as `Model.request` returns it; None to take up a submitted job.
        request_id: the job to take up; None to submit.
    """

    folder: Path
    request: Request | None = None
    request_id: str | None = None


async def make(ask: JobSpec, settings: environment.Settings, hear: Hear) -> Generation:
    """Submit or take up a job, wait for its end, and save its originals.

    When it is cancelled it takes the job back if it can, waits for a submission's answer for that, and hears
    how that went; then it ends as any cancelled coroutine does.

    Args:
        ask: what to make, or what to take up.
        settings: whose account, and where.
        hear: told of each change of state, in this event loop.

    Raises:
        SeedreamError: why there are no pictures.
    """
    if ask.request_id is not None:
        ask = replace(ask, request_id=checked_request_id(ask.request_id))
        if settings.offline:
            # A stand-in that has just started knows no job.
            raise SeedreamError("token_refused", request_id=ask.request_id)
    await in_thread(check_folder, ask.folder)
    sample = settings.offline
    if sample:
        settings = settings.served_by(await in_thread(_stand_in_url))
    api = ModelApi(settings.base_url, settings.token, load().model_id, _pooled())
    record = await _followed(Job(api, ask.request, request_id=ask.request_id, pace=_pace(settings)), hear)
    if record.error:
        raise SeedreamError(record.error.code, request_id=record.request_id, detail=record.error.detail)
    shelf = Saver(Downloads(settings.base_url), ask.folder, file_stem(record, sample=sample))
    ends = await shelf.save(record.outputs)
    return _generation(record, ends, sample=sample)


async def _followed(job: Job, hear: Hear) -> Record:
    """Watch a job up to its last record."""
    answered = asyncio.Event()

    async def follow() -> None:
        try:
            async for record in job.states():
                if record.request_id:
                    answered.set()
                hear(record)
        finally:
            answered.set()

    following = asyncio.create_task(follow())
    try:
        # Shielded: whatever happens, the answer to a submission is waited for.
        await asyncio.shield(following)
    except asyncio.CancelledError:
        await answered.wait()
        following.cancel()
        hear(await _taken_back(job))
        raise
    except Exception as fault:
        log.exception("a job is no longer followed, request_id=%s", job.record.request_id)
        raise SeedreamError("internal", request_id=job.record.request_id) from fault
    return job.record


async def _taken_back(job: Job) -> Record:
    """Cancel a job where it is not too late, and return where it is then."""
    if job.record.ended or job.record.request_id is None:
        return job.record
    try:
        status = await job.cancel()
    except SeedreamError as error:
        return replace(job.record, error=Trouble(error.code, error.detail))
    cancelled = Trouble("job_cancelled") if status.state == "cancelled" else None
    return replace(job.record, status=status.state, queue_position=status.queue_position, error=cancelled)


def _generation(record: Record, ends: tuple[SavedPicture | Missing, ...], *, sample: bool) -> Generation:
    saved = tuple(each for each in ends if isinstance(each, SavedPicture))
    missing = tuple(each for each in ends if isinstance(each, Missing))
    for each in missing:
        each.error.request_id = record.request_id
    if not saved:
        raise missing[0].error
    return Generation(str(record.request_id), saved, missing, record.cost_usd, sample, record)


def _pace(settings: environment.Settings) -> Pace:
    """Return how the jobs of one event loop wait together; all of the process learn from each other."""
    loop = asyncio.get_running_loop()
    ceiling = _ceilings.setdefault(loop, RateLimiter(settings.requests_per_second))
    return Pace(_durations, ceiling, settings.watch_seconds)


@cache
def _pooled() -> Connections:
    return Connections()


def _stand_in_url() -> str:
    """Return the address of this process's stand-in."""
    with _starting:
        return _stand_in()


@cache
def _stand_in() -> str:
    from seedream.offline import start_offline  # noqa: PLC0415 - only samples need it

    service = start_offline()
    atexit.register(service.stop)
    return service.url
