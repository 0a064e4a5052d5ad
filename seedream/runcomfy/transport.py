"""What a call to the Model API is made of: connections, the token on it, an answer bounded and read to its end."""

from __future__ import annotations

import asyncio
import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.util.retry import Retry

from seedream.errors import SeedreamError
from seedream.http_session import chunks, new_session

CONNECT_SECONDS = 5.0
# requests lets some of urllib3's own through, and both stumble over a Retry-After that makes no sense.
HTTP_ERRORS = (requests.RequestException, HTTPError, ValueError, OverflowError)

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_POOL = 64
# Threads for an account's reads, made as they are needed: each of its jobs has one read under way at most, and
# those that hang, half a minute each, must leave threads to the others.
_READERS = 256
# Bytes. A record of fifteen files with signed addresses has some 30 thousand.
_LARGEST = 4 * 1024 * 1024
_ONCE = Retry(total=0, read=False, redirect=False, raise_on_status=False)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Bearer(AuthBase):
    """Puts the token on a request. Given as `auth`, or a .netrc entry for the host would replace it.

    Raises:
        SeedreamError: `token_refused`, for one that no header can hold. Checked before anything leaves:
            half-sent headers would make a submission's outcome unknown.
    """

    token: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise SeedreamError("token_refused")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@dataclass(frozen=True)
class Answer:
    """An answer read to its end. `body` is empty where it was not a JSON object."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    redirects: bool

    @property
    def retry_after(self) -> float | None:
        """The header's seconds; its other form, a date, is left to the waiting's own pace."""
        try:
            seconds = float(self.headers.get("Retry-After", ""))
        except ValueError:
            return None
        return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _sending_once() -> requests.Session:
    session = new_session(_ONCE, _POOL)
    # On a connection of its own: one that the service closes just as a submission leaves makes it unknown.
    session.headers["Connection"] = "close"
    return session


@dataclass(frozen=True)
class Connections:
    """Two pools of connections: one for reads, and one for what may cost money, each request on one of its own.

    Nothing is tried again from here: whoever waits for a job reads again, and each try counts for the rate.

    And the threads that hold them while a call is under way. Reads that hang must not hold up what spends or saves
    money, nor the reads of other accounts: submissions and cancellations have threads of their own, and so has
    each account for its reads.
    """

    reads: requests.Session = field(default_factory=lambda: new_session(_ONCE, _POOL))
    once: requests.Session = field(default_factory=_sending_once)
    sending: Executor = field(default_factory=lambda: ThreadPoolExecutor(_POOL, "model-api-send"))
    # A pool ends, threads and all, with the last job that reads for its account.
    _reading: WeakValueDictionary[str, ThreadPoolExecutor] = field(default_factory=WeakValueDictionary)

    def reading(self, token: str) -> Executor:
        """Return the threads for this account's reads."""
        pool = self._reading.get(token)
        if pool is None:
            pool = self._reading[token] = ThreadPoolExecutor(_READERS, "model-api-read")
        return pool


async def in_thread(pool: Executor, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do a blocking call in a thread of this pool, held only for as long as the call is under way."""
    return await asyncio.get_running_loop().run_in_executor(pool, functools.partial(call, *args, **kwargs))


def read_whole(answer: requests.Response, seconds: float) -> Answer:
    """Read an answer that was made with `stream=True`; taking longer, or being too large, raises HTTP_ERRORS."""
    content = b"".join(chunks(answer, most=_LARGEST, seconds=seconds, decode=True))
    return Answer(answer.status_code, answer.headers, _json(content), answer.is_redirect)


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def never_sent(error: Exception) -> bool:
    """Tell whether no connection was made at all, so that nothing can have been accepted."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))
