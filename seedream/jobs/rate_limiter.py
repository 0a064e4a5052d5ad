"""A cap on the requests per second that one token makes, however many visitors wait."""

from __future__ import annotations

import asyncio
import heapq
import itertools

from seedream.settings import REQUESTS_PER_SECOND

# The start, in seconds, that a certain answer has over a hopeless one. Whoever has waited longer than this is
# overtaken by nobody who comes later, so all get their turn.
_HEAD_START = 1.0


class RateLimiter:
    """Gives out turns. Below the limit at once; above it, to those first whose answer is most likely.

    For one event loop. A waiter that was cancelled takes nobody's turn.

    Args:
        per_second: as many turns, and no more, in any one second. A tenth of them may come at once, the others
            evenly, so that a likely answer never waits for the next second to begin.
    """

    def __init__(self, per_second: int = REQUESTS_PER_SECOND) -> None:
        if per_second < 1:
            raise ValueError("a limit is at least one request per second")
        self.per_second = per_second
        burst = max(1, per_second // 10)
        self._spacing = 1 / (per_second - burst + 1)
        self._slack = (burst - 1) * self._spacing
        # When the turns that were given out would end if they came evenly.
        self._taken_until = 0.0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, likelihood: float = 1.0) -> None:
        """Return when it is this request's turn.

        Args:
            likelihood: from 0 to 1, that the answer is what its visitor waits for; below 0, what can wait.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._timer is None and now >= self._next:
            self._take(now)
            return
        future = loop.create_future()
        heapq.heappush(self._waiting, (now - likelihood * _HEAD_START, next(self._numbers), future))
        if self._timer is None:
            self._timer = loop.call_at(self._next, self._serve, loop)
        await future

    def count(self) -> None:
        """Count a request that waits for no turn; those who wait for theirs get it the later."""
        self._take(asyncio.get_running_loop().time())

    @property
    def _next(self) -> float:
        return self._taken_until - self._slack

    def _take(self, now: float) -> None:
        self._taken_until = max(self._taken_until, now) + self._spacing

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._waiting:
            if self._waiting[0][2].done():
                heapq.heappop(self._waiting)
            elif (now := loop.time()) >= self._next:
                self._take(now)
                heapq.heappop(self._waiting)[2].set_result(None)
            else:
                self._timer = loop.call_at(self._next, self._serve, loop)
                return
