"""Who has a place among a server's connections, and who gives it up for another.

A place is a connection with a request under way. Where there are enough, nobody is held to anything but to take
what was asked for; where all are taken, the slow make room for the quick, and the many for the few.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol

from seedream.ui.refusals import RETRY_SECONDS

# asyncio takes up so many connections before it looks at the first of them; the others wait in the system's queue.
TAKEN_UP_AT_ONCE = 8
_END = b"Connection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n" + _END
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: %d\r\n" % RETRY_SECONDS + _END


@dataclass(frozen=True)
class Bounds:
    """What connections may take.

    Attributes:
        most: connections at once.
        head_seconds: from the opening, or from a further request's first byte, to the end of its head.
        still_seconds: after which whoever took no more of an answer makes room for others.
        stuck_seconds: after which it does so in any case.
        most_unread: bytes of answers that nobody takes.
        sweep_seconds: how often all that is looked at.
    """

    most: int
    head_seconds: float = 10.0
    still_seconds: float = 5.0
    stuck_seconds: float = 60.0
    most_unread: int = 8 * 1024 * 1024
    sweep_seconds: float = 1.0

    @property
    def most_served(self) -> int:
        """How many of them may have a request under way.

        The others come to hear that it is full. They are as many as may be opened between the opening of one and
        the reading of what it has sent already: who speaks at once is heard.
        """
        return self.most - max(self.most // 8, 3 * TAKEN_UP_AT_ONCE)


class Connection(Protocol):
    """What is known of one.

    Attributes:
        loop: it lives in.
        cycle: uvicorn's, of its newest request.
        begun: whether the request that is waited for has begun to come.
        address: the other end's.
        waits: whether no request is under way.
        gone: whether it is closed.
        unsent: bytes of its answers that the other end has not taken yet.
    """

    loop: asyncio.AbstractEventLoop
    cycle: Any
    begun: bool

    @property
    def address(self) -> str: ...
    @property
    def waits(self) -> bool: ...
    @property
    def gone(self) -> bool: ...
    @property
    def unsent(self) -> int: ...
    def end(self, answer: bytes) -> None:
        """Close it; with this answer, if there is a request to answer."""


class Places:
    """All of a server's connections, by what they wait for."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        # Those without a whole head, and since when.
        self._heads: OrderedDict[Connection, float] = OrderedDict()
        # Those with a part of a body, in the order in which they were heard of. It is the gate that ends those.
        self._bodies: OrderedDict[Connection, None] = OrderedDict()
        # Those with a whole request that is being answered, in the order in which they came.
        self._served: OrderedDict[Connection, None] = OrderedDict()
        # How many of these two each address has.
        self._held: Counter[str] = Counter()
        # Those who don't take their answer, and since when.
        self._unread: OrderedDict[Connection, float] = OrderedDict()
        self._sweeping: asyncio.TimerHandle | None = None

    def opened(self, connection: Connection) -> None:
        self._wait_for_head(connection)
        # Those that were ended are not counted: they are gone at the loop's next turn.
        if len(self._heads) + len(self._bodies) + len(self._served) > self._bounds.most:
            # Itself, where nobody else waits.
            self._heads.popitem(last=False)[0].end(_FULL)

    def lost(self, connection: Connection) -> None:
        self._heads.pop(connection, None)
        self._unread.pop(connection, None)
        self._leave(connection)

    def heard(self, connection: Connection) -> None:
        """Note that something came."""
        begins, connection.begun = not connection.begun, True
        if connection.waits:
            if begins and connection.cycle:
                self._wait_for_head(connection)
            return
        self._heads.pop(connection, None)
        self._leave(connection)
        if not connection.unsent:
            self.moves(connection)
        (self._bodies if connection.cycle.more_body else self._served)[connection] = None
        self._held[connection.address] += 1

    def take(self, connection: Connection) -> bool:
        """Tell whether there is a place for the request that came, and make one if need be."""
        if len(self._served) + len(self._bodies) <= self._bounds.most_served:
            return True
        other = self._least(connection)
        if other is None:
            return False
        self.lost(other)
        other.end(_FULL)
        return True

    def answered(self, connection: Connection) -> None:
        """Note that the request has its answer."""
        connection.begun = False
        self._leave(connection)
        if not connection.gone:
            self._wait_for_head(connection)

    def still(self, connection: Connection) -> None:
        """Note that the other end doesn't take what it is sent."""
        self._unread[connection] = connection.loop.time()
        self._unread.move_to_end(connection)
        self._sweep_soon(connection.loop)

    def moves(self, connection: Connection) -> None:
        """Note that it does."""
        self._unread.pop(connection, None)

    def _least(self, newcomer: Connection) -> Connection | None:
        """Return who gives up a place for another, if anybody has to."""
        slowest = next(iter(self._bodies), newcomer)
        if slowest is not newcomer:
            return slowest
        before = newcomer.loop.time() - self._bounds.still_seconds
        if self._unread and next(iter(self._unread.values())) <= before:
            return next(iter(self._unread))
        address, most = self._held.most_common(1)[0]
        # The newcomer is counted. Behind a proxy all have the same address.
        if most <= self._held[newcomer.address]:
            return None
        return next(each for each in self._served if each.address == address)

    def _leave(self, connection: Connection) -> None:
        for places in (self._bodies, self._served):
            if connection in places:
                del places[connection]
                self._held[connection.address] -= 1
                if not self._held[connection.address]:
                    del self._held[connection.address]

    def _wait_for_head(self, connection: Connection) -> None:
        self._heads[connection] = connection.loop.time()
        self._heads.move_to_end(connection)
        self._sweep_soon(connection.loop)

    def _sweep_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._sweeping is None:
            self._sweeping = loop.call_later(self._bounds.sweep_seconds, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what has waited too long, and who takes too little of what was sent."""
        now, self._sweeping = loop.time(), None
        while self._heads and next(iter(self._heads.values())) <= now - self._bounds.head_seconds:
            connection, _ = self._heads.popitem(last=False)
            if connection.unsent:
                # The last answer is still on its way, to somebody with a slow line.
                self._wait_for_head(connection)
                self._unread.setdefault(connection, now)
            else:
                connection.end(_TOO_SLOW)
        self._end_unread(now)
        if self._heads or self._unread:
            self._sweep_soon(loop)

    def _end_unread(self, now: float) -> None:
        unread = sum(each.unsent for each in self._unread)
        for connection, since in list(self._unread.items()):
            if not connection.unsent:
                self.moves(connection)
                continue
            stuck = since <= now - self._bounds.stuck_seconds
            if not stuck and (unread <= self._bounds.most_unread or since > now - self._bounds.still_seconds):
                return
            unread -= connection.unsent
            self.lost(connection)
            connection.end(_FULL)
