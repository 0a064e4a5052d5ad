"""Everything that may be sent to wear the page down, as one process beside the app.

`python -m tests.trials.attackers URL SIGNED KEY` attacks until its standard input is closed; then it prints a line
of JSON: of each attack, how often it was answered with which status (0: with none).
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, repeat
from typing import Any
from urllib.parse import quote, urlsplit

from tests.visitors_load import read

STREAMS, HALF_SENT, SLOW_BODIES, LONG_BODIES, SESSIONS = 3000, 300, 200, 500, 2500
# Attackers have more than one address; all of these are loopback's on Linux.
ADDRESSES = 40
LONG_BYTES = 10_000_000
SENT_AT_ONCE = 65_536
# In seconds: over how long they come, how long each reader stands still, until who was thrown out is back, and
# until each session is followed by another.
ARRIVALS, HELD, AGAIN, NEXT_SESSION = 30.0, 600.0, 5.0, 60.0
# So little is taken at once by who reads slowly.
WINDOW, HALF = 4096, 1024
SEED = 13
# Takes a socket, and the number of the attacker; returns the status of the answer.
Attack = Callable[[socket.socket, int], Coroutine[Any, Any, int]]


class Attackers:
    def __init__(self, url: str, signed: str, key: str) -> None:
        self.url = url
        self.address = urlsplit(url)
        self.resume = 0
        self.chance = random.Random(SEED)
        self.answers: dict[str, Counter[int]] = defaultdict(Counter)
        self.addresses = cycle(f"127.7.0.{number}" for number in range(1, ADDRESSES + 1))
        form = "application/x-www-form-urlencoded"
        settings = json.dumps({"request": {"prompt": "x"}})
        files = json.dumps({"files": [[signed, "x"]] * 4, "about": {}})
        self.streams = [
            self.request(f"/atelier/original/{signed}"),
            self.request("/atelier/archive", f"job={quote(files)}".encode(), form),
            self.request("/atelier/watch", json.dumps({"jobs": [[key, None, False, None]]}).encode()),
            self.request(f"/atelier/copy/{signed}", f"settings={quote(settings)}".encode(), form),
            self.request("/config"),
        ]
        self.half_sent = [
            b"",
            b"GET / HTTP/1.1\r\nHost: app\r\nX-",
            self.request("/atelier/watch", b"x" * 99)[:-98],
        ]

    def request(self, path: str, body: bytes = b"", kind: str = "application/json", length: int = 0) -> bytes:
        head = [f"{'POST' if body or length else 'GET'} {path} HTTP/1.1", f"Host: {self.address.netloc}"]
        if body or length:
            head += [f"Content-Type: {kind}", f"Content-Length: {length or len(body)}"]
        return "\r\n".join([*head, "", ""]).encode() + body

    @contextmanager
    def connected(self, window: int = 0) -> Iterator[socket.socket]:
        with socket.socket() as connection:
            connection.setblocking(False)
            if window:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            connection.bind((next(self.addresses), 0))
            yield connection

    async def said(self, connection: socket.socket, head: bytes) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (str(self.address.hostname), self.address.port))
        await loop.sock_sendall(connection, head)

    async def status(self, connection: socket.socket) -> int:
        answer = await asyncio.get_running_loop().sock_recv(connection, HALF)
        return int(answer[9:12] or 0)

    async def read_half(self, connection: socket.socket, number: int) -> int:
        await self.said(connection, self.streams[number % len(self.streams)])
        return await self.status(connection)

    async def send_half(self, connection: socket.socket, number: int) -> int:
        await self.said(connection, self.half_sent[number % len(self.half_sent)])
        return await self.status(connection)

    async def send_slowly(self, connection: socket.socket, _: int) -> int:
        return await self.told(connection, 100_000, repeat(b"x"), pause=1)

    async def send_much(self, connection: socket.socket, number: int) -> int:
        """Send what is no call at all, or as many values as fit."""
        piece = (b"x" if number % 2 else b"1,") * (SENT_AT_ONCE // 2)
        return await self.told(connection, LONG_BYTES, repeat(piece))

    async def told(self, connection: socket.socket, length: int, pieces: Iterable[bytes], pause: float = 0) -> int:
        """Send a body of that length, and return what is said of it, even while it is being sent."""
        await self.said(connection, self.request("/gradio_api/queue/join", length=length))
        answer = asyncio.ensure_future(self.status(connection))
        try:
            sent = 0
            for piece in pieces:
                if answer.done() or sent == length:
                    break
                # Where the connection has ended, what was said before is still there.
                with suppress(ConnectionError):
                    await asyncio.get_running_loop().sock_sendall(connection, piece[: length - sent])
                sent += len(piece[: length - sent])
                if pause:
                    await asyncio.wait([answer], timeout=pause)
            return await answer
        finally:
            answer.cancel()
            # It would be told of a number that another connection may have by then.
            await asyncio.wait([answer])

    async def join(self, connection: socket.socket, _: int) -> int:
        """Call under a name of its own, and never listen."""
        body = {"data": ["x" * 36], "fn_index": self.resume, "session_hash": f"{self.chance.getrandbits(40):x}"}
        await self.said(connection, self.request("/gradio_api/queue/join", json.dumps(body).encode()))
        return await self.status(connection)

    async def come_again(self, name: str, attack: Attack, number: int, wait: float) -> None:
        stands = name == "streams"
        await asyncio.sleep(wait)
        while True:
            with self.connected(WINDOW if stands else 0) as connection:
                status = 0
                with suppress(OSError, ValueError):
                    status = await attack(connection, number)
                self.answers[name][status] += 1
                await asyncio.sleep(HELD if stands else 0)
            await asyncio.sleep(NEXT_SESSION if name == "sessions" else AGAIN)

    async def attack(self) -> None:
        config = json.loads(await read(f"{self.url}/config"))
        self.resume = next(each["id"] for each in config["dependencies"] if each["api_name"] == "resume")
        attacks: dict[str, tuple[Attack, int, float]] = {
            "streams": (self.read_half, STREAMS, ARRIVALS),
            "half sent": (self.send_half, HALF_SENT, ARRIVALS),
            "slow bodies": (self.send_slowly, SLOW_BODIES, ARRIVALS),
            "long bodies": (self.send_much, LONG_BODIES, ARRIVALS),
            "sessions": (self.join, SESSIONS, NEXT_SESSION),
        }
        coming = [
            asyncio.create_task(self.come_again(name, attack, number, within * number / many))
            for name, (attack, many, within) in attacks.items()
            for number in range(many)
        ]
        await asyncio.to_thread(sys.stdin.read)
        for each in coming:
            each.cancel()
        await asyncio.gather(*coming, return_exceptions=True)


def main() -> None:
    attackers = Attackers(*sys.argv[1:])
    asyncio.run(attackers.attack())
    print(json.dumps(attackers.answers))


if __name__ == "__main__":
    main()
