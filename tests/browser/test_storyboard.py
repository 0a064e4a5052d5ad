"""A series on paper, as the browser prints it."""

from __future__ import annotations

import re
import zlib

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.visit import Visit, visit
from tests.servers import AppProcess

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("no_waiting")]
# No test sees the browser's dialog: what it would be asked for is noted.
_NOTE_PRINTS = "() => { window.print = () => (document.documentElement.dataset.printed = document.title); }"
PAPERS = {"A4": (842, 595), "Letter": (792, 612)}
LONG = " ".join(f"Szene {number}: ein Reiher überfliegt die Straße." for number in range(1, 91))


@pytest.mark.parametrize(
    ("language", "prompt", "counts"),
    [
        ("en", 'Two herons with "quotes" & <b>markup</b>', (14, 3)),
        ("ja", "夜明けの港で白い鷺が三羽飛び立つ。二枚目では雨が降り、三枚目では虹がかかる。", (4, 1)),
        ("de", LONG, (2, 2)),
    ],
)
def test_any_script_is_text_on_the_paper_of_its_country(
    browser: Browser, app: AppProcess, language: str, prompt: str, counts: tuple[int, int]
) -> None:
    count, pages = counts
    with visit(browser, app.url, locale=language, color_scheme="dark") as visitor:
        button = _asked(visitor, prompt, count)
        # Its menu has closed once it is done.
        expect(visitor.card.locator(".job-line > .menu-button")).to_be_focused()
        expect(button).to_have_attribute("aria-busy", "false")
        page = visitor.page
        # A file that is saved of it has the name of its other files.
        title = page.locator("html").get_attribute("data-printed")
        assert title and re.match(r"\d{4}-\d\d-\d\d-\w+", title)
        expect(page).not_to_have_title(title)
        expect(page.locator(".storyboard")).to_be_hidden()
        for paper, size in PAPERS.items():
            pdf = page.pdf(format=paper, prefer_css_page_size=True)
            assert _sizes(pdf) == [size] * pages
            # What is text is drawn by its letters, which a reader finds again; a frame is a picture of its own.
            assert _letters(pdf) >= len(prompt.replace(" ", ""))
            assert b"/ToUnicode" in pdf
            assert pdf.count(b"/Subtype /Image") >= count
        page.emulate_media(media="print")
        assert page.locator(".storyboard h1").inner_text() == prompt
        expect(page.locator(".storyboard > p")).to_contain_text("Seedream 5.0 Lite")
        frames = page.locator(".storyboard li")
        assert frames.all_inner_texts() == [str(number) for number in range(1, count + 1)]
        assert page.locator("body > *").evaluate_all("all => all.filter((each) => each.offsetHeight).length") == 1
        page.emulate_media(media="screen")
        # Who comes back to the page prints that the next time.
        page.keyboard.press("Tab")
        expect(page.locator(".storyboard")).to_have_count(0)


def test_samples_say_so_on_each_frame(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        _asked(visitor, "herons", 2)
        visitor.page.emulate_media(media="print")
        said = visitor.page.locator(".storyboard > p")
        expect(said).to_contain_text("Samples, drawn by the page itself and not the model's work")
        assert visitor.page.locator(".storyboard li").all_inner_texts() == ["1 · Sample", "2 · Sample"]


def test_a_picture_that_does_not_come_is_told_and_nothing_is_printed(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.page.route("**/*storyboard.css", lambda route: route.abort())
        button = _asked(visitor, "herons", 2, printed=False)
        expect(visitor.card.locator(".menu .save-said")).to_contain_text("This file could not be made just now.")
        expect(visitor.page.locator(".storyboard")).to_have_count(0)
        visitor.page.unroute("**/*storyboard.css")
        button.press("Enter")
        expect(visitor.page.locator("html[data-printed]")).to_have_count(1)


def _asked(visitor: Visit, prompt: str, count: int, *, printed: bool = True) -> Locator:
    """Make a series, press the button of its storyboard, and return that."""
    page = visitor.page
    page.goto(f"{page.url}?sequential_image_generation=auto&max_images={count}")
    page.evaluate(_NOTE_PRINTS)
    expect(page.locator("#field-max_images input[type=number]")).to_have_value(str(count))
    visitor.prompt.fill(prompt)
    visitor.generate()
    visitor.pictures(count)
    button = visitor.open_menu().locator(".job-seldom > .quiet-button").last
    button.click()
    if printed:
        expect(page.locator("html[data-printed]")).to_have_count(1)
    return button


def _sizes(pdf: bytes) -> list[tuple[int, int]]:
    """Return the size of each page in points, without what is finer than a printer is exact."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(int(float(wide)), int(float(high))) for wide, high in boxes]


def _letters(pdf: bytes) -> int:
    """Count what the pages draw letters by: Chromium writes one byte for each, or two, by the kind of the font."""
    streams = (zlib.decompressobj().decompress(each) for each in _deflated(pdf))
    shown = (line for stream in streams if b"BT" in stream for line in re.findall(rb"<([0-9A-F]+)> Tj", stream))
    return sum(len(line) // 2 for line in shown)


def _deflated(pdf: bytes) -> list[bytes]:
    return re.findall(rb"/FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", pdf, re.DOTALL)
