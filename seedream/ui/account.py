"""The account of the Hugging Face Hub that a visitor has signed in with, as the page's signed cookie tells it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

import gradio as gr

# Gradio's own name, in the session that Starlette keeps in the cookie.
OAUTH_INFO = "oauth_info"


class HasScope(Protocol):
    """What is needed of a request."""

    @property
    def scope(self) -> MutableMapping[str, Any]: ...


@dataclass(frozen=True)
class Account:
    """`id` stays when its owner takes another `name`, by which the Hub's pages call it."""

    id: str
    name: str


def account_of(request: HasScope | gr.Request) -> Account | None:
    """Return the account that sent this request; None: nobody has signed in, or no longer, or nobody can.

    The session is there only behind Starlette's middleware, which takes no cookie but one that it has signed.
    """
    behind = request.request if isinstance(request, gr.Request) else request
    # Of a call that is no HTTP request, Gradio has none.
    scope: Mapping[str, Any] = behind.scope if behind else {}
    info = scope.get("session", {}).get(OAUTH_INFO)
    if info is None or info.get("expires_at", math.inf) < time.time():
        return None
    user = info["userinfo"]
    return Account(user["sub"], user["preferred_username"])


def name_of(request: HasScope | gr.Request) -> str | None:
    """Return the account's name; None as `account_of`."""
    account = account_of(request)
    return account.name if account else None
