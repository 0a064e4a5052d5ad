"""`python -m tests.screenshots`: the page in each state, on three screens, light and dark, in two languages, and
finished in the others.

The pictures go to `screenshots/`, for looking at; `--readme` makes those that README shows.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedream.offline import Options, create_app, serve
from tests.browser.visit import visit
from tests.chromium import chromium
from tests.controlled_api import controlled_api
from tests.hosting import certificate, proxy, serve_tls
from tests.hub_sign_in import hub_sign_in
from tests.screenshot_states import (
    FOLDER,
    LANGUAGES,
    SCREENS,
    Apps,
    Look,
    all_states,
    finished,
    looks,
    series,
    shoot,
)
from tests.servers import ROOT, free_port, running_app

PICTURES = ROOT / "tests" / "readme_images"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("--readme", action="store_true", help="make those that README shows")
    parser.add_argument("words", nargs="*", metavar="WORD", help="only looks with all of these: ja phone dark")
    asked = parser.parse_args()
    with chromium() as browser:
        if asked.readme:
            _readme_pictures(browser)
        else:
            _all_pictures(browser, [look for look in looks() if set(asked.words) <= look.words])


def _all_pictures(browser: Browser, wanted: list[Look]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with (
        _app(Options(queue_seconds=600, price_usd=0.035)) as queuing,
        _app(Options(queue_seconds=0, drawing_seconds=600, price_usd=0.035)) as drawing,
        _app(Options(queue_seconds=0, drawing_seconds=0, price_usd=0.035)) as quick,
        _broke() as broke,
        running_app({}) as samples,
        _signing_in() as signing_in,
    ):
        apps = Apps(queuing, drawing, quick, broke, samples.url, signing_in)
        for look in wanted:
            if look.language in LANGUAGES:
                all_states(browser, apps, look)
            elif (look.screen, look.scheme) in (("wide", "light"), ("phone", "dark")):
                finished(browser, quick, look)


def _readme_pictures(browser: Browser) -> None:
    PICTURES.mkdir(exist_ok=True)
    wide = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.25}
    with running_app({}) as app:
        with visit(browser, app.url, **wide) as visitor:
            series(visitor, "en")
            visitor.generate()
            visitor.pictures(4)
            visitor.page.evaluate("scrollTo(0, 0)")
            shoot(visitor, PICTURES / "page.jpg")
        with TemporaryDirectory() as folder:
            _side_by_side(list(_phones(browser, app.url, Path(folder))), PICTURES / "phones.jpg")


def _phones(browser: Browser, url: str, folder: Path) -> Iterator[Path]:
    """The page on three phones: at the start, a finished series, a picture shown large."""
    for language, scheme in (("ko", "light"), ("ja", "dark"), ("en", "light")):
        phone = {**SCREENS["phone"], "device_scale_factor": 2, "color_scheme": scheme, "locale": language}
        with visit(browser, url, **phone) as visitor:
            if language != "ko":
                series(visitor, language)
                visitor.generate()
                visitor.pictures(4)
                visitor.card.evaluate("card => card.scrollIntoView()")
            if language == "en":
                visitor.card.locator(".tile button").first.click()
                visitor.page.locator(".view-picture").evaluate("image => image.decode()")
            shoot(visitor, folder / f"{language}.png")
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


@contextmanager
def _signing_in() -> Iterator[str]:
    """A Space that people sign in to."""
    port = free_port()
    with TemporaryDirectory() as folder, controlled_api() as api, hub_sign_in() as hub:
        variables = hub.environment(api, SPACE_HOST=f"localhost:{port}", SEEDREAM_TRUSTED_PROXIES="2")
        with (
            running_app(variables) as app,
            serve_tls(proxy(app.url), certificate(Path(folder)), port=port) as url,
        ):
            yield url


def _account(url: str) -> dict[str, str]:
    return {"RUNCOMFY_TOKEN": "anybody", "RUNCOMFY_BASE_URL": url}


if __name__ == "__main__":
    main()
