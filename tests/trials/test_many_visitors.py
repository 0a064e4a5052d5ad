"""Two hundred visitors at once, some of whom close their tab, while a part of all reads from the API fails."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterable
from io import BytesIO
from typing import TypeVar

from PIL import Image

from tests.servers import AppProcess
from tests.visitors_load import Api, Load, Page, Plan, Visitor, run, sample, served_app, serving, warm_up

PLAN = Plan(visitors=200, leaving=True, faults=True)
WARM_UP = 5
# What the visitors take on two busy cores is half of it; whoever hangs is told so.
PATIENCE = 90.0
MOST_MEMORY = 60.0
SETTLED_SECONDS = 60
T = TypeVar("T")


async def soon(work: Awaitable[T]) -> T:
    return await asyncio.wait_for(work, PATIENCE)


async def memory_after(app: AppProcess, before: float) -> float:
    """Return by how many MB the app has grown, as soon as that is little enough, or a minute later."""
    grown = sample(app.process.pid).rss - before
    for _ in range(SETTLED_SECONDS):
        if grown <= MOST_MEMORY:
            break
        await asyncio.sleep(1)
        grown = sample(app.process.pid).rss - before
    return grown


async def content(visitors: Iterable[Visitor]) -> list[Visitor]:
    """Let them look until they have their pictures."""
    found = list(visitors)
    await soon(asyncio.gather(*(each.look() for each in found)))
    return found


def logged(app: AppProcess) -> list[str]:
    return re.findall(r"submitted request_id=(\S+)", app.output)


def assert_shown(visitors: list[Visitor]) -> None:
    for visitor in visitors:
        assert visitor.record["error"] is None
        (preview,) = visitor.previews.values()
        with Image.open(BytesIO(preview)) as image:
            image.load()
            assert image.size == (1280, 960)


def assert_misbehaved(api: Api) -> None:
    """Tell whether the API failed as often as it should have; it does so by lots of twenty."""
    assert api.faults
    dealt = api.faults.dealt
    reads = sum(dealt.values())
    assert reads > PLAN.visitors * 3
    assert abs(dealt["broken"] - reads / 10) <= 2
    assert abs(dealt["cut"] - reads / 20) <= 1


def assert_sent_once(api: Api, app: AppProcess, load: Load) -> None:
    sent = [call.json["prompt"] for call in api.recorder.submissions()][WARM_UP:]
    assert sorted(sent) == sorted(each.prompt for each in load.visitors)
    assert len(set(logged(app))) == WARM_UP + PLAN.visitors


async def test_two_hundred_visitors_all_get_their_pictures_and_leave_no_memory_behind() -> None:
    with serving(PLAN) as api, served_app(api) as app:
        # Before anything is warm: what the first pictures leave behind counts, too.
        before = sample(app.process.pid).rss
        await soon(warm_up(app, WARM_UP))
        load = await soon(run(PLAN, app))
        page = await Page.find(app.url)
        gone = [each for each in load.visitors if each.habit in ("leaves", "leaves_early")]
        assert len(gone) == PLAN.visitors / 10

        # By the key alone only the server can answer: it went on with the job after the tab was closed.
        returned = await content(Visitor(page, each.prompt, key=each.key) for each in gone)
        # And from any browser by the request ID, which the server's log names.
        ids = {each.request_id for each in returned}
        assert ids <= set(logged(app))
        pasted = await content(Visitor(page, "pasted", request_id=each) for each in ids)

        assert_shown([each for each in load.visitors if each not in gone] + returned + pasted)
        assert {each.request_id for each in load.visitors if each not in gone} | ids <= set(logged(app))
        assert_misbehaved(api)
        assert_sent_once(api, app, load)
        assert await memory_after(app, before) <= MOST_MEMORY
