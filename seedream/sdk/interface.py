"""What scripts and notebooks call: make pictures, or take a job up again; blocking, and for `await`.

The keyword arguments are the fields of the model's schema, which checks them; README lists them.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from seedream import texts
from seedream.errors import SeedreamError
from seedream.jobs.record import Record
from seedream.sdk.blocking import run_awaited, run_blocking
from seedream.sdk.references import Given, Values
from seedream.sdk.results import Generation, Missing, SavedPicture
from seedream.sdk.runner import how_it_ends, run_job
from seedream.settings import Settings, from_environment

__all__ = ["Generation", "Missing", "Record", "SavedPicture", "SeedreamError"]
__all__ += ["generate", "generate_async", "resume", "resume_async"]

log = logging.getLogger(__name__)

Folder = str | os.PathLike[str]
OnState = Callable[[Record], object]


def generate(prompt: str, *, folder: Folder = ".", on_state: OnState | None = None, **fields: Given) -> Generation:
    """Make a picture, or a series of them, save the originals, and return when they are there.

    It also works inside a running event loop, as in a notebook. Ctrl-C, or a notebook's stop button, cancels the
    job where it is not too late, and names the one that goes on.

    Args:
        prompt: the picture in words, in any language.
        folder: where the files are saved, under names of their own; made if need be. None is overwritten.
        on_state: told of each change of state, in this thread.
        **fields: the schema's other fields, such as `resolution="2048x2048 (1:1)"`. `image` is what to start from,
            one or a list: paths, public HTTPS addresses, bytes of files, or pictures as Pillow has them.

    Raises:
        SeedreamError: why there are no pictures, as a sentence with the code and the request ID.
        ValueError: a setting makes no sense, or there is no schema of SEEDREAM_MODEL.
    """
    return _blocking(folder, on_state, {**fields, "prompt": prompt})


async def generate_async(
    prompt: str, *, folder: Folder = ".", on_state: OnState | None = None, **fields: Given
) -> Generation:
    """Do as `generate` does, in the running event loop. Cancelling it cancels the job where it is not too late."""
    return await _awaited(folder, on_state, {**fields, "prompt": prompt})


def resume(request_id: str, *, folder: Folder = ".", on_state: OnState | None = None) -> Generation:
    """Take up a submitted job, wait for its end, and save its originals. Nothing is submitted.

    Args:
        request_id: the job's name at RunComfy.
        folder: as in `generate`.
        on_state: as in `generate`.

    Raises:
        SeedreamError: as `generate` does.
    """
    return _blocking(folder, on_state, request_id=request_id)


async def resume_async(request_id: str, *, folder: Folder = ".", on_state: OnState | None = None) -> Generation:
    """Do as `resume` does, in the running event loop."""
    return await _awaited(folder, on_state, request_id=request_id)


def _blocking(
    folder: Folder, on_state: OnState | None, values: Values | None = None, request_id: str | None = None
) -> Generation:
    settings, heard = from_environment(), _Heard(on_state)
    try:
        return run_blocking(
            lambda hear: run_job(heard.first(hear), settings, Path(folder), values=values, request_id=request_id),
            heard.tell,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(heard.ending(settings)) from None


async def _awaited(
    folder: Folder, on_state: OnState | None, values: Values | None = None, request_id: str | None = None
) -> Generation:
    settings, heard = from_environment(), _Heard(on_state)
    try:
        return await run_awaited(
            lambda hear: run_job(heard.first(hear), settings, Path(folder), values=values, request_id=request_id),
            heard.tell,
        )
    except asyncio.CancelledError:
        log.warning("%s", heard.ending(settings))
        raise


class _Heard:
    """Keeps the last record, and tells each to who looks on."""

    def __init__(self, on_state: OnState | None) -> None:
        self._on_state = on_state
        self._last: Record | None = None

    def first(self, hear: Callable[[Record], None]) -> Callable[[Record], None]:
        """Keep each record before it is told: who looks on may be slow."""

        def heard(record: Record) -> None:
            self._last = record
            hear(record)

        return heard

    def tell(self, record: Record) -> None:
        try:
            if self._on_state:
                self._on_state(record)
        except Exception:
            # A fault of who only looks on must not lose a paid job.
            log.exception("on_state failed, request_id=%s", record.request_id)

    def ending(self, settings: Settings) -> str:
        """Say what becomes of the job that nobody waits for any more."""
        return " ".join(how_it_ends(self._last, sample=settings.offline, language=texts.system_language()))
