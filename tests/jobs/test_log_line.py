from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests
from gradio_client import Client

from seedream.errors import SeedreamError
from seedream.jobs.job import JobSpec
from seedream.jobs.record import Record
from seedream.jobs.registry import RunningJob
from seedream.runcomfy.client import ModelApi
from seedream.runcomfy.responses import Output
from tests.servers import AppProcess

REQUEST = {"prompt": "a quiet bay at dawn", "resolution": "2K"}


def lines(log: str) -> list[dict[str, Any]]:
    return [json.loads(line.partition(" job ")[2]) for line in log.splitlines() if " job {" in line]


def record(status: Any, **facts: Any) -> Record:
    return Record("a model", status, request_id="abc-1", request=dict(REQUEST), **facts)


def running() -> RunningJob:
    return RunningJob(JobSpec(ModelApi("http://127.0.0.1:1", "owner", "a model")))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


async def test_a_job_is_one_line_with_its_times(clock: list[float]) -> None:
    job = running()
    job.tell(record("submitting"))
    job.tell(record("in_queue", queue_position=2))
    clock[0] += 4
    job.tell(record("in_queue", queue_position=1))
    clock[0] += 1
    job.tell(record("in_progress"))
    clock[0] += 12
    done = record("completed", outputs=(Output("https://x.runcomfy.net/1.png", "image"),), cost_usd=0.035)
    job.tell(done)
    line = job.log_line(prompt=False)
    assert line == {
        "request_id": "abc-1",
        "status": "completed",
        "error": None,
        "queued_seconds": 5.0,
        "drawing_seconds": 12.0,
        "pictures": 1,
        "cost_usd": 0.035,
    }
    assert json.loads(json.dumps(line)) == line


async def test_what_was_not_seen_is_null() -> None:
    job = running()
    job.tell(record("submitting"))
    job.tell(record("unknown", error=SeedreamError("submission_unknown")))
    line = job.log_line(prompt=False)
    assert (line["error"], line["queued_seconds"], line["drawing_seconds"]) == ("submission_unknown", None, None)


async def test_the_prompt_is_there_only_when_asked_for() -> None:
    job = running()
    job.tell(record("completed"))
    assert job.log_line(prompt=True)["prompt"] == REQUEST["prompt"]
    assert "prompt" not in job.log_line(prompt=False)


def test_the_app_writes_it_and_says_that_it_is_well(paid_app: AppProcess) -> None:
    assert requests.get(f"{paid_app.url}/healthz", timeout=10).text == "ok"
    client = Client(paid_app.url, verbose=False)
    _, made = client.predict(prompt="a fox for the journal", api_name="/generate")
    found = [line for line in lines(paid_app.output) if line["request_id"] == made["request_id"]]
    assert [(line["status"], line["pictures"], line["cost_usd"]) for line in found] == [("completed", 1, 0.04)]
    assert "for the journal" not in paid_app.output
