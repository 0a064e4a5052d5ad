"""The Model API over HTTP: submit, status, result, cancel, price. Synchronous, typed, small.

Three rules:
- A submission is sent once. Whatever happens to it, it is not sent again from here, and an outcome that
  nobody knows is `submission_unknown`, never a failure.
- The token goes to the base URL and nowhere else. Later URLs are built from the base and the request ID,
  never taken from an answer, and redirects are not followed.
- Reading again is safe, so reads are tried a few times before they count as failed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import requests

from seedream.errors import SeedreamError
from seedream.runcomfy import responses as answers
from seedream.runcomfy.transport import (
    CONNECT_SECONDS,
    HTTP_ERRORS,
    Answer,
    Bearer,
    Connections,
    never_sent,
    read_whole,
)
from seedream.schema import Request

log = logging.getLogger(__name__)

READ_SECONDS = 30.0
# A submission that is slow to be answered is worth waiting for: giving up on it makes it unknown.
SUBMIT_SECONDS = 90.0

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


@dataclass(frozen=True)
class Price:
    """The catalogue's price in US dollars for each picture."""

    usd_per_picture: float


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
        except HTTP_ERRORS as error:
            if never_sent(error):
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
        """JobSpec where a job is. Raises SeedreamError; a `passing` one is worth asking again."""
        return answers.status(self._read(f"/v1/requests/{checked_request_id(request_id)}/status", request_id))

    def result(self, request_id: str) -> answers.Result:
        """JobSpec for a job's result; before its end, its state. Raises SeedreamError as `status` does."""
        path = f"/v1/requests/{checked_request_id(request_id)}/result?include_cost=true"
        result = answers.result(self._read(path, request_id))
        return replace(result, reason=result.reason and result.reason.replace(self.token, "…"))

    def cancel(self, request_id: str) -> answers.Status:
        """JobSpec for a queued job to be taken back, and return where it is then.

        A job that is being drawn can't be cancelled: it comes back as `in_progress`, runs on and is charged.
        """
        try:
            path = f"/v1/requests/{checked_request_id(request_id)}/cancel"
            answer = self._send(self.connections.once, "POST", path, READ_SECONDS)
        except HTTP_ERRORS as error:
            raise SeedreamError("service_unreachable", request_id=request_id) from error
        return answers.status(self._good(answer, request_id))

    def check_token(self) -> None:
        """JobSpec for the catalogue, which costs nothing, to see whether a visitor's own token is taken at all.

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
        except HTTP_ERRORS as error:
            raise SeedreamError("service_unreachable", request_id=request_id) from error
        return self._good(answer, request_id)

    def _good(self, answer: Answer, request_id: str | None) -> Mapping[str, Any]:
        refused = self._refusal(answer)
        if refused:
            refused.request_id = request_id
            raise refused
        if not answer.body or answer.redirects:
            raise SeedreamError("answer_unreadable", request_id=request_id)
        return answer.body

    def _refusal(self, answer: Answer) -> SeedreamError | None:
        refused = answers.refusal(answer.status, answer.body, retry_after=answer.retry_after)
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
    ) -> Answer:
        with session.request(
            method,
            self.base_url.rstrip("/") + path,
            json=body,
            headers={"Accept": "application/json"},
            auth=Bearer(self.token),
            timeout=(CONNECT_SECONDS, read_seconds),
            allow_redirects=False,
            stream=True,
        ) as answer:
            return read_whole(answer, read_seconds)


def checked_request_id(request_id: str) -> str:
    """Return a request ID fit to stand in a URL, without the spaces around it that pasting leaves.

    Raises:
        SeedreamError: `request_id_unfit`.
    """
    found = _REQUEST_ID.fullmatch(request_id.strip())
    if not found:
        raise SeedreamError("request_id_unfit")
    return found[0]
