"""What a running app has on its disk: each original once, and nothing once its process has gone."""

from __future__ import annotations

import hashlib
import signal
from collections import Counter
from pathlib import Path

import pytest
from gradio_client import Client

from tests.controlled_api import TOKEN
from tests.servers import AppProcess, Recorder, start_app

pytestmark = pytest.mark.thorough


def contents(folder: Path) -> Counter[str]:
    """Count the files of a folder by what is in them."""
    return Counter(hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.rglob("*") if each.is_file())


def own_folders(place: Path) -> set[Path]:
    return set(place.glob("seedream-*"))


def called(app: AppProcess, saved: Path) -> list[str]:
    """Have a script make a series, take it up twice and save it, and return the digests of what it got."""
    client = Client(app.url, verbose=False, download_files=saved)
    fields = {"sequential_image_generation": "auto", "max_images": 2, "output_format": "jpeg"}
    gallery, record = client.predict("a bay", **fields, api_name="/generate")
    for _ in range(2):
        assert len(client.predict(record["request_id"], api_name="/resume")[0]) == 2
    return [hashlib.sha256(Path(item["image"]).read_bytes()).hexdigest() for item in gallery]


def test_an_original_is_on_the_disk_once_and_with_its_process_it_is_gone(
    service: Recorder, tmp_path: Path
) -> None:
    place, saved = tmp_path / "gradio", tmp_path / "saved"
    variables = {
        "RUNCOMFY_TOKEN": TOKEN,
        "RUNCOMFY_BASE_URL": service.url,
        "GRADIO_TEMP_DIR": str(place),
    }
    app = start_app(variables)
    try:
        originals = called(app, saved)
        # Gradio hands out the very files that the cache keeps, and makes none of its own.
        assert {digest: contents(place)[digest] for digest in originals} == dict.fromkeys(originals, 1)
        (left,) = own_folders(place)
        assert sum(contents(place).values()) == sum(contents(left).values())

        app.kill()
        assert left.exists()
        app.start()
        assert left not in own_folders(place)
        assert len(own_folders(place)) == 1
        # A host stops its containers so, and a terminal that is closed its programs.
        # Who started these tests by `nohup` has said that they are to outlive it, the app too.
        heard = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
        for ending in (signal.SIGTERM, *[signal.SIGHUP] * heard):
            assert len(own_folders(place)) == 1
            app.process.send_signal(ending)
            app.process.wait(30)
            assert own_folders(place) == set()
            app.start()
    finally:
        app.kill()
