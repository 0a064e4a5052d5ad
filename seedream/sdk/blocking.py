"""One event loop for all jobs of this process's scripts, in a thread of its own; and waiting for them elsewhere.

So a script's jobs share one registry, and one limit of requests for each account, whether they come from code that
blocks, from several threads, from a notebook, or from event loops of the script's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from enum import Enum, auto
from functools import cache
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Heard = TypeVar("Heard")
Work = Callable[[Callable[[Heard], None]], Coroutine[Any, Any, T]]

# Seconds between two calls of `idle`, and, where signals interrupt no waiting, until Ctrl-C is noticed.
_TICK = 0.2
_starting = threading.Lock()


def run_blocking(
    work: Work[Heard, T],
    hear: Callable[[Heard], object],
    *,
    idle: Callable[[], object] = lambda: None,
    interrupted: Callable[[], object] = lambda: None,
) -> T:
    """Run a coroutine, and return what it returns.

    Args:
        work: the coroutine's function; it is given a means to tell something to `hear`.
        hear: called in this thread, as are the others.
        idle: called every now and then.
        interrupted: called at Ctrl-C, before the coroutine is cancelled.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed and the coroutine has ended of it; or it was pressed again, and the
            coroutine is left to itself.
    """
    told: queue.SimpleQueue[tuple[Heard] | _Sign] = queue.SimpleQueue()
    running: _Running[T] | None = None

    def stop() -> None:
        told.put(_Sign.CTRL_C)
        # Whoever listens may be slow; until then the job could be drawn and charged.
        if running:
            running.cancel()

    with _ctrl_c(stop):
        running = _Running(work(lambda heard: told.put((heard,))))
        running.outcome.add_done_callback(lambda _: told.put(_Sign.ENDED))
        while (said := _next(told, idle)) is not _Sign.ENDED:
            if said is not _Sign.CTRL_C:
                hear(said[0])
            elif not running.outcome.done():
                interrupted()
                running.cancel()
    if isinstance(running.outcome.exception(), CancelledError):
        raise KeyboardInterrupt
    return running.outcome.result()


class _Sign(Enum):
    CTRL_C = auto()
    ENDED = auto()


def _next(told: queue.SimpleQueue[T], idle: Callable[[], object]) -> T:
    while True:
        try:
            return told.get(timeout=_TICK)
        except queue.Empty:
            idle()


@contextlib.contextmanager
def _ctrl_c(hear: Callable[[], object]) -> Iterator[None]:
    """Have the first Ctrl-C told, not raised: between any two steps of a job it would take something along.

    A further one is raised. Where somebody handles it in a way of their own, nothing is changed.
    """
    usual = signal.default_int_handler
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not usual:
        yield
        return

    def pressed(*_: object) -> None:
        signal.signal(signal.SIGINT, usual)
        hear()

    signal.signal(signal.SIGINT, pressed)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


async def run_awaited(work: Work[Heard, T], hear: Callable[[Heard], object]) -> T:
    """Run a coroutine, and return what it returns. Cancelled, it cancels that, and waits for its end.

    Args:
        work: as in `run_blocking`.
        hear: called in the running event loop.
    """
    loop = asyncio.get_running_loop()
    running = _Running(work(lambda heard: _tell(loop, hear, heard)))
    outcome = asyncio.wrap_future(running.outcome)
    try:
        return await asyncio.shield(outcome)
    except asyncio.CancelledError:
        running.cancel()
        await asyncio.wait([outcome])
        raise


class _Running(Generic[T]):
    """A coroutine under way in the scripts' event loop."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.outcome: Future[T] = Future()
        self._work = work
        self._task: asyncio.Task[T] | None = None
        self._cancelled = False
        with _starting:
            self._loop = _scripts_loop()
        self._loop.call_soon_threadsafe(self._start)

    def cancel(self) -> None:
        """Cancel it, once: what it does at its end is not to be cancelled, too."""
        if not self._cancelled:
            self._cancelled = True
            self._loop.call_soon_threadsafe(lambda: self._task and self._task.cancel())

    def _start(self) -> None:
        self._task = self._loop.create_task(self._work)
        # Not in the coroutine: one that is cancelled before its first step never gets to say how it ended.
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self.outcome.set_exception(CancelledError())
        elif error := task.exception():
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(task.result())


def _tell(loop: asyncio.AbstractEventLoop, hear: Callable[[Heard], object], heard: Heard) -> None:
    # A loop that is closed has nobody left to hear; the job goes on all the same.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(hear, heard)


@cache
def _scripts_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="seedream", daemon=True).start()
    return loop


# Threads don't come along into a forked process.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_scripts_loop.cache_clear)
