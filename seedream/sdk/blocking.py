"""Running a coroutine from code that blocks, also inside a notebook, whose own event loop is busy with it."""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

T = TypeVar("T")
Heard = TypeVar("Heard")

# Seconds between two calls of `idle`, and, where signals interrupt no waiting, until Ctrl-C is noticed.
_TICK = 0.2


def run_blocking(
    work: Callable[[Callable[[Heard], None]], Coroutine[Any, Any, T]],
    hear: Callable[[Heard], object],
    *,
    idle: Callable[[], object] = lambda: None,
    interrupted: Callable[[], object] = lambda: None,
) -> T:
    """Run a coroutine in an event loop and a thread of its own, and return what it returns.

    Args:
        work: the coroutine's function; it is given a means to tell something to `hear`.
        hear: called in this thread, as are the others.
        idle: called every now and then.
        interrupted: called at Ctrl-C, before the coroutine is cancelled.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed and the coroutine has ended of it; or it was pressed again, and the
            coroutine is left to itself.
    """
    told: queue.SimpleQueue[tuple[Heard] | None] = queue.SimpleQueue()
    started: Future[Callable[[], object]] = Future()
    outcome: Future[T] = Future()

    async def main() -> T:
        task = asyncio.current_task()
        assert task  # noqa: S101 - a coroutine that `asyncio.run` runs is one
        started.set_result(functools.partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel))
        return await work(lambda heard: told.put((heard,)))

    def body() -> None:
        try:
            outcome.set_result(asyncio.run(main()))
        except BaseException as error:
            outcome.set_exception(CancelledError() if isinstance(error, asyncio.CancelledError) else error)
        finally:
            told.put(None)

    def listen() -> None:
        while True:
            try:
                heard = told.get(timeout=_TICK)
            except queue.Empty:
                idle()
                continue
            if heard is None:
                return
            hear(heard[0])

    thread = threading.Thread(target=body, name="seedream", daemon=True)
    try:
        thread.start()
        listen()
    except KeyboardInterrupt:
        if thread.ident is None:
            raise
        interrupted()
        started.result()()
        listen()
        if isinstance(outcome.exception(), CancelledError):
            raise KeyboardInterrupt from None
    return outcome.result()
