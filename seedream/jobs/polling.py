"""When to ask the service next: seldom at first, densely when the answer is likely, easing off after that.

Asking with a density proportional to the square root of the durations' hazard rate (the probability that a
job which is not done ends now) finds out with the least mean delay for a given mean number of requests
(J. B. Keller, Optimum checking schedules for systems subject to random failure, Management Science 21, 1974).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from seedream.jobs.estimates import Estimate, Estimates
from seedream.jobs.rate_limiter import RateLimiter
from seedream.jobs.unconfirmed import Unconfirmed
from seedream.schema import Request
from seedream.settings import WATCH_SECONDS

# How often to ask while a job of 10 s is drawn. With its submission and the one answer that drawing has begun
# that makes 9 to 10 requests, and finds a picture about 0.3 s after it is there, if durations spread by a quarter.
ASKS = 8.0
_OF_SECONDS = 10.0
_MOST_ASKS = 40.0
# No sooner, in seconds: half of it, the mean delay then, is less than anyone notices.
_SHORTEST = 0.1
# No later, in seconds or as a share of the time that drawing has gone on, however unlikely the answer: this is
# what an estimate that is quite wrong may cost.
_LONGEST, _LONGEST_SHARE, _LONGEST_EVER = 10.0, 0.1, 60.0
# Above this sigma nothing like the job has been seen yet: the first one is asked for at least as often as by
# RunComfy's own client (every 2 s, on jobs of about 10 s), whatever it turns out to be.
_UNSURE = 0.5
_LONGEST_UNSURE, _LONGEST_UNSURE_SHARE = 2.0, 0.04
# The first ask comes half a step later than the density has it: before it, there is hardly anything to find.
# That closes the gap between the density, which is a limit for many asks, and the best few (0.42 and 0.40 of a
# fixed interval's delay for 7 asks; the latter by dynamic programming).
_FIRST_STEP = 1.5

# The curve's points, in logarithms of seconds over the median: from a thirtieth of it to thirty times.
_REACH = 3.5
_POINTS = 350


@dataclass(frozen=True)
class PollingPolicy:
    """What an account's jobs share about polling.

    Attributes:
        estimates: how long jobs have taken in this process.
        rate_limiter: how many requests a second they may make together.
        watch_seconds: how long one is watched.
    """

    estimates: Estimates = field(default_factory=Estimates)
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)
    watch_seconds: float = WATCH_SECONDS

    @cached_property
    def unconfirmed(self) -> Unconfirmed:
        """For jobs that nobody has confirmed yet."""
        return Unconfirmed(self.rate_limiter)


@dataclass(frozen=True)
class _Curve:
    """The integral of the square root of the hazard rate, for a median of one second.

    Attributes:
        times: in medians, ascending.
        sums: the integral up to each of them; equal steps in it are the best times to ask.
        mean: the integral that an average job goes through.
    """

    times: tuple[float, ...]
    sums: tuple[float, ...]
    mean: float

    def later(self, time: float, step: float) -> float:
        """Return the time a step of the integral after `time`; infinite beyond the curve's end."""
        wanted = max(_between(self.times, self.sums, time) + step, _FIRST_STEP * step)
        return _between(self.sums, self.times, wanted) if wanted < self.sums[-1] else math.inf


def next_ask(estimate: Estimate, drawn: float, asks: float = ASKS) -> float:
    """Return the seconds to let pass before the next ask.

    Args:
        estimate: how long such a job takes.
        drawn: seconds since drawing began. Nobody says when that was: taking it somewhere between the last
            answer `in_queue` and the first `in_progress` will do, as the durations learned from are counted
            from the same point, so what is uncertain about it is a part of their spread.
        asks: how many, on average, for a job of at most 10 s. A longer one gets more, as the root of its length,
            since a request is worth the same fraction of a second wherever it is spent.
    """
    median = estimate.median
    budget = min(asks * math.sqrt(max(median / _OF_SECONDS, 1.0)), _MOST_ASKS)
    curve = _curve(round(estimate.sigma, 2))
    seconds = median * curve.later(drawn / median, curve.mean / budget) - drawn
    unsure = max(_LONGEST_UNSURE, _LONGEST_UNSURE_SHARE * median)
    longest = max(unsure if estimate.sigma > _UNSURE else _LONGEST, _LONGEST_SHARE * drawn)
    return min(max(seconds, _SHORTEST), longest, _LONGEST_EVER)


def queue_ask(position: int | None, waited: float) -> float:
    """Return the seconds to let pass before asking where a queued job is.

    A queue that is nearly empty is left within a second or so, and one ask finds that out. The one that tells
    when drawing began sharpens all that come after, so they come slower only as the wait grows, or where many
    (`position`) go first.
    """
    return max(1.5, min(0.5 * waited, 5.0), min(0.5 * (position or 0), 10.0))


class Polling:
    """When to ask for one job: told what each answer said, it tells when to ask again.

    All times are seconds of one clock that never runs backwards.

    Args:
        estimates: what to expect, and where to note how long it took.
        request: what was submitted; None for a job that was picked up by its request ID.
        now: when it was.
        asks: as in `next_ask`.
    """

    def __init__(self, estimates: Estimates, request: Request | None, now: float, asks: float = ASKS) -> None:
        self._estimates = estimates
        self._request = request
        self._asks = asks
        self._submitted = self._queued = now
        self._position: int | None = None
        self._began: float | None = None
        self._undone = now

    @property
    def estimate(self) -> Estimate:
        """How long drawing takes, by all that is known now: other jobs end while this one waits."""
        return self._estimates.expect(self._request)

    @property
    def began(self) -> float | None:
        """When drawing began, about; None while the job is in the queue."""
        return self._began

    def in_queue(self, now: float, position: int | None = None) -> None:
        """Take note of an answer that the job is in the queue."""
        self._queued, self._position = now, position

    def in_progress(self, now: float) -> None:
        """Take note of an answer that the job is being drawn."""
        self._undone = now
        if self._began is None:
            seen_queued = self._request is not None or self._queued > self._submitted
            # A job that was picked up midway ends at any time now. That is the schedule's view of one that has
            # gone on for as long as expected: a steady rate, easing off.
            self._began = (self._queued + now) / 2 if seen_queued else now - self.estimate.median

    def completed(self, now: float) -> None:
        """Take note of the answer that it is done, and learn from it."""
        if self._request is not None:
            began = self._queued if self._began is None else self._began
            undone = max(began, self._undone)
            self._estimates.learn(self._request, (undone + now) / 2 - began, within=now - undone)

    def seconds(self, now: float) -> float:
        """Return how long to wait before the next ask."""
        if self._began is None:
            gap = queue_ask(self._position, now - self._submitted)
            # As far as one knows before the first answer, drawing began at once, and may be short.
            asked = self._queued > self._submitted
            return gap if asked else min(gap, next_ask(self.estimate, 0.0, self._asks))
        return next_ask(self.estimate, now - self._began, self._asks)

    def likelihood(self, now: float) -> float:
        """Return how probable it is that an ask now finds the job done."""
        if self._began is None:
            return 0.0
        estimate = self.estimate
        before = estimate.undone(self._undone - self._began)
        return 1 - estimate.undone(now - self._began) / before if before else 1.0


@lru_cache(maxsize=128)
def _curve(sigma: float) -> _Curve:
    unit = Estimate(0.0, sigma)
    times = tuple(math.exp(_REACH * (2 * point / _POINTS - 1)) for point in range(_POINTS + 1))
    undone = [unit.undone(time) for time in times]
    roots = [math.sqrt(unit.density(time) / left) for time, left in zip(times, undone, strict=True)]
    sums, mean = [0.0], 0.0
    for point in range(_POINTS):
        area = (times[point + 1] - times[point]) * (roots[point] + roots[point + 1]) / 2
        sums.append(sums[-1] + area)
        mean += area * (undone[point] + undone[point + 1]) / 2
    return _Curve(times, tuple(sums), mean)


def _between(xs: tuple[float, ...], ys: tuple[float, ...], x: float) -> float:
    """Interpolate; outside of `xs`, the value at its end."""
    right = min(max(bisect_right(xs, x), 1), len(xs) - 1)
    share = (x - xs[right - 1]) / (xs[right] - xs[right - 1])
    return ys[right - 1] + min(max(share, 0.0), 1.0) * (ys[right] - ys[right - 1])
