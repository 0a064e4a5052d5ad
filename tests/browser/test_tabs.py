"""A tab that is used again is as good as new."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visit import visit
from tests.servers import AppProcess

pytestmark = pytest.mark.thorough

_PLANT = """async () => {
  localStorage.planted = sessionStorage.planted = document.cookie = "planted=1";
  await caches.open("planted");
  await new Promise((resolve, reject) => {
    const opening = indexedDB.open("planted");
    opening.onupgradeneeded = () => opening.result.createObjectStore("things");
    opening.onsuccess = () => { opening.result.close(); resolve(); };
    opening.onerror = reject;
  });
  history.pushState({}, "");
  window.name = "planted";
}"""
_FOUND = """async () => ({
  local: localStorage.planted, session: sessionStorage.planted, cookies: document.cookie,
  caches: await caches.keys(), databases: (await indexedDB.databases()).map(({name}) => name),
  history: history.length, name: window.name, hovered: document.querySelectorAll("#form :hover").length,
})"""


def test_the_next_visitor_finds_nothing_of_the_last(browser: Browser, app: AppProcess) -> None:
    wide = {"viewport": {"width": 1111, "height": 700}}
    with visit(browser, app.url, **wide) as visitor:
        first = visitor.page
        new = first.evaluate(_FOUND)
        first.evaluate(_PLANT)
        assert first.evaluate(_FOUND) != new
        visitor.prompt.fill("half a thought")
        visitor.generate_button.hover()
        first.set_viewport_size({"width": 500, "height": 500})
    with visit(browser, app.url, **wide) as visitor:
        assert visitor.page is first
        assert visitor.page.evaluate(_FOUND) == new
        assert visitor.prompt.input_value() != "half a thought"
        assert visitor.page.evaluate("[innerWidth, innerHeight]") == [1111, 700]


def test_a_tab_that_a_test_listens_to_is_not_used_again(browser: Browser, app: AppProcess) -> None:
    narrow = {"viewport": {"width": 777, "height": 700}}
    spoiling: list[Callable[[Page], object]] = [
        lambda page: page.on("dialog", lambda dialog: dialog.accept()),
        lambda page: page.route("**/nowhere", lambda route: route.abort()),
        lambda page: page.context.new_page(),
        # Without a window nobody can say yes.
        lambda page: page.evaluate("Notification.requestPermission()"),
    ]
    for spoil in spoiling:
        with visit(browser, app.url, **narrow) as visitor:
            first = visitor.page
            spoil(first)
        assert first.is_closed()
