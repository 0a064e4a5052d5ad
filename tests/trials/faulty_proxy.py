"""A proxy between a browser and the app, whose every fault a test decides: `python -m tests.trials.faulty_proxy`.

It is a process of its own, so that it can be stopped dead. Each request has a connection of its own, and those for
the page's event stream are counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.servers import ROOT, free_port

Mode = Literal["pass", "cut", "401", "422", "502"]
STREAM = b"/atelier/watch"
_PIECE = 65536


@dataclass(frozen=True)
class Counts:
    """How often the stream was asked for, how many are open, and how many were at most."""

    asked: int
    open: int
    most: int


class FaultyProxy:
    """The running proxy."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self._process = process

    def be(self, mode: Mode) -> Counts:
        """Pass all on; or cut every connection, or cut them and refuse the stream with a status."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{mode}\n")
        self._process.stdin.flush()
        return Counts(**json.loads(self._process.stdout.readline()))

    def counts(self) -> Counts:
        """Return the counts since the last time that they were asked for, and of what is open still."""
        return self.be("pass")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the process: what is connected stays so, and nothing comes or goes."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@contextmanager
def faulty_proxy(url: str) -> Iterator[FaultyProxy]:
    """Stand before the server at this address."""
    port = free_port()
    command = [sys.executable, "-m", "tests.trials.faulty_proxy", str(port), url.rpartition(":")[2]]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        proxy = FaultyProxy(f"http://127.0.0.1:{port}", process)
        proxy.counts()
        yield proxy
    finally:
        process.kill()
        process.wait()


@dataclass
class _Proxy:
    target: int
    mode: str = "pass"
    asked: int = 0
    streams: int = 0
    most: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            with contextlib.suppress(OSError, EOFError):
                await self._request(reader, writer)
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        is_stream = STREAM in head.split(b"\r\n", 1)[0]
        self.asked += is_stream
        if self.mode == "cut":
            return
        if is_stream and self.mode != "pass":
            writer.write(f"HTTP/1.1 {self.mode} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            return
        self.streams += is_stream
        self.most = max(self.most, self.streams)
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self.writers.add(back)
        try:
            lines = [line for line in head.split(b"\r\n")[:-2] if not line.lower().startswith(b"connection:")]
            back.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]))
            ways = [asyncio.create_task(_copy(*way)) for way in ((reader, back), (there, writer))]
            _, others = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for other in others:
                other.cancel()
        finally:
            self.streams -= is_stream
            self.writers.discard(back)
            back.close()

    def become(self, mode: str) -> Counts:
        counts = Counts(self.asked, self.streams, self.most)
        self.asked, self.most, self.mode = 0, self.streams, mode
        if mode != "pass":
            for writer in self.writers:
                writer.transport.abort()
        return counts


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()


async def _main(port: int, target: int) -> None:
    proxy = _Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", port)
    async with server:
        while mode := (await asyncio.to_thread(sys.stdin.readline)).strip():
            print(json.dumps(vars(proxy.become(mode))), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(*map(int, sys.argv[1:])))
