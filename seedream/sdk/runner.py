"""One job for a script, from the first check to the saved originals, on a registry as the page's."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from seedream import texts
from seedream.errors import SeedreamError
from seedream.jobs.estimates import Estimates
from seedream.jobs.job import JobSpec
from seedream.jobs.polling import PollingPolicy
from seedream.jobs.rate_limiter import RateLimiter
from seedream.jobs.record import Record, step
from seedream.jobs.registry import JobRegistry, RunningJob
from seedream.pictures.downloads import Downloads
from seedream.pictures.references import described
from seedream.runcomfy.client import ModelApi
from seedream.runcomfy.transport import Connections
from seedream.schema import load_models
from seedream.sdk.references import Values, checked
from seedream.sdk.results import Generation, Missing, SavedPicture
from seedream.sdk.saver import Saver, check_folder, file_stem
from seedream.sdk.service import models_of, served
from seedream.settings import Settings

Hear = Callable[[Record], None]

RESUME_COMMAND = "python -m seedream --resume {request_id}"

# All of a process's scripts run in one event loop (`blocking`), so they share these.
_registry = JobRegistry()
_estimates = Estimates()


async def run_job(
    hear: Hear,
    settings: Settings,
    folder: Path,
    *,
    values: Values | None = None,
    request_id: str | None = None,
) -> Generation:
    """Submit or take up a job, wait for its end, and save its originals.

    When it is cancelled it takes the job back if it can, waits for a submission's answer for that, and hears
    how that went; then it ends as any cancelled coroutine does.

    Args:
        hear: told of each change of state, in the event loop that runs this.
        settings: whose account, and where.
        folder: where the files are saved.
        values: what to submit, by the schema's names; None to take up a submitted job.
        request_id: the job to take up; None to submit.

    Raises:
        SeedreamError: why there are no pictures.
        NoSchemaError: there is no schema of SEEDREAM_MODEL.
    """
    sample = settings.offline
    if request_id is not None and sample:
        # A stand-in that has just started knows no job.
        raise SeedreamError("token_refused", request_id=request_id)
    if sample:
        settings = await asyncio.to_thread(served, settings)
    record = await _followed(await _specified(settings, folder, values, request_id), hear)
    if record.error:
        raise record.error
    saver = Saver(Downloads(settings.base_url), folder, file_stem(record, sample=sample))
    return _generation(record, await saver.save(record.outputs), sample=sample)


def how_it_ends(record: Record | None, *, sample: bool, language: str) -> list[str]:
    """Return sentences for who has stopped waiting: whether the job is cancelled or goes on, and how to resume it.

    Args:
        record: what was heard last; None where nothing was submitted.
        sample: whether it was the stand-in's.
        language: of the sentences.
    """
    if record is None:
        return []
    if record.request_id is None:
        # No answer came: it may have been accepted.
        return [(record.error or SeedreamError("submission_unknown")).sentence(language, "command")]
    if record.status == "cancelled":
        return [SeedreamError("job_cancelled", request_id=record.request_id).sentence(language, "command")]
    if sample:
        return [texts.text("command.sample_ends", language)]
    perhaps = "command.perhaps_goes_on" if record.error or record.status == "in_queue" else "command.goes_on"
    going_on = "command.is_made" if record.status == "completed" else perhaps
    return [texts.text(going_on, language), take_up(record.request_id, language)]


def take_up(request_id: str, language: str) -> str:
    """Return a sentence with the command that takes a job up again."""
    return texts.text("command.take_up", language, command=RESUME_COMMAND.format(request_id=request_id))


async def _specified(settings: Settings, folder: Path, values: Values | None, request_id: str | None) -> JobSpec:
    """Return what is to be done, once it is known that all of it fits and can be saved."""
    # A job is taken up whatever model it is of, and whether or not that can be read now.
    model, request = load_models().plain, None
    if values is not None:
        models = await asyncio.to_thread(models_of, settings)
        model, request = await checked(models, values, settings.base_url)
    await asyncio.to_thread(check_folder, folder)
    rate_limiter = _rate_limiter(settings.token, settings.requests_per_second)
    policy = PollingPolicy(_estimates, rate_limiter, settings.watch_seconds)
    api = ModelApi(settings.base_url, settings.token, model.model_id, _pooled())
    return JobSpec(api, request, request_id, policy, told=request and described(request))


async def _followed(spec: JobSpec, hear: Hear) -> Record:
    """Run a job, and watch it up to its last record."""
    key = uuid.uuid4().hex
    try:
        job = await _registry.start(key, spec)
        # It may have megabytes of references, and is sent.
        spec = spec.as_told()
        async for record in job.watch():
            hear(record)
    except asyncio.CancelledError:
        # It may have been started in the very moment: under its key, this is the same job.
        job = await _registry.start(key, spec)
        # Whatever happens, the answer to a submission is waited for.
        record = await job.submitted()
        hear(record)
        hear(await _taken_back(job, record))
        _registry.leave(key)
        raise
    return record


async def _taken_back(job: RunningJob, record: Record) -> Record:
    """Cancel a job where it is not too late, and return where it is then."""
    if record.ended or record.request_id is None:
        return record
    try:
        return step(record, await job.cancel())
    except SeedreamError as error:
        return replace(record, error=error)


def _generation(record: Record, ends: tuple[SavedPicture | Missing, ...], *, sample: bool) -> Generation:
    saved = tuple(each for each in ends if isinstance(each, SavedPicture))
    missing = tuple(each for each in ends if isinstance(each, Missing))
    for each in missing:
        each.error.request_id, each.error.facts["url"] = record.request_id, each.url
    if not saved:
        missing[0].error.facts["url"] = " ".join(each.url for each in missing)
        raise missing[0].error
    return Generation(str(record.request_id), saved, missing, record.cost_usd, sample, record)


@cache
def _rate_limiter(_account: str, per_second: int) -> RateLimiter:
    return RateLimiter(per_second)


@cache
def _pooled() -> Connections:
    return Connections()
