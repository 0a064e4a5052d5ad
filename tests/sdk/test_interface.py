"""`import seedream`, for scripts and notebooks."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import seedream
from seedream import texts
from seedream.pictures.images import Picture, verify_image
from seedream.sdk.saver import file_stem
from tests.controlled_api import ControlledApi, controlled_api
from tests.sdk.scripting import TOKEN, RunningApi, ended, environment, running_api, start


@pytest.fixture(scope="module")
def served() -> Iterator[RunningApi]:
    with running_api() as service:
        yield service


@pytest.fixture
def there(served: RunningApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _quick_polling: None) -> RunningApi:
    """Have this process pay there, from a folder that is not the repository's."""
    _at_home(served.url, tmp_path, monkeypatch)
    served.recorder.calls.clear()
    return served


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _quick_polling: None) -> Iterator[ControlledApi]:
    with controlled_api() as service:
        _at_home(service.url, tmp_path, monkeypatch)
        yield service


def _at_home(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for name, value in (("RUNCOMFY_BASE_URL", url), ("RUNCOMFY_TOKEN", TOKEN), ("LC_ALL", "C")):
        monkeypatch.setenv(name, value)


# --- blocking


def test_generate_saves_the_original_and_tells_what_it_is(there: RunningApi) -> None:
    made = seedream.generate("a red fox", resolution="2048x2048 (1:1)", folder="out")
    (picture,) = made.pictures
    content = picture.path.read_bytes()
    assert re.fullmatch(r"out/\d{4}-\d\d-\d\d-a-red-fox-01\.png", str(picture.path))
    assert (picture.width, picture.height, picture.format, picture.size) == (64, 48, "PNG", len(content))
    assert picture.sha256 == hashlib.sha256(content).hexdigest()
    assert made.request_id in picture.url
    assert (made.sample, made.missing) == (False, ())
    assert made.cost_usd == pytest.approx(0.04)
    with picture.open() as image:
        assert image.size == (64, 48)
    assert [call.json["resolution"] for call in there.recorder.submissions()] == ["2048x2048 (1:1)"]
    # The preview that the page would show is never made; the token stays with the API.
    assert [call.headers.get("authorization") for call in there.recorder.calls if "/files/" in call.path] == [None]


async def test_it_blocks_inside_a_running_loop_and_tells_the_states_in_this_thread(there: RunningApi) -> None:
    heard: list[tuple[str, str | None, threading.Thread]] = []

    def on_state(record: seedream.Record) -> None:
        heard.append((record.status, record.request_id, threading.current_thread()))
        raise RuntimeError("whoever looks on must not lose a paid job")

    made = seedream.generate("a bay", on_state=on_state)
    assert heard[0][:2] == ("submitting", None)
    assert heard[-1][:2] == ("completed", made.request_id)
    assert {thread for _, _, thread in heard} == {threading.current_thread()}


def test_a_series_keeps_what_could_be_had_and_resume_overwrites_nothing(there: RunningApi) -> None:
    made = seedream.generate("3 pictures with junk", sequential_image_generation="auto", max_images=3)
    assert [picture.number for picture in made.pictures] == [1, 3]
    assert [picture.path.name[-7:] for picture in made.pictures] == ["-01.png", "-03.png"]
    (missing,) = made.missing
    assert (missing.number, missing.error.code) == (2, "file_not_a_picture")
    before = {path: path.read_bytes() for path in Path().iterdir()}
    again = seedream.resume(made.request_id)
    assert again.request_id == made.request_id
    assert [picture.sha256 for picture in again.pictures] == [picture.sha256 for picture in made.pictures]
    assert before.items() <= {path: path.read_bytes() for path in Path().iterdir()}.items()
    assert there.submitted() == 1
    # A third time beside the second: numbers go on.
    assert [each.path.name[-7:] for each in seedream.resume(made.request_id).pictures] == ["-04.png", "-06.png"]


def test_a_download_that_fails_is_tried_again(there: RunningApi) -> None:
    there.failing.files_to_fail = 1
    assert seedream.generate("a bay").pictures[0].path.is_file()


def test_a_notebook_shows_the_pictures_and_a_prompt_stays_text(there: RunningApi) -> None:
    made = seedream.generate("<b>a & b", folder="<i>")
    shown = made._repr_html_()
    assert shown.count("data:image/webp;base64,") == 1
    assert "64 × 48 PNG" in shown
    assert "<b>" not in shown + repr(made.pictures)
    made.pictures[0].path.unlink()
    assert "<img" not in made._repr_html_()


@pytest.mark.parametrize(
    ("prompt", "fields", "code"),
    [
        (" ", {}, "prompt_empty"),
        ("a" * 20_001, {}, "prompt_too_long"),
        ("a bay", {"resolution": "5K"}, "value_unfit"),
        ("a bay", {"style": "x"}, "field_unknown"),
        ("a bay", {"folder": "file/out"}, "folder_unfit"),
    ],
)
def test_what_does_not_fit_is_a_sentence_and_nothing_is_sent(
    there: RunningApi, prompt: str, fields: dict[str, str], code: str
) -> None:
    Path("file").write_text("in the way")
    with pytest.raises(seedream.SeedreamError) as caught:
        seedream.generate(prompt, **fields)  # type: ignore[arg-type]  # the folder is one of the texts
    assert caught.value.code == code
    assert str(caught.value).endswith(f"othing was sent. [{code}]") or code in ("prompt_empty", "field_unknown")
    assert there.recorder.calls == []


def test_an_error_is_its_sentence_with_the_code_and_the_request_id(
    there: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    with pytest.raises(seedream.SeedreamError) as caught:
        seedream.generate("fail: a bay")
    told = str(caught.value)
    assert texts.text("error.job_failed", "ja") in told
    assert told.endswith("[job_failed]")
    assert caught.value.request_id
    assert caught.value.request_id in told


def test_what_is_saved_is_known_by_its_content_and_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "original"

    def found(content: bytes) -> Picture:
        file.write_bytes(content)
        return verify_image(file, len(content))

    for name, ending in (("PNG", 120), ("JPEG", 800), ("WEBP", 60)):
        whole = io.BytesIO()
        Image.new("RGB", (300, 200), (200, 60, 30)).save(whole, name)
        content = whole.getvalue()
        picture = found(content)
        assert picture == Picture(file, picture.format, len(content), None, 300, 200)
        assert picture.format == name
        for damaged in (content[:-ending], content[:10], b"", b"<h1>Sign in</h1>"):
            with pytest.raises(seedream.SeedreamError, match="file_not_a_picture"):
                found(damaged)
    assert [path.name for path in tmp_path.iterdir()] == ["original"]


# --- for await


async def test_many_at_once(there: RunningApi) -> None:
    made = await asyncio.gather(*(seedream.generate_async("a bay", folder="out") for _ in range(5)))
    assert len({each.pictures[0].path for each in made}) == 5
    again = await seedream.resume_async(made[0].request_id, folder="again")
    assert again.pictures[0].sha256 == made[0].pictures[0].sha256
    assert there.submitted() == 5


async def test_who_gives_up_takes_a_queued_job_back(api: ControlledApi, caplog: pytest.LogCaptureFixture) -> None:
    known: asyncio.Queue[str] = asyncio.Queue()

    def on_state(record: seedream.Record) -> None:
        if record.request_id:
            known.put_nowait(record.request_id)

    job = asyncio.create_task(seedream.generate_async("a bay", on_state=on_state))
    request_id = await known.get()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert api.client(TOKEN).status(request_id)["status"] == "cancelled"
    assert texts.text("error.job_cancelled") in caplog.text


async def test_who_gives_up_while_it_submits_waits_for_the_answer(
    api: ControlledApi, caplog: pytest.LogCaptureFixture
) -> None:
    with api.interceptor.holding_answers():
        job = asyncio.create_task(seedream.generate_async("a bay"))
        await asyncio.to_thread(api.arrived, 1)
        job.cancel()
        await asyncio.sleep(0.1)
        assert not job.done()
        api.draw()
    with pytest.raises(asyncio.CancelledError):
        await job
    # Too late to take it back: it is named, so that nothing is lost.
    named = re.search(r"--resume (\S+)", caplog.text)
    assert named
    assert api.client(TOKEN).status(named[1])["status"] == "in_progress"


# --- elsewhere


def test_a_stopped_notebook_is_told_which_job_goes_on(api: ControlledApi, tmp_path: Path) -> None:
    process = start(tmp_path, environment(api.url), "-c", "import seedream; seedream.generate('a bay')")
    api.arrived(1)
    api.draw()
    process.send_signal(signal.SIGINT)
    done = ended(process)
    assert done.code != 0
    assert texts.text("command.goes_on") in done.err.splitlines()[-1]
    assert "--resume" in done.err.splitlines()[-1]
    assert TOKEN not in done.err


def test_importing_it_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = {"gradio", "PIL", "requests", "jsonschema", "asyncio", "limits"}
    code = f"import sys, seedream; print({heavy} & set(sys.modules) or seedream.generate.__name__)"
    done = ended(start(tmp_path, environment(None), "-c", code))
    assert (done.out, done.err) == ("generate\n", "")
    without_the_page = "import sys, seedream.sdk.interface; print('gradio' in sys.modules)"
    assert ended(start(tmp_path, environment(None), "-c", without_the_page)).out == "False\n"


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Kiritimati", "2026-02-04"), ("UTC", "2026-02-03")])
def test_the_day_in_a_name_is_this_computers(zone: str, day: str, tmp_path: Path) -> None:
    code = (
        "from seedream.jobs.record import Record; from seedream.sdk.saver import file_stem;"
        "print(file_stem(Record('m', 'completed', created_at='2026-02-03T23:00:00Z'), sample=False))"
    )
    done = ended(start(tmp_path, environment(None, TZ=zone), "-c", code))
    assert done.out == f"{day}-seedream\n"


@pytest.mark.parametrize("odd", [None, "soon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_paid_picture_is_named_whatever_day_the_service_tells(odd: str | None) -> None:
    stem = file_stem(seedream.Record("m", "completed", created_at=odd), sample=False)
    assert re.fullmatch(r"2\d{3}-\d\d-\d\d-seedream", stem)
