"""Sharing a few places fairly: whoever has had the fewest turns lately comes next, not whoever queued most."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairSemaphore:
    """So many places, given in rotation to those who wait: one of each, then the next of each.

    A series of fifteen that came first leaves room for a single picture that came after. Used from one event
    loop; a place that nobody waits for costs nothing to take.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Hold a place for the time of the block; `who` is one party in the rotation."""
        await self._take(who)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, who: str) -> None:
        if self._free:
            self._free -= 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                # The place came in the very moment that its taker went away.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            who, queue = self._waiting.popitem(last=False)
            place = queue.popleft()
            if queue:
                self._waiting[who] = queue
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
