"""The gate, walked along its list, on the running app."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from seedream import texts
from seedream.ui.gate_routes import GateRoute
from tests.servers import AppProcess, running_app
from tests.ui.gate_walk import LIST, SECONDS, ask, listed, routes_of_gradio

MIB = 1024 * 1024
HOST = "demo.example"
# What Gradio's MCP server says of a body is the protocol's, to agents.
MCP = "/gradio_api/mcp"
EVERY = pytest.mark.parametrize("route", LIST, ids=lambda route: route.path)


@pytest.fixture(scope="module")
def closed() -> Iterator[AppProcess]:
    """An app that needs a login, and goes by one name."""
    with running_app({"SEEDREAM_USER": "ada", "SEEDREAM_PASSWORD": "lovelace", "SEEDREAM_HOSTS": HOST}) as app:
        yield app


def says(told: Mapping[str, Any] | None, code: str) -> bool:
    """Tell whether an answer is this refusal, in the caller's language."""
    assert told is not None
    sentence = texts.text(f"error.{code}", "ja", **told["error"]["facts"])
    return bool(told["error"]["code"] == code and told["detail"] == told["error"]["message"] == sentence)


def test_each_route_of_gradios_is_on_the_list_or_is_not_there(sample_app: AppProcess) -> None:
    routes = routes_of_gradio()
    assert len(routes) > 80
    for method, path in sorted(routes):
        if not listed(method, path):
            status, _ = ask(sample_app.url, GateRoute(path), method=method)
            assert status == (405 if listed("GET", path) or listed("POST", path) else 404), (method, path)


@EVERY
def test_without_a_login(closed: AppProcess, route: GateRoute) -> None:
    if route.path == f"{MCP}/sse":
        return  # it begins, and never ends
    status, told = ask(closed.url, route, b"")
    assert (status == 401) == route.login
    assert not route.login or says(told, "login_needed")


@EVERY
@pytest.mark.parametrize("named", [{"Origin": "https://other.example"}, {"Sec_Fetch_Site": "cross-site"}])
def test_from_a_page_of_another_site(sample_app: AppProcess, route: GateRoute, named: dict[str, Any]) -> None:
    if not route.foreign:
        status, told = ask(sample_app.url, route, b"", **named)
        assert status == 403
        assert says(told, "foreign_page")
    elif route.path != "/":
        assert ask(sample_app.url, route, **named)[0] in (200, 404)


@EVERY
def test_by_a_name_that_is_not_the_pages(closed: AppProcess, route: GateRoute) -> None:
    status, told = ask(closed.url, route, b"", Host="other.example")
    assert (status == 421) != route.any_host
    assert route.any_host or says(told, "host_unknown")
    if not route.login and route.path != f"{MCP}/sse":
        assert ask(closed.url, route, b"", Host=HOST)[0] != 421


@pytest.mark.thorough
@EVERY
def test_a_byte_too_long(sample_app: AppProcess, route: GateRoute) -> None:
    most = route.most_bytes if "POST" in route.methods else 0
    pieces = (b"x" * MIB for _ in range(most // MIB + 1))
    for body, head in ((None, {"Content_Length": str(most + 1)}), (pieces, {})):
        status, told = ask(sample_app.url, route, body, **head)
        assert status == 413
        assert says(told, "body_too_long")


@pytest.mark.parametrize("route", [each for each in LIST if each.body == "json"], ids=lambda route: route.path)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"data": ' + b"[" * 900 + b"]" * 900 + b"}"], ids=len
)
def test_what_is_no_json_or_too_deep(sample_app: AppProcess, route: GateRoute, body: bytes) -> None:
    status, told = ask(sample_app.url, route, body[: route.most_bytes])
    assert status == 422
    assert says(told, "body_unfit")


@pytest.mark.parametrize("route", [each for each in LIST if each.body == "json"], ids=lambda route: route.path)
@pytest.mark.parametrize(
    "body",
    [
        None,
        5,
        "x",
        [],
        {},
        {"data": 5},
        {"data": {}},
        {"data": [], "session_hash": 5},
        {"data": ["x"] * 50, "session_hash": "x", "fn_index": 4},
        {"data": [], "session_hash": "x", "fn_index": 999},
        {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], "fn_index": 5},
        {"jobs": 5},
        {"jobs": [[1, 2, 3, 4]]},
        {"session_hash": {}, "fn_index": "x", "event_id": []},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
def test_wrong_types(sample_app: AppProcess, route: GateRoute, body: object) -> None:
    status, told = ask(sample_app.url, route, json.dumps(body).encode())
    assert 400 <= status < 500
    assert route.path.startswith(MCP) or says(told, "body_unfit")


@pytest.mark.parametrize(
    ("function", "order"),
    [
        ("submit", 5),
        ("submit", []),
        ("submit", {"key": "k" * 32, "values": 5}),
        ("cancel", None),
        ("price", "x"),
        ("nothing", {}),
        ("__init__", {}),
        ("preprocess", {}),
    ],
)
def test_wrong_types_to_the_gallerys_functions(sample_app: AppProcess, function: str, order: object) -> None:
    (route,) = (each for each in LIST if each.path.endswith("component_server"))
    gallery = _gallery(sample_app)
    body = {"component_id": gallery, "fn_name": function, "session_hash": "x", "data": order}
    status, told = ask(sample_app.url, route, json.dumps(body).encode())
    assert status == 422
    assert says(told, "body_unfit")


def test_an_order_that_names_nothing_is_told_so(sample_app: AppProcess) -> None:
    (route,) = (each for each in LIST if each.path.endswith("component_server"))
    for function, order, code in (
        ("submit", {}, "key_unfit"),
        ("submit", {"key": "k" * 32, "values": {"prompt": 5}}, "prompt_empty"),
        ("submit", {"key": "k" * 32, "values": {"prompt": "x", "nothing": []}}, "field_unknown"),
        ("submit", {"key": "k" * 32, "own": 1, "seal": {}, "values": {"prompt": "x"}}, "own_token_needed"),
        ("cancel", {"key": []}, "key_unfit"),
        ("cancel", {"key": "k" * 32, "request_id": {"x": 1}}, "request_id_unfit"),
    ):
        body = {"component_id": _gallery(sample_app), "fn_name": function, "session_hash": "x", "data": order}
        answer = requests.post(f"{sample_app.url}{route.path}", json=body, timeout=SECONDS)
        assert answer.json()["error"]["code"] == code


def test_no_fault_of_a_caller_leaves_a_traceback(sample_app: AppProcess) -> None:
    assert "Traceback" not in sample_app.output


def _gallery(app: AppProcess) -> int:
    components = requests.get(f"{app.url}/config", timeout=SECONDS).json()["components"]
    return int(next(each["id"] for each in components if each["props"].get("server_fns")))


@pytest.mark.parametrize("route", [each for each in LIST if "GET" in each.methods], ids=lambda route: route.path)
def test_what_can_be_asked_for_can_be_asked_for_its_head_alone(sample_app: AppProcess, route: GateRoute) -> None:
    status, _ = ask(sample_app.url, route, method="HEAD")
    assert status in (200, 404, 422) or route.path.startswith(MCP)


def test_a_head_says_how_long_the_whole_is(sample_app: AppProcess) -> None:
    plain = {"Accept-Encoding": "identity"}
    for path in ("/config", "/healthz", "/theme.css"):
        url = sample_app.url + path
        head, whole = (requests.request(each, url, headers=plain, timeout=SECONDS) for each in ("HEAD", "GET"))
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Length"] == str(len(whole.content))


def test_as_many_values_as_fit_are_too_many(sample_app: AppProcess) -> None:
    (route,) = (each for each in LIST if each.path == "/atelier/watch")
    few, many = (b'{"jobs": [], "more": [' + b"1," * count + b"1]}" for count in (1000, 60_000))
    assert ask(sample_app.url, route, few)[0] == 200
    status, told = ask(sample_app.url, route, many)
    assert status == 422
    assert says(told, "body_unfit")


def test_what_is_compressed_is_told_so(sample_app: AppProcess) -> None:
    for route in LIST:
        if "POST" in route.methods:
            status, told = ask(sample_app.url, route, b"", Content_Encoding="gzip")
            assert status == 415
            assert says(told, "body_encoded")


def test_what_comes_behind_a_refused_request_is_answered_too(sample_app: AppProcess) -> None:
    address = urlsplit(sample_app.url)
    asked = b"GET /nothing HTTP/1.1\r\nHost: app\r\n\r\n" * 2 + b"GET /healthz HTTP/1.0\r\n\r\n"
    with socket.create_connection((str(address.hostname), address.port), SECONDS) as connection:
        connection.sendall(asked)
        answers = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert [answers.count(status) for status in (b"HTTP/1.1 404", b"HTTP/1.1 200")] == [2, 1]
