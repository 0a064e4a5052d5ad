"""Signing in with Hugging Face, where the Space's owner has turned it on: Gradio's button and routes, made safe.

Gradio's routes keep all that the Hub answers in the browser's cookie, the Hub's token too, signed but in plain;
they fail without a word, and send a browser that takes no cookies round in a circle. What this page needs is a
name, and an ID to count by.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seedream.errors import SeedreamError
from seedream.ui.account import OAUTH_INFO
from seedream.ui.first_html import path_below_root

log = logging.getLogger(__name__)

LOGIN, CALLBACK, SIGN_OUT = "/login/huggingface", "/login/callback", "/atelier/sign-out"
# Of what the Hub says of a person.
_KEPT = ("sub", "preferred_username")
# Gradio tries once more where it finds no trace of the beginning: an old cookie may have stood in the way.
_FIRST_TRIES = ("0", "1")


def lacks_packages() -> bool:
    """Tell whether what Gradio's routes need is missing; the Hub installs it in each Space."""
    return not (find_spec("authlib") and find_spec("itsdangerous"))


def sign_in_button(words: Any) -> gr.LoginButton:
    """Return Gradio's button, to be made outside of the page, and rendered in it: Gradio opens its routes for it.

    Made inside, it would ask the server at each visit who is signed in, which the first HTML says, and its way out
    would be a link, which any page may lead to.
    """
    return gr.LoginButton(
        words,
        link=LOGIN.removeprefix("/"),
        icon=None,
        variant="secondary",
        size="sm",
        scale=0,
        min_width=0,
        elem_id="sign-in",
        elem_classes="quiet-button",
        render=False,
    )


class SignIn:
    """Stands around Gradio's routes, and within what keeps the session."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_below_root(scope) if scope["type"] == "http" else ""
        if path == LOGIN and Request(scope).query_params.get("_nb_redirects", "0") not in _FIRST_TRIES:
            raise SeedreamError("sign_in_no_cookies")
        if path == CALLBACK:
            await self._come_back(Request(scope), receive, send)
        else:
            await self._app(scope, receive, send)

    async def _come_back(self, request: Request, receive: Receive, send: Send) -> None:
        """Have Gradio ask the Hub who came back, and keep what counts of the answer.

        Raises:
            SeedreamError: `sign_in_failed`.
        """
        if request.query_params.get("error") == "access_denied":
            # Whoever thought better of it is back, and as before.
            await RedirectResponse("../", HTTPStatus.SEE_OTHER)(request.scope, receive, send)
            return

        async def keep_little(message: Message) -> None:
            session = request.scope["session"]
            if message["type"] == "http.response.start" and OAUTH_INFO in session:
                session[OAUTH_INFO] = _little(session[OAUTH_INFO])
            await send(message)

        try:
            await self._app(request.scope, receive, keep_little)
        # Whatever Gradio's route, its library or the Hub's answer raise: who comes back is told so.
        except Exception as fault:
            # Neither the code nor what the Hub answered: both may open an account.
            log.warning("Somebody could not be signed in at the Hub (%s)", type(fault).__name__)
            raise SeedreamError("sign_in_failed") from None


async def sign_out(request: Request) -> Response:
    """Forget who is signed in in this browser, and show the page."""
    request.scope["session"].pop(OAUTH_INFO, None)
    # By its address below the page's root, whatever that is.
    return RedirectResponse("../", HTTPStatus.SEE_OTHER)


def _little(info: dict[str, Any]) -> dict[str, Any]:
    until = {"expires_at": info["expires_at"]} if "expires_at" in info else {}
    return {"userinfo": {each: str(info["userinfo"][each]) for each in _KEPT}, **until}
