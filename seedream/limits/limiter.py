"""What visitors have spent, counted with the library `limits`.

Three of the library's moving windows hold it all: a visitor's pictures, an hour long, a visitor's jobs and
everybody's jobs, both as long as a lease. A job's slot is an entry that is given back when the job ends; where
nobody lives to do that, the window moves past it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TypeVar

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerSecond
from limits.strategies import MovingWindowRateLimiter

from seedream.errors import Code, SeedreamError
from seedream.limits.storage import LimitsStorage, Take, open_storage
from seedream.schema import Request, most_pictures
from seedream.settings import WATCH_SECONDS, LimitRules

# When a job's slot is free again though nobody gave it back: so long after the end of its watch.
LEASE_BEYOND_WATCH_SECONDS = 5 * 60

T = TypeVar("T")
_log = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="limits")


@dataclass(frozen=True)
class Left:
    """How many pictures are left of a visitor's hour, and when it will be more (None: none is spent)."""

    pictures: int
    again_in_seconds: int | None


class Reservation:
    """What one job holds of the limits until it is settled: `pictures` of its visitor's hour, and its slots."""

    def __init__(self, storage: LimitsStorage, takes: Sequence[Take]) -> None:
        self.pictures = takes[0].amount
        self._storage = storage
        self._takes = takes

    async def settle(self, pictures_made: int) -> None:
        """Give back the job's slots and the pictures that it did not make. Only the first call counts.

        Never raises for a storage that is out of reach: slots then end with their lease, pictures with the hour.

        Args:
            pictures_made: 0 for a refused or cancelled job, `pictures` where the outcome is unknown.
        """
        # Not tried again after an error: nobody knows whether it was given back before the connection broke.
        takes, self._takes = self._takes, ()
        if takes:
            pictures, *slots = takes
            unused = replace(pictures, amount=max(0, pictures.amount - pictures_made))
            work = _threads.submit(_give_back, self._storage, [unused, *slots])
            await asyncio.shield(asyncio.wrap_future(work))


class Limits:
    """Counts what visitors spend. Two of these with the same Redis and the same rules count together.

    Args:
        rules: what the page offers.
        storage_url: `memory://`, or a Redis (`redis://…`) that several replicas share.
        watch_seconds: how long a job is watched. A slot that nobody gave back is free some minutes later.

    Raises:
        ValueError: the storage is neither memory nor Redis.
    """

    def __init__(
        self, rules: LimitRules, storage_url: str = "memory://", watch_seconds: float = WATCH_SECONDS
    ) -> None:
        lease = math.ceil(watch_seconds) + LEASE_BEYOND_WATCH_SECONDS
        self.rules = rules
        self._storage = open_storage(storage_url)
        self._reader = MovingWindowRateLimiter(self._storage.library)
        self._pictures = RateLimitItemPerHour(rules.pictures_per_hour, namespace="pictures")
        self._visitor_jobs = RateLimitItemPerSecond(rules.jobs_per_visitor, lease, "jobs")
        self._all_jobs = RateLimitItemPerSecond(rules.jobs_in_all, lease, "jobs-in-all")

    def check(self, request: Request) -> None:
        """Refuse what this page offers to nobody: `limit_max_images`, `limit_resolution`."""
        longest, offered = self.rules.longest_series, self.rules.resolutions
        if most_pictures(request) > longest:
            raise SeedreamError("limit_max_images", field="max_images", limit=longest)
        if offered is not None and request.get("resolution", offered[0]) not in offered:
            raise SeedreamError("limit_resolution", field="resolution", choices=offered)

    async def reserve(self, visitor: str, request: Request) -> Reservation:
        """Take a job's slots and as many pictures as it may make, or nothing at all.

        Args:
            visitor: an address or a user name; only its hash is stored.
            request: the body to submit, as `Model.request` returns it.

        Raises:
            SeedreamError: as `check`; `limit_pictures` with `limit`, `left` and `again_in_seconds`, when this
                very request will fit; `limit_jobs_visitor`, `limit_jobs_all` with `limit`; `limit_unreachable`.
        """
        self.check(request)
        taking = _threads.submit(self._take, _name(visitor), most_pictures(request))
        try:
            takes = await self._answer(taking)
        except asyncio.CancelledError:
            # The visitor left while the thread was at it: nobody will come to settle what it takes.
            taking.add_done_callback(self._undo)
            raise
        return Reservation(self._storage, takes)

    async def left(self, visitor: str) -> Left:
        """Return what the visitor has left, and take nothing. Raises `limit_unreachable`."""
        return await self._answer(_threads.submit(self._left, _name(visitor)))

    def _take(self, visitor: str, pictures: int) -> list[Take]:
        # What all visitors share is taken last: what is refused to one never stands in another's way.
        wanted: tuple[tuple[Code, RateLimitItem, str, int], ...] = (
            ("limit_pictures", self._pictures, visitor, pictures),
            ("limit_jobs_visitor", self._visitor_jobs, visitor, 1),
            ("limit_jobs_all", self._all_jobs, "all", 1),
        )
        takes: list[Take] = []
        with ExitStack() as undo:
            undo.callback(_give_back, self._storage, takes)
            for code, item, whose, amount in wanted:
                take = self._storage.take(item, whose, amount)
                if take is None:
                    raise self._refusal(code, item, whose, amount)
                takes.append(take)
            undo.pop_all()
        return takes

    def _refusal(self, code: Code, item: RateLimitItem, whose: str, amount: int) -> SeedreamError:
        if item is not self._pictures:
            return SeedreamError(code, limit=item.amount)
        again = _seconds_until(self._storage.free_at(item, whose, amount))
        return SeedreamError(code, limit=item.amount, left=self._left(whose).pictures, again_in_seconds=again)

    def _left(self, visitor: str) -> Left:
        more_at, left = self._reader.get_window_stats(self._pictures, visitor)
        return Left(left, _seconds_until(more_at) if left < self._pictures.amount else None)

    def _undo(self, taking: Future[list[Take]]) -> None:
        if not taking.exception():
            _give_back(self._storage, taking.result())

    async def _answer(self, asked: Future[T]) -> T:
        try:
            # Shielded, as a thread can't be stopped halfway.
            return await asyncio.shield(asyncio.wrap_future(asked))
        except self._storage.errors as error:
            _log.warning("The limits can't be checked, so nothing is sent: their storage is away (%s)", error)
            raise SeedreamError("limit_unreachable") from error


def _give_back(storage: LimitsStorage, takes: Sequence[Take]) -> None:
    try:
        for take in takes:
            storage.give_back(take)
    except storage.errors as error:
        _log.warning("A job's share of the limits stays taken until it runs out: no storage (%s)", error)


def _seconds_until(moment: float) -> int:
    """Return whole seconds until just after a moment (seconds since the epoch), at least one."""
    return max(1, math.floor(moment - time.time()) + 1)


def _name(visitor: str) -> str:
    return hashlib.sha256(visitor.encode()).hexdigest()[:32]
