"""The page's own files: style sheets, modules and texts, and what the page's head asks for before Gradio starts.

Each file's address names its content, so that a browser may keep it for good and never has a stale one.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seedream import texts
from seedream.schema import Model
from seedream.ui import labels

STATIC = Path(__file__).with_name("static")
ENTRY = "main.js"
# In the order of the cascade.
STYLE_SHEETS = (
    "palette.css",
    "style.css",
    "lib/buttons.css",
    "gallery/gallery.css",
    "job/card.css",
    "developer/developer.css",
    "history/history.css",
    "form/form.css",
    "import/file-drop.css",
    "lib/language-switch.css",
    "form/sizes.css",
    "gallery/view.css",
)
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
# What a module needs to be loaded. What it may need later stands in an `import(…)`.
_IMPORT = re.compile(r'^import\b[^"]*"(\.[^"]+)";', re.MULTILINE)
_FIRST_SCRIPT, _END_OF_HEAD = b"<script", b"</head>"


@cache
def static_path() -> str:
    """Return where the page's style sheets and modules lie."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(STATIC.rglob("*.*"))))
    return f"atelier/static-{digest.hexdigest()[:12]}"


def modules(entry: str = ENTRY) -> list[str]:
    """Return a module and those that it needs to be loaded, each once."""
    found = [entry]
    for name in found:
        file = STATIC / name
        for needed in _IMPORT.findall(file.read_text(encoding="utf-8")):
            path = (file.parent / needed).resolve().relative_to(STATIC.resolve()).as_posix()
            if path not in found:
                found.append(path)
    return found


def assets(model: Model) -> tuple[list[BaseRoute], Middleware]:
    """Return the routes of the files, and what puts their addresses into the page's head."""
    files = {
        language: json.dumps(known, ensure_ascii=False).encode()
        for language, known in labels.for_page(model).items()
    }
    path = f"atelier/texts-{hashlib.sha256(b''.join(files.values())).hexdigest()[:12]}"

    async def file(request: Request) -> Response:
        content = files.get(request.path_params["language"])
        if content is None:
            return Response(status_code=404)
        return Response(content, media_type="application/json", headers=_FOREVER)

    routes = [
        Route(f"/{path}/{{language}}.json", file),
        Mount(f"/{static_path()}", _KeptFiles(directory=STATIC)),
    ]
    return routes, Middleware(PageHead, first=_first(path).encode(), last=_style_sheets().encode())


class _KeptFiles(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_FOREVER)
        return response


class PageHead:
    """Puts elements into the page's head. Gradio's own `head` is read when it has started, which is too late.

    Args:
        app: what answers with the page.
        first: goes before all scripts.
        last: goes to the end.
    """

    def __init__(self, app: ASGIApp, first: bytes, last: bytes) -> None:
        self._app = app
        self._first = first
        self._last = last

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
                filled = body.replace(_FIRST_SCRIPT, self._first + _FIRST_SCRIPT, 1)
                message["body"] = filled.replace(_END_OF_HEAD, self._last + _END_OF_HEAD, 1)
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


def _first(texts_path: str) -> str:
    """Return what chooses the language, and asks for the modules before the first of them asks for the next."""
    boot = (STATIC / "boot.js").read_text(encoding="utf-8")
    script = f'<script data-texts="{texts_path}" data-languages="{" ".join(texts.locales())}">{boot}</script>'
    return "".join([script, *(f'<link rel="modulepreload" href="{static_path()}/{each}">' for each in modules())])


def _style_sheets() -> str:
    return "".join(f'<link rel="stylesheet" href="{static_path()}/{each}">' for each in STYLE_SHEETS)
