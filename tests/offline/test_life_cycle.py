from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import requests

from seedream.offline import Options, create_app, serve
from seedream.schema import load
from tests.offline.support import MODEL, Client, StillClock, ready_made


def test_submit_answers_the_request_id_and_three_urls(client: Client) -> None:
    answer = client.post(MODEL, {"prompt": "a quiet bay"}).json()
    request_id = answer.pop("request_id")
    assert uuid.UUID(request_id).version == 4
    where = f"{client.url}/v1/requests/{request_id}"
    assert answer == {f"{what}_url": f"{where}/{what}" for what in ("status", "result", "cancel")}


def test_a_job_goes_through_its_states(client: Client, clock: StillClock) -> None:
    job = client.submit()
    seen = []
    for _ in range(3):
        seen.append(client.status(job))
        clock.move(10)
    queued = {"request_id": job, "status": "in_queue"}
    assert seen == [{**queued, "queue_position": place} for place in (3, 2, 1)]
    assert client.status(job) == {"request_id": job, "status": "in_progress"}
    clock.move(20)
    assert client.ended(job)["status"] == client.status(job)["status"] == "completed"


def test_the_result_before_the_end_is_the_current_state(client: Client, clock: StillClock) -> None:
    job = client.submit()
    queued = client.result(job)
    assert (queued["status"], queued["queue_position"]) == ("in_queue", 3)
    clock.move(30)
    running = client.result(job)
    assert running["status"] == "in_progress"
    assert running["output"] is running["finished_at"] is running["error"] is None


def test_a_completed_result(client: Client, clock: StillClock) -> None:
    job = client.submit(output_format="jpeg", resolution="3136x1344 (21:9)")
    clock.move(50)
    result = client.ended(job)
    assert result["output"] == {"image": f"{client.url}/files/{job}/1.jpeg"}
    created, finished = (datetime.fromisoformat(result[name]) for name in ("created_at", "finished_at"))
    assert created.utcoffset() == timedelta(0)
    assert finished - created == timedelta(seconds=50)
    file = requests.get(result["output"]["image"], timeout=30)
    assert file.headers["Content-Type"] == "image/jpeg"
    assert file.text == "a quiet bay 1/1 3136x1344 jpeg"


def test_the_cost_is_told_when_asked_for(client: Client, clock: StillClock) -> None:
    job = client.submit(sequential_image_generation="auto", max_images=3)
    assert client.result(job, "?include_cost=true")["cost"] == 0
    clock.move(50)
    assert "cost" not in client.ended(job)
    assert client.result(job, "?include_cost=true")["cost"] == 0.12


@pytest.mark.parametrize("count", [2, 14])
def test_a_series_has_as_many_pictures_as_were_asked_for(swift: Client, count: int) -> None:
    job = swift.submit(prompt="3 stickers of a cat", sequential_image_generation="auto", max_images=count)
    output = swift.ended(job)["output"]
    assert list(output) == ["images"]
    assert output["images"] == [f"{swift.url}/files/{job}/{number}.png" for number in range(1, count + 1)]
    texts = [requests.get(url, timeout=30).text for url in output["images"]]
    assert texts == [f"3 stickers of a cat {number}/{count} 2304x1728 png" for number in range(1, count + 1)]


def test_a_series_has_four_where_the_model_would_decide(swift: Client) -> None:
    default = load().defaults["max_images"]
    for more in ({}, {"max_images": default}):
        job = swift.submit(prompt="nine images", sequential_image_generation="auto", **more)
        assert len(swift.ended(job)["output"]["images"]) == 4


def test_there_is_one_picture_where_no_series_is_asked_for(swift: Client) -> None:
    job = swift.submit(prompt="nine images", sequential_image_generation="disabled", max_images=9)
    assert list(swift.ended(job)["output"]) == ["image"]


@pytest.mark.parametrize(
    ("resolution", "size"), [("2K", "2048x2048"), ("3K", "3072x3072"), ("2496x1664 (3:2)", "2496x1664")]
)
def test_the_size_is_a_square_where_the_model_would_choose_the_shape(
    swift: Client, resolution: str, size: str
) -> None:
    output = swift.ended(swift.submit(prompt="wide", resolution=resolution))["output"]
    assert requests.get(output["image"], timeout=30).text == f"wide 1/1 {size} png"


def test_there_is_no_file_before_the_end_nor_another_one(client: Client, clock: StillClock) -> None:
    job = client.submit()
    assert client.get(f"/files/{job}/1.png").status_code == 404
    clock.move(50)
    client.ended(job)
    assert client.get(f"/files/{job}/1.png").status_code == 200
    for name in ("2.png", "1.jpeg", "..%2f1.png"):
        assert client.get(f"/files/{job}/{name}").status_code == 404


def test_cancelling_a_queued_job(client: Client, clock: StillClock) -> None:
    job = client.submit()
    cancelled = {"request_id": job, "status": "cancelled", "outcome": "cancelled"}
    assert client.cancel(job) == client.cancel(job) == cancelled
    clock.move(100)
    result = client.result(job)
    assert (result["status"], result["output"]) == ("cancelled", None)
    assert result["finished_at"] == result["created_at"]


def test_a_running_job_is_not_cancellable(client: Client, clock: StillClock) -> None:
    job = client.submit()
    clock.move(30)
    refused = {"request_id": job, "status": "in_progress", "outcome": "not_cancellable"}
    assert client.cancel(job) == refused
    clock.move(20)
    client.ended(job)
    assert client.cancel(job) == {**refused, "status": "completed"}


def test_a_cancelled_job_is_never_drawn(clock: StillClock) -> None:
    drawn = []

    def noting(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        drawn.append(prompt)
        return b""

    with serve(create_app(Options(queue_seconds=1000), noting, clock)) as service:
        client = Client(service.url)
        dropped, kept = client.submit(prompt="dropped"), client.submit(prompt="kept")
        client.cancel(dropped)
        clock.move(2000)
        client.ended(kept)
        assert client.status(dropped)["status"] == "cancelled"
    assert drawn == ["kept"]


def test_a_job_is_drawn_though_nobody_asks_for_it() -> None:
    drawn = threading.Event()

    def noting(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        drawn.set()
        return b""

    with serve(create_app(Options(queue_seconds=0.01), noting)) as service:
        Client(service.url).submit()
        assert drawn.wait(30)


def test_a_job_runs_until_its_last_picture_is_ready(clock: StillClock) -> None:
    go_on = threading.Event()

    def waiting(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        assert go_on.wait(30)
        return b"picture"

    with serve(create_app(Options(), waiting, clock)) as service:
        client = Client(service.url)
        job = client.submit()
        clock.move(500)
        assert client.status(job)["status"] == "in_progress"
        go_on.set()
        assert client.ended(job)["status"] == "completed"


def test_a_picture_that_cannot_be_drawn_fails_its_job() -> None:
    def failing(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        if number == 2:
            raise ValueError("no more ink")
        return b""

    with serve(create_app(Options(queue_seconds=0), failing)) as service:
        client = Client(service.url)
        job = client.submit(sequential_image_generation="auto")
        result = client.ended(job)
        assert (result["status"], result["output"]) == ("failed", None)
        assert result["error"] == "ValueError: no more ink"
        assert result["finished_at"] is not None
        assert client.get(f"/files/{job}/1.png").status_code == 404


def test_the_catalogue_has_the_price(client: Client) -> None:
    answer = client.get(MODEL).json()
    assert isinstance(answer["pricing_note"], str)
    assert (answer["model_id"], answer["base_price_usd"], answer["price_unit"]) == (MODEL[11:], 0.04, "output")
    assert answer["input_schema"] == load().input_schema


def test_many_clients_at_once() -> None:
    with (
        serve(create_app(Options(queue_seconds=0.2, drawing_seconds=0.2), ready_made)) as service,
        ThreadPoolExecutor(100) as pool,
    ):
        client = Client(service.url)
        jobs = list(pool.map(lambda _: client.submit(), range(200)))
        assert {result["status"] for result in pool.map(client.ended, jobs)} == {"completed"}
