"""A request's body, read in one piece before anybody works with it: bounded in bytes, in time and in all."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from seedream.errors import SeedreamError
from seedream.fair_semaphore import FairSemaphore

KIB = 1024
# How long a body may take, in seconds, and how fast a longer one has to come.
SECONDS = 10.0
BYTES_A_SECOND = 16 * KIB
# So much of a body has room beside whatever comes: all that the page's own presses send.
_SHORT = 64 * KIB
# Of all bodies that are on their way at one moment, and of one visitor's.
MOST_AT_ONCE, MOST_EACH = 192 * 1024 * KIB, 72 * 1024 * KIB
# All long ones together are read at this pace, in bytes a second, one visitor's piece after another's: on a fast
# line they would take the processor from whoever else is served.
_PACE = 32 * 1024 * KIB
_reading = FairSemaphore(1)


class Body:
    """A request's body as it comes. `complete`: nothing more of it does."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._whole: bytes | None = None
        self.complete = False

    async def receive(self) -> Message:
        """Return the next message, as ASGI has them; of a body that was read whole, first that."""
        if self._whole is not None:
            whole, self._whole = self._whole, None
            return {"type": "http.request", "body": whole, "more_body": False}
        message = await self._receive()
        self.complete = self.complete or not message.get("more_body")
        return message

    def let_go(self) -> None:
        """Forget the connection: nothing more comes."""
        self._receive = _gone

    def read(self, whole: bytes) -> None:
        """Have it start anew, in one piece."""
        self._whole = whole


class Bodies:
    """Reads bodies whole, and knows how much of all of them is held.

    Args:
        most_at_once: bytes of all bodies that are on their way at one moment.
        most_each: of one visitor's.
        seconds: which a short one may take.
    """

    def __init__(
        self, most_at_once: int = MOST_AT_ONCE, most_each: int = MOST_EACH, seconds: float = SECONDS
    ) -> None:
        self._most_at_once = most_at_once
        self._most_each = most_each
        self._seconds = seconds
        self._held: Counter[str] = Counter()

    async def read(self, body: Body, declared: str | None, most_bytes: int, visitor: str) -> bytes:
        """Return a body of at most `most_bytes`, which it then starts anew with.

        Args:
            body: the request's.
            declared: its header `Content-Length`, if it has one.
            most_bytes: which it may have.
            visitor: whose it is.

        Raises:
            SeedreamError: `body_too_long`, `body_too_slow`, `page_busy`.
            ClientDisconnect: the caller has gone.
        """
        if declared is not None and (not declared.isdecimal() or int(declared) > most_bytes):
            raise _too_long(most_bytes)
        pieces = bytearray()
        began = monotonic()
        try:
            while not body.complete:
                until = began + self._seconds + len(pieces) / BYTES_A_SECOND
                piece = await _next(body, until - monotonic())
                pieces += piece
                self._held[visitor] += len(piece)
                if len(pieces) > most_bytes:
                    raise _too_long(most_bytes)
                if len(pieces) > _SHORT:
                    if self._full(visitor):
                        raise SeedreamError("page_busy")
                    began += await wait_for_turn(visitor, len(piece))
            whole = bytes(pieces)
        finally:
            self._held[visitor] -= len(pieces)
            self._held += Counter()  # drops who has none
            # A refusal's own frames hold it for as long as they are not collected.
            pieces.clear()
        body.read(whole)
        return whole

    def _full(self, visitor: str) -> bool:
        return self._held[visitor] > self._most_each or self._held.total() > self._most_at_once


async def _gone() -> Message:
    return {"type": "http.disconnect"}


async def wait_for_turn(visitor: str, size: int) -> float:
    """Wait until a further piece of a long body may be read; return for how many seconds.

    Args:
        visitor: whose body it is.
        size: of the last piece, in bytes.
    """
    began = monotonic()
    async with _reading.hold(visitor):
        await asyncio.sleep(size / _PACE)
    return monotonic() - began


async def _next(body: Body, seconds: float) -> bytes:
    try:
        message = await asyncio.wait_for(body.receive(), max(seconds, 0))
    except asyncio.TimeoutError as error:
        raise SeedreamError("body_too_slow") from error
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return bytes(message.get("body", b""))


def _too_long(most_bytes: int) -> SeedreamError:
    return SeedreamError("body_too_long", most=most_bytes // KIB)
