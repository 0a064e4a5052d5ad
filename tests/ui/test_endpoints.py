from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import requests
from gradio_client import Client
from gradio_client.client import Job
from gradio_client.exceptions import AppError
from PIL import Image
from starlette.responses import JSONResponse

from seedream import texts
from seedream.offline import Options, create_app, serve
from seedream.schema import load, load_models
from tests.offline.support import StillClock
from tests.servers import AppProcess, Call, Recorder, running_app

TOKEN = "marker-3f9c1d27-endpoints"
LIMIT = 60.0
RECORD = {
    "request_id",
    "model_id",
    "status",
    "queue_position",
    "outputs",
    "cost_usd",
    "created_at",
    "finished_at",
    "request",
    "error",
}


class Clock(StillClock):
    """Runs like any other, until it is held."""

    _held = False

    def now(self) -> float:
        held = super().now()
        return held if self._held else time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await (super().sleep(seconds) if self._held else asyncio.sleep(seconds))

    @contextmanager
    def held(self) -> Iterator[Callable[[float], None]]:
        """Stop it, and give the means to move it."""
        self._held, self._now = True, time.monotonic()
        try:
            yield self.move
        finally:
            self._held = False


@lru_cache
def ready(size: tuple[int, int], format: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (40, 90, 120)).save(file, format)
    return file.getvalue()


def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
    if prompt == "no paint":
        raise ValueError("out of {paint}")
    if prompt.startswith("junk") and number == 2:
        return b"<h1>Sign in</h1>"
    return ready(size, format)


@dataclass
class RunningApi:
    app: AppProcess
    recorder: Recorder
    clock: Clock

    def client(self, **headers: str) -> Client:
        return Client(self.app.url, verbose=False, headers=headers)


@contextmanager
def running_api(options: Options) -> Iterator[RunningApi]:
    clock = Clock()
    recorder = Recorder(create_app(options, paint, clock))
    with (
        serve(recorder) as service,
        running_app({"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": service.url}) as app,
    ):
        yield RunningApi(app, recorder, clock)


@pytest.fixture(scope="module")
def there() -> Iterator[RunningApi]:
    with running_api(Options(queue_seconds=0.2, drawing_seconds=0.2, price_usd=0.04)) as found:
        yield found


@pytest.fixture(scope="module")
def _client(there: RunningApi) -> Client:
    return there.client()


@pytest.fixture
def client(there: RunningApi, _client: Client) -> Client:
    there.recorder.calls.clear()
    return _client


@dataclass
class Made:
    """What one call of `/generate` with nothing but a prompt gave, and what it asked of the API."""

    answers: list[tuple[list[dict[str, Any]], dict[str, Any]]]
    calls: list[Call]

    @property
    def gallery(self) -> list[dict[str, Any]]:
        return self.answers[-1][0]

    @property
    def record(self) -> dict[str, Any]:
        return self.answers[-1][1]


@pytest.fixture(scope="module")
def made(there: RunningApi, _client: Client) -> Made:
    there.recorder.calls.clear()
    answers = list(_client.submit("a quiet bay", api_name="/generate"))
    return Made(answers, list(there.recorder.calls))


def path_of(item: dict[str, Any]) -> Path:
    file = item["image"]
    return Path(file["path"] if isinstance(file, dict) else file)


def opened(item: dict[str, Any]) -> Image.Image:
    with Image.open(path_of(item)) as image:
        image.load()
        return image


def refused(job: Job) -> str:
    with pytest.raises(AppError) as caught:
        job.result(timeout=LIMIT)
    return str(caught.value)


def until(job: Job, status: str) -> dict[str, Any]:
    """Follow a stream up to a state."""
    for _, record in job:
        if record["status"] == status:
            return dict(record)
    raise AssertionError(f"the job was never {status}")


def test_the_interface_is_four_endpoints(client: Client) -> None:
    described = client.view_api(return_format="dict", print_info=False)
    assert isinstance(described, dict)
    named = described["named_endpoints"]
    assert set(named) == {"/generate", "/edit", "/resume", "/cancel"}
    assert described["unnamed_endpoints"] == {}
    names = {name: [each["parameter_name"] for each in endpoint["parameters"]] for name, endpoint in named.items()}
    models = load_models()
    assert [[field.name for field in model.fields] for model in models.both] == [
        names["/generate"],
        names["/edit"],
    ]
    assert names["/resume"] == names["/cancel"] == ["request_id"]


def test_generate_gives_pictures_and_a_full_record(there: RunningApi, client: Client) -> None:
    gallery, record = client.predict(
        "a quiet bay", resolution="1600x2848 (9:16)", output_format="jpeg", api_name="/generate"
    )
    image = opened(gallery[0])
    assert (len(gallery), image.size, image.format) == (1, (1600, 2848), "JPEG")
    request = {
        "prompt": "a quiet bay",
        "resolution": "1600x2848 (9:16)",
        "sequential_image_generation": "disabled",
        "output_format": "jpeg",
        "optimize_prompt_options": "standard",
    }
    assert set(record) >= RECORD
    assert record["request"] == request
    assert [call.json for call in there.recorder.submissions()] == [request]
    assert (record["status"], record["error"], record["queue_position"]) == ("completed", None, None)
    assert record["model_id"] == "bytedance/seedream-5/lite/text-to-image"
    assert record["cost_usd"] == pytest.approx(0.04)
    assert record["created_at"] < record["finished_at"]
    assert [output["kind"] for output in record["outputs"]] == ["image"]
    assert record["request_id"] in record["outputs"][0]["url"]


def test_generate_needs_no_more_than_a_prompt(made: Made) -> None:
    image = opened(made.gallery[0])
    assert (len(made.gallery), image.size, image.format) == (1, (2304, 1728), "PNG")
    assert made.record["request"] == load().request({"prompt": "a quiet bay"})
    assert [call.json for call in made.calls if call.method == "POST"] == [made.record["request"]]


def test_the_pictures_are_the_apis_files_byte_for_byte(made: Made) -> None:
    path = path_of(made.gallery[0])
    assert path.read_bytes() == ready((2304, 1728), "png")
    assert path.suffix == ".png"


def test_generate_streams_the_states_in_order(made: Made) -> None:
    order = ["in_queue", "in_progress", "completed"]
    records = [record for _, record in made.answers]
    statuses = [record["status"] for record in records]
    assert statuses == sorted(statuses, key=order.index)
    assert {"in_queue", "completed"} <= set(statuses)
    assert [bool(gallery) for gallery, _ in made.answers] == [status == "completed" for status in statuses]
    # Whoever hears anything can find the paid job again.
    assert {record["request_id"] for record in records} == {made.record["request_id"]}


def test_the_token_goes_to_the_api_and_not_with_downloads(made: Made) -> None:
    api = [call for call in made.calls if call.path.startswith("/v1/")]
    files = [call for call in made.calls if call.path.startswith("/files/")]
    assert len(api) + len(files) == len(made.calls)
    assert {call.headers.get("authorization") for call in api} == {f"Bearer {TOKEN}"}
    assert len(files) == 1
    assert TOKEN not in str(files)


def test_generate_makes_a_series(there: RunningApi, client: Client) -> None:
    gallery, record = client.predict(
        "3 boats",
        resolution="2048x2048 (1:1)",
        sequential_image_generation="auto",
        max_images="3",
        output_format="jpeg",
        api_name="/generate",
    )
    assert [opened(item).size for item in gallery] == [(2048, 2048)] * 3
    assert [output["url"].rpartition("/")[2] for output in record["outputs"]] == ["1.jpeg", "2.jpeg", "3.jpeg"]
    (sent,) = there.recorder.submissions()
    assert (sent.json["max_images"], type(sent.json["max_images"])) == (3, int)


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info"])
def test_the_token_is_in_no_page(there: RunningApi, path: str) -> None:
    answer = requests.get(there.app.url + path, timeout=30)
    assert answer.ok
    assert TOKEN not in answer.text
    assert TOKEN not in there.app.output


def test_a_visitors_own_token_is_used_for_their_calls(there: RunningApi, client: Client) -> None:
    _, record = there.client(**{"X-RunComfy-Token": "visitors-own"}).predict("a quiet bay", api_name="/generate")
    bearers = {call.headers["authorization"] for call in there.recorder.calls if call.path.startswith("/v1/")}
    assert bearers == {"Bearer visitors-own"}
    # Nobody else gets to see it, not even the owner of the page.
    assert "[not_permitted]" in refused(client.submit(record["request_id"], api_name="/resume"))


VALUES = ["a quiet bay", "2K", "disabled", 15, "png", "standard"]


def test_an_empty_token_header_makes_nobody_pay(there: RunningApi, client: Client) -> None:
    url, headers = f"{there.app.url}/gradio_api/run/generate", {"X-RunComfy-Token": ""}
    answer = requests.post(url, json={"data": VALUES}, headers=headers, timeout=LIMIT)
    assert not answer.ok
    assert "[token_header_empty]" in answer.text
    assert there.recorder.calls == []


def test_a_plain_post_names_the_job_that_it_paid_for(there: RunningApi, client: Client) -> None:
    url = f"{there.app.url}/gradio_api/run/generate"
    answer = requests.post(url, json={"data": VALUES}, timeout=LIMIT)
    _, record = answer.json()["data"]
    assert len(there.recorder.submissions()) == 1
    assert client.predict(record["request_id"], api_name="/resume")[1]["status"] == "completed"


def test_a_script_may_name_its_own_key_and_take_the_job_up_by_it(there: RunningApi, client: Client) -> None:
    key = "0123456789abcdef-of-a-script"
    mine = there.client(**{"X-Seedream-Key": key})
    first, again = (mine.predict("a quiet bay", api_name="/generate")[1] for _ in range(2))
    assert first["request_id"] == again["request_id"]
    assert client.predict(key, api_name="/resume")[1]["request_id"] == first["request_id"]
    assert len(there.recorder.submissions()) == 1
    said = refused(there.client(**{"X-Seedream-Key": "short"}).submit("a quiet bay", api_name="/generate"))
    assert "[key_unfit]" in said
    assert len(there.recorder.submissions()) == 1


def test_a_submission_that_nobody_heard_of_is_named_by_its_key(there: RunningApi) -> None:
    key = "0123456789abcdef-without-an-answer"
    usual, there.recorder.app = there.recorder.app, JSONResponse({}, 502)
    try:
        script = there.client(**{"X-Seedream-Key": key})
        said = refused(script.submit("a quiet bay", api_name="/generate"))
    finally:
        there.recorder.app = usual
    assert f"(key in this page's log: {key}) [submission_unknown]" in said
    assert f"submitting key={key}" in there.app.output


def test_the_record_says_which_file_of_a_series_is_missing(there: RunningApi, client: Client) -> None:
    gallery, record = client.predict(
        "junk among boats", sequential_image_generation="auto", max_images="3", api_name="/generate"
    )
    assert len(gallery) == 2
    assert [output.get("error", {}).get("code") for output in record["outputs"]] == [
        None,
        "file_not_a_picture",
        None,
    ]
    assert record["outputs"][1]["error"]["message"] == texts.text("error.file_not_a_picture")
    assert record["error"] is None


def test_resume_needs_the_request_id_alone(there: RunningApi, client: Client, made: Made) -> None:
    there.recorder.calls.clear()
    gallery, record = there.client().predict(made.record["request_id"], api_name="/resume")
    assert path_of(gallery[0]).read_bytes() == path_of(made.gallery[0]).read_bytes()
    assert record == {**made.record, "request": None, "model_id": None}
    assert there.recorder.submissions() == []


def test_a_queued_job_can_be_cancelled(there: RunningApi, client: Client) -> None:
    with there.clock.held():
        job = client.submit("a quiet bay", api_name="/generate")
        request_id = until(job, "in_queue")["request_id"]
        record = client.predict(request_id, api_name="/cancel")
        assert set(record) >= RECORD
        assert (record["status"], record["request_id"]) == ("cancelled", request_id)
        said = refused(job)
    assert "[job_cancelled]" in said
    assert request_id in said
    assert "[job_cancelled]" in refused(client.submit(request_id, api_name="/resume"))


def test_a_job_that_is_being_drawn_goes_on(there: RunningApi, client: Client) -> None:
    with there.clock.held() as move:
        job = client.submit("a quiet bay", api_name="/generate")
        request_id = until(job, "in_queue")["request_id"]
        move(0.3)
        record = client.predict(request_id, api_name="/cancel")
        assert (record["status"], record["error"]) == ("in_progress", None)
        move(1)
        gallery, record = job.result(timeout=LIMIT)
    assert (len(gallery), record["status"]) == (1, "completed")


def test_a_failed_job_is_an_error_with_sentence_code_and_request_id(there: RunningApi, client: Client) -> None:
    said = refused(client.submit("no paint", api_name="/generate"))
    known = {call.path.split("/")[3] for call in there.recorder.calls if "/requests/" in call.path}
    assert texts.text("error.job_failed") in said
    assert "RunComfy said: ValueError: out of {paint}" in said
    assert "[job_failed]" in said
    assert any(f"request ID {request_id}" in said for request_id in known)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"prompt": " "}, "prompt_empty"),
        ({"prompt": "a" * 20_001}, "prompt_too_long"),
        ({"prompt": "a", "resolution": "5K"}, "value_unfit"),
        ({"prompt": "a", "output_format": "gif"}, "value_unfit"),
        ({"prompt": "a", "sequential_image_generation": "auto", "max_images": 16}, "value_unfit"),
        ({"prompt": "a", "sequential_image_generation": "auto", "max_images": True}, "value_unfit"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_sent(
    there: RunningApi, client: Client, values: dict[str, object], code: str
) -> None:
    said = refused(client.submit(**values, api_name="/generate"))
    assert f"[{code}]" in said
    assert "othing was sent" in said
    assert there.recorder.calls == []


@pytest.mark.parametrize("endpoint", ["/resume", "/cancel"])
@pytest.mark.parametrize(
    ("request_id", "code"),
    [
        ("", "request_id_unfit"),
        ("../models", "request_id_unfit"),
        ("abc-1", "identifier_refused_read"),
        ("2c6a2c6e-95d1-4a9b-8f9e-0f8a5c3b1d2e", "not_found"),
    ],
)
def test_a_request_id_that_leads_nowhere_is_told(
    client: Client, endpoint: str, request_id: str, code: str
) -> None:
    said = refused(client.submit(request_id, api_name=endpoint))
    assert f"[{code.removesuffix('_read')}]" in said
    assert texts.text(f"error.{code}") in said


@pytest.mark.parametrize("language", ["ja-JP,ja;q=0.9,en;q=0.8", "ja"])
def test_an_error_is_told_in_the_callers_language(there: RunningApi, language: str) -> None:
    said = refused(there.client(**{"Accept-Language": language}).submit("", api_name="/generate"))
    assert texts.text("error.prompt_empty", "ja") in said
    assert "[prompt_empty]" in said


@pytest.mark.thorough
def test_twenty_visitors_at_once_do_not_stand_behind_each_other(there: RunningApi, client: Client) -> None:
    with there.clock.held() as move:
        jobs = [client.submit("a quiet bay", api_name="/generate") for _ in range(20)]
        # Each of them is under way while none has ended.
        assert len({until(job, "in_queue")["request_id"] for job in jobs}) == 20
        move(1)
        ends = [job.result(timeout=LIMIT) for job in jobs]
    assert [(len(gallery), record["status"]) for gallery, record in ends] == [(1, "completed")] * 20
