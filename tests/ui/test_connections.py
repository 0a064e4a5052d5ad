"""Connections that say nothing, or half of it; how many there may be; and what Gradio and uvicorn do about it."""

from __future__ import annotations

import asyncio
import gc
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass

import pytest
import requests
from gradio import http_server
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn import Config

from seedream.ui import connections
from seedream.ui.connections import Server, descriptors, most_connections
from seedream.ui.places import Bounds
from tests.controlled_api import wait_until
from tests.servers import free_port, start_app

pytestmark = pytest.mark.thorough

PATIENCE = 10.0
QUICK = Bounds(1000, head_seconds=0.6, sweep_seconds=0.05)
# As few as there may be.
FEW = Bounds(32)
HEAD = b"GET / HTTP/1.1\r\nHost: app\r\n\r\n"
HALF_A_HEAD = HEAD[:-2]
HALF_A_BODY = b"POST /body HTTP/1.1\r\nHost: app\r\nContent-Length: 10\r\n\r\n12345"
STREAM = b"GET /stream HTTP/1.1\r\nHost: app\r\n\r\n"
# More than what the system holds between two ends, of whom one doesn't read.
LARGE, LARGE_BYTES = b"GET /large HTTP/1.0\r\nHost: app\r\n\r\n", 64 * 1024 * 1024
PIECE = 65_536
WINDOW = 4096


@dataclass
class Served:
    """A small app behind the bounds. It streams as long as it is told to.

    It counts the bytes of bodies, and its large answers that have ended.
    """

    port: int
    streaming: bool = True
    received: int = 0
    ended: int = 0

    def connected(self, said: bytes = b"", address: str = "127.0.0.1", window: int = 0) -> socket.socket:
        """Connect from an address, and say something. `window`: so many bytes the system keeps unread; 0: many."""
        connection = socket.socket()
        if window:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.settimeout(PATIENCE)
        connection.bind((address, 0))
        connection.connect(("127.0.0.1", self.port))
        connection.sendall(said)
        return connection

    def status(self, address: str = "127.0.0.1") -> int:
        with closing(self.connected(HEAD, address)) as visitor:
            return int(visitor.recv(12)[9:])

    async def whole(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def body(self, request: Request) -> Response:
        with suppress(ClientDisconnect):
            async for piece in request.stream():
                self.received += len(piece)
        return PlainTextResponse("ok")

    async def large(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                for _ in range(LARGE_BYTES // PIECE):
                    yield bytes(PIECE)
            finally:
                self.ended += 1

        return StreamingResponse(pieces())

    async def stream(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            while self.streaming:
                yield b"piece"
                await asyncio.sleep(0.05)

        return StreamingResponse(pieces())


@contextmanager
def served(bounds: Bounds) -> Iterator[Served]:
    found = Served(free_port())
    routes = [
        Route("/", found.whole),
        Route("/body", found.body, methods=["POST"]),
        Route("/stream", found.stream),
        Route("/large", found.large),
    ]
    config = Config(Starlette(routes=routes), port=found.port, log_config=None)
    server = Server(config, bounds=bounds)
    server.run_in_thread()  # type: ignore[no-untyped-call]
    try:
        yield found
    finally:
        found.streaming = False
        server.close()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def quick() -> Iterator[Served]:
    with served(QUICK) as found:
        yield found


@pytest.fixture
def few() -> Iterator[Served]:
    with served(FEW) as found:
        yield found


def rest(connection: socket.socket) -> bytes:
    """Return what comes until the connection is closed, which takes no longer than a socket's time."""
    return b"".join(iter(lambda: connection.recv(4096), b""))


def answer(connection: socket.socket) -> bytes:
    """Return what comes as far as "ok", with which all answers end."""
    said = b""
    while not said.endswith(b"ok"):
        piece = connection.recv(4096)
        assert piece, said
        said += piece
    return said


def test_a_connection_that_says_nothing_is_closed_without_a_word(quick: Served) -> None:
    with closing(quick.connected()) as silent:
        assert rest(silent) == b""


def test_half_a_head_is_told_that_it_was_too_slow(quick: Served) -> None:
    with closing(quick.connected(HALF_A_HEAD)) as slow:
        assert rest(slow).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_comes_in_drops_has_no_longer(quick: Served) -> None:
    with closing(quick.connected(HALF_A_HEAD)) as slow:
        slow.settimeout(0.05)
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < PATIENCE:
                slow.sendall(b"x")
                with suppress(TimeoutError):
                    if not slow.recv(4096):
                        break
        assert time.monotonic() - began < PATIENCE


def test_a_further_request_has_its_time_from_its_first_byte(quick: Served) -> None:
    with closing(quick.connected(HEAD)) as kept:
        assert answer(kept).startswith(b"HTTP/1.1 200 ")
        time.sleep(QUICK.head_seconds / 2)
        began = time.monotonic()
        kept.sendall(HALF_A_HEAD)
        assert rest(kept).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began >= QUICK.head_seconds


def test_further_requests_that_came_too_early_are_answered(quick: Served) -> None:
    with closing(quick.connected(HEAD * 3 + HALF_A_HEAD)) as hasty:
        assert rest(hasty).count(b"HTTP/1.1 200 ") == 3


def test_a_stream_and_a_slow_body_are_left_alone(quick: Served) -> None:
    with closing(quick.connected(STREAM)) as stream, closing(quick.connected(HALF_A_BODY)) as slow:
        time.sleep(3 * QUICK.head_seconds)
        slow.sendall(b"67890")
        assert answer(slow).startswith(b"HTTP/1.1 200 ")
        began = time.monotonic()
        while time.monotonic() - began < QUICK.head_seconds:
            assert stream.recv(4096)


def test_who_is_kept_alive_is_so_for_as_long_as_uvicorn_has_it() -> None:
    assert Config("app").timeout_keep_alive == 5


def test_whoever_waits_longest_makes_room(few: Served) -> None:
    with ExitStack() as opened:
        halves = [opened.enter_context(closing(few.connected(HALF_A_HEAD))) for _ in range(2 * FEW.most)]
        for _ in range(3):
            with closing(few.connected(HEAD)) as visitor:
                assert answer(visitor).startswith(b"HTTP/1.1 200 ")
        # The older half, and some for the visitors, whose connections are kept alive.
        for each in halves[: FEW.most]:
            assert rest(each).startswith(b"HTTP/1.1 503 ")
        newest = halves[-1]
        newest.sendall(b"\r\n")
        assert answer(newest).startswith(b"HTTP/1.1 200 ")


def test_half_a_body_makes_room_too(few: Served) -> None:
    with ExitStack() as opened:
        halves = [opened.enter_context(closing(few.connected(HALF_A_BODY))) for _ in range(FEW.most_served)]
        wait_until(lambda: few.received == 5 * FEW.most_served)
        # Heard of again, the first is the last to go.
        halves[0].sendall(b"6")
        wait_until(lambda: few.received == 5 * FEW.most_served + 1)
        oldest = halves[1]
        with closing(few.connected(HEAD)) as visitor:
            assert answer(visitor).startswith(b"HTTP/1.1 200 ")
            assert b"Retry-After: " in rest(oldest)
        halves[0].sendall(b"7890")
        assert answer(halves[0]).startswith(b"HTTP/1.1 200 ")


def test_who_finds_every_place_taken_is_told_so(few: Served) -> None:
    with ExitStack() as opened:
        for _ in range(FEW.most_served):
            stream = opened.enter_context(closing(few.connected(STREAM)))
            assert stream.recv(12) == b"HTTP/1.1 200"
        told = requests.get(f"http://127.0.0.1:{few.port}/", timeout=PATIENCE)
        assert told.status_code == 503
        assert int(told.headers["Retry-After"]) > 0
        assert told.json()["error"]["code"] == "page_busy"
        stream.close()
        wait_until(lambda: requests.get(f"http://127.0.0.1:{few.port}/", timeout=PATIENCE).ok)


def test_whoever_takes_none_of_an_answer_makes_room_for_others() -> None:
    with served(Bounds(32, still_seconds=0.3)) as found, ExitStack() as opened:
        for _ in range(FEW.most_served):
            opened.enter_context(closing(found.connected(LARGE, window=WINDOW)))
        wait_until(lambda: found.status() == 200)
        # One for each who came.
        assert found.ended < FEW.most_served


def test_who_takes_no_answer_for_long_is_cut_and_who_reads_gets_it_whole() -> None:
    with served(Bounds(1000, stuck_seconds=0.5, sweep_seconds=0.05)) as found:
        with closing(found.connected(LARGE, window=WINDOW)), closing(found.connected(LARGE)) as reading:
            length = len(rest(reading))
            wait_until(lambda: found.ended == 2)
        assert length >= LARGE_BYTES


def test_of_answers_that_nobody_takes_so_much_is_kept() -> None:
    # An answer that stands still is most of a piece, and the next one is held back.
    bounds = Bounds(1000, still_seconds=0.2, sweep_seconds=0.05, most_unread=2 * PIECE)
    with served(bounds) as found, ExitStack() as opened:
        for _ in range(4):
            opened.enter_context(closing(found.connected(LARGE, window=WINDOW)))
        wait_until(lambda: found.ended >= 2)
        time.sleep(10 * bounds.sweep_seconds)
        assert found.ended < 4


def test_an_address_with_many_places_makes_room_for_one_with_few(few: Served) -> None:
    with ExitStack() as opened:
        streams = [opened.enter_context(closing(few.connected(STREAM))) for _ in range(FEW.most_served)]
        for each in streams:
            assert each.recv(12) == b"HTTP/1.1 200"
        assert few.status() == 503
        assert few.status("127.0.0.2") == 200
        # It was the oldest's.
        assert rest(streams[0])
        for each in streams[1:]:
            assert each.recv(4096)


def test_a_connection_that_has_ended_is_let_go_without_being_looked_for(few: Served) -> None:
    def kept() -> int:
        return sum(isinstance(each, connections._Connection) for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = kept()
        for said in (HEAD, HALF_A_BODY, HALF_A_HEAD) * 5:
            with closing(few.connected(said)) as caller:
                caller.shutdown(socket.SHUT_WR)
        assert few.status() == 200
        # One whose end met an answer may wait for the collector; of none of the three kinds does each.
        wait_until(lambda: kept() <= before + 2)
    finally:
        gc.enable()


def test_a_burst_of_connections_leaves_room_for_who_speaks_at_once(few: Served) -> None:
    with ExitStack() as opened:
        for _ in range(20):
            for _ in range(FEW.most):
                opened.enter_context(closing(few.connected(HALF_A_HEAD)))
            with closing(few.connected(HEAD)) as visitor:
                for _ in range(FEW.most):
                    opened.enter_context(closing(few.connected(HALF_A_HEAD)))
                assert answer(visitor).startswith(b"HTTP/1.1 200 ")


def test_the_app_answers_beside_more_connections_than_it_can_open() -> None:
    app = start_app({}, descriptors=256)
    try:
        assert resource.prlimit(app.process.pid, resource.RLIMIT_NOFILE) == (256, 256)
        port = int(app.url.rpartition(":")[2])
        with ExitStack() as opened:
            for said in (b"", HALF_A_HEAD):
                for _ in range(300):
                    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
                    opened.enter_context(closing(connection)).sendall(said)
            assert requests.get(app.url, timeout=PATIENCE).ok
        assert "Error" not in app.output
        assert "out of system resource" not in app.output
    finally:
        app.kill()


def test_connections_get_a_part_of_the_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [most_connections(each) for each in (64, 256, 1024, 10_240)] == [32, 96, 480, 5088]
    monkeypatch.setattr(connections, "resource", None)
    assert descriptors() == 10_240


def test_gradio_starts_the_server_that_its_module_names(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Noted(http_server.Server):
        def run_in_thread(self) -> None:
            started.append(self)

    monkeypatch.setattr(http_server, "Server", Noted)
    http_server.start_server(Starlette(), server_port=free_port())  # type: ignore[arg-type]
    assert isinstance(started[0].config, Config)
