"""The app in its network, with the Model API and a host of files, both of which say what a test has them say."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedream.runcomfy.responses import Output
from seedream.ui.signed_urls import SignedUrls
from tests.controlled_api import ControlledApi, controlled_api
from tests.hosting import certificate, serve_tls
from tests.servers import ROOT, App, AppProcess, Receive, Scope, Send, start_app

FILE_HOST, FILE_HOST_ADDRESS = "files.runcomfy.net", "127.0.0.2"
TRUSTED_FILE = f"https://{FILE_HOST}/files/picture.png"
API = "/gradio_api"
SECONDS = 60.0
_SECRET = "of-this-trial-alone"
_UNGUARDED = Path(__file__).with_name("unguarded_app.py")


@dataclass(frozen=True)
class Foreign:
    """An address that is one way's alone, by number and by name: what goes there has come by that way."""

    number: int

    @property
    def address(self) -> str:
        return f"93.184.{self.number // 256}.{self.number % 256}"

    @property
    def name(self) -> str:
        return f"way-{self.number}.example.com"

    @property
    def url(self) -> str:
        return f"http://{self.address}/picture.png"

    @property
    def named_url(self) -> str:
        return f"https://{self.name}/picture.png"


@dataclass
class Naming:
    """Stands before the usual API: names files, or answers in its place.

    Attributes:
        usual: the API.
        files: what lies on its own origin, below `/files`.
        output: of every job, which then is completed.
        instead: the answer to the next call of this name; jobs that it says nothing of have failed.
    """

    usual: App
    files: App
    output: object = None
    instead: dict[str, Response] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        call = path.rpartition("/")[2]
        if "/models/" in path:
            call = "submission" if scope["method"] == "POST" else "catalogue"
        answer: Any = self.files if path.startswith("/files/") else self.instead.pop(call, None)
        if answer is None and call in ("status", "result"):
            ended = {"status": "completed", "output": self.output} if self.output else {"status": "failed"}
            answer = JSONResponse(ended)
        await (answer or self.usual)(scope, receive, send)


@dataclass
class Scene:
    """What a way needs.

    Attributes:
        app: the page's server.
        api: the Model API that it asks.
        naming: what that says.
        asked: paths that the hosts of files were asked for.
    """

    app: AppProcess
    api: ControlledApi
    naming: Naming
    asked: list[str]
    _gallery: int | None = None
    _signed_urls: SignedUrls = field(default_factory=lambda: SignedUrls(_SECRET.encode()))

    def ask(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        whole: bool = True,
    ) -> str:
        """Send a request, its target as it stands, and return the status and what is answered.

        Args:
            method: the request's.
            target: of the request's first line.
            body: the request's.
            headers: the request's.
            whole: wait for the answer's end; else for its beginning.
        """
        address = urlsplit(self.app.url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=SECONDS)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            said = answer.read() if whole else answer.read1(4096)
            return f"{answer.status} {said.decode(errors='replace')}"
        finally:
            connection.close()

    def post(self, path: str, value: object, headers: Mapping[str, str] | None = None) -> str:
        named = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        return self.ask("POST", path, json.dumps(value).encode(), {**named, **(headers or {})})

    def heard(self, endpoint: str, *values: object) -> str:
        """Call an endpoint by plain HTTP, and return all that it comes to say."""
        event = json.loads(self.post(f"{API}/call/{endpoint}", {"data": values})[4:])["event_id"]
        return self.ask("GET", f"{API}/call/{endpoint}/{event}")

    def function(self, name: str, order: object) -> str:
        """Call one of the gallery's functions."""
        if self._gallery is None:
            components = json.loads(self.ask("GET", "/config")[4:])["components"]
            self._gallery = next(int(each["id"]) for each in components if each["props"].get("server_fns"))
        body = {"component_id": self._gallery, "fn_name": name, "session_hash": "x", "data": order}
        return self.post(f"{API}/component_server", body)

    def ticket(self) -> str:
        """Return what a press of the page needs."""
        told: dict[str, str] = json.loads(self.post("/atelier/ticket", {})[4:])
        return told["ticket"]

    def fetched(self) -> bool:
        """Tell whether a file of a trusted host can be had."""
        return self.ask("GET", f"/atelier/original/{self.signed(TRUSTED_FILE)}").startswith("200")

    def signed(self, url: str) -> str:
        """Return the signed name of a file, as the page makes it for whatever the API names."""
        return self._signed_urls.sign(Output(url, "image", "a-job"))


def led_on(origin: str, to: str, status: int = 302) -> str:
    """Return the address of a file, at this origin, that lies elsewhere."""
    return f"{origin}/files/on/{status}/{_text(to)}"


def written(origin: str, content: str, ending: str) -> str:
    """Return the address of a file, at this origin, with this text in it."""
    return f"{origin}/files/of/{_text(content)}/file.{ending}"


def _text(words: str) -> str:
    return base64.urlsafe_b64encode(words.encode()).decode()


def _file_host(asked: list[str]) -> Starlette:
    def told(request: Request) -> str:
        asked.append(request.url.path)
        return base64.urlsafe_b64decode(request.path_params.get("text", "")).decode()

    async def on(request: Request) -> Response:
        return Response(status_code=request.path_params["status"], headers={"Location": told(request)})

    async def of(request: Request) -> Response:
        return Response(told(request))

    async def picture(request: Request) -> Response:
        told(request)
        file = BytesIO()
        Image.new("RGB", (64, 48), (20, 90, 200)).save(file, "PNG")
        return Response(file.getvalue(), media_type="image/png")

    return Starlette(
        routes=[
            Route("/files/on/{status:int}/{text}", on),
            Route("/files/of/{text}/{name}", of),
            Route("/files/picture.png", picture),
        ]
    )


@contextmanager
def scenes(folder: Path, known: set[tuple[str, int]]) -> Iterator[tuple[Scene, Scene]]:
    """Start everything. Yield the app's scene and that of one without the gate; `known` gets their servers."""
    asked: list[str] = []
    files = _file_host(asked)
    tls = certificate(folder, FILE_HOST)
    with ExitStack() as stack:
        stack.enter_context(serve_tls(files, tls, FILE_HOST_ADDRESS, 443))
        api = stack.enter_context(controlled_api())
        stack.enter_context(api.hurrying())
        naming = Naming(api.interceptor.usual, files)
        stack.enter_context(api.interceptor.answered_by(naming))
        variables = api.environment(
            SEEDREAM_SECRET=_SECRET, REQUESTS_CA_BUNDLE=str(tls.file), GRADIO_ANALYTICS_ENABLED="True"
        )
        apps = [start_app(variables, program=program) for program in (ROOT / "app.py", _UNGUARDED)]
        for app in apps:
            stack.callback(app.kill)
        known.add((FILE_HOST_ADDRESS, 443))
        known |= {("127.0.0.1", int(str(urlsplit(each).port))) for each in (api.url, *(app.url for app in apps))}
        guarded, unguarded = (Scene(app, api, naming, asked) for app in apps)
        yield guarded, unguarded
