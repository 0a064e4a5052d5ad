"""One key is one submission, whichever of several processes gets its copies: with a real Redis, and without."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import redis

from seedream.errors import SeedreamError
from seedream.jobs import claims as module
from seedream.jobs.claims import OwnClaims, open_claims
from seedream.jobs.job import JobSpec
from seedream.jobs.record import Record
from seedream.jobs.registry import JobRegistry, RunningJob
from seedream.limits.limiter import Limits
from seedream.offline import Options, create_app
from seedream.runcomfy.client import ModelApi
from seedream.schema import load
from seedream.settings import LimitRules
from tests.controlled_api import Interceptor
from tests.limits.redis_server import RedisServer
from tests.offline.support import ready_made
from tests.quick_polling import served, soon
from tests.servers import Recorder

KEY = "0123456789abcdef"
REQUEST = load().request({"prompt": "a quiet bay"})
pytestmark = pytest.mark.usefixtures("_stopped", "_quick_polling")


@pytest.fixture
def storage(empty_redis: RedisServer) -> RedisServer:
    return empty_redis


@dataclass
class Service:
    """An API that draws at once, and what reached it."""

    api: ModelApi
    recorder: Recorder
    interceptor: Interceptor


@pytest.fixture
def service() -> Iterator[Service]:
    interceptor = Interceptor(create_app(Options(queue_seconds=0, drawing_seconds=0), ready_made))
    recorder = Recorder(interceptor)
    with served(recorder) as url:
        yield Service(ModelApi(url, "owner", load().model_id), recorder, interceptor)


@dataclass
class Replica:
    """A process, as far as its claims and its registry make one."""

    service: Service
    url: str
    limits: Limits | None = None
    registry: JobRegistry = field(init=False)

    def __post_init__(self) -> None:
        self.registry = JobRegistry(claims=open_claims(self.url))

    async def press(self, key: str = KEY, epoch: str | None = None) -> RunningJob:
        spec = JobSpec(self.service.api, REQUEST, limits=self.limits, visitor="ada")
        return await self.registry.start(key, spec, epoch)


async def end(job: RunningJob) -> Record:
    return [record async for record in job.watch()][-1]


async def test_copies_at_several_replicas_are_one_job_that_each_of_them_follows(
    service: Service, storage: RedisServer
) -> None:
    replicas = [Replica(service, storage.url) for _ in range(4)]
    jobs = await soon(asyncio.gather(*(replica.press() for replica in replicas * 3)))
    records = await soon(asyncio.gather(*map(end, jobs)))
    assert len(service.recorder.submissions()) == 1
    assert {record.status for record in records} == {"completed"}
    assert len({record.request_id for record in records}) == 1


async def test_a_replica_waits_for_one_that_submits_and_a_late_one_finds_the_request_id(
    service: Service, storage: RedisServer
) -> None:
    one, other, third = (Replica(service, storage.url) for _ in range(3))
    with service.interceptor.holding_answers():
        first = await one.press()
        second = await other.press()
        assert await asyncio.to_thread(service.interceptor.holding.wait, 10)
        assert second.record is None or second.record.status == "submitting"
        assert await other.registry.claims.known(KEY)
    request_id = (await soon(end(first))).request_id
    assert (await soon(end(second))).request_id == request_id
    assert await soon(third.registry.claims.outcome(KEY)) == request_id
    assert len(service.recorder.submissions()) == 1


async def test_a_refusal_of_the_service_is_every_copys(service: Service, storage: RedisServer) -> None:
    one, other = (Replica(service, storage.url) for _ in range(2))
    with service.interceptor.answering("lose"):
        assert (await soon(end(await one.press()))).status == "unknown"
    ended = await soon(end(await other.press()))
    assert (ended.status, ended.error and ended.error.code) == ("unknown", "submission_unknown")
    assert len(service.recorder.submissions()) == 1


async def test_nobody_knows_what_a_replica_did_that_died_at_it(
    service: Service, storage: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ALIVE_SECONDS", 1)
    dead, other = Replica(service, storage.url), Replica(service, storage.url)
    # It claims, and is heard of no more.
    monkeypatch.setattr(module, "_BEAT_SECONDS", 1e6)
    assert await dead.registry.claims.claim(KEY)
    ended = await soon(end(await other.press()))
    assert ended.error
    assert ended.error.code == "submission_unknown"
    assert service.recorder.submissions() == []


async def test_one_that_is_long_at_it_is_not_dead(
    service: Service, storage: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ALIVE_SECONDS", 1)
    monkeypatch.setattr(module, "_BEAT_SECONDS", 0.1)
    slow, other = Replica(service, storage.url), Replica(service, storage.url)
    with service.interceptor.holding_answers():
        await slow.press()
        second = await other.press()
        await asyncio.sleep(2)
        assert not second.ended
    assert (await soon(end(second))).status == "completed"


async def test_a_key_that_the_limits_refused_is_free_again_for_a_script(
    service: Service, storage: RedisServer
) -> None:
    strict = Limits(LimitRules(max_images=1, resolutions=("2K",)), storage.url)
    one, other = Replica(service, storage.url, strict), Replica(service, storage.url)
    with pytest.raises(SeedreamError, match="limit_resolution"):
        await one.press()
    assert (await soon(end(await other.press()))).status == "completed"


async def test_a_late_copy_of_a_press_that_was_refused_pays_for_nothing(
    service: Service, storage: RedisServer
) -> None:
    strict = Limits(LimitRules(max_images=1, resolutions=("2K",)), storage.url)
    one, other = Replica(service, storage.url, strict), Replica(service, storage.url)
    epoch = await one.registry.claims.epoch()
    with pytest.raises(SeedreamError, match="limit_resolution"):
        await one.press(epoch=epoch)
    ended = await soon(end(await other.press(epoch=epoch)))
    assert ended.error
    assert ended.error.code == "limit_resolution"
    assert service.recorder.submissions() == []


async def test_without_the_redis_nothing_is_sent_and_the_key_is_not_lost(
    service: Service, storage: RedisServer
) -> None:
    replica = Replica(service, storage.url)
    epoch = await replica.registry.claims.epoch()
    storage.stop()
    for wanted in (None, epoch):
        with pytest.raises(SeedreamError, match="claim_unreachable"):
            await replica.press(epoch=wanted)
    assert not await replica.registry.claims.known(KEY)
    storage.start()
    assert service.recorder.submissions() == []
    assert (await soon(end(await replica.press()))).status == "completed"


async def test_what_was_submitted_goes_on_without_the_redis(service: Service, storage: RedisServer) -> None:
    replica = Replica(service, storage.url)
    with service.interceptor.holding_answers():
        job = await replica.press()
        assert await asyncio.to_thread(service.interceptor.holding.wait, 10)
        storage.stop()
    assert (await soon(end(job))).status == "completed"


async def test_a_claim_whose_answer_was_lost_is_its_own_claimants_again(
    service: Service, storage: RedisServer
) -> None:
    replica = Replica(service, storage.url)
    assert await replica.registry.claims.claim(KEY)
    assert (await soon(end(await replica.press()))).status == "completed"


async def test_a_redis_that_forgot_its_claims_honours_no_earlier_press(
    service: Service, storage: RedisServer
) -> None:
    one, other = (Replica(service, storage.url) for _ in range(2))
    epoch = await one.registry.claims.epoch()
    assert await other.registry.claims.epoch() == epoch
    await soon(end(await one.press(epoch=epoch)))
    redis.Redis(port=storage.port).flushall()
    with pytest.raises(SeedreamError, match="press_elsewhere"):
        await other.press(epoch=epoch)
    assert len(service.recorder.submissions()) == 1
    assert await one.registry.claims.epoch() != epoch


async def test_without_a_redis_a_press_is_for_one_process_alone(service: Service) -> None:
    mine, other = Replica(service, "memory://"), Replica(service, "memory://")
    epoch = await mine.registry.claims.epoch()
    for foreign in (epoch, ""):
        with pytest.raises(SeedreamError, match="press_elsewhere"):
            await other.press(epoch=foreign)
    one, again = await mine.press(epoch=epoch), await mine.press(epoch="")
    assert one is again
    await soon(end(one))
    assert len(service.recorder.submissions()) == 1
    with pytest.raises(SeedreamError, match="submission_unknown"):
        await OwnClaims().outcome(KEY)
