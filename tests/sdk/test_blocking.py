"""Waiting for a coroutine of the scripts' event loop, elsewhere."""

from __future__ import annotations

import asyncio
import threading

import pytest

from seedream.sdk.blocking import run_awaited, run_blocking


async def test_what_is_cancelled_before_its_first_step_ends() -> None:
    # As at a Ctrl-C in the very moment that a job begins: the loop comes to both at once.
    held, go = threading.Event(), threading.Event()

    async def hold() -> None:
        held.set()
        go.wait(30)

    async def work() -> None:
        raise AssertionError("it was cancelled before it began")

    holder = threading.Thread(target=lambda: run_blocking(lambda _: hold(), print))
    holder.start()
    assert held.wait(30)
    waiting = asyncio.create_task(run_awaited(lambda _: work(), print))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 10)
    holder.join()
