"""The public interface, for `gradio_client` and plain HTTP: `/generate`, `/resume`, `/cancel`.

People script against these, so their names, parameters and answers stay. `/generate` has the schema's fields
as its parameters. Both streams yield `(gallery, record)` at each change of state; an end without pictures is
an error in the client, with the sentence, the code and the request ID.
"""

from __future__ import annotations

import asyncio
import inspect
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict

import gradio as gr
from gradio.context import get_blocks_context
from gradio.data_classes import FileData
from gradio.events import api

from seedream import texts
from seedream.errors import SeedreamError
from seedream.jobs.job import Job
from seedream.jobs.record import Record, RecordJson, to_json
from seedream.pictures.images import Picture
from seedream.schema import Field, Model
from seedream.ui.controls import offered
from seedream.ui.labels import choice_label
from seedream.ui.services import Services
from seedream.ui.submission import submit, visitor_of


class GalleryItem(TypedDict, total=False):
    """One file of a job as `gr.Gallery` has it: the original, which the client saves on its own disk."""

    image: dict[str, Any]
    video: dict[str, Any]
    caption: None


Answer = tuple[list[GalleryItem], RecordJson]
# What lies before a picture; the last one ends with it.
_STEPS = ("submitting", "in_queue", "in_progress")
_FEW_CHOICES = 4


@dataclass(frozen=True)
class Endpoint:
    """A public endpoint, which is a tool for agents, too.

    Attributes:
        handler: what it does; its name and its docstring are those of the endpoint.
        parameters: what callers give.
        returns: what they get; of a stream, each time.
        hints: what it does to the world, in MCP's terms. Nothing is ever overwritten.
    """

    handler: Callable[..., Any]
    parameters: Sequence[inspect.Parameter]
    returns: Any
    hints: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.handler.__name__


def endpoints(services: Services) -> tuple[Endpoint, ...]:
    return _generate(services), _resume(services), _cancel(services)


def register(services: Services) -> None:
    """Register the endpoints in the Blocks under construction."""
    for each in endpoints(services):
        _sign(each)
        # The handlers only wait: no number of them is too many, and no visitor stands behind another.
        api(each.handler, api_name=each.name, concurrency_limit=None)
        # Where a handler tells its progress, Gradio looks for a parameter that `gr.api` would offer to callers.
        under_construction = get_blocks_context()
        for made in under_construction.fns.values() if under_construction else ():
            made.tracks_progress |= made.fn is each.handler and each.returns is Answer


def _generate(services: Services) -> Endpoint:
    async def generate(*inputs: Any) -> AsyncIterator[Answer]:
        """Make a picture with Seedream 5.0 Lite, or a series of them in one style, and wait until it is there.

        It takes seconds to minutes, and each picture is paid for by the account behind this page. A request is
        submitted once. If the error says that nobody knows whether it was accepted, do not send it again without
        asking whoever pays. Keep the record's request_id: `resume` brings the pictures back at any time.
        """
        *values, request = inputs
        language = _language(request)
        names = [field.name for field in services.model.fields]
        chosen = dict(zip(names, values, strict=True))
        try:
            # In the registry, so that a client that goes away while it submits takes nothing with it.
            running = await submit(services, visitor_of(services, request), uuid.uuid4().hex, chosen)
        except SeedreamError as error:
            raise _raised(error, language) from error
        async for answer in _answers(services, running.watch(), language):
            yield answer

    _describe(generate, services.model)
    hints = {
        "title": "Make pictures (costs money)",
        "readOnlyHint": False,
        "destructiveHint": False,
        "idempotentHint": False,
        "openWorldHint": True,
    }
    return Endpoint(generate, _fields(offered(services.model, services.settings.rules)), Answer, hints)


def _resume(services: Services) -> Endpoint:
    async def resume(request_id: str, request: gr.Request) -> AsyncIterator[Answer]:
        """Take up a submitted job by its request ID, wait for its end, and return its pictures. It costs nothing.

        Args:
            request_id: as the record names it that `generate` returned.
        """
        job = Job(services.taking_up(request_id, visitor_of(services, request).token))
        async for answer in _answers(services, job.states(), _language(request)):
            yield answer

    hints = {
        "title": "Fetch the pictures of a job (free)",
        "readOnlyHint": True,
        "idempotentHint": True,
        "openWorldHint": True,
    }
    return Endpoint(resume, [_parameter("request_id", str)], Answer, hints)


def _cancel(services: Services) -> Endpoint:
    async def cancel(request_id: str, request: gr.Request) -> RecordJson:
        """Take a queued job back, so that it costs nothing. One that is being drawn can't be cancelled any more.

        Its record then says `in_progress`; it goes on and is paid for.

        Args:
            request_id: as the record names it that `generate` returned.
        """
        language = _language(request)
        try:
            job = Job(services.taking_up(request_id, visitor_of(services, request).token))
            status = await job.cancel()
        except SeedreamError as error:
            raise _raised(error, language) from error
        found = replace(job.record, status=status.state, queue_position=status.queue_position)
        return to_json(found, language)

    hints = {
        "title": "Cancel a queued job",
        "readOnlyHint": False,
        "destructiveHint": True,
        "idempotentHint": True,
        "openWorldHint": True,
    }
    return Endpoint(cancel, [_parameter("request_id", str)], RecordJson, hints)


async def _answers(services: Services, states: AsyncIterator[Record], language: str) -> AsyncIterator[Answer]:
    async for record in states:
        if record.error:
            raise _raised(record.error, language)
        _tell(record, language)
        yield await _gallery(services, record, language), to_json(record, language)


def _tell(record: Record, language: str) -> None:
    """Say where a job is, to clients that show progress: an agent's, above all."""
    if record.status in _STEPS:
        said = texts.text(f"state.{record.status}", language)
        gr.Progress()((_STEPS.index(record.status), len(_STEPS)), desc=said)


async def _gallery(services: Services, record: Record, language: str) -> list[GalleryItem]:
    """Return the originals that could be had, in order. One that could not must not hide the others."""
    found = await asyncio.gather(*map(services.pictures.get, record.outputs), return_exceptions=True)
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


def _raised(error: SeedreamError, language: str) -> gr.Error:
    return gr.Error(f"{error.sentence(language)} [{error.code}]", print_exception=False)


def _language(request: gr.Request | None) -> str:
    return texts.best_language(request.headers.get("accept-language") if request else None)


def _sign(endpoint: Endpoint) -> None:
    """Give a handler the signature that Gradio reads its endpoint from.

    Made here, because the fields are the schema's, because what a stream yields is what its caller gets, and
    because Gradio does not evaluate annotations that are kept as text.
    """
    signed: Any = endpoint.handler
    parameters = [*endpoint.parameters, _parameter("request", gr.Request, default=None)]
    signed.__signature__ = inspect.Signature(parameters, return_annotation=endpoint.returns)
    signed.__annotations__ = {each.name: each.annotation for each in parameters}


def _describe(handler: Callable[..., Any], model: Model) -> None:
    """Put what the page says of each field into a handler's docstring, which Gradio shows to agents."""
    lines = [f"    {field.name}: {_description(field)}" for field in model.fields]
    handler.__doc__ = "\n".join([inspect.cleandoc(handler.__doc__ or ""), "", "Args:", *lines])


def _description(field: Field) -> str:
    label, info = f"field.{field.name}.label", f"field.{field.name}.info"
    known = [texts.text(key) for key in (label, info) if texts.has(key)]
    # What a size is, its value says; what `auto` is, only its label does.
    short = field.choices if field.kind == "choice" and len(field.choices) <= _FEW_CHOICES else ()
    meant = [f"{value}: {choice_label(field, value)}." for value in short]
    only = [f"Counts only when {name} is {value}." for name, value in field.applies_when.items()]
    return " ".join([*(f"{text.rstrip('.')}." for text in known), *meant, *only])


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
