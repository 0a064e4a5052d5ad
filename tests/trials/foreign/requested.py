"""Ways in by a request: whoever can reach the page asks its server, in some form, for an address of theirs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

from seedream.runcomfy.responses import Output
from seedream.ui.signed_urls import SignedUrls
from tests.trials.foreign.scene import API, Foreign, Scene

Way = Callable[[Scene, Foreign], object]
_PATHS = {
    "file=": f"{API}/file={{url}}",
    "file=, by name": f"{API}/file={{named}}",
    "file=, escaped": f"{API}/file={{escaped}}",
    "file=, escaped twice": f"{API}/file={{escaped_twice}}",
    "file=, the sign escaped": f"{API}/file%3D{{url}}",
    "file=, in capitals": f"{API}/file={{loud}}",
    "file=, the scheme alone": f"{API}/file=//{{address}}/x",
    "file=, backslashes": f"{API}/file=http:%5C%5C{{address}}%5Cx",
    "file=, one slash": f"{API}/file=http:/{{address}}/x",
    "file=, a space before": f"{API}/file=%20{{url}}",
    "file=, slashes around": f"//{API.strip('/')}//file={{url}}",
    "file=, by way of a folder": f"{API}/x/../file={{url}}",
    "file=, dots escaped": f"{API}/%2e/file={{url}}",
    "file=, without the prefix": "/file={url}",
    "file=, in an FTP": f"{API}/file=ftp://{{address}}/x",
    "file=, of a share": f"{API}/file=%5C%5C{{address}}%5Cshare%5Cx",
    "file/": f"{API}/file/{{url}}",
    "file/, without the prefix": "/file/{url}",
    "proxy=": f"{API}/proxy={{url}}",
    "proxy=, of a Space": f"{API}/proxy=https://{{name}}.hf.space/x",
    "proxy=, without the prefix": "/proxy={url}",
    "svelte": "/svelte/{url}",
    "static": "/static/{url}",
    "assets": "/assets/{url}",
    "the page's own files": "/atelier/static-0/{url}",
    "custom component": f"{API}/custom_component/{{escaped}}/client/component/x.js",
    "stream": f"{API}/stream/x/1/1/playlist.m3u8?url={{escaped}}",
    "deep link": "/?deep_link={escaped}",
    "deep link, made": f"{API}/deep_link?session_hash={{escaped}}&url={{escaped}}",
    "link to a job": "/?request_id={escaped}",
    "link to a form": "/?prompt={escaped}&image={escaped}",
    "link to a theme": "/?__theme={escaped}&view=api&url={escaped}",
    "config": "/config?deep_link={escaped}&url={escaped}",
    "info": f"{API}/info?url={{escaped}}&serialize={{escaped}}",
    "manifest": "/manifest.json?url={escaped}",
    "theme": "/theme.css?url={escaped}",
    "icon": "/pwa_icon/{url}",
    "monitoring": "/monitoring/{url}",
    "OpenAPI": f"{API}/openapi.json?url={{escaped}}",
    "run history": f"{API}/run-history/records/generate/{{escaped}}/assets/{{escaped}}",
    "reload": f"{API}/dev/reload?url={{escaped}}",
    "vibe": f"{API}/vibe-code?url={{escaped}}",
    "agents' schema": f"{API}/mcp/schema?url={{escaped}}&tools={{escaped}}",
    "upload's progress": f"{API}/upload_progress?upload_id={{escaped}}",
    "queue": f"{API}/queue/data?session_hash={{escaped}}",
    "heartbeat": f"{API}/heartbeat/{{escaped}}",
    "health": "/healthz?url={escaped}",
    "absolute form": "{url}",
    "absolute form of a file": "http://{address}" + API + "/file={url}",
}
_HEADERS = {
    "Host": {"Host": "{address}"},
    "X-Forwarded-Host": {
        "X-Forwarded-Host": "{address}",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "{address}",
    },
    "Forwarded": {"Forwarded": "for={address};host={address};proto=http"},
    "X-Original-URL": {"X-Original-URL": "{url}", "X-Rewrite-URL": "{url}", "X-Forwarded-Prefix": "{url}"},
    "Referer": {"Referer": "{url}", "From": "x@{name}"},
    "Origin": {"Origin": "http://{address}"},
    "X-Gradio-Server": {"X-Gradio-Server": "{url}", "X-Direct-URL": "{url}", "X-Gradio-Target": "{url}"},
    "Upgrade": {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "eA==",
        "Sec-WebSocket-Version": "13",
    },
    "token": {"X-RunComfy-Token": "{url}", "Authorization": "Bearer {url}", "X-Seedream-Key": "{named}"},
    "cookie": {"Cookie": "url={url}; access-token={url}"},
}
_POSTED = {
    "upload": f"{API}/upload",
    "upload, named": f"{API}/upload?upload_id=x&url={{escaped}}",
    "recording": f"{API}/process_recording",
    "vibe edit": f"{API}/vibe-edit",
    "vibe queries": f"{API}/vibe-starter-queries/",
    "run history": f"{API}/run-history/connect",
    "stream": f"{API}/stream/x",
    "login": "/login",
    "logout": "/logout?next={escaped}",
    "ticket": "/atelier/ticket",
    "watch": "/atelier/watch",
    "cancel": f"{API}/cancel",
    "reset": f"{API}/reset",
    "agents": f"{API}/mcp/messages/?session_id={{escaped}}",
}
_CALLS = {
    "run": f"{API}/run/{{name}}",
    "api": f"{API}/api/{{name}}",
    "call": f"{API}/call/{{name}}",
    "call v2": f"{API}/call/v2/{{name}}",
    "run, without the prefix": "/run/{name}",
    "api, without the prefix": "/api/{name}",
}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_MCP = "2025-06-18"
_META = {"_type": "gradio.FileData"}


def ways() -> Iterator[tuple[str, Way]]:
    for name, path in _PATHS.items():
        yield f"GET {name}", _got(path)
    for name, headers in _HEADERS.items():
        for at, path in {"page": "/", "call": f"{API}/call/resume", "agents": f"{API}/mcp/"}.items():
            yield f"header {name}, {at}", _headed(path, headers)
    for name, path in _POSTED.items():
        yield f"POST {name}", _posted(path)
    yield "CONNECT", lambda scene, to: scene.ask("CONNECT", f"{to.address}:443")
    for shape in _files(Foreign(0)):
        yield f"call of a file, {shape}", _called(_CALLS["call"], "resume", shape)
    for name, path in _CALLS.items():
        for endpoint in ("generate", "resume", "cancel"):
            yield f"{name} of {endpoint}", _called(path, endpoint, "both")
    # More than the page has events.
    for index in range(12):
        yield f"queue, event {index}", _joined(index)
    for function in ("submit", "cancel", "seal_token", "allowance", "price", "postprocess"):
        yield f"function {function}", _function(function)
    yield "function by a form", _function_by_a_form
    for name, message in _messages().items():
        yield f"agent's {name}", _message(message)
    yield from _links()
    yield from _jobs()


def _filled(text: str, to: Foreign) -> str:
    escaped = quote(to.url, safe="")
    words = {
        "url": to.url,
        "named": to.named_url,
        "escaped": escaped,
        "escaped_twice": quote(escaped, safe=""),
        "loud": f"HTTP://{to.address}/X",
        "address": to.address,
        "name": to.name,
    }
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text


def _got(path: str) -> Way:
    return lambda scene, to: scene.ask("GET", _filled(path, to), whole=False)


def _headed(path: str, headers: dict[str, str]) -> Way:
    def go(scene: Scene, to: Foreign) -> str:
        filled = {name: _filled(value, to) for name, value in headers.items()}
        if path == "/":
            return scene.ask("GET", path, headers=filled)
        return scene.post(path, {"data": ["x"], "jsonrpc": "2.0", "id": 1, "method": "tools/list"}, filled)

    return go


def _posted(path: str) -> Way:
    """Post an address in each form that a body has."""

    def go(scene: Scene, to: Foreign) -> list[str]:
        target, members = _filled(path, to), {"url": to.url, "path": to.url, "files": [to.url], "jobs": [[to.url]]}
        called = {"data": [_file(to)], "session_hash": to.url, "event_id": to.url, "fn_index": 0}
        head = f'Content-Disposition: form-data; name="files"; filename="{to.url}"'
        file = f"--x\r\n{head}\r\n\r\n{to.url}\r\n--x--\r\n".encode()
        return [
            scene.post(target, {**members, **called}),
            scene.ask("POST", target, file, {"Content-Type": "multipart/form-data; boundary=x"}),
            scene.ask("POST", target, urlencode(members).encode(), _FORM),
        ]

    return go


def _file(to: Foreign, **members: object) -> dict[str, object]:
    return {"path": to.url, "url": to.url, "orig_name": "x.png", "meta": _META, **members}


def _files(to: Foreign) -> dict[str, object]:
    """Return the shapes in which a value names a file."""
    return {
        "both": _file(to),
        "its path": {"path": to.url, "meta": _META},
        "its path by name": {"path": to.named_url, "meta": _META},
        "its URL": {"path": "x.png", "url": to.url, "meta": _META},
        "without a kind": {"path": to.url, "url": to.url},
        "a stream": _file(to, is_stream=True, size=1, mime_type="video/mp4"),
        "in a list": [_file(to), _file(to)],
        "in a gallery": [{"image": _file(to), "caption": None}],
        "in a message": {"text": "x", "files": [_file(to)]},
        "deep": {"a": [{"b": {"c": [_file(to)]}}]},
        "in text": json.dumps(_file(to)),
        "an address": to.url,
        "of this page": _file(to, path=f"{API}/file={to.url}", url=f"{API}/file={to.url}"),
        "of a list": {"path": [to.url], "meta": _META},
    }


def _called(path: str, endpoint: str, shape: str) -> Way:
    def go(scene: Scene, to: Foreign) -> str:
        value = _files(to)[shape]
        values = [value, "2K", "disabled", 1, "png", "standard"] if endpoint == "generate" else [value]
        named = {"prompt": value} if endpoint == "generate" else {"request_id": value}
        body = named if "/v2/" in path else {"data": values, "session_hash": "x"}
        return scene.post(path.replace("{name}", endpoint), body)

    return go


def _joined(index: int) -> Way:
    def go(scene: Scene, to: Foreign) -> list[str]:
        told: list[str] = []
        for many in (1, 6, 7):
            body = {"data": [_file(to)] * many, "fn_index": index, "session_hash": "x", "event_data": _file(to)}
            told.append(scene.post(f"{API}/queue/join", body))
        return told

    return go


def _function(name: str) -> Way:
    def go(scene: Scene, to: Foreign) -> list[str]:
        told = []
        for value in (_file(to), to.url, to.named_url, f"../../{to.name}", f"@{to.address}/", f"x?@{to.address}"):
            order = {"key": "k" * 32, "own": True, "seal": value, "token": value, "request_id": value}
            order |= {"values": {"prompt": value}, "ticket": value, "url": value}
            told += [scene.function(name, data) for data in (order, {**order, "own": False}, value, [value])]
        return told

    return go


def _function_by_a_form(scene: Scene, to: Foreign) -> list[str]:
    told = []
    for component in range(40):
        members = {
            "component_id": component,
            "fn_name": "price",
            "session_hash": "x",
            "data": json.dumps(_file(to)),
        }
        form = urlencode(members).encode()
        told.append(scene.ask("POST", f"{API}/component_server", form, _FORM))
    return told


def _messages() -> dict[str, Callable[[Foreign], tuple[str, dict[str, object]]]]:
    """Return what an agent may say: a method, and its parameters."""

    def tool(name: str, **arguments: object) -> tuple[str, dict[str, object]]:
        return "tools/call", {"name": name, "arguments": arguments}

    def greeting(to: Foreign) -> tuple[str, dict[str, object]]:
        who = {"name": to.url, "version": "1", "websiteUrl": to.url, "icons": [{"src": to.url}]}
        return "initialize", {"protocolVersion": _MCP, "capabilities": {"roots": {}}, "clientInfo": who}

    def completion(to: Foreign) -> tuple[str, dict[str, object]]:
        reference, argument = {"type": "ref/resource", "uri": to.url}, {"name": "x", "value": to.url}
        return "completion/complete", {"ref": reference, "argument": argument}

    return {
        "tool, a file": lambda to: tool("generate", prompt=_file(to)),
        "tool, an address": lambda to: tool("resume", request_id=to.url),
        "tool, a file to take up": lambda to: tool("resume", request_id=_file(to)),
        "tool, a file to cancel": lambda to: tool("cancel", request_id=_file(to)),
        "tool that is not there": lambda to: tool("upload_file_to_gradio", file=to.url),
        "tool by an address": lambda to: tool(to.url),
        "resource": lambda to: ("resources/read", {"uri": to.url}),
        "subscription": lambda to: ("resources/subscribe", {"uri": to.url}),
        "prompt": lambda to: ("prompts/get", {"name": to.url, "arguments": {"url": to.url}}),
        "completion": completion,
        "greeting": greeting,
    }


def _message(message: Callable[[Foreign], tuple[str, dict[str, object]]]) -> Way:
    def go(scene: Scene, to: Foreign) -> str:
        method, parameters = message(to)
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        return scene.post(f"{API}/mcp/", call, {"Mcp-Protocol-Version": _MCP})

    return go


def _links() -> Iterator[tuple[str, Way]]:
    """Links to files of jobs: forged ones, and some that the page did sign, as the API named such a file."""
    forged = SignedUrls(b"another secret")
    names: dict[str, Callable[[Scene, str], str]] = {
        "forged": lambda _, url: forged.sign(Output(url, "image", "a-job")),
        "cut": lambda scene, url: scene.signed(url)[:-4],
        "signed": lambda scene, url: scene.signed(url),
        "an address": lambda _, url: quote(url, safe=""),
    }
    for name, made in names.items():
        for route in ("preview", "original"):
            yield (
                f"link to a {route}, {name}",
                lambda scene, to, made=made, route=route: scene.ask(  # type: ignore[misc]
                    "GET", f"/atelier/{route}/{made(scene, to.url)}"
                ),
            )
        yield f"link to a copy, {name}", lambda scene, to, made=made: _copy(scene, to, made(scene, to.url))  # type: ignore[misc]
        yield f"link in a ZIP, {name}", lambda scene, to, made=made: _archive(scene, to, made(scene, to.url))  # type: ignore[misc]


def _copy(scene: Scene, to: Foreign, signed: str) -> str:
    settings = {"request": {"prompt": to.url, "image": to.url}, "request_id": to.url, "url": to.url}
    form = urlencode({"settings": json.dumps(settings)}).encode()
    return scene.ask("POST", f"/atelier/copy/{signed}", form, _FORM)


def _archive(scene: Scene, to: Foreign, signed: str) -> str:
    job = {"files": [[signed, to.url], [to.url, "x"]], "about": {"name": to.url, "url": to.url}}
    form = urlencode({"job": json.dumps(job)}).encode()
    return scene.ask("POST", "/atelier/archive", form, _FORM)


def _jobs() -> Iterator[tuple[str, Way]]:
    """Jobs that somebody takes up by a name that is none."""
    for name in (
        "{url}",
        "//{address}/x",
        "../../{name}",
        "@{address}/",
        "x@{address}",
        "x#@{name}",
        "x%2f..%2f{name}",
    ):
        yield f"job {name}", lambda scene, to, name=name: scene.heard("resume", _filled(name, to))  # type: ignore[misc]
        yield (
            f"watched job {name}",
            lambda scene, to, name=name: scene.post(  # type: ignore[misc]
                "/atelier/watch", {"jobs": [["k" * 32, _filled(name, to), False, None]]}
            ),
        )
