"""The page's first HTML: Gradio's, with what this page puts in, in an order that is painted at once."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import lru_cache

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seedream import texts
from seedream.ui.account import Account, account_of

_BODY = re.compile(r"(</head>\s*<body[^>]*>)")
_SHEET = re.compile(r'<link rel="stylesheet"[^>]*>')
# Gradio's own, where somebody has yet to log in.
_LOGIN = re.compile(r'"auth_required":\s*true')


class FirstHtml:
    """Puts the page's own elements into Gradio's HTML, and has a browser paint the shell before it loads the rest.

    Gradio's own `head` is read when it has started, which is too late; and what a page's head asks for is waited
    for before anything is painted. So Gradio's scripts follow the shell, and the sheets keep nobody waiting.

    Args:
        app: what answers with the page.
        first: goes before all scripts.
        sheet: a style sheet, which goes after Gradio's own.
        shell: makes the shell of a language, for who has signed in, which opens the page's body.
        last: goes after Gradio's scripts.
    """

    def __init__(
        self, app: ASGIApp, *, first: str, sheet: str, shell: Callable[[str, Account | None], str], last: str
    ) -> None:
        self._app = app
        self._first, self._sheet, self._shell, self._last = first, sheet, shell, last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begin: list[Message] = []

        async def put_in(message: Message) -> None:
            if message["type"] == "http.response.start":
                begin.append(message)
                return
            if begin:
                headers = MutableHeaders(raw=begin[0]["headers"])
                # The page becomes longer than it says.
                del headers["content-length"]
                headers.add_vary_header("Accept-Language, Accept-Encoding")
                if "session" in scope:
                    # It may name who has signed in.
                    headers.add_vary_header("Cookie")
                    headers["Cache-Control"] = "private, no-cache"
                # Gradio sends the page in one piece.
                if b"</head>" in message.get("body", b""):
                    message["body"] = self._answer(message["body"], Request(scope), headers)
                await send(begin.pop())
            await send(message)

        is_page = scope["type"] == "http" and path_below_root(scope) == "/"
        await self._app(scope, receive, put_in if is_page else send)

    def _answer(self, page: bytes, request: Request, headers: MutableHeaders) -> bytes:
        account = account_of(request)
        whole = self._whole(page.decode(), self._shell(_language(request), account)).encode()
        # Gradio does so with what has a file's name alone.
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return whole
        headers["Content-Encoding"] = "gzip"
        return gzip.compress(whole) if account else _compressed(whole)

    def _whole(self, page: str, shell: str) -> str:
        head, body_begins, body = _BODY.split(page, maxsplit=1)
        before, scripts = head.split("<script", 1)
        sheets = [later(each) for each in _SHEET.findall(scripts)]
        # Who has yet to log in is shown no form.
        shell = "" if _LOGIN.search(scripts) else shell
        scripts = _SHEET.sub("", scripts)
        return "".join(
            (before, self._first, *sheets, self._sheet, body_begins, shell, "<script", scripts, self._last, body)
        )


@lru_cache(maxsize=16)
def _compressed(page: bytes) -> bytes:
    # Everybody of one language is given the same page, but for who has signed in.
    return gzip.compress(page)


def later(sheet: str) -> str:
    """Return a style sheet's link such that nothing waits for it; once it is there, `boot.js` has it count."""
    return sheet.replace("<link ", '<link media="print" fetchpriority="high" ', 1)


def path_below_root(scope: Scope) -> str:
    """Return a request's path below the page's root, which a proxy may leave in or take off."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "").rstrip("/"))


def _language(request: Request) -> str:
    """Return the page's language as far as the server knows it; `boot.js` goes by the same, and by more."""
    asked = request.query_params.get("lang", "")
    return asked if asked in texts.locales() else texts.best_language(request.headers.get("accept-language"))
