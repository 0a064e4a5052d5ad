from __future__ import annotations

import asyncio

from seedream.runcomfy.catalogue import KNOWN_FOR, UNKNOWN_FOR, Prices


class Catalogue:
    """Counts how often it is asked."""

    def __init__(self, price: float | None) -> None:
        self.price = price
        self.asked = 0

    async def __call__(self) -> float | None:
        self.asked += 1
        return self.price


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_many_visitors_make_one_call() -> None:
    catalogue = Catalogue(0.035)
    prices = Prices(catalogue)
    assert catalogue.asked == 0
    assert await asyncio.gather(*(prices.usd_per_picture() for _ in range(20))) == [0.035] * 20
    assert catalogue.asked == 1


async def test_a_price_is_asked_again_when_it_is_old() -> None:
    catalogue, clock = Catalogue(0.035), Clock()
    prices = Prices(catalogue, clock)
    await prices.usd_per_picture()
    catalogue.price = 0.0
    clock.now += KNOWN_FOR - 1
    assert await prices.usd_per_picture() == 0.035
    clock.now += 1
    assert await prices.usd_per_picture() == 0.0


async def test_an_unknown_price_is_soon_asked_again() -> None:
    catalogue, clock = Catalogue(None), Clock()
    prices = Prices(catalogue, clock)
    assert await prices.usd_per_picture() is None
    catalogue.price = 2
    assert await prices.usd_per_picture() is None
    clock.now += UNKNOWN_FOR
    assert await prices.usd_per_picture() == 2
