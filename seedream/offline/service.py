"""The stand-in's HTTP side: the routes and answers of RunComfy's Model API.

The shapes are those of the model's API page and of docs.runcomfy.com/model-apis (quickstart,
async-queue-endpoints, model-catalog-endpoints).
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from seedream import schema
from seedream.offline.errors import UnfitError, check, refused
from seedream.offline.options import Clock, Options, Painter
from seedream.offline.references import like, opened
from seedream.offline.sample_jobs import SampleJob, SampleJobs, Wish
from seedream.schema.series import HOW_MANY

_KILOS = re.compile(r"([1-9])K", re.ASCII)
_RATIO = re.compile(r"([1-9]\d?):([1-9]\d?)", re.ASCII)


def create_app(
    options: Options | None = None,
    paint: Painter | None = None,
    clock: Clock | None = None,
    models: Sequence[schema.Model] | None = None,
) -> Starlette:
    """Return the stand-in as an ASGI application.

    Args:
        options: its waiting times, price and bounds.
        paint: draws the pictures; runs in worker threads; default: one that draws samples, others for each job.
        clock: what jobs wait by.
        models: those that it knows; default: those whose files are here.
    """
    service = _Service(options or Options(), paint, clock or Clock(), models or schema.load_models().both)
    return Starlette(
        routes=[
            Route("/v1/models/{model_id:path}", service.submit, methods=["POST"]),
            Route("/v1/models/{model_id:path}", service.catalogue),
            Route("/v1/requests/{request_id}/status", service.status),
            Route("/v1/requests/{request_id}/result", service.result),
            Route("/v1/requests/{request_id}/cancel", service.cancel, methods=["POST"]),
            Route("/balance", service.balance),
            Route("/files/{request_id}/{name}", service.file),
        ],
        lifespan=service.lifespan,
        exception_handlers={HTTPException: refused},
    )


class _Service:
    def __init__(
        self, options: Options, paint: Painter | None, clock: Clock, models: Sequence[schema.Model]
    ) -> None:
        self._models = {each.model_id: each for each in models}
        self._options = options
        self._jobs = SampleJobs(options, paint, clock)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        with self._jobs.open():
            yield

    async def submit(self, request: Request) -> Response:
        owner, model = _owner(request), self._model(request)
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError):
            raise UnfitError({"": "The body must be JSON."}) from None
        values = check(model, body)
        reference = self._reference(model, values)
        # Who names no size gets the reference's shape, as from the model itself.
        size = like(reference) if reference and "resolution" not in body else _size(model, values)
        format = str(values.get("output_format", "png"))
        job = self._jobs.submit(Wish(values["prompt"], self._count(model, values), size, format, reference), owner)
        if job is None:
            raise HTTPException(429, "Too many jobs are waiting. Try again soon", {"Retry-After": "1"})
        url = f"{request.base_url}v1/requests/{job.request_id}"
        urls = {f"{what}_url": f"{url}/{what}" for what in ("status", "result", "cancel")}
        return JSONResponse({"request_id": job.request_id, **urls})

    async def catalogue(self, request: Request) -> Response:
        _owner(request)
        model = self._model(request)
        return JSONResponse(
            {
                "model_id": model.model_id,
                "display_name": model.name or model.model_id,
                "kind": "model",
                "categories": ["image"],
                "base_price_usd": self._options.price_usd,
                "price_unit": "output",
                "pricing_note": "Sample pictures, drawn by a stand-in of the API.",
                "input_schema": model.input_schema,
            }
        )

    async def balance(self, request: Request) -> Response:
        _owner(request)
        if self._options.balance_usd is None:
            raise HTTPException(404, "No balance is told here")
        return JSONResponse({"balance_usd": self._options.balance_usd, "currency": "USD"})

    async def status(self, request: Request) -> Response:
        return JSONResponse(self._progress(self._job(request)))

    async def result(self, request: Request) -> Response:
        job = self._job(request)
        made = job.files if job.state == "completed" else []
        urls = [f"{request.base_url}files/{job.request_id}/{name}" for name in made]
        body = {
            **self._progress(job),
            "output": {"images": urls} if len(urls) > 1 else {"image": urls[0]} if urls else None,
            "created_at": job.created_at.isoformat(),
            "finished_at": job.finished_at and job.finished_at.isoformat(),
            "error": job.error,
        }
        if request.query_params.get("include_cost", "").lower() == "true":
            body["cost"] = round(len(made) * self._options.price_usd, 6)
        return JSONResponse(body)

    async def cancel(self, request: Request) -> Response:
        job = self._job(request)
        outcome = "cancelled" if self._jobs.cancel(job) else "not_cancellable"
        return JSONResponse({**self._progress(job), "outcome": outcome})

    async def file(self, request: Request) -> Response:
        job = self._jobs.find(request.path_params["request_id"])
        name = request.path_params["name"]
        if job is None or name not in job.files or job.state != "completed":
            raise HTTPException(404, "There is no such file, or it has expired")
        return FileResponse(job.folder / name, media_type=f"image/{job.wish.format}")

    def _count(self, model: schema.Model, values: dict[str, Any]) -> int:
        """Return how many pictures were asked for; at most `Options.series` where the model would decide."""
        longest = schema.most_pictures(values)
        return longest if longest != model.defaults.get(HOW_MANY) else min(longest, self._options.series)

    def _model(self, request: Request) -> schema.Model:
        model = self._models.get(request.path_params["model_id"])
        if model is None:
            raise HTTPException(404, "There is no such model")
        return model

    def _reference(self, model: schema.Model, values: dict[str, Any]) -> Image.Image | None:
        """Return the first reference that can be seen from here: one that came along, or a picture made here."""
        given = values.get(model.pictures.name) if model.pictures else None
        for each in [given] if isinstance(given, str) else given or ():
            seen = opened(each, self._jobs)
            if seen is not None:
                return seen
        return None

    def _job(self, request: Request) -> SampleJob:
        owner, request_id = _owner(request), request.path_params["request_id"]
        try:
            request_id = str(uuid.UUID(request_id))
        except ValueError:
            raise HTTPException(400, "The request ID is malformed") from None
        job = self._jobs.find(request_id)
        if job is None:
            raise HTTPException(404, "There is no such request, or it has expired")
        if not compare_digest(job.owner, owner):
            raise HTTPException(403, "This request belongs to another account")
        return job

    def _progress(self, job: SampleJob) -> dict[str, Any]:
        queued = {"queue_position": self._jobs.queue_position(job)} if job.state == "in_queue" else {}
        return {"request_id": job.request_id, "status": job.state, **queued}


def _owner(request: Request) -> bytes:
    """Return a digest of the bearer token, by which a job knows its owner; the token itself is not kept."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise HTTPException(401, "The API token is missing")
    return sha256(token.strip().encode()).digest()


def _size(model: schema.Model, values: dict[str, Any]) -> tuple[int, int]:
    """Return width and height in pixels; where the model would choose the shape, a square."""
    shape = str(values.get(model.shape.name)) if model.shape else ""
    kilos = _KILOS.fullmatch(str(values.get("resolution")))
    side = 1024 * int(kilos[1] if kilos else 2)
    ratio = _RATIO.fullmatch(shape)
    if ratio is None:
        return schema.pixels(shape) or (side, side)
    width, height = int(ratio[1]), int(ratio[2])
    longest = max(width, height)
    return side * width // longest, side * height // longest
