"""The stream that tells a page how its jobs are: one connection for all of them, silent while nothing changes.

Not a Gradio event: when such a stream is cut, the browser opens it again by itself, at this server or at
another replica of it, and nothing of the page is lost. What it needs to know comes with it: each job's key
and, where the browser knows it, its request ID.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse

from seedream.errors import SeedreamError
from seedream.jobs.job import Job
from seedream.jobs.record import Record, stopped, to_json
from seedream.jobs.registry import RunningJob
from seedream.pictures.images import Picture
from seedream.runcomfy.responses import Output
from seedream.ui.services import Services

log = logging.getLogger(__name__)

# Proxies take a silent connection for a dead one, the strictest after half a minute.
PING_SECONDS = 15
MOST_JOBS = 60
# How long a submission may take from the browser to here before it counts as lost.
ARRIVAL_SECONDS = 3.0
ARRIVAL_TRIES = 15
# By how much, in seconds, each of a series' first pictures starts before the next: fetched all at the same moment,
# they share the line and the processors, and the first would be there no sooner than the fourth.
_HEAD_START = 0.1
_HEAD_STARTS = 3

Message = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Watched:
    """A job as the browser remembers it.

    `own`: it was made with a token of the visitor's own; `seal` opens that, where the browser has it.
    """

    key: str
    request_id: str | None
    own: bool = False
    seal: str | None = None


def read_watched(rows: object) -> list[Watched]:
    """Read the browser's list: `[[key, request ID or null, own, seal or null], …]`. Raises ValueError.

    Each job has its own seal, as one tab asks for all, and each tab may pay from another account.
    """
    if not isinstance(rows, list) or len(rows) > MOST_JOBS:
        raise ValueError("not a list of jobs")
    watched = []
    for row in rows:
        key, request_id, own, seal = row
        if not isinstance(key, str) or not all(
            each is None or isinstance(each, str) for each in (request_id, seal)
        ):
            raise ValueError("not a job")
        watched.append(Watched(key, request_id, bool(own), seal))
    return watched


async def events(services: Services, watched: list[Watched], visitor: str) -> AsyncIterator[Message]:
    """Yield events by name: `record` at each change, `picture` for each file, `done` at the very end.

    Args:
        services: the app's.
        watched: the browser's jobs.
        visitor: who asks, and has a share of what is asked.
    """
    messages: asyncio.Queue[Message] = asyncio.Queue()
    following = asyncio.create_task(_follow_all(services, watched, visitor, messages))
    try:
        name = ""
        while name != "done":
            name, data = await messages.get()
            yield name, data
    finally:
        following.cancel()


def stream(events: AsyncIterator[Message]) -> EventSourceResponse:
    """Return the events as a browser's EventSource reads them, with a sign of life now and then."""
    named = (ServerSentEvent(json.dumps(data), event=name) async for name, data in events)
    return EventSourceResponse(named, ping=PING_SECONDS)


async def _follow_all(
    services: Services, watched: list[Watched], visitor: str, messages: asyncio.Queue[Message]
) -> None:
    following = (_follow(services, job, visitor, messages) for job in watched)
    ends = await asyncio.gather(*following, return_exceptions=True)
    for fault in filter(None, ends):
        log.error("a job is no longer followed", exc_info=fault)
    messages.put_nowait(("done", {}))


async def _follow(services: Services, watched: Watched, visitor: str, messages: asyncio.Queue[Message]) -> None:
    async for record in _states(services, watched, visitor):
        messages.put_nowait(
            ("record", {"key": watched.key, "record": page_record(record), "request": record.request})
        )
        if record.status == "completed":
            pictures = (_show(services, watched, number, each) for number, each in enumerate(record.outputs))
            for shown in asyncio.as_completed(list(pictures)):
                messages.put_nowait(("picture", await shown))


async def _states(services: Services, watched: Watched, visitor: str) -> AsyncIterator[Record]:
    running = services.registry.find(watched.key)
    if running is None and watched.request_id is None:
        running = await _arriving(services, watched.key)
    if running is not None and not (running.ended and watched.request_id):
        states = running.watch()
    else:
        try:
            if watched.request_id is None:
                # Where no process remembers it and no answer came, it may be paid for, and nobody knows.
                watched = replace(watched, request_id=await services.registry.claims.outcome(watched.key))
            token = services.sealed_tokens.open(watched.seal) if watched.own else None
        except SeedreamError as error:
            states = _ended(watched, error)
        else:
            states = Job(services.taking_up(str(watched.request_id), token, visitor)).states()
    async for record in states:
        yield record


async def _arriving(services: Services, key: str) -> RunningJob | None:
    """Wait a moment for a submission that a page sent just before it asked how it is, unless it came elsewhere."""
    if await services.registry.claims.known(key):
        return None
    for _ in range(ARRIVAL_TRIES):
        await asyncio.sleep(ARRIVAL_SECONDS / ARRIVAL_TRIES)
        if running := services.registry.find(key):
            return running
    return None


async def _ended(watched: Watched, error: SeedreamError) -> AsyncIterator[Record]:
    yield stopped(Record(None, "submitting", request_id=watched.request_id), error)


async def _show(services: Services, watched: Watched, number: int, output: Output) -> dict[str, Any]:
    await asyncio.sleep(_HEAD_START * min(number, _HEAD_STARTS))
    try:
        picture = await services.pictures.get(output)
    except SeedreamError as error:
        fault = error
    except Exception:
        # One file's fault must not take the others with it.
        log.exception("a picture could not be shown, request_id=%s", watched.request_id)
        fault = SeedreamError("file_unreachable")
    else:
        return {"key": watched.key, "number": number, **page_picture(services, output, picture)}
    told = {"code": fault.code, "facts": fault.facts}
    return {"key": watched.key, "number": number, "url": output.url, "error": told}


def page_picture(services: Services, output: Output, picture: Picture) -> dict[str, Any]:
    """Return what a tile needs: addresses on this server, format, a file's ending, pixels and bytes."""
    signed = services.signed_urls.sign(output)
    return {
        "kind": output.kind,
        "url": output.url,
        "signed": signed,
        "preview": f"atelier/preview/{signed}" if output.kind == "image" else None,
        "original": f"atelier/original/{signed}",
        "format": picture.format,
        "ending": picture.ending,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.size,
    }


def page_record(record: Record) -> dict[str, Any]:
    """Return a record as the page shows it; it puts the error's code into words itself."""
    told: dict[str, Any] = {**to_json(record)}
    del told["model_id"], told["request"]
    return {
        **told,
        # Their addresses come with the pictures, signed.
        "outputs": [{"kind": output.kind} for output in record.outputs],
        "ended": record.ended,
        "usually": record.usually,
        "error": record.error and {"code": record.error.code, "detail": record.error.detail},
    }
