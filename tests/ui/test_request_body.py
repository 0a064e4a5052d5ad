"""Bodies that are read beside each other: which of them have room, and in whose time."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message

from seedream.errors import SeedreamError
from seedream.ui.request_body import KIB, Bodies, Body, wait_for_turn

MOST = 1024 * KIB
HELD = 300 * KIB


def body(size: int, *, complete: bool = True) -> Body:
    """Return a body that comes in one piece, and of which more may be to come that never does."""
    pieces = [b"x" * size]

    async def receive() -> Message:
        if not pieces:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": pieces.pop(), "more_body": not complete}

    return Body(receive)


async def test_a_short_body_has_room_beside_whatever_is_held() -> None:
    bodies = Bodies(most_at_once=HELD, most_each=HELD)
    held = asyncio.create_task(bodies.read(body(HELD, complete=False), None, MOST, "somebody"))
    await asyncio.sleep(0.1)
    assert await bodies.read(body(64 * KIB), None, MOST, "a visitor") == b"x" * 64 * KIB
    with pytest.raises(SeedreamError) as refused:
        await bodies.read(body(65 * KIB), None, MOST, "a visitor")
    assert refused.value.code == "page_busy"
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    assert len(await bodies.read(body(65 * KIB), None, MOST, "a visitor")) == 65 * KIB


async def test_long_bodies_take_turns_between_visitors() -> None:
    order: list[str] = []

    async def come(visitor: str) -> None:
        await wait_for_turn(visitor, 64 * KIB)
        order.append(visitor)

    await asyncio.gather(*(come("one with many") for _ in range(20)), come("one with one"))
    assert order.index("one with one") <= 2


async def test_waiting_for_a_turn_is_not_being_slow() -> None:
    bodies = Bodies(seconds=0.3)
    others = [asyncio.create_task(wait_for_turn(str(number), 2 * MOST)) for number in range(20)]
    await asyncio.sleep(0)
    pieces = [b"x" * 65 * KIB] * 2

    async def receive() -> Message:
        return {"type": "http.request", "body": pieces.pop(), "more_body": bool(pieces)}

    assert len(await bodies.read(Body(receive), None, MOST, "last")) == 130 * KIB
    await asyncio.gather(*others)
