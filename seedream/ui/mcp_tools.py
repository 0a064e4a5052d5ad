"""The page for agents: Gradio's own MCP server, which also tells what a tool does and shows pictures as pictures.

Gradio makes a tool of each public endpoint. It has no place for annotations, and would hand a series over as one
text; both are added here, around the two handlers that the `mcp` package's server has for it.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from seedream import texts
from seedream.errors import SeedreamError
from seedream.runcomfy.responses import Output
from seedream.ui.endpoints import endpoints
from seedream.ui.services import Services

if TYPE_CHECKING:
    from fastapi import FastAPI
    from gradio.mcp import GradioMCPServer
    from mcp import types

# The long side, in pixels, of what an agent is shown, by how many pictures there are: clients take about a
# megabyte from a tool, and an agent that wants more has the URLs.
_SIDES = ((1, 1280), (4, 768), (15, 512))
_QUALITY = 80


def lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the app's lifespan, for `launch(app_kwargs={"lifespan": …})`: by then Gradio has made its server."""

    @asynccontextmanager
    async def during(app: FastAPI) -> AsyncIterator[None]:
        server = app.get_blocks().mcp_server_obj  # type: ignore[attr-defined]  # Gradio's own subclass
        if server is not None:
            teach(server, services)
        yield

    return during


def teach(server: GradioMCPServer, services: Services) -> None:
    """Have the server annotate its tools, and answer with the record as JSON and the pictures as pictures."""
    from mcp import types  # noqa: PLC0415 - only a page that serves agents needs it

    # As JSON; the pictures of the files that it names are put behind it below.
    server.postprocess_output_data = _as_json  # type: ignore[method-assign]
    handlers = server.mcp_server.request_handlers
    listing, calling = handlers[types.ListToolsRequest], handlers[types.CallToolRequest]
    hints = {f"/{each.name}": types.ToolAnnotations(**each.hints) for each in endpoints(services)}

    async def list_tools(request: types.ListToolsRequest) -> types.ServerResult:
        answer = await listing(request)
        if isinstance(answer.root, types.ListToolsResult):
            for tool in answer.root.tools:
                tool.annotations = hints[server.tool_to_endpoint[tool.name]]
        return answer

    async def call_tool(request: types.CallToolRequest) -> types.ServerResult:
        answer = await calling(request)
        result = answer.root
        if isinstance(result, types.CallToolResult) and not result.isError:
            told = result.content[0]
            assert isinstance(told, types.TextContent)  # noqa: S101 - `_as_json` made it
            result.content += await _shown(services, json.loads(told.text)["outputs"])
            if services.settings.offline:
                result.content.append(types.TextContent(type="text", text=texts.text("offline.said")))
        return answer

    handlers[types.ListToolsRequest] = list_tools
    handlers[types.CallToolRequest] = call_tool


def _as_json(data: Any, root_url: str) -> list[types.TextContent | types.ImageContent]:
    """Return an endpoint's answer as one text: the record, and where this page keeps each original."""
    from mcp import types  # noqa: PLC0415

    found = data[0] if len(data) == 1 and isinstance(data[0], (list, tuple)) else data
    gallery, record = found if len(found) == 2 else ([], found[0])
    kept = [f"{root_url}/gradio_api/file={file['path']}" for item in gallery for file in item.values() if file]
    text = json.dumps({**record, "originals": kept}, ensure_ascii=False, indent=2)
    return [types.TextContent(type="text", text=text)]


async def _shown(services: Services, outputs: Sequence[Mapping[str, str]]) -> list[types.ImageContent]:
    """Return the pictures, small enough for a client to show. One that can't be had is told by its URL alone."""
    from mcp import types  # noqa: PLC0415

    side = next((side for most, side in _SIDES if len(outputs) <= most), _SIDES[-1][1])
    images = [Output(each["url"], "image") for each in outputs if each["kind"] == "image"]
    shown = await asyncio.gather(*(_small(services, output, side) for output in images))
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
