"""When to ask the service next."""

from __future__ import annotations

# Seconds. Often enough that a finished picture is not kept waiting, seldom enough for a long queue.
_SHORTEST = 0.3
_LONGEST = 2.0
_SHARE = 0.08


def seconds_until_next_ask(waited: float) -> float:
    """Return how long to wait, in seconds, when `waited` seconds have passed: a share of those, in bounds."""
    return min(_LONGEST, max(_SHORTEST, waited * _SHARE))
