"""What the page's button and `/generate` have in common: who asks, and the way from values to a running job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import gradio as gr
from starlette.datastructures import Address, Headers

from seedream.errors import SeedreamError
from seedream.jobs.registry import RunningJob
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


def visitor_of(services: Services, request: HttpRequest | gr.Request, token: str | None = None) -> Visitor:
    """Return who sent this request; `token` is one that the page's visitor gave for this visit.

    Raises:
        SeedreamError: `token_header_empty`: an unset variable of a script must not make the page's owner pay.
    """
    named = request.headers.get(TOKEN_HEADER)
    if named is not None and not named.strip():
        raise SeedreamError("token_header_empty")
    return Visitor(address_of(services, request), token or named)


def address_of(services: Services, request: HttpRequest | gr.Request) -> str:
    """Return what a request counts for."""
    peer = request.client.host if request.client else ""
    return visitor_address(request.headers, peer, services.settings.trusted_proxies)


async def submit(
    services: Services, who: Visitor, key: str, request: Request, epoch: str | None = None
) -> RunningJob:
    """Start the job of this request, once for each key.

    Args:
        services: the app's.
        who: who asks, and pays.
        key: names the press.
        request: what to submit, as `Model.request` returns it.
        epoch: what the ticket of a press on the page names.

    Raises:
        SeedreamError: a limit is reached, or as `Claims.claim`. Nothing was sent.
    """
    return await services.registry.start(key, services.submission(request, who.token, who.address), epoch)


def checked_key(key: object) -> str:
    """Return a key as browsers and scripts make them. Raises SeedreamError `key_unfit`."""
    if not isinstance(key, str) or not 16 <= len(key) <= 64:
        raise SeedreamError("key_unfit")
    return key
