"""Seven tabs, a browser's six connections: one tab leads, and whichever dies, every job ends in every tab."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.browser.page_scripts import MODULES
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi, wait_until
from tests.servers import AppProcess
from tests.trials.faulty_proxy import FaultyProxy, faulty_proxy

TABS = 7
MOST_STREAMS = 2
MANY_JOBS = 130

# Which tab holds the lock: each takes another one for a moment, under which the browser names it likewise.
_LEADS = """() => navigator.locks.request(`probe ${Math.random()}`, async ({ name }) => {
  const { held } = await navigator.locks.query();
  const me = held.find((each) => each.name === name).clientId;
  return held.some((each) => each.name === "seedream.stream" && each.clientId === me);
})"""
_WITHOUT_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {get: () => undefined})"
_LOOKED_AT = """looked => {
  Object.defineProperty(document, "hidden", {get: () => !looked, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""
_OPEN = f"""async ids => {{
  {MODULES}
  const {{ open }} = $modules["job/take-up.js"];
  ids.forEach((id) => open(id, false));
}}"""


@pytest.fixture
def proxy(app: AppProcess) -> Iterator[FaultyProxy]:
    with faulty_proxy(app.url) as started:
        yield started


@pytest.mark.parametrize("death", ["closed", "crashed"])
def test_every_job_ends_in_every_tab_though_the_leader_dies(
    browser: Browser, proxy: FaultyProxy, api: ControlledApi, before: int, death: str
) -> None:
    with visit(browser, proxy.url) as first:
        tabs = [first]
        _submit(first)
        while len(tabs) < TABS:
            tabs.append(Visit(first.page.context.new_page(), proxy.url))
            _submit(tabs[-1])
        # Each shows what was under way when it was opened.
        for number, tab in enumerate(tabs):
            expect(tab.cards).to_have_count(number + 1)
        api.arrived(before + TABS)
        for drawn in (False, True):
            leader = _leader(tabs)
            tabs.remove(leader)
            _die(leader, death)
            if not drawn:
                api.draw()
                for tab in tabs:
                    expect(tab.cards.and_(tab.page.locator("[data-status=in_progress]"))).to_have_count(
                        tab.cards.count()
                    )
        api.finish()
        for tab in tabs:
            for card in tab.cards.all():
                tab.wait_for("completed", card)
                tab.pictures(1, card)
            assert tab.faults == []
        first.faults.clear()
    counts = proxy.counts()
    print(f"{counts.asked} streams asked for, {counts.most} open at most")
    assert counts.most <= MOST_STREAMS
    assert api.submitted() == before + TABS


def test_without_locks_a_tab_that_nobody_looks_at_lets_go(
    browser: Browser, proxy: FaultyProxy, api: ControlledApi, before: int
) -> None:
    with visit(browser, proxy.url) as first:
        first.page.context.add_init_script(_WITHOUT_LOCKS)
        first.page.reload()
        tabs = [first]
        while len(tabs) < TABS:
            _submit(tabs[-1])
            tabs[-1].page.evaluate(_LOOKED_AT, False)
            tabs.append(Visit(first.page.context.new_page(), proxy.url))
        _submit(tabs[-1])
        assert proxy.counts().most <= MOST_STREAMS
        api.arrived(before + TABS)
        api.finish()
        tabs[-1].page.evaluate(_LOOKED_AT, False)
        for tab in tabs:
            tab.page.evaluate(_LOOKED_AT, True)
            for card in tab.cards.all():
                tab.wait_for("completed", card)
            tab.page.evaluate(_LOOKED_AT, False)
            assert tab.faults == []
    assert proxy.counts().most <= MOST_STREAMS


def test_more_jobs_than_the_server_follows_at_once(
    browser: Browser, proxy: FaultyProxy, api: ControlledApi
) -> None:
    made = [api.client().submit() for _ in range(MANY_JOBS)]
    with visit(browser, proxy.url) as visitor:
        visitor.page.evaluate(_OPEN, made)
        expect(visitor.cards).to_have_count(MANY_JOBS)
        # Those are asked for first that were opened first.
        visitor.wait_for("in_queue", visitor.cards.last)
        visitor.page.wait_for_timeout(2000)
        api.finish()
        ready = visitor.page.locator("#gallery .job[data-status=completed]")
        expect(ready).to_have_count(MANY_JOBS, timeout=60_000)
        expect(visitor.page.get_by_text("connection was lost")).to_have_count(0)
    assert proxy.counts().most <= MOST_STREAMS


def _submit(tab: Visit) -> None:
    tab.page.bring_to_front()
    tab.generate()
    tab.wait_for("in_queue")


def _leader(tabs: list[Visit]) -> Visit:
    leaders: list[Visit] = []

    def found() -> bool:
        leaders[:] = [tab for tab in tabs if tab.page.evaluate(_LEADS)]
        return len(leaders) == 1

    wait_until(found)
    return leaders[0]


def _die(tab: Visit, death: str) -> None:
    if death == "closed":
        tab.page.close()
        return
    with suppress(Error):
        tab.page.goto("chrome://crash")
