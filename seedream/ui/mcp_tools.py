"""The page for agents: Gradio's own MCP server, whose tools are the endpoints' handlers, called in its place.

Gradio would call its own page over loopback for each of them, in a thread that waits with it: agents would all
have this machine's address, and forty who wait would leave the page no thread. It also has no place for
annotations, and would hand a series over as one text.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.route_utils import get_root_url
from PIL import Image

from seedream import texts
from seedream.errors import SeedreamError
from seedream.jobs.record import RecordJson
from seedream.runcomfy.responses import Output
from seedream.ui.endpoints import Endpoint, endpoints
from seedream.ui.login import let_in
from seedream.ui.services import Services
from seedream.ui.submission import TOKEN_HEADER

if TYPE_CHECKING:
    from gradio.mcp import GradioMCPServer
    from gradio.routes import App
    from mcp import types

# The long side, in pixels, of what an agent is shown, by how many pictures there are: clients take about a
# megabyte from a tool, and an agent that wants more has the URLs.
_SIDES = ((1, 1280), (4, 768), (15, 512))
_QUALITY = 80


def serve_tools(app: App, services: Services) -> None:
    """Have Gradio's app annotate its tools, and answer with the record as JSON and the pictures as pictures."""
    from mcp import types  # noqa: PLC0415 - only a page that serves agents needs it

    server: GradioMCPServer | None = app.get_blocks().mcp_server_obj
    if server is None:
        return
    known = {f"/{each.name}": each for each in endpoints(services)}
    handlers = server.mcp_server.request_handlers
    listing = handlers[types.ListToolsRequest]
    # Asked for a resource or a prompt, of which there are none here, Gradio would call its own page by the name
    # that the agent called it, and ask another host about it.
    for each in handlers.keys() - {types.ListToolsRequest, types.PingRequest}:
        del handlers[each]

    async def list_tools(request: types.ListToolsRequest) -> types.ServerResult:
        answer = await listing(request)
        if isinstance(answer.root, types.ListToolsResult):
            for tool in answer.root.tools:
                tool.annotations = types.ToolAnnotations(**known[server.tool_to_endpoint[tool.name]].hints)
        return answer

    async def call_tool(name: str, arguments: dict[str, Any]) -> list[types.TextContent | types.ImageContent]:
        endpoint, values, *_ = server._prepare_tool_call_args(name, arguments)
        request = server.mcp_server.request_context.request
        assert request is not None  # noqa: S101 - agents come over HTTP alone
        language = texts.best_language(request.headers.get("accept-language"))
        if not let_in(request, app):
            raise PermissionError(texts.text("agent.login", language))
        record = await _last_record(server, known[endpoint], [*values, request], language)
        root = get_root_url(request, server.get_route_path(request), server.root_path)
        told = {**record, "originals": _originals(services, record, root)}
        said = [json.dumps(told, ensure_ascii=False, indent=2)]
        samples = services.draws_samples(request.headers.get(TOKEN_HEADER))
        said += [texts.text("offline.said", language)] * samples
        written = (types.TextContent(type="text", text=each) for each in said)
        return [*written, *await _shown(services, record)]

    handlers[types.ListToolsRequest] = list_tools
    # Takes the place of Gradio's own, with the checks of the values that it had.
    server.mcp_server.call_tool()(call_tool)


async def _last_record(
    server: GradioMCPServer, endpoint: Endpoint, inputs: Sequence[Any], language: str
) -> RecordJson:
    """Return what a call says at last, and tell what it says before as its progress."""
    context = server.mcp_server.request_context
    token = context.meta.progressToken if context.meta else None
    answers = endpoint.handler(*inputs)
    try:
        if not isinstance(answers, AsyncIterator):
            record: RecordJson = await answers
            return record
        step = 0
        async for _, record in answers:
            if token is not None and texts.has(state := f"state.{record['status']}"):
                said, call = texts.text(state, language), str(context.request_id)
                await context.session.send_progress_notification(token, step, None, said, call)
                step += 1
    except gr.Error as error:
        raise RuntimeError(error.message) from error
    return record


def _originals(services: Services, record: RecordJson, root: str) -> list[str]:
    """Return where this page keeps the originals that could be had."""
    had = [output for output, told in zip(_outputs(record), record["outputs"], strict=True) if "error" not in told]
    return [f"{root}/atelier/original/{services.signed_urls.sign(each)}" for each in had]


def _outputs(record: RecordJson) -> list[Output]:
    return [Output(each["url"], each["kind"], str(record["request_id"])) for each in record["outputs"]]


async def _shown(services: Services, record: RecordJson) -> list[types.ImageContent]:
    """Return the pictures, small enough for a client to show. One that can't be had is told by its URL alone."""
    from mcp import types  # noqa: PLC0415 - only a page that serves agents needs it

    outputs = _outputs(record)
    side = next((side for most, side in _SIDES if len(outputs) <= most), _SIDES[-1][1])
    images = (each for each in outputs if each.kind == "image")
    shown = await asyncio.gather(*(_small(services, each, side) for each in images))
    return [
        types.ImageContent(type="image", data=base64.b64encode(jpeg).decode(), mimeType="image/jpeg")
        for jpeg in shown
        if jpeg
    ]


async def _small(services: Services, output: Output, side: int) -> bytes | None:
    try:
        picture = await services.pictures.get(output)
        return await asyncio.to_thread(_jpeg, picture.preview or picture.original, side)
    except (SeedreamError, OSError):
        return None


def _jpeg(file_on_disk: Path, side: int) -> bytes:
    file = BytesIO()
    with Image.open(file_on_disk) as image:
        image.thumbnail((side, side))
        image.convert("RGB").save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
