"""The page in each of its states: what axe-core finds, light and dark, and whether anything jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.visit import PATIENCE_MS, Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess


def violations(visitor: Visit) -> list[str]:
    """Return what axe finds, in Gradio's markup and in ours: rule, impact, element."""
    found = Axe().run(visitor.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:200]} at {' '.join(map(str, node['target']))}"
        for each in found
        for node in each["nodes"]
    ]


def _series(visitor: Visit) -> None:
    visitor.prompt.fill("a quiet bay in two scenes")
    visitor.choose("sequential_image_generation", "A series")
    visitor.page.locator("#field-max_images input[type=number]").fill("2")
    visitor.generate()


def _queued(visitor: Visit, _: ControlledApi) -> None:
    _series(visitor)
    visitor.wait_for("in_queue")


def _drawing(visitor: Visit, api: ControlledApi) -> None:
    _queued(visitor, api)
    api.draw()
    visitor.wait_for("in_progress")


def _done(visitor: Visit, api: ControlledApi) -> None:
    _drawing(visitor, api)
    api.finish()
    visitor.pictures(2)


def _failed(visitor: Visit, api: ControlledApi) -> None:
    visitor.prompt.fill("fail: nobody can draw this")
    visitor.generate()
    visitor.wait_for("in_queue")
    api.finish()
    visitor.wait_for("error")


def _history(visitor: Visit, api: ControlledApi) -> None:
    _done(visitor, api)
    expect(visitor.rows.first).to_be_visible(timeout=PATIENCE_MS)


def _large(visitor: Visit, api: ControlledApi) -> None:
    _done(visitor, api)
    visitor.card.locator(".tile").nth(1).get_by_role("button").first.click()
    expect(visitor.page.locator("dialog[open]")).to_be_visible()


STATES: dict[str, Callable[[Visit, ControlledApi], object]] = {
    "idle": lambda *_: None,
    "queued": _queued,
    "drawing": _drawing,
    "done": _done,
    "error": _failed,
    "history open": _history,
    "large view open": _large,
}


@contextmanager
def in_state(browser: Browser, app: AppProcess, api: ControlledApi, state: str, **looks: Any) -> Iterator[Visit]:
    with visit(browser, app.url, reduced_motion="reduce", **looks) as visitor:
        STATES[state](visitor, api)
        yield visitor


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(browser: Browser, app: AppProcess, api: ControlledApi, state: str, scheme: str) -> None:
    with in_state(browser, app, api, state, color_scheme=scheme) as visitor:
        assert violations(visitor) == []


def test_nothing_jumps_from_opening_to_the_finished_pictures(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
    page = context.new_page()
    page.add_init_script(_SHIFTS)
    visitor = Visit(page, app.url)
    _done(visitor, api)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    shifts = page.evaluate("window.shifts")
    context.close()
    # All of it together: the web's own measure takes only the worst five seconds.
    print(*sorted(shifts, reverse=True), sep="\n")
    assert sum(value for value, _ in shifts) < 0.05


# Each shift of the layout: how much of the screen it moved and how far, and what moved.
_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const moved = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? "");
    window.shifts.push([entry.value, moved]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
