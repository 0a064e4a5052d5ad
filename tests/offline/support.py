"""A clock that stands still until told, a painter that draws nothing, and a client of the stand-in."""

from __future__ import annotations

import time
from typing import Any

import requests

MODEL = "/v1/models/bytedance/seedream-5/lite/text-to-image"
TOKEN = "one"


class StillClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


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
