"""Visitors' own tokens: in this process's memory, for one visit, and nowhere else."""

from __future__ import annotations

import time
from collections import OrderedDict

KEEP_SECONDS = 12 * 3600.0
MOST = 10_000


class VisitorTokens:
    """Tokens by visit. A visit is a name that an open page made for itself and keeps in its memory alone."""

    def __init__(self, keep_seconds: float = KEEP_SECONDS, most: int = MOST) -> None:
        self._keep_seconds = keep_seconds
        self._most = most
        self._tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def bring(self, visit: str, token: str) -> None:
        """Keep a token for this visit; an empty one takes it back."""
        self._tokens.pop(visit, None)
        if token:
            self._tokens[visit] = (token, time.monotonic())
        while len(self._tokens) > self._most:
            self._tokens.popitem(last=False)

    def token(self, visit: str | None) -> str | None:
        """Return the visit's token; one that was not used for hours is forgotten."""
        found = self._tokens.pop(visit or "", None)
        if found is None or time.monotonic() - found[1] > self._keep_seconds:
            return None
        self._tokens[visit or ""] = (found[0], time.monotonic())
        return found[0]
