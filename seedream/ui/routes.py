"""The HTTP routes beside Gradio's own: tickets of presses, the stream of states, previews and originals."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from seedream import texts
from seedream.errors import SeedreamError
from seedream.pictures.archive import archive, safe_name
from seedream.pictures.images import PREVIEW_TYPE
from seedream.pictures.metadata import MOST_BYTES, TooLongError, copy, read_metadata
from seedream.runcomfy.responses import Output
from seedream.ui.events import events, read_watched, stream
from seedream.ui.services import Services
from seedream.ui.submission import address_of

# The content behind a signed link never changes; it is the visitor's own, so no shared cache keeps it.
_KEEP = "private, max-age=86400, immutable"
_MOST_FILES = 100
# Settings as a form sends them: three bytes for each that is not plain, and the name.
_MOST_SETTINGS_BYTES = 3 * MOST_BYTES + 1000
# Opened by itself, a file from elsewhere is a picture or a video and nothing that runs.
_FOREIGN = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


def routes(services: Services) -> list[BaseRoute]:
    """Return the routes, all under `/atelier`, for `launch(app_kwargs={"routes": …})`."""

    async def watch(request: Request) -> Response:
        """Answer JSON, `jobs` (`read_watched`), with the stream of events."""
        if not let_in(request):
            return PlainTextResponse("log in first", status_code=401)
        try:
            watched = read_watched(json.loads(await request.body())["jobs"])
        except (ValueError, TypeError, KeyError) as error:
            return PlainTextResponse(str(error), status_code=422)
        return stream(events(services, watched, address_of(services, request)))

    async def ticket(_: Request) -> Response:
        """Give a page the ticket of its next press. It opens nothing, so nobody need log in for it."""
        headers = {"Cache-Control": "no-store"}
        try:
            return JSONResponse({"ticket": await services.tickets.give()}, headers=headers)
        except SeedreamError as error:
            return JSONResponse({"error": {"code": error.code}}, headers=headers)

    async def preview(request: Request) -> Response:
        return await _file(services, request, original=False)

    async def original(request: Request) -> Response:
        return await _file(services, request, original=True)

    async def zip_of_originals(request: Request) -> Response:
        """Answer a form whose field `job` is JSON: `files` (`[[signed link, name], …]`), and `about` the job."""
        try:
            job = json.loads(str((await request.form())["job"]))
            named = [(_output(services, signed), str(name)) for signed, name in job["files"][:_MOST_FILES]]
            about = dict(job["about"])
        except (ValueError, TypeError, KeyError):
            return PlainTextResponse("not a job of this page", status_code=422)
        if not let_in(request):
            return PlainTextResponse("log in first", status_code=401)
        about |= {"model": services.model.model_id, "sample": services.settings.offline}
        headers = {**_FOREIGN, "Content-Disposition": _attachment(str(about.get("name", "")), ".zip")}
        stream = archive(services.pictures, named, about)
        return StreamingResponse(stream, media_type="application/zip", headers=headers)

    async def copy_with_settings(request: Request) -> Response:
        """Answer a form whose field `settings` is JSON (`read_metadata`) with the original, that inside."""
        output = services.signed_urls.read(request.path_params["signed"])
        if output is None or not let_in(request):
            return PlainTextResponse("not a link of this page", status_code=404)
        language = texts.best_language(request.headers.get("accept-language"))
        try:
            settings = await _form_field(request, "settings")
            metadata = read_metadata(settings, services.model, sample=services.settings.offline)
            picture = await services.pictures.get(output)
            made = await asyncio.to_thread(copy, picture, metadata, language)
        except SeedreamError as error:
            return JSONResponse({"error": {"code": error.code}}, status_code=502)
        except TooLongError:
            return PlainTextResponse("longer than a copy holds", status_code=413)
        except (ValueError, KeyError, RecursionError):
            return PlainTextResponse("no settings of this page", status_code=422)
        headers = {
            **_FOREIGN,
            "Cache-Control": "no-store",
            "Content-Disposition": _attachment("settings", picture.ending),
            "Content-Length": str(made.size),
        }
        return StreamingResponse(made.pieces(), media_type=picture.media_type, headers=headers)

    async def healthy(_: Request) -> Response:
        """Say that this process answers, asking nobody else: RunComfy being away is no reason to drop it."""
        return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})

    return [
        Route("/healthz", healthy),
        Route("/atelier/ticket", ticket),
        Route("/atelier/watch", watch, methods=["POST"]),
        Route("/atelier/archive", zip_of_originals, methods=["POST"]),
        Route("/atelier/copy/{signed}", copy_with_settings, methods=["POST"]),
        Route("/atelier/preview/{signed}", preview),
        Route("/atelier/original/{signed}", original),
    ]


def _output(services: Services, signed: str) -> Output:
    output = services.signed_urls.read(signed)
    if output is None:
        raise ValueError("not a link of this page")
    return output


def _attachment(name: str, ending: str) -> str:
    """Return the header that has a browser save an answer under a name."""
    return f"attachment; filename*=UTF-8''{quote(safe_name(name, 1) + ending)}"


async def _form_field(request: Request, name: str) -> str:
    """Return a field of a short form. Its body is read no further than a copy's settings may be long.

    Raises:
        TooLongError, ValueError, KeyError
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_SETTINGS_BYTES:
            raise TooLongError
    return parse_qs(body.decode("ascii"))[name][0]


async def _file(services: Services, request: Request, *, original: bool) -> Response:
    output = services.signed_urls.read(request.path_params["signed"])
    if output is None or not let_in(request):
        return PlainTextResponse("not a link of this page", status_code=404)
    try:
        picture = await services.pictures.get(output)
    except SeedreamError as error:
        language = texts.best_language(request.headers.get("accept-language"))
        return PlainTextResponse(error.sentence(language), status_code=502)
    headers = {"Cache-Control": _KEEP, **_FOREIGN}
    if original or picture.preview is None:
        # Without a name of its own the download gets the one that the page's link gives it.
        headers["Content-Disposition"] = "attachment"
        return FileResponse(picture.original, media_type=picture.media_type, headers=headers)
    return FileResponse(picture.preview, media_type=PREVIEW_TYPE, headers=headers)


def let_in(request: Request, app: Any = None) -> bool:
    """Tell whether the visitor has logged in, where the page asks for that; Gradio's routes check it likewise.

    Args:
        request: the visitor's.
        app: Gradio's, where another one answers.
    """
    app = app or request.app
    if app.auth is None:
        return True
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(request.cookies.get(name) in app.tokens for name in names)
