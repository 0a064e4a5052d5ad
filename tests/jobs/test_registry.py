from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import weakref
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import pytest

from seedream.errors import SeedreamError
from seedream.jobs.job import JobSpec
from seedream.jobs.record import Record
from seedream.jobs.registry import JobRegistry, RunningJob
from seedream.limits.limiter import Limits, Reservation
from seedream.offline import Options, create_app
from seedream.runcomfy.client import ModelApi
from seedream.runcomfy.responses import Status
from seedream.schema import Request, Value, load
from seedream.settings import LimitRules
from tests.offline.support import StillClock, ready_made
from tests.quick_polling import served, soon
from tests.servers import Recorder

REQUEST: Request = load().request({"prompt": "a quiet bay"})
KEY = "0123456789abcdef"
AT_HAND: ContextVar[object] = ContextVar("AT_HAND")
pytestmark = pytest.mark.usefixtures("_stopped", "_quick_polling")


class RunningApi:
    def __init__(self, url: str, recorder: Recorder, clock: StillClock) -> None:
        self.api = ModelApi(url, "owner", load().model_id)
        self.recorder = recorder
        self.clock = clock
        self.registry = JobRegistry()
        self.limits = CountedLimits()

    async def start(self, key: str = KEY, api: ModelApi | None = None) -> RunningJob:
        spec = JobSpec(api or self.api, REQUEST, limits=self.limits, visitor="ada")
        return await self.registry.start(key, spec)


class CountedLimits(Limits):
    """Limits that count how often they are asked, and answer when they may."""

    def __init__(self, rules: LimitRules | None = None) -> None:
        super().__init__(rules or LimitRules(jobs_per_visitor=20, pictures_per_hour=100))
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def reserve(self, visitor: str, request: Request) -> Reservation:
        self.asked += 1
        await self.may_answer.wait()
        return await super().reserve(visitor, request)


@contextlib.contextmanager
def running_api(queue: float = 0.0) -> Iterator[RunningApi]:
    """Serve an API whose queue takes so many seconds of a clock that the test moves."""
    clock = StillClock()
    recorder = Recorder(create_app(Options(queue_seconds=queue, drawing_seconds=0), ready_made, clock))
    with served(recorder) as url:
        yield RunningApi(url, recorder, clock)


class Faulty(ModelApi):
    """An API with a fault that nobody foresaw, after a job was submitted."""

    async def status(self, request_id: str) -> Status:
        raise ZeroDivisionError(request_id)


def faulty(api: ModelApi) -> ModelApi:
    return Faulty(api.base_url, api.token, api.model_id)


async def watched(running: RunningJob) -> list[Record]:
    async def follow() -> list[Record]:
        return [record async for record in running.watch()]

    return await soon(follow())


async def until(running: RunningJob, status: str) -> None:
    """Watch a job up to a state, and go away."""

    async def follow() -> None:
        async for record in running.watch():
            if record.status == status:
                return
        raise AssertionError(f"the job was never {status}")

    await soon(follow())


async def test_a_job_is_watched_to_its_end() -> None:
    with running_api() as there:
        records = await watched(await there.start())
        assert len(there.recorder.submissions()) == 1
    assert (records[0].status, records[-1].status) == ("submitting", "completed")
    assert [record.ended for record in records] == [False] * (len(records) - 1) + [True]


async def test_the_same_key_twice_is_one_submission() -> None:
    with running_api() as there:
        one, other = await there.start(), await there.start()
        assert one is other
        await watched(one)
        assert await there.start() is one
        assert (there.limits.asked, len(there.recorder.submissions())) == (1, 1)


async def test_the_same_key_many_times_at_once_is_one_submission() -> None:
    with running_api() as there:
        runnings = await soon(asyncio.gather(*(there.start() for _ in range(20))))
        await watched(runnings[0])
        assert len({id(running) for running in runnings}) == 1
        assert (there.limits.asked, len(there.recorder.submissions())) == (1, 1)


async def test_other_keys_are_other_submissions() -> None:
    with running_api() as there:
        runnings = [await there.start(f"{KEY}{number}") for number in range(3)]
        ends = [(await watched(running))[-1] for running in runnings]
        assert len(there.recorder.submissions()) == 3
    assert len({end.request_id for end in ends}) == 3


@pytest.mark.parametrize("log_prompts", [False, True])
async def test_the_log_names_the_key_before_anything_leaves(
    caplog: pytest.LogCaptureFixture, *, log_prompts: bool
) -> None:
    class Killed(ModelApi):
        """An app that is killed in the very moment of its submission: nothing is written from here on."""

        async def submit(self, request: Request) -> str:
            seen.append(caplog.text)
            return await super().submit(request)

    seen: list[str] = []
    with running_api() as there, caplog.at_level(logging.INFO, "seedream"):
        there.registry = JobRegistry(log_prompts=log_prompts)
        await watched(await there.start(api=Killed(there.api.base_url, "owner", there.api.model_id)))
    assert f"submitting key={KEY}" in seen[0]
    assert ("a quiet bay" in seen[0]) == log_prompts
    assert f'"key": "{KEY}"' in caplog.text


async def test_a_refusal_reaches_all_who_asked_and_frees_the_key() -> None:
    with running_api() as there:
        there.limits = CountedLimits(LimitRules(jobs_per_visitor=1))
        taken = await there.limits.reserve("ada", REQUEST)
        found = await soon(asyncio.gather(*(there.start() for _ in range(2)), return_exceptions=True))
        assert [isinstance(each, SeedreamError) and each.code for each in found] == ["limit_jobs_visitor"] * 2
        assert there.registry.find(KEY) is None
        await taken.settle(1)
        assert (await watched(await there.start()))[-1].status == "completed"
        assert len(there.recorder.submissions()) == 1


async def test_a_caller_that_goes_away_while_the_limits_are_asked_stops_nothing() -> None:
    with running_api() as there:
        there.limits.may_answer.clear()
        leaving = asyncio.create_task(there.start())
        await asyncio.sleep(0)
        leaving.cancel()
        staying = asyncio.create_task(there.start())
        await asyncio.sleep(0)
        assert there.registry.find(KEY) is None
        there.limits.may_answer.set()
        assert (await watched(await soon(staying)))[-1].status == "completed"
        assert (there.limits.asked, len(there.recorder.submissions())) == (1, 1)


async def test_a_refusal_that_nobody_waits_for_any_more_disturbs_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with running_api() as there:
        there.limits = CountedLimits(LimitRules(jobs_per_visitor=1))
        await there.limits.reserve("ada", REQUEST)
        there.limits.may_answer.clear()
        leaving = asyncio.create_task(there.start())
        await asyncio.sleep(0)
        leaving.cancel()
        there.limits.may_answer.set()
        # The next one under that key has to be asked for anew.
        with pytest.raises(SeedreamError):
            await soon(there.start())
        gc.collect()
        assert there.recorder.calls == []
    assert caplog.text == ""


async def test_several_watchers_see_the_same_end() -> None:
    with running_api(queue=60) as there:
        running = await there.start()
        following = asyncio.gather(*(watched(running) for _ in range(5)))
        await until(running, "in_queue")
        there.clock.move(60)
        ends = [records[-1] for records in await soon(following)]
    assert len(ends) == 5
    assert {(end.status, end.request_id) for end in ends} == {("completed", ends[0].request_id)}


async def test_a_late_watcher_gets_the_last_record_at_once() -> None:
    with running_api() as there:
        running = await there.start()
        end = (await watched(running))[-1]
        calls = len(there.recorder.calls)
        assert await watched(running) == [replace(end, request=None)]
        assert len(there.recorder.calls) == calls


@pytest.mark.parametrize("token", ["owner", "two words"])
async def test_what_ended_keeps_no_request(token: str) -> None:
    class Asked(dict[str, Value]):
        """A request that tells when nobody has it any more."""

    async def ask() -> weakref.ref[Asked]:
        asked = Asked(REQUEST)
        # As Gradio does, who has the whole call at hand wherever it leads.
        at_hand = AT_HAND.set(asked)
        running = await there.registry.start(KEY, JobSpec(there.api.with_token(token), asked))
        AT_HAND.reset(at_hand)
        records = await watched(running)
        # Whoever watched is told to the last what it was, and may raise what went wrong.
        assert [record.request for record in records] == [asked] * len(records)
        with contextlib.suppress(SeedreamError):
            if error := records[-1].error:
                raise error
        return weakref.ref(asked)

    with running_api() as there:
        await soon(collected(await ask()))
        assert there.registry.find(KEY) is not None


async def collected(kept: weakref.ref[Any]) -> None:
    """Wait until nobody has it any more: the job's task goes on for a moment after its end is told."""
    while kept() is not None:
        await asyncio.sleep(0.01)
        gc.collect()


async def test_a_job_goes_on_when_nobody_watches() -> None:
    with running_api(queue=60) as there:
        running = await there.start()
        leaving = asyncio.create_task(watched(running))
        await until(running, "in_queue")
        leaving.cancel()
        there.clock.move(60)
        assert (await watched(running))[-1].status == "completed"
        assert len(there.recorder.submissions()) == 1


async def test_cancelling_through_the_registry_reaches_every_watcher() -> None:
    with running_api(queue=60) as there:
        running = await there.start()
        following = asyncio.gather(watched(running), watched(running))
        await until(running, "in_queue")
        assert (await running.cancel()).state == "cancelled"
        assert [records[-1].status for records in await soon(following)] == ["cancelled", "cancelled"]


async def test_a_refused_submission_is_an_end_too() -> None:
    with running_api() as there:
        running = await there.start(api=there.api.with_token("two words"))
        end = (await watched(running))[-1]
        assert there.recorder.calls == []
    assert (end.status, end.error) == ("failed", SeedreamError("token_refused"))


async def test_a_fault_that_nobody_foresaw_ends_as_internal(caplog: pytest.LogCaptureFixture) -> None:
    with running_api(queue=60) as there, caplog.at_level(logging.ERROR, "seedream"):
        running = await there.start(api=faulty(there.api))
        end = (await watched(running))[-1]
        assert await watched(running) == [replace(end, request=None)]
    assert end.request_id
    assert (end.status, end.error) == ("unknown", SeedreamError("internal", request_id=end.request_id))
    assert end.request_id in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("breaks", [False, True])
async def test_what_a_job_took_of_the_limits_is_settled_by_its_end(*, breaks: bool) -> None:
    with running_api() as there:
        there.registry = JobRegistry(keep_seconds=0)
        series = load().request({"prompt": "a", "sequential_image_generation": "auto", "max_images": 4})
        there.limits = CountedLimits(LimitRules(jobs_per_visitor=1))
        refusing = there.api.with_token("two words")
        api = faulty(there.api) if breaks else refusing
        spec = JobSpec(api, series, limits=there.limits, visitor="ada")
        running = await there.registry.start(KEY, spec)
        await watched(running)
        await gone(there.registry)
        # Nothing was made by the refused one; of the other nobody knows, so all four count.
        assert (await there.limits.left("ada")).pictures == (6 if breaks else 10)
        # Its slot is free again.
        await there.limits.reserve("ada", REQUEST)


async def test_a_job_that_is_left_is_asked_for_no_more() -> None:
    with running_api(queue=60) as there:
        running = await there.start()
        await until(running, "in_queue")
        there.registry.leave(KEY)
        assert there.registry.find(KEY) is None
        await asyncio.sleep(0.1)
        calls = len(there.recorder.calls)
        await asyncio.sleep(0.3)
        assert len(there.recorder.calls) == calls


async def gone(registry: JobRegistry) -> None:
    """Wait until the registry has forgotten an ended job, which a timer of the loop does."""

    async def forgotten() -> None:
        while registry.find(KEY) is not None:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)

    await soon(forgotten())


async def test_an_ended_job_is_found_by_its_key_only_for_a_while() -> None:
    with running_api() as there:
        there.registry = JobRegistry(keep_seconds=0)
        running = await there.start()
        assert there.registry.find(KEY) is running
        await watched(running)
        await gone(there.registry)


async def test_an_unknown_key_finds_nothing() -> None:
    assert JobRegistry().find(KEY) is None
