"""The public interface, for `gradio_client` and plain HTTP: `/generate`, `/edit`, `/resume`, `/cancel`.

People script against these, so their names, parameters and answers stay. The first two have the models' fields
as their parameters. Both streams yield `(gallery, record)` at each change of state; an end without pictures is
an error in the client, with the sentence, the code and the request ID.
"""

from __future__ import annotations

import asyncio
import inspect
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import gradio as gr
from gradio.data_classes import FileData
from gradio.events import api
from starlette.requests import Request

from seedream import texts
from seedream.errors import SeedreamError
from seedream.jobs.job import Job
from seedream.jobs.record import Record, RecordJson, error_to_json, to_json
from seedream.pictures.images import Picture
from seedream.schema import Model
from seedream.ui.controls import offered
from seedream.ui.endpoint_signatures import describe, fields, parameter, sign
from seedream.ui.services import Services
from seedream.ui.submission import Chosen, Visitor, checked, checked_key, submit, visitor_of
from seedream.ui.waiting_calls import WaitingCalls, let_go, listening, soon_without_frames, while_heard


class GalleryItem(TypedDict, total=False):
    """One file of a job as `gr.Gallery` has it: the original, which the client saves on its own disk."""

    image: dict[str, Any]
    video: dict[str, Any]
    caption: None


Answer = tuple[list[GalleryItem], RecordJson]
# A script's, by way of Gradio; or an agent's.
AnyRequest = gr.Request | Request
# By which a script names its own press: sent again under the same one, it is the same job.
KEY_HEADER = "x-seedream-key"


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
    making = [_making(services, services.model, "generate", _GENERATE)]
    if services.models.edit:
        making.append(_making(services, services.models.edit, "edit", _EDIT))
    return *making, _resume(services), _cancel(services)


def register(services: Services) -> None:
    """Register the endpoints in the Blocks under construction."""
    for each in endpoints(services):
        sign(each.handler, each.parameters, each.returns)
        # The handlers only wait, and `WaitingCalls` says how many may: no visitor stands behind another.
        api(each.handler, api_name=each.name, concurrency_limit=None)


_GENERATE = """Make a picture with {model}{series}, and wait until it is there.

It takes seconds to minutes, and each picture is paid for by the account behind this page. A request is
submitted once. If the error says that nobody knows whether it was accepted, do not send it again without
asking whoever pays. Keep the record's request_id: `resume` brings the pictures back at any time.
"""
_EDIT = """Change pictures by words with Seedream 5.0 Lite, or make new ones after them, and wait for them.

As `generate`, from references: public HTTPS addresses, as those in a record's outputs, or data URIs. The prompt
may call them picture 1, picture 2, and so on. What is made is paid for by the account behind this page.
"""


def _making(services: Services, model: Model, name: str, about: str) -> Endpoint:
    async def make(*inputs: Any) -> AsyncIterator[Answer]:
        *values, request = inputs
        names = [field.name for field in model.fields]
        wish = Chosen(model, dict(zip(names, values, strict=True)))
        named = request.headers.get(KEY_HEADER) or uuid.uuid4().hex
        with _waiting(services, services.making, request, named) as (language, who):
            # In the registry, so that a client that goes away while it submits takes nothing with it.
            running = await submit(services, who, checked_key(named), await checked(services, who, wish))
            let_go(request, wish.values)
            async for answer in _answers(services, running.watch(), language, request):
                yield answer

    make.__name__, make.__doc__ = name, about
    describe(make, model)
    hints = {
        "title": "Make pictures (costs money)" if model is services.model else "Change pictures (costs money)",
        "readOnlyHint": False,
        "destructiveHint": False,
        "idempotentHint": False,
        "openWorldHint": True,
    }
    return Endpoint(make, fields(offered(model, services.settings.rules)), Answer, hints)


def _resume(services: Services) -> Endpoint:
    async def resume(request_id: str, request: AnyRequest) -> AsyncIterator[Answer]:
        """Take up a submitted job by its request ID, wait for its end, and return its pictures. It costs nothing.

        Args:
            request_id: as the record names it that `generate` returned; or the key that `generate` was given.
        """
        with _waiting(services, services.taking_up_again, request) as (language, who):
            running = services.registry.find(request_id)
            if running is None and await services.registry.claims.known(request_id):
                request_id = await services.registry.claims.outcome(request_id)
            spec = services.taking_up(request_id, who.token, who.id)
            states = running.watch() if running else Job(spec).states()
            known = None if running else request_id
            async for answer in _answers(services, states, language, request, known):
                yield answer

    hints = {
        "title": "Fetch the pictures of a job (free)",
        "readOnlyHint": True,
        "idempotentHint": True,
        "openWorldHint": True,
    }
    return Endpoint(resume, [parameter("request_id", str)], Answer, hints)


def _cancel(services: Services) -> Endpoint:
    async def cancel(request_id: str, request: AnyRequest) -> RecordJson:
        """Take a queued job back, so that it costs nothing. One that is being drawn can't be cancelled any more.

        Its record then says `in_progress`; it goes on and is paid for.

        Args:
            request_id: as the record names it that `generate` returned.
        """
        with _told(request) as language:
            who = visitor_of(services, request)
            job = Job(services.taking_up(request_id, who.token, who.id))
            status = await job.cancel()
        found = replace(job.record, status=status.state, queue_position=status.queue_position)
        return to_json(found, language)

    hints = {
        "title": "Cancel a queued job",
        "readOnlyHint": False,
        "destructiveHint": True,
        "idempotentHint": True,
        "openWorldHint": True,
    }
    return Endpoint(cancel, [parameter("request_id", str)], RecordJson, hints)


async def _answers(
    services: Services,
    states: AsyncIterator[Record],
    language: str,
    request: AnyRequest,
    request_id: str | None = None,
) -> AsyncIterator[Answer]:
    """Yield the states from the first that has a request ID: whoever hears anything can find a paid job again."""
    heard = listening(request)

    async def needed() -> bool:
        # What was submitted is to be named, also to somebody who comes back for it.
        return request_id is None or await heard()

    async for record in while_heard(states, needed):
        if record is None:
            raise SeedreamError("nobody_listened", request_id=request_id)
        if record.error:
            raise record.error
        if request_id := record.request_id:
            yield await _answer(services, record, language)


async def _answer(services: Services, record: Record, language: str) -> Answer:
    """Return the originals that could be had, in order; the record says why each of the others could not."""
    told = to_json(record, language)
    found = await asyncio.gather(*map(services.pictures.get, record.outputs), return_exceptions=True)
    faults = []
    for output, each in zip(told["outputs"], found, strict=True):
        if isinstance(each, BaseException):
            faults.append(each if isinstance(each, SeedreamError) else SeedreamError("file_unreachable"))
            output["error"] = error_to_json(faults[-1], language)
    gallery = [_item(picture) for picture in found if isinstance(picture, Picture)]
    if faults and not gallery:
        lost = SeedreamError(faults[0].code, request_id=record.request_id)
        lost.facts = {**faults[0].facts, "url": " ".join(output.url for output in record.outputs)}
        raise lost
    return gallery, told


def _item(picture: Picture) -> GalleryItem:
    # Gradio copies it to its own cache and serves it from there.
    file = FileData(path=str(picture.original), mime_type=picture.media_type, size=picture.size).model_dump()
    if picture.media_type.startswith("video/"):
        return {"video": file, "caption": None}
    return {"image": file, "caption": None}


@contextmanager
def _waiting(
    services: Services, calls: WaitingCalls, request: AnyRequest, key: str = ""
) -> Iterator[tuple[str, Visitor]]:
    """Do as `_told` for a call that may wait for long, which its caller has a few of."""
    with _told(request, key) as language:
        who = visitor_of(services, request)
        with calls.one(who.id):
            yield language, who


@contextmanager
def _told(request: AnyRequest, key: str = "") -> Iterator[str]:
    """Tell what goes wrong in the block in the caller's language, which the block is given.

    The log has the `key` of what was submitted: by it, whoever runs the page finds what nobody heard of.
    """
    language = texts.best_language(request.headers.get("accept-language"))
    try:
        yield language
    except SeedreamError as error:
        said = error.sentence(language)
        if key and error.code == "submission_unknown":
            said = texts.text("error.with_key", language, sentence=said, name=key)
        told = gr.Error(f"{said} [{error.code}]", print_exception=False)
        raise soon_without_frames(told) from error.with_traceback(None)
