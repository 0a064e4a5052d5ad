"""What the page's button and `/generate` have in common: who asks, and the way from values to a running job."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

import gradio as gr
from starlette.datastructures import Address, Headers

from seedream.errors import SeedreamError
from seedream.jobs.registry import RunningJob
from seedream.limits.client_address import visitor_address
from seedream.pictures.references import described, request_of
from seedream.runcomfy.responses import Output
from seedream.schema import Model, Request
from seedream.ui.account import account_of
from seedream.ui.services import Services

# How the page names a picture of its own as a reference: by its signed link.
RESULT = "result:"
# For scripts that bring their own account.
TOKEN_HEADER = "x-runcomfy-token"  # noqa: S105 - the name of a header


class HttpRequest(Protocol):
    """What Gradio's and Starlette's requests have in common."""

    @property
    def headers(self) -> Headers: ...
    @property
    def scope(self) -> MutableMapping[str, Any]: ...
    @property
    def client(self) -> Address | None: ...


@dataclass(frozen=True)
class Visitor:
    """Who asks: by what they are counted, and the token of an account of their own, if they brought one."""

    id: str
    token: str | None = None


def visitor_of(services: Services, request: HttpRequest | gr.Request, token: str | None = None) -> Visitor:
    """Return who sent this request; `token` is one that the page's visitor gave for this visit.

    Raises:
        SeedreamError: `token_header_empty`: an unset variable of a script must not make the page's owner pay.
            `own_token_unwanted`: this page takes none.
    """
    named = request.headers.get(TOKEN_HEADER)
    if named is not None and not named.strip():
        raise SeedreamError("token_header_empty")
    own = token or named
    if own and not services.settings.own_tokens:
        raise SeedreamError("own_token_unwanted")
    return Visitor(id_of(services, request), own)


def id_of(services: Services, request: HttpRequest | gr.Request) -> str:
    """Return what a request counts for: the account of a visitor who has signed in, else the address.

    No address reads like an account.
    """
    account = account_of(request)
    return f"account:{account.id}" if account else address_of(services, request)


def address_of(services: Services, request: HttpRequest | gr.Request) -> str:
    """Return the address that a request comes from, as far as the proxies that are trusted know it."""
    peer = request.client.host if request.client else ""
    return visitor_address(request.headers, peer, services.settings.trusted_proxies)


@dataclass(frozen=True)
class Chosen:
    """What is wished for: a model, and values by field."""

    model: Model
    values: Mapping[str, object]


def chosen(services: Services, values: Mapping[str, object]) -> Chosen:
    """Return what a form's values mean. It has the fields of both models, and its references say which one.

    Raises:
        SeedreamError: `field_unknown`: neither has such a field.
    """
    known = {field.name for model in services.models.both for field in model.fields}
    for name in values:
        if name not in known:
            raise SeedreamError("field_unknown", field=name)
    model = services.models.of(values)
    counting = {name: value for name, value in values.items() if name in model.input_schema["properties"]}
    return Chosen(model, addressed(services, counting))


def addressed(services: Services, values: Mapping[str, object]) -> dict[str, object]:
    """Return values as they are known elsewhere, too: a picture of this page by its address at RunComfy."""
    field = services.models.of(values).pictures
    given = values.get(field.name) if field else None
    if field and isinstance(given, list):
        return {**values, field.name: [_address(services, each) for each in given]}
    return dict(values)


def _address(services: Services, reference: object) -> object:
    """Return a reference with the address of a picture of this page in place of its signed link."""
    if not isinstance(reference, str) or not reference.startswith(RESULT):
        return reference
    output = services.signed_urls.read(reference.removeprefix(RESULT))
    # A link of another secret is no address at all, and told so.
    return output.url if output else reference


@dataclass(frozen=True)
class CheckedRequest:
    """What is to be submitted: a request as `Model.request` returns it, and the model that it goes to."""

    model: Model
    request: Request

    @property
    def told(self) -> Request:
        """The request as it is told and kept: references as what they are, without their bytes."""
        return described(self.request)


async def checked(services: Services, who: Visitor, wish: Chosen) -> CheckedRequest:
    """Return what is to be submitted for a wish. Raises SeedreamError: something does not fit."""
    values = wish.values if services.draws_samples(who.token) else await _samples_sent_along(services, wish)
    request = await request_of(wish.model, values, services.account(who.token).base_url, who.id)
    return CheckedRequest(wish.model, request)


async def _samples_sent_along(services: Services, wish: Chosen) -> Mapping[str, object]:
    """Return the values with the files of samples in place of their addresses, where nobody else gets to."""
    field = wish.model.pictures
    given = wish.values.get(field.name) if field else None
    # Of what is no list, or too many, the model's own check tells.
    if not field or not field.references or not isinstance(given, list) or len(given) > field.references.most:
        return wish.values

    async def sent(reference: object) -> object:
        output = Output(str(reference), "image")
        return (await services.pictures.get(output)).original if services.is_sample(output) else reference

    return {**wish.values, field.name: [await sent(each) for each in given]}


async def submit(
    services: Services, who: Visitor, key: str, sending: CheckedRequest, epoch: str | None = None
) -> RunningJob:
    """Start the job of a request, once for each key.

    Args:
        services: the app's.
        who: who asks, and pays.
        key: names the press.
        sending: what to submit.
        epoch: what the ticket of a press on the page names.

    Raises:
        SeedreamError: a limit is reached, or as `Claims.claim`. Nothing was sent.
    """
    job = services.submission(sending.model, sending.request, who.token, who.id)
    return await services.registry.start(key, job, epoch)


def checked_key(key: object) -> str:
    """Return a key as browsers and scripts make them. Raises SeedreamError `key_unfit`."""
    if not isinstance(key, str) or not 16 <= len(key) <= 64:
        raise SeedreamError("key_unfit")
    return key
