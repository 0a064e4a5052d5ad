"""The states of the page that `python -m tests.screenshots` takes pictures of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator

from seedream import texts
from tests.browser.test_sign_in_page import sign_in
from tests.browser.visit import Visit, visit
from tests.servers import ROOT

FOLDER = ROOT / "screenshots"
SCREENS: dict[str, dict[str, Any]] = {
    "big": {"viewport": {"width": 1920, "height": 1080}},
    "wide": {"viewport": {"width": 1280, "height": 720}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
SCHEMES = ("light", "dark")
# In these, everything; in the other languages, the form and a finished series.
LANGUAGES = ("en", "ja")
_PROMPT = "example.storyboard.prompt"
_REQUEST_ID = """() => Object.entries(localStorage)
  .filter(([name]) => name.startsWith("seedream.job."))
  .map(([, text]) => JSON.parse(text).record?.request_id).find(Boolean)"""


@dataclass(frozen=True)
class Apps:
    """Addresses of the page: each in front of an API that gets so far, with samples, or where people sign in."""

    queuing: str
    drawing: str
    quick: str
    broke: str
    samples: str
    signing_in: str


@dataclass(frozen=True)
class Look:
    """On which screen, in which colours and language the page is looked at."""

    screen: str
    scheme: str
    language: str

    @property
    def words(self) -> set[str]:
        return {self.screen, self.scheme, self.language}

    @contextmanager
    def visit(self, browser: Browser, url: str, **context: Any) -> Iterator[Visit]:
        looks = {**SCREENS[self.screen], "color_scheme": self.scheme, "locale": self.language, **context}
        with visit(browser, url, **looks) as visitor:
            yield visitor

    def shoot(self, visitor: Visit, state: str, *, whole: bool = False) -> None:
        shoot(visitor, FOLDER / f"{self.language}-{self.screen}-{self.scheme}-{state}.png", whole=whole)

    def text(self, key: str) -> str:
        return texts.text(key, self.language)


def looks() -> list[Look]:
    """Return every one that there is."""
    return [Look(*each) for each in itertools.product(SCREENS, SCHEMES, texts.locales())]


def shoot(visitor: Visit, file: Path, *, whole: bool = False) -> None:
    """Take a picture of the window, or of the whole page."""
    visitor.page.screenshot(path=file, full_page=whole, animations="disabled")


def all_states(browser: Browser, apps: Apps, look: Look) -> None:
    """Take pictures of everything that a visitor may come to see."""
    _under_way(browser, apps, look)
    finished(browser, apps.quick, look)
    _gallery(browser, apps.quick, look)
    _accounts(browser, apps, look)


def _under_way(browser: Browser, apps: Apps, look: Look) -> None:
    with look.visit(browser, apps.queuing) as visitor:
        look.shoot(visitor, "idle")
        visitor.page.locator(".under-prompt-row button").first.click()
        look.shoot(visitor, "starting-points")
        visitor.page.locator(".under-prompt-row button").first.click()
        series(visitor, look.language)
        visitor.generate()
        visitor.wait_for("in_queue")
        look.shoot(visitor, "queued")
    with look.visit(browser, apps.drawing) as visitor:
        visitor.generate()
        visitor.wait_for("in_progress")
        look.shoot(visitor, "drawing")
    with look.visit(browser, apps.broke) as visitor:
        visitor.generate()
        visitor.wait_for("error")
        look.shoot(visitor, "error")


def finished(browser: Browser, url: str, look: Look) -> None:
    """Take pictures of the page before anything was made, and of a series."""
    with look.visit(browser, url) as visitor:
        look.shoot(visitor, "idle-whole", whole=True)
        series(visitor, look.language)
        visitor.generate()
        visitor.pictures(4)
        visitor.page.evaluate("scrollTo(0, 0)")
        look.shoot(visitor, "done")
        look.shoot(visitor, "done-whole", whole=True)
        visitor.open_menu()
        look.shoot(visitor, "menu")
        visitor.page.keyboard.press("Escape")
        visitor.card.locator(".tile button").first.click()
        _painted(visitor.page.locator(".view-picture"))
        look.shoot(visitor, "view")
        visitor.open_large_menu()
        look.shoot(visitor, "view-menu")
        visitor.page.get_by_role("button", name=look.text("developer.title")).click()
        look.shoot(visitor, "developer")


def _gallery(browser: Browser, url: str, look: Look) -> None:
    """Alternatives, a picture to start from, what is done with those that are selected, and who else sees it."""
    with look.visit(browser, url) as visitor:
        page = visitor.page
        page.locator("[name=how-many][value='4']").check()
        visitor.generate_button.click()
        group = page.locator("#gallery .job-group")
        visitor.pictures(4, group)
        look.shoot(visitor, "alternatives")
        group.locator(".tile button").first.click()
        page.locator(".view").get_by_role("button", name=look.text("after.change")).click()
        page.locator(".reference-item img").wait_for()
        look.shoot(visitor, "reference")
        visitor.act(visitor.rows.first, look.text("history.select"))
        visitor.rows.nth(1).locator(".history-check").click()
        look.shoot(visitor, "selected")
        bar = page.locator(".selection-bar")
        for action, picture, state in (
            ("selection.compare", ".pair-side img:not([hidden])", "compared"),
            ("present.start", ".present-picture", "presented"),
        ):
            bar.get_by_role("button", name=look.text(action)).click()
            _painted(page.locator(picture).last)
            look.shoot(visitor, state)
            page.keyboard.press("Escape")
        bar.get_by_role("button", name=look.text("history.forget")).click()
        look.shoot(visitor, "removed")
        request_id = page.evaluate(_REQUEST_ID)
        again = Visit(page.context.new_page(), url)
        look.shoot(again, "returned")
        again.page.close()
    with look.visit(browser, f"{url}/?request_id={request_id}") as stranger:
        _painted(stranger.page.locator("#gallery img").first)
        look.shoot(stranger, "shared")


def _accounts(browser: Browser, apps: Apps, look: Look) -> None:
    with look.visit(browser, apps.samples) as visitor:
        look.shoot(visitor, "samples")
        visitor.page.get_by_role("button", name=look.text("account.use_own")).click()
        look.shoot(visitor, "account")
        visitor.page.locator(".account-use").click()
        look.shoot(visitor, "account-refused")
    with look.visit(browser, apps.signing_in, ignore_https_errors=True) as visitor:
        look.shoot(visitor, "signed-out")
        sign_in(visitor.page, "ada")
        visitor.page.locator("#form .account-payer").wait_for()
        look.shoot(visitor, "signed-in")


def series(visitor: Visit, language: str) -> None:
    """Have the form hold a storyboard's prompt, for a series."""
    visitor.prompt.fill(texts.text(_PROMPT, language))
    visitor.prompt.evaluate("input => input.scrollTo(0, 0)")
    visitor.how_many(texts.text("value.sequential_image_generation.auto", language))


def _painted(image: Locator) -> None:
    image.wait_for()
    image.evaluate("image => image.decode()")
