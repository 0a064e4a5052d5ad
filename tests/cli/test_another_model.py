"""`SEEDREAM_MODEL` for who uses no page: the command, and `seedream.generate`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedream
from seedream import texts
from seedream.offline import Options, create_app, serve
from tests.controlled_api import tiny_picture
from tests.grown_catalogue import pro
from tests.schema.test_live import PRO
from tests.sdk.scripting import TOKEN, environment, run
from tests.servers import Recorder, free_port

pytestmark = pytest.mark.thorough

ADDRESS = "https://example.org/a.png"
AT_ONCE = Options(queue_seconds=0, drawing_seconds=0, price_usd=0.04)
SENT = {
    "prompt": "in oil",
    "image": [ADDRESS],
    "aspect_ratio": "16:9",
    "resolution": "2K",
    "output_format": "png",
}


@pytest.fixture(scope="module")
def service() -> Iterator[Recorder]:
    recorder = Recorder(create_app(AT_ONCE, tiny_picture, models=[pro()]))
    with serve(recorder) as running:
        recorder.url = running.url
        yield recorder


@pytest.fixture(autouse=True)
def _forgotten(service: Recorder) -> None:
    service.calls.clear()


def test_the_command_has_its_fields_as_flags(service: Recorder, tmp_path: Path) -> None:
    variables = environment(service.url, SEEDREAM_MODEL=PRO, COLUMNS="100")
    told = run(tmp_path, variables, "--help")
    assert told.code == 0
    assert texts.text("command.help.about", model="Seedream 5.0 Pro") in told.out
    assert "Aspect ratio; one of: auto, 1:1, 4:3" in told.out
    assert "--max-images" not in told.out
    arguments = shlex.split(f"'in oil' --image {ADDRESS} --aspect-ratio 16:9 --json -o out")
    done = run(tmp_path, variables, *arguments)
    assert done.code == 0, done.err
    assert (done.json["model_id"], done.json["status"]) == (PRO, "completed")
    assert [path.parent.name for path in tmp_path.rglob("*.png")] == ["out"]
    (call,) = service.submissions()
    assert (call.path, call.json) == (f"/v1/models/{PRO}", SENT)


def test_a_script_reads_the_schema_once(
    service: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (("RUNCOMFY_BASE_URL", service.url), ("RUNCOMFY_TOKEN", TOKEN), ("SEEDREAM_MODEL", PRO)):
        monkeypatch.setenv(name, value)
    for _ in range(2):
        made = seedream.generate("in oil", image=ADDRESS, aspect_ratio="16:9")
        assert (made.record.model_id, made.record.status) == (PRO, "completed")
    with pytest.raises(seedream.SeedreamError, match="max_images"):
        seedream.generate("in oil", image=ADDRESS, max_images=2)
    assert [call.path for call in service.submissions()] == [f"/v1/models/{PRO}"] * 2
    assert [call.path for call in service.calls if call.method == "GET"].count(f"/v1/models/{PRO}") == 1


def test_without_its_schema_nothing_is_sent_and_what_was_sent_can_be_taken_up(
    service: Recorder, tmp_path: Path
) -> None:
    known = environment(service.url, SEEDREAM_MODEL=PRO)
    made = run(tmp_path, known, "in oil", f"--image={ADDRESS}", "--json").json
    unknown = environment(service.url, SEEDREAM_MODEL=f"{PRO}-no-more")
    for arguments in (["in oil"], ["in oil", "--aspect-ratio=16:9"]):
        refused = run(tmp_path, unknown, *arguments)
        assert (refused.code, refused.out) == (78, "")
        assert f"the catalogue's schema of {PRO}-no-more can't be read (not_found)" in refused.err
    assert "no-more" in run(tmp_path, environment(None, SEEDREAM_MODEL=f"{PRO}-no-more"), "in oil").err
    assert run(tmp_path, unknown, "--help").code == 0
    assert run(tmp_path, unknown, "--resume", made["request_id"]).code == 0
    assert len(service.submissions()) == 1


def test_a_script_hears_why_there_is_no_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = f"http://127.0.0.1:{free_port()}"
    for name, value in (("RUNCOMFY_BASE_URL", nowhere), ("RUNCOMFY_TOKEN", TOKEN), ("SEEDREAM_MODEL", PRO)):
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"{PRO} can't be read"):
        seedream.generate("in oil", image=ADDRESS)
