"""The page's own files: style sheets, modules and texts, and what the page's head asks for before Gradio starts.

Each file's address names its content, so that a browser may keep it for good and never has a stale one.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from seedream.schema import Model
from seedream.ui import labels
from seedream.ui.account import Account
from seedream.ui.bundle import ENTRY, STATIC, WALL, bundles, inline
from seedream.ui.first_html import FirstHtml, later

# What the first HTML is painted with stands in it. The others are fetched, in the order of the cascade; what every
# part builds on and the wall are once more among them, as what stands in the HTML goes before Gradio's own.
INLINE_SHEETS = ("palette.css", "base.css", "shell/shell.css", "shell/starts.css", "shell/wall.css")
STYLE_SHEETS = (
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
    "gallery/strip.css",
    "gallery/pair.css",
    "gallery/present.css",
    "job/card.css",
    "gallery/group.css",
    "shell/wall.css",
    "history/history.css",
    "history/selection.css",
    "import/file-drop.css",
    "developer/developer.css",
    "gradio/frame.css",
    "export/print.css",
)
# Where Windows is told otherwise by some other program, a browser would run none of them.
mimetypes.add_type("text/javascript", ".js")
# Python knows it since 3.13.
mimetypes.add_type("image/webp", ".webp")
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@cache
def static_path() -> str:
    """Return where the page's style sheets and modules lie."""
    files = [file.read_bytes() for file in sorted(STATIC.rglob("*.*"))]
    digest = hashlib.sha256(b"".join([*files, *map(str.encode, bundles().values())]))
    return f"atelier/static-{digest.hexdigest()[:12]}"


def module_path() -> str:
    """Return where the page's modules lie that are loaded at once."""
    return f"{static_path()}/{ENTRY}"


def assets(model: Model, shell: Callable[[str, Account | None], str]) -> tuple[list[BaseRoute], Middleware]:
    """Return the routes of the files, and what puts their addresses into the page, and a language's shell."""
    static, known = static_path(), labels.for_page(model)
    files = {language: json.dumps(known[language], ensure_ascii=False) for language in known}
    path = f"atelier/texts-{hashlib.sha256(''.join(files.values()).encode()).hexdigest()[:12]}"
    style, painted = _joined(STYLE_SHEETS), _joined(INLINE_SHEETS)
    routes = [
        *(Route(f"/{path}/{each}.json", _kept(text, "application/json")) for each, text in files.items()),
        Route(f"/{static}/page.css", _kept(style, "text/css")),
        *(Route(f"/{static}/{each}", _kept(text, "text/javascript")) for each, text in bundles().items()),
        Mount(f"/{static}", _KeptFiles(directory=STATIC)),
    ]
    boot = (STATIC / "boot.js").read_text(encoding="utf-8")
    script = f'<script data-texts="{path}" data-languages="{" ".join(files)}">{boot}</script>'
    # Or the browser would hear of it only when Gradio has drawn what needs it.
    modules = f'<link rel="modulepreload" href="{module_path()}">'
    sheet = later(f'<link rel="stylesheet" href="{static}/page.css">')
    first = f"<style>{painted}</style>{script}<script>{inline(WALL)}</script>"
    return routes, Middleware(FirstHtml, first=first, sheet=sheet, shell=shell, last=modules)


def _joined(sheets: Iterable[str]) -> str:
    return "".join((STATIC / each).read_text(encoding="utf-8") for each in sheets)


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
