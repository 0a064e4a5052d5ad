"""A clock that stands still until told, a painter that draws nothing, and a client of the stand-in."""

from __future__ import annotations

import asyncio
import time
from operator import itemgetter
from typing import Any

import requests

from seedream.offline.options import Clock

MODEL = "/v1/models/bytedance/seedream-5/lite/text-to-image"
TOKEN = "one"


class StillClock(Clock):
    """Stands still until a test moves it on, and then wakes whoever waited for so long, one after the other.

    While it does not stand (`stands`), nobody waits for anything.
    """

    def __init__(self) -> None:
        self.stands = True
        self._now = 1000.0
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        self._loop = asyncio.get_running_loop()
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        if seconds and self.stands:
            self._waiting.append((self._now + seconds, woken))
            await woken

    def move(self, seconds: float) -> None:
        """Let so many seconds pass for every job that was submitted."""
        asyncio.run_coroutine_threadsafe(self._move(self._now + seconds), self._loop).result(30)

    async def _move(self, end: float) -> None:
        await _settled()
        while due := min((each for each in self._waiting if each[0] <= end), key=itemgetter(0), default=None):
            self._waiting.remove(due)
            self._now, woken = due
            if not woken.cancelled():
                woken.set_result(None)
            await _settled()
        self._now = end


async def _settled() -> None:
    """Give every task of this loop the time to go on to where it waits for something."""
    for _ in range(5):
        await asyncio.sleep(0)


def ready_made(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    return f"{prompt} {number}/{of} {size[0]}x{size[1]} {format}".encode()


class Client:
    """Calls the stand-in over real HTTP, as the account that `token` names."""

    def __init__(self, url: str, token: str = TOKEN) -> None:
        self.url = url
        self.headers: dict[str, str] = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, headers=self.headers, timeout=30)

    def post(self, path: str, body: object = None) -> requests.Response:
        return requests.post(self.url + path, json=body, headers=self.headers, timeout=30)

    def submit(self, **values: object) -> str:
        answer = self.post(MODEL, {"prompt": "a quiet bay", **values})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["request_id"])

    def status(self, request_id: str) -> dict[str, Any]:
        answer = self.get(f"/v1/requests/{request_id}/status")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def result(self, request_id: str, query: str = "") -> dict[str, Any]:
        answer = self.get(f"/v1/requests/{request_id}/result{query}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def cancel(self, request_id: str) -> dict[str, Any]:
        answer = self.post(f"/v1/requests/{request_id}/cancel")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ended(self, request_id: str) -> dict[str, Any]:
        """Wait for the worker threads, and return the result."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            result = self.result(request_id)
            if result["status"] not in ("in_queue", "in_progress"):
                return result
            time.sleep(0.01)
        raise AssertionError("the job did not end")
