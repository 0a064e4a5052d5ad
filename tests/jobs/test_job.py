from __future__ import annotations

import asyncio
import sys
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from starlette.responses import JSONResponse

from seedream.errors import SeedreamError
from seedream.jobs.job import NO_OUTPUT_TRIES, Job, JobSpec
from seedream.jobs.polling import Polling, PollingPolicy
from seedream.jobs.rate_limiter import RateLimiter
from seedream.jobs.record import Record
from seedream.offline import Options, Painter, create_app
from seedream.runcomfy.client import ModelApi
from seedream.schema import Request, load
from tests.offline.support import StillClock, ready_made
from tests.quick_polling import served, soon
from tests.servers import App, Receive, Recorder, Scope, Send

TOKEN = "owner"
ORDER: Request = load().request({"prompt": "a quiet bay"})
pytestmark = pytest.mark.usefixtures("_stopped", "_quick_polling")


class Tampered:
    """The offline service behind a middleman, who answers some paths himself for some time."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._answers: list[tuple[str, JSONResponse]] = []

    def answer(self, path_end: str, answer: JSONResponse, times: int) -> None:
        self._answers += [(path_end, answer)] * times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        place = next((place for place, (end, _) in enumerate(self._answers) if path.endswith(end)), None)
        if place is None:
            await self._app(scope, receive, send)
        else:
            await self._answers.pop(place)[1](scope, receive, send)


class RunningApi:
    def __init__(self, url: str, tampered: Tampered, recorder: Recorder, clock: StillClock) -> None:
        self.api = ModelApi(url, TOKEN, load().model_id)
        self.answer = tampered.answer
        self.recorder = recorder
        self.clock = clock


@contextmanager
def running_api(queue: float = 0.0, drawing: float = 0.0, paint: Painter = ready_made) -> Iterator[RunningApi]:
    """Serve an API whose jobs take so many seconds of a clock that the test moves."""
    clock = StillClock()
    options = Options(queue_seconds=queue, drawing_seconds=drawing, price_usd=0.04)
    tampered = Tampered(create_app(options, paint, clock))
    recorder = Recorder(tampered)
    with served(recorder) as url:
        yield RunningApi(url, tampered, recorder, clock)


async def lived(job: Job) -> list[Record]:
    return await rest(job.states())


async def rest(states: AsyncIterator[Record]) -> list[Record]:
    async def follow() -> list[Record]:
        return [record async for record in states]

    return await soon(follow())


async def until(states: AsyncIterator[Record], status: str) -> Record:
    """Follow a job up to a state, and leave it there."""

    async def follow() -> Record:
        async for record in states:
            if record.status == status:
                return record
        raise AssertionError(f"the job was never {status}")

    return await soon(follow())


async def submitted(api: ModelApi) -> str:
    return await api.submit(ORDER)


async def test_a_job_goes_from_its_submission_to_its_outputs() -> None:
    records = []
    with running_api(queue=30, drawing=20) as there:

        async def live() -> None:
            async for record in Job(JobSpec(there.api, ORDER)).states():
                records.append(record)
                if record.queue_position:
                    there.clock.move(10)
                elif record.status == "in_progress":
                    there.clock.move(20)

        await soon(live())
        submissions = there.recorder.submissions()
    seen = [(record.status, record.queue_position) for record in records]
    queued = [("in_queue", position) for position in (None, 3, 2, 1)]
    assert seen == [("submitting", None), *queued, ("in_progress", None), ("completed", None)]
    assert all(one != other for one, other in pairwise(records))
    assert [record.ended for record in records] == [False] * (len(records) - 1) + [True]
    end = records[-1]
    assert [output.kind for output in end.outputs] == ["image"]
    assert end.outputs[0].url.startswith(there.api.base_url)
    assert (end.cost_usd, end.error, end.request) == (0.04, None, ORDER)
    assert end.created_at
    assert end.finished_at
    assert end.created_at < end.finished_at
    assert {record.request_id for record in records[1:]} == {end.request_id}
    assert [call.json for call in submissions] == [ORDER]


async def test_a_series_ends_with_its_outputs_in_order() -> None:
    order = load().request({"prompt": "3 boats", "sequential_image_generation": "auto", "max_images": 3})
    with running_api() as there:
        end = (await lived(Job(JobSpec(there.api, order))))[-1]
    assert [output.url.rpartition("/")[2] for output in end.outputs] == ["1.png", "2.png", "3.png"]
    assert end.cost_usd == pytest.approx(0.12)


async def test_a_job_is_picked_up_by_its_request_id_alone() -> None:
    with running_api(queue=30) as there:
        request_id = await submitted(there.api)
        states = Job(JobSpec(there.api, request_id=request_id)).states()
        first = await until(states, "in_queue")
        there.clock.move(30)
        end = (await rest(states))[-1]
        # Another process, later: nothing but the ID is left.
        again = await lived(Job(JobSpec(there.api.with_token(TOKEN), request_id=request_id)))
        assert len(there.recorder.submissions()) == 1
    assert (first.queue_position, first.request_id) == (3, request_id)
    assert (end.status, end.request_id, end.request, len(end.outputs)) == ("completed", request_id, None, 1)
    assert again == [end]


async def test_a_pasted_request_id_is_told_without_the_spaces_around_it() -> None:
    with running_api() as there:
        request_id = await submitted(there.api)
        end = (await lived(Job(JobSpec(there.api, request_id=f" {request_id}\n"))))[-1]
    assert (end.status, end.request_id) == ("completed", request_id)


async def test_cancelling_while_queued_ends_the_job() -> None:
    with running_api(queue=60) as there:
        job = Job(JobSpec(there.api, ORDER))
        states = job.states()
        await until(states, "in_queue")
        assert (await job.cancel()).state == "cancelled"
        end = (await rest(states))[-1]
    assert (end.status, end.error, end.outputs) == (
        "cancelled",
        SeedreamError("job_cancelled", request_id=end.request_id),
        (),
    )
    assert end.request_id


async def test_cancelling_while_drawing_goes_on_to_the_pictures() -> None:
    with running_api(drawing=20) as there:
        job = Job(JobSpec(there.api, ORDER))
        states = job.states()
        await until(states, "in_progress")
        assert (await job.cancel()).state == "in_progress"
        there.clock.move(20)
        end = (await rest(states))[-1]
    assert (end.status, end.error, len(end.outputs)) == ("completed", None, 1)


async def test_cancelling_before_the_submission_is_answered_is_refused() -> None:
    with running_api() as there:
        job = Job(JobSpec(there.api, ORDER))
        with pytest.raises(SeedreamError) as caught:
            await job.cancel()
        assert caught.value.code == "not_submitted_yet"
        assert there.recorder.calls == []


async def test_a_cancellation_that_fails_leaves_the_job_as_it_was() -> None:
    with running_api(queue=30) as there:
        there.answer("/cancel", JSONResponse({}, 503), times=1)
        job = Job(JobSpec(there.api, ORDER))
        states = job.states()
        await until(states, "in_queue")
        with pytest.raises(SeedreamError) as caught:
            await job.cancel()
        assert caught.value.code == "service_trouble"
        there.clock.move(30)
        assert (await until(states, "completed")).error is None


async def test_a_failed_job_tells_why() -> None:
    def stumble(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        raise ValueError("out of paint")

    with running_api(paint=stumble) as there:
        end = (await lived(Job(JobSpec(there.api, ORDER))))[-1]
    reason = "ValueError: out of paint"
    assert (end.status, end.error) == (
        "failed",
        SeedreamError("job_failed", request_id=end.request_id, detail=reason),
    )
    assert end.request_id


async def test_completed_without_output_is_asked_again_before_it_counts() -> None:
    with running_api() as there:
        empty = JSONResponse({"status": "completed", "output": None})
        there.answer("/result", empty, times=NO_OUTPUT_TRIES - 1)
        records = await lived(Job(JobSpec(there.api, ORDER)))
    assert [record.status for record in records] == ["submitting", "in_queue", "in_progress", "completed"]
    assert (records[-1].error, len(records[-1].outputs)) == (None, 1)


async def test_completed_without_output_is_told_in_the_end() -> None:
    with running_api() as there:
        there.answer("/result", JSONResponse({"status": "completed", "output": {"images": []}}), times=1000)
        end = (await lived(Job(JobSpec(there.api, ORDER))))[-1]
        asked = [call for call in there.recorder.calls if call.path.endswith("/result")]
    assert (end.status, end.error) == ("completed", SeedreamError("no_output", request_id=end.request_id))
    assert end.request_id
    assert len(asked) == NO_OUTPUT_TRIES


async def test_the_end_of_the_watch_leaves_the_status_and_the_request_id() -> None:
    with running_api(queue=60) as there:
        end = (await lived(Job(JobSpec(there.api, ORDER, policy=PollingPolicy(watch_seconds=0.5)))))[-1]
        assert (end.status, end.error, end.ended) == (
            "in_queue",
            SeedreamError("watch_ended", request_id=end.request_id),
            True,
        )
        assert end.request_id
        assert (await there.api.status(end.request_id)).state == "in_queue"


@pytest.mark.parametrize("status", [429, 500])
async def test_passing_errors_of_reads_are_survived(status: int) -> None:
    with running_api() as there:
        for path_end in ("/status", "/result"):
            there.answer(path_end, JSONResponse({"error_message": "Busy."}, status), times=4)
        records = await lived(Job(JobSpec(there.api, ORDER)))
        assert len(there.recorder.submissions()) == 1
    assert (records[-1].status, records[-1].error) == ("completed", None)
    assert all(record.error is None for record in records)


class Turns(RateLimiter):
    """Counts the turns that it gives."""

    given = 0

    async def turn(self, likelihood: float = 1.0) -> None:
        await super().turn(likelihood)
        self.given += 1


async def test_a_read_that_is_tried_again_counts_for_the_rate() -> None:
    turns = Turns(per_second=1000)
    with running_api() as there:
        there.answer("/status", JSONResponse({}, 503), times=7)
        records = await lived(Job(JobSpec(there.api, ORDER, policy=PollingPolicy(rate_limiter=turns))))
        reads = [call for call in there.recorder.calls if call.method == "GET"]
    assert records[-1].status == "completed"
    assert len(reads) > 7
    assert turns.given == len(reads)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, {"error_code": 400004, "error_message": "Expired."}, "token_refused"),
        (403, {"error_code": 403001, "error_message": "Not yours."}, "not_permitted"),
        (404, {"error_code": 404001, "error_message": "Gone."}, "not_found"),
        (200, {"error_code": 404001, "error_message": "Gone."}, "not_found"),
    ],
)
async def test_a_refused_read_leaves_the_job_unknown_and_named(
    status: int, body: dict[str, object], code: str
) -> None:
    with running_api(queue=60) as there:
        there.answer("/status", JSONResponse(body, status), times=1000)
        end = (await lived(Job(JobSpec(there.api, ORDER))))[-1]
    assert (end.status, end.error and end.error.code) == ("unknown", code)
    assert end.error
    assert end.error.detail == body["error_message"]
    assert end.request_id


async def test_another_accounts_job_is_not_shown() -> None:
    with running_api() as there:
        request_id = await submitted(there.api)
        records = await lived(Job(JobSpec(there.api.with_token("another"), request_id=request_id)))
    assert [(record.status, record.error and record.error.code) for record in records] == [
        ("unknown", "not_permitted")
    ]


@pytest.mark.parametrize("request_id", ["../x", "a b", "", "x" * 200])
async def test_an_odd_request_id_is_an_end_without_a_call(request_id: str) -> None:
    with running_api() as there:
        records = await lived(Job(JobSpec(there.api, request_id=request_id)))
        assert there.recorder.calls == []
    assert [record.error and record.error.code for record in records] == ["request_id_unfit"]


@pytest.mark.parametrize(
    ("status", "body", "ended", "code"),
    [
        (500, {}, "unknown", "submission_unknown"),
        (200, {}, "unknown", "submission_unknown"),
        (402, {"error_code": 400002}, "failed", "no_credit"),
        (422, {"error_message": "Too long."}, "failed", "input_refused"),
        (429, {}, "failed", "too_many_requests"),
    ],
)
async def test_a_submission_that_is_not_accepted_ends_the_job_and_is_sent_once(
    status: int, body: dict[str, object], ended: str, code: str
) -> None:
    with running_api() as there:
        there.answer("/text-to-image", JSONResponse(body, status), times=1)
        records = await lived(Job(JobSpec(there.api, ORDER)))
        assert len(there.recorder.calls) == 1
    assert [record.status for record in records] == ["submitting", ended]
    assert records[-1].error
    assert (records[-1].error.code, records[-1].request_id) == (code, None)


async def test_waiting_holds_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Polling, "seconds", lambda _wait, _now: 3600.0)
    of_earlier_tests = set(threading.enumerate())
    jobs = 200
    queued: set[str | None] = set()
    all_queued = asyncio.Event()

    async def live(job: Job) -> None:
        async for record in job.states():
            if record.status == "in_queue":
                queued.add(record.request_id)
            if len(queued) == jobs:
                all_queued.set()

    async def nothing_under_way() -> None:
        while _under_way(of_earlier_tests):  # noqa: ASYNC110 - a thread sets no event
            await asyncio.sleep(0.01)

    with running_api(queue=60) as there:
        lives = [asyncio.create_task(live(Job(JobSpec(there.api, ORDER)))) for _ in range(jobs)]
        await soon(all_queued.wait())
        await soon(nothing_under_way())
        assert not any(each.done() for each in lives)
        for each in lives:
            each.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


def _under_way(of_earlier_tests: set[threading.Thread]) -> list[str]:
    """Return the threads for the API's calls that are in one, and don't wait for the next."""
    frames = sys._current_frames()
    return [
        thread.name
        for thread in threading.enumerate()
        if thread.name.startswith("model-api") and thread not in of_earlier_tests
        if thread.ident in frames and frames[thread.ident].f_code.co_name != "_worker"
    ]


@contextmanager
def made_up_request_ids(api: ModelApi, policy: PollingPolicy) -> Iterator[None]:
    """Have a stranger ask for two hundred jobs that there are not."""
    made_up = [str(uuid.uuid4()) for _ in range(200)]
    specs = [JobSpec(api, request_id=each, policy=policy, visitor="eve") for each in made_up]
    asking = [asyncio.create_task(lived(Job(spec))) for spec in specs]
    yield
    for each in asking:
        each.cancel()


@pytest.mark.parametrize("taken_up", [False, True])
async def test_made_up_request_ids_hold_up_no_real_job(*, taken_up: bool) -> None:
    policy = PollingPolicy(rate_limiter=RateLimiter(20))
    with running_api() as there:
        mine = JobSpec(there.api, ORDER, policy=policy)
        if taken_up:
            mine = replace(mine, request=None, request_id=await submitted(there.api), visitor="ada")
        with made_up_request_ids(there.api, policy):
            await asyncio.sleep(0)
            # At the ceiling's pace the stranger's questions alone would take ten seconds.
            *_, end = await asyncio.wait_for(lived(Job(mine)), 6)
    assert end.status == "completed"


async def test_a_submission_counts_for_the_rate_and_waits_for_no_turn() -> None:
    limiter = RateLimiter(1)
    with running_api() as there:
        policy = PollingPolicy(rate_limiter=limiter)
        states = Job(JobSpec(there.api, ORDER, policy=policy)).states()
        assert (await until(states, "in_queue")).request_id
        started = asyncio.get_running_loop().time()
        await limiter.turn()
        assert asyncio.get_running_loop().time() - started > 0.5
