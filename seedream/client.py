"""The Model API over HTTP: submit, status, result, cancel, price. Synchronous, typed, small.

Three rules:
- A submission is sent once. Whatever happens to it, it is not sent again from here, and an outcome that
  nobody knows is `submission_unknown`, never a failure.
- The token goes to the base URL and nowhere else. Later URLs are built from the base and the request ID,
  never taken from an answer, and redirects are not followed.
- Reading again is safe, so reads are tried a few times before they count as failed.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.util.retry import Retry

from seedream import answers
from seedream.errors import SeedreamError
from seedream.schema import Request
from seedream.sessions import chunks, new_session

log = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
# A submission that is slow to be answered is worth waiting for: giving up on it makes it unknown.
SUBMIT_SECONDS = 90.0

# requests lets some of urllib3's own through, and both stumble over a Retry-After that makes no sense.
_HTTP_ERRORS = (requests.RequestException, HTTPError, ValueError, OverflowError)
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_POOL = 64
# Bytes. A record of fifteen files with signed addresses has some 30 thousand.
_LARGEST = 4 * 1024 * 1024
# Short, because it holds a thread: whoever waits for a job goes on asking after these tries are used up.
_READS = Retry(
    total=2,
    redirect=0,
    allowed_methods={"GET"},
    status_forcelist={429, 500, 502, 503, 504},
    backoff_factor=0.2,
    backoff_jitter=0.2,
    retry_after_max=2,
    raise_on_status=False,
    raise_on_redirect=False,
)
_ONCE = Retry(total=0, read=False, redirect=False, raise_on_status=False)


@dataclass(frozen=True)
class Price:
    """The catalogue's price in US dollars for each picture."""

    usd_per_picture: float


@dataclass(frozen=True)
class _Bearer(AuthBase):
    """Puts the token on a request. Given as `auth`, or a .netrc entry for the host would replace it."""

    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@dataclass(frozen=True)
class _Answer:
    """An answer read to its end. `body` is empty where it was not a JSON object."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    redirects: bool


def _sending_once() -> requests.Session:
    session = new_session(_ONCE, _POOL)
    # On a connection of its own: one that the service closes just as a submission leaves makes it unknown.
    session.headers["Connection"] = "close"
    return session


@dataclass(frozen=True)
class Connections:
    """Two pools of connections: one whose requests are tried again, and one that sends once, without ifs."""

    reads: requests.Session = field(default_factory=lambda: new_session(_READS, _POOL))
    once: requests.Session = field(default_factory=_sending_once)


@dataclass(frozen=True)
class ModelApi:
    """A model at RunComfy, as one account sees it.

    Attributes:
        base_url: scheme and host, no path needed; default at RunComfy: https://model-api.runcomfy.net
        token: the account's bearer token; it never shows in a repr.
        model_id: such as bytedance/seedream-5/lite/text-to-image.
        connections: pooled, shared by all tokens.
    """

    base_url: str
    token: str = field(repr=False)
    model_id: str
    connections: Connections = field(default_factory=Connections, repr=False)

    def with_token(self, token: str) -> ModelApi:
        """Return the same API for another account, over the same connections."""
        return replace(self, token=token)

    def submit(self, request: Request) -> str:
        """Send a request, once, and return its request ID.

        Raises:
            SeedreamError: `submission_unknown` where it may have been accepted (no answer, a cut connection,
                HTTP 5xx, an answer without a request ID); `service_unreachable` where it was never sent; else
                what the service refused it for. Refused and unreachable ones cost nothing.
        """
        try:
            path = f"/v1/models/{quote(self.model_id)}"
            answer = self._send(self.connections.once, "POST", path, SUBMIT_SECONDS, request)
        except _HTTP_ERRORS as error:
            if _never_sent(error):
                raise SeedreamError("service_unreachable") from error
            raise SeedreamError("submission_unknown") from error
        refused = self._refusal(answer)
        if answer.redirects or (refused and refused.code == "service_trouble"):
            raise SeedreamError("submission_unknown", detail=refused.detail if refused else None)
        if refused:
            raise refused
        request_id = answer.body.get("request_id")
        if not isinstance(request_id, str) or not _REQUEST_ID.fullmatch(request_id):
            raise SeedreamError("submission_unknown")
        # First of all: whoever runs the page can find a paid job again by this line, whatever happens next.
        log.info("submitted request_id=%s", request_id)
        return request_id

    def status(self, request_id: str) -> answers.Status:
        """Ask where a job is. Raises SeedreamError; a `passing` one is worth asking again."""
        return answers.status(self._read(f"/v1/requests/{checked_request_id(request_id)}/status", request_id))

    def result(self, request_id: str) -> answers.Result:
        """Ask for a job's result; before its end, its state. Raises SeedreamError as `status` does."""
        path = f"/v1/requests/{checked_request_id(request_id)}/result?include_cost=true"
        result = answers.result(self._read(path, request_id))
        return replace(result, reason=result.reason and result.reason.replace(self.token, "…"))

    def cancel(self, request_id: str) -> answers.Status:
        """Ask for a queued job to be taken back, and return where it is then.

        A job that is being drawn can't be cancelled: it comes back as `in_progress`, runs on and is charged.
        """
        try:
            path = f"/v1/requests/{checked_request_id(request_id)}/cancel"
            answer = self._send(self.connections.once, "POST", path, READ_SECONDS)
        except _HTTP_ERRORS as error:
            raise SeedreamError("service_unreachable", request_id=request_id) from error
        return answers.status(self._good(answer, request_id))

    def check_token(self) -> None:
        """Ask for the catalogue, which costs nothing, to see whether a visitor's own token is taken at all.

        Raises:
            SeedreamError: `own_token_refused`. Other trouble says nothing about the token, and raises nothing.
        """
        try:
            self._read(f"/v1/models/{quote(self.model_id)}")
        except SeedreamError as error:
            if error.code in ("token_refused", "not_permitted"):
                raise SeedreamError("own_token_refused", detail=error.detail) from error

    def price(self) -> Price | None:
        """Return the catalogue's price, or None where it is unknown. Unknown is never free."""
        try:
            body = self._read(f"/v1/models/{quote(self.model_id)}")
        except SeedreamError:
            return None
        usd = answers.dollars(body.get("base_price_usd"))
        return Price(usd) if usd is not None and body.get("price_unit") == "output" else None

    def _read(self, path: str, request_id: str | None = None) -> Mapping[str, Any]:
        try:
            answer = self._send(self.connections.reads, "GET", path, READ_SECONDS)
        except _HTTP_ERRORS as error:
            raise SeedreamError("service_unreachable", request_id=request_id) from error
        return self._good(answer, request_id)

    def _good(self, answer: _Answer, request_id: str | None) -> Mapping[str, Any]:
        refused = self._refusal(answer)
        if refused:
            refused.request_id = request_id
            raise refused
        if not answer.body or answer.redirects:
            raise SeedreamError("answer_unreadable", request_id=request_id)
        return answer.body

    def _refusal(self, answer: _Answer) -> SeedreamError | None:
        refused = answers.refusal(answer.status, answer.body, retry_after=_retry_after(answer))
        if refused and refused.detail:
            # A service may quote the token that it does not like, and what it says is shown.
            refused.detail = refused.detail.replace(self.token, "…")
        return refused

    def _send(
        self,
        session: requests.Session,
        method: str,
        path: str,
        read_seconds: float,
        body: Request | None = None,
    ) -> _Answer:
        # Checked before anything leaves: half-sent headers would make a submission's outcome unknown.
        if not _TOKEN.fullmatch(self.token):
            raise SeedreamError("token_refused")
        with session.request(
            method,
            self.base_url.rstrip("/") + path,
            json=body,
            headers={"Accept": "application/json"},
            auth=_Bearer(self.token),
            timeout=(CONNECT_SECONDS, read_seconds),
            allow_redirects=False,
            stream=True,
        ) as answer:
            content = b"".join(chunks(answer, most=_LARGEST, seconds=read_seconds, decode=True))
            return _Answer(answer.status_code, answer.headers, _json(content), answer.is_redirect)


def checked_request_id(request_id: str) -> str:
    """Return a request ID fit to stand in a URL, without the spaces around it that pasting leaves.

    Raises:
        SeedreamError: `request_id_unfit`.
    """
    found = _REQUEST_ID.fullmatch(request_id.strip())
    if not found:
        raise SeedreamError("request_id_unfit")
    return found[0]


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(answer: _Answer) -> float | None:
    """Return the header's seconds; its other form, a date, is left to the waiting's own pace."""
    try:
        seconds = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _never_sent(error: Exception) -> bool:
    """Tell whether no connection was made at all, so that nothing can have been accepted."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))
