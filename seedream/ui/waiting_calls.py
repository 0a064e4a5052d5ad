"""The calls of scripts and agents that wait for a job: bounded, and ended when their caller has gone.

Left to itself, Gradio's queue runs forty events at a time, whatever an endpoint's own limit says, lets a handler
wait for a caller that has gone, and forgets whom it is about to answer once two thousand others have called.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr
from gradio.context import LocalContext
from gradio.utils import LRUCache
from starlette.requests import Request

from seedream.errors import SeedreamError

if TYPE_CHECKING:
    from gradio.queueing import Queue

# At once. A script that makes fifty pictures side by side is welcome; whoever comes by the thousand is not.
MOST, MOST_EACH = 900, 100
# What Gradio's queue runs at once: room for the calls that don't wait, above all for cancelling.
_EVENTS = 1000
# Gradio's stream to a caller asks for messages at least every ten seconds: whoever has not for longer is gone.
GONE_SECONDS = 12.0
CHECK_SECONDS = 2.0

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


class _Messages(asyncio.Queue[Any]):
    """What Gradio has to tell a session; it knows whether anybody asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.asking = 0
        self.asked_at = monotonic()

    async def get(self) -> Any:
        self.asked += 1
        self.asking += 1
        try:
            return await super().get()
        finally:
            self.asking -= 1
            self.asked_at = monotonic()


class Sessions(LRUCache[str, Any]):
    """Gradio's sessions with what it has to tell them: whoever listens is not forgotten for those who don't.

    Args:
        events: the sessions' events under way, which Gradio keeps for good where nobody listens.
        most: sessions.
        gone_seconds: after which a session that nobody listens to counts as left.
    """

    def __init__(
        self, events: dict[str, set[str]], *, most: int = 2000, gone_seconds: float = GONE_SECONDS
    ) -> None:
        super().__init__(most)
        self._events = events
        self._gone_seconds = gone_seconds

    def __setitem__(self, session: str, _: Any) -> None:
        if session not in self and len(self) >= self.max_size:
            unheard = next((each for each, messages in self.items() if not messages.asked), None)
            left = unheard or next((each for each in self if not self.heard(each)), next(iter(self)))
            del self[left]
            self._events.pop(left, None)
        super().__setitem__(session, _Messages())

    def heard(self, session: str) -> bool:
        messages = self.get(session)
        if messages is None:
            return False
        return bool(messages.asking) or monotonic() - messages.asked_at < self._gone_seconds


def open_up(queue: Queue) -> None:
    """Have Gradio's queue run and remember as many calls as may wait. To be called before it starts."""
    queue.max_thread_count = _EVENTS
    queue.pending_messages_per_session = Sessions(queue.pending_event_ids_session)
    # At each event's end it would compute statistics of the last ten thousand, which nobody reads here.
    queue.ANALYTICS_MAX_EVENTS = 1
    queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize
