from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from seedream.offline import Options, create_app, serve
from tests.offline.support import MODEL, Client, StillClock, ready_made


def test_old_jobs_and_their_files_are_forgotten(client: Client, clock: StillClock) -> None:
    job = client.submit()
    clock.move(50)
    url = client.ended(job)["output"]["image"].removeprefix(client.url)
    clock.move(549)
    assert client.get(url).status_code == 200
    clock.move(1)
    assert client.get(url).status_code == 404
    assert client.get(f"/v1/requests/{job}/status").status_code == 404


def test_a_new_job_takes_the_place_of_the_oldest_that_has_ended(client: Client, clock: StillClock) -> None:
    jobs = [client.submit() for _ in range(3)]
    client.cancel(jobs[1])
    jobs.append(client.submit())
    codes = [client.get(f"/v1/requests/{job}/status").status_code for job in jobs]
    assert codes == [200, 404, 200, 200]


def test_waiting_jobs_are_never_dropped_for_new_ones(client: Client, clock: StillClock) -> None:
    jobs = [client.submit() for _ in range(3)]
    refused = client.post(MODEL, {"prompt": "one too many"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    clock.move(50)
    assert {client.ended(job)["status"] for job in jobs} == {"completed"}
    client.submit()


def test_the_disk_holds_no_more_than_is_kept_and_nothing_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    options = Options(queue_seconds=0, drawing_seconds=0, keep_jobs=2)
    with serve(create_app(options, ready_made)) as service:
        client = Client(service.url)
        for _ in range(5):
            client.ended(client.submit())
        assert len(list(tmp_path.rglob("1.png"))) == 2
    assert list(tmp_path.iterdir()) == []
