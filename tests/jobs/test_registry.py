from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from seedream.errors import SeedreamError
from seedream.jobs.job import Job, Record, Trouble
from seedream.jobs.registry import JobRegistry, Order, Running
from seedream.offline import Options, create_app
from seedream.runcomfy.client import ModelApi
from seedream.schema import Request, load
from tests.impatience import served, soon
from tests.offline.support import StillClock, ready_made
from tests.servers import Recorder

REQUEST: Request = load().request({"prompt": "a quiet bay"})
KEY = "0123456789abcdef"
pytestmark = pytest.mark.usefixtures("_stopped", "_impatient")


class House:
    def __init__(self, url: str, recorder: Recorder, clock: StillClock) -> None:
        self.api = ModelApi(url, "owner", load().model_id)
        self.recorder = recorder
        self.clock = clock
        self.desk = JobRegistry()
        self.orders = 0
        self.settled: list[Record] = []

    async def order(self) -> Order:
        return self.ordered(Job(self.api, REQUEST))

    def ordered(self, job: Job) -> Order:
        self.orders += 1
        return Order(job, self.settle)

    async def settle(self, record: Record) -> None:
        self.settled.append(record)

    async def start(self, key: str = KEY) -> Running:
        return await self.desk.start(key, self.order)

    async def start_job(self, job: Job) -> Running:
        async def order() -> Order:
            return self.ordered(job)

        return await self.desk.start(KEY, order)


@contextmanager
def house(queue: float = 0.0) -> Iterator[House]:
    """Serve an API whose queue takes so many seconds of a clock that the test moves."""
    clock = StillClock()
    recorder = Recorder(create_app(Options(queue_seconds=queue, drawing_seconds=0), ready_made, clock))
    with served(recorder) as url:
        yield House(url, recorder, clock)


class Faulty(Job):
    """A job with a fault that nobody foresaw, after it was submitted."""

    async def states(self) -> AsyncIterator[Record]:
        yield self.record
        yield Record(self.record.model_id, "in_queue", request_id="abc-1")
        raise ZeroDivisionError


async def watched(running: Running) -> list[Record]:
    async def follow() -> list[Record]:
        return [record async for record in running.watch()]

    return await soon(follow())


async def until(running: Running, status: str) -> None:
    """Watch a job up to a state, and go away."""

    async def follow() -> None:
        async for record in running.watch():
            if record.status == status:
                return
        raise AssertionError(f"the job was never {status}")

    await soon(follow())


async def test_a_job_is_watched_to_its_end() -> None:
    with house() as there:
        records = await watched(await there.start())
        assert len(there.recorder.submissions()) == 1
    assert (records[0].status, records[-1].status) == ("submitting", "completed")
    assert [record.ended for record in records] == [False] * (len(records) - 1) + [True]


async def test_the_same_key_twice_is_one_submission() -> None:
    with house() as there:
        one, other = await there.start(), await there.start()
        assert one is other
        await watched(one)
        assert await there.start() is one
        assert (there.orders, len(there.recorder.submissions())) == (1, 1)


async def test_the_same_key_many_times_at_once_is_one_submission() -> None:
    with house() as there:
        runnings = await soon(asyncio.gather(*(there.start() for _ in range(20))))
        await watched(runnings[0])
        assert len({id(running) for running in runnings}) == 1
        assert (there.orders, len(there.recorder.submissions())) == (1, 1)


async def test_other_keys_are_other_submissions() -> None:
    with house() as there:
        runnings = [await there.start(f"{KEY}{number}") for number in range(3)]
        ends = [(await watched(running))[-1] for running in runnings]
        assert len(there.recorder.submissions()) == 3
    assert len({end.request_id for end in ends}) == 3


async def test_an_order_that_is_refused_reaches_all_who_asked_and_frees_the_key() -> None:
    async def refuse() -> Order:
        # Long enough for the second one to come.
        await asyncio.sleep(0)
        raise SeedreamError("limit_jobs_visitor", limit=2)

    with house() as there:
        asked = (there.desk.start(KEY, refuse) for _ in range(2))
        found = await soon(asyncio.gather(*asked, return_exceptions=True))
        assert [isinstance(each, SeedreamError) and each.code for each in found] == ["limit_jobs_visitor"] * 2
        assert there.desk.find(KEY) is None
        assert (await watched(await there.start()))[-1].status == "completed"
        assert len(there.recorder.submissions()) == 1


async def test_a_caller_that_goes_away_while_the_order_is_checked_stops_nothing() -> None:
    may = asyncio.Event()

    with house() as there:

        async def slow() -> Order:
            await may.wait()
            return await there.order()

        leaving = asyncio.create_task(there.desk.start(KEY, slow))
        await asyncio.sleep(0)
        leaving.cancel()
        staying = asyncio.create_task(there.start())
        await asyncio.sleep(0)
        may.set()
        assert (await watched(await soon(staying)))[-1].status == "completed"
        assert (there.orders, len(there.recorder.submissions())) == (1, 1)


async def test_several_watchers_see_the_same_end() -> None:
    with house(queue=60) as there:
        running = await there.start()
        following = asyncio.gather(*(watched(running) for _ in range(5)))
        await until(running, "in_queue")
        there.clock.now += 60
        ends = [records[-1] for records in await soon(following)]
    assert len(ends) == 5
    assert {(end.status, end.request_id) for end in ends} == {("completed", ends[0].request_id)}


async def test_a_late_watcher_gets_the_last_record_at_once() -> None:
    with house() as there:
        running = await there.start()
        end = (await watched(running))[-1]
        calls = len(there.recorder.calls)
        assert await watched(running) == [end]
        assert len(there.recorder.calls) == calls


async def test_a_job_goes_on_when_nobody_watches() -> None:
    with house(queue=60) as there:
        running = await there.start()
        leaving = asyncio.create_task(watched(running))
        await until(running, "in_queue")
        leaving.cancel()
        there.clock.now += 60
        assert (await watched(running))[-1].status == "completed"
        assert len(there.recorder.submissions()) == 1


async def test_cancelling_through_the_desk_reaches_every_watcher() -> None:
    with house(queue=60) as there:
        running = await there.start()
        following = asyncio.gather(watched(running), watched(running))
        await until(running, "in_queue")
        assert (await running.cancel()).state == "cancelled"
        assert [records[-1].status for records in await soon(following)] == ["cancelled", "cancelled"]


async def test_a_refused_submission_is_an_end_too() -> None:
    with house() as there:
        running = await there.start_job(Job(there.api.with_token("two words"), REQUEST))
        end = (await watched(running))[-1]
        assert there.recorder.calls == []
    assert (end.status, end.error) == ("failed", Trouble("token_refused"))


async def test_a_fault_that_nobody_foresaw_ends_as_internal(caplog: pytest.LogCaptureFixture) -> None:
    with house() as there, caplog.at_level(logging.ERROR, "seedream"):
        running = await there.start_job(Faulty(there.api, REQUEST))
        end = (await watched(running))[-1]
        assert await watched(running) == [end]
    assert (end.status, end.error, end.request_id) == ("unknown", Trouble("internal"), "abc-1")
    assert "abc-1" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("faulty", [False, True])
async def test_what_an_order_took_is_settled_once_with_the_last_record(*, faulty: bool) -> None:
    with house() as there:
        there.desk = JobRegistry(keep_seconds=0)
        job = Faulty(there.api, REQUEST) if faulty else Job(there.api, REQUEST)
        running = await there.start_job(job)
        end = (await watched(running))[-1]
        await gone(there.desk)
    assert there.settled == [end]


async def gone(desk: JobRegistry) -> None:
    """Wait until the desk has forgotten an ended job, which a timer of the loop does."""

    async def forgotten() -> None:
        while desk.find(KEY) is not None:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)

    await soon(forgotten())


async def test_an_ended_job_is_found_by_its_key_only_for_a_while() -> None:
    with house() as there:
        there.desk = JobRegistry(keep_seconds=0)
        running = await there.start()
        assert there.desk.find(KEY) is running
        await watched(running)
        await gone(there.desk)


async def test_an_unknown_key_finds_nothing() -> None:
    assert JobRegistry().find(KEY) is None
