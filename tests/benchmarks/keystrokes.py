"""How soon a typed letter is on the screen while three jobs run."""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser

from seedream.offline import Options, create_app, serve
from tests.browser.visit import visit
from tests.servers import running_app

JOBS = 3
LETTERS = "a quiet bay at dawn, a small sailing boat, soft mist over the water, "
# The browser tells of each event that took longer than this, in milliseconds, from the key to the next frame.
_WATCH = """
window.typed = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.name === "keydown") window.typed.push(entry.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""


def typing(browser: Browser) -> tuple[float, float]:
    """Return the median and the worst of the milliseconds from a key to the frame that shows it."""
    with (
        serve(create_app(Options(queue_seconds=0, drawing_seconds=600))) as service,
        running_app({"RUNCOMFY_TOKEN": "anybody", "RUNCOMFY_BASE_URL": service.url}) as app,
        visit(browser, app.url) as visitor,
    ):
        for number in range(JOBS):
            visitor.prompt.fill(f"a bay, number {number}")
            visitor.wait_for("in_progress", visitor.generate())
        visitor.prompt.fill("")
        visitor.page.evaluate(_WATCH)
        visitor.prompt.press_sequentially(LETTERS * 2, delay=40)
        visitor.page.wait_for_timeout(300)
        slow: list[float] = visitor.page.evaluate("window.typed")
    # What is not told of took less than the threshold.
    all_keys = sorted(slow + [16.0] * max(0, 2 * len(LETTERS) - len(slow)))
    return statistics.median(all_keys), all_keys[-1]
