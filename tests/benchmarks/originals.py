"""A series of heavy pictures as one ZIP: how soon it starts to arrive, and what it adds to the server's memory."""

from __future__ import annotations

import json
import time

import requests

from seedream.offline import Options, create_app, serve
from tests.benchmarks.heavy import painter
from tests.servers import AppProcess, running_app
from tests.visitors_load import sample

_MODEL = "/v1/models/bytedance/seedream-5/lite/text-to-image"
_HEADERS = {"Authorization": "Bearer anybody"}
SERIES = {
    "prompt": "a red fox",
    "resolution": "4096x2304 (16:9)",
    "sequential_image_generation": "auto",
    "max_images": 15,
}


def zip_of_fifteen() -> tuple[float, float, float]:
    """Return seconds to the first byte, megabytes added to the server's memory, and megabytes received."""
    with (
        serve(create_app(Options(queue_seconds=0, drawing_seconds=0, series=15), painter(lambda _: 0))) as service,
        running_app({"RUNCOMFY_TOKEN": "anybody", "RUNCOMFY_BASE_URL": service.url}) as app,
    ):
        answer = requests.post(service.url + _MODEL, json=SERIES, headers=_HEADERS, timeout=60)
        job = _archive_of(app, answer.json()["request_id"])
        before = most = sample(app.process.pid).rss
        began = time.monotonic()
        received = 0
        with requests.post(f"{app.url}/atelier/archive", data={"job": job}, stream=True, timeout=60) as coming:
            first = 0.0
            for chunk in coming.iter_content(1024 * 1024):
                first = first or time.monotonic() - began
                received += len(chunk)
                most = max(most, sample(app.process.pid).rss)
        return first, most - before, received / 1e6


def _archive_of(app: AppProcess, request_id: str) -> str:
    """Watch a job as a page does, and return the form field that asks for its ZIP."""
    signed: dict[int, str] = {}
    watched = {"jobs": [["a key of the benchmark", request_id, False, None]]}
    with requests.post(f"{app.url}/atelier/watch", json=watched, stream=True, timeout=60) as stream:
        for line in stream.iter_lines(decode_unicode=True):
            data = json.loads(line[5:]) if line.startswith("data:") else {}
            if "signed" in data:
                signed[data["number"]] = data["signed"]
    files = [[signed[number], f"{number:02}"] for number in sorted(signed)]
    return json.dumps({"files": files, "about": {"name": "series", "request": SERIES}})
