"""The stand-in's HTTP side: the routes and answers of RunComfy's Model API.

The shapes are those of the model's API page and of docs.runcomfy.com/model-apis (quickstart,
async-queue-endpoints, model-catalog-endpoints).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from seedream import schema
from seedream.offline.counting import pictures_asked
from seedream.offline.errors import ApiError, answer, check, documented, unfit
from seedream.offline.jobs import Job, Jobs, Order, TooManyJobsError
from seedream.offline.options import Clock, Options, Painter
from seedream.offline.painting import paint as paint_sample
from seedream.offline.shaping import size


def create_app(
    options: Options | None = None, paint: Painter = paint_sample, clock: Clock = time.monotonic
) -> Starlette:
    """Return the stand-in as an ASGI application.

    Args:
        options: its waiting times, price and bounds.
        paint: draws the pictures; runs in worker threads.
        clock: gives the seconds that jobs' states follow.
    """
    service = _Service(options or Options(), paint, clock)
    return Starlette(
        routes=[
            Route("/v1/models/{model_id:path}", service.submit, methods=["POST"]),
            Route("/v1/models/{model_id:path}", service.catalogue),
            Route("/v1/requests/{request_id}/status", service.status),
            Route("/v1/requests/{request_id}/result", service.result),
            Route("/v1/requests/{request_id}/cancel", service.cancel, methods=["POST"]),
            Route("/files/{request_id}/{name}", service.file),
        ],
        lifespan=service.lifespan,
        exception_handlers={ApiError: answer, HTTPException: answer},
    )


class _Service:
    def __init__(self, options: Options, paint: Painter, clock: Clock) -> None:
        self._options = options
        self._model = schema.load()
        self._jobs = Jobs(options, paint, clock)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        with self._jobs.open():
            yield

    async def submit(self, request: Request) -> Response:
        owner = _owner(request)
        self._check_model(request)
        values = check(self._model, await _json(request))
        try:
            job = self._jobs.submit(self._order(values), owner)
        except TooManyJobsError:
            body = {"error_message": "Too many jobs are waiting. Try again soon."}
            raise ApiError(429, body, {"Retry-After": "1"}) from None
        urls = {f"{what}_url": _url(request, job, what) for what in ("status", "result", "cancel")}
        return JSONResponse({"request_id": job.request_id, **urls})

    async def catalogue(self, request: Request) -> Response:
        _owner(request)
        self._check_model(request)
        return JSONResponse(
            {
                "model_id": self._model.model_id,
                "base_price_usd": self._options.price_usd,
                "price_unit": "output",
                "pricing_note": "Sample pictures, drawn by a stand-in of the API.",
            }
        )

    async def status(self, request: Request) -> Response:
        return JSONResponse(self._progress(self._job(request)))

    async def result(self, request: Request) -> Response:
        job = self._job(request)
        progress = self._progress(job)
        state = progress["status"]
        ended = state in ("completed", "cancelled", "failed")
        body = {
            **progress,
            "output": _output(request, job) if state == "completed" else None,
            "created_at": job.created_at.isoformat(),
            "finished_at": self._jobs.finished_at(job).isoformat() if ended else None,
            "error": self._jobs.error(job) if state == "failed" else None,
        }
        if request.query_params.get("include_cost", "").lower() == "true":
            made = job.order.count if state == "completed" else 0
            body["cost"] = round(made * self._options.price_usd, 6)
        return JSONResponse(body)

    async def cancel(self, request: Request) -> Response:
        job = self._job(request)
        outcome = "cancelled" if self._jobs.cancel(job) else "not_cancellable"
        return JSONResponse({**self._progress(job), "outcome": outcome})

    async def file(self, request: Request) -> Response:
        job = self._jobs.find(request.path_params["request_id"])
        name = request.path_params["name"]
        if job is None or name not in _names(job) or self._jobs.state(job) != "completed":
            raise documented(404, 404001, "There is no such file, or it has expired.")
        return FileResponse(job.folder / name, media_type=f"image/{job.order.format}")

    def _check_model(self, request: Request) -> None:
        if request.path_params["model_id"] != self._model.model_id:
            raise documented(404, 404001, "There is no such model.")

    def _order(self, values: dict[str, Any]) -> Order:
        prompt = values["prompt"]
        default = self._model.defaults["max_images"]
        count = pictures_asked(
            prompt, values["sequential_image_generation"], int(values["max_images"]), int(default)
        )
        return Order(prompt, count, size(values["resolution"], prompt), values["output_format"])

    def _job(self, request: Request) -> Job:
        owner, request_id = _owner(request), request.path_params["request_id"]
        try:
            request_id = str(uuid.UUID(request_id))
        except ValueError:
            raise documented(400, 400001, "The request ID is malformed.") from None
        job = self._jobs.find(request_id)
        if job is None:
            raise documented(404, 404001, "There is no such request, or it has expired.")
        if not compare_digest(job.owner, owner):
            raise documented(403, 403001, "This request belongs to another account.")
        return job

    def _progress(self, job: Job) -> dict[str, Any]:
        state = self._jobs.state(job)
        progress: dict[str, Any] = {"request_id": job.request_id, "status": state}
        if state == "in_queue":
            progress["queue_position"] = self._jobs.queue_position(job)
        return progress


def _owner(request: Request) -> bytes:
    """Return a digest of the bearer token, by which a job knows its owner; the token itself is not kept."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise documented(401, 400004, "The API token is missing.")
    return sha256(token.strip().encode()).digest()


async def _json(request: Request) -> object:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        raise unfit({"": "The body must be JSON."}) from None


def _url(request: Request, job: Job, what: str) -> str:
    return f"{request.base_url}v1/requests/{job.request_id}/{what}"


def _names(job: Job) -> list[str]:
    return [f"{number}.{job.order.format}" for number in range(1, job.order.count + 1)]


def _output(request: Request, job: Job) -> dict[str, Any]:
    urls = [f"{request.base_url}files/{job.request_id}/{name}" for name in _names(job)]
    return {"image": urls[0]} if len(urls) == 1 else {"images": urls}
