"""What a misbehaving service does instead of answering, and the odd files that it has."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, PngImagePlugin

from tests.faults import Exchange

MIB = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """A whole answer that is not the service's own."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    async def do(self, there: Exchange) -> None:
        await there.answer(self.status, self.body, self.headers)


@dataclass(frozen=True)
class Changed:
    """The service's own answer with its JSON changed."""

    change: Callable[[dict[str, Any]], object]

    async def do(self, there: Exchange) -> None:
        reply = await there.real()
        body = json.dumps(self.change(json.loads(reply.body))).encode()
        await there.answer(reply.status, body, {"Content-Type": "application/json"})


@dataclass(frozen=True)
class Cut:
    """The connection closed after these bytes: an answer cut short, or one that no client can read."""

    after: bytes = b""

    async def do(self, there: Exchange) -> None:
        there.write(self.after)
        await there.cut()


@dataclass(frozen=True)
class Hang:
    """Silence after these bytes, until the client gives up."""

    after: bytes = b""

    async def do(self, there: Exchange) -> None:
        there.write(self.after)
        await there.gone()


@dataclass(frozen=True)
class Drip:
    """One piece after the other, for as long as the client listens; `pause` in seconds."""

    head: bytes
    piece: bytes
    pause: float = 0.05

    async def do(self, there: Exchange) -> None:
        left = asyncio.create_task(there.gone())
        there.write(self.head)
        while not left.done():
            there.write(self.piece)
            await asyncio.wait({left}, timeout=self.pause)


def replaced(**fields: object) -> Changed:
    return Changed(lambda body: {**body, **fields})


def without(*names: str) -> Changed:
    return Changed(lambda body: {name: value for name, value in body.items() if name not in names})


def saying(status: int, body: object = None, **headers: str) -> Answer:
    """Answer with JSON; an underscore in a header's name is a dash."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(body or {}).encode(), {"Content-Type": "application/json", **named})


def page(status: int = 200) -> Answer:
    """Answer with HTML, as a proxy does whose service is away."""
    return Answer(status, b"<!doctype html><title>502</title>Back soon", {"Content-Type": "text/html"})


def head(length: int | None = None, content_type: str = "application/json") -> bytes:
    """Return an answer's head; one without a length ends with the connection."""
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {content_type}"]
    lines += [f"Content-Length: {length}"] if length is not None else []
    return "\r\n".join([*lines, "", ""]).encode()


def a_file(body: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(200, body, {"Content-Type": "image/png", **named})


def packed(body: bytes) -> Answer:
    return a_file(gzip.compress(body), Content_Encoding="gzip")


def moved(location: str, status: int = 302) -> Answer:
    return Answer(status, b"", {"Location": location})


def claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header claims so many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def unpacking(size: tuple[int, int] = (8, 8), words: int = 0) -> bytes:
    """Return a whole PNG, small on the wire, of so many pixels and of so many bytes of text."""
    file, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Comment", " " * words, zip=True)
    Image.new("1", size).save(file, "PNG", pnginfo=info)
    assert len(file.getvalue()) < MIB
    return file.getvalue()
