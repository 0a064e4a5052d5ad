"""What this page relies on in Gradio's own behaviour. Where a new version fails here, look at what is named."""

from __future__ import annotations

import asyncio
import gc
import json
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from weakref import ref

import gradio as gr
import httpx
import pytest
from gradio import processing_utils
from gradio.context import LocalContext
from gradio.events import api
from gradio.mcp import GradioMCPServer
from gradio.routes import App
from gradio_client import Client
from mcp import types
from mcp.server.transport_security import DEFAULT_MAX_REQUEST_BODY_SIZE
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seedream.settings import Settings
from seedream.ui.gradio_calls import _JOINED
from seedream.ui.gradio_sessions import GONE_SECONDS
from seedream.ui.page import page
from seedream.ui.services import make_services
from seedream.ui.waiting_calls import soon_without_frames
from tests.controlled_api import wait_until
from tests.servers import free_port
from tests.ui.gate_walk import LIST

pytestmark = pytest.mark.thorough

API = "/gradio_api"
FOREIGN = "http://93.184.216.34/x.png"
FILE = {"path": FOREIGN, "meta": {"_type": "gradio.FileData"}}
LOGIN = {"username": "ada", "password": "lovelace"}


def double(order: dict[str, Any]) -> dict[str, Any]:
    """A function of the component's."""
    return {"doubled": [order, order]}


async def told(words: str) -> str:
    """Tell what it was told.

    Args:
        words: any.
    """
    if words == "refuse":
        raise gr.Error("refused", print_exception=False)
    if words == "fail":
        raise ValueError(words)
    return words


def blocks(handler: Callable[..., Any] = told) -> gr.Blocks:
    made: gr.Blocks
    with gr.Blocks(analytics_enabled=False) as made:
        text = gr.Textbox()
        gr.HTML(server_functions=[double])
        text.change(None, text, text, js="text => text", api_visibility="private")
        api(handler, api_name=handler.__name__)
    return made


class Watch:
    """Keeps what is sent to and fro on one path, piece by piece."""

    def __init__(self, app: ASGIApp, path: str, received: list[bytes], sent: list[bytes]) -> None:
        self._app = app
        self._path = path
        self._received = received
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def hear() -> Message:
            message = await receive()
            self._received.append(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            self._sent.append(message.get("body", b""))
            await send(message)

        watched = scope["type"] == "http" and scope["path"] == self._path
        await self._app(scope, hear if watched else receive, say if watched else send)


@contextmanager
def served(*, auth: bool = False, **kwargs: Any) -> Iterator[TestClient]:
    made: Any = blocks()
    made.auth, made.auth_message = [("ada", "lovelace")] if auth else None, None
    with TestClient(App.create_app(made, app_kwargs=kwargs), base_url="https://app") as client:
        made.is_running = True
        yield client


@contextmanager
def launched(watch: Middleware, handler: Callable[..., Any] = told) -> Iterator[str]:
    """Serve it whole, as `app.py` does, and yield its address."""
    made = blocks(handler)
    kwargs = {"middleware": [watch]}
    _, url, _ = made.launch(prevent_thread_lock=True, quiet=True, server_port=free_port(), app_kwargs=kwargs)
    try:
        yield url.rstrip("/")
    finally:
        made.close(verbose=False)


def app_of(client: TestClient) -> App:
    assert isinstance(client.app, App)
    return client.app


# --- where the gate stands


def test_what_is_put_in_front_before_the_first_request_meets_every_request() -> None:
    """`gate.close`, called in `page._lifespan`, puts the gate in the place of `middleware_stack`."""
    behind: list[object] = []

    async def instead(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("the gate")(scope, receive, send)

    @asynccontextmanager
    async def during(app: App) -> AsyncIterator[None]:
        behind.append(app.middleware_stack)
        app.middleware_stack = instead
        yield

    with served(lifespan=during) as client:
        assert client.get("/config").text == "the gate"
    assert behind[0] is not None


def test_own_routes_come_before_gradios() -> None:
    """`routes.routes`: the page's own `POST /logout` stands beside Gradio's `GET`."""

    async def mine(request: Request) -> Response:
        return PlainTextResponse(str(request.app.get_blocks() is not None))

    with served(routes=[Route("/logout", mine, methods=["POST"])]) as client:
        assert client.post("/logout").text == "True"


def test_the_page_comes_in_one_piece() -> None:
    """`first_html.FirstHtml` looks for the first script and the head's end in each piece."""
    pieces: list[bytes] = []
    with launched(Middleware(Watch, "/", [], pieces)) as url:
        assert httpx.get(url).status_code == 200
    # Gradio itself has asked for the page when it started, perhaps until now.
    whole = max(pieces, key=len)
    for each in filter(None, pieces):
        assert each.startswith(whole[:15])
        assert each.rstrip().endswith(b"</html>")
    assert whole.index(b"<script") < whole.index(b"gradio_config") < whole.index(b"</body>")
    assert whole.index(b"<head") < whole.index(b"<script") < whole.index(b"</head>")
    # And takes the style sheets between them.
    assert whole.index(b"<script") < whole.index(b'<link rel="stylesheet"') < whole.index(b"</head>")


# --- what calls hold


def test_events_are_known_by_number_and_by_name() -> None:
    """`gradio_calls.GradioCalls` finds an endpoint by `fn_index` as by its name, and lets no others be called."""
    made = blocks()
    names = {index: function.api_name for index, function in made.fns.items()}
    assert "told" in names.values()
    told_by = {each["id"]: each["api_name"] for each in made.get_config_file()["dependencies"]}
    assert told_by == names


def test_nobody_is_to_open_a_heartbeat() -> None:
    assert page(make_services(Settings())).get_config_file()["connect_heartbeat"] is False


def test_a_component_knows_its_functions_and_gives_them_the_data() -> None:
    """`gradio_calls.GradioCalls.function` reads `server_fns`; `gallery._server_functions` are called so."""
    with served() as client:
        (known,) = (
            (index, each) for index, each in app_of(client).get_blocks().blocks.items() if _functions(each)
        )
        assert _functions(known[1]) == {"double"}
        body = {"component_id": known[0], "fn_name": "double", "session_hash": "x", "data": {"a": 1}}
        answer = client.post(f"{API}/component_server", json=body)
        assert answer.json() == {"doubled": [{"a": 1}, {"a": 1}]}
        assert client.post(f"{API}/component_server", json={**body, "fn_name": "get_config"}).status_code == 404


def _functions(block: Any) -> set[str]:
    return {each.__name__ for each in getattr(block, "server_fns", ())}


def test_gradio_downloads_what_a_value_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """`gradio_calls._plain` lets no value through that is more than text or a number: that is why."""
    asked: list[str] = []

    async def download(url: str, cache_dir: str) -> str:
        asked.append(url)
        raise ConnectionError

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_download", download)
    with served() as client:
        client.post(f"{API}/run/told", json={"data": [FILE]})
    assert asked == [FOREIGN]


def test_gradio_serves_any_address_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """`gradio_calls.GradioCalls.file` lets through the picture cache's folder alone: that is why."""
    asked: list[str] = []

    async def send(_: httpx.AsyncClient, request: httpx.Request, **__: Any) -> httpx.Response:
        asked.append(str(request.url))
        raise httpx.ConnectError("nobody there")

    monkeypatch.setattr(httpx.AsyncClient, "send", send)
    with served() as client:
        assert client.get(f"{API}/file={FOREIGN}").status_code == 502
    assert asked == [FOREIGN]


def test_a_refusal_has_its_sentence_and_a_fault_none() -> None:
    """`gate._Answer` lets the one through, and says the other in words."""
    with launched(Middleware(Watch, "/", [], [])) as url:
        refused, failed = (
            httpx.post(f"{url}{API}/run/told", json={"data": [each]}) for each in ("refuse", "fail")
        )
    assert (refused.status_code, failed.status_code) == (500, 500)
    assert refused.json()["error"] == "refused"
    assert failed.content == b'{"error":null}'


# --- the login


def test_a_login_is_two_cookies_that_gradio_knows() -> None:
    """`login.let_in` and `log_out` read `auth`, `tokens` and `cookie_id`; the page's form sends multipart."""
    with served() as client:
        assert app_of(client).auth is None
    with served(auth=True) as client:
        app = app_of(client)
        assert client.get("/config").status_code == 401
        names = {f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}"}
        for form in ({"data": LOGIN}, {"files": {name: (None, value) for name, value in LOGIN.items()}}):
            client.cookies.clear()
            assert client.post("/login", **form).json() == {"success": True}
            assert set(client.cookies) == names
            assert {app.tokens[client.cookies[each]] for each in names} == {"ada"}
        assert len(app.tokens) == 2
        assert client.get("/config").status_code == 200


def test_gradios_own_way_out_is_a_link_for_all() -> None:
    """`login.log_out` takes its place: that is why."""
    with served(auth=True) as client:
        for _ in range(2):
            client.cookies.clear()
            client.post("/login", data=LOGIN)
        assert client.get("/logout", follow_redirects=False).status_code == 302
        assert app_of(client).tokens == {}


# --- calls that wait


def test_a_handler_knows_its_call_and_who_waits_for_it() -> None:
    """`waiting_calls.listening` asks the queue for the event; `gradio_calls._JOINED` is what a script sends."""
    known: list[bool] = []
    joined: list[bytes] = []

    async def look(words, request):  # type: ignore[no-untyped-def]
        found: Any = LocalContext.blocks.get()
        queue = found._queue
        event, session = LocalContext.event_id.get(), request.session_hash
        known.append(event in queue.pending_event_ids_session[session])
        known.append(session in queue.pending_messages_per_session)
        return words

    look.__annotations__ = {"words": str, "request": gr.Request, "return": str}
    with launched(Middleware(Watch, f"{API}/queue/join", joined, []), look) as url:
        assert Client(url, verbose=False).predict("x", api_name="/look") == "x"
    assert known == [True, True]
    assert set(json.loads(b"".join(joined))) == {"data", "fn_index", "session_hash"} <= _JOINED


@pytest.mark.parametrize("helped", [False, True])
def test_an_error_that_was_told_is_kept_by_its_own_frames_unless_it_forgets_them(*, helped: bool) -> None:
    """`waiting_calls.soon_without_frames`."""
    known: list[ref[gr.Error]] = []

    async def refuse(words: str) -> str:
        """Refuse.

        Args:
            words: any.
        """
        error = gr.Error(words, print_exception=False)
        known.append(ref(error))
        raise soon_without_frames(error) if helped else error

    with launched(Middleware(Watch, "/", [], []), refuse) as url:
        gc.disable()
        try:
            event = httpx.post(f"{url}{API}/call/refuse", json={"data": ["x"]}).json()["event_id"]
            assert "error" in httpx.get(f"{url}{API}/call/refuse/{event}").text
            if helped:
                wait_until(lambda: known[0]() is None)
            else:
                assert known[0]() is not None
        finally:
            gc.enable()


def test_whoever_listens_is_asked_for_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """`gradio_sessions.GONE_SECONDS` is longer than Gradio's stream to a caller waits for a message."""
    waited: list[float] = []
    usual = asyncio.wait_for

    async def wait_for(waiting: Any, timeout: float | None) -> Any:
        if "Queue.get" in getattr(waiting, "__qualname__", ""):
            waited.append(timeout or math.inf)
        return await usual(waiting, timeout)

    monkeypatch.setattr(asyncio, "wait_for", wait_for)
    with launched(Middleware(Watch, "/", [], [])) as url:
        event = httpx.post(f"{url}{API}/call/told", json={"data": ["x"]}).json()["event_id"]
        assert "complete" in httpx.get(f"{url}{API}/call/told/{event}").text
    assert waited
    assert max(waited) < GONE_SECONDS


def test_an_agents_tools_are_answered_by_handlers_that_are_known() -> None:
    """`mcp_tools.serve_tools` keeps two of these, takes the place of a third, and drops all others."""
    server = GradioMCPServer(blocks())
    assert set(server.mcp_server.request_handlers) == {
        types.CallToolRequest,
        types.GetPromptRequest,
        types.ListPromptsRequest,
        types.ListResourcesRequest,
        types.ListResourceTemplatesRequest,
        types.ListToolsRequest,
        types.PingRequest,
        types.ReadResourceRequest,
    }
    assert dict(server.tool_to_endpoint) == {"told": "/told"}


def test_gradio_tells_its_makers_of_each_start_unless_it_is_told_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """`page.page` says so, whatever the environment says."""
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "True")
    assert gr.Blocks(analytics_enabled=False).analytics_enabled is False
    assert page(make_services(Settings())).analytics_enabled is False


def test_a_call_that_waits_can_let_go_of_what_it_was_given() -> None:
    """`waiting_calls.let_go` empties the lists that the queue has of it, and finds the body at the request."""
    known: list[bool] = []

    async def look(words, request):  # type: ignore[no-untyped-def]
        found: Any = LocalContext.blocks.get()
        event = found._queue.event_ids_to_events[str(LocalContext.event_id.get())]
        known.append(event.data.data == [words])
        known.append({"_body", "_json"} <= set(vars(request.request)))
        return words

    look.__annotations__ = {"words": str, "request": gr.Request, "return": str}
    with launched(Middleware(Watch, "/", [], []), look) as url:
        assert Client(url, verbose=False).predict("x", api_name="/look") == "x"
    assert known == [True, True]


def test_an_agents_body_is_no_longer_than_the_protocols_library_takes() -> None:
    """`gate_routes._AGENT` is its bound, which it would tell in words of its own."""
    assert {route.most_bytes for route in LIST if "/mcp" in route.path and "POST" in route.methods} == {
        DEFAULT_MAX_REQUEST_BODY_SIZE
    }
