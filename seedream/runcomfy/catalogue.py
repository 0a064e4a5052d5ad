"""What a picture costs, asked for once in a while: the catalogue's price, known to all visitors of the page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from seedream.jobs.job import in_thread
from seedream.runcomfy.client import Price

# Catalogues change seldom; one that could not be read is soon asked again. Both in seconds.
KNOWN_FOR = 3600.0
UNKNOWN_FOR = 60.0


class Prices:
    """Remembers a price for as long as it may be believed.

    Args:
        ask: reads the catalogue, which may take its time; None where it names no price.
        clock: gives seconds that never run backwards.
    """

    def __init__(self, ask: Callable[[], Price | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: Price | None = None
        self._until = float("-inf")

    async def usd_per_picture(self) -> float | None:
        """Return the price in US dollars, or None where it is unknown. Many askers make one call."""
        async with self._asking:
            if self._clock() >= self._until:
                self._known = await in_thread(self._ask)
                self._until = self._clock() + (KNOWN_FOR if self._known else UNKNOWN_FOR)
        return self._known.usd_per_picture if self._known else None
