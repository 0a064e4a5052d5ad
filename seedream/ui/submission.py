"""Placing an order: what the page's button and `/generate` have in common, from the check to the running job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import gradio as gr
from starlette.datastructures import Address, Headers

from seedream.errors import SeedreamError
from seedream.jobs.job import Job, Record
from seedream.jobs.registry import Order, Running
from seedream.limits.client_address import visitor_address
from seedream.schema import Request
from seedream.ui.services import Services

# For scripts that bring their own account.
TOKEN_HEADER = "x-runcomfy-token"  # noqa: S105 - the name of a header


class HttpRequest(Protocol):
    """What Gradio's and Starlette's requests have in common."""

    @property
    def headers(self) -> Headers: ...
    @property
    def client(self) -> Address | None: ...


@dataclass(frozen=True)
class Visitor:
    """Who asks: the address that is counted, and the token of an account of their own, if they brought one."""

    address: str
    token: str | None = None


def visitor(services: Services, request: HttpRequest | gr.Request, token: str | None = None) -> Visitor:
    """Return who sent this request; `token` is one that the page's visitor gave for this visit."""
    client = request.client
    peer = client.host if client else ""
    address = visitor_address(request.headers, peer, services.settings.trusted_proxies)
    return Visitor(address, token or request.headers.get(TOKEN_HEADER))


async def place(
    services: Services, who: Visitor, key: str, values: Mapping[str, object]
) -> tuple[Running, Request]:
    """Start the job that these values describe, once for each key.

    Returns:
        The running job, and the request as it is submitted.

    Raises:
        SeedreamError: a value does not fit, or a limit is reached. Nothing was sent.
    """
    request = services.model.request(values)

    async def order() -> Order:
        job = Job(services.account(who.token), request, pace=services.pace(who.token))
        # The limits protect the owner's balance; who pays for themselves is not counted.
        if services.limits is None or who.token:
            return Order(job, _nothing_to_settle)
        reservation = await services.limits.reserve(who.address, request)

        async def settle(record: Record) -> None:
            await reservation.settle(_made(record, reservation.pictures))

        return Order(job, settle)

    return await services.registry.start(key, order), request


def _made(record: Record, most: int) -> int:
    """Return how many pictures to count: those made, none where nothing was, and all where nobody knows."""
    if record.status == "completed" and record.error is None:
        return len(record.outputs)
    return 0 if record.status in ("failed", "cancelled") else most


async def _nothing_to_settle(_: Record) -> None:
    """An order that took nothing has nothing to give back."""


def checked_key(key: object) -> str:
    """Return a key as browsers make them. Raises SeedreamError `internal`: no visitor types one."""
    if not isinstance(key, str) or not 16 <= len(key) <= 64:
        raise SeedreamError("internal")
    return key
