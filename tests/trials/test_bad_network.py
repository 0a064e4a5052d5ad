"""Whatever the network does, the page is right within five seconds of its being right again, and asks little."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from seedream import texts
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess
from tests.trials.faulty_proxy import FaultyProxy, Mode, faulty_proxy

RIGHT_WITHIN_SECONDS = 5.0
MOST_REQUESTS = 10
# Long enough for the page to have become patient.
OUTAGE_SECONDS = 20
SAYS: dict[Mode, str] = {"cut": "state.reconnecting", "502": "state.reconnecting", "401": "state.log_in"}


@pytest.fixture(scope="module")
def proxy(app: AppProcess) -> Iterator[FaultyProxy]:
    with faulty_proxy(app.url) as started:
        yield started


@pytest.mark.parametrize("mode", SAYS)
def test_an_outage(browser: Browser, proxy: FaultyProxy, api: ControlledApi, mode: Mode) -> None:
    with visit(browser, proxy.url) as visitor:
        _waiting_job(visitor)
        proxy.be(mode)
        expect(visitor.card).to_contain_text(texts.text(SAYS[mode]))
        api.finish()
        visitor.page.wait_for_timeout(1000 * OUTAGE_SECONDS)
        during = proxy.be("pass")
        _is_right_soon(visitor)
        _asked_little(during.asked + proxy.counts().asked, mode)


def test_a_refusal_that_only_a_reload_mends(browser: Browser, proxy: FaultyProxy, api: ControlledApi) -> None:
    with visit(browser, proxy.url) as visitor:
        _waiting_job(visitor)
        proxy.be("422")
        expect(visitor.card).to_contain_text(texts.text("state.reload"))
        api.finish()
        visitor.page.wait_for_timeout(1000 * OUTAGE_SECONDS)
        during = proxy.be("pass")
        visitor.page.reload()
        _is_right_soon(visitor)
        _asked_little(during.asked + proxy.counts().asked, "422")


def test_frozen_for_a_while(browser: Browser, proxy: FaultyProxy, api: ControlledApi) -> None:
    with visit(browser, proxy.url) as visitor:
        _waiting_job(visitor)
        proxy.counts()
        with proxy.frozen():
            api.finish()
            visitor.page.wait_for_timeout(1000 * OUTAGE_SECONDS)
        _is_right_soon(visitor)
        _asked_little(proxy.counts().asked, "frozen for a while")


def test_frozen_for_so_long_that_it_is_noticed(browser: Browser, proxy: FaultyProxy, api: ControlledApi) -> None:
    with visit(browser, proxy.url) as visitor:
        visitor.page.clock.install()
        visitor.page.reload()
        _waiting_job(visitor)
        proxy.counts()
        with proxy.frozen():
            api.finish()
            visitor.page.clock.fast_forward(40_000)
            expect(visitor.card).to_contain_text(texts.text("state.reconnecting"))
            visitor.page.wait_for_timeout(1000 * OUTAGE_SECONDS)
        _is_right_soon(visitor)
        _asked_little(proxy.counts().asked, "frozen for long")


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_leaps(browser: Browser, proxy: FaultyProxy, api: ControlledApi, hours: int) -> None:
    with visit(browser, proxy.url) as visitor:
        visitor.page.clock.install()
        visitor.page.reload()
        _waiting_job(visitor)
        proxy.counts()
        visitor.page.clock.set_system_time(time.time() + 3600 * hours)
        visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        api.draw()
        visitor.wait_for("in_progress")
        if hours > 0:
            # As after a sleep: all timers are late.
            visitor.page.clock.fast_forward("01:00:00")
        api.finish()
        _is_right_soon(visitor)
        _asked_little(proxy.counts().asked, f"a leap of {hours} h")


def _waiting_job(visitor: Visit) -> None:
    visitor.generate()
    visitor.wait_for("in_queue")
    expect(visitor.card).to_contain_text("in line")


def _is_right_soon(visitor: Visit) -> None:
    began = time.monotonic()
    visitor.wait_for("completed")
    visitor.pictures(1)
    seconds = time.monotonic() - began
    print(f"right after {seconds:.1f} s")
    assert seconds <= RIGHT_WITHIN_SECONDS


def _asked_little(requests: int, what: str) -> None:
    print(f"{what}: {requests} requests")
    assert requests <= MOST_REQUESTS
