"""Visitors' own tokens, sealed: only this app opens them again, wherever it runs, and the server keeps none."""

from __future__ import annotations

from cryptography.fernet import InvalidToken

from seedream.errors import SeedreamError
from seedream.ui.secret import fernet

# As long as a visit may last, in seconds. A browser keeps the seal for its tab's life alone.
KEEP_SECONDS = 12 * 3600


class SealedTokens:
    """Seals a token for the browser to keep and to send along with what it is to pay for.

    Encrypted and authenticated: any process with the same secret opens it, and nobody else learns or makes one.

    Args:
        secret: the app's. The key is derived from it.
        keep_seconds: after which a seal is worth nothing.
    """

    def __init__(self, secret: bytes, keep_seconds: int = KEEP_SECONDS) -> None:
        self._fernet = fernet(secret, b"visitors' own tokens")
        self._keep_seconds = keep_seconds

    def seal(self, token: str) -> str:
        return self._fernet.encrypt(token.encode()).decode()

    def open(self, seal: object) -> str:
        """Return the token.

        Raises:
            SeedreamError: `own_token_needed`: the seal is none of this app's, or too old.
        """
        try:
            return self._fernet.decrypt(str(seal), ttl=self._keep_seconds).decode()
        except (InvalidToken, ValueError):
            raise SeedreamError("own_token_needed") from None
