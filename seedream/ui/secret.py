"""The app's secret: it signs the addresses of pictures, and seals visitors' tokens and the tickets of presses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from platformdirs import user_state_path

log = logging.getLogger(__name__)

_BYTES = 32


def app_secret(configured: str = "", folder: Path | None = None) -> bytes:
    """Return the configured secret, or else one that is kept for this machine's user and outlives a restart.

    Args:
        configured: `SEEDREAM_SECRET`; replicas share one.
        folder: where one is kept; default: where programs keep what they remember for a user.
    """
    if configured:
        return configured.encode()
    file = (folder or user_state_path("seedream-atelier")) / "secret"
    try:
        return _kept(file)
    except OSError as error:
        # As on a machine where nothing can be kept: good for as long as this process.
        log.warning("no secret can be kept, so links to pictures end with this process (%s)", error)
        return secrets.token_bytes(_BYTES)


def fernet(secret: bytes, purpose: bytes) -> Fernet:
    """Return what encrypts and authenticates for one purpose alone, by a key derived from the secret."""
    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret, purpose, hashlib.sha256)))


def _kept(file: Path) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all, also where two apps start at once: the first one's counts.
    mine = file.with_name(f"secret-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        mine.touch(mode=0o600)
        mine.write_bytes(secrets.token_bytes(_BYTES))
        if not file.exists():
            os.link(mine, file)
    except FileExistsError:
        pass
    finally:
        mine.unlink(missing_ok=True)
    kept = file.read_bytes()
    if len(kept) < _BYTES:
        raise OSError(f"{file} holds no secret")
    return kept
