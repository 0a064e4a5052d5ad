"""Signing in with Hugging Face, by a visitor's hands, on a page behind TLS as a Space is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.visit import Visit
from tests.controlled_api import ControlledApi
from tests.hosting import certificate, framing, proxy, serve_tls
from tests.hub_sign_in import CANCEL, HubSignIn, hub_sign_in
from tests.servers import AppProcess, free_port, running_app

pytestmark = [pytest.mark.usefixtures("no_waiting"), pytest.mark.thorough]

OFFICE, HOME = "203.0.113.9", "198.51.100.7"


@dataclass(frozen=True)
class Space:
    """A Space at `url`, and the page of another site that shows it in a frame."""

    url: str
    framed: str
    app: AppProcess
    hub: HubSignIn


@pytest.fixture(scope="module")
def space(api: ControlledApi) -> Iterator[Space]:
    port = free_port()
    counted = {"SEEDREAM_PICTURES_PER_HOUR": "2", "SEEDREAM_TRUSTED_PROXIES": "2"}
    with tempfile.TemporaryDirectory() as name, hub_sign_in() as hub:
        tls = certificate(Path(name))
        host = f"localhost:{port}"
        with (
            running_app(hub.environment(api, SPACE_HOST=host, **counted)) as app,
            serve_tls(proxy(app.url), tls, port=port) as url,
            serve_tls(framing(url), tls) as framed,
        ):
            yield Space(url, framed.replace("localhost", "127.0.0.1"), app, hub)


@contextmanager
def somebody(browser: Browser, address: str, **context: str) -> Iterator[BrowserContext]:
    """A browser of its own, at this address as far as the Space's proxies know."""
    settings = {"locale": "en-US", **context}
    headers = {"X-Forwarded-For": address}
    with browser.new_context(ignore_https_errors=True, extra_http_headers=headers, **settings) as made:  # type: ignore[arg-type]  # what is no text is not given
        yield made


def test_who_signs_in_is_named_and_counted_wherever_they_are(browser: Browser, space: Space) -> None:
    with somebody(browser, OFFICE) as office, somebody(browser, HOME) as home:
        visitor = Visit(office.new_page(), space.url)
        visitor.prompt.fill("typed before")
        sign_in(visitor.page, "ada")
        expect(visitor.page.locator(".signed-in-name")).to_have_text("Signed in as ada")
        expect(visitor.page.locator("#sign-in")).to_be_hidden()
        expect(visitor.prompt).to_have_value("typed before")
        is_left(visitor, "2 pictures left this hour")
        visitor.generate()
        visitor.pictures(1)
        is_left(visitor, "1 picture left this hour")

        other = Visit(home.new_page(), space.url)
        is_left(other, "2 pictures left this hour")
        sign_in(other.page, "ada")
        is_left(other, "1 picture left this hour")
        other.generate()
        other.pictures(1)
        is_left(other, "no pictures left")
        visitor.page.reload()
        is_left(visitor, "no pictures left")

        # Nothing of the Hub's token is anywhere, and the cookie is one that works in the Hub's frame.
        (cookie,) = home.cookies()
        assert (cookie["name"], cookie["sameSite"]) == ("session", "None")
        assert cookie["secure"]
        assert cookie["httpOnly"]
        state = str(home.storage_state()) + other.page.content() + space.app.output
        assert len(space.hub.tokens) == 2
        assert not any(each in state for each in space.hub.tokens)

        other.prompt.fill("typed meanwhile")
        other.page.get_by_role("button", name="Sign out").click()
        expect(other.page.locator("#sign-in")).to_be_visible()
        expect(other.page.locator(".signed-in")).to_be_hidden()
        expect(other.prompt).to_have_value("typed meanwhile")
        is_left(other, "2 pictures left this hour")
        assert home.cookies() == []
        # Where they have not signed out, they still are.
        expect(visitor.page.locator(".signed-in-name")).to_be_visible()
        assert visitor.faults == other.faults == []


def test_signed_out_in_one_tab_is_signed_out_in_the_others(browser: Browser, space: Space) -> None:
    with somebody(browser, "192.0.2.7") as context:
        first = Visit(context.new_page(), space.url)
        sign_in(first.page, "grace-h")
        second = Visit(context.new_page(), space.url)
        second.page.get_by_role("button", name="Sign out").click()
        expect(second.page.locator("#sign-in")).to_be_visible()
        # As a browser says when its visitor comes back to the tab.
        first.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(first.page.locator("#sign-in")).to_be_visible()
        expect(first.page.locator(".signed-in")).to_be_hidden()


def test_in_a_frame_the_way_in_is_a_tab_of_its_own(browser: Browser, space: Space) -> None:
    with somebody(browser, "192.0.2.8") as context:
        page = context.new_page()
        page.goto(space.framed)
        link = page.frame_locator("iframe").locator("#sign-in")
        expect(link).to_have_attribute("target", "_blank")
        with context.expect_page() as opened:
            link.click()
        say(opened.value, "ada")
        expect(opened.value.locator(".signed-in-name")).to_have_text("Signed in as ada")


def test_the_language_of_an_address_and_second_thoughts(browser: Browser, space: Space) -> None:
    with somebody(browser, "192.0.2.9") as context:
        visitor = Visit(context.new_page(), f"{space.url}/?lang=de&__theme=dark")
        visitor.page.get_by_role("link", name="Mit Hugging Face anmelden").click()
        say(visitor.page, CANCEL)
        expect(visitor.page.locator("#sign-in")).to_be_visible()
        visitor.page.goto(f"{space.url}/?lang=de&__theme=dark")
        sign_in(visitor.page, "ada")
        expect(visitor.page.locator(".signed-in-name")).to_have_text("Angemeldet als ada")
        expect(visitor.page.locator("body")).to_have_class("dark")


def sign_in(page: Page, who: str) -> None:
    page.locator("#sign-in").click()
    say(page, who)


def say(page: Page, who: str) -> None:
    """Say at the Hub who it is."""
    page.get_by_role("button", name=who, exact=True).click()


def is_left(visitor: Visit, said: str) -> None:
    expect(visitor.page.locator(".account-payer")).to_contain_text(said)
