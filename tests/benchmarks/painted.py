"""From the API being done to the pictures painted in Chromium: this app and the typical pattern, side by side."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from playwright.sync_api import Browser, Page

from seedream.offline import Options, create_app, serve
from tests.benchmarks.heavy import heavy_png, lognormal, painter
from tests.servers import ROOT, AppProcess, Recorder, start_app
from tests.visitors_load import warm_up

DRAWING_SECONDS = 3.0
SPREAD = 0.25
_TYPICAL = Path(__file__).with_name("typical.py")
_PATIENCE_MS = 180_000

# Notes when each picture's pixels are on the screen: decoded, and the frame after that begun.
_WATCH = """(selector) => {
  window.painted = [];
  const seen = new WeakSet();
  const look = () => {
    for (const image of document.querySelectorAll(selector)) {
      if (seen.has(image) || !image.src) continue;
      seen.add(image);
      // Gradio's gallery loads what is off its own small screen only when it is scrolled to.
      image.loading = "eager";
      const note = () => image.decode().then(() => requestAnimationFrame(() => requestAnimationFrame(() => {
        const at = [...document.querySelectorAll(selector)].indexOf(image);
        window.painted.push({ at, when: Date.now(), width: image.naturalWidth });
      }))).catch(() => {});
      note();
    }
  };
  new MutationObserver(look).observe(document.body, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["src"],
  });
}"""


@dataclass
class Painted:
    """What one way of doing it took, in seconds for each run, and what the browser received, in bytes."""

    first: list[float] = field(default_factory=list)
    all: list[float] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    in_order: bool = True

    def row(self) -> tuple[float, float, float]:
        return statistics.median(self.first), statistics.median(self.all), statistics.median(self.received) / 1e6


def measure(browser: Browser, *, resolution: str, count: int, runs: int, typical: bool, warm: int = 0) -> Painted:
    """Make the same request so many times, after `warm` jobs that nobody looks at, and return what each took."""
    found = Painted()
    request: dict[str, Any] = {
        "prompt": "a red fox",
        "resolution": resolution,
        "output_format": "png",
    }
    if count > 1:
        request |= {"sequential_image_generation": "auto", "max_images": count}
    width, height = (int(side) for side in resolution.partition(" ")[0].split("x"))
    heavy_png(width, height)
    with _app(typical=typical) as (app, service):
        if warm:
            # In a thread of its own: Playwright has an event loop in this one.
            with ThreadPoolExecutor(1) as aside:
                aside.submit(asyncio.run, warm_up(app, warm, at_once=2, values=request)).result()
        for run in range(-1, runs):
            context = browser.new_context(viewport={"width": 1280, "height": 1600})
            page = context.new_page()
            page.set_default_timeout(_PATIENCE_MS)
            received = _count_bytes(page)
            page.goto(app.url)
            page.wait_for_selector("#generate")
            selector = "#pictures img" if typical else "#gallery .tile img"
            _choose(page, request, typical=typical)
            page.evaluate(_WATCH, selector)
            before = sum(received)
            page.click("#generate")
            page.wait_for_function("count => window.painted.length >= count", arg=count)
            painted = page.evaluate("window.painted")
            done = _finished(service)
            if run >= 0:
                moments = sorted(each["when"] / 1000 - done for each in painted)
                found.first.append(moments[0])
                found.all.append(moments[count - 1])
                found.received.append(sum(received) - before)
                found.in_order &= _ordered(page, selector, count)
            context.close()
    return found


@contextmanager
def _app(*, typical: bool) -> Iterator[tuple[AppProcess, Recorder]]:
    paint = painter(lognormal(DRAWING_SECONDS, SPREAD))
    recorder = Recorder(create_app(Options(queue_seconds=0, drawing_seconds=0, series=15), paint))
    with serve(recorder) as running:
        recorder.url = running.url
        environment = {"RUNCOMFY_TOKEN": "anybody", "RUNCOMFY_BASE_URL": running.url}
        app = start_app(environment, program=_TYPICAL if typical else ROOT / "app.py")
        try:
            yield app, recorder
        finally:
            app.kill()


def _choose(page: Page, request: dict[str, Any], *, typical: bool) -> None:
    if typical:
        page.fill("#resolution textarea, #resolution input", request["resolution"])
        page.fill(
            "#sequential textarea, #sequential input", request.get("sequential_image_generation", "disabled")
        )
        page.fill("#max-images input", str(request.get("max_images", 1)))
        page.fill("#prompt textarea, #prompt input", request["prompt"])
        page.keyboard.press("Tab")
        return
    page.goto(f"{page.url}?{urlencode(request)}")
    page.wait_for_selector("#gallery .gallery-empty")
    page.wait_for_function(
        "prompt => document.querySelector('#field-prompt textarea').value === prompt", arg=request["prompt"]
    )


def _count_bytes(page: Page) -> list[int]:
    """Return a list that grows by the bytes of each answer that the browser receives."""
    sizes: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    return sizes


def _finished(service: Recorder) -> float:
    """Return when the newest job was done, in seconds since the epoch, by the service's own word."""
    newest = service.submissions()[-1]
    path = next(call.path for call in reversed(service.calls) if call.path.endswith("/result"))
    answer = requests.get(
        service.url + path, headers={"Authorization": newest.headers["authorization"]}, timeout=30
    )
    return datetime.fromisoformat(answer.json()["finished_at"]).timestamp()


def _ordered(page: Page, selector: str, count: int) -> bool:
    """Tell whether the pictures stand in the order of their numbers."""
    alts = page.eval_on_selector_all(selector, "images => images.map((image) => image.alt)")
    numbered = [alt.split(":")[0] for alt in alts[:count]]
    return count == 1 or numbered == [f"Picture {number} of {count}" for number in range(1, count + 1)]
