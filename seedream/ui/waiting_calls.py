"""The calls of scripts and agents that wait for a job: bounded, and ended when their caller has gone.

Left to itself, Gradio lets a handler wait for a caller that has gone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import gradio as gr
from gradio.context import LocalContext
from starlette.requests import Request

from seedream.errors import SeedreamError
from seedream.ui.gradio_sessions import Sessions

if TYPE_CHECKING:
    from gradio.queueing import Queue

# At once. A script that makes fifty pictures side by side is welcome; whoever comes by the thousand is not.
MOST, MOST_EACH = 450, 100
# How often it is looked whether anybody listens.
CHECK_SECONDS = 2.0
# By then Gradio has told what went wrong.
_TOLD_SECONDS = 1.0

T = TypeVar("T")
Heard = Callable[[], Awaitable[bool]]


class WaitingCalls:
    """Counts the calls that wait, so that nobody's stand in the way of others'."""

    def __init__(self, most: int = MOST, most_each: int = MOST_EACH) -> None:
        self._most = most
        self._most_each = most_each
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def one(self, visitor: str) -> Iterator[None]:
        """Count a call of this visitor for the time of the block. Raises SeedreamError `limit_calls`."""
        for limit, waiting in ((self._most_each, self._waiting[visitor]), (self._most, self._waiting.total())):
            if waiting >= limit:
                raise SeedreamError("limit_calls", limit=limit)
        self._waiting[visitor] += 1
        try:
            yield
        finally:
            self._waiting[visitor] -= 1
            self._waiting += Counter()  # drops who has none


def let_go(request: Request | gr.Request, values: Mapping[str, object]) -> None:
    """Drop the references of a call that was submitted, and its body: Gradio has them for as long as it waits.

    Args:
        request: the call's.
        values: what its handler was given.
    """
    queue: Queue | None = getattr(LocalContext.blocks.get(None), "_queue", None)
    # A queue that is empty is no less one.
    known = {} if queue is None else queue.event_ids_to_events
    event = known.get(str(LocalContext.event_id.get(None)))
    given = event.data.data if event and event.data else ()
    for value in (*values.values(), *given):
        if isinstance(value, list):
            value.clear()
    whole = vars(request.request if isinstance(request, gr.Request) else request)
    for name in ("_body", "_json"):
        whole.pop(name, None)


def soon_without_frames(error: gr.Error) -> gr.Error:
    """Return an error that forgets in a second by which way it came.

    Gradio's own frames know it, and it knows them, with all that a refused call brought: at an attack's height,
    650 such circles of a dozen frames each waited for Python to look for them.
    """
    asyncio.get_running_loop().call_later(_TOLD_SECONDS, error.with_traceback, None)
    return error


def listening(request: Request | gr.Request) -> Heard:
    """Return what tells whether the caller who sent this request still listens."""
    event = LocalContext.event_id.get(None)
    if not isinstance(request, gr.Request):

        async def connected() -> bool:
            return not await request.is_disconnected()

        return connected

    queue: Queue | None = getattr(LocalContext.blocks.get(None), "_queue", None)

    async def queued() -> bool:
        if event is None or queue is None:
            return True  # answered at once, without the queue
        sessions, session = queue.pending_messages_per_session, str(request.session_hash)
        going_on = event in queue.pending_event_ids_session.get(session, ())
        return going_on and isinstance(sessions, Sessions) and sessions.heard(session)

    return queued


async def while_heard(
    items: AsyncIterator[T], heard: Heard, check_seconds: float = CHECK_SECONDS
) -> AsyncIterator[T | None]:
    """Yield the items; None, and no more, once nobody listens."""
    coming = asyncio.ensure_future(anext(items))
    try:
        while True:
            if not (await asyncio.wait([coming], timeout=check_seconds))[0]:
                if not await heard():
                    yield None
                    return
                continue
            try:
                item = coming.result()
            except StopAsyncIteration:
                return
            yield item
            coming = asyncio.ensure_future(anext(items))
    finally:
        coming.cancel()
