"""Everything that a hand can do: once with a mouse, once with the keyboard alone, once with a finger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from seedream.schema import load
from tests.browser.hands import Finger, Hand, Keys, Mouse, every_hand
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

SERIES = 3


@pytest.mark.thorough
@every_hand
def test_the_form(browser: Browser, app: AppProcess, api: ControlledApi, kind: type[Mouse | Keys]) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        hand: Hand = kind(visitor.page)
        page, button = visitor.page, _buttons(visitor.page)
        hand.write(visitor.prompt, "a heron")
        hand.press(button("Starting points"))
        hand.press(page.get_by_role("group", name="Starting points").get_by_role("button", name="Interior"))
        expect(visitor.prompt).not_to_have_value("a heron")
        hand.press(button("Bring back my text"))
        expect(visitor.prompt).to_have_value("a heron")
        hand.press(button("Words to add"))
        hand.press(button("candlelight"))
        expect(visitor.prompt).to_have_value("a heron, candlelight")
        page.keyboard.press("Escape")
        expect(button("Words to add")).to_be_focused()

        hand.mark(page.get_by_role("radio", name="Fine"))
        hand.mark(page.get_by_role("radio", name="Wide 16:9"))
        size = page.locator("#field-resolution input")
        expect(size).to_have_value("Wide 16:9 · 4096x2304")
        hand.pick(size, -1)
        expect(size).to_have_value("Portrait 3:4 · 2592x3456")
        hand.mark(page.get_by_role("radio", name="A series"))
        hand.write(visitor.length, str(SERIES))
        hand.pick(page.locator("#field-output_format input"), 1)
        hand.press(button("Copy link to this form"))
        expect(button("Copied")).to_be_visible()

        hand.press(visitor.generate_button)
        visitor.wait_for("in_queue")
        sent = {
            **load().defaults,
            "prompt": "a heron, candlelight",
            "resolution": "2592x3456 (3:4)",
            "sequential_image_generation": "auto",
            "max_images": SERIES,
            "output_format": "jpeg",
        }
        assert api.submissions[-1].json == sent
        # It is asked for when waiting begins to be long.
        hand.press(button("Tell me when it is done"))
        expect(visitor.card.locator(".notify")).to_contain_text("this tab's title will tell")
        hand.press(button("Cancel"))
        expect(visitor.card).to_contain_text("nothing was charged")
        again = button("Try again · up to $0.12")
        # Where Cancel was, it rests for a moment.
        expect(again).to_have_attribute("aria-disabled", "false")
        hand.press(again)
        expect(visitor.cards).to_have_count(2)
        visitor.wait_for("in_queue")
        assert api.submissions[-1].json == sent
        api.finish()
        visitor.pictures(SERIES)
        hand.write(visitor.prompt, "")
        page.keyboard.press("ControlOrMeta+v")
        link = visitor.prompt.input_value()
        assert link.startswith(app.url)
    with visit(browser, link, **kind.context) as opened:
        expect(opened.prompt).to_have_value("a heron, candlelight")
        expect(opened.page.locator("#field-resolution input")).to_have_value("Portrait 3:4 · 2592x3456")


@pytest.mark.thorough
@every_hand
def test_the_gallery(
    browser: Browser, app: AppProcess, api: ControlledApi, kind: type[Mouse | Keys], tmp_path: Path
) -> None:
    with visit(
        browser,
        f"{app.url}/?prompt=herons&sequential_image_generation=auto&max_images={SERIES}",
        **kind.context,
        permissions=["clipboard-read", "clipboard-write"],
    ) as visitor:
        hand: Hand = kind(visitor.page)
        page = visitor.page
        expect(visitor.prompt).to_have_value("herons")
        # Its field comes with the link, and moves the button.
        expect(page.locator("#field-max_images input[type=number]")).to_have_value(str(SERIES))
        hand.press(visitor.generate_button)
        card = _finished(visitor, api)

        view = page.get_by_role("dialog", name="Large view")
        hand.press(card.get_by_role("button", name=f"Open large: Picture 1 of {SERIES}"))
        hand.press(view.get_by_role("button", name="Next picture"))
        expect(view.get_by_role("status").first).to_have_text(f"2 of {SERIES}")
        hand.press(view.get_by_role("button", name="Full size"))
        assert _saved(page, hand, view.get_by_role("link", name="Save original 2"), tmp_path).stat().st_size > 0
        hand.press(view.get_by_role("button", name="Close"))
        expect(view).to_be_hidden()

        everything = card.get_by_role("button", name="Download all (ZIP)")
        assert _saved(page, hand, everything, tmp_path).stat().st_size > 0
        more, menu = card.locator(".job-line > .menu-button"), card.locator(".job-line + .menu")
        hand.press(more)
        sheet = card.get_by_role("button", name="Contact sheet (PNG)")
        assert _saved(page, hand, sheet, tmp_path).stat().st_size > 0
        expect(menu).to_be_hidden()
        hand.press(more)
        hand.press(card.get_by_role("button", name="Storyboard: print or PDF"))
        expect(page.locator(".storyboard li")).to_have_count(SERIES)
        for names, part in (
            (["Copy prompt"], "herons"),
            (["Copy link", "Without the prompt"], "request_id="),
            (["Copy link", "With the prompt"], "prompt=herons"),
        ):
            expect(menu).to_be_hidden()
            hand.press(more)
            for name in names:
                hand.press(card.get_by_role("button", name=name, exact=True))
            page.wait_for_function(
                "part => navigator.clipboard.readText().then((text) => text.includes(part))", arg=part
            )

        hand.press(card.get_by_role("button", name=f"Open large: Picture 1 of {SERIES}"))
        hand.press(view.locator(".menu-button"))
        hand.press(view.get_by_role("button", name="For developers"))
        developers = page.get_by_role("dialog", name="For developers")
        hand.press(developers.get_by_role("tab", name="curl"))
        expect(developers.get_by_role("region", name="curl")).to_contain_text("RUNCOMFY_TOKEN")
        hand.press(developers.get_by_role("tabpanel").get_by_role("button", name="Copy", exact=True))
        hand.press(developers.get_by_role("button", name="Close"))
        expect(view.locator(".menu-button")).to_be_focused()


@pytest.mark.thorough
@every_hand
def test_what_comes_next(
    browser: Browser, app: AppProcess, api: ControlledApi, kind: type[Mouse | Keys], tmp_path: Path
) -> None:
    with visit(browser, app.url, **kind.context) as visitor:
        hand: Hand = kind(visitor.page)
        page, button = visitor.page, _buttons(visitor.page)
        hand.write(visitor.prompt, "herons")
        hand.press(visitor.generate_button)
        card = _finished(visitor, api)
        copy = _saved(page, hand, _into_view(hand, card, page), tmp_path)
        expect(page.locator(".view .menu-button + .menu")).to_be_hidden()
        hand.press(button("Close"))
        sent = api.submissions[-1].json
        hand.press(card.get_by_role("button", name="Make another"))
        another = _finished(visitor, api)
        assert api.submissions[-1].json == sent
        hand.press(another.get_by_role("button", name="Another shape"))
        hand.press(another.get_by_role("button", name="Tall 9:16"))
        shaped = _finished(visitor, api)
        assert api.submissions[-1].json == {**sent, "resolution": "1600x2848 (9:16)"}

        hand.write(visitor.prompt, "half a thought")
        hand.press(shaped.get_by_role("button", name="Use these settings"))
        expect(visitor.prompt).to_have_value("herons")
        hand.press(button("Bring back my text"))
        expect(visitor.prompt).to_have_value("half a thought")

        _act(hand, visitor.rows.nth(2), "Remove from this list")
        expect(visitor.rows).to_have_count(2)
        hand.press(button("Bring it back"))
        expect(visitor.rows).to_have_count(3)
        _act(hand, visitor.rows.first, "Use these settings")
        expect(visitor.prompt).to_have_value("herons")
        _act(hand, visitor.rows.first, "Show")
        expect(visitor.cards.and_(page.locator(":focus"))).to_have_count(1)

        with page.expect_file_chooser() as chooser:
            hand.press(button("Read settings from a file"))
        hand.write(visitor.prompt, "half a thought")
        chooser.value.set_files(copy)
        expect(visitor.prompt).to_have_value("herons")


@pytest.mark.thorough
def test_few_presses_lead_to_pictures_and_files(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    presses = 0

    def press(target: Locator) -> None:
        nonlocal presses
        presses += 1
        target.click()

    with visit(browser, app.url) as visitor:
        press(visitor.generate_button)
        first = _finished(visitor, api)
        assert presses == 1
        with visitor.page.expect_download() as started:
            press(first.get_by_role("link", name="Save original 1"))
        assert started.value.suggested_filename.endswith(".png")
        assert presses - 1 <= 2
        press(first.get_by_role("button", name="Another shape"))
        press(first.get_by_role("button", name="Square 1:1"))
        _finished(visitor, api)
        assert presses - 2 <= 3


def _into_view(hand: Hand, card: Locator, page: Page) -> Locator:
    """Show a card's picture large, and return what saves it with its settings."""
    hand.press(card.get_by_role("button", name="Open large: Picture 1 of 1"))
    hand.press(page.locator(".view .menu-button"))
    return page.get_by_role("dialog").get_by_role("button", name="Save with settings")


def _act(hand: Hand, row: Locator, name: str) -> None:
    """Do something with a picture's row: a finger finds that with the selected ones."""
    page = row.page
    if isinstance(hand, Finger):
        hand.press(page.locator(".history-select"))
        hand.press(row.locator(".history-picture"))
        hand.press(page.locator(".selection-bar").get_by_role("button", name=name))
        return
    hand.press(row.locator(".menu-button"))
    hand.press(row.get_by_role("button", name=name))


def _buttons(page: Page) -> Any:
    return lambda name: page.get_by_role("button", name=name, exact=True).first


def _finished(visitor: Visit, api: ControlledApi) -> Locator:
    """Let the job that waits be done, and return its card."""
    waits = visitor.page.locator(".job[data-status=in_queue]")
    expect(waits).to_have_count(1)
    card = visitor.page.locator(f'.job[data-key="{waits.get_attribute("data-key")}"]')
    api.finish()
    visitor.wait_for("completed", card)
    expect(card.locator(".tile[data-state=shown]").first).to_be_visible()
    expect(card.locator(".tile[data-state=waiting]")).to_have_count(0)
    return card


def _saved(page: Page, hand: Hand, target: Locator, folder: Path) -> Path:
    with page.expect_download() as started:
        hand.press(target)
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path
