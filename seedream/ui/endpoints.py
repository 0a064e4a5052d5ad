"""The public interface, for `gradio_client` and plain HTTP: `/generate`, `/resume`, `/cancel`.

People script against these, so their names, parameters and answers stay. `/generate` has the schema's fields
as its parameters. Both streams yield `(gallery, record)` at each change of state; an end without pictures is
an error in the client, with the sentence, the code and the request ID.
"""

from __future__ import annotations

import asyncio
import inspect
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal, TypedDict

import gradio as gr
from gradio.data_classes import FileData
from gradio.events import api

from seedream import texts
from seedream.client import checked_request_id
from seedream.errors import SeedreamError
from seedream.jobs import Job, Record, in_thread
from seedream.pictures import Picture
from seedream.schema import Field, Model
from seedream.ui.controls import offered
from seedream.ui.orders import place, visitor
from seedream.ui.rooms import Rooms


class GalleryItem(TypedDict, total=False):
    """One file of a job as `gr.Gallery` has it: the original, which the client saves on its own disk."""

    image: dict[str, Any]
    video: dict[str, Any]
    caption: None


class RecordJson(TypedDict):
    """A job as the public interface tells it."""

    request_id: str | None
    model_id: str
    status: str
    queue_position: int | None
    outputs: list[dict[str, str]]
    cost_usd: float | None
    created_at: str | None
    finished_at: str | None
    request: dict[str, Any] | None
    error: dict[str, str] | None


Answer = tuple[list[GalleryItem], RecordJson]


def register(rooms: Rooms) -> None:
    """Register the three endpoints in the Blocks under construction."""

    async def generate(*inputs: Any) -> AsyncIterator[Answer]:
        """Make a picture, or a series of them, and wait for it; the parameters are the model's own."""
        *values, request = inputs
        language = _language(request)
        names = [field.name for field in rooms.model.fields]
        chosen = dict(zip(names, values, strict=True))
        try:
            # On the desk, so that a client that goes away while it submits takes nothing with it.
            running, _ = await place(rooms, visitor(rooms, request), uuid.uuid4().hex, chosen)
        except SeedreamError as error:
            raise _raised(error, language) from error
        async for answer in _answers(rooms, running.watch(), language):
            yield answer

    async def resume(request_id: str, request: gr.Request) -> AsyncIterator[Answer]:
        """Take up a submitted job by its request ID, wait for its end, and return its pictures.

        Args:
            request_id: as `/generate`'s record names it.
        """
        token = visitor(rooms, request).token
        job = Job(rooms.account(token), request_id=request_id, pace=rooms.pace(token))
        async for answer in _answers(rooms, job.states(), _language(request)):
            yield answer

    async def cancel(request_id: str, request: gr.Request) -> RecordJson:
        """Take a queued job back. One that is being drawn can't be: its record says `in_progress`.

        Args:
            request_id: as `/generate`'s record names it.
        """
        language = _language(request)
        try:
            known = checked_request_id(request_id)
            status = await in_thread(rooms.account(visitor(rooms, request).token).cancel, known)
        except SeedreamError as error:
            raise _raised(error, language) from error
        found = Record(rooms.model.model_id, status.state, known, queue_position=status.queue_position)
        return public_record(found, language)

    request_id_alone = [_parameter("request_id", str)]
    _sign(generate, _fields(offered(rooms.model, rooms.settings.rules)), Answer)
    _sign(resume, request_id_alone, Answer)
    _sign(cancel, request_id_alone, RecordJson)
    # The handlers only wait: no number of them is too many, and no visitor stands behind another.
    for name, handler in (("generate", generate), ("resume", resume), ("cancel", cancel)):
        api(handler, api_name=name, concurrency_limit=None)


def public_record(record: Record, language: str) -> RecordJson:
    """Return a record as JSON, its error in words."""
    error = _error(record)
    return {
        "request_id": record.request_id,
        "model_id": record.model_id,
        "status": record.status,
        "queue_position": record.queue_position,
        "outputs": [{"url": output.url, "kind": output.kind} for output in record.outputs],
        "cost_usd": record.cost_usd,
        "created_at": record.created_at,
        "finished_at": record.finished_at,
        "request": dict(record.request) if record.request else None,
        "error": {"code": error.code, "message": texts.sentence(error, language)} if error else None,
    }


async def _answers(rooms: Rooms, states: AsyncIterator[Record], language: str) -> AsyncIterator[Answer]:
    async for record in states:
        error = _error(record)
        if error:
            raise _raised(error, language)
        yield await _gallery(rooms, record, language), public_record(record, language)


async def _gallery(rooms: Rooms, record: Record, language: str) -> list[GalleryItem]:
    """Return the originals that could be had, in order. One that could not must not hide the others."""
    found = await asyncio.gather(*map(rooms.pictures.get, record.outputs), return_exceptions=True)
    faults = [each for each in found if isinstance(each, BaseException)]
    if faults and len(faults) == len(found):
        first = faults[0]
        code = first.code if isinstance(first, SeedreamError) else "file_unreachable"
        raise _raised(SeedreamError(code, request_id=record.request_id), language)
    return [_item(picture) for picture in found if isinstance(picture, Picture)]


def _item(picture: Picture) -> GalleryItem:
    # Gradio copies it to its own cache and serves it from there.
    file = FileData(path=str(picture.original), mime_type=picture.media_type, size=picture.size).model_dump()
    if picture.preview is None:
        return {"video": file, "caption": None}
    return {"image": file, "caption": None}


def _error(record: Record) -> SeedreamError | None:
    if record.error is None:
        return None
    return SeedreamError(record.error.code, request_id=record.request_id, detail=record.error.detail)


def _raised(error: SeedreamError, language: str) -> gr.Error:
    return gr.Error(f"{texts.sentence(error, language)} [{error.code}]", print_exception=False)


def _language(request: gr.Request | None) -> str:
    return texts.best_language(request.headers.get("accept-language") if request else None)


def _sign(handler: Callable[..., Any], parameters: list[inspect.Parameter], returns: Any) -> None:
    """Give a handler the signature that Gradio reads its endpoint from.

    Made here, because the fields are the schema's, because what a stream yields is what its caller gets, and
    because Gradio does not evaluate annotations that are kept as text.
    """
    request = _parameter("request", gr.Request, default=None)
    signed: Any = handler
    signed.__signature__ = inspect.Signature([*parameters, request], return_annotation=returns)
    signed.__annotations__ = {each.name: each.annotation for each in [*parameters, request]}


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _fields(model: Model) -> list[inspect.Parameter]:
    empty = inspect.Parameter.empty
    return [
        _parameter(field.name, _type(field), default=empty if field.required else field.default)
        for field in model.fields
    ]


def _type(field: Field) -> Any:
    return Literal[field.choices] if field.choices else str
