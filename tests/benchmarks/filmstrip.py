"""What a visitor sees over Fast 3G on a slow device: a picture each 100 ms from each press, and what moves."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from seedream.offline import Options, create_app, serve
from tests.browser.stillness import FAST_3G, Stillness, slow_down
from tests.browser.visit import Visit
from tests.servers import running_app

SCREENS = {1280: 720, 390: 844}
STEP = 0.1
# For how long a journey is still looked at once it is over.
AFTER_SECONDS = 1.0
_COLUMNS, _WIDTH, _MARGIN, _CAPTION = 10, 240, 8, 14
# A page of many modules has more entries than a browser keeps.
_OPENING = """
performance.setResourceTimingBufferSize(2000);
(() => {
  let seen = false;
  const look = () => {
    const shell = document.querySelector("page-shell:not([hidden])");
    seen ||= shell !== null;
    if (seen && !shell) window.aliveAt = performance.now();
    else requestAnimationFrame(look);
  };
  look();
})();
"""
_OPENED = """(bytesEachMs) => {
  const [page] = performance.getEntriesByType("navigation");
  const [painted] = performance.getEntriesByName("first-contentful-paint");
  const before = ({ responseEnd }) => responseEnd <= window.aliveAt;
  const files = performance.getEntriesByType("resource").filter(before);
  const ours = files.filter(({ name }) => name.includes("/atelier/"));
  const sum = (entries) => entries.reduce((bytes, { transferSize }) => bytes + transferSize, 0);
  // The browser tells of the first byte as if the line were not slowed down, and of the last as it is.
  const firstByte = page.responseEnd - page.transferSize / bytesEachMs;
  return {
    shell: (painted.startTime - firstByte) / 1000,
    alive: window.aliveAt / 1000,
    received: sum([page, ...files]),
    ours: sum([page, ...ours]),
    requests: 1 + files.length,
    requests_ours: 1 + ours.length,
  };
}"""


@dataclass(frozen=True)
class Opened:
    """How a page came.

    Attributes:
        shell: seconds from the first byte until the shell was painted.
        alive: seconds from the press until the page was alive.
        received: bytes by then; `ours` of them are not Gradio's.
        requests: how many by then; `requests_ours` of them are not Gradio's.
    """

    shell: float
    alive: float
    received: int
    ours: int
    requests: int
    requests_ours: int


@dataclass
class Journey:
    """What was to be seen from a press on, and what moved.

    Attributes:
        began: when the press was, in seconds since the epoch.
        frames: each picture that differed from the one before: when it came, and the JPEG.
        shift: of what moved by itself, as browsers count it.
        by_hand: of what moved right after a press.
        moved: what did not stay under the pointer.
        opened: how the page came, where the journey opens it.
    """

    name: str
    began: float = field(default_factory=time.time)
    frames: list[tuple[float, bytes]] = field(default_factory=list)
    shift: float = 0.0
    by_hand: float = 0.0
    moved: list[str] = field(default_factory=list)
    opened: Opened | None = None

    def steps(self) -> Iterator[bytes]:
        """Yield what was to be seen at each step from the press on."""
        last = max(when for when, _ in self.frames)
        for number in range(int((last - self.began) / STEP) + 2):
            until = self.began + number * STEP
            yield [jpeg for when, jpeg in self.frames if when <= until or jpeg is self.frames[0][1]][-1]


class Film:
    """Films a page that has not been opened yet, journey by journey."""

    def __init__(self, page: Page) -> None:
        self.page, self.still = page, Stillness(page)
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.on("Page.screencastFrame", self._take)
        self._journey = Journey("")
        page.add_init_script(_OPENING)
        slow_down(page)

    def _take(self, frame: dict[str, Any]) -> None:
        self._journey.frames.append((frame["metadata"]["timestamp"], base64.b64decode(frame["data"])))
        self._devtools.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    @contextmanager
    def journey(self, name: str) -> Iterator[Journey]:
        """Film what happens within the block, and for a little longer."""
        self._devtools.send("Page.startScreencast", {"format": "jpeg", "quality": 70})
        # What stands there already.
        self.page.wait_for_timeout(1000 * STEP)
        self._journey = journey = Journey(name)
        self.still.forget()
        yield journey
        self.page.wait_for_timeout(1000 * AFTER_SECONDS)
        self._devtools.send("Page.stopScreencast")
        journey.shift, journey.by_hand = (
            sum(each.value for each in self.still.shifts(by_hand=by_hand)) for by_hand in (False, True)
        )
        journey.moved = self.still.moved()

    def press(self, target: Locator) -> None:
        """Press what the journey begins with."""
        self.still.rest_on(target)
        self._journey.began = time.time()
        self.still.press(target)

    def opening(self, name: str, url: str) -> tuple[Visit, Journey]:
        with self.journey(name) as journey:
            visitor = Visit(self.page, url)
            self.page.wait_for_function("window.aliveAt")
        journey.opened = Opened(**self.page.evaluate(_OPENED, FAST_3G["downloadThroughput"] / 1000))
        return visitor, journey


def filmstrips(browser: Browser, folder: Path | None) -> list[Journey]:
    """Go each journey on each screen, and write what was to be seen to the folder, if there is one."""
    found: list[Journey] = []
    service = create_app(Options(queue_seconds=0.5, drawing_seconds=2, price_usd=0.035))
    with (
        serve(service) as api,
        running_app({"RUNCOMFY_TOKEN": "anybody", "RUNCOMFY_BASE_URL": api.url}) as app,
    ):
        # Whoever opens the page has a browser that has drawn one before, with its fonts.
        before = browser.new_page()
        before.set_content("<h1>Aa</h1><p>Aa <b>Aa</b></p>")
        before.screenshot()
        before.close()
        for width, height in SCREENS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="en-US")
            found += [*_first_visit(context, app.url, width), _again(context, app.url, width)]
            context.close()
    for journey in found if folder else []:
        assert folder
        _write(journey, folder)
    return found


def _first_visit(context: BrowserContext, url: str, width: int) -> Iterator[Journey]:
    film = Film(context.new_page())
    visitor, opening = film.opening(f"opening, {width} px", url)
    yield opening
    with film.journey(f"Generate, {width} px") as journey:
        film.press(visitor.generate_button)
        _made(visitor)
    yield journey
    with film.journey(f"Another shape, {width} px") as journey:
        film.press(visitor.card.get_by_role("button", name="Another shape"))
        shape = visitor.card.get_by_role("group", name="Another shape").get_by_role("button").nth(1)
        shape.wait_for()
        film.page.wait_for_timeout(1000 * AFTER_SECONDS)
        film.still.press(shape)
        _made(visitor, jobs=2)
    yield journey
    film.page.evaluate("scrollTo(0, 0)")
    with film.journey(f"Words to add, {width} px") as journey:
        words = visitor.page.get_by_role("button", name="Words to add")
        film.press(words)
        film.page.wait_for_timeout(1000 * AFTER_SECONDS)
        film.still.press(visitor.page.locator(".phrase-chips button").first)
        film.page.wait_for_timeout(1000 * AFTER_SECONDS)
        film.still.press(words)
    yield journey
    film.page.close()


def _again(context: BrowserContext, url: str, width: int) -> Journey:
    """Open the page as who was there before: the browser has its files, and pictures."""
    film = Film(context.new_page())
    _, journey = film.opening(f"opening again, {width} px", url)
    film.page.close()
    return journey


def _made(visitor: Visit, jobs: int = 1) -> None:
    expect(visitor.page.locator(".history-row img")).to_have_count(jobs)


def _write(journey: Journey, folder: Path) -> None:
    """Write a journey's contact sheet, and each picture that differs from the one before."""
    name = journey.name.replace(", ", "-").replace(" ", "-").lower()
    (folder / name).mkdir(parents=True, exist_ok=True)
    steps = [*journey.steps()]
    size = Image.open(BytesIO(steps[0])).size
    height = round(size[1] * _WIDTH / size[0])
    across, down = _WIDTH + _MARGIN, height + _CAPTION + _MARGIN
    sheet = Image.new("RGB", (across * _COLUMNS + _MARGIN, down * -(-len(steps) // _COLUMNS) + _MARGIN), "white")
    draw = ImageDraw.Draw(sheet)
    for number, jpeg in enumerate(steps):
        x, y = _MARGIN + across * (number % _COLUMNS), _MARGIN + down * (number // _COLUMNS)
        draw.text((x, y), f"{number * STEP:.1f} s", "black")
        sheet.paste(Image.open(BytesIO(jpeg)).resize((_WIDTH, height)), (x, y + _CAPTION))
        if number == 0 or jpeg is not steps[number - 1]:
            (folder / name / f"{number * STEP:04.1f}.jpg").write_bytes(jpeg)
    sheet.save(folder / f"{name}.jpg", quality=80)


def table(journeys: list[Journey]) -> str:
    """Return the journeys' figures as Markdown."""
    openings = [(each, each.opened) for each in journeys if each.opened]
    lines = [
        "| over Fast 3G | shell after the first byte | alive | received, of it ours | requests, ours |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {journey.name} | {how.shell:.2f} s | {how.alive:.1f} s | {how.received / 1e6:.2f} MB, "
            f"{how.ours / 1e6:.2f} | {how.requests}, {how.requests_ours} |"
            for journey, how in openings
        ),
        "",
        "| from the press of | layout shift | right after a press | left the pointer |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {each.name} | {each.shift:.3f} | {each.by_hand:.3f} | {'; '.join(each.moved) or 'nothing'} |"
            for each in journeys
        ),
    ]
    return "\n".join(lines)
