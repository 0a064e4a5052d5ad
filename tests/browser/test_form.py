"""The form: a size chosen by its shape, starting points, words to add, and the price before the button."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from seedream import texts
from seedream.offline import serve
from seedream.schema import load
from seedream.ui.examples import examples
from tests.browser.visit import Visit, visit
from tests.controlled_api import TOKEN, ControlledApi
from tests.servers import AppProcess, running_app

pytestmark = pytest.mark.usefixtures("no_waiting")
ENGLISH = texts.locales()["en"]
DEFAULT = load().defaults["prompt"]
STORYBOARD = ENGLISH["example.storyboard.prompt"]
# From pressing a shape until the dropdown holds it, the best of some tries: another program may be in the way.
_SECONDS_TO_FOLLOW = """async () => {
  const dropdown = document.querySelector("#field-resolution input");
  const seconds = [];
  for (const shape of ["1:1", "9:16", "21:9", "3:2", "4:3"]) {
    const began = performance.now();
    document.querySelector(`input[name="size-shape"][value="${shape}"]`).click();
    while (!dropdown.value.includes(` ${shape} `)) await new Promise((resolve) => setTimeout(resolve, 1));
    seconds.push((performance.now() - began) / 1000);
  }
  return Math.min(...seconds);
}"""

# To count the words of megabytes would hold the page up for seconds.
_COUNT_THE_COUNTED = """() => {
  const { segment } = Intl.Segmenter.prototype;
  Intl.Segmenter.prototype.segment = function (text) {
    const told = document.documentElement.dataset;
    told.mostCounted = Math.max(told.mostCounted ?? 0, text.length);
    return segment.call(this, text);
  };
}"""

_FILL_AND_TYPE = """() => {
  document.querySelector(".start-card").click();
  const prompt = document.querySelector("#field-prompt textarea");
  prompt.value = "a heron";
  prompt.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""
_FILL_AND_PRESS = """() => {
  document.querySelector(".start-card").click();
  document.querySelector("#generate").click();
}"""


def test_a_size_is_chosen_by_its_shape_and_detail(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        dropdown = visitor.page.locator("#field-resolution input")
        expect(_radio(visitor, "Landscape 4:3")).to_be_checked()
        visitor.prompt.fill("a heron, being")
        _radio(visitor, "Wide 16:9").check()
        expect(dropdown).to_have_value("Wide 16:9 · 2848x1600")
        _radio(visitor, "Fine").check()
        expect(dropdown).to_have_value("Wide 16:9 · 4096x2304")
        # By keyboard: the arrow goes to the next shape, and the detail stays.
        _radio(visitor, "Wide 16:9").focus()
        visitor.page.keyboard.press("ArrowRight")
        expect(dropdown).to_have_value("Tall 9:16 · 2304x4096")
        _radio(visitor, "Let the model choose").check()
        expect(dropdown).to_have_value("Let the model choose · 3K")
        visitor.choose("resolution", "Portrait 3:4 · 1728x2304")
        expect(_radio(visitor, "Portrait 3:4")).to_be_checked()
        expect(_radio(visitor, "Standard")).to_be_checked()
        expect(visitor.page.locator(".sizes-use")).to_have_text("good for posters")
        expect(visitor.prompt).to_have_value("a heron, being")
        visitor.generate()
        visitor.pictures(1)
        assert api.submissions[-1].json["resolution"] == "1728x2304 (3:4)"
        assert visitor.page.evaluate(_SECONDS_TO_FOLLOW) < 0.05


@pytest.mark.thorough
def test_dropdowns_by_keyboard_are_as_quiet_as_a_browsers_own(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        page, keyboard = visitor.page, visitor.page.keyboard
        lists = page.locator("#form [role=listbox]")
        size, file = (page.locator(f"#field-{field} input") for field in ("resolution", "output_format"))
        # Passing by opens nothing, and each step has a place.
        _radio(visitor, "Landscape 4:3").focus()
        for control in (size, visitor.count, file, page.locator("#advanced button").first):
            keyboard.press("Tab")
            expect(control).to_be_focused()
        keyboard.press("Shift+Tab")
        expect(file).to_be_focused()
        keyboard.press("a")
        page.wait_for_timeout(100)
        expect(lists).to_have_count(0)

        file.press("ArrowDown")
        expect(lists).to_have_count(1)
        file.press("ArrowDown")
        file.press("Enter")
        expect(file).to_have_value("JPEG, smaller")
        expect(file).to_be_focused()
        expect(lists).to_have_count(0)
        file.press("Enter")
        expect(lists).to_have_count(1)
        file.press("Tab")
        expect(lists).to_have_count(0)
        size.focus()
        size.press(" ")
        expect(lists.get_by_role("option", selected=True)).to_be_in_viewport()
        size.press("Escape")
        expect(lists).to_have_count(0)
        expect(size).to_be_focused()
        visitor.count.press("ArrowLeft")
        expect(visitor.count).to_have_accessible_name("A series")
        expect(visitor.count).to_be_focused()
        expect(visitor.length).to_have_value("4")
        assert visitor.cards.count() == 0


def test_an_example_fills_the_form_and_typed_text_comes_back(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        back = visitor.page.get_by_role("button", name=ENGLISH["fill.back"])
        cards = visitor.page.locator(".gallery-empty button")
        expect(cards).to_have_count(len(examples(load())))
        # By its name alone, though the prompt is read out with it.
        first = visitor.page.get_by_role("button", name="Illustration Four-panel storyboard", exact=True)
        expect(first).to_have_accessible_description(STORYBOARD)
        expect(cards.first.locator(".start-prompt")).to_be_hidden()
        cards.first.hover()
        expect(cards.first.locator(".start-prompt")).to_be_visible()
        cards.first.click()
        expect(visitor.prompt).to_have_value(STORYBOARD)
        expect(visitor.prompt).to_be_focused()
        expect(visitor.page.locator(".fill-said")).to_contain_text("Nothing was sent.")
        expect(visitor.length).to_have_value("4")
        expect(_radio(visitor, "Wide 16:9")).to_be_checked()
        expect(visitor.page.locator(".counter")).to_have_text("80 words")
        expect(back).to_be_hidden()

        visitor.prompt.fill("my own heron")
        _radio(visitor, "Square 1:1").check()
        points = visitor.page.get_by_role("button", name=ENGLISH["start.title"], exact=True)
        points.press("Enter")
        choices = visitor.page.get_by_role("group", name=ENGLISH["start.title"]).get_by_role("button")
        expect(choices).to_have_text([ENGLISH[f"example.{each.name}.title"] for each in examples(load())])
        choices.filter(has_text="Interior").click()
        expect(visitor.prompt).to_have_value(ENGLISH["example.interior.prompt"])
        # A second one does not push the visitor's own text out. By keyboard, it shows its prompt, too.
        cards.nth(1).focus()
        visitor.page.keyboard.press("Shift+Tab")
        visitor.page.keyboard.press("Tab")
        expect(cards.nth(1).locator(".start-prompt")).to_be_visible()
        visitor.page.keyboard.press("Enter")
        expect(visitor.prompt).to_have_value(ENGLISH["example.lettering.prompt"])
        back.click()
        expect(visitor.prompt).to_have_value("my own heron")
        expect(_radio(visitor, "Square 1:1")).to_be_checked()
        expect(visitor.count).to_have_accessible_name("A series")
        expect(back).to_be_hidden()
        expect(visitor.cards).to_have_count(0)
        visitor.how_many("One picture")
        visitor.generate()
        expect(visitor.page.locator(".fill-said")).to_be_empty()


@pytest.mark.thorough
def test_what_was_told_of_the_form_keeps_its_room_until_the_hand_is_elsewhere(
    browser: Browser, sample_app: AppProcess
) -> None:
    with visit(browser, sample_app.url) as visitor:
        visitor.page.locator(".start-card").first.click()
        line = visitor.page.locator(".fill-line")
        expect(line.locator(".fill-said")).not_to_be_empty()
        room = line.evaluate("line => line.offsetHeight")
        visitor.generate()
        expect(line.locator(".fill-said")).to_be_empty()
        assert line.evaluate("line => line.offsetHeight") == room
        visitor.card.locator(".job-prompt").click()
        expect(line).to_have_css("height", "0px")


def test_a_prompt_that_is_too_long_is_kept_where_it_was_typed_and_taken_from_nowhere_else(
    browser: Browser, sample_app: AppProcess, tmp_path: Path
) -> None:
    longest = load().field("prompt").most_characters
    assert longest is not None
    too_long, told = "🌊" * (longest + 1), {"limit": f"{longest:,}"}
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps({"request": {"prompt": "wave " * 1_000_000, "resolution": "3K"}}))
    with visit(browser, sample_app.url) as visitor:
        visitor.page.evaluate(_COUNT_THE_COUNTED)
        visitor.prompt.fill(too_long)
        expect(visitor.page.locator(".counter")).to_have_text(texts.text("counter.too_long", **told))
        visitor.generate_button.click()
        expect(visitor.notice).to_have_text(texts.text("error.prompt_too_long", **told))
        expect(visitor.prompt).to_have_value(too_long)
        visitor.prompt.fill("my own heron")
        expect(visitor.notice).to_be_hidden()

        with visitor.page.expect_file_chooser() as chosen:
            visitor.page.get_by_role("button", name=ENGLISH["import.read"]).press("Enter")
        chosen.value.set_files(file)
        left_out = texts.text("fill.too_long", **told)
        expect(visitor.page.locator(".fill-said")).to_contain_text(left_out)
        expect(visitor.page.locator("#field-resolution input")).to_have_value("Let the model choose · 3K")
        expect(visitor.prompt).to_have_value("my own heron")
        visitor.page.evaluate("location.hash = 'resolution=2K&prompt=' + 'wave+'.repeat(200_000)")
        expect(visitor.notice).to_contain_text(left_out)
        expect(visitor.prompt).to_have_value("my own heron")
        expect(visitor.cards).to_have_count(0)
        assert visitor.page.evaluate("document.documentElement.dataset.mostCounted") == str(len("my own heron"))


def test_words_are_added_and_taken_out_again(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        opener = visitor.page.get_by_role("button", name=ENGLISH["start.phrases"])
        opener.click()
        candle, deco = _word(visitor, "candlelight"), _word(visitor, "art deco")
        candle.click()
        expect(visitor.prompt).to_have_value(f"{DEFAULT} Candlelight")
        candle.click()
        expect(visitor.prompt).to_have_value(str(DEFAULT))
        visitor.prompt.fill("a heron, ")
        # Whoever types has the prompt to themselves.
        expect(candle).to_be_hidden()
        opener.click()
        candle.press("Enter")
        deco.press("Enter")
        expect(deco).to_be_focused()
        expect(visitor.prompt).to_have_value("a heron, candlelight, art deco")
        expect(visitor.page.locator(".counter")).to_have_text("5 words")
        expect(candle).to_have_attribute("aria-pressed", "true")
        candle.press("Enter")
        expect(visitor.prompt).to_have_value("a heron, art deco")
        expect(candle).to_have_attribute("aria-pressed", "false")
        visitor.page.keyboard.press("Escape")
        expect(opener).to_be_focused()
    with visit(browser, sample_app.url, locale="ja-JP") as visitor:
        visitor.prompt.fill("青い鷺")
        visitor.page.get_by_role("button", name="言葉を足す").click()
        _word(visitor, "窓からのやわらかい光").click()
        _word(visitor, "アールデコ").click()
        expect(visitor.prompt).to_have_value("青い鷺、窓からのやわらかい光、アールデコ")
        _word(visitor, "窓からのやわらかい光").click()
        expect(visitor.prompt).to_have_value("青い鷺、アールデコ")


NAMED = (("field", "label"), ("value", "standard"))


@pytest.mark.thorough
def test_what_has_one_value_is_a_line_of_text(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        visitor.open_advanced()
        line = visitor.page.locator("#advanced .fixed-field p").first
        expect(line).to_have_text("Prompt optimization: Standard")
        expect(visitor.page.locator("#advanced input")).to_have_count(0)
    with visit(browser, sample_app.url, locale="ja-JP") as visitor:
        visitor.page.locator("#advanced > button").click()
        name, value = (texts.text(f"{key}.optimize_prompt_options.{of}", "ja") for key, of in NAMED)
        expect(visitor.page.locator("#advanced .fixed-field p").first).to_have_text(f"{name}：{value}")


def test_the_price_is_told_before_the_button(
    browser: Browser, app: AppProcess, sample_app: AppProcess, api: ControlledApi
) -> None:
    def asked() -> int:
        return len([call for call in api.recorder.calls if call.method == "GET" and "/models/" in call.path])

    with visit(browser, app.url) as visitor:
        price = visitor.page.locator(".price")
        expect(price).to_have_text("")
        expect(visitor.generate_button).to_have_accessible_name("Generate · $0.04")
        expect(price).to_have_attribute("aria-live", "polite")
        before = asked()
        visitor.how_many("A series")
        expect(price).to_have_text("At most 4 × $0.04, by the list price.")
        expect(visitor.generate_button).to_have_accessible_name("Generate up to 4 · up to $0.16")
        visitor.length.fill("3")
        expect(price).to_have_text("At most 3 × $0.04, by the list price.")
        visitor.how_many("4 alternatives")
        expect(price).to_have_text("4 × $0.04, by the list price.")
        expect(visitor.generate_button).to_have_accessible_name("Generate 4 · $0.16")
        # As it was set before.
        visitor.how_many("A series")
        expect(visitor.length).to_have_value("3")
        # Where a link says so, the schema's default.
        visitor.page.goto(f"{app.url}?sequential_image_generation=auto")
        expect(visitor.generate_button).to_have_accessible_name("Generate up to 15 · up to $0.60")
    with visit(browser, app.url, locale="ja-JP") as visitor:
        expect(visitor.generate_button).to_have_accessible_name("生成 · $0.04")
        assert asked() == before
    with visit(browser, sample_app.url) as visitor:
        expect(visitor.page.locator(".account-payer")).to_have_text("Samples are free")
        expect(visitor.page.locator(".price")).to_be_hidden()
        expect(visitor.generate_button).to_have_accessible_name("Generate")


@pytest.mark.thorough
def test_what_is_on_offer_is_drawn_and_an_unknown_price_is_unknown(browser: Browser) -> None:
    nowhere = Starlette(routes=[Route("/{path:path}", lambda _: JSONResponse({"error_code": 404001}, 404))])
    offer = {"SEEDREAM_LIMITS": "on", "SEEDREAM_RESOLUTIONS": "2K, 2304x1728 (4:3), 3072x3072 (1:1)"}
    with (
        serve(nowhere) as service,
        running_app({"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": service.url, **offer}) as app,
        visit(browser, app.url) as visitor,
    ):
        shapes = visitor.page.get_by_role("radiogroup", name="Size and shape").get_by_role("radio")
        expect(shapes).to_have_count(3)
        named = [each.get_attribute("aria-label") for each in shapes.all()]
        assert named == ["Let the model choose", "Landscape 4:3", "Square 1:1"]
        expect(_radio(visitor, "Fine")).to_be_disabled()
        _radio(visitor, "Square 1:1").check()
        expect(visitor.page.locator("#field-resolution input")).to_have_value("Square 1:1 · 3072x3072")
        expect(_radio(visitor, "Fine")).to_be_checked()
        expect(_radio(visitor, "Standard")).to_be_disabled()
        expect(visitor.page.locator(".price")).to_have_text(ENGLISH["price.unknown"])
        expect(visitor.generate_button).to_have_accessible_name("Generate")


def test_the_first_screen_holds_it_all(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        parts = (
            "#field-prompt",
            "#sizes",
            "#field-output_format",
            "#generate",
            "#account",
            ".start-card >> nth=4",
        )
        for part in parts:
            assert _bottom(visitor.page.locator(part)) <= 720, part
        # However much the form holds, its button stays in sight.
        visitor.page.get_by_role("button", name=ENGLISH["start.phrases"]).click()
        assert _bottom(visitor.page.locator("#account")) <= 720
    phone = {"width": 390, "height": 844}
    with visit(browser, sample_app.url, viewport=phone, has_touch=True, is_mobile=True) as visitor:
        visitor.page.locator(".gallery-empty button").first.tap()
        expect(visitor.prompt).to_have_value(STORYBOARD)
        expect(visitor.prompt).to_be_in_viewport()
        expect(visitor.prompt).not_to_be_focused()
        # What was pressed goes with its panel; the focus stays with what opens it.
        points = visitor.page.get_by_role("button", name=ENGLISH["start.title"], exact=True)
        points.tap()
        choices = visitor.page.get_by_role("group", name=ENGLISH["start.title"]).get_by_role("button")
        choices.filter(has_text="Interior").tap()
        expect(points).to_be_focused()
        for tile in visitor.page.locator(".size-tile, .word-tile").all():
            box = tile.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 44
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= phone["width"]


def test_what_is_shown_is_what_a_press_sends(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        page, price = visitor.page, visitor.page.locator(".price")
        page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        # Who types at once has the last word, however late Gradio sets the rest.
        page.evaluate(_FILL_AND_TYPE)
        expect(visitor.length).to_have_value("4")
        expect(visitor.prompt).to_have_value("a heron")
        # In the same moment: Gradio has not yet set a control when the button is pressed.
        page.evaluate(_FILL_AND_PRESS)
        expect(visitor.cards).to_have_count(1)
        visitor.wait_for("completed")
        sent = api.submissions[-1].json
        assert sent == {
            "prompt": STORYBOARD,
            "resolution": "2848x1600 (16:9)",
            "sequential_image_generation": "auto",
            "max_images": 4,
            "output_format": "png",
            "optimize_prompt_options": "standard",
        }
        expect(price).to_have_text("At most 4 × $0.04, by the list price.")
        _is_shown(visitor, sent)

        # Shapes, Gradio's own list, typing and a number, and a press from the keyboard.
        _radio(visitor, "Square 1:1").check()
        visitor.choose("output_format", "JPEG, smaller")
        visitor.length.fill("3")
        visitor.prompt.press_sequentially(", at night")
        visitor.prompt.press("Control+Enter")
        expect(visitor.cards).to_have_count(2)
        visitor.wait_for("completed")
        sent = api.submissions[-1].json
        assert sent["prompt"].endswith(", at night")
        assert (sent["resolution"], sent["max_images"], sent["output_format"]) == ("2048x2048 (1:1)", 3, "jpeg")
        expect(price).to_have_text("At most 3 × $0.04, by the list price.")
        _is_shown(visitor, sent)


def _is_shown(visitor: Visit, sent: dict[str, Any]) -> None:
    """Check that the link, the size's shape and the counter are those of what was sent."""
    visitor.page.get_by_role("button", name="Copy link to this form").click()
    visitor.page.wait_for_function("window.copied")
    query = dict(parse_qsl(urlsplit(visitor.page.evaluate("window.copied")).query))
    assert query == {name: str(value) for name, value in sent.items() if value != load().defaults[name]}
    shape = re.search(r"\((.+)\)", sent["resolution"])
    assert shape
    expect(visitor.page.locator("[name=size-shape]:checked")).to_have_value(shape[1])
    words = len(re.findall(r"\w+", sent["prompt"]))
    expect(visitor.page.locator(".counter")).to_have_text(f"{words} words")


def _radio(visitor: Visit, name: str) -> Locator:
    return visitor.page.get_by_role("radio", name=name, exact=True)


def _word(visitor: Visit, words: str) -> Locator:
    return visitor.page.get_by_role("button", name=re.compile(f"^{words}$"))


def _bottom(part: Locator) -> float:
    expect(part).to_be_visible()
    box = part.bounding_box()
    assert box
    return box["y"] + box["height"]


def test_on_a_phone_the_button_makes_way_for_the_pictures(
    browser: Browser, app: AppProcess, no_waiting: None
) -> None:
    size = {"width": 390, "height": 720}
    with visit(browser, app.url, viewport=size, has_touch=True, is_mobile=True) as visitor:
        back = visitor.page.get_by_role("button", name=ENGLISH["form.edit_prompt"])
        expect(visitor.generate_button).to_be_in_viewport()
        expect(back).to_be_hidden()
        visitor.generate_button.focus()
        visitor.page.keyboard.press("Enter")
        visitor.pictures(1)
        expect(back).to_be_in_viewport()
        expect(visitor.generate_button).to_be_hidden()
        expect(visitor.page.locator(".price")).to_be_hidden()
        # It had the focus, and what stands in its place has it now.
        expect(back).to_be_focused()
        back.tap()
        expect(visitor.prompt).to_be_focused()
        expect(visitor.prompt).to_be_in_viewport()
        expect(visitor.generate_button).to_be_in_viewport()
        expect(back).to_be_hidden()


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "height"), [(640, 360), (844, 390)])
def test_on_a_low_window_the_whole_picture_is_in_view_after_a_press(
    browser: Browser, app: AppProcess, no_waiting: None, width: int, height: int
) -> None:
    with visit(browser, app.url, viewport={"width": width, "height": height}) as visitor:
        expect(visitor.generate_button).to_be_in_viewport(ratio=1)
        visitor.generate()
        visitor.wait_for("completed")
        expect(visitor.card.locator(".tile img")).to_be_in_viewport(ratio=1)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_stands_under_the_prompt_keeps_its_place(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        places = set()
        for prompt in ("", "a heron", "a heron\n" * 20):
            visitor.prompt.fill(prompt)
            expect(visitor.page.locator(".counter")).to_contain_text(str(len(prompt.split())))
            row, field, following = (
                visitor.page.locator(each).bounding_box()
                for each in (".under-prompt-row", "#field-prompt textarea", "#references")
            )
            assert row
            assert field
            assert following
            # No room is left between them.
            assert row["y"] - field["y"] - field["height"] <= 16
            assert following["y"] - row["y"] - row["height"] <= 24
            places.add((row["y"], following["y"]))
        assert len(places) == 1
