from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest
import requests
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from seedream.errors import SeedreamError
from seedream.offline import serve
from seedream.runcomfy import client
from seedream.runcomfy.client import ModelApi
from seedream.runcomfy.responses import Status
from seedream.settings import OFFICIAL_BASE_URL
from tests.servers import Call, Receive, Recorder, Scope, Send, free_port

MODEL = "bytedance/seedream-5/lite/text-to-image"
TOKEN = "marker-3f9c1d27-token"
T = TypeVar("T")
ORDER: dict[str, str | int] = {"prompt": "a quiet bay", "resolution": "2K"}
# Far more than anything here takes, far less than a bound that does not hold.
SOON = 15.0


class Scripted:
    """An API that gives these answers in turn, and the last of them from then on."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.queries: list[str] = []
        self.peers: list[object] = []
        self.recorder = Recorder(Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])]))
        self.service = serve(self.recorder)
        _running.append(self)

    async def answer(self, request: Request) -> Response:
        await request.body()
        self.queries.append(request.url.query)
        self.peers.append(request.client)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


# Starting and stopping a server takes longer than most of these tests.
_running: list[Scripted] = []
_idle: list[Scripted] = []


@pytest.fixture(scope="module", autouse=True)
def _stopped() -> Iterator[None]:
    yield
    for each in _running:
        each.service.stop()


@contextmanager
def scripted(*answers: Response) -> Iterator[tuple[ModelApi, list[Call]]]:
    api = _idle.pop() if _idle else Scripted()
    api.answers = list(answers)
    api.recorder.calls = []
    try:
        yield ModelApi(api.service.url, TOKEN, MODEL), api.recorder.calls
    finally:
        _idle.append(api)


@dataclass
class RawServer:
    """A server below HTTP: it reads a request, writes these bytes, and cuts the connection."""

    answers: list[bytes]
    requests: list[bytes] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.hold.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            request = b""
            while not _whole(request):
                request += connection.recv(65536)
            self.requests.append(request)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == HANG:
                self.hold.wait(60)
            else:
                connection.sendall(answer)


HANG = b"hang"
CUTS = {
    "no-answer": b"",
    "half-a-status-line": b"HTTP/1.1 2",
    "half-a-header": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half-a-body": b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"request_id": "abc"}',
    "half-a-chunk": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"request_id": "abc"}',
    "not-http": b"SSH-2.0-OpenSSH_9.6\r\n",
}


def _whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = next((line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0")
    return bool(end) and len(body) >= int(length)


@contextmanager
def raw(*answers: bytes) -> Iterator[tuple[ModelApi, RawServer]]:
    server = RawServer(list(answers))
    try:
        yield ModelApi(server.url, TOKEN, MODEL), server
    finally:
        server.close()


def now(work: Awaitable[T]) -> T:
    """Run one of the API's coroutines to its end."""

    async def awaited() -> T:
        return await work

    return asyncio.run(awaited())


def error_of(call: Callable[[], object]) -> SeedreamError:
    with pytest.raises(SeedreamError) as caught:
        call()
    return caught.value


def good(**more: object) -> JSONResponse:
    return JSONResponse({"request_id": "abc-1", **more})


def failing(status: int, **headers: str) -> JSONResponse:
    return JSONResponse({"error_message": "Out of order."}, status, headers)


CALLS: dict[str, Callable[[ModelApi], object]] = {
    "submit": lambda api: now(api.submit(ORDER)),
    "status": lambda api: now(api.status("abc-1")),
    "result": lambda api: now(api.result("abc-1")),
    "cancel": lambda api: now(api.cancel("abc-1")),
}
every_call = pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in CALLS.items()])


# --- a submission


def test_a_submission_is_the_request_as_json_to_the_models_path() -> None:
    with scripted(good()) as (api, calls):
        assert now(api.submit(ORDER)) == "abc-1"
    assert [(call.method, call.path, call.json) for call in calls] == [("POST", f"/v1/models/{MODEL}", ORDER)]
    assert calls[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(failing(500), "submission_unknown", id="500"),
        pytest.param(HTMLResponse("<h1>Bad gateway</h1>", 502), "submission_unknown", id="502-html"),
        pytest.param(failing(503, **{"Retry-After": "0"}), "submission_unknown", id="503-retry-after"),
        pytest.param(Response(status_code=504), "submission_unknown", id="504-empty"),
        pytest.param(JSONResponse({"error_code": 400002}, 500), "submission_unknown", id="500-with-a-known-code"),
        pytest.param(failing(408), "submission_unknown", id="408"),
        pytest.param(JSONResponse({"error_code": 500001}), "submission_unknown", id="200-with-500001"),
        pytest.param(HTMLResponse("<h1>Hello</h1>"), "submission_unknown", id="200-html"),
        pytest.param(Response(), "submission_unknown", id="200-empty"),
        pytest.param(
            Response(b"\xff\xfe\x00", media_type="application/json"), "submission_unknown", id="200-bytes"
        ),
        pytest.param(Response(status_code=204), "submission_unknown", id="204"),
        pytest.param(JSONResponse({"status": "in_queue"}), "submission_unknown", id="no-request-id"),
        pytest.param(JSONResponse(["abc-1"]), "submission_unknown", id="a-list"),
        pytest.param(JSONResponse({"request_id": None}), "submission_unknown", id="null-request-id"),
        pytest.param(JSONResponse({"request_id": 7}), "submission_unknown", id="numeric-request-id"),
        pytest.param(JSONResponse({"request_id": ""}), "submission_unknown", id="empty-request-id"),
        pytest.param(JSONResponse({"request_id": "../../x"}), "submission_unknown", id="request-id-with-slashes"),
        pytest.param(JSONResponse({"request_id": "a\nb"}), "submission_unknown", id="request-id-with-newline"),
        pytest.param(failing(400), "refused", id="400"),
        pytest.param(JSONResponse({"error_code": 400001}, 400), "identifier_refused", id="400001"),
        pytest.param(JSONResponse({"error_code": 400002}, 400), "no_credit", id="400002"),
        pytest.param(JSONResponse({"error_code": 400004}, 401), "token_refused", id="400004"),
        pytest.param(failing(401), "token_refused", id="401"),
        pytest.param(failing(402), "no_credit", id="402"),
        pytest.param(HTMLResponse("<h1>Forbidden</h1>", 403), "not_permitted", id="403-html"),
        pytest.param(failing(404), "not_found", id="404"),
        pytest.param(failing(422), "input_refused", id="422"),
        pytest.param(failing(429, **{"Retry-After": "0"}), "too_many_requests", id="429-retry-after"),
        pytest.param(JSONResponse({"error_code": 400002, "error_message": "No."}), "no_credit", id="200-refused"),
    ],
)
def test_a_submission_is_sent_once_whatever_is_answered(answer: Response, code: str) -> None:
    with scripted(answer, good()) as (api, calls):
        assert error_of(lambda: now(api.submit(ORDER))).code == code
        assert len(calls) == 1


@pytest.mark.parametrize("answer", CUTS.values(), ids=list(CUTS))
def test_a_submission_whose_answer_is_cut_is_unknown_and_not_sent_again(answer: bytes) -> None:
    with raw(answer) as (api, server):
        assert error_of(lambda: now(api.submit(ORDER))).code == "submission_unknown"
        assert len(server.requests) == 1


def test_a_submission_that_is_not_answered_in_time_is_unknown_and_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "SUBMIT_SECONDS", 0.3)
    with raw(HANG) as (api, server):
        assert error_of(lambda: now(api.submit(ORDER))).code == "submission_unknown"
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_submission_is_unknown_and_goes_nowhere_else(status: int) -> None:
    with scripted(good()) as (elsewhere, unseen):
        with scripted(RedirectResponse(f"{elsewhere.base_url}/v1/models/{MODEL}", status)) as (api, calls):
            assert error_of(lambda: now(api.submit(ORDER))).code == "submission_unknown"
            assert len(calls) == 1
        assert unseen == []


ODD_BODIES = {
    "charset-undefined": Response(b'{"request_id": "abc-1"}', media_type="application/json; charset=undefined"),
    "charset-unheard-of": Response(b'{"request_id": "abc-1"}', media_type="application/json; charset=klingon"),
    "nested-deeper-than-python": Response(b"[" * 100_000 + b"]" * 100_000, media_type="application/json"),
    "more-digits-than-python": Response(b'{"status": ' + b"9" * 5000 + b"}", media_type="application/json"),
    "five-megabytes": Response(b'{"status": "' + b"x" * 5_000_000 + b'"}', media_type="application/json"),
    "not-utf-8": Response(b'{"status": "\xff\xfe"}', media_type="application/json"),
}
odd_body = pytest.mark.parametrize("answer", ODD_BODIES.values(), ids=list(ODD_BODIES))


@odd_body
def test_a_submission_with_an_unreadable_answer_is_no_unforeseen_fault(answer: Response) -> None:
    with scripted(answer) as (api, calls):
        try:
            assert now(api.submit(ORDER)) == "abc-1"
        except SeedreamError as error:
            assert error.code == "submission_unknown"
        assert len(calls) == 1


@odd_body
def test_a_read_with_an_unreadable_answer_is_no_unforeseen_fault(answer: Response) -> None:
    with scripted(answer) as (api, _):
        try:
            assert now(api.status("abc-1")) == Status("in_progress")
        except SeedreamError as error:
            assert error.passing


@every_call
def test_a_refused_connection_is_unreachable(call: Callable[[ModelApi], object]) -> None:
    api = ModelApi(f"http://127.0.0.1:{free_port()}", TOKEN, MODEL)
    assert error_of(lambda: call(api)).code == "service_unreachable"


def test_what_the_service_says_comes_with_the_refusal() -> None:
    detail = [{"loc": ["body", "prompt"], "msg": "too long"}]
    with scripted(JSONResponse({"detail": detail}, 422)) as (api, _):
        assert error_of(lambda: now(api.submit(ORDER))).detail == "prompt: too long"


def test_a_submission_leaves_its_request_id_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "seedream"), scripted(good()) as (api, _):
        now(api.submit(ORDER))
    assert "submitted request_id=abc-1" in caplog.messages


# --- the token


@every_call
def test_the_token_goes_into_one_header_and_nowhere_else(
    call: Callable[[ModelApi], object], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), scripted(good(status="in_queue")) as (api, calls):
        call(api)
        assert [each.headers["authorization"] for each in calls] == [f"Bearer {TOKEN}"]
        for each in calls:
            rest = {name: value for name, value in each.headers.items() if name != "authorization"}
            assert TOKEN not in f"{each.path} {rest} {each.body!r}"
        assert TOKEN not in f"{api} {api!r} {vars(api.connections)}"
    assert caplog.records
    assert TOKEN not in caplog.text


@every_call
@pytest.mark.parametrize("status", [401, 302])
def test_the_token_is_in_no_error(
    call: Callable[[ModelApi], object], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), scripted(failing(status, Location="/elsewhere")) as (api, _):
        error = error_of(lambda: call(api))
    assert TOKEN not in f"{error} {error!r} {vars(error)}"
    assert TOKEN not in "".join(traceback.format_exception(error))
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("answer", [CUTS["no-answer"], CUTS["not-http"]])
def test_the_token_is_in_no_error_of_the_network(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), raw(answer) as (api, _):
        error = error_of(lambda: now(api.submit(ORDER)))
    assert TOKEN not in "".join(traceback.format_exception(error)) + caplog.text


ODD_TOKENS = [
    "",
    "a\nb",
    "a\r\nX-Other: b",
    "a b",
    " a",
    "a\n",
    "tökèn",
    "トークン",
    "\ud83c",
    "a\x00b",
    "x" * 5000,
]


@every_call
@pytest.mark.parametrize("token", ODD_TOKENS)
def test_a_token_that_no_header_can_carry_is_refused_before_anything_is_sent(
    call: Callable[[ModelApi], object], token: str
) -> None:
    with scripted(good()) as (api, calls):
        error = error_of(lambda: call(api.with_token(token)))
        assert error.code == "token_refused"
        assert len(token) < 3 or token not in str(error)
        assert calls == []


@pytest.mark.parametrize(
    ("answer", "balance"),
    [
        ({"balance_usd": 4.12, "currency": "USD"}, 4.12),
        ({"balance_usd": 0}, 0.0),
        ({"balance_usd": 4.12, "currency": "EUR"}, None),
        ({"balance_usd": "much"}, None),
        ({"error_code": 404001}, None),
    ],
)
def test_a_balance_is_what_the_service_says_or_unknown(answer: dict[str, Any], balance: float | None) -> None:
    with scripted(JSONResponse(answer)) as (api, calls):
        assert now(api.balance_usd()) == balance
        assert [(call.method, call.path) for call in calls] == [("GET", "/balance")]


def test_runcomfy_itself_tells_the_balance_at_another_address_of_its_own() -> None:
    asked: list[tuple[str | None, str | None]] = []

    class Nowhere(HTTPAdapter):
        def send(self, request: PreparedRequest, *_: Any, **__: Any) -> NoReturn:
            asked.append((request.url, request.headers["Authorization"]))
            raise requests.ConnectionError

    api = ModelApi(OFFICIAL_BASE_URL, TOKEN, MODEL)
    api.connections.reads.mount("https://", Nowhere())
    assert now(api.balance_usd()) is None
    assert asked == [("https://api.runcomfy.net/balance", f"Bearer {TOKEN}")]


def test_two_accounts_share_connections_and_no_token() -> None:
    with scripted(good(status="in_queue")) as (api, calls):
        other = api.with_token("another")
        assert other.connections is api.connections
        for each in (api, other, api):
            now(each.status("abc-1"))
    assert [call.headers["authorization"][7:] for call in calls] == [TOKEN, "another", TOKEN]


@every_call
def test_a_netrc_entry_for_the_host_is_not_used(
    call: Callable[[ModelApi], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with scripted(good(status="in_queue")) as (api, calls):
        call(api)
    assert calls[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_cookie_is_not_sent_back() -> None:
    answer = good(status="in_queue")
    answer.set_cookie("session", "of-another-account", path="/")
    with scripted(answer) as (api, calls):
        for call in (*CALLS.values(), *CALLS.values()):
            call(api)
    assert len(calls) == 8
    assert all("cookie" not in call.headers for call in calls)


@every_call
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(call: Callable[[ModelApi], object], status: int) -> None:
    with scripted(good()) as (elsewhere, unseen):
        with scripted(RedirectResponse(f"{elsewhere.base_url}/v1/x", status)) as (api, calls):
            assert error_of(lambda: call(api)).code in ("submission_unknown", "answer_unreadable")
            assert len(calls) == 1
        assert unseen == []


def test_later_urls_come_from_the_base_and_the_request_id() -> None:
    with scripted(good()) as (elsewhere, unseen):
        theirs = {f"{what}_url": f"{elsewhere.base_url}/{what}" for what in ("status", "result", "cancel")}
        with scripted(good(**theirs, status="in_queue")) as (api, calls):
            request_id = now(api.submit(ORDER))
            now(api.status(request_id))
            now(api.result(request_id))
            now(api.cancel(request_id))
        assert unseen == []
    where = "/v1/requests/abc-1"
    assert [(call.method, call.path) for call in calls[1:]] == [
        ("GET", f"{where}/status"),
        ("GET", f"{where}/result"),
        ("POST", f"{where}/cancel"),
    ]


def running(api: ModelApi) -> Scripted:
    return next(each for each in _running if each.service.url == api.base_url)


def test_calls_share_a_connection() -> None:
    with scripted(good(status="in_queue")) as (api, calls):
        for _ in range(5):
            now(api.status("abc-1"))
            now(api.result("abc-1"))
        assert len(set(running(api).peers[-len(calls) :])) == 1


def test_an_answer_may_come_packed_and_in_pieces() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for byte in gzip.compress(b'{"status": "completed"}'):
            yield bytes([byte])

    with scripted(StreamingResponse(pieces(), headers={"Content-Encoding": "gzip"})) as (api, _):
        assert now(api.status("abc-1")) == Status("completed")


def test_a_base_url_may_end_in_a_slash() -> None:
    with scripted(good(status="in_queue")) as (api, calls):
        now(ModelApi(f"{api.base_url}/", TOKEN, MODEL).status("abc-1"))
    assert calls[0].path == "/v1/requests/abc-1/status"


# --- request IDs

ODD_IDS = [
    "",
    " ",
    ".",
    "..",
    "../x",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "a%2Fb",
    "a b",
    "a\nb",
    "a;b",
    "a@b",
    "-a",
    "é",
    "ａ",
    "x" * 129,
]


@pytest.mark.parametrize("request_id", ODD_IDS)
def test_an_odd_request_id_is_refused_before_anything_is_sent(request_id: str) -> None:
    with scripted(good()) as (api, calls):
        for ask in (api.status, api.result, api.cancel):
            assert error_of(partial(now, ask(request_id))).code == "request_id_unfit"
        assert calls == []


@pytest.mark.parametrize("request_id", ["a", "A-1_b", "0" * 128, "2c6a2c6e-95d1-4a9b-8f9e-0f8a5c3b1d2e"])
def test_a_request_id_may_be_pasted_with_spaces_around(request_id: str) -> None:
    with scripted(good(status="in_queue")) as (api, calls):
        now(api.status(f"  {request_id}\n"))
    assert calls[0].path == f"/v1/requests/{request_id}/status"


# --- reads


@pytest.mark.parametrize("answer", CUTS)
def test_a_read_whose_answer_is_cut_may_be_repeated_and_is_sent_once(answer: str) -> None:
    with raw(CUTS[answer]) as (api, server):
        assert error_of(lambda: now(api.status("abc-1"))).passing
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        *((failing(status), "service_trouble") for status in (500, 502, 503, 504)),
        (failing(429), "too_many_requests"),
        (HTMLResponse("<h1>Hello</h1>"), "answer_unreadable"),
        (Response(), "answer_unreadable"),
        (JSONResponse([]), "answer_unreadable"),
    ],
)
def test_a_read_that_goes_on_failing_may_be_repeated_later(answer: Response, code: str) -> None:
    with scripted(answer) as (api, calls):
        error = error_of(lambda: now(api.status("abc-1")))
        assert (error.code, error.passing, error.request_id) == (code, True, "abc-1")
        assert len(calls) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [(failing(401), "token_refused"), (failing(403), "not_permitted"), (failing(404), "not_found")],
)
def test_a_refused_read_is_not_repeated(answer: Response, code: str) -> None:
    with scripted(answer) as (api, calls):
        error = error_of(lambda: now(api.result("abc-1")))
        assert (error.code, error.passing, error.request_id) == (code, False, "abc-1")
        assert len(calls) == 1


def test_a_long_retry_after_does_not_hold_the_thread() -> None:
    started = time.monotonic()
    with scripted(failing(503, **{"Retry-After": "86400"})) as (api, _):
        assert error_of(lambda: now(api.status("abc-1"))).facts["retry_after"] == 86400
    assert time.monotonic() - started < SOON


ODD_WAITS = [
    "soon",
    "",
    "-5",
    "nan",
    "inf",
    "1e9",
    "0x10",
    "Fri, 99 Foo 2020 00:00:00 GMT",
    "Fri, 31 Dec 999999 23:59:59 GMT",
    "Fri, 31 Feb 2020 25:61:61 GMT",
    "9" * 5000,
]


odd_wait = pytest.mark.parametrize("wish", ODD_WAITS, ids=[wish[:32] or "empty" for wish in ODD_WAITS])


@odd_wait
def test_a_read_survives_a_retry_after_that_makes_no_sense(wish: str) -> None:
    with scripted(failing(503, **{"Retry-After": wish})) as (api, _):
        assert error_of(lambda: now(api.status("abc-1"))).passing


@odd_wait
def test_a_post_survives_a_retry_after_that_makes_no_sense(wish: str) -> None:
    with scripted(failing(503, **{"Retry-After": wish})) as (api, calls):
        assert error_of(lambda: now(api.submit(ORDER))).code == "submission_unknown"
        assert error_of(lambda: now(api.cancel("abc-1"))).code == "service_trouble"
        assert len(calls) == 2


@pytest.mark.parametrize(
    ("wish", "seconds"), [("7", 7.0), ("0", 0.0), ("soon", None), ("-1", None), ("nan", None)]
)
def test_the_seconds_of_a_retry_after_come_with_the_error(wish: str, seconds: float | None) -> None:
    with scripted(failing(429, **{"Retry-After": wish})) as (api, _):
        assert error_of(lambda: now(api.cancel("abc-1"))).facts["retry_after"] == seconds


def test_a_result_is_asked_for_with_its_cost() -> None:
    url = "https://x.runcomfy.net/a.png"
    with scripted(good(status="completed", output={"image": url}, cost=0.04)) as (api, _):
        result = now(api.result("abc-1"))
        assert running(api).queries[-1] == "include_cost=true"
    assert (result.cost_usd, [output.url for output in result.outputs]) == (0.04, [url])


# --- cancelling


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"status": "cancelled", "outcome": "cancelled"}, "cancelled"),
        ({"status": "in_progress", "outcome": "not_cancellable"}, "in_progress"),
        ({"status": "completed", "outcome": "not_cancellable"}, "completed"),
    ],
)
def test_cancelling_tells_where_the_job_is_then(answer: dict[str, Any], state: str) -> None:
    with scripted(JSONResponse(answer)) as (api, calls):
        assert now(api.cancel("abc-1")).state == state
        assert len(calls) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_cancelling_is_not_tried_again_by_itself(status: int) -> None:
    with scripted(failing(status, **{"Retry-After": "0"}), good(status="cancelled")) as (api, calls):
        assert error_of(lambda: now(api.cancel("abc-1"))).request_id == "abc-1"
        assert len(calls) == 1


# --- the price

ODD_PRICES: list[object] = [None, "", "0.035", "$0.03", True, False, -1, float("nan"), float("inf"), [0.035], {}]


@pytest.mark.parametrize("price", [0, 0.035, 2])
def test_the_catalogues_price_is_read(price: float) -> None:
    with scripted(JSONResponse({"base_price_usd": price, "price_unit": "output"})) as (api, calls):
        assert now(api.usd_per_picture()) == price
    assert [(call.method, call.path) for call in calls] == [("GET", f"/v1/models/{MODEL}")]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(JSONResponse({"model_id": MODEL}), id="no-price"),
        pytest.param(JSONResponse({"base_price_usd": 0.035}), id="no-unit"),
        *(
            pytest.param(JSONResponse({"base_price_usd": 0.035, "price_unit": unit}), id=f"unit-{unit}")
            for unit in ("second", "", None, 1, ["output"])
        ),
        *(
            pytest.param(
                Response(json.dumps({"base_price_usd": price, "price_unit": "output"})), id=f"price-{price}"
            )
            for price in ODD_PRICES
        ),
        pytest.param(HTMLResponse("<h1>Hello</h1>"), id="html"),
        pytest.param(Response(), id="empty"),
        pytest.param(failing(404), id="404"),
        pytest.param(failing(500), id="500"),
        pytest.param(RedirectResponse("/elsewhere"), id="redirect"),
        pytest.param(
            JSONResponse({"error_code": 404001, "base_price_usd": 1, "price_unit": "output"}), id="200-refused"
        ),
    ],
)
def test_a_missing_or_odd_price_is_unknown_and_not_free(answer: Response) -> None:
    with scripted(answer) as (api, _):
        assert now(api.usd_per_picture()) is None


def test_a_price_beyond_any_float_is_unknown() -> None:
    answer = Response(b'{"base_price_usd": 1' + b"0" * 400 + b', "price_unit": "output"}')
    with scripted(answer) as (api, _):
        assert now(api.usd_per_picture()) is None


def test_the_price_is_unknown_where_nothing_answers() -> None:
    assert now(ModelApi(f"http://127.0.0.1:{free_port()}", TOKEN, MODEL).usd_per_picture()) is None


# --- threads


class Hanging:
    """An API that lets reads of one account hang until the test is over, and answers all else at once."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.hung = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = dict(scope["headers"])
        if scope["method"] == "GET" and headers[b"authorization"] == f"Bearer {TOKEN}".encode():
            self.hung += 1
            while not self.over.is_set():  # noqa: ASYNC110 - set by another thread
                await asyncio.sleep(0.05)
        body = json.dumps({"request_id": "abc-1", "status": "in_queue"}).encode()
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})


async def test_hung_reads_hold_up_neither_a_submission_nor_a_cancellation_nor_another_account() -> None:
    hanging = Hanging()
    with serve(hanging) as service:
        api = ModelApi(service.url, TOKEN, MODEL)
        reads = [asyncio.ensure_future(api.status("abc-1")) for _ in range(100)]
        try:
            while hanging.hung < 50:  # noqa: ASYNC110 - counted by another thread
                await asyncio.sleep(0.05)
            other = api.with_token("another-account")
            prompt = asyncio.gather(api.submit(ORDER), api.cancel("abc-1"), other.status("abc-1"))
            assert (await asyncio.wait_for(prompt, SOON))[0] == "abc-1"
        finally:
            hanging.over.set()
            await asyncio.wait(reads)
