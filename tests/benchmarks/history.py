"""All pictures of a browser that has made 500: how soon they are there, how they scroll, and who pays for it."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from seedream.offline import Options, create_app, serve
from tests.browser.many_pictures import make_many_more
from tests.browser.visit import Visit
from tests.servers import Recorder, running_app

PICTURES = 500
RUNS = 5
# A turn of the wheel in CSS pixels, and the milliseconds until the next.
_TURN, _PAUSE = 600, 40
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
# When the page was alive, and when a small picture, and all that are in the window, were seen: the shell's,
# or the page's own, which are drawn unseen behind it.
_WATCH = """(() => {
  window.long = [];
  new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask", buffered: true });
  const here = ({ top, bottom }) => top < innerHeight && bottom > 0;
  const look = () => {
    const pictures = [...document.querySelectorAll(".history-picture")]
      .filter((each) => each.checkVisibility({ visibilityProperty: true }) && here(each.getBoundingClientRect()));
    const images = pictures.map((each) => each.querySelector("img"));
    const shown = images.filter((each) => each?.complete && each.naturalWidth);
    const now = performance.now();
    const shell = document.querySelector("page-shell:not([hidden])");
    if (!shell && document.querySelector("#generate")) window.alive ??= now;
    if (shown.length) window.first ??= now;
    if (window.first && shown.length === pictures.length) window.all ??= now;
    requestAnimationFrame(look);
  };
  look();
})()"""
_AT_END = "() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1"


@dataclass(frozen=True)
class Opening:
    """Seconds from the press of Enter until the page was alive and, where it has some, its pictures were there."""

    alive: float
    first: float = 0.0
    all: float = 0.0


@dataclass(frozen=True)
class Scrolling:
    """From top to bottom: turns of the wheel, tasks over 50 ms in ms, rows that were drawn before and after."""

    turns: int
    long: list[float]
    rows: tuple[int, int]


@dataclass(frozen=True)
class Wall:
    """What many pictures take, in the median of several openings.

    Attributes:
        empty: an opening without any.
        full: an opening with all of them.
        scrolling: what came of going through them.
        copy_bytes: a small copy, on average.
        requests: how many reached the app once the page was there.
        calls: how many reached the API.
        processor: seconds that the app worked meanwhile, beyond what it does for a page at rest.
    """

    empty: Opening
    full: Opening
    scrolling: Scrolling
    copy_bytes: int
    requests: int
    calls: int
    processor: float


def wall(browser: Browser) -> Wall:
    recorder = Recorder(create_app(Options(queue_seconds=0, drawing_seconds=0)))
    with (
        serve(recorder) as api,
        running_app({"RUNCOMFY_TOKEN": "anybody", "RUNCOMFY_BASE_URL": api.url}) as app,
    ):
        context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
        context.add_init_script(_WATCH)
        empty = [_opened(context, app.url, full=False) for _ in range(RUNS)]
        visitor = Visit(context.new_page(), app.url)
        visitor.generate()
        visitor.wait_for("completed")
        visitor.pictures(1)
        copy_bytes = make_many_more(visitor.page, PICTURES - 1, copies=True)
        visitor.page.close()
        full = [_opened(context, app.url) for _ in range(RUNS)]
        page = context.new_page()
        page.goto(app.url)
        page.wait_for_function("window.alive && window.all")
        page.wait_for_timeout(2000)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        calls = len(recorder.calls)
        before, began = _processor(app.process.pid), time.monotonic()
        scrolling = _scrolled(page)
        seconds, worked = time.monotonic() - began, _processor(app.process.pid) - before
        page.wait_for_timeout(1000 * seconds)
        # What it does for any page that is open is none of theirs.
        worked = 2 * worked - (_processor(app.process.pid) - before)
        requests = [url for url in asked if url.startswith(app.url)]
        context.close()
        called = len(recorder.calls) - calls
        return Wall(_median(empty), _median(full), scrolling, copy_bytes, len(requests), called, worked)


def _opened(context: BrowserContext, url: str, *, full: bool = True) -> Opening:
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("window.alive && window.all" if full else "window.alive")
    alive, first, last = page.evaluate("[window.alive, window.first ?? 0, window.all ?? 0]")
    page.close()
    return Opening(alive / 1000, first / 1000, last / 1000)


def _median(openings: list[Opening]) -> Opening:
    return Opening(
        *(statistics.median(getattr(each, name) for each in openings) for name in ("alive", "first", "all"))
    )


def _scrolled(page: Page) -> Scrolling:
    """Go through all pictures as a hand with a wheel does."""
    rows = page.locator(".history-row")
    before, turns = rows.count(), 0
    page.locator("#gallery").hover(position={"x": 200, "y": 200})
    page.evaluate("window.long.length = 0")
    while not page.evaluate(_AT_END):
        page.mouse.wheel(0, _TURN)
        page.wait_for_timeout(_PAUSE)
        turns += 1
    page.wait_for_timeout(500)
    return Scrolling(turns, page.evaluate("window.long"), (before, rows.count()))


def _processor(process: int) -> float:
    """Return how long a process has worked, in seconds."""
    fields = (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


def table(found: Wall) -> str:
    """Return it as Markdown."""
    long = f"{len(found.scrolling.long)}, {max(found.scrolling.long):.0f} ms" if found.scrolling.long else "none"
    lines = [
        f"| {PICTURES} pictures, copies of {found.copy_bytes / 1000:.0f} kB | |",
        "| --- | ---: |",
        f"| the page is alive, without pictures | {found.empty.alive:.2f} s |",
        f"| the page is alive, with all of them | {found.full.alive:.2f} s |",
        f"| the first small picture is there | {found.full.first:.2f} s |",
        f"| all in the window are | {found.full.all:.2f} s |",
        f"| tasks over 50 ms in {found.scrolling.turns} turns of the wheel | {long} |",
        f"| rows drawn, before and after | {found.scrolling.rows[0]}, {found.scrolling.rows[1]} |",
        f"| requests to the app and to the API meanwhile | {found.requests}, {found.calls} |",
        f"| the app's processor meanwhile, beyond that of a page at rest | {found.processor * 1000:.0f} ms |",
    ]
    return "\n".join(lines)
