"""The Hub's storage for binary files, as its clients fill it: by Xet (xorbs of chunks, and shards that name the
files made of them) or, by clients without Xet, by Git LFS."""

from __future__ import annotations

import hashlib
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_ACCESS = "access-to-storage"
# https://huggingface.co/docs/xet/shard: a header, then rows of one size, file by file; this row ends them.
_HEADER = 48
_ROW = 48
_END = b"\xff" * 32
_VERIFIED, _NAMED = 1 << 31, 1 << 30


@dataclass
class Storage:
    """What has arrived, by SHA-256.

    Attributes:
        sizes: of the files that are wholly there.
        xorbs: the names of the containers that files may be made of.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    xorbs: set[str] = field(default_factory=set)

    def routes(self) -> list[Route]:
        return [
            Route("/v1/xorbs/default/{hash}", self._take_xorb, methods=["POST"]),
            Route("/v1/shards", self._take_shard, methods=["POST"]),
            Route("/lfs/{sha256}", self._take_object, methods=["PUT"]),
        ]

    def access(self, url: str) -> dict[str, Any]:
        """Return what a client needs to write by Xet."""
        return {"casUrl": url, "exp": int(time.time()) + 3600, "accessToken": _ACCESS}

    def batch(self, url: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer the batch call of Git LFS: where to put what is not there yet."""
        objects = [
            {**each, "actions": {"upload": {"href": f"{url}/lfs/{each['oid']}"}}}
            if each["oid"] not in self.sizes
            else each
            for each in asked["objects"]
        ]
        return {"transfer": "basic", "objects": objects}

    async def _take_xorb(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {_ACCESS}":
            return Response(status_code=401)
        name = request.path_params["hash"]
        new = name not in self.xorbs
        self.xorbs.add(name)
        return JSONResponse({"was_inserted": new})

    async def _take_shard(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {_ACCESS}":
            return Response(status_code=401)
        for sha256, size, xorbs in _files(await request.body()):
            if not xorbs <= self.xorbs:
                return Response("a file is made of what was never uploaded", 400)
            self.sizes[sha256] = size
        return JSONResponse({"result": 1})

    async def _take_object(self, request: Request) -> Response:
        content = await request.body()
        if hashlib.sha256(content).hexdigest() != request.path_params["sha256"]:
            return Response(status_code=400)
        self.sizes[request.path_params["sha256"]] = len(content)
        return Response()


def _files(shard: bytes) -> Iterator[tuple[str, int, set[str]]]:
    """Read the files that a shard lists: SHA-256, size, and the xorbs that each is made of."""
    at = _HEADER
    while shard[at : at + 32] != _END:
        flags, count = struct.unpack_from("<II", shard, at + 32)
        at += _ROW
        rows = [shard[at + number * _ROW :][:_ROW] for number in range(count)]
        at += count * _ROW * (2 if flags & _VERIFIED else 1)
        if not flags & _NAMED:
            raise ValueError("the file has no SHA-256, by which a commit would name it")
        sha256 = _hexadecimal(shard[at : at + 32])
        at += _ROW
        yield (
            sha256,
            sum(struct.unpack_from("<I", row, 36)[0] for row in rows),
            {_hexadecimal(row[:32]) for row in rows},
        )


def _hexadecimal(hash_: bytes) -> str:
    """Write a hash as Xet does: four little-endian numbers."""
    return "".join(f"{number:016x}" for number in struct.unpack("<4Q", hash_))
