"""`python -m seedream "in oil" --image a.png --image https://…`, as a process."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from seedream import texts
from seedream.schema import EDIT, load
from tests.sdk.scripting import RunningApi, environment, run, running_api

ADDRESS = "https://example.org/a.png"
EDIT_ID = load(EDIT).model_id


@pytest.fixture(scope="module")
def there() -> Iterator[RunningApi]:
    with running_api() as service:
        yield service


def test_files_and_addresses_go_to_the_edit_model(there: RunningApi, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.new("RGB", (64, 48), "red").save(tmp_path / "in" / "a.png")
    size = "2048x2048 (1:1)"
    arguments = [
        "in oil",
        "--image",
        "in/a.png",
        "--resolution",
        size,
        f"--image={ADDRESS}",
        "-o",
        "out",
        "--json",
    ]
    done = run(tmp_path, environment(there.url), *arguments)
    assert done.code == 0, done.err
    call = there.recorder.submissions()[-1]
    assert call.path == f"/v1/models/{EDIT_ID}"
    uri = f"data:image/png;base64,{base64.b64encode((tmp_path / 'in' / 'a.png').read_bytes()).decode()}"
    assert call.json == {"prompt": "in oil", "image": [uri, ADDRESS], "resolution": size}
    told = done.json
    assert (told["model_id"], told["status"]) == (EDIT_ID, "completed")
    file, address = told["request"]["image"]
    assert address == ADDRESS
    assert re.fullmatch(r"data:image/png;64x48;\d+;sha256=[0-9a-f]{64}", file)
    assert told["files"][0]["path"].endswith("-in-oil-01.png")
    # Its result is where the next begins, and any job is taken up as any other.
    url = told["files"][0]["url"]
    assert run(tmp_path, environment(there.url), "make the sky red", "--image", url).code == 0
    assert there.recorder.submissions()[-1].json["image"] == [url]
    before = there.submitted()
    assert run(tmp_path, environment(there.url), "--resume", told["request_id"]).code == 0
    assert there.submitted() == before


@pytest.mark.thorough
def test_without_a_token_the_sample_shows_what_it_starts_from(tmp_path: Path) -> None:
    Image.new("RGB", (640, 480), "red").save(tmp_path / "a.png")
    done = run(tmp_path, environment(None), "in oil", "--image", "a.png", "--json")
    assert (done.code, done.err.strip()) == (0, texts.text("command.samples"))
    assert (done.json["model_id"], done.json["sample"]) == (EDIT_ID, True)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["--image", "missing.png"], 66, "reference_unreadable"),
        (["--image", ""], 65, "reference_unfit"),
        (["--image", "http://example.org/a.png"], 65, "reference_unfit"),
        (["--image", "words.txt"], 65, "reference_not_a_picture"),
        (["--image", ADDRESS] * 11, 65, "references_many"),
        (
            [*["--image", ADDRESS] * 5, "--sequential-image-generation", "auto", "--max-images", "11"],
            65,
            "references_and_series",
        ),
    ],
)
def test_what_does_not_fit_has_its_exit_code_and_nothing_is_sent(
    there: RunningApi, tmp_path: Path, arguments: list[str], code: int, error: str
) -> None:
    (tmp_path / "words.txt").write_text("words")
    there.recorder.calls.clear()
    done = run(tmp_path, environment(there.url), "in oil", *arguments, "-o", "out", "--json")
    told = done.json
    assert (done.code, told["error"]["code"], told["model_id"]) == (code, error, EDIT_ID)
    assert done.err == f"{told['error']['message']}\n"
    assert "othing was sent" in done.err
    assert ("missing.png" in done.err) == (code == 66)
    assert there.recorder.calls == []
    assert not (tmp_path / "out").exists()
