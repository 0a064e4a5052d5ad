"""`python -m tests.screenshots`: the page in each state, wide and on a phone, light and dark, in two languages,
and finished in the others.

The pictures go to `screenshots/`, for looking at; `--readme` makes those that README shows.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedream import texts
from seedream.offline import Options, create_app, serve
from tests.browser.visit import Visit, visit
from tests.chromium import chromium
from tests.servers import ROOT, running_app

FOLDER = ROOT / "screenshots"
PICTURES = ROOT / "tests" / "readme_images"
SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 720}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
SCHEMES = ("light", "dark")
# In these, everything; in the other languages, the form and a finished series.
LANGUAGES = ("en", "ja")
_PROMPT = "example.storyboard.prompt"


def main() -> None:
    with chromium() as browser:
        if "--readme" in sys.argv:
            _readme_pictures(browser)
            return
        FOLDER.mkdir(exist_ok=True)
        with (
            _app(Options(queue_seconds=600, price_usd=0.035)) as queuing,
            _app(Options(queue_seconds=0, drawing_seconds=600, price_usd=0.035)) as drawing,
            _app(Options(queue_seconds=0, drawing_seconds=0, price_usd=0.035)) as quick,
            _broke() as broke,
        ):
            apps = Apps(queuing, drawing, quick, broke)
            for screen, scheme, language in itertools.product(SCREENS, SCHEMES, texts.locales()):
                if language in LANGUAGES:
                    _states(browser, apps, Look(screen, scheme, language))
                elif (screen == "phone") == (scheme == "dark"):
                    _finished(browser, apps.quick, Look(screen, scheme, language))


@dataclass(frozen=True)
class Apps:
    """Addresses of the page, each in front of an API that gets so far."""

    queuing: str
    drawing: str
    quick: str
    broke: str


@dataclass(frozen=True)
class Look:
    screen: str
    scheme: str
    language: str

    def visit(self, browser: Browser, url: str) -> AbstractContextManager[Visit]:
        return visit(browser, url, **SCREENS[self.screen], color_scheme=self.scheme, locale=self.language)

    def shoot(self, visitor: Visit, state: str, *, whole: bool = False) -> None:
        file = FOLDER / f"{self.language}-{self.screen}-{self.scheme}-{state}.png"
        _shoot(visitor, file, whole=whole)


def _states(browser: Browser, apps: Apps, look: Look) -> None:
    with look.visit(browser, apps.queuing) as visitor:
        look.shoot(visitor, "idle")
        visitor.page.locator(".under-prompt-row button").first.click()
        look.shoot(visitor, "starting-points")
        visitor.page.locator(".under-prompt-row button").first.click()
        _series(visitor, look.language)
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
    _finished(browser, apps.quick, look)


def _finished(browser: Browser, url: str, look: Look) -> None:
    with look.visit(browser, url) as visitor:
        look.shoot(visitor, "idle-whole", whole=True)
        _series(visitor, look.language)
        visitor.generate()
        visitor.pictures(4)
        visitor.page.evaluate("scrollTo(0, 0)")
        look.shoot(visitor, "done")
        look.shoot(visitor, "done-whole", whole=True)
        visitor.open_menu()
        look.shoot(visitor, "menu")
        visitor.page.keyboard.press("Escape")
        visitor.card.locator(".tile button").first.click()
        visitor.page.locator(".view-picture").evaluate("image => image.decode()")
        look.shoot(visitor, "view")


def _series(visitor: Visit, language: str) -> None:
    visitor.prompt.fill(texts.text(_PROMPT, language))
    visitor.prompt.evaluate("input => input.scrollTo(0, 0)")
    visitor.how_many(texts.text("value.sequential_image_generation.auto", language))


def _shoot(visitor: Visit, file: Path, *, whole: bool = False) -> None:
    visitor.page.screenshot(path=file, full_page=whole, animations="disabled")


def _readme_pictures(browser: Browser) -> None:
    PICTURES.mkdir(exist_ok=True)
    looks = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.25}
    with running_app({}) as app:
        with visit(browser, app.url, **looks) as visitor:
            _series(visitor, "en")
            visitor.generate()
            visitor.pictures(4)
            visitor.page.evaluate("scrollTo(0, 0)")
            _shoot(visitor, PICTURES / "page.jpg")
        with TemporaryDirectory() as folder:
            _side_by_side(list(_phones(browser, app.url, Path(folder))), PICTURES / "phones.jpg")


def _phones(browser: Browser, url: str, folder: Path) -> Iterator[Path]:
    """The page on three phones: at the start, a finished series, a picture shown large."""
    for language, scheme in (("ko", "light"), ("ja", "dark"), ("en", "light")):
        looks = {**SCREENS["phone"], "device_scale_factor": 2, "color_scheme": scheme, "locale": language}
        with visit(browser, url, **looks) as visitor:
            if language != "ko":
                _series(visitor, language)
                visitor.generate()
                visitor.pictures(4)
                visitor.card.evaluate("card => card.scrollIntoView()")
            if language == "en":
                visitor.card.locator(".tile button").first.click()
                visitor.page.locator(".view-picture").evaluate("image => image.decode()")
            _shoot(visitor, folder / f"{language}.png")
        yield folder / f"{language}.png"


def _side_by_side(files: list[Path], to: Path) -> None:
    phones = [Image.open(file).convert("RGB") for file in files]
    gap = 48
    width = sum(phone.width + gap for phone in phones) - gap
    sheet = Image.new("RGB", (width, phones[0].height), "white")
    for index, phone in enumerate(phones):
        sheet.paste(phone, (index * (phone.width + gap), 0))
    sheet.resize((1600, round(1600 * sheet.height / sheet.width)), Image.Resampling.LANCZOS).save(to, quality=85)


@contextmanager
def _app(options: Options) -> Iterator[str]:
    with serve(create_app(options)) as service, running_app(_account(service.url)) as app:
        yield app.url


@contextmanager
def _broke() -> Iterator[str]:
    """An account that has run out of credit."""
    said = {"error_code": 400002, "error_message": "Insufficient balance."}
    api = Starlette(routes=[Route("/{path:path}", lambda _: JSONResponse(said, 402), methods=["GET", "POST"])])
    with serve(api) as service, running_app(_account(service.url)) as app:
        yield app.url


def _account(url: str) -> dict[str, str]:
    return {"RUNCOMFY_TOKEN": "anybody", "RUNCOMFY_BASE_URL": url}


if __name__ == "__main__":
    main()
