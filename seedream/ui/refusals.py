"""How the page answers what it does not do: a status, and a sentence in the caller's language."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Message, Send

from seedream import texts
from seedream.errors import Code, SeedreamError
from seedream.ui.request_body import Body, wait_for_turn

STATUS: Mapping[Code, HTTPStatus] = {
    "body_encoded": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "body_too_long": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "body_too_slow": HTTPStatus.REQUEST_TIMEOUT,
    "body_unfit": HTTPStatus.UNPROCESSABLE_ENTITY,
    "foreign_page": HTTPStatus.FORBIDDEN,
    "host_unknown": HTTPStatus.MISDIRECTED_REQUEST,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "login_needed": HTTPStatus.UNAUTHORIZED,
    "method_unfit": HTTPStatus.METHOD_NOT_ALLOWED,
    "page_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "route_unknown": HTTPStatus.NOT_FOUND,
    "sign_in_no_cookies": HTTPStatus.FORBIDDEN,
}
"""All other errors are the Model API's, a file host's or the Hub's, whom this page asks: 502."""

# When whoever finds the page busy may come again.
RETRY_SECONDS = 60
# What still comes of a body is dropped: a connection closed before takes the answer with it. So long in all, so
# long while nothing comes, and so much of it.
_LINGER_SECONDS, _SILENT_SECONDS = 10.0, 2.0
_LINGER_BYTES = 128 * 1024 * 1024


async def refuse(request: Request, error: SeedreamError, body: Body, send: Send) -> None:
    """Answer with an error: its sentence to who follows a link, else JSON as the page's scripts read it.

    Gradio's clients look for `detail`.
    """
    sentence = error.sentence(texts.best_language(request.headers.get("accept-language")))
    status = STATUS.get(error.code, HTTPStatus.BAD_GATEWAY)
    comes = not body.complete and any(each in request.headers for each in ("content-length", "transfer-encoding"))
    headers = {"Cache-Control": "no-store", **({"Connection": "close"} if comes else {})}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_SECONDS)
    answer: Response
    if request.headers.get("accept", "").startswith("text/html"):
        answer = PlainTextResponse(sentence, status, headers)
    else:
        facts = {name: value for name, value in error.facts.items() if isinstance(value, str | int)}
        told = {"code": error.code, "facts": facts, "message": sentence}
        answer = JSONResponse({"error": told, "detail": sentence}, status, headers)

    async def in_two_pieces(message: Message) -> None:
        """Say what there is to say before the body's rest is waited for."""
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await answer(request.scope, body.receive, in_two_pieces)
    if comes:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_drop(body, request), _LINGER_SECONDS)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _drop(body: Body, request: Request) -> None:
    caller = request.client.host if request.client else ""
    dropped = 0
    while not body.complete and dropped < _LINGER_BYTES:
        message = await asyncio.wait_for(body.receive(), _SILENT_SECONDS)
        dropped += len(message.get("body", b""))
        await wait_for_turn(caller, len(message.get("body", b"")))
