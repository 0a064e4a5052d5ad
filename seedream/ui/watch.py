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
from dataclasses import dataclass
from typing import Any

from seedream.answers import Output
from seedream.errors import SeedreamError
from seedream.jobs import Job, Record, Trouble
from seedream.pictures import Picture
from seedream.ui.rooms import Rooms

log = logging.getLogger(__name__)

# Proxies take a silent connection for a dead one, the strictest after half a minute.
HEARTBEAT_SECONDS = 15.0
MOST_JOBS = 60

Message = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Watched:
    """A job as the browser remembers it."""

    key: str
    request_id: str | None


def read_watched(text: str) -> list[Watched]:
    """Read the browser's list, JSON: `[[key, request ID or null], …]`. Raises ValueError."""
    rows = json.loads(text)
    if not isinstance(rows, list) or len(rows) > MOST_JOBS:
        raise ValueError("not a list of jobs")
    watched = []
    for row in rows:
        key, request_id = row
        if not isinstance(key, str) or not (request_id is None or isinstance(request_id, str)):
            raise ValueError("not a job")
        watched.append(Watched(key, request_id))
    return watched


async def events(rooms: Rooms, watched: list[Watched]) -> AsyncIterator[str]:
    """Yield server-sent events: `record` at each change, `picture` for each file, `done` at the very end."""
    messages: asyncio.Queue[Message] = asyncio.Queue()
    following = asyncio.create_task(_follow_all(rooms, watched, messages))
    try:
        name = ""
        while name != "done":
            try:
                name, data = await asyncio.wait_for(messages.get(), HEARTBEAT_SECONDS)
                yield f"event: {name}\ndata: {json.dumps(data)}\n\n"
            except asyncio.TimeoutError:
                yield ": still here\n\n"
    finally:
        following.cancel()


async def _follow_all(rooms: Rooms, watched: list[Watched], messages: asyncio.Queue[Message]) -> None:
    ends = await asyncio.gather(*(_follow(rooms, job, messages) for job in watched), return_exceptions=True)
    for fault in filter(None, ends):
        log.error("a job is no longer followed", exc_info=fault)
    messages.put_nowait(("done", {}))


async def _follow(rooms: Rooms, watched: Watched, messages: asyncio.Queue[Message]) -> None:
    async for record in _states(rooms, watched):
        messages.put_nowait(("record", {"key": watched.key, "record": page_record(record)}))
        if record.status == "completed":
            pictures = (_show(rooms, watched, number, each) for number, each in enumerate(record.outputs))
            for shown in asyncio.as_completed(list(pictures)):
                messages.put_nowait(("picture", await shown))


def _states(rooms: Rooms, watched: Watched) -> AsyncIterator[Record]:
    running = rooms.desk.find(watched.key)
    if running is not None:
        return running.watch()
    if watched.request_id is not None:
        return Job(rooms.api, request_id=watched.request_id).states()
    return _lost(rooms)


async def _lost(rooms: Rooms) -> AsyncIterator[Record]:
    """Yield what is known of a submission that no answer and no process remembers: that it may be paid for."""
    yield Record(rooms.model.model_id, "unknown", error=Trouble("submission_unknown"))


async def _show(rooms: Rooms, watched: Watched, number: int, output: Output) -> dict[str, Any]:
    try:
        picture = await rooms.pictures.get(output)
    except SeedreamError as error:
        return {"key": watched.key, "number": number, "error": {"code": error.code}}
    return {"key": watched.key, "number": number, **page_picture(rooms, output, picture)}


def page_picture(rooms: Rooms, output: Output, picture: Picture) -> dict[str, Any]:
    """Return what a tile needs: addresses on this server, format, pixels and bytes."""
    signed = rooms.links.sign(output)
    return {
        "kind": output.kind,
        "preview": f"atelier/preview/{signed}" if picture.preview else None,
        "original": f"atelier/original/{signed}",
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.size,
    }


def page_record(record: Record) -> dict[str, Any]:
    """Return a record as the page shows it; it puts the error's code into words itself."""
    return {
        "request_id": record.request_id,
        "status": record.status,
        "queue_position": record.queue_position,
        "outputs": [{"kind": output.kind} for output in record.outputs],
        "cost_usd": record.cost_usd,
        "created_at": record.created_at,
        "finished_at": record.finished_at,
        "ended": record.ended,
        "error": record.error and {"code": record.error.code, "detail": record.error.detail},
    }
