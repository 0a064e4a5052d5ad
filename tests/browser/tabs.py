"""Browser tabs that are used again: most of what a visit costs is to compile what the tab has compiled already.

A tab is given back as new: whatever a page can keep in it is deleted. Where a test leaves handlers on it, another
beside it or another site in its history, it is closed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Frame

# Windows that stand open for their next visitor, the one that was used last at the end.
_MOST = 6
_waiting: list[Tab] = []
_EVENTS = (
    "console",
    "dialog",
    "download",
    "framenavigated",
    "pageerror",
    "request",
    "requestfailed",
    "response",
)
_PERMISSION = "Notification.permission"


class Tab:
    """A window of a browser profile of its own.

    Args:
        options: of the profile, as Playwright's `new_context` takes them.
    """

    def __init__(self, browser: Browser, options: dict[str, Any]) -> None:
        self.made_of = (browser, options)
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self._devtools = self.context.new_cdp_session(self.page)
        self._origins: set[str] = set()
        self.page.on("framenavigated", self._note)
        self._handlers = self._handlers_now()

    @classmethod
    def taken(cls, browser: Browser, options: dict[str, Any]) -> Tab:
        """Return one that waits, or a new one."""
        for tab in reversed(_waiting):
            if tab.made_of == (browser, options):
                _waiting.remove(tab)
                return tab
        return cls(browser, options)

    def _note(self, frame: Frame) -> None:
        if not frame.parent_frame:
            self._origins.add(_origin(frame.url))

    def opened(self) -> None:
        """Note how things stand when the page has come."""
        self._permission = self.page.evaluate(_PERMISSION)

    def give_back(self, url: str) -> None:
        """Let the next visitor have it; `url` is of what was visited."""
        # A server that was ended has no page to leave for.
        try:
            reusable = self._is_as_it_was()
            if reusable:
                self._forget(url)
        except Error:
            reusable = False
        if not reusable:
            self.close()
            return
        _waiting.append(self)
        if len(_waiting) > _MOST:
            _waiting.pop(0).close()

    def close(self) -> None:
        self.context.close()

    def _is_as_it_was(self) -> bool:
        elsewhere = len(self._origins) > 1 or len(self.context.pages) > 1
        if elsewhere or self._handlers_now() != self._handlers:
            return False
        # What the visitor was asked, and answered, can't be taken back.
        return bool(self.page.evaluate(_PERMISSION) == self._permission)

    def _handlers_now(self) -> Counter[str]:
        # Playwright says nowhere else what listens.
        page: Any = self.page._impl_obj
        listening = {event: len(page.listeners(event)) for event in _EVENTS}
        return Counter({**listening, "routes": len(page._routes)})

    def _forget(self, url: str) -> None:
        """Delete what pages kept; from a page of the same origin, as the one that leaves writes its last word."""
        origin = _origin(url)
        self.page.goto(f"{origin}/healthz")
        self.page.evaluate("() => { sessionStorage.clear(); window.name = ''; }")
        self._devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self._devtools.send("Page.resetNavigationHistory")
        self._origins.clear()
        self.context.clear_cookies()
        _, options = self.made_of
        self.page.set_viewport_size(options["viewport"])
        if not options.get("has_touch"):
            self.page.mouse.move(0, 0)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
