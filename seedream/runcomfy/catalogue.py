"""What a picture costs, asked for once in a while: the catalogue's price, known to all visitors of the page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

# Catalogues change seldom; one that could not be read is soon asked again. Both in seconds.
KNOWN_FOR = 3600.0
UNKNOWN_FOR = 60.0


class Prices:
    """Remembers a price for as long as it may be believed.

    Args:
        ask: reads the catalogue, which may take its time; None where it names no price.
        clock: gives seconds that never run backwards.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[float | None]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: float | None = None
        self._until = float("-inf")

    async def usd_per_picture(self) -> float | None:
        """Return the price in US dollars, or None where it is unknown. Many askers make one call."""
        async with self._asking:
            if self._clock() >= self._until:
                self._known = await self._ask()
                self._until = self._clock() + (UNKNOWN_FOR if self._known is None else KNOWN_FOR)
        return self._known
