"""The Model API over HTTP: submit, status, result, cancel, price. Coroutines, typed, small.

Three rules:
- A submission is sent once. Whatever happens to it, it is not sent again from here, and an outcome that
  nobody knows is `submission_unknown`, never a failure.
- The token goes to the base URL and, for the balance, to RunComfy's other one, and nowhere else. Later URLs are
  built from the base and the request ID, never taken from an answer, and redirects are not followed.
- Reading again is safe, and left to whoever waits: an error that is `passing` is worth it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

import requests

from seedream.errors import SeedreamError
from seedream.runcomfy import responses
from seedream.runcomfy.transport import (
    CONNECT_SECONDS,
    HTTP_ERRORS,
    Answer,
    Bearer,
    Connections,
    in_thread,
    never_sent,
    read_whole,
)
from seedream.schema import Request
from seedream.settings import OFFICIAL_BASE_URL

log = logging.getLogger(__name__)

READ_SECONDS = 30.0
# A submission that is slow to be answered is worth waiting for: giving up on it makes it unknown.
SUBMIT_SECONDS = 90.0

# RunComfy tells an account's balance elsewhere (docs.runcomfy.com); any other server of the protocol, where it is.
_WALLETS = {OFFICIAL_BASE_URL: "https://api.runcomfy.net"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


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

    @cached_property
    def _reading(self) -> Executor:
        """The threads for this account's reads, held for as long as somebody reads for it."""
        return self.connections.reading(self.token)

    def with_token(self, token: str) -> ModelApi:
        """Return the same API for another account, over the same connections."""
        return replace(self, token=token)

    async def submit(self, request: Request) -> str:
        """Send a request, once, and return its request ID.

        Raises:
            SeedreamError: `submission_unknown` where it may have been accepted (no answer, a cut connection,
                HTTP 5xx, an answer without a request ID); `service_unreachable` where it was never sent; else
                what the service refused it for. Refused and unreachable ones cost nothing.
        """
        try:
            answer = await in_thread(
                self.connections.sending,
                self._send,
                self.connections.once,
                "POST",
                self._model_path,
                SUBMIT_SECONDS,
                request,
            )
        except HTTP_ERRORS as error:
            raise SeedreamError("service_unreachable" if never_sent(error) else "submission_unknown") from error
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

    async def status(self, request_id: str) -> responses.Status:
        """Ask where a job is. Raises SeedreamError; a `passing` one is worth asking again."""
        return responses.status(await self._read(_job_path(request_id, "status"), request_id))

    async def result(self, request_id: str) -> responses.Result:
        """Ask for a job's result; before its end, its state. Raises SeedreamError as `status` does."""
        found = responses.result(await self._read(_job_path(request_id, "result?include_cost=true"), request_id))
        outputs = tuple(replace(each, job=request_id) for each in found.outputs)
        return replace(found, outputs=outputs, reason=self._without_token(found.reason))

    async def cancel(self, request_id: str) -> responses.Status:
        """Ask for a queued job to be taken back, and return where it is then.

        A job that is being drawn can't be cancelled: it comes back as `in_progress`, runs on and is charged.
        """
        path = _job_path(request_id, "cancel")
        cancelling = (self.connections.once, "POST", path, request_id)
        return responses.status(await in_thread(self.connections.sending, self._body, *cancelling))

    async def check_token(self) -> None:
        """Ask for the catalogue, which costs nothing, to see whether a visitor's own token is taken at all.

        Raises:
            SeedreamError: `own_token_refused`. Other trouble says nothing about the token, and raises nothing.
        """
        try:
            await self._read(self._model_path)
        except SeedreamError as error:
            if error.code in ("token_refused", "not_permitted"):
                raise SeedreamError("own_token_refused", detail=error.detail) from error

    def entry(self, seconds: float) -> Mapping[str, Any]:
        """Return the model's entry of the catalogue, read in this thread, in so many seconds of silence at most.

        Raises:
            SeedreamError: there was none.
        """
        return self._body(self.connections.reads, "GET", self._model_path, None, seconds)

    async def usd_per_picture(self) -> float | None:
        """Return the catalogue's price in US dollars, or None where it is unknown. Unknown is never free."""
        try:
            body = await self._read(self._model_path)
        except SeedreamError:
            return None
        return responses.dollars(body.get("base_price_usd")) if body.get("price_unit") == "output" else None

    async def balance_usd(self) -> float | None:
        """Return what the account has left, in US dollars, or None where nobody says."""
        wallet = replace(self, base_url=_WALLETS.get(self.base_url, self.base_url))
        try:
            body = await wallet._read("/balance")
        except SeedreamError:
            return None
        return responses.dollars(body.get("balance_usd")) if body.get("currency", "USD") == "USD" else None

    @property
    def _model_path(self) -> str:
        return f"/v1/models/{quote(self.model_id)}"

    async def _read(self, path: str, request_id: str | None = None) -> Mapping[str, Any]:
        return await in_thread(self._reading, self._body, self.connections.reads, "GET", path, request_id)

    def _body(
        self,
        session: requests.Session,
        method: str,
        path: str,
        request_id: str | None,
        seconds: float | None = None,
    ) -> Mapping[str, Any]:
        try:
            answer = self._send(session, method, path, READ_SECONDS if seconds is None else seconds)
        except HTTP_ERRORS as error:
            raise SeedreamError("service_unreachable", request_id=request_id) from error
        if refused := self._refusal(answer):
            refused.request_id = request_id
            raise refused
        if not answer.body or answer.redirects:
            raise SeedreamError("answer_unreadable", request_id=request_id)
        return answer.body

    def _refusal(self, answer: Answer) -> SeedreamError | None:
        refused = responses.refusal(answer.status, answer.body, retry_after=answer.retry_after)
        if refused:
            refused.detail = self._without_token(refused.detail)
        return refused

    def _without_token(self, said: str | None) -> str | None:
        """Return a service's words: it may quote the token that it does not like, and what it says is shown."""
        return said and said.replace(self.token, "…")

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


def _job_path(request_id: str, call: str) -> str:
    """Return the path of one of a job's calls; pasting may leave spaces around a request ID.

    Raises:
        SeedreamError: `request_id_unfit`.
    """
    found = _REQUEST_ID.fullmatch(request_id.strip())
    if not found:
        raise SeedreamError("request_id_unfit")
    return f"/v1/requests/{found[0]}/{call}"
