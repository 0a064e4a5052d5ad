"""How long drawing takes: what this process has seen, and what that lets it expect of the next job."""

from __future__ import annotations

import math
import re
import threading
from dataclasses import dataclass
from statistics import NormalDist

from seedream.schema import Request, most_pictures, pixels

# What is assumed before the first job has ended. RunComfy publishes no durations; jobs of the default
# resolution, 4 megapixels, take about 10 s, most of it in proportion to what is drawn.
_OVERHEAD_SECONDS = 2.0
_SECONDS_PER_MEGAPIXEL = 2.0
_USUAL_MEGAPIXELS = 4.0
# Standard deviations of a duration's logarithm: from job to job of one kind, from kind to kind around the
# assumption above, and of that assumption as a whole.
_JOB_SPREAD = 0.35
_KIND_SPREAD = 0.3
_COMMON_SPREAD = 0.4
# As many jobs as the spread from job to job is assumed to have been seen in.
_SPREAD_WEIGHT = 4.0
# What a job counts for when the next one of its kind has ended: the last 50 or so say how it is now.
_MEMORY = 0.98
# A job that took ten times as long as others of its kind counts as one at this many standard deviations: one
# freak does not unlearn what they taught, while a service that has become slower is believed after a few.
_MOST_SURPRISE = 3.0
_NARROWEST, _WIDEST = 0.05, 1.2
_MOST_KINDS = 64
# One job in two hundred is none of those seen so far: it may end at any time, so there is always a reason to ask.
_STRANGERS = 0.005
_STRANGERS_SIGMA = 1.0

_NAMED_SIZE = re.compile(r"(\d)K\b")


@dataclass(frozen=True)
class Kind:
    """What makes jobs alike in how long they take. `pictures` is the most that the request allows."""

    resolution: str = ""
    pictures: int = 1
    output_format: str = ""

    @classmethod
    def of(cls, request: Request | None) -> Kind:
        """Return a request's kind; None is a job of which only the request ID is known."""
        values = request or {}
        return cls(
            resolution=str(values.get("resolution", "")),
            pictures=most_pictures(values),
            output_format=str(values.get("output_format", "")),
        )

    @property
    def assumed_seconds(self) -> float:
        """How long such a job is taken to be drawn before any has been seen."""
        # The model makes between one picture and that many; the root lies in the middle of the two.
        return _OVERHEAD_SECONDS + _SECONDS_PER_MEGAPIXEL * self._megapixels * math.sqrt(self.pictures)

    @property
    def _megapixels(self) -> float:
        size = pixels(self.resolution)
        if size:
            return size[0] * size[1] / 1e6
        named = _NAMED_SIZE.match(self.resolution)
        return (int(named[1]) * 1024) ** 2 / 1e6 if named else _USUAL_MEGAPIXELS


@dataclass(frozen=True)
class Estimate:
    """How long drawing will take: log-normal, but for the one job in two hundred that is like no other.

    Attributes:
        mu: mean of the logarithm of the seconds.
        sigma: standard deviation of that logarithm.
    """

    mu: float
    sigma: float

    @property
    def median(self) -> float:
        """Seconds that half of such jobs take at most."""
        return math.exp(self.mu)

    @property
    def low(self) -> int:
        """Seconds, rounded for people: nine of ten such jobs take longer."""
        return _rounded(math.exp(self._known.inv_cdf(0.1)))

    @property
    def high(self) -> int:
        """Seconds, rounded for people and more than `low`: nine of ten such jobs are done by then."""
        return max(_rounded(math.exp(self._known.inv_cdf(0.9))), self.low + 1)

    def undone(self, seconds: float) -> float:
        """Return the probability that a job is still being drawn after that long."""
        if seconds <= 0:
            return 1.0
        mirrored = 2 * self.mu - math.log(seconds)
        return (1 - _STRANGERS) * self._known.cdf(mirrored) + _STRANGERS * self._strange.cdf(mirrored)

    def density(self, seconds: float) -> float:
        """Return the probability, per second, that a job ends just after that long."""
        if seconds <= 0:
            return 0.0
        logarithm = math.log(seconds)
        return (
            (1 - _STRANGERS) * self._known.pdf(logarithm) + _STRANGERS * self._strange.pdf(logarithm)
        ) / seconds

    @property
    def _known(self) -> NormalDist:
        return NormalDist(self.mu, self.sigma)

    @property
    def _strange(self) -> NormalDist:
        return NormalDist(self.mu, _STRANGERS_SIGMA)


@dataclass
class _Seen:
    """Jobs of one kind, the latest weighing most. `mean` is of the logarithm of seconds over assumed seconds."""

    weight: float = 0.0
    mean: float = 0.0
    squares: float = 0.0

    @property
    def freedom(self) -> float:
        return max(0.0, self.weight - 1)

    def add(self, ratio: float, variance: float) -> None:
        self.weight = self.weight * _MEMORY + 1
        gap = ratio - self.mean
        self.mean += gap / self.weight
        self.squares = self.squares * _MEMORY + gap * (ratio - self.mean) + variance


class Estimates:
    """Remembers how long drawing took, kind by kind; a kind that is new borrows from all the others.

    A log-normal model in two levels: each kind has a ratio to its assumed seconds, spread around one that all
    have in common, so the first job of any kind already corrects the expectation of the others.
    """

    def __init__(self) -> None:
        self._kinds: dict[Kind, _Seen] = {}
        # A script's jobs may wait in several event loops, each in a thread of its own.
        self._lock = threading.Lock()

    def learn(self, request: Request | None, seconds: float, within: float = 0.0) -> None:
        """Take in a job that was drawn to its end.

        Args:
            request: what was submitted.
            seconds: how long drawing took.
            within: the width, in seconds, of the interval around `seconds` in which it may have ended: from
                the last answer that it had not, to the first that it had.
        """
        kind, seconds = Kind.of(request), max(seconds, 0.05)
        logarithm = math.log(seconds)
        with self._lock:
            before = self._expect(kind)
            seen = self._kinds.pop(kind, None) or _Seen()
            if seen.weight:
                reach = _MOST_SURPRISE * before.sigma
                logarithm = max(before.mu - reach, min(before.mu + reach, logarithm))
            # A uniform distribution's variance, brought to the logarithm's scale: asking at the same times again
            # and again would otherwise look like durations that are always the same.
            seen.add(logarithm - math.log(kind.assumed_seconds), min(within / seconds, 1.0) ** 2 / 12)
            self._kinds[kind] = seen
            if len(self._kinds) > _MOST_KINDS:
                del self._kinds[next(iter(self._kinds))]

    def expect(self, request: Request | None) -> Estimate:
        """Return what is known of how long such a job is drawn."""
        with self._lock:
            return self._expect(Kind.of(request))

    def _expect(self, kind: Kind) -> Estimate:
        seen = self._kinds.get(kind)
        squares = _SPREAD_WEIGHT * _JOB_SPREAD**2 + sum(each.squares for each in self._kinds.values())
        noise = squares / (_SPREAD_WEIGHT + sum(each.freedom for each in self._kinds.values()))
        precision, mean = 1 / _COMMON_SPREAD**2, 0.0
        for other, each in self._kinds.items():
            if other != kind:
                gain = 1 / (_KIND_SPREAD**2 + noise / each.weight)
                precision += gain
                mean += gain / precision * (each.mean - mean)
        variance = 1 / precision + _KIND_SPREAD**2
        if seen:
            noise = (_SPREAD_WEIGHT * noise + seen.squares) / (_SPREAD_WEIGHT + seen.freedom)
            gain = variance / (variance + noise / seen.weight)
            mean += gain * (seen.mean - mean)
            variance *= 1 - gain
        sigma = math.sqrt(variance + noise)
        return Estimate(math.log(kind.assumed_seconds) + mean, max(_NARROWEST, min(_WIDEST, sigma)))


def _rounded(seconds: float) -> int:
    step = 1 if seconds < 20 else 5 if seconds < 120 else 30
    return max(1, round(seconds / step) * step)
