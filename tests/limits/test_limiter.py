"""The limits, in memory and in a real Redis: one behaviour, two storages."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable
from dataclasses import dataclass

import pytest
import redis
from limits import RateLimitItem
from limits.storage import MemoryStorage
from starlette.datastructures import Headers

from seedream import schema
from seedream.errors import SeedreamError
from seedream.limits.client_address import visitor_address
from seedream.limits.limiter import LEASE_BEYOND_WATCH_SECONDS, Left, Limits, Reservation
from seedream.limits.storage import Take
from seedream.settings import LimitRules
from tests.limits.redis_server import RedisServer
from tests.servers import ROOT

HOUR = 3600
PATIENCE = 10.0

# Enough job slots for whatever a test does with pictures.
ROOMY = LimitRules(jobs_per_visitor=100, jobs_in_all=100, max_images=15)


def request_for(**values: object) -> schema.Request:
    return schema.load().request({"prompt": "A heron", **values})


ONE = request_for()


def series(longest: int) -> schema.Request:
    return request_for(sequential_image_generation="auto", max_images=longest)


LEASE_SECONDS = 30 * 60 + LEASE_BEYOND_WATCH_SECONDS


@dataclass
class Clock:
    """The real clock, and how far the test has put it forward, in seconds."""

    ahead: float = 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    # The library has no seam for a clock. It asks `time.time`, as `limits.storage` does; what the event loop, the
    # threads and Redis' client wait by is `time.monotonic`, which goes on as ever.
    shifted = Clock()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + shifted.ahead)
    return shifted


@pytest.fixture
def server(empty_redis: RedisServer) -> RedisServer:
    return empty_redis


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "memory" else str(request.getfixturevalue("server").url)


async def refused(limits: Limits, request: schema.Request = ONE, visitor: str = "ann") -> SeedreamError:
    with pytest.raises(SeedreamError) as raised:
        await limits.reserve(visitor, request)
    return raised.value


async def reserved(limits: Limits, times: int, visitor: str = "ann") -> list[Reservation]:
    return [await limits.reserve(visitor, ONE) for _ in range(times)]


async def wins(*asked: Awaitable[Reservation]) -> int:
    """Reserve all at once; return how many were not refused."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, Reservation | SeedreamError) for answer in answers), answers
    return sum(isinstance(answer, Reservation) for answer in answers)


# Pictures


async def test_the_eleventh_of_ten_pictures_is_refused_until_the_first_is_an_hour_old(
    url: str, clock: Clock
) -> None:
    limits = Limits(ROOMY, url)
    await reserved(limits, 1)
    clock.ahead = 600
    await reserved(limits, 9)
    error = await refused(limits)
    assert error.code == "limit_pictures"
    assert (error.facts["limit"], error.facts["left"]) == (10, 0)
    again = error.facts["again_in_seconds"]
    assert isinstance(again, int)
    assert HOUR - 600 - PATIENCE < again <= HOUR - 600 + 1
    clock.ahead += again - PATIENCE
    assert (await refused(limits)).code == "limit_pictures"
    clock.ahead += PATIENCE
    await limits.reserve("ann", ONE)
    # The window moves: only the first picture came back, not all ten.
    assert (await refused(limits)).code == "limit_pictures"


async def test_visitors_do_not_share_their_hours(url: str) -> None:
    limits = Limits(ROOMY, url)
    await reserved(limits, 10)
    await reserved(limits, 10, visitor="bob")


async def test_a_series_takes_what_it_may_make_and_gives_back_what_it_did_not(url: str) -> None:
    limits = Limits(ROOMY, url)
    reservation = await limits.reserve("ann", series(8))
    assert reservation.pictures == 8
    assert (await limits.left("ann")).pictures == 2
    await reservation.settle(3)
    assert (await limits.left("ann")).pictures == 7


async def test_a_series_is_told_when_all_of_it_fits(url: str, clock: Clock) -> None:
    limits = Limits(ROOMY, url)
    for minute in range(8):
        clock.ahead = 60 * minute
        await reserved(limits, 1)
    error = await refused(limits, series(4))
    assert (error.code, error.facts["left"]) == ("limit_pictures", 2)
    again = error.facts["again_in_seconds"]
    assert isinstance(again, int)
    # Two are left, and the second picture, made in minute 1, has to run out for four.
    assert HOUR - 6 * 60 - PATIENCE < again <= HOUR - 6 * 60 + 1
    await limits.reserve("ann", series(2))
    clock.ahead += again - PATIENCE
    assert (await refused(limits, series(2))).code == "limit_pictures"
    clock.ahead += PATIENCE
    await limits.reserve("ann", series(2))


@pytest.mark.parametrize("made", [0, 4, 9])
async def test_what_a_job_gives_back(url: str, made: int) -> None:
    limits = Limits(ROOMY, url)
    reservation = await limits.reserve("ann", series(4))
    await reservation.settle(made)
    assert (await limits.left("ann")).pictures == 10 - min(made, 4)


async def test_settling_twice_is_settling_once(url: str) -> None:
    limits = Limits(LimitRules(jobs_per_visitor=2), url)
    first = await limits.reserve("ann", series(4))
    await reserved(limits, 1)
    await asyncio.gather(*(first.settle(3) for _ in range(5)))
    # Three of the series and the other job's one: a second refund would be of pictures that were made.
    assert (await limits.left("ann")).pictures == 6
    await limits.reserve("ann", ONE)
    assert (await refused(limits)).code == "limit_jobs_visitor"


async def test_a_refund_is_of_ones_own_pictures(url: str, clock: Clock) -> None:
    limits = Limits(ROOMY, url)
    old = await limits.reserve("ann", series(5))
    clock.ahead = 1200
    new = await limits.reserve("ann", series(5))
    await new.settle(0)
    # What is left is the old series: it runs out an hour after it was made, not after the new one.
    clock.ahead = HOUR - PATIENCE
    assert (await limits.left("ann")).pictures == 5
    clock.ahead = HOUR + 1
    assert await limits.left("ann") == Left(10, None)
    await reserved(limits, 10)
    # Too late to give anything back: these are others' pictures by now.
    await old.settle(0)
    assert (await limits.left("ann")).pictures == 0


async def test_what_is_left_is_told_and_takes_nothing(url: str) -> None:
    limits = Limits(ROOMY, url)
    for _ in range(3):
        assert await limits.left("ann") == Left(10, None)
    await reserved(limits, 3)
    left = await limits.left("ann")
    assert left.pictures == 7
    assert left.again_in_seconds is not None
    assert HOUR - PATIENCE < left.again_in_seconds <= HOUR + 1


# Jobs


async def test_a_visitors_jobs_at_once(url: str) -> None:
    limits = Limits(LimitRules(jobs_per_visitor=2), url)
    first, _ = await reserved(limits, 2)
    error = await refused(limits, series(4))
    assert (error.code, error.facts) == ("limit_jobs_visitor", {"limit": 2})
    # The pictures that were taken before the job was refused are back.
    assert (await limits.left("ann")).pictures == 8
    await limits.reserve("bob", ONE)
    await first.settle(1)
    await limits.reserve("ann", ONE)
    assert (await refused(limits)).code == "limit_jobs_visitor"


async def test_all_jobs_at_once(url: str) -> None:
    limits = Limits(LimitRules(jobs_in_all=3, jobs_per_visitor=2), url)
    first, _ = await reserved(limits, 2)
    await limits.reserve("bob", ONE)
    error = await refused(limits, visitor="cyd")
    assert (error.code, error.facts) == ("limit_jobs_all", {"limit": 3})
    assert await limits.left("cyd") == Left(10, None)
    await first.settle(0)
    await reserved(limits, 1, visitor="cyd")
    # Cyd's refusal left no slot of hers behind: this one is refused for want of a slot for all.
    assert (await refused(limits, visitor="cyd")).code == "limit_jobs_all"


async def test_a_slot_that_nobody_gives_back_ends_with_its_lease(url: str, clock: Clock) -> None:
    limits = Limits(LimitRules(jobs_per_visitor=1, jobs_in_all=1), url)
    lost = await limits.reserve("ann", ONE)
    clock.ahead = LEASE_SECONDS - PATIENCE
    assert (await refused(limits)).code == "limit_jobs_visitor"
    assert (await refused(limits, visitor="bob")).code == "limit_jobs_all"
    clock.ahead = LEASE_SECONDS + 1
    await limits.reserve("ann", ONE)
    # Found after all: it must not free the slot that is another job's by now.
    await lost.settle(1)
    assert (await refused(limits)).code == "limit_jobs_visitor"


async def test_busy_slots_do_not_renew_a_lost_one(url: str, clock: Clock) -> None:
    limits = Limits(LimitRules(jobs_in_all=2), url)
    await limits.reserve("lost", ONE)
    # A minute short of the lease: how long this takes itself counts, too.
    for minute in range(1, LEASE_SECONDS // 60):
        clock.ahead = 60 * minute - 1
        reservation = await limits.reserve(f"visitor {minute}", ONE)
        assert (await refused(limits, visitor="nobody")).code == "limit_jobs_all"
        await reservation.settle(1)
    clock.ahead = LEASE_SECONDS + 1
    await reserved(limits, 2)


# What the page does not offer


async def test_a_series_longer_than_the_page_offers(url: str) -> None:
    limits = Limits(LimitRules(max_images=4), url)
    limits.check(series(4))
    limits.check(request_for(max_images=15))
    error = await refused(limits, series(5))
    assert (error.code, error.field, error.facts) == ("limit_max_images", "max_images", {"limit": 4})
    assert await limits.left("ann") == Left(10, None)


def test_a_series_longer_than_the_hour_would_never_fit() -> None:
    limits = Limits(LimitRules(pictures_per_hour=3, max_images=4))
    with pytest.raises(SeedreamError) as raised:
        limits.check(series(4))
    assert (raised.value.code, raised.value.facts) == ("limit_max_images", {"limit": 3})


async def test_a_slot_is_held_for_as_long_as_its_job_is_watched(url: str, clock: Clock) -> None:
    two_hours = 120 * 60
    limits = Limits(LimitRules(jobs_per_visitor=1), url, watch_seconds=two_hours)
    await limits.reserve("ann", ONE)
    clock.ahead = two_hours
    assert (await refused(limits)).code == "limit_jobs_visitor"
    clock.ahead = two_hours + LEASE_BEYOND_WATCH_SECONDS + 1
    await limits.reserve("ann", ONE)


async def test_a_size_that_the_page_does_not_offer(url: str) -> None:
    offered = ("2K", "2048x2048 (1:1)")
    limits = Limits(LimitRules(resolutions=offered), url)
    limits.check(request_for(resolution="2K"))
    error = await refused(limits, request_for(resolution="3K"))
    assert (error.code, error.field, error.facts) == ("limit_resolution", "resolution", {"choices": offered})


# Races


async def test_fifty_at_once_for_ten_pictures(url: str) -> None:
    limits = Limits(ROOMY, url)
    assert await wins(*(limits.reserve("ann", ONE) for _ in range(50))) == 10
    assert (await limits.left("ann")).pictures == 0


async def test_fifty_visitors_at_once_for_the_last_slot(url: str) -> None:
    limits = Limits(LimitRules(jobs_in_all=3), url)
    await reserved(limits, 2)
    assert await wins(*(limits.reserve(f"visitor {name}", ONE) for name in range(50))) == 1


async def test_series_race_for_an_hour(url: str) -> None:
    limits = Limits(ROOMY, url)
    # Ten pictures are two series of four; no two of them take a part each and both fail.
    assert await wins(*(limits.reserve("ann", series(4)) for _ in range(20))) == 2
    assert (await limits.left("ann")).pictures == 2


async def test_jobs_come_and_go_all_at_once(url: str) -> None:
    limits = Limits(LimitRules(jobs_in_all=5, jobs_per_visitor=3), url)

    async def visit(visitor: str) -> None:
        for _ in range(5):
            with contextlib.suppress(SeedreamError):
                reservation = await limits.reserve(visitor, series(3))
                await reservation.settle(0)

    visitors = [f"visitor {name}" for name in range(8)]
    await asyncio.gather(*(visit(visitor) for visitor in visitors * 5))
    # Nothing was lost on the way, and nothing made up.
    assert [await limits.left(visitor) for visitor in visitors] == [Left(10, None)] * 8
    assert await wins(*(limits.reserve(visitor, ONE) for visitor in visitors)) == 5


async def test_two_share_one_redis(server: RedisServer) -> None:
    both = [Limits(ROOMY, server.url), Limits(ROOMY, server.url)]
    assert await wins(*(limits.reserve("ann", ONE) for limits in both * 25)) == 10
    assert [(await limits.left("ann")).pictures for limits in both] == [0, 0]


_OTHER_PROCESS = """
import asyncio, sys
from tests.limits.test_limiter import ONE, ROOMY, Limits, wins

async def main():
    limits = Limits(ROOMY, sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    print(await wins(*(limits.reserve("ann", ONE) for _ in range(25))))

asyncio.run(main())
"""


async def test_two_processes_share_one_redis(server: RedisServer) -> None:
    limits = Limits(ROOMY, server.url)
    pipes = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OTHER_PROCESS, server.url, cwd=ROOT, stdin=pipes, stdout=pipes
    )
    assert other.stdin
    assert other.stdout
    assert await other.stdout.readline() == b"ready\n"
    other.stdin.write(b"go\n")
    own = await wins(*(limits.reserve("ann", ONE) for _ in range(25)))
    theirs, _ = await other.communicate()
    assert own + int(theirs) == 10


async def test_a_visitor_who_leaves_meanwhile_leaves_nothing_behind(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(LimitRules(jobs_in_all=1), url)
    take, begun, go_on = limits._take, threading.Event(), threading.Event()

    def slow(visitor: str, pictures: int) -> list[Take]:
        begun.set()
        go_on.wait(PATIENCE)
        return take(visitor, pictures)

    monkeypatch.setattr(limits, "_take", slow)
    leaving = asyncio.create_task(limits.reserve("ann", ONE))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    undone = threading.Event()
    give_back = limits._storage.give_back
    given: list[Take] = []

    def watched(taken: Take) -> None:
        give_back(taken)
        given.append(taken)
        if len(given) == 3:
            undone.set()

    monkeypatch.setattr(limits._storage, "give_back", watched)
    go_on.set()
    assert await asyncio.to_thread(undone.wait, PATIENCE)
    assert await limits.left("ann") == Left(10, None)
    await limits.reserve("bob", ONE)


# Storages


async def test_without_redis_nothing_is_reserved_until_it_is_back(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Limits(ROOMY, server.url)
    reservation = await limits.reserve("ann", ONE)
    server.stop()
    assert (await refused(limits)).code == "limit_unreachable"
    with pytest.raises(SeedreamError) as raised:
        await limits.left("ann")
    assert raised.value.code == "limit_unreachable"
    assert "nothing is sent: their storage is away" in caplog.text
    # A job that ended has its pictures to show: settling it is not worth an error.
    caplog.clear()
    await reservation.settle(0)
    assert "stays taken until it runs out" in caplog.text
    server.start()
    await limits.reserve("ann", ONE)
    # A restart between two requests leaves a dead connection in the pool.
    server.stop()
    server.start()
    await limits.reserve("ann", ONE)


async def test_redis_may_come_up_after_the_page(server: RedisServer) -> None:
    server.stop()
    limits = Limits(ROOMY, server.url)
    assert (await refused(limits)).code == "limit_unreachable"
    server.start()
    await limits.reserve("ann", ONE)


async def test_redis_going_away_halfway_takes_nothing_for_good(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(ROOMY, server.url)
    take = limits._storage.take

    def cut_off(item: RateLimitItem, visitor: str, amount: int) -> Take | None:
        if item.namespace == "jobs-in-all":
            raise redis.ConnectionError("cut off")
        return take(item, visitor, amount)

    monkeypatch.setattr(limits._storage, "take", cut_off)
    assert (await refused(limits)).code == "limit_unreachable"
    assert await limits.left("ann") == Left(10, None)


async def test_a_redis_that_hangs_does_not_hold_the_page(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedream.limits.storage.REDIS_SECONDS", 0.3)
    limits = Limits(ROOMY, server.url)
    await limits.left("ann")
    assert server.process
    server.process.send_signal(signal.SIGSTOP)
    try:
        asked = asyncio.create_task(refused(limits))
        beats = 0
        while not asked.done():
            await asyncio.sleep(0.01)
            beats += 1
            assert beats < 100 * PATIENCE
        assert (await asked).code == "limit_unreachable"
        # A loop that was blocked would have had a beat or two.
        assert beats > 5
    finally:
        server.process.send_signal(signal.SIGCONT)
    await limits.reserve("ann", ONE)


async def test_no_visitor_is_named_in_redis(server: RedisServer) -> None:
    await Limits(ROOMY, server.url).reserve("203.0.113.77", ONE)
    keys = [str(key) for key in redis.Redis(port=server.port).scan_iter()]
    assert len(keys) == 3
    assert not any("203.0.113.77" in key for key in keys)


async def test_redis_forgets_what_ran_out(server: RedisServer) -> None:
    await Limits(ROOMY, server.url).reserve("ann", ONE)
    client = redis.Redis(port=server.port)
    seconds = sorted(client.ttl(key) for key in client.scan_iter())
    assert seconds == pytest.approx([LEASE_SECONDS, LEASE_SECONDS, HOUR], abs=PATIENCE)


async def test_memory_forgets_visitors_whose_hour_ran_out(clock: Clock) -> None:
    limits = Limits(ROOMY)
    library = limits._storage.library
    assert isinstance(library, MemoryStorage)
    await asyncio.gather(*(limits.reserve(f"visitor {name}", ONE) for name in range(40)))
    assert len(library.events) == 81
    clock.ahead = HOUR + 1
    deadline = time.monotonic() + PATIENCE
    # The library's own thread empties the windows a moment after a reservation, and the next one clears away.
    while len(library.events) > 3:
        await (await limits.reserve("ann", ONE)).settle(0)
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def test_redis_is_imported_only_where_it_is_wanted() -> None:
    program = (
        "import sys, seedream.limits.limiter as l; l.Limits(l.LimitRules())\nsys.exit('redis' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize("url", ["", "memcached://127.0.0.1", "redos://:secret@127.0.0.1", "127.0.0.1:6379"])
def test_other_storages_are_named_as_such(url: str) -> None:
    with pytest.raises(ValueError, match="neither memory") as raised:
        Limits(LimitRules(), url)
    assert "secret" not in str(raised.value)


# Who a visitor is

PEER = "198.51.100.9"
FORGED = "10.9.8.7"


@pytest.mark.parametrize(
    ("forwarded", "peer", "proxies", "expected"),
    [
        pytest.param([], PEER, 0, PEER, id="no proxy"),
        pytest.param([FORGED], PEER, 0, PEER, id="no proxy, forged"),
        pytest.param([f"{FORGED}, {FORGED}"], PEER, 0, PEER, id="no proxy, forged twice"),
        pytest.param(["203.0.113.5"], PEER, 1, "203.0.113.5", id="one proxy"),
        pytest.param([f"{FORGED}, 203.0.113.5"], PEER, 1, "203.0.113.5", id="one proxy, forged"),
        pytest.param([f"{FORGED}," * 99 + "203.0.113.5"], PEER, 1, "203.0.113.5", id="one proxy, forged much"),
        pytest.param([FORGED, "203.0.113.5"], PEER, 1, "203.0.113.5", id="one proxy, forged in its own line"),
        pytest.param([f"<script>,\t, {FORGED},, 203.0.113.5"], PEER, 1, "203.0.113.5", id="forged garbage"),
        pytest.param(["203.0.113.5, 192.0.2.1"], PEER, 2, "203.0.113.5", id="two proxies"),
        pytest.param([f"{FORGED}, 203.0.113.5, 192.0.2.1"], PEER, 2, "203.0.113.5", id="two proxies, forged"),
        pytest.param([FORGED, "203.0.113.5", "192.0.2.1"], PEER, 2, "203.0.113.5", id="two proxies, three lines"),
        pytest.param(["203.0.113.5"], PEER, 2, PEER, id="fewer entries than proxies"),
        pytest.param([], PEER, 1, PEER, id="a proxy that says nothing"),
        pytest.param([""], PEER, 1, PEER, id="empty"),
        pytest.param([f"{FORGED}, "], PEER, 1, PEER, id="empty last"),
        pytest.param(["unknown"], PEER, 1, PEER, id="garbage"),
        pytest.param(["203.0.113.500"], PEER, 1, PEER, id="not quite an address"),
        pytest.param(["  203.0.113.5	"], PEER, 1, "203.0.113.5", id="spaces"),
        pytest.param(["203.0.113.5:4711"], PEER, 1, "203.0.113.5", id="with its port"),
        pytest.param(["2001:db8:1:2:3:4:5:6"], PEER, 1, "2001:db8:1:2::/64", id="IPv6"),
        pytest.param(["2001:DB8:1:2:ffff::1"], PEER, 1, "2001:db8:1:2::/64", id="IPv6, the same network"),
        pytest.param(["2001:db8:1:3::1"], PEER, 1, "2001:db8:1:3::/64", id="IPv6, the next network"),
        pytest.param(["[2001:db8:1:2::9]:4711"], PEER, 1, "2001:db8:1:2::/64", id="IPv6 with its port"),
        pytest.param(["[2001:db8:1:2::9]"], PEER, 1, "2001:db8:1:2::/64", id="IPv6 in brackets"),
        pytest.param(["::ffff:203.0.113.5"], PEER, 1, "203.0.113.5", id="IPv4 written as IPv6"),
        pytest.param([], "2001:db8:1:2::9", 0, "2001:db8:1:2::/64", id="IPv6 peer"),
        pytest.param([], "fe80::1%eth0", 0, "fe80::/64", id="IPv6 peer with its link"),
        pytest.param(["unknown"], "testclient", 1, "testclient", id="peer without an address"),
    ],
)
def test_visitor_address(forwarded: list[str], peer: str, proxies: int, expected: str) -> None:
    raw = [(b"host", b"page.example"), *((b"x-forwarded-for", line.encode()) for line in forwarded)]
    assert visitor_address(Headers(raw=raw), peer, proxies) == expected


def test_visitor_address_knows_the_header_in_any_case() -> None:
    assert visitor_address({"X-Forwarded-For": "203.0.113.5"}, PEER, 1) == "203.0.113.5"
