"""HTTP sessions as this project needs them: pooled, without cookies, and following nothing by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

_CHUNK = 256 * 1024


class TooLargeError(requests.RequestException):
    """A body has more bytes than its reader wants."""


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return none: even where redirects are off, requests reads one's whole body and parses its target."""


def new_session(retries: Retry, connections: int) -> requests.Session:
    """Return a session that tries again as `retries` says, with so many connections to a host kept open."""
    session = _Session()
    adapter = HTTPAdapter(pool_maxsize=connections, max_retries=retries)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers["User-Agent"] = "seedream-atelier"
    # One session serves many accounts and visitors: a cookie set for one must not be sent for another.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def chunks(answer: requests.Response, *, most: int, seconds: float, decode: bool) -> Iterator[bytes]:
    """Yield a streamed answer's body as it comes.

    Args:
        answer: made with `stream=True`.
        most: bytes; a larger one raises `TooLargeError`.
        seconds: a longer one raises `requests.ReadTimeout`.
        decode: undo a `Content-Encoding`.
    """
    ends = time.monotonic() + seconds
    size = 0
    # read1 gives what is there: a body that comes in drops would never fill a chunk, and outlast every bound.
    while chunk := answer.raw.read1(_CHUNK, decode_content=decode):
        size += len(chunk)
        if size > most:
            raise TooLargeError
        if time.monotonic() > ends:
            raise requests.ReadTimeout
        yield chunk
