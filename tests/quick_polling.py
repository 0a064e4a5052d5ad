"""For tests of waiting jobs: hardly a pause between two asks, and no waiting for servers to stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from seedream.offline import serve
from tests.servers import App

# No test waits this long; one that hangs is told so.
LIMIT = 30.0
# Seconds between two asks.
PAUSE = 0.03
T = TypeVar("T")

# Stopping a server takes longer than most of these tests: nobody waits for it before the end.
_stopping: list[threading.Thread] = []


async def soon(work: Awaitable[T]) -> T:
    return await asyncio.wait_for(work, LIMIT)


@contextmanager
def served(app: App) -> Iterator[str]:
    """Serve an API, and leave its end to `wait_for_ends`."""
    service = serve(app)
    try:
        yield service.url
    finally:
        _stopping.append(threading.Thread(target=service.stop))
        _stopping[-1].start()


def wait_for_ends() -> None:
    for each in _stopping:
        each.join()
