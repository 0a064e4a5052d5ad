"""A slow connection and a slow device, and what moves meanwhile: by itself, and under the pointer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

# As Lighthouse has a phone in the underground: bytes a second, and milliseconds for each request.
FAST_3G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
# Of all that nobody's hand has caused, over a whole visit.
MOST_SHIFT = 0.02
# A scrolled page stands at a fraction of a pixel.
_LEAST_PIXELS = 1
_WATCH = """(least) => {
  const named = (node) => node?.id || node?.className || node?.nodeName || "something gone";
  const watched = { shifts: [], moves: [], held: null };
  window.stillness = watched;
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, startTime, sources } of list.getEntries()) {
      const moved = sources.map(({ node }) => String(named(node))).join(", ");
      watched.shifts.push({ value, by_hand: hadRecentInput, at: Math.round(startTime), moved });
    }
  }).observe({ type: "layout-shift", buffered: true });
  const boxOf = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  const look = () => {
    const { held } = watched;
    // What was pressed in a menu goes with it.
    if (held?.element.isConnected && !held.element.checkVisibility() && held.element.closest("[popover]")) {
      watched.held = null;
    } else if (held) {
      const there = held.element.isConnected;
      const by = there ? boxOf(held.element).map((each, side) => Math.round(each - held.box[side])) : ["gone"];
      const most = there ? Math.max(...by.map(Math.abs)) : Infinity;
      if (most > held.most + least) {
        held.most = most;
        watched.moves.push({ what: held.name, by: by.join(" "), at: Math.round(performance.now()) });
      }
    }
    requestAnimationFrame(look);
  };
  look();
  watched.hold = (element) => {
    watched.held = { element, box: boxOf(element), most: 0, name: element.textContent.trim() || named(element) };
  };
}"""


_IN_WINDOW = """(element) => {
  const { top, bottom, left, right } = element.getBoundingClientRect();
  return top >= 0 && left >= 0 && bottom <= innerHeight && right <= innerWidth;
}"""


@dataclass(frozen=True)
class Shift:
    """One layout shift: how much, whether somebody had pressed right before, when (in ms), and what moved."""

    value: float
    by_hand: bool
    at: int
    moved: str


class Stillness:
    """Watches a page that has not been opened yet."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.add_init_script(f"({_WATCH})({_LEAST_PIXELS})")

    def rest_on(self, target: Locator) -> None:
        """Put the pointer on something, and see from now on whether it stays there."""
        self._page.evaluate("window.stillness.held = null")
        if not self._in_window(target):
            target.scroll_into_view_if_needed()
        # Playwright's own would scroll also to what is in sight.
        box = target.bounding_box()
        assert box
        self._page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        target.evaluate("element => window.stillness.hold(element)")

    def _in_window(self, target: Locator) -> bool:
        return bool(target.evaluate(_IN_WINDOW))

    def press(self, target: Locator) -> None:
        """Press something. It is to stay under the pointer."""
        self.rest_on(target)
        self._page.mouse.down()
        self._page.mouse.up()

    def forget(self) -> None:
        """Begin anew, with nothing under the pointer."""
        self._page.evaluate("window.stillness && Object.assign(stillness, { shifts: [], moves: [], held: null })")

    def moved(self) -> list[str]:
        """Say what did not stay under the pointer, by how many pixels each of its sides moved, and when, in ms."""
        moves = self._page.evaluate("window.stillness.moves")
        return [f"{each['what']}: {each['by']} at {each['at']}" for each in moves]

    def shifts(self, *, by_hand: bool = False) -> list[Shift]:
        """Return the shifts so far: those by themselves, or right after a press."""
        found: list[dict[str, Any]] = self._page.evaluate("window.stillness.shifts")
        return [Shift(**each) for each in found if each["by_hand"] == by_hand]


def slow_down(page: Page, slower: float = SLOWER) -> None:
    """Give a page Fast 3G and a processor so many times slower."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", FAST_3G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
