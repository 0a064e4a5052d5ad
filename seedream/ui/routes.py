"""The HTTP routes beside Gradio's own: tickets of presses, the stream of states, previews and originals."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from seedream import texts
from seedream.errors import SeedreamError
from seedream.pictures.ai_mark import SOURCE_TYPE
from seedream.pictures.archive import archive, safe_name
from seedream.pictures.images import PREVIEW_TYPE
from seedream.pictures.metadata import MOST_BYTES, TooLongError, copy, read_metadata, telling
from seedream.runcomfy.responses import Output
from seedream.ui.events import events, read_watched, stream
from seedream.ui.gradio_calls import unfit
from seedream.ui.login import log_out
from seedream.ui.request_body import KIB
from seedream.ui.services import Services
from seedream.ui.sign_in import SIGN_OUT, sign_out
from seedream.ui.submission import addressed, id_of

# The content behind a signed link never changes; it is the visitor's own, so no shared cache keeps it.
_KEEP = "private, max-age=86400, immutable"
_MOST_FILES = 100
# Opened by itself, a file from elsewhere is a picture or a video and nothing that runs.
_FOREIGN = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


def routes(services: Services) -> list[BaseRoute]:
    """Return the routes, nearly all under `/atelier`, for `launch(app_kwargs={"routes": …})`."""

    async def watch(request: Request) -> Response:
        """Answer JSON, `jobs` (`read_watched`), with the stream of events."""
        try:
            watched = read_watched((await request.json())["jobs"])
        except (ValueError, TypeError, KeyError) as error:
            raise unfit("jobs") from error
        return stream(events(services, watched, id_of(services, request)))

    async def ticket(_: Request) -> Response:
        """Give a page the ticket of its next press."""
        return JSONResponse({"ticket": await services.tickets.give()}, headers={"Cache-Control": "no-store"})

    async def preview(request: Request) -> Response:
        return await _file(services, request, original=False)

    async def original(request: Request) -> Response:
        return await _file(services, request, original=True)

    async def zip_of_originals(request: Request) -> Response:
        """Answer a form whose field `job` is JSON: `files` (`[[signed link, name], …]`), and `about` the job.

        Of files of several jobs, `about` has a list, `jobs`, that tells of each.
        """
        try:
            job = json.loads(str((await request.form())["job"]))
            named = [(_output(services, signed), str(name)) for signed, name in job["files"][:_MOST_FILES]]
            about = dict(job["about"])
            if "jobs" in about:
                about["jobs"] = [_asked(services, dict(each)) for each in about["jobs"][:_MOST_FILES]]
            else:
                about = _asked(services, about)
        except (ValueError, TypeError, KeyError) as error:
            raise unfit("job") from error
        samples = {output.job for output, _ in named if services.is_sample(output)}
        for each in about.get("jobs", ()):
            if each.get("request_id") in samples:
                each["sample"] = True
        # Who chose some of both has pictures that AI has made among them.
        sample = bool(samples) and all(services.is_sample(output) for output, _ in named)
        about |= {"sample": sample, "digital_source_type": None if sample else SOURCE_TYPE}
        headers = {**_FOREIGN, "Content-Disposition": _attachment(str(about.get("name", "")), ".zip")}
        stream = archive(services.pictures, named, about)
        return StreamingResponse(stream, media_type="application/zip", headers=headers)

    async def copy_with_settings(request: Request) -> Response:
        """Answer a form whose field `settings` is JSON (`read_metadata`) with the original, that inside."""
        output = _output(services, request.path_params["signed"])
        language = texts.best_language(request.headers.get("accept-language"))
        try:
            settings = str((await request.form())["settings"])
            metadata = read_metadata(settings, services.models, sample=services.is_sample(output))
            metadata = replace(metadata, request=addressed(services, metadata.request))
        except TooLongError as error:
            raise SeedreamError("body_too_long", most=MOST_BYTES // KIB) from error
        except (ValueError, KeyError, RecursionError) as error:
            raise unfit("settings") from error
        picture = await services.pictures.get(output)
        made = await asyncio.to_thread(copy, picture, metadata, language)
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
        Route("/logout", log_out, methods=["POST"]),
        Route("/atelier/ticket", ticket, methods=["POST"]),
        Route("/atelier/watch", watch, methods=["POST"]),
        Route("/atelier/archive", zip_of_originals, methods=["POST"]),
        Route("/atelier/copy/{signed}", copy_with_settings, methods=["POST"]),
        Route("/atelier/preview/{signed}", preview),
        Route("/atelier/original/{signed}", original),
        *([Route(SIGN_OUT, sign_out, methods=["POST"])] if services.settings.sign_in else ()),
    ]


def _asked(services: Services, about: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of a job, with its model, and its request as a file may tell it."""
    # Of a job that was taken up by its request ID alone, nobody knows what was asked for, and of whom.
    asked = about.get("request")
    if not isinstance(asked, dict):
        return {**about, "model": None}
    told = addressed(services, telling(asked, services.models))
    return {**about, "request": told, "model": services.models.of(asked).model_id}


def _output(services: Services, signed: str) -> Output:
    """Return what a signed link names. Raises SeedreamError `route_unknown`: nothing of this page."""
    output = services.signed_urls.read(signed)
    if output is None:
        raise SeedreamError("route_unknown")
    return output


def _attachment(name: str, ending: str) -> str:
    """Return the header that has a browser save an answer under a name."""
    return f"attachment; filename*=UTF-8''{quote(safe_name(name, 1) + ending)}"


async def _file(services: Services, request: Request, *, original: bool) -> Response:
    picture = await services.pictures.get(_output(services, request.path_params["signed"]))
    headers = {"Cache-Control": _KEEP, **_FOREIGN}
    if original or picture.preview is None:
        # Without a name of its own the download gets the one that the page's link gives it.
        headers["Content-Disposition"] = "attachment"
        return FileResponse(picture.original, media_type=picture.media_type, headers=headers)
    return FileResponse(picture.preview, media_type=PREVIEW_TYPE, headers=headers)
