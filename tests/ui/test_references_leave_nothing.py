"""What a running app has of references, in memory and on its disk, once they were sent: nothing.

Of an agent's call the protocol's library holds the body, at most 4 MiB, for as long as it waits.
"""

from __future__ import annotations

import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from gradio_client import Client

from seedream.pictures.references import prepared
from seedream.schema.references import MOST_CHARACTERS, ReferenceRules
from tests.controlled_api import ControlledApi, controlled_api, wait_until
from tests.memory import memory
from tests.pictures.reference_files import noise, written
from tests.servers import AppProcess, running_app

pytestmark = pytest.mark.thorough

SECONDS = 60
# The first round fills what a process keeps for the next ones: threads, and the places that they work in.
WARM, ROUNDS = 1, 6
# A round's are 24 MiB, in each of the forms that they take on their way: kept, they would be 140 MB at least.
MOST_GROWN_MB = 40.0


@pytest.fixture(scope="module")
def api() -> Iterator[ControlledApi]:
    with controlled_api() as found:
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def editing_app(api: ControlledApi, place: Path) -> Iterator[AppProcess]:
    folders = {"TMPDIR": str(place), "GRADIO_TEMP_DIR": str(place / "gradio"), "HOME": str(place)}
    with running_app(api.environment(**folders)) as app:
        yield app


def heavy() -> str:
    """A reference about as heavy as may be, which is sent as it is."""
    file = written(noise(1250, 950), "JPEG", quality=99, subsampling=0)
    uri = f"data:image/jpeg;base64,{b64encode(file).decode()}"
    assert 0.8 * MOST_CHARACTERS < len(uri) <= MOST_CHARACTERS
    assert prepared(file, ReferenceRules(), 1).uri == uri
    return uri


def file_of(uri: str) -> bytes:
    return b64decode(uri.partition(",")[2])


def press(url: str, references: list[str]) -> None:
    """Submit as the page does."""
    config = requests.get(f"{url}/config", timeout=SECONDS).json()
    gallery = next(each["id"] for each in config["components"] if each["props"].get("elem_id") == "gallery")
    ticket = requests.post(f"{url}/atelier/ticket", timeout=SECONDS).json()["ticket"]
    values = {"prompt": "in oil", "image": references}
    order = {"key": str(uuid.uuid4()), "ticket": ticket, "values": values, "own": False, "seal": None}
    body = {"data": order, "component_id": gallery, "fn_name": "submit", "session_hash": uuid.uuid4().hex}
    answer = requests.post(f"{url}/gradio_api/component_server/", json=body, timeout=SECONDS).json()
    assert answer["record"]["request_id"], answer
    assert all(len(each) < 200 for each in answer["request"]["image"])


def call(client: Client, references: list[str]) -> Any:
    """Submit as a script does, and return the job that waits."""
    job = client.submit("in oil", references, api_name="/edit")
    wait_until(job.outputs)
    return job


def files(place: Path) -> dict[Path, int]:
    return {each: each.stat().st_size for each in place.rglob("*") if each.is_file()}


def test_what_was_sent_is_nowhere_any_more(api: ControlledApi, editing_app: AppProcess, place: Path) -> None:
    references, client = [heavy(), heavy()], Client(editing_app.url, verbose=False)
    jobs: list[Any] = []
    process = editing_app.process.pid

    def go(rounds: int) -> None:
        for _ in range(rounds):
            press(editing_app.url, references)
            jobs.append(call(client, references))

    go(WARM)
    before, on_disk = memory(process).now, files(place)
    go(ROUNDS)
    # All of these jobs wait in their queue: what they began with has gone to RunComfy, and is not here.
    assert api.submitted() == 2 * (WARM + ROUNDS)
    assert all(call.json["image"] == references for call in api.submissions)
    assert files(place) == on_disk
    wait_until(lambda: memory(process).now - before <= MOST_GROWN_MB)
    print(f"memory: {memory(process).now - before:.1f} MB over {before:.0f}")
    api.finish()
    for job in jobs:
        _, record = job.result(timeout=SECONDS)
        assert record["status"] == "completed"
    # What was made is there.
    written_since = [each.read_bytes() for each in files(place).keys() - on_disk.keys()]
    assert len(written_since) >= len(jobs)
    assert not any(file_of(references[0]) in each or b"base64" in each for each in written_since)
    assert not any("base64" in line for line in editing_app.lines)
