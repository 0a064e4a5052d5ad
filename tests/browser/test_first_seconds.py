"""The first seconds: the page is painted from its first HTML, comes alive without a jump, or says it can't."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from seedream import texts
from seedream.schema import load
from seedream.ui.examples import examples
from tests.browser.visit import Visit
from tests.servers import AppProcess

ENGLISH = texts.locales()["en"]
_SCRIPTS = re.compile(r"/assets/.+[.]js$")


@contextmanager
def opened(browser: Browser, url: str, **context: Any) -> Iterator[Page]:
    """Open a page that goes nowhere yet; Gradio's scripts are held for as long as the block lasts."""
    tab = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, "locale": "en-US", **context})
    page = tab.new_page()
    held: list[Route] = []
    page.route(_SCRIPTS, lambda route: held.append(route))  # noqa: PLW0108 - Playwright needs to mark it
    page.goto(url, wait_until="commit")
    page.locator(".start-pictures").wait_for(state="attached")
    yield page
    tab.close()


def test_the_page_is_there_before_gradio_is(browser: Browser, sample_app: AppProcess) -> None:
    with opened(browser, sample_app.url) as page:
        for name in examples(load()):
            expect(page.get_by_text(ENGLISH[f"example.{name.name}.title"], exact=True)).to_be_visible()
        expect(page.locator(".shell-send")).to_be_in_viewport()
        expect(page.locator(".start-note")).to_have_text(ENGLISH["start.drawn"])
        expect(page.locator("gradio-app")).to_be_hidden()
        assert "Loading" not in page.inner_text("body")
        # No picture is drawn by the model, and none says so.
        assert set(
            page.locator(".start-picture > *").evaluate_all("all => all.map((each) => each.ariaLabel)")
        ) == {ENGLISH["start.drawn_alt"]}


@pytest.mark.thorough
def test_a_chosen_language_is_not_preceded_by_another(browser: Browser, sample_app: AppProcess) -> None:
    state: Any = {
        "cookies": [],
        "origins": [
            {"origin": sample_app.url, "localStorage": [{"name": "seedream.language", "value": "ja"}]},
        ],
    }
    japanese = texts.locales()["ja"]
    with opened(browser, sample_app.url, storage_state=state) as page:
        shown = page.locator(".shell-title").evaluate("title => getComputedStyle(title).webkitTextFillColor")
        assert shown == "rgba(0, 0, 0, 0)"
    with opened(browser, f"{sample_app.url}?lang=ja") as page:
        expect(page.locator(".start-note")).to_have_text(japanese["start.drawn"])
    context = browser.new_context(locale="en-US", storage_state=state)
    page = context.new_page()
    page.goto(sample_app.url)
    expect(page.locator("#gallery .start-name").first).to_have_text(japanese["example.storyboard.title"])
    context.close()


def test_without_gradios_scripts_the_page_says_that_it_can_not_start(
    browser: Browser, sample_app: AppProcess
) -> None:
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    page.route(_SCRIPTS, lambda route: route.abort())
    page.goto(sample_app.url)
    expect(page.get_by_role("alert")).to_have_text(texts.text("page.not_started", "fr"))
    context.close()


@pytest.mark.thorough
def test_who_has_pictures_of_their_own_is_not_shown_others_first(browser: Browser, sample_app: AppProcess) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    visitor = Visit(page, sample_app.url)
    visitor.generate()
    visitor.wait_for("completed")
    page.route(_SCRIPTS, lambda _: None)
    page.reload(wait_until="commit")
    expect(page.locator("page-shell .shell-form")).to_be_visible()
    expect(page.locator("page-shell .start-pictures")).to_be_hidden()
    context.close()
