"""The ways to use the page: by mouse, by the keyboard alone, by finger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import pytest
from playwright.sync_api import Locator, Page, expect

MOST_STEPS = 200
_FOLLOWS = """(target) => {
  const here = document.activeElement;
  const follows = here.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING;
  return here === document.body || Boolean(follows);
}"""


class Hand(Protocol):
    """A way to use the page."""

    context: ClassVar[dict[str, Any]]
    """What the browser is told about the device."""

    def press(self, target: Locator) -> None:
        """Press a button, a link, a tile."""

    def write(self, target: Locator, text: str) -> None:
        """Put a text in the place of what a field holds."""

    def pick(self, target: Locator, down: int) -> None:
        """Choose in a list, so many places below what is chosen there."""

    def mark(self, target: Locator) -> None:
        """Choose a radio button."""


@dataclass
class Mouse:
    page: Page
    context: ClassVar[dict[str, Any]] = {"viewport": {"width": 1280, "height": 720}}

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.click(click_count=3)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def pick(self, target: Locator, down: int) -> None:
        # The last list takes a moment to fade.
        expect(self.page.locator("#form [role=listbox]")).to_have_count(0)
        self.press(target)
        options = self.page.locator("#form [role=option]")
        chosen = options.evaluate_all("all => all.findIndex((each) => each.ariaSelected === 'true')")
        self.press(options.nth(chosen + down))

    def mark(self, target: Locator) -> None:
        self.press(target.locator("xpath=.."))


@dataclass
class Finger(Mouse):
    context: ClassVar[dict[str, Any]] = {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
    }

    def press(self, target: Locator) -> None:
        target.tap()

    def write(self, target: Locator, text: str) -> None:
        target.tap()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)


@dataclass
class Keys:
    """The keyboard alone: what the Tab key does not reach can't be pressed."""

    page: Page
    context: ClassVar[dict[str, Any]] = {"viewport": {"width": 1280, "height": 720}}

    def reach(self, target: Locator) -> None:
        key = "Tab" if target.evaluate(_FOLLOWS) else "Shift+Tab"
        for _ in range(MOST_STEPS):
            if target.evaluate("target => target === document.activeElement"):
                # Where the focus is can be seen.
                expect(target).to_be_in_viewport()
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"the Tab key does not reach {target}")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self.reach(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def pick(self, target: Locator, down: int) -> None:
        self.press(target)
        for _ in range(abs(down)):
            self.page.keyboard.press("ArrowDown" if down > 0 else "ArrowUp")
        self.page.keyboard.press("Enter")

    def mark(self, target: Locator) -> None:
        name = target.get_attribute("name")
        group = self.page.locator(f"input[name='{name}']")
        self.reach(group.and_(self.page.locator(":checked")))
        for _ in range(group.count()):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowRight")
        raise AssertionError(f"no arrow reaches {target}")


_HANDS: list[type[Mouse | Keys]] = [Mouse, Keys, Finger]
every_hand = pytest.mark.parametrize("kind", _HANDS, ids=["mouse", "keyboard", "finger"])
