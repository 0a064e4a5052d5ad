"""Who was here before sees their newest pictures in the shell, where the page will have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from seedream import texts
from tests.browser.many_pictures import make_many_more
from tests.browser.page_scripts import SMALL_COPIES
from tests.browser.stillness import MOST_SHIFT, Stillness
from tests.browser.visit import Visit
from tests.servers import AppProcess

ENGLISH = texts.locales()["en"]
SCREENS = {1280: 720, 390: 844}
MORE = 12
WALL = "page-shell shell-wall"
PICTURES = f"{WALL} .history-picture"
_SCRIPTS = re.compile(r"/assets/.+[.]js$")
# Of each part of the wall: left, top, width and height, as the page stands at its top.
_BOXES = """(root) => Object.fromEntries([
  "title", "finder", "day > :first-child", "row", "place", "group", "group > .history-line",
  "row[data-kind=series] > .history-line",
].map((each) => [each, [...document.querySelectorAll(`${root} .history-${each}`)].map((part) => {
  const { left, top, width, height } = part.getBoundingClientRect();
  return [left, top + scrollY, width, height];
})]))"""
MOST_PIXELS = 1
_KEPT = "localStorage['seedream.wall']"
_CHANGE = f"""change => {{
  const wall = JSON.parse({_KEPT});
  {_KEPT} = JSON.stringify(new Function("wall", change)(wall));
}}"""


@contextmanager
def returning(browser: Browser, app: AppProcess, width: int = 1280, more: int = MORE) -> Iterator[BrowserContext]:
    """Give a profile whose visitor has made one picture, four alternatives, a series and older ones."""
    context = browser.new_context(viewport={"width": width, "height": SCREENS[width]}, locale="en-US")
    visitor = Visit(context.new_page(), app.url)
    for how_many in ("One picture", "4 alternatives", "A series"):
        visitor.how_many(how_many)
        if how_many == "A series":
            visitor.series(3)
        visitor.prompt.fill("herons")
        visitor.generate()
        if how_many == "One picture" and more:
            visitor.wait_for("completed")
            make_many_more(visitor.page, more, copies=True)
    expect(visitor.page.locator(".history-picture img")).to_have_count(8)
    # Once they are written.
    visitor.page.evaluate(SMALL_COPIES)
    visitor.page.close()
    # A page of their next visit draws what the browser knows by now.
    visitor = Visit(context.new_page(), app.url)
    expect(visitor.page.locator(".history-picture img")).to_have_count(8 + more)
    visitor.page.close()
    yield context
    context.close()


class Held:
    """A page that is being opened: Gradio's scripts are held until they are let go."""

    def __init__(
        self, context: BrowserContext, url: str, prepare: Callable[[Page], object] = lambda _: None
    ) -> None:
        self.page = context.new_page()
        self.still = Stillness(self.page)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        prepare(self.page)
        self._routes: list[Route] = []
        self._free = False
        self.page.route(_SCRIPTS, self._hold)
        self.page.goto(url, wait_until="commit")
        self.page.locator("page-shell .start-pictures + *").wait_for(state="attached")

    def _hold(self, route: Route) -> None:
        if self._free:
            route.continue_()
        else:
            self._routes.append(route)

    def let_go(self) -> None:
        self._free = True
        for route in self._routes:
            route.continue_()
        expect(self.page.locator("page-shell")).to_have_count(0)


def _moved(before: dict[str, list[list[float]]], after: dict[str, list[list[float]]]) -> list[Any]:
    """Return the parts that are not where they were, each with its boxes, or as many as they were."""
    found: list[Any] = [part for part in before if len(before[part]) != len(after[part])]
    for part, boxes in before.items():
        for was, now in zip(boxes, after[part], strict=False):
            if any(abs(one - other) > MOST_PIXELS for one, other in zip(was, now, strict=True)):
                found.append((part, was, now))
    return found


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.thorough)])
def test_their_pictures_are_there_before_the_page_is(browser: Browser, paid_app: AppProcess, width: int) -> None:
    with returning(browser, paid_app, width) as context:
        opened = Held(context, paid_app.url)
        page = opened.page
        images = page.locator(f"{PICTURES} img")
        expect(images).to_have_count(8 + MORE)
        for image in images.all():
            assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        expect(page.locator(f"{WALL} .history-day > :first-child").first).to_have_text("Today")
        expect(page.locator("page-shell .gallery-empty")).to_be_hidden()
        expect(page.locator("gradio-app")).to_be_hidden()
        shown = images.evaluate_all("all => all.map(({ src }) => src)")
        before = page.evaluate(_BOXES, WALL)
        assert [len(before[each]) for each in ("title", "finder", "group", "row")] == [1, 1, 1, 6 + MORE]
        opened.let_go()
        live = page.locator("#gallery .history-picture img")
        expect(live).to_have_count(8 + MORE)
        after = page.evaluate(_BOXES, "#gallery")
        assert _moved(before, after) == []
        # They are the same files, at the same addresses: none is decoded twice.
        assert live.evaluate_all("all => all.map(({ src }) => src)") == shown
        page.wait_for_timeout(500)
        shifts = opened.still.shifts()
        assert sum(each.value for each in shifts) < MOST_SHIFT, shifts
        assert opened.faults == []


@pytest.mark.thorough
def test_nobody_is_led_to_what_does_nothing_yet(browser: Browser, paid_app: AppProcess) -> None:
    with returning(browser, paid_app, more=0) as context:
        page = Held(context, paid_app.url).page
        expect(page.locator(f"{PICTURES} img")).to_have_count(8)
        tree = context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
        told = [each.get("name", {}).get("value", "") for each in tree if not each["ignored"]]
        assert not [words for words in told if "heron" in words or ENGLISH["history.title"] in words]
        for _ in range(5):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.closest('page-shell')") is None


@pytest.mark.thorough
def test_what_was_removed_is_not_there(browser: Browser, paid_app: AppProcess) -> None:
    with returning(browser, paid_app, more=0) as context:
        visitor = Visit(context.new_page(), paid_app.url)
        before = visitor.page.evaluate(_KEPT)
        key = visitor.rows.last.get_attribute("data-key")
        visitor.act(visitor.rows.last, "Remove from this list")
        expect(visitor.rows).to_have_count(5)
        visitor.page.wait_for_function(f"before => {_KEPT} && {_KEPT} !== before", arg=before)
        assert key not in visitor.page.evaluate(_KEPT)
        # As if the tab had been ended before it could keep that.
        visitor.page.evaluate(f"before => {{ {_KEPT} = before; }}", before)
        page = Held(context, paid_app.url).page
        expect(page.locator(f"{PICTURES} img")).to_have_count(7)
        expect(page.locator(f"{PICTURES}[data-copy^='{key}']")).to_have_count(0)
        page.close()

        visitor.page.on("dialog", lambda dialog: dialog.accept())
        visitor.page.get_by_role("button", name="Remove all").click()
        expect(visitor.rows).to_have_count(0)
        assert "heron" not in visitor.page.evaluate("JSON.stringify({ ...localStorage })")
        visitor.page.evaluate(f"before => {{ {_KEPT} = before; }}", before)
        page = Held(context, paid_app.url).page
        expect(page.locator("page-shell .start-card").first).to_be_visible()
        expect(page.locator(f"{WALL} *")).to_have_count(0)


@pytest.mark.thorough
def test_a_day_is_named_by_when_it_is_looked_at(browser: Browser, paid_app: AppProcess) -> None:
    with returning(browser, paid_app, more=0) as context:
        tomorrow = datetime.now() + timedelta(days=1)
        page = Held(context, paid_app.url, lambda page: page.clock.set_fixed_time(tomorrow)).page
        expect(page.locator(f"{WALL} .history-day > :first-child")).to_have_text("Yesterday")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "change",
    [
        "return 'nothing of ours'",
        "return { version: 1, language: 'en' }",
        "wall.days[0].groups[0] = null; return wall",
        "wall.language = 'de'; return wall",
        "wall.version = 2; return wall",
        # A job has come since.
        "wall.days[0].groups.shift(); return wall",
        # One has ended since.
        "wall.days[0].groups[0].rows[0].state = 'in_queue'; return wall",
    ],
)
def test_what_does_not_fit_is_not_shown(browser: Browser, paid_app: AppProcess, change: str) -> None:
    with returning(browser, paid_app, more=0) as context:
        first = context.new_page()
        first.goto(f"{paid_app.url}/healthz")
        first.evaluate(_CHANGE, change)
        opened = Held(context, paid_app.url)
        expect(opened.page.locator("page-shell .shell-form")).to_be_visible()
        expect(opened.page.locator(f"{WALL} *")).to_have_count(0)
        expect(opened.page.locator(".shell-failure[role=alert]")).to_be_hidden()
        opened.let_go()
        expect(opened.page.locator("#gallery .history-picture img")).to_have_count(8)
        assert opened.faults == []


@pytest.mark.thorough
def test_words_of_the_page_stay_words_and_lost_pictures_leave_their_places(
    browser: Browser, paid_app: AppProcess
) -> None:
    with returning(browser, paid_app, more=0) as context:
        first = context.new_page()
        first.goto(f"{paid_app.url}/healthz")
        first.evaluate(_CHANGE, "wall.title = '<img src=x onerror=alert(1)>'; return wall")
        first.evaluate("new Promise((done) => (indexedDB.deleteDatabase('seedream.thumbnails').onsuccess = done))")
        opened = Held(context, paid_app.url)
        expect(opened.page.locator(PICTURES)).to_have_count(8)
        expect(opened.page.locator(f"{WALL} .history-title")).to_have_text("<img src=x onerror=alert(1)>")
        expect(opened.page.locator(f"{WALL} img")).to_have_count(0)


@pytest.mark.thorough
def test_where_the_page_begins_otherwise_it_stays_away(browser: Browser, paid_app: AppProcess) -> None:
    with returning(browser, paid_app, more=0) as context:
        visitor = Visit(context.new_page(), paid_app.url)
        known: dict[str, Any] = visitor.page.evaluate(
            "JSON.parse(Object.entries(localStorage).find(([name]) => name.startsWith('seedream.job.'))[1])"
        )
        for query in (f"?request_id={known['record']['request_id']}", "?lang=de"):
            page = Held(context, f"{paid_app.url}{query}").page
            expect(page.locator(f"{WALL} *")).to_have_count(0)
            page.close()
        # After a reload, a card stands there.
        visitor.prompt.fill("a heron")
        visitor.generate()
        visitor.wait_for("completed")
        visitor.page.route(_SCRIPTS, lambda _: None)
        visitor.page.reload(wait_until="commit")
        expect(visitor.page.locator("page-shell .shell-form")).to_be_visible()
        expect(visitor.page.locator(f"{WALL} *")).to_have_count(0)
