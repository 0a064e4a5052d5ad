"""The page in each of its states: what axe-core finds, light and dark, and whether anything jumps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.visit import Visit, visit
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
    visitor.series(2)
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


def _one(visitor: Visit, api: ControlledApi) -> None:
    """Press the button, and let the picture come step by step."""
    visitor.generate()
    visitor.wait_for("in_queue")
    api.draw()
    visitor.wait_for("in_progress")
    api.finish()
    visitor.pictures(1)
    visitor.wait_for("completed")


def _failed(visitor: Visit, api: ControlledApi) -> None:
    visitor.prompt.fill("fail: nobody can draw this")
    visitor.generate()
    visitor.wait_for("in_queue")
    api.finish()
    visitor.wait_for("error")


def _history(visitor: Visit, api: ControlledApi) -> None:
    _done(visitor, api)
    expect(visitor.rows.first).to_be_visible()


def _large(visitor: Visit, api: ControlledApi) -> None:
    _done(visitor, api)
    visitor.card.locator(".tile").nth(1).get_by_role("button").first.click()
    expect(visitor.page.locator("dialog[open]")).to_be_visible()


def _large_menu(visitor: Visit, api: ControlledApi) -> None:
    _large(visitor, api)
    visitor.open_large_menu()


def _developer(visitor: Visit, api: ControlledApi) -> None:
    _large_menu(visitor, api)
    visitor.page.get_by_role("button", name="For developers").click()
    expect(visitor.page.locator("dialog.developer")).to_be_visible()


def _two(visitor: Visit, api: ControlledApi) -> None:
    visitor.how_many("2 alternatives")
    visitor.generate_button.click()
    expect(visitor.page.locator(".job[data-status=in_queue]")).to_have_count(2)
    api.finish()
    visitor.pictures(2, visitor.page.locator(".job-group"))
    expect(visitor.rows.locator("img")).to_have_count(2)


def _selected(visitor: Visit, api: ControlledApi) -> None:
    _two(visitor, api)
    visitor.act(visitor.rows.first, "Select")
    visitor.rows.nth(1).locator(".history-check").click()
    expect(visitor.page.locator(".selection-bar")).to_be_visible()


def _in_selection(name: str, there: str) -> Callable[[Visit, ControlledApi], None]:
    def do(visitor: Visit, api: ControlledApi) -> None:
        _selected(visitor, api)
        visitor.page.locator(".selection-bar").get_by_role("button", name=name).click()
        expect(visitor.page.locator(there).last).to_be_visible()

    return do


def _started_from(visitor: Visit, api: ControlledApi) -> None:
    _one(visitor, api)
    visitor.card.get_by_role("button", name="Change this…").click()
    expect(visitor.page.locator(".reference-item img")).to_be_visible()


def _account(visitor: Visit, _: ControlledApi) -> None:
    visitor.page.get_by_role("button", name="Use your own").click()
    visitor.page.get_by_role("button", name="Use it", exact=True).click()
    expect(visitor.page.locator(".account-refused")).not_to_be_empty()


def _shared(visitor: Visit, api: ControlledApi) -> None:
    request_id = api.client().submit()
    api.finish()
    visitor.page.goto(f"{visitor.page.url}?request_id={request_id}")
    expect(visitor.page.locator(".shared")).to_be_visible()
    visitor.pictures(1)


STATES: dict[str, Callable[[Visit, ControlledApi], object]] = {
    "idle": lambda *_: None,
    "queued": _queued,
    "drawing": _drawing,
    "done": _done,
    "error": _failed,
    "history open": _history,
    "large view open": _large,
}
# What comes on top of those.
MORE_STATES: dict[str, Callable[[Visit, ControlledApi], object]] = {
    "large view's menu": _large_menu,
    "for developers": _developer,
    "alternatives": _two,
    "selected": _selected,
    "two side by side": _in_selection("Compare", ".pair-side figcaption"),
    "presented": _in_selection("Present", ".present-picture"),
    "removed": _in_selection("Remove from this list", ".history-forgotten"),
    "started from a picture": _started_from,
    "an own account": _account,
    "shared": _shared,
}
COLOURS: dict[str, dict[str, str]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
    "forced, dark": {"color_scheme": "dark", "forced_colors": "active"},
}


@contextmanager
def in_state(browser: Browser, app: AppProcess, api: ControlledApi, state: str, **looks: Any) -> Iterator[Visit]:
    with visit(browser, app.url, reduced_motion="reduce", **looks) as visitor:
        {**STATES, **MORE_STATES}[state](visitor, api)
        yield visitor


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(browser: Browser, app: AppProcess, api: ControlledApi, state: str) -> None:
    with in_state(browser, app, api, state, color_scheme="light") as visitor:
        assert violations(visitor) == []


@pytest.mark.thorough
@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize("state", [*STATES, *MORE_STATES])
def test_axe_finds_nothing_in_any_colours(
    browser: Browser, app: AppProcess, api: ControlledApi, state: str, colours: str
) -> None:
    with in_state(browser, app, api, state, **COLOURS[colours]) as visitor:
        assert violations(visitor) == []


@pytest.mark.thorough
@pytest.mark.parametrize("colours", COLOURS)
def test_axe_finds_nothing_where_samples_are_drawn(browser: Browser, sample_app: AppProcess, colours: str) -> None:
    with visit(browser, sample_app.url, **COLOURS[colours]) as visitor:
        assert violations(visitor) == []


def test_one_job_is_heard_in_a_handful_of_sentences(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("a quiet bay")
        visitor.page.evaluate(_SPEECH)
        _one(visitor, api)
        heard = visitor.page.evaluate("speech")
        for said, pattern in zip_longest(heard, HEARD_OF_ONE, fillvalue=""):
            assert re.fullmatch(f"“a quiet bay”: {pattern}", said), heard


def test_a_reload_with_twelve_jobs_is_quiet(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    made = [api.client().submit() for _ in range(12)]
    with visit(browser, app.url) as visitor:
        page = visitor.page
        for request_id in made:
            visitor.open_by_id(request_id)
        page.add_init_script(f"({_SPEECH})()")
        page.reload()
        expect(visitor.cards).to_have_count(12)
        api.finish()
        ready = page.locator("#gallery .job[data-status=completed] .tile img")
        expect(ready).to_have_count(12)
        heard = page.evaluate("speech")
        page.reload()
        expect(ready).to_have_count(12)
        # What was made before has nothing to say; those that were under way say how they go on, from one place.
        assert page.evaluate("speech") == []
        for said in heard:
            words = re.sub(r"^“.*?”: ", "", said)
            assert any(re.fullmatch(each, words) for each in HEARD_OF_ONE), said


def test_the_count_of_words_is_heard_when_it_becomes_too_much(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.page.evaluate(_SPEECH)
        for count in (2, 3, 599, 601, 602, 10, 700):
            visitor.prompt.fill("word " * count)
        expect(visitor.page.locator(".counter-long")).to_be_visible()
        heard = visitor.page.evaluate("speech")
        assert [int(re.findall(r"\d+", each)[0]) for each in heard] == [601, 700]


@pytest.mark.parametrize(
    ("width", "locale"), [(1280, "en-US"), (390, "de-DE"), pytest.param(390, "en-US", marks=pytest.mark.thorough)]
)
def test_nothing_jumps_from_opening_to_the_finished_pictures(
    browser: Browser, app: AppProcess, api: ControlledApi, width: int, locale: str
) -> None:
    size: Any = {"width": width, "height": 720}
    context = browser.new_context(viewport=size, locale=locale, has_touch=width < 400)
    page = context.new_page()
    page.add_init_script(_SHIFTS)
    visitor = Visit(page, app.url)
    _one(visitor, api)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    shifts = page.evaluate("window.shifts")
    assert page.evaluate(_ROOM_OF_THE_BUTTON) == 0
    context.close()
    # All of it together: the web's own measure takes only the worst five seconds.
    print(*sorted(shifts, reverse=True), sep="\n")
    assert sum(value for value, _ in shifts) < 0.01


@pytest.mark.thorough
def test_a_systems_own_colours_show_what_is_chosen_and_what_goes_on(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    def ground(selector: str, part: str = "") -> str:
        found: str = visitor.page.locator(selector).first.evaluate(
            "(element, part) => getComputedStyle(element, part).backgroundColor", part
        )
        return found

    with visit(browser, app.url, forced_colors="active") as visitor:
        for tile in (".size-tile", ".word-tile"):
            assert ground(f"{tile}:has(:checked)") != ground(f"{tile}:not(:has(:checked))")
        _drawing(visitor, api)
        assert ground(".job-bar", "::before") != ground(".job-bar") != ground(".job")
        api.finish()
        visitor.pictures(2)
        visitor.card.locator(".tile").first.get_by_role("button").first.click()
        assert ground(".view-close", "::before") != ground(".view")


HEARD_OF_ONE = [
    r"Sending your request\.",
    r"(Next in line|(In|Number \d+ in) line\. Usually starts within a minute)\.",
    r"Being drawn\.( Usually \d+ to \d+ s\.)?",
    r"Done\. Fetching it now\.",
    r"Your picture is ready\.",
]
# What changes in a live region is what a screen reader says.
_SPEECH = """() => {
  window.speech = [];
  const live = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]";
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const region = (target.nodeType === 1 ? target : target.parentElement)?.closest(live);
      const words = region?.checkVisibility() && region.textContent.trim();
      if (words && speech.at(-1) !== words) speech.push(words);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""
# Each shift of the layout: how much of the screen it moved and how far, and what moved.
# How much lower the bar is without its button, which comes late.
_ROOM_OF_THE_BUTTON = """() => {
  const bar = document.querySelector("#send");
  const whole = bar.offsetHeight;
  document.querySelector("#generate").remove();
  return whole - bar.offsetHeight;
}"""
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
