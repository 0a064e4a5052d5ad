"""The page in each language: all of it, whole, and from one language to another without losing anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, ViewportSize, expect

from seedream import texts
from seedream.offline import serve
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.hosting import framing
from tests.servers import AppProcess, running_app
from tests.test_texts import LANGUAGES, RELATED

WIDE: ViewportSize = {"width": 1280, "height": 720}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Behind a proxy that leaves this in the path. All that the page asks for must be found there.
ROOT = "/studio"
NAMESPACES = "|".join(sorted({re.escape(key.partition(".")[0]) for key in texts.locales()["en"]}))
RAW_KEY = re.compile(rf"\b(?:{NAMESPACES})(?:\.[a-z0-9_:]+)+\b(?!\()")
SHOWN = """() => [
  document.body.innerText,
  ...[...document.querySelectorAll("[aria-label], [placeholder], [title], [alt]")].flatMap((each) =>
    ["aria-label", "placeholder", "title", "alt"].map((name) => each.getAttribute(name) ?? "")),
].join("\\n")"""
# What is wider than its place, of the words that must be read whole.
CUT = """() => [...document.querySelectorAll(
  "#generate, #language-choice, .quiet-button, .more-button, .word-tile, .choice-title, .start-name, " +
  "#form input"
)]
  .filter((each) => each.offsetParent && each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.innerText || each.value)"""
# Its footers.
GRADIOS_ENGLISH = ("Use via API", "Built with Gradio")


@pytest.fixture(scope="module")
def app(api: ControlledApi) -> Iterator[AppProcess]:
    with running_app(api.environment(GRADIO_ROOT_PATH=ROOT)) as started:
        yield started


@pytest.fixture(scope="module")
def address(app: AppProcess) -> str:
    return f"{app.url}{ROOT}/"


@pytest.fixture(scope="module")
def reader(browser: Browser, address: str) -> Iterator[Visit]:
    with visit(browser, address) as visitor:
        yield visitor


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_page_speaks_it(reader: Visit, address: str, language: str) -> None:
    known, page = texts.locales()[language], reader.page
    page.set_viewport_size(WIDE)
    page.goto(f"{address}?lang={language}")
    expect(page.locator("#language-choice")).to_have_value(language)
    expect(page).to_have_title(known["page.title"])
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("[name=how-many]").first.check()
    expect(page.locator("#generate")).to_have_text(known["form.generate"])
    expect(reader.prompt).to_have_value(known["field.prompt.first"])
    expect(page.locator("#gallery .gallery-empty > p").first).to_have_text(known["page.empty"])
    page.locator("[name=how-many][value='4']").check()
    expect(page.locator("#generate")).to_have_text(known["form.generate_several"].replace("{count}", "4"))
    page.locator("[name=how-many]").last.check()
    expect(page.locator("#generate")).to_have_text(known["form.generate_series"].replace("{count}", "4"))
    expect(page.get_by_role("radio", name=known["value.sequential_image_generation.auto"])).to_be_checked()
    for viewport in (WIDE, PHONE):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert page.evaluate(CUT) == []
        said = page.evaluate(SHOWN)
        assert RAW_KEY.findall(said) == []
        assert language == "en" or not any(english in said for english in GRADIOS_ENGLISH)


@pytest.mark.thorough
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_head_is_one_line_on_a_laptop(browser: Browser, sample_app: AppProcess, language: str) -> None:
    with visit(browser, sample_app.url, locale=language) as visitor:
        middles = visitor.page.locator("#heading > :visible").evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect()).map(({ top, bottom }) => (top + bottom) / 2)"
        )
        assert len(middles) > 2
        assert max(middles) - min(middles) < 8


@pytest.mark.thorough
def test_a_browsers_wish_is_met_as_near_as_can_be(browser: Browser, address: str) -> None:
    met = {}
    context = browser.new_context()
    page = context.new_page()
    # It is settled before any file comes.
    page.route(re.compile(r"/(assets|atelier)/"), lambda route: route.abort())
    devtools = context.new_cdp_session(page)
    for wish in [*LANGUAGES, *RELATED]:
        devtools.send("Emulation.setUserAgentOverride", {"userAgent": "", "acceptLanguage": f"tlh,{wish}"})
        page.goto(address, wait_until="commit")
        page.wait_for_function("document.documentElement?.dataset.texts")
        met[wish] = page.evaluate("document.documentElement.lang")
    context.close()
    assert met == {**{language: language for language in LANGUAGES}, **RELATED}


@pytest.mark.thorough
def test_the_switch_loses_nothing(browser: Browser, address: str, api: ControlledApi) -> None:
    before = api.submitted()
    english, korean, german = (texts.locales()[language] for language in ("en", "ko", "de"))
    with visit(browser, address) as visitor:
        page, keyboard = visitor.page, visitor.page.keyboard
        choice = page.locator("#language-choice")
        visitor.prompt.fill("a heron at dawn")
        visitor.choose("output_format", english["value.output_format.jpeg"])
        visitor.generate()
        visitor.wait_for("in_queue")
        visitor.prompt.fill("a heron, being")

        # By keyboard, each step shows a name, and none loads the page but the last.
        choice.focus()
        _step_to(choice, "ja")
        expect(visitor.generate_button).to_have_text(english["form.generate"])
        keyboard.press("Escape")
        expect(choice).to_have_value("en")
        _step_to(choice, "ko")
        keyboard.press("Enter")
        expect(visitor.generate_button).to_have_text(korean["form.generate"])
        expect(choice).to_be_focused()
        _is_kept(visitor, korean)
        expect(visitor.card).to_have_attribute("data-status", "in_queue")

        # Going on with the Tab key chooses too.
        _step_to(choice, "en")
        keyboard.press("Tab")
        expect(visitor.generate_button).to_have_text(english["form.generate"])
        _is_kept(visitor, english)

        # By mouse, from the open list.
        choice.select_option("de")
        expect(visitor.generate_button).to_have_text(german["form.generate"])
        _is_kept(visitor, german)

        page.reload()
        expect(choice).to_have_value("de")
        expect(visitor.card).to_have_attribute("data-status", "in_queue")
        api.finish()
        visitor.pictures(1)
        assert api.submitted() == before + 1

        # An address may ask for a language, and the choice is remembered all the same.
        page.goto(f"{address}?lang=fr")
        expect(choice).to_have_value("fr")
        page.goto(address)
        expect(choice).to_have_value("de")


@pytest.mark.thorough
def test_the_switch_loses_nothing_where_nothing_can_be_stored(browser: Browser, address: str) -> None:
    korean = texts.locales()["ko"]
    # In another site's frame, this browser lets the page store nothing.
    with serve(framing(address)) as site:
        context = browser.new_context(locale="en-US", viewport=WIDE)
        page = context.new_page()
        page.goto(site.url.replace("127.0.0.1", "localhost"))
        frame = page.frame_locator("iframe")
        _stores_nothing(page, address)
        frame.locator("#field-prompt textarea").fill("a heron at dawn")
        frame.locator("#generate").click()
        _is_queued(frame)
        frame.locator("#language-choice").select_option("ko")
        expect(frame.locator("#generate")).to_have_text(korean["form.generate"])
        expect(frame.locator("#field-prompt textarea")).to_have_value("a heron at dawn")
        _is_queued(frame)
        context.close()


def _step_to(choice: Locator, language: str) -> None:
    values = choice.locator("option").evaluate_all("options => options.map((each) => each.value)")
    steps = values.index(language) - values.index(choice.input_value())
    for _ in range(abs(steps)):
        choice.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    expect(choice).to_have_value(language)


def _is_kept(visitor: Visit, known: object) -> None:
    """Check that the form and the gallery are as they were."""
    assert isinstance(known, dict)
    expect(visitor.prompt).to_have_value("a heron, being")
    expect(visitor.page.locator("#field-output_format input")).to_have_value(known["value.output_format.jpeg"])
    expect(visitor.cards).to_have_count(1)
    expect(visitor.card.locator(".job-prompt")).to_have_text("a heron at dawn")


def _stores_nothing(page: Page, address: str) -> None:
    frame = next(each for each in page.frames if each.url.startswith(address))
    assert frame.evaluate("() => { try { return !localStorage; } catch { return true; } }")


def _is_queued(frame: FrameLocator) -> None:
    expect(frame.locator("#gallery .job")).to_have_attribute("data-status", "in_queue")
