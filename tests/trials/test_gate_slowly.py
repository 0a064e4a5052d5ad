"""Each route on the gate's list, attacked: in what time it answers, and what the app keeps of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from seedream.ui.gate_routes import GateRoute
from tests.memory import forget_peak, memory
from tests.servers import AppProcess, running_app
from tests.ui.gate_walk import LIST, ask, example

HOST = "demo.example"
LOGIN = {"username": "ada", "password": "lovelace"}
ANSWER_SECONDS = 15.0
MOST_MEMORY = 20.0
# What Gradio's MCP server says of a body is the protocol's, to agents.
MCP = "/gradio_api/mcp"
# They begin for whoever may call them, and don't end.
ENDLESS = frozenset({f"{MCP}/sse"})
LOGOUT = "/logout"
MIB = 1024 * 1024
DEEP = b"[" * 2000
WIDE = b"[" + b"[]," * 170_000 + b"[]]"
WRONG: list[object] = [
    None,
    5,
    [],
    {},
    {"data": 5},
    {"data": {}, "session_hash": 5},
    {"data": ["x"] * 50, "session_hash": "x", "fn_index": 4},
    {"data": [], "session_hash": "x", "fn_index": 999},
    {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], "fn_index": 5},
    {"jobs": [[1, 2, 3, 4]]},
    {"session_hash": {}, "fn_index": "x", "event_id": []},
]
FORMS = [b"", b"x", b"job=5", b"job=[]&settings=[]", b"settings=" + b"[" * 5000, b"username=ada&password[]=x"]


@dataclass
class Attacked:
    """An app that needs a login and goes by one name, and its folder for temporary files."""

    app: AppProcess
    folder: Path
    cookie: str = ""

    def files(self) -> set[str]:
        return {str(each.relative_to(self.folder)) for each in self.folder.rglob("*")}

    def ask(self, route: GateRoute, body: Any = None, **headers: str) -> tuple[int, Mapping[str, Any] | None]:
        """Ask as who may, but for what the headers say."""
        began = time.monotonic()
        answer = ask(self.app.url, route, body, **{"Host": HOST, "Cookie": self.cookie, **headers})
        assert time.monotonic() - began <= ANSWER_SECONDS, (route.path, headers)
        return answer

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """Assert that what is done in the block takes little memory, and leaves no file and no traceback."""
        files, lines = self.files(), len(self.app.lines)
        before = forget_peak(self.app.process.pid)
        yield
        grown = memory(self.app.process.pid).peak - before
        print(f"memory: {grown:.1f} MB at most over {before:.0f}")
        assert grown <= MOST_MEMORY
        assert self.files() <= files
        assert "Traceback" not in "".join(self.app.lines[lines:])


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("temporary")
    named = {"SEEDREAM_USER": LOGIN["username"], "SEEDREAM_PASSWORD": LOGIN["password"], "SEEDREAM_HOSTS": HOST}
    with running_app({**named, "TMPDIR": str(folder)}) as app:
        found = Attacked(app, folder)
        answer = requests.post(f"{app.url}/login", LOGIN, headers={"Host": HOST}, timeout=ANSWER_SECONDS)
        answer.raise_for_status()
        found.cookie = "; ".join(f"{each.name}={each.value}" for each in answer.cookies)
        # What is loaded when it is first needed is there then.
        for route in LIST:
            if route.path not in {*ENDLESS, LOGOUT}:
                found.ask(route, b"{}")
        yield found


def refused(answer: tuple[int, Mapping[str, Any] | None], status: int, code: str) -> bool:
    found, told = answer
    return found == status and told is not None and told["error"]["code"] == code and bool(told["detail"])


def test_who_may_not_ask_is_refused(attacked: Attacked) -> None:
    with attacked.unharmed():
        for route in LIST:
            # As long as it may be: none of it is read.
            body = b"x" * route.most_bytes
            if route.login:
                assert refused(attacked.ask(route, body, Cookie=""), 401, "login_needed"), route.path
            if not route.foreign:
                for named in ({"Origin": "https://other.example"}, {"Sec_Fetch_Site": "cross-site"}):
                    assert refused(attacked.ask(route, body, **named), 403, "foreign_page"), route.path
            if not route.any_host:
                answer = attacked.ask(route, body, Host="other.example")
                assert refused(answer, 421, "host_unknown"), route.path


def test_a_byte_too_much(attacked: Attacked) -> None:
    with attacked.unharmed():
        for route in LIST:
            most = route.most_bytes if "POST" in route.methods else 0
            assert refused(attacked.ask(route, Content_Length=str(most + 1)), 413, "body_too_long"), route.path
            if most <= MIB:
                answer = attacked.ask(route, iter([b"x" * most, b"x"]))
                assert refused(answer, 413, "body_too_long"), route.path


def test_a_byte_too_much_of_references(attacked: Attacked) -> None:
    """What takes references reads megabytes before it knows that they are too many; it keeps none of them."""
    before = memory(attacked.app.process.pid).now
    for route in LIST:
        if route.most_bytes > MIB:
            pieces = (b"x" * MIB for _ in range(route.most_bytes // MIB + 1))
            assert refused(attacked.ask(route, pieces), 413, "body_too_long"), route.path
    assert memory(attacked.app.process.pid).now - before <= MOST_MEMORY


def test_what_can_t_be_read(attacked: Attacked) -> None:
    with attacked.unharmed():
        for route in LIST:
            if route.body == "json":
                for body in (DEEP, WIDE, b"\xff", b"{"):
                    answer = attacked.ask(route, body[: route.most_bytes])
                    assert 400 <= answer[0] < 500, route.path
                    assert route.path.startswith(MCP) or refused(answer, 422, "body_unfit"), route.path
            elif route.body == "form":
                for body in FORMS:
                    status, _ = attacked.ask(route, body)
                    assert 400 <= status < 500, (route.path, body[:20])


def test_wrong_types(attacked: Attacked) -> None:
    with attacked.unharmed():
        for route in LIST:
            for value in WRONG:
                body = json.dumps(value).encode()
                if route.body == "json":
                    answer = attacked.ask(route, body)
                    assert 400 <= answer[0] < 500, (route.path, value)
                    assert route.path.startswith(MCP) or refused(answer, 422, "body_unfit"), (route.path, value)
                elif route.body == "form":
                    answer = attacked.ask(route, body, Content_Type="application/json")
                    assert refused(answer, 422, "body_unfit"), (route.path, value)


async def test_one_byte_a_second(attacked: Attacked) -> None:
    with attacked.unharmed():
        attacks = [
            (route, asyncio.create_task(dripped(attacked, route, declared=declared)))
            for route in LIST
            for declared in (True, False)
        ]
        for route, answer in attacks:
            assert await answer == (408 if route.most_bytes else 413), route.path


async def test_a_head_of_one_byte_a_second(attacked: Attacked) -> None:
    with attacked.unharmed():
        attacks = [asyncio.create_task(drip(attacked, _head(attacked, route))) for route in LIST]
        for route, answer in zip(LIST, attacks, strict=True):
            assert await answer == 408, route.path


async def dripped(attacked: Attacked, route: GateRoute, *, declared: bool) -> int:
    length = f"Content-Length: {route.most_bytes or 100}" if declared else "Transfer-Encoding: chunked"
    head = _head(attacked, route, length)
    return await drip(attacked, b"x" if declared else b"1\r\nx\r\n", at_once=head, again=True)


async def drip(attacked: Attacked, slowly: bytes, *, at_once: bytes = b"", again: bool = False) -> int:
    """Send a piece a second, and return the status of the answer.

    Args:
        attacked: the app.
        slowly: a byte of it is sent each second; `again`: all of it.
        at_once: what goes before.
        again: go on for ever.
    """
    address = urlsplit(attacked.app.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    began = time.monotonic()
    try:
        writer.write(at_once)
        answer = asyncio.ensure_future(reader.readline())
        pieces = iter(lambda: slowly, b"") if again else iter([slowly[at : at + 1] for at in range(len(slowly))])
        while not answer.done():
            with suppress(ConnectionError):
                writer.write(next(pieces))
            await asyncio.wait([answer], timeout=1)
            assert time.monotonic() - began <= ANSWER_SECONDS
        return int(answer.result().split()[1])
    finally:
        writer.close()


def _head(attacked: Attacked, route: GateRoute, *further: str) -> bytes:
    method = "POST" if "POST" in route.methods else "GET"
    lines = [
        f"{method} {example(route.path)} HTTP/1.1",
        f"Host: {HOST}",
        f"Cookie: {attacked.cookie}",
        *(f"Content-Type: {each}" for each in route.media_types[:1]),
        *further,
    ]
    return "\r\n".join([*lines, "", ""]).encode()
