from __future__ import annotations

import asyncio

from seedream.fair_semaphore import FairSemaphore


async def test_it_goes_round_among_the_parties_that_wait() -> None:
    semaphore = FairSemaphore(1)
    order: list[str] = []
    gate = asyncio.Event()

    async def work(party: str) -> None:
        async with semaphore.hold(party):
            await gate.wait()
            order.append(party)

    waiting = [asyncio.create_task(work(party)) for party in ("series", "series", "series", "series", "single")]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*waiting)
    # It was free for the first; of those who waited, the single one comes after one of the series.
    assert order == ["series", "series", "single", "series", "series"]


async def test_no_more_than_its_value_hold_it_at_once() -> None:
    semaphore = FairSemaphore(3)
    now = most = 0

    async def work(party: str) -> None:
        nonlocal now, most
        async with semaphore.hold(party):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(work(str(number % 4)) for number in range(40)))
    assert most == 3


async def test_it_is_not_lost_with_whoever_went_away() -> None:
    semaphore = FairSemaphore(1)
    held, gone, next_one = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with semaphore.hold("holder"):
            held.set()
            await gone.wait()

    async def wait() -> None:
        async with semaphore.hold("waiter"):
            next_one.set()

    holder = asyncio.create_task(hold())
    await held.wait()
    leaver = asyncio.create_task(wait())
    await asyncio.sleep(0)
    gone.set()
    await holder
    # By now it is the leaver's, who goes before using it.
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    next_one.clear()
    await asyncio.wait_for(wait(), 5)
    assert next_one.is_set()
