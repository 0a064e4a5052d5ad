"""A visitor's hands and eyes, over WebDriver."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from selenium.common import TimeoutException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.engines.engine import Engine

PATIENCE = 30.0
_AGAIN_AFTER = 0.05
# Where to look for what has a role: WebDriver finds by selectors alone.
_TAGS = {
    "article": "article",
    "button": "button",
    "checkbox": "[role=checkbox]",
    "combobox": "input, select",
    "dialog": "dialog",
    "image": "img",
    "link": "a[href]",
    "option": "[role=option]",
    "radio": "input[type=radio]",
    "searchbox": "input[type=search]",
    "spinbutton": "input[type=number]",
    "textbox": "textarea",
}
_SHOWN = """
return [...(arguments[1] ?? document).querySelectorAll(arguments[0])].filter((each) => each.checkVisibility());
"""
_SCROLL = "arguments[0].scrollIntoView({ block: 'nearest', behavior: 'instant' })"
_FORGET = """
localStorage.clear();
sessionStorage.clear();
indexedDB.deleteDatabase("seedream.thumbnails");
"""
_LISTEN = """
window.faults = [];
addEventListener("error", (event) => faults.push(event.message));
addEventListener("unhandledrejection", (event) => faults.push(String(event.reason)));
"""

Found = TypeVar("Found")


class Visitor:
    """One open page, in a browser that remembers no earlier visit."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.driver, self._downloads, self._url = engine.driver, engine.downloads, url
        # The lightest page of the same origin: there, what an earlier visit left can be forgotten.
        self.driver.get(f"{url}/healthz")
        self.driver.execute_script(_FORGET)
        for file in self._downloads.iterdir():
            file.unlink()
        self.driver.get(url)
        self._begin()

    def reload(self) -> None:
        self.is_faultless()
        self.driver.refresh()
        self._begin()

    def come_again(self) -> None:
        """Leave, and open the page in a tab that is new: it has none of the cards."""
        self.is_faultless()
        self.driver.get(f"{self._url}/healthz")
        self.driver.execute_script("sessionStorage.clear()")
        self.driver.get(self._url)
        self._begin()

    def is_faultless(self) -> None:
        """See that the page's scripts have thrown nothing that nobody caught, since the page was loaded."""
        faults = self.driver.execute_script("return window.faults ?? []")
        assert not faults, faults

    def until(self, what: str, holds: Callable[[], Found | None]) -> Found:
        """Wait until something is there, and return it."""
        # What leaves the page meanwhile has no name and can't be pressed; each engine says so in its own way.
        wait = WebDriverWait(self.driver, PATIENCE, _AGAIN_AFTER, [WebDriverException])
        try:
            return wait.until(lambda _: holds() or False)
        except TimeoutException:
            page = says(self.driver.find_element(By.TAG_NAME, "body"))
            raise AssertionError(f"{what}; the page says:\n{page}") from None

    def all(self, role: str, name: str = "", within: WebElement | None = None) -> list[WebElement]:
        """Return the elements on show that have this role, and this in their name."""
        shown: list[WebElement] = self.driver.execute_script(_SHOWN, _TAGS[role], within)
        return [each for each in shown if name in each.accessible_name]

    def find(self, role: str, name: str = "", within: WebElement | None = None) -> WebElement:
        """Wait for the first such element."""
        return self.until(f"there is no {role} {name!r}", lambda: next(iter(self.all(role, name, within)), None))

    def press(self, role: str, name: str) -> None:
        self._do(role, name, lambda target: target.click())

    def write(self, role: str, name: str, text: str) -> None:
        """Put a text in the place of what a field holds."""

        def written(field: WebElement) -> None:
            field.clear()
            field.send_keys(text)

        self._do(role, name, written)

    def holds(self, role: str, name: str, text: str) -> None:
        """Wait until a field holds this text."""
        self.until(
            f"no {role} {name!r} holds {text!r}",
            lambda: any(field.get_property("value") == text for field in self.all(role, name)),
        )

    def choose(self, name: str, option: str) -> None:
        """Choose in a list of the browser's own."""
        self._do("combobox", name, lambda _: self.driver.find_element(By.XPATH, f"//option[.='{option}']").click())

    def type(self, key: str) -> None:
        self.focused.send_keys(key)

    @property
    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    @property
    def card(self) -> WebElement:
        """The newest job's card."""
        return self.find("article")

    def card_says(self, *texts: str) -> None:
        """Wait until the newest job's card reads so."""
        self.until(f"the card does not say {texts}", lambda: all(text in says(self.card) for text in texts))

    def pictures(self, count: int) -> list[str]:
        """Wait until so many pictures are painted on the newest card, and return their names in order."""

        def painted() -> list[str] | None:
            images = self.all("image", "Picture ", self.card)
            done = len(images) == count and all(image.get_property("naturalWidth") for image in images)
            return [image.accessible_name for image in images] if done else None

        return self.until(f"there are not {count} pictures", painted)

    def saved(self, ending: str) -> bytes:
        """Wait until a file is saved under a name that ends so, and return what is in it."""

        def whole() -> bytes | None:
            # Until the file is whole, Firefox keeps an empty one in its place.
            return next(filter(None, (file.read_bytes() for file in self._downloads.glob(f"*{ending}"))), None)

        return self.until(f"nothing is saved as …{ending}", whole)

    def _begin(self) -> None:
        self.driver.execute_script(_LISTEN)
        self.find("button")

    def _do(self, role: str, name: str, do: Callable[[WebElement], object]) -> None:
        """Do it with the first such element, once that can be done."""

        def done() -> bool:
            found = self.all(role, name)[:1]
            for each in found:
                # WebKit's driver refuses what is out of sight, where others scroll to it.
                self.driver.execute_script(_SCROLL, each)
                do(each)
            return bool(found)

        self.until(f"no {role} {name!r} can be used", done)


def says(element: WebElement) -> str:
    """Return an element's text as it is rendered; WebKit's driver leaves out what an ellipsis might cut."""
    return str(element.get_property("innerText"))
