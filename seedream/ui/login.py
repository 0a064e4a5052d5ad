"""The login that a page may ask for: who is let in by it, and how it ends. Who has one is kept by Gradio."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

if TYPE_CHECKING:
    from gradio.routes import App


def let_in(request: Request, app: App) -> bool:
    """Tell whether the visitor has logged in, where the page asks for that, as Gradio's own routes do.

    Args:
        request: the visitor's.
        app: Gradio's.
    """
    return app.auth is None or any(request.cookies.get(name) in app.tokens for name in _cookies(app))


async def log_out(request: Request) -> Response:
    """End this browser's login, and show the page that asks for one.

    Gradio's own way out can be taken by a link, and ends the logins of all who share a name.
    """
    app: App = request.app
    # By its address below the page's root, whatever that is.
    answer = RedirectResponse("./", HTTPStatus.SEE_OTHER)
    for name in _cookies(app):
        app.tokens.pop(request.cookies.get(name), None)
        answer.delete_cookie(name)
    return answer


def _cookies(app: App) -> tuple[str, str]:
    """Return the names of the cookies that hold a login: the first over TLS alone."""
    return f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}"
