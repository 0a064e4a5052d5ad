"""`python -m tests.screenshots`: the page in each state, wide and on a phone, light and dark, in two languages.

The pictures go to `screenshots/`, for looking at; `--readme` makes the one that README shows.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedream.offline import Options, create_app, serve
from tests.browser.visit import Visit, visit
from tests.chromium import chromium
from tests.servers import ROOT, running_app

FOLDER = ROOT / "screenshots"
README_PICTURE = ROOT / "tests" / "pictures" / "page.jpg"
SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 720}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
SCHEMES = ("light", "dark")
LANGUAGES = ("en-US", "ja-JP")
_PROMPTS = {
    "en-US": "Four panels: a small sailing boat crosses a calm bay from dawn to moonrise, paper-cut style",
    "ja-JP": "四コマ: 夜明けから月の出まで、静かな湾を渡る小さな帆船。切り絵のような画風",
}


def main() -> None:
    with chromium() as browser:
        if "--readme" in sys.argv:
            _readme_picture(browser)
            return
        FOLDER.mkdir(exist_ok=True)
        for (screen, options), scheme, language in itertools.product(SCREENS.items(), SCHEMES, LANGUAGES):
            looks = {**options, "color_scheme": scheme, "locale": language}
            _states(browser, looks, f"{screen}-{scheme}-{language[:2]}", _PROMPTS[language])


def _states(browser: Browser, looks: dict[str, Any], name: str, prompt: str) -> None:
    with _app(Options(queue_seconds=600)) as url, visit(browser, url, **looks) as visitor:
        _shoot(visitor, f"idle-{name}")
        _series(visitor, prompt)
        visitor.generate()
        visitor.wait_for("in_queue")
        _shoot(visitor, f"queued-{name}")
    with _app(Options(queue_seconds=0, drawing_seconds=600)) as url, visit(browser, url, **looks) as visitor:
        visitor.generate()
        visitor.wait_for("in_progress")
        _shoot(visitor, f"drawing-{name}")
    with _app(Options(queue_seconds=0, drawing_seconds=0)) as url, visit(browser, url, **looks) as visitor:
        _series(visitor, prompt)
        visitor.generate()
        visitor.pictures(4)
        visitor.page.evaluate("scrollTo(0, 0)")
        _shoot(visitor, f"done-{name}")
        _shoot(visitor, f"done-whole-{name}", whole=True)
    with _broke() as url, visit(browser, url, **looks) as visitor:
        visitor.generate()
        visitor.wait_for("error")
        _shoot(visitor, f"error-{name}")


def _series(visitor: Visit, prompt: str) -> None:
    visitor.prompt.fill(prompt)
    visitor.page.locator("#field-sequential_image_generation input").click()
    visitor.page.get_by_role("listbox").get_by_role("option").first.click()


def _shoot(visitor: Visit, name: str, *, whole: bool = False, to: Path | None = None) -> None:
    visitor.page.screenshot(path=to or FOLDER / f"{name}.png", full_page=whole, animations="disabled")


def _readme_picture(browser: Browser) -> None:
    looks = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.25}
    README_PICTURE.parent.mkdir(exist_ok=True)
    with running_app({}) as app, visit(browser, app.url, **looks) as visitor:
        _series(visitor, _PROMPTS["en-US"])
        visitor.generate()
        visitor.pictures(4)
        visitor.page.evaluate("scrollTo(0, 0)")
        _shoot(visitor, "", to=README_PICTURE)


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
