"""A visitor's hands and eyes: what the browser tests do on the page, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Error, Locator, Page, expect

from tests.browser.tabs import Tab

_ONE_MORE = """before => [...document.querySelectorAll("#gallery .job")]
  .some((each) => !before.includes(each.dataset.key))"""


class Visit:
    """One open page. It fails the test when the page's own scripts do."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", self._fault)
        page.goto(url)
        # A result that somebody has shared is looked at without a form.
        begins = self.generate_button.or_(page.locator(".shared"))
        expect(begins.and_(page.locator(":visible"))).to_be_visible()
        expect(page.locator("#gallery .gallery-empty, #gallery .job").first).to_be_attached()

    def _fault(self, error: Error) -> None:
        self.faults.append(str(error))

    def leave(self) -> None:
        self.page.remove_listener("pageerror", self._fault)

    @property
    def generate_button(self) -> Locator:
        return self.page.locator("#generate")

    @property
    def prompt(self) -> Locator:
        return self.page.locator("#field-prompt textarea")

    @property
    def cards(self) -> Locator:
        return self.page.locator("#gallery .job")

    @property
    def card(self) -> Locator:
        """The newest job's card."""
        return self.cards.first

    @property
    def notice(self) -> Locator:
        return self.page.locator("#notice .notice")

    def choose(self, field: str, label: str | re.Pattern[str]) -> None:
        self.page.locator(f"#field-{field} input").click()
        self.page.get_by_role("option", name=label).click()

    def how_many(self, label: str) -> None:
        """Choose how many pictures a press makes."""
        self.page.get_by_role("radio", name=label, exact=True).check()

    @property
    def count(self) -> Locator:
        """What is chosen of that."""
        return self.page.locator("[name=how-many]:checked")

    @property
    def length(self) -> Locator:
        """Of how many pictures a series is, at most."""
        return self.page.locator("#field-max_images input[type=number]")

    def series(self, length: int) -> None:
        """Choose a series of so many pictures."""
        self.how_many("A series")
        self.length.fill(str(length))

    def generate(self) -> Locator:
        """Press the button and return the new job's card."""
        before = self.cards.evaluate_all("all => all.map((each) => each.dataset.key)")
        self.generate_button.click()
        # Older ones may leave meanwhile.
        self.page.wait_for_function(_ONE_MORE, arg=before)
        return self.card

    def wait_for(self, status: str, card: Locator | None = None) -> None:
        expect(card or self.card).to_have_attribute("data-status", status)

    def pictures(self, count: int, card: Locator | None = None) -> list[Locator]:
        """Wait until so many pictures are painted, and return them in order."""
        card = card or self.card
        images = card.locator(".tile img")
        try:
            expect(images).to_have_count(count)
        except AssertionError as fault:
            said = f"The card is {card.get_attribute('data-status')}, and says: {card.inner_text()}"
            raise AssertionError(said) from fault
        found = images.all()
        for image in found:
            image.scroll_into_view_if_needed()
            image.evaluate("image => image.decode()")
        return found

    def open_menu(self, card: Locator | None = None) -> Locator:
        """Open what a card offers besides its buttons, and return the menu."""
        return open_menu(card or self.card)

    def open_large_menu(self) -> Locator:
        """Open what is needed seldom of a picture that is shown large, and return the menu."""
        menu = self.page.locator(".view .menu-button + .menu")
        expect(menu).to_be_hidden()
        self.page.locator(".view .menu-button").click()
        return menu

    @property
    def rows(self) -> Locator:
        """All jobs that the browser remembers, the newest first."""
        return self.page.locator("#gallery .history-row")

    def act(self, row: Locator, name: str) -> None:
        """Do something with a row: what its menu calls so."""
        # By a key: where nothing hovers, it comes with the focus.
        row.locator(".menu-button").press("Enter")
        row.get_by_role("button", name=name, exact=True).click()

    def open_by_id(self, request_id: str) -> Locator:
        """Paste a request ID into the history's field and return the card that it opens."""
        field = self.page.get_by_role("textbox", name="Show a result by its request ID")
        field.fill(request_id)
        field.press("Enter")
        return self.card

    def bring_token(self, token: str) -> None:
        """Type a token of the visitor's own where the page asks for it."""
        self.page.get_by_role("button", name="Use your own").click()
        self.page.get_by_label("Your own RunComfy token").fill(token)
        self.page.get_by_role("button", name="Use it", exact=True).click()

    def open_advanced(self) -> None:
        opener = self.page.locator("#advanced > button")
        if "open" not in str(opener.get_attribute("class")).split():
            opener.click()

    def download(self, link: Locator) -> tuple[str, bytes]:
        """Save a file as a visitor does, and return its name and bytes."""
        with self.page.expect_download() as started:
            link.click()
        saved = started.value
        return saved.suggested_filename, saved.path().read_bytes()


def open_menu(card: Locator) -> Locator:
    """Open a card's menu as soon as the one before has closed, and return it."""
    menu = card.locator(".job-line + .menu")
    expect(menu).to_be_hidden()
    card.locator(".job-line > .menu-button").click()
    expect(menu).to_be_visible()
    return menu


def copy_link(beside: Locator, choice: str) -> None:
    """Copy the link to a result where it is offered, with the prompt or without."""
    beside.get_by_role("button", name="Copy link", exact=True).click()
    beside.get_by_role("group", name="Copy link").get_by_role("button", name=choice, exact=True).click()


_USUAL = {
    "viewport": {"width": 1280, "height": 720},
    "locale": "en-US",
    # What moves while a test waits costs a small machine two thirds of what the page does.
    "reduced_motion": "reduce",
}


@contextmanager
def visit(browser: Browser, url: str, **context: Any) -> Iterator[Visit]:
    """Open the page in a browser profile that knows nothing of any other visit."""
    tab = Tab.taken(browser, {**_USUAL, **context})
    try:
        visitor = Visit(tab.page, url)
        tab.opened()
        yield visitor
        assert not visitor.faults, visitor.faults
    except BaseException:
        tab.close()
        raise
    visitor.leave()
    tab.give_back(url)
