"""The page starts: with all that it asked for at once, in time for an early press, or with a sentence why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from seedream import texts
from seedream.ui.bundle import ENTRY
from tests.browser.visit import visit
from tests.servers import AppProcess

# What the page's own folder was asked for, and how often.
_LOADED = """() => performance.getEntriesByType("resource")
  .map(({ name }) => /[/]static-[^/]+[/](.+[.]js)$/.exec(name)?.[1])
  .filter(Boolean)"""


@contextmanager
def opened(browser: Browser, url: str, language: str = "en-US") -> Iterator[Page]:
    """Open the page without waiting for what its own scripts draw."""
    context = browser.new_context(locale=language)
    page = context.new_page()
    yield page
    context.close()


def test_the_first_load_asks_for_all_modules_at_once(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        assert visitor.page.evaluate(_LOADED) == [ENTRY]
        assert visitor.page.evaluate("Object.keys(window).filter((name) => /seedream|atelier/i.test(name))") == []


def test_a_press_before_the_scripts_have_come_counts(browser: Browser, sample_app: AppProcess) -> None:
    with opened(browser, sample_app.url) as page:
        held: list[Route] = []
        page.route(re.compile(r"/main\.js$"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright needs to mark it
        page.goto(sample_app.url)
        prompt, generate = page.locator("#field-prompt textarea"), page.locator("#generate")
        prompt.fill("a red fox")
        page.locator("#field-output_format input").click()
        page.get_by_role("option", name="JPEG, smaller").click()
        generate.click()
        prompt.fill("a heron")
        generate.click()
        prompt.fill("half a thought")
        held[0].continue_()
        prompts = page.locator(".job-prompt")
        expect(prompts).to_have_text(["a heron", "a red fox"])
        generate.click()
        expect(prompts).to_have_text(["half a thought", "a heron", "a red fox"])
        # What was chosen before is known as well.
        expect(page.locator(".history-note", has_text="JPEG, smaller")).to_have_count(3)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("language", "lost"),
    [("ja", r"/main\.js$"), ("pt-BR", r"/texts-\w+/")],
)
def test_what_can_not_start_says_so(browser: Browser, sample_app: AppProcess, language: str, lost: str) -> None:
    with opened(browser, sample_app.url, language) as page:
        page.route(re.compile(lost), lambda route: route.abort())
        page.goto(sample_app.url)
        said = page.get_by_role("alert")
        expect(said).to_have_text(texts.text("page.not_started", language))
        page.evaluate("document.activeElement.blur()")
        page.locator("#generate").click()
        # No dead button: it leads to the sentence.
        expect(said).to_be_focused()
        expect(said).to_be_in_viewport()


def test_a_fault_of_the_start_says_so(browser: Browser, sample_app: AppProcess) -> None:
    with opened(browser, sample_app.url, "ko") as page:
        page.add_init_script("window.Intl.Segmenter = class { constructor() { throw new Error('not here'); } };")
        page.goto(sample_app.url)
        expect(page.get_by_role("alert")).to_have_text(texts.text("page.not_started", "ko"))
