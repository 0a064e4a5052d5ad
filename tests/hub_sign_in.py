"""A stand-in of the Hugging Face Hub's OpenID endpoints: who signs in there, and what it tells a Space of them."""

from __future__ import annotations

import secrets
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from seedream.offline import serve
from tests.controlled_api import ControlledApi
from tests.servers import ROOT

CLIENT_ID, CLIENT_SECRET = "client-71c2", "marker-client-secret-5e0b"
CANCEL = "cancel"
SESSION_SECONDS = 8 * 3600
# Their IDs at the Hub.
PEOPLE = {"ada": "66a1f0", "grace-h": "66b2e9"}
_KEY: RSAKey = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"})


@dataclass
class HubSignIn:
    """The Hub, as far as somebody signs in there.

    Attributes:
        tokens: the access tokens that it gave out; none of them may be seen anywhere.
        refusing: it takes nobody's word any more for who is at the page.
        codes: of those who said yes, and what they were asked.
    """

    url: str = ""
    refusing: bool = False
    tokens: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/oauth/authorize", self._ask),
                Route("/oauth/authorize", self._answer, methods=["POST"]),
                Route("/oauth/token", self._token, methods=["POST"]),
                Route("/oauth/jwks", self._keys),
            ]
        )

    def environment(self, api: ControlledApi, **variables: str) -> dict[str, str]:
        """Return the variables of a Space in front of this API, whose head says `hf_oauth: true`."""
        given = {
            "SYSTEM": "spaces",
            "SPACE_ID": "ada/atelier",
            "OAUTH_CLIENT_ID": CLIENT_ID,
            "OAUTH_CLIENT_SECRET": CLIENT_SECRET,
            "OAUTH_SCOPES": "openid profile",
            "OPENID_PROVIDER_URL": self.url,
            # Gradio reads those when it is imported: no process that has it already can become this app.
            "PYTHONPATH": str(ROOT),
        }
        return api.environment(**{**given, **variables})

    async def _configuration(self, _: Request) -> Response:
        places = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
        }
        return JSONResponse(
            {
                "issuer": self.url,
                **{name: f"{self.url}/oauth/{place}" for name, place in places.items()},
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _ask(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if asked["client_id"] != CLIENT_ID or asked["scope"] != "openid profile":
            return HTMLResponse("No such app", 400)
        buttons = "".join(f'<button name="who" value="{each}">{each}</button>' for each in (*PEOPLE, CANCEL))
        kept = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in asked.items())
        return HTMLResponse(f"<!doctype html><title>The Hub</title><form method=post>{kept}{buttons}</form>")

    async def _answer(self, request: Request) -> Response:
        given = {name: str(value) for name, value in (await request.form()).items()}
        back = {"state": given["state"]}
        if given["who"] == CANCEL:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_hex(8)
            self.codes[back["code"]] = given
        return RedirectResponse(f"{given['redirect_uri']}&{urlencode(back)}", 303)

    async def _token(self, request: Request) -> Response:
        given = {name: str(value) for name, value in (await request.form()).items()}
        own = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        known = self.codes.pop(given["code"], None)
        if self.refusing or known is None or request.headers["authorization"] != f"Basic {own}":
            return JSONResponse({"error": "invalid_grant"}, 400)
        if known["redirect_uri"] != given["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.tokens.append(f"hf_oauth_marker_{secrets.token_hex(12)}")
        return JSONResponse(
            {
                "access_token": self.tokens[-1],
                "token_type": "bearer",
                "expires_in": SESSION_SECONDS,
                "scope": "openid profile",
                "id_token": jwt.encode({"alg": "RS256", "kid": "one"}, self._claims(known), _KEY),
            }
        )

    def _claims(self, known: dict[str, str]) -> dict[str, Any]:
        name, now = known["who"], int(time.time())
        return {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": PEOPLE[name],
            "nonce": known["nonce"],
            "iat": now,
            "exp": now + SESSION_SECONDS,
            "name": name.title(),
            "preferred_username": name,
            "profile": f"{self.url}/{name}",
            "picture": f"{self.url}/avatars/{name}.png",
        }

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [_KEY.as_dict(private=False)]})


@contextmanager
def hub_sign_in() -> Iterator[HubSignIn]:
    hub = HubSignIn()
    with serve(hub.app()) as service:
        hub.url = service.url
        yield hub
