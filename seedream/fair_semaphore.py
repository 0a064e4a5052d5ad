"""A semaphore that is fair to parties: whoever has held it least lately comes next, not whoever queued most."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairSemaphore:
    """Lets so many hold it at once, and passes it on in rotation to those who wait: one of each, then again.

    A series of fifteen that came first leaves room for a single picture that came after. Used from one event
    loop; while nobody waits, it costs nothing to acquire.
    """

    def __init__(self, value: int) -> None:
        self._value = value
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def hold(self, party: str) -> AsyncIterator[None]:
        """Hold it for the time of the block, as one of a party in the rotation."""
        await self._acquire(party)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, party: str) -> None:
        if self._value:
            self._value -= 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(party, deque()).append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                # It was passed on in the very moment that its taker went away.
                self._release()
            raise

    def _release(self) -> None:
        while self._waiting:
            party, waiters = self._waiting.popitem(last=False)
            waiter = waiters.popleft()
            if waiters:
                self._waiting[party] = waiters
            if not waiter.done():
                waiter.set_result(None)
                return
        self._value += 1
