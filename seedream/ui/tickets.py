"""Tickets of presses: each names the claims that its press is for. A copy that comes elsewhere spends nothing."""

from __future__ import annotations

from cryptography.fernet import InvalidToken

from seedream.jobs.claims import Claims
from seedream.ui.secret import fernet

# Much shorter than a key is known for: what a browser sends again when its machine wakes up must not be new here.
KEEP_SECONDS = 15 * 60


class Tickets:
    """Gives tickets and reads them; any process with the same secret can.

    Args:
        secret: the app's. The key is derived from it.
        claims: what they name.
    """

    def __init__(self, secret: bytes, claims: Claims) -> None:
        self._fernet = fernet(secret, b"tickets of presses")
        self._claims = claims

    async def give(self) -> str:
        """Return a ticket. Raises `claim_unreachable`."""
        return self._fernet.encrypt((await self._claims.epoch()).encode()).decode()

    def read(self, ticket: object) -> str:
        """Return the epoch that a ticket names; an empty one where it is too old, or not of this app."""
        try:
            return self._fernet.decrypt(str(ticket), ttl=KEEP_SECONDS).decode()
        except (InvalidToken, ValueError):
            return ""
