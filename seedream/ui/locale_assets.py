"""The page's language: a script that chooses it before Gradio starts, and the texts of each as a file."""

from __future__ import annotations

import hashlib
import json

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seedream import texts
from seedream.schema import Model
from seedream.ui import labels
from seedream.ui.routes import STATIC

_FOREVER = "public, max-age=31536000, immutable"
_FIRST_SCRIPT = b"<script"


def routes(model: Model) -> list[BaseRoute]:
    """Return the route of the texts that the page's own scripts say, one file a language."""
    files = _files(model)

    async def file(request: Request) -> Response:
        content = files.get(request.path_params["language"])
        if content is None:
            return Response(status_code=404)
        return Response(content, media_type="application/json", headers={"Cache-Control": _FOREVER})

    return [Route(f"/{_path(files)}/{{language}}.json", file)]


def middleware(model: Model) -> Middleware:
    """Return what puts the choice of the language at the head of the page."""
    path = _path(_files(model))
    script = (STATIC / "boot.js").read_text(encoding="utf-8")
    element = f'<script data-texts="{path}" data-languages="{" ".join(texts.locales())}">{script}</script>'
    return Middleware(BootScript, element=element.encode())


class BootScript:
    """Puts a script element before all others of the page. Gradio's own `head` is read when it has started."""

    def __init__(self, app: ASGIApp, element: bytes) -> None:
        self._app = app
        self._element = element

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _inside(scope) != "/":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def put_in(message: Message) -> None:
            # The headers tell the length, so they wait for the body, which Gradio sends in one piece.
            if message["type"] == "http.response.start":
                held.append(message)
                return
            if held:
                start = held.pop()
                body = message.get("body", b"")
                message["body"] = body.replace(_FIRST_SCRIPT, self._element + _FIRST_SCRIPT, 1)
                headers = MutableHeaders(raw=start["headers"])
                if "content-length" in headers:
                    more = len(message["body"]) - len(body)
                    headers["content-length"] = str(int(headers["content-length"]) + more)
                await send(start)
            await send(message)

        await self._app(scope, receive, put_in)


def _inside(scope: Scope) -> str:
    """Return the path inside the app: a proxy in front of a root path may leave that in, or take it off."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "").rstrip("/"))


def _files(model: Model) -> dict[str, bytes]:
    return {
        language: json.dumps(known, ensure_ascii=False).encode()
        for language, known in labels.for_page(model).items()
    }


def _path(files: dict[str, bytes]) -> str:
    """Return where the texts lie; like the scripts' path, it names their content."""
    return f"atelier/texts-{hashlib.sha256(b''.join(files.values())).hexdigest()[:12]}"
