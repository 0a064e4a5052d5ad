"""A link to a set-up: it fills the form of whoever opens it, and starts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from seedream import texts
from seedream.schema import load
from seedream.ui.labels import choice_label
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess, running_app

pytestmark = pytest.mark.usefixtures("no_waiting")
MODEL = load()
CLIPBOARD = ["clipboard-read", "clipboard-write"]
MARKUP = '<img src=x onerror="window.__xss = 1">\'&#x26;{value}'
# 612 words, of the kind that breaks links: quotes, line breaks, an emoji of several characters, escapes.
JAPANESE = "\n".join(['「赤い狐」が"雪"の森を走る、光と影と静けさと風。👩‍🎨 100% & #1 + ?\\n'] * 36)
JAPANESE_WORDS = 612


@pytest.fixture(scope="module")
def narrow_app(api: ControlledApi) -> Iterator[AppProcess]:
    """An app whose owner offers two resolutions and short series."""
    variables = {"SEEDREAM_LIMITS": "on", "SEEDREAM_RESOLUTIONS": "2K,3K", "SEEDREAM_MAX_IMAGES": "4"}
    with running_app(api.environment(**variables)) as app:
        yield app


def test_a_link_fills_the_form_and_sends_nothing(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    sent = len(api.submissions)
    setup = {"prompt": "two foxes", "resolution": "3072x3072 (1:1)", "output_format": "jpeg"}
    series = {"sequential_image_generation": "auto", "max_images": "2"}
    with visit(browser, f"{app.url}/?{urlencode(setup | series)}") as visitor:
        expect(visitor.prompt).to_have_value("two foxes")
        expect(_control(visitor.page, "resolution")).to_have_value("Square 1:1 · 3072x3072")
        expect(_control(visitor.page, "output_format")).to_have_value("JPEG, smaller")
        expect(_control(visitor.page, "sequential_image_generation")).to_have_value("A series")
        expect(visitor.length).to_have_value("2")
        expect(visitor.notice).to_have_text(
            "A link filled in this form. Nothing is sent until you press Generate."
        )
        expect(visitor.page).to_have_url(f"{app.url}/")
        expect(visitor.cards).to_have_count(0)
        assert len(api.submissions) == sent
        visitor.generate()
        visitor.pictures(2)
        assert api.submissions[-1].json == {
            **setup,
            "sequential_image_generation": "auto",
            "max_images": 2,
            "optimize_prompt_options": "standard",
        }
        # The address has no set-up any more, so a reload puts none over what is there by then.
        visitor.page.reload()
        expect(visitor.generate_button).to_be_visible()
        expect(visitor.notice).to_be_hidden()


@pytest.mark.thorough
def test_every_value_goes_into_a_link_and_out_of_it(browser: Browser, sample_app: AppProcess) -> None:
    fields = [field for field in MODEL.fields if field.name != "prompt"]
    with visit(browser, sample_app.url, permissions=CLIPBOARD) as visitor:
        for number, row in enumerate(zip_longest(*(field.choices for field in fields))):
            values = {field.name: value or field.default for field, value in zip(fields, row, strict=True)}
            prompt = f"fox {number}"
            # Behind the `#`, a link opens on a page that is there already.
            visitor.page.evaluate("link => { location.hash = link; }", urlencode({"prompt": prompt, **values}))
            expect(visitor.prompt).to_have_value(prompt)
            label = choice_label(MODEL.field("resolution"), values["resolution"])
            expect(_control(visitor.page, "resolution")).to_have_value(label)
            differing = {name: value for name, value in values.items() if value != MODEL.field(name).default}
            assert _copied_link(visitor) == f"{sample_app.url}/?{urlencode({'prompt': prompt, **differing})}"
            expect(visitor.notice).to_contain_text("It leads to this computer alone")


@pytest.mark.thorough
def test_a_prompt_of_600_words_of_japanese(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url, permissions=CLIPBOARD, locale="ja-JP") as visitor:
        visitor.prompt.fill(JAPANESE)
        expect(visitor.page.locator(".counter")).to_contain_text(str(JAPANESE_WORDS))
        visitor.page.evaluate("location.hash = 'resolution=3K'")
        expect(_control(visitor.page, "resolution")).to_have_value(texts.text("value.resolution.3K", "ja"))
        visitor.prompt.fill(JAPANESE)
        link = _copied_link(visitor)
    before, _, fragment = link.partition("#")
    assert before == f"{sample_app.url}/?resolution=3K"
    assert len(fragment) > 8192, "nginx would take it"
    with visit(browser, link, permissions=CLIPBOARD) as other:
        expect(other.prompt).to_have_value(JAPANESE)
        expect(_control(other.page, "resolution")).to_have_value("Let the model choose · 3K")
        expect(other.page).to_have_url(f"{sample_app.url}/")
        assert _copied_link(other) == link


@pytest.mark.thorough
def test_what_does_not_fit_is_told_and_left_at_its_default(browser: Browser, narrow_app: AppProcess) -> None:
    asked = {
        "prompt": MARKUP,
        "resolution": "4704x2016 (21:9)",
        "sequential_image_generation": "auto",
        "max_images": "15",
        "output_format": MARKUP,
        "request_id": "abc-1",
        "colour": "red",
    }
    with visit(browser, f"{narrow_app.url}/?{urlencode(asked)}#elsewhere") as visitor:
        expect(visitor.prompt).to_have_value(MARKUP)
        expect(_control(visitor.page, "resolution")).to_have_value("Let the model choose · 3K")
        expect(_control(visitor.page, "output_format")).to_have_value("PNG, lossless")
        expect(visitor.length).to_have_value("4")
        for told in (
            "for “4704x2016 (21:9)” under “Size and shape”, which this page does not offer; it is set to “Let ",
            "asks for “15” under “Pictures, at most”",
            f"asks for “{MARKUP}” under “File”",
        ):
            expect(visitor.notice).to_contain_text(told)
        assert visitor.page.evaluate("typeof window.__xss") == "undefined"
        # What is not the form's stays where it was.
        address = urlsplit(visitor.page.url)
        assert (address.query, address.fragment) == ("request_id=abc-1&colour=red", "elsewhere")


def test_without_a_clipboard_the_link_is_shown(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, f"{sample_app.url}/?prompt=a+red+fox") as visitor:
        expect(visitor.prompt).to_have_value("a red fox")
        visitor.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
        visitor.page.evaluate("document.execCommand = () => false")
        visitor.page.get_by_role("button", name="Copy link to this form").click()
        shown = visitor.page.get_by_role("textbox", name="Here is the link")
        expect(shown).to_have_value(f"{sample_app.url}/?prompt=a+red+fox")
        expect(shown).to_be_focused()
        assert visitor.page.evaluate("String(getSelection())") == f"{sample_app.url}/?prompt=a+red+fox"


@pytest.mark.thorough
def test_a_shared_result_is_nobodys_job(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    """What is seen and heard of it has the link's prompt, no job's terms, and nothing for developers."""
    request_id = api.client().submit(sequential_image_generation="auto", max_images=2)
    address = f"{app.url}/?{urlencode({'prompt': 'two foxes', 'request_id': request_id})}"
    with visit(browser, address) as visitor:
        first, _ = visitor.pictures(2)
        page = visitor.page
        heard = page.locator(".gallery-title + p")
        expect(heard).to_have_text("“two foxes”: The 2 pictures are here.")
        expect(visitor.card.locator(".job-words")).to_have_text("The 2 pictures are here.")
        expect(page.get_by_role("heading", level=2)).to_have_text(["Shared pictures"])
        expect(first).to_have_attribute("alt", "Picture 1 of 2: two foxes")
        first.click()
        view = page.get_by_role("dialog", name="Large view")
        expect(view.locator(".view-prompt")).to_have_text("two foxes")
        menu = visitor.open_large_menu()
        expect(menu.get_by_role("button", name="Copy link")).to_be_visible()
        expect(menu.get_by_role("button", name="For developers")).to_have_count(0)
    with visit(browser, f"{app.url}/?request_id={request_id}") as visitor:
        first, _ = visitor.pictures(2)
        expect(first).to_have_attribute("alt", "Picture 1 of 2: Shared with you")


@pytest.mark.thorough
def test_a_shared_result_is_looked_for_at_the_top_of_the_page(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    """Whoever sent it is named above the picture, and what nobody has asked the API about is in no line."""
    address = f"{app.url}/?{urlencode({'prompt': 'a fox', 'request_id': api.client().submit()})}"
    with visit(browser, app.url) as visitor:
        page, held = visitor.page, list[Route]()

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/atelier/watch", hold)
        with page.expect_request("**/atelier/watch"):
            page.goto(address)
        words = visitor.card.locator(".job-words")
        expect(words).to_have_text("Looking for the pictures.")
        expect(visitor.card.get_by_role("button", name="Cancel")).to_be_hidden()
        assert page.evaluate("scrollY") == 0
        held[0].continue_()
        page.unroute("**/atelier/watch")
        expect(words).to_have_text("The picture is here.")
        expect(page.get_by_role("button", name="Make your own")).to_be_in_viewport(ratio=1)
        assert page.evaluate("scrollY") == 0


@pytest.mark.thorough
@pytest.mark.parametrize("request_id", ["00000000-0000-4000-8000-000000000000", "not one"])
def test_a_shared_result_that_is_gone(browser: Browser, app: AppProcess, request_id: str) -> None:
    with visit(browser, f"{app.url}/?{urlencode({'request_id': request_id})}") as visitor:
        card = visitor.card
        expect(card.locator(".job-words")).to_have_text(texts.text("shared.gone"))
        expect(card.get_by_role("button")).to_have_count(0)
        expect(card).not_to_contain_text("request ID")
        visitor.page.get_by_role("button", name="Make your own").click()
        expect(visitor.prompt).to_be_focused()
        # Among one's own, what was not found can be put away.
        expect(card.get_by_role("button", name="Remove from this list")).to_be_visible()


def _control(page: Page, field: str) -> Locator:
    return page.locator(f"#field-{field} input")


def _copied_link(visitor: Visit) -> str:
    """Press the form's button and return what it put on the clipboard."""
    visitor.page.evaluate("navigator.clipboard.writeText('')")
    visitor.page.locator("#share .copy button").click()
    found = visitor.page.wait_for_function("navigator.clipboard.readText()")
    return str(found.json_value())
