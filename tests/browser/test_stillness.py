"""Nothing jumps: over Fast 3G, on a device four times slower, nothing moves by itself or under the pointer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from seedream import texts
from tests.browser.stillness import MOST_SHIFT, Stillness, slow_down
from tests.browser.visit import Visit
from tests.servers import AppProcess

ENGLISH = texts.locales()["en"]
WIDTHS = (1280, 390)
# What moves later than this after a press, a hand would not have caused.
SETTLED_MILLISECONDS = 700
# What stands in the shell, and in its place in the page.
SAME_PLACES = {
    ".shell-title": "#title h1",
    ".shell-prompt i": "#field-prompt textarea",
    ".shell-send b": "#generate",
    ".shell-sizes": "#sizes",
    "page-shell .gallery-empty > p": "#gallery .gallery-empty > p",
    "page-shell .start-card": "#gallery .start-card",
}
MOST_PIXELS = 2
# Of the first element of each: where it begins, and its middle from above.
BOXES = """selectors => selectors.map((each) => {
  const { left, top, bottom } = document.querySelector(each).getBoundingClientRect();
  return [left, (top + bottom) / 2];
})"""
# What is not in sight when the shell has just gone.
UNSEEN = """(selectors) => {
  const look = () => {
    if (document.querySelector("page-shell:not([hidden])")) requestAnimationFrame(look);
    else {
      const hidden = (each) => getComputedStyle(document.querySelector(each)).visibility !== "visible";
      window.unseen = selectors.filter(hidden);
    }
  };
  look();
}"""
SCRIPTS = re.compile(r"/assets/.+[.]js$")


@contextmanager
def slow_visit(browser: Browser, width: int) -> Iterator[tuple[Page, Stillness]]:
    """Give a page that goes nowhere yet, on a slow line and device."""
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="en-US")
    page = context.new_page()
    still = Stillness(page)
    slow_down(page)
    try:
        yield page, still
    finally:
        # To be slower costs the machine as much as to work.
        context.close()


@pytest.mark.thorough
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_jumps(browser: Browser, paid_app: AppProcess, width: int) -> None:
    with slow_visit(browser, width) as (page, still):
        visitor = Visit(page, paid_app.url)
        page.locator(".start-card").nth(4).click()
        expect(visitor.prompt).to_have_value(ENGLISH["example.product.prompt"])
        still.press(visitor.generate_button)
        _made(visitor, 1)
        still.press(visitor.card.get_by_role("button", name=ENGLISH["after.shape"]))
        shapes = visitor.card.get_by_role("group", name=ENGLISH["after.shape"])
        page.wait_for_timeout(SETTLED_MILLISECONDS)
        still.press(shapes.get_by_role("button").nth(1))
        _made(visitor, 2)
        # A new job comes into view by its head.
        expect(visitor.card.locator(".job-words")).to_be_in_viewport()
        page.evaluate("scrollTo(0, 0)")
        words = page.get_by_role("button", name=ENGLISH["start.phrases"])
        phrases = page.get_by_role("group", name=ENGLISH["start.phrases"])
        for target in (words, phrases.get_by_role("button").first, words):
            still.press(target)
            page.wait_for_timeout(SETTLED_MILLISECONDS)
        shifts = still.shifts()
        assert sum(each.value for each in shifts) < MOST_SHIFT, shifts
        assert still.moved() == []


@pytest.mark.thorough
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_comes_where_its_shell_was(browser: Browser, sample_app: AppProcess, width: int) -> None:
    with slow_visit(browser, width) as (page, still):
        held: list[Route] = []
        free: list[bool] = []
        page.route(SCRIPTS, lambda route: route.continue_() if free else held.append(route))
        page.goto(sample_app.url, wait_until="commit")
        page.locator("page-shell .start-pictures + *").wait_for(state="attached")
        before = page.evaluate(BOXES, list(SAME_PLACES))
        still.rest_on(page.locator("page-shell .start-card").nth(1))
        scrolled = page.evaluate("scrollY")
        page.evaluate(UNSEEN, list(SAME_PLACES.values()))
        free.append(True)
        for route in held:
            route.continue_()
        expect(page.locator("page-shell")).to_have_count(0)
        # Not visible: on a phone it makes way for what is looked at, sooner or later.
        page.locator("#generate").wait_for(state="attached")
        page.wait_for_timeout(SETTLED_MILLISECONDS)
        assert page.evaluate("window.unseen") == []
        assert still.moved() == []
        assert page.evaluate("scrollY") == scrolled
        page.evaluate("scrollTo(0, 0)")
        after = page.evaluate(BOXES, list(SAME_PLACES.values()))
        moved = {
            name: (was, now)
            for name, was, now in zip(SAME_PLACES, before, after, strict=True)
            if any(abs(one - other) > MOST_PIXELS for one, other in zip(was, now, strict=True))
        }
        assert moved == {}


def _made(visitor: Visit, jobs: int) -> None:
    """Wait until so many jobs have their small copies, and for what may come after."""
    expect(visitor.page.locator(".history-row img")).to_have_count(jobs)
    visitor.page.wait_for_timeout(SETTLED_MILLISECONDS)
