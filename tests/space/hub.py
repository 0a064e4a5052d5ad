"""A stand-in of the Hugging Face Hub: what its client calls to make a Space and to fill it, over real HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedream.offline import serve
from tests.servers import Call, Receive, Scope, Send
from tests.space.hub_repository import File, RemoteSpace, blob, faults
from tests.space.hub_storage import Storage


@dataclass
class Hub:
    """The Hub, with accounts, and with the accidents that a test wants.

    Attributes:
        accounts: by token, the names that it may write for.
        spaces: by `OWNER/NAME`.
        taken: names of what exists, but is nobody else's to see.
        paying: only who pays may have a Space.
        rival: somebody else commits just before the next commit does.
        calls: what reached it, in order.
        cut: the method, and how the path ends, of a call whose connection breaks, once, before or after it is
            carried out.
    """

    accounts: dict[str, tuple[str, ...]]
    spaces: dict[str, RemoteSpace] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    paying: bool = False
    rival: bool = False
    cut: tuple[str, str, Literal["before", "after"]] | None = None
    storage: Storage = field(default_factory=Storage)
    calls: list[Call] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        space = "/api/spaces/{owner}/{name}"
        self._app = Starlette(
            routes=[
                Route("/api/agent-harnesses", self._harnesses),
                Route("/oauth/device", self._device, methods=["POST"]),
                Route("/oauth/token", self._login, methods=["POST"]),
                Route("/api/whoami-v2", self._whoami),
                Route("/api/repos/create", self._create, methods=["POST"]),
                Route("/api/validate-yaml", self._validate, methods=["POST"]),
                Route(space, self._info),
                Route(space + "/tree/{revision}", self._tree),
                Route(space + "/settings", self._settings, methods=["PUT"]),
                Route(space + "/variables", self._variables, methods=["GET", "POST"]),
                Route(space + "/secrets", self._secrets, methods=["GET", "POST"]),
                Route(space + "/preupload/{revision}", self._preupload, methods=["POST"]),
                Route(space + "/xet-write-token/{revision}", self._xet_token),
                Route(space + "/commit/{revision}", self._commit, methods=["POST"]),
                Route("/spaces/{owner}/{name}.git/info/lfs/objects/batch", self._batch, methods=["POST"]),
                *self.storage.routes(),
            ],
            exception_handlers={HTTPException: _refusal},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        self.calls.append(
            Call(scope["method"], f"{scope['path']}?{request.url.query}", dict(request.headers), body)
        )

        async def replay() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body}

        method, ending, when = self.cut or ("", "", "")
        if scope["method"] != method or not scope["path"].endswith(ending):
            await self._app(scope, replay, send)
            return
        self.cut = None
        if when == "after":
            await self._app(scope, replay, _nowhere)
        # An answer that ends too early: the server closes the connection.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})

    async def _harnesses(self, _: Request) -> Response:
        # The client asks for it with its first request, to say in its headers who runs it.
        return JSONResponse({"harnesses": {}, "standardEnvVars": []})

    async def _device(self, _: Request) -> Response:
        shown = {"user_code": "ABCD-1234", "verification_uri": f"{self.url}/oauth/device"}
        return JSONResponse({"device_code": "device", **shown, "interval": 1, "expires_in": 60})

    async def _login(self, _: Request) -> Response:
        # Whoever is asked in a browser says yes at once, and is the first of the accounts.
        return JSONResponse({"access_token": next(iter(self.accounts)), "token_type": "bearer"})

    async def _whoami(self, request: Request) -> Response:
        return JSONResponse({"type": "user", "name": self._writes_for(request)[0], "auth": {"type": "oauth"}})

    async def _create(self, request: Request) -> Response:
        asked = await request.json()
        name = f"{asked['organization']}/{asked['name']}"
        if asked["organization"] not in self._writes_for(request):
            raise _error(403, f"You don't have the rights to create a space under the namespace {name!r}")
        if name in self.spaces or name in self.taken:
            raise _error(409, "You already created this space repo")
        if self.paying:
            raise _error(402, "Subscribe to PRO to run Gradio Spaces on free hardware.")
        self.spaces[name] = RemoteSpace(asked["sdk"], asked.get("visibility") == "private")
        return JSONResponse({"url": f"{self.url}/spaces/{name}"})

    async def _validate(self, request: Request) -> Response:
        asked = await request.json()
        errors = list(faults(asked["content"]))
        said = {"errors": [{"message": error} for error in errors], "warnings": []}
        return JSONResponse(said, 400 if errors else 200)

    async def _info(self, request: Request) -> Response:
        name, space = self._space(request)
        return JSONResponse({"id": name, "sha": space.head, "private": space.private, "sdk": space.sdk})

    async def _tree(self, request: Request) -> Response:
        _, space = self._space(request)
        return JSONResponse([file.listed(path) for path, file in sorted(space.files.items())])

    async def _settings(self, request: Request) -> Response:
        _, space = self._space(request, writing=True)
        space.private = (await request.json())["visibility"] == "private"
        return JSONResponse({"private": space.private})

    async def _variables(self, request: Request) -> Response:
        _, space = self._space(request, writing=True)
        if request.method == "POST":
            asked = await request.json()
            space.variables[asked.pop("key")] = asked
        return JSONResponse(space.variables)

    async def _secrets(self, request: Request) -> Response:
        _, space = self._space(request, writing=True)
        if request.method == "POST":
            asked = await request.json()
            space.secrets[asked.pop("key")] = asked
        return JSONResponse({key: {"description": each.get("description")} for key, each in space.secrets.items()})

    async def _preupload(self, request: Request) -> Response:
        _, space = self._space(request, writing=True)
        asked = await request.json()
        files = []
        for each in asked["files"]:
            there = space.files.get(each["path"])
            files.append(
                {
                    "path": each["path"],
                    "uploadMode": "lfs" if b"\0" in base64.b64decode(each["sample"]) else "regular",
                    "shouldIgnore": False,
                    **({"oid": there.sha256 or blob(there.content)} if there else {}),
                }
            )
        return JSONResponse({"files": files})

    async def _xet_token(self, request: Request) -> Response:
        self._space(request, writing=True)
        return JSONResponse(self.storage.access(self.url))

    async def _batch(self, request: Request) -> Response:
        self._space(request, writing=True)
        return JSONResponse(self.storage.batch(self.url, await request.json()))

    async def _commit(self, request: Request) -> Response:
        name, space = self._space(request, writing=True)
        if self.rival:
            self.rival = False
            space.files = {**space.files, "notes.md": File(b"Typed at the Hub\n")}
            space.commits.append([{"key": "file", "value": {"path": "notes.md"}}])
        header, *operations = [json.loads(line) for line in (await request.body()).splitlines()]
        if header["value"].get("parentCommit", space.head) != space.head:
            raise _error(412, "A commit has happened since. Please refresh and try again.")
        # All of it or nothing.
        files = dict(space.files)
        for each in operations:
            path = each["value"]["path"]
            if each["key"] == "deletedFile":
                if path not in files:
                    raise _error(404, "A file with this name doesn't exist", "EntryNotFound")
                del files[path]
            else:
                files[path] = self._file(each["key"], each["value"])
        space.files = files
        space.commits.append(operations)
        commit = {"commitUrl": f"{self.url}/spaces/{name}/commit/{space.head}", "commitOid": space.head}
        return JSONResponse({"success": True, **commit})

    def _file(self, kind: str, value: dict[str, Any]) -> File:
        if kind == "file":
            content = base64.b64decode(value["content"])
            if b"\0" in content:
                raise _error(400, f"{value['path']} is binary: such files go to the storage")
            return File(content)
        if self.storage.sizes.get(value["oid"]) != value["size"]:
            raise _error(400, f"{value['path']} was not uploaded")
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{value['oid']}\nsize {value['size']}\n"
        return File(pointer.encode(), value["oid"], value["size"])

    def _space(self, request: Request, *, writing: bool = False) -> tuple[str, RemoteSpace]:
        owner = request.path_params["owner"]
        name = f"{owner}/{request.path_params['name']}"
        mine = owner in self._writes_for(request)
        if name not in self.spaces or (self.spaces[name].private and not mine):
            raise _error(404, "Repository not found", "RepoNotFound")
        if writing and not mine:
            raise _error(403, "You don't have the required permissions to perform this action.")
        return name, self.spaces[name]

    def _writes_for(self, request: Request) -> tuple[str, ...]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.accounts:
            raise _error(401, "Invalid credentials in Authorization header")
        return self.accounts[token]


def _error(status: int, message: str, code: str = "") -> HTTPException:
    return HTTPException(status, message, {"X-Error-Message": message, **({"X-Error-Code": code} if code else {})})


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _nowhere(_: MutableMapping[str, Any]) -> None: ...


@contextmanager
def hub(accounts: dict[str, tuple[str, ...]]) -> Iterator[Hub]:
    """Serve the stand-in."""
    made = Hub(accounts)
    with serve(made) as running:
        made.url = running.url
        yield made
