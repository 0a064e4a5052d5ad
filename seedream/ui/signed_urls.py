"""Addresses of previews and originals on this server: signed, so that they name no file but a job's own."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from seedream.runcomfy.responses import Output

_SIGNATURE_BYTES = 16


class SignedUrls:
    """Turn an output into a piece of a URL path and back.

    The output itself is in the link, so that any process that shares the secret can serve it, also one that
    has never seen the job.

    Args:
        secret: the app's, the key of the signatures.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, output: Output) -> str:
        named = json.dumps([output.kind, output.url, output.job]).encode()
        return base64.urlsafe_b64encode(self._signature(named) + named).decode().rstrip("=")

    def read(self, signed: str) -> Output | None:
        """Return the output that a link names, or None for one that `sign` did not make."""
        try:
            raw = base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
        except (binascii.Error, ValueError):
            return None
        signature, named = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(named)):
            return None
        # What was signed before jobs took turns names none.
        kind, url, *job = json.loads(named)
        return Output(url, kind, *job)

    def _signature(self, named: bytes) -> bytes:
        return hmac.digest(self._secret, named, hashlib.sha256)[:_SIGNATURE_BYTES]
