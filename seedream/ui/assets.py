"""The page's own files: style sheets, modules and texts, and what the page's head asks for before Gradio starts.

Each file's address names its content, so that a browser may keep it for good and never has a stale one.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
from collections.abc import Awaitable, Callable
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

from seedream.schema import Model
from seedream.ui import labels

STATIC = Path(__file__).with_name("static")
ENTRY = "main.js"
# In the order of the cascade.
STYLE_SHEETS = (
    "palette.css",
    "base.css",
    "gradio/layout.css",
    "gradio/controls.css",
    "lib/buttons.css",
    "lib/language-switch.css",
    "lib/menu.css",
    "form/form.css",
    "form/references.css",
    "form/sizes.css",
    "gallery/gallery.css",
    "gallery/shared-result.css",
    "gallery/view.css",
    "job/card.css",
    "history/history.css",
    "import/file-drop.css",
    "developer/developer.css",
)
# Where Windows is told otherwise by some other program, a browser would run none of them.
mimetypes.add_type("text/javascript", ".js")
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
# What a module needs to be loaded. What it may need later stands in an `import(…)`.
_IMPORT = re.compile(r'^import\b[^"]*"(\.[^"]+)";', re.MULTILINE)


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
    static, known = static_path(), labels.for_page(model)
    files = {language: json.dumps(known[language], ensure_ascii=False) for language in known}
    path = f"atelier/texts-{hashlib.sha256(''.join(files.values()).encode()).hexdigest()[:12]}"
    # In one piece: the page is not painted before it is there.
    style = "".join((STATIC / each).read_text(encoding="utf-8") for each in STYLE_SHEETS)
    routes = [
        *(Route(f"/{path}/{each}.json", _kept(text, "application/json")) for each, text in files.items()),
        Route(f"/{static}/page.css", _kept(style, "text/css")),
        Mount(f"/{static}", _KeptFiles(directory=STATIC)),
    ]
    boot = (STATIC / "boot.js").read_text(encoding="utf-8")
    script = f'<script data-texts="{path}" data-languages="{" ".join(files)}">{boot}</script>'
    # Or the browser would hear of a module only when the one that needs it has come.
    modules_at_once = "".join(f'<link rel="modulepreload" href="{static}/{each}">' for each in modules())
    sheet = f'<link rel="stylesheet" href="{static}/page.css">'
    return routes, Middleware(PageHead, first=script, last=sheet + modules_at_once)


def _kept(content: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        # Made each time: what compresses it writes its own length into the answer's headers.
        return Response(content, media_type=media_type, headers=_FOREVER)

    return answer


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

    def __init__(self, app: ASGIApp, first: str, last: str) -> None:
        self._app = app
        self._places = ((b"<script", first.encode()), (b"</head>", last.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def put_in(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The page becomes longer than it says.
                del MutableHeaders(raw=message["headers"])["content-length"]
            # Gradio sends the page in one piece.
            for place, elements in self._places:
                if place in message.get("body", b""):
                    message["body"] = message["body"].replace(place, elements + place, 1)
            await send(message)

        is_page = scope["type"] == "http" and path_below_root(scope) == "/"
        await self._app(scope, receive, put_in if is_page else send)


def path_below_root(scope: Scope) -> str:
    """Return a request's path below the page's root, which a proxy may leave in or take off."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "").rstrip("/"))
