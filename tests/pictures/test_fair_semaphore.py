from __future__ import annotations

import asyncio

from seedream.pictures.fair_semaphore import FairSemaphore


async def test_those_who_wait_take_turns() -> None:
    turns = FairSemaphore(1)
    order: list[str] = []
    gate = asyncio.Event()

    async def work(who: str) -> None:
        async with turns.turn(who):
            await gate.wait()
            order.append(who)

    waiting = [asyncio.create_task(work(who)) for who in ("series", "series", "series", "series", "single")]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*waiting)
    # The first place was free; of those who waited, the single one comes after one of the series.
    assert order == ["series", "series", "single", "series", "series"]


async def test_no_more_than_the_places_work_at_once() -> None:
    turns = FairSemaphore(3)
    now = most = 0

    async def work(who: str) -> None:
        nonlocal now, most
        async with turns.turn(who):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(work(str(number % 4)) for number in range(40)))
    assert most == 3


async def test_a_place_is_not_lost_with_whoever_went_away() -> None:
    turns = FairSemaphore(1)
    held, gone, next_one = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with turns.turn("holder"):
            held.set()
            await gone.wait()

    async def wait() -> None:
        async with turns.turn("waiter"):
            next_one.set()

    holder = asyncio.create_task(hold())
    await held.wait()
    leaver = asyncio.create_task(wait())
    await asyncio.sleep(0)
    gone.set()
    await holder
    # By now the place is the leaver's, who goes before using it.
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    next_one.clear()
    await asyncio.wait_for(wait(), 5)
    assert next_one.is_set()
