"""Asking about jobs that only somebody's word says exist: last, seldom, and each visitor in turn.

Anybody can make request IDs up by the thousand. Once the service has answered for one, or it was submitted here,
its job is asked for like any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from seedream.fair_semaphore import FairSemaphore
from seedream.jobs.rate_limiter import RateLimiter

# Of the account's requests. After a restart a tab's sixty jobs are found again within three seconds.
_SHARE = 5
# Calls at once, in all and for each visitor, where the service is slow to answer.
_AT_ONCE, _EACH_AT_ONCE = 32, 4
# In seconds: by so much later than it came, a request stands in line behind the others.
LAST = -5.0


class Unconfirmed:
    """Lets calls about such jobs through, for one account.

    Args:
        rate_limiter: the account's.
    """

    def __init__(self, rate_limiter: RateLimiter) -> None:
        self._pace = RateLimiter(max(1, rate_limiter.per_second // _SHARE))
        self._reads = FairSemaphore(_AT_ONCE)
        self._cancellations = FairSemaphore(_AT_ONCE)
        self._visitors: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def read(self, visitor: str) -> AsyncIterator[None]:
        """Hold a place for the time of the block, which asks once."""
        async with self._own(visitor), self._reads.hold(visitor):
            await self._pace.turn()
            yield

    @asynccontextmanager
    async def cancellation(self, visitor: str) -> AsyncIterator[None]:
        """Hold a place among those who want something cancelled, which is not put off."""
        async with self._cancellations.hold(visitor):
            yield

    def _own(self, visitor: str) -> asyncio.Semaphore:
        places = self._visitors.get(visitor)
        if places is None:
            places = self._visitors[visitor] = asyncio.Semaphore(_EACH_AT_ONCE)
        return places
