"""The main journey wherever a browser may show the page: over plain HTTP, in another site's frame, in a private
window, with storage or cookies forbidden, in a store that is full. A picture each time, paid once, and a sentence
where something can't be kept.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Frame, Locator, Page, expect

from seedream import texts
from tests.browser.visit import open_menu
from tests.chromium import chromium_of_a_visitor
from tests.controlled_api import ControlledApi
from tests.hosting import certificate, framing, proxy, serve_tls
from tests.servers import AppProcess, running_app

OWN = "own-41b6f0aa"
KOREAN = texts.locales()["ko"]
PROMPT = "two herons at dawn"
NOT_KEPT = "This browser lets the page keep nothing"
LOGIN = texts.text("login.no_cookies")
APART = "Opened in a tab of its own, this page may not know them."
A_SERIES = "/?sequential_image_generation=auto&max_images=2"
# Chromium's preferences, as a visitor sets them: all cookies and storage, and cookies in another site's frame.
FORBIDDEN = {"default_content_setting_values": {"cookies": 2}}
IN_FRAMES = {
    "kept": {"cookie_controls_mode": 0, "block_third_party_cookies": False},
    "refused": {"cookie_controls_mode": 1, "block_third_party_cookies": True},
}
# What the page finds there.
_FACTS = """async () => {
  const tried = async (act) => {
    try {
      return await act();
    } catch ({ name }) {
      return name;
    }
  };
  const keep = (kind) => tried(() => {
    window[kind].setItem("probe", "1");
    window[kind].removeItem("probe");
    return "kept";
  });
  return {
    secure: isSecureContext,
    randomUUID: "randomUUID" in crypto,
    clipboard: "clipboard" in navigator,
    framed: window !== top,
    localStorage: await keep("localStorage"),
    sessionStorage: await keep("sessionStorage"),
    locks: navigator.locks ? await tried(() => navigator.locks.request("probe", () => "granted")) : "none",
    cookies: await tried(() => {
      document.cookie = "probe=1; SameSite=None; Secure";
      document.cookie = "probe_here=1";
      return document.cookie.includes("probe") ? "kept" : "refused";
    }),
  };
}"""
_STORED = "Object.entries(localStorage).find(([name]) => name.startsWith('seedream.job.'))[1]"
# Ends with the error that says that nothing more goes in.
_FILL = """() => {
  for (let piece = "x".repeat(1 << 22), number = 0; ; number += 1) {
    try {
      localStorage.setItem(`other ${number}`, piece);
    } catch ({ name }) {
      if (!piece) return name;
      piece = piece.slice(0, piece.length / 2);
    }
  }
}"""
SECURE = {"secure": True, "randomUUID": True, "clipboard": True}
KEPT = {"localStorage": "kept", "sessionStorage": "kept", "locks": "granted"}
REFUSED = {"localStorage": "SecurityError", "sessionStorage": "SecurityError", "locks": "SecurityError"}


@pytest.fixture
def fresh(api: ControlledApi) -> Iterator[AppProcess]:
    """One for each context: how long jobs took in another one says when to ask about these."""
    with running_app(api.environment()) as started:
        yield started


@dataclass
class Place:
    """The page where it is shown: the whole of a tab, or a frame in it."""

    page: Page
    frame: Frame
    dialogs: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", self._agree)
        self.ready()

    def _agree(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.accept()

    def ready(self) -> None:
        expect(self.frame.locator("#generate")).to_be_visible()
        shown = self.frame.locator("#gallery .gallery-empty, #gallery .job").first
        expect(shown).to_be_attached()

    @contextmanager
    def loading_anew(self) -> Iterator[None]:
        """Wait for the page that comes after what is done."""
        self.frame.evaluate("window.before = true")
        yield
        self.frame.wait_for_function("!window.before")
        self.ready()

    def reload(self) -> None:
        with self.loading_anew():
            self.frame.evaluate("setTimeout(() => location.reload())")

    @property
    def cards(self) -> Locator:
        return self.frame.locator("#gallery .job")

    def button(self, name: str) -> Locator:
        return self.frame.get_by_role("button", name=name, exact=True)

    def press(self, prompt: str) -> None:
        self.frame.locator("#field-prompt textarea").fill(prompt)
        self.frame.locator("#generate").click()

    def is_at(self, status: str) -> None:
        expect(self.cards.first).to_have_attribute("data-status", status)

    def has_pictures(self, count: int = 2) -> None:
        """Check that the newest job's pictures are painted."""
        images = self.cards.first.locator(".tile img")
        expect(images).to_have_count(count)
        for image in images.all():
            image.scroll_into_view_if_needed()
            image.evaluate("image => image.decode()")

    def saved(self, press: Locator) -> bytes:
        with self.page.expect_download() as started:
            press.click()
        return started.value.path().read_bytes()


# --- the contexts

_USUAL: dict[str, Any] = {
    "locale": "en-US",
    "viewport": {"width": 1280, "height": 900},
    "reduced_motion": "reduce",
}
# Playwright's own way to say so lets no frame save a file.
_TRUST = "--ignore-certificate-errors"


@contextmanager
def alone(browser: Browser, folder: Path, url: str, *switches: str, **profile: Any) -> Iterator[Place]:
    """The page as the whole of a tab. `profile`: preferences of the profile."""
    with _profile(browser, folder, *switches, **profile) as context:
        page = context.new_page()
        page.goto(url)
        yield Place(page, page.main_frame)


@contextmanager
def framed(browser: Browser, folder: Path, url: str, **profile: Any) -> Iterator[Place]:
    """The page in a frame of another site, over TLS as on the Hub: cookies of frames need that."""
    tls = certificate(folder)
    with (
        serve_tls(proxy(url), tls) as inner,
        serve_tls(framing(inner + A_SERIES), tls) as site,
        _profile(browser, folder, _TRUST, **profile) as context,
    ):
        page = context.new_page()
        page.goto(site.replace("localhost", "127.0.0.1"))
        frame = next(each for each in page.frames if each.parent_frame)
        yield Place(page, frame)


@contextmanager
def _profile(browser: Browser, folder: Path, *switches: str, **profile: Any) -> Iterator[BrowserContext]:
    (folder / "Default").mkdir(exist_ok=True)
    (folder / "Default" / "Preferences").write_text(json.dumps({"profile": profile}))
    with chromium_of_a_visitor(browser, folder, *switches, **_USUAL) as context:
        yield context


def _facts(place: Place) -> dict[str, Any]:
    return dict(place.frame.evaluate(_FACTS))


# --- the journey


def _journey(place: Place, api: ControlledApi, *, kept: bool) -> None:
    """Make and keep pictures, load the page anew, change its language, pay by oneself, forget."""
    before = api.submitted()
    notice = place.frame.locator(".not-kept")
    expect(notice).to_contain_text(NOT_KEPT) if not kept else expect(notice).to_be_hidden()
    place.press(PROMPT)
    place.is_at("in_queue")
    _is_told_where_to_look(place)
    expect(place.cards.first.locator(".job-id")).to_be_visible(visible=not kept)
    api.draw()
    place.is_at("in_progress")
    api.finish()
    place.is_at("completed")
    place.has_pictures()
    _is_kept_by_hand(place)

    request_id = _request_id(place, api, before)
    place.reload()
    if kept:
        place.has_pictures()
    else:
        expect(place.cards).to_have_count(0)
        expect(notice).to_contain_text(NOT_KEPT)
        _open_by_id(place, request_id)
        place.has_pictures()

    _another_language_loses_nothing(place, api, before)
    _by_oneself(place, api, kept=kept)
    assert api.submitted() == before + 2
    assert place.faults == []


def _is_told_where_to_look(place: Place) -> None:
    """Check that a tab tells by its title where there are no notifications. A frame has none of either."""
    told = place.frame.locator(".notify")
    if place.frame.parent_frame:
        expect(told).to_have_count(0)
        return
    told.click()
    expect(told).to_contain_text("this tab's title will tell")


def _is_kept_by_hand(place: Place) -> None:
    """Save, look large and copy, as a visitor does with what has come."""
    card = place.cards.first
    original = place.saved(card.get_by_role("link", name="Save original 1"))
    assert original.startswith(b"\x89PNG")
    packed = place.saved(place.button("Download all (ZIP)"))
    with zipfile.ZipFile(BytesIO(packed)) as found:
        assert original in [found.read(name) for name in found.namelist()]
    card.locator(".tile-open").first.click()
    expect(place.frame.locator(".view-picture")).to_be_visible()
    place.button("Close").click()
    open_menu(card).get_by_role("button", name="Copy prompt").click()
    expect(card.locator(".job-line > .menu-button")).to_be_focused()
    prompt = place.frame.locator("#field-prompt textarea")
    prompt.fill("")
    prompt.press("ControlOrMeta+V")
    expect(prompt).to_have_value(PROMPT)


def _request_id(place: Place, api: ControlledApi, before: int) -> str:
    """Return the newest job's request ID, as the page showed it, or as it waits in the browser."""
    shown = place.cards.first.locator(".job-id code")
    if shown.is_visible():
        return shown.inner_text()
    stored = place.frame.evaluate(_STORED)
    return str(json.loads(stored)["record"]["request_id"])


def _open_by_id(place: Place, request_id: str, cards: int = 1) -> None:
    field = place.frame.get_by_role("textbox", name="Show a result by its request ID")
    field.fill(request_id)
    field.press("Enter")
    expect(place.cards).to_have_count(cards)


def _forget_all(place: Place) -> None:
    expect(place.frame.locator(".history-row")).to_have_count(2)
    place.button("Remove all").click()
    expect(place.cards).to_have_count(0)
    expect(place.frame.locator(".history-row")).to_have_count(0)
    assert len(place.dialogs) == 1


def _another_language_loses_nothing(place: Place, api: ControlledApi, before: int) -> None:
    prompt = place.frame.locator("#field-prompt textarea")
    prompt.fill("half a thought")
    for language, word in (("ko", KOREAN["form.generate"]), ("en", "Generate")):
        with place.loading_anew():
            place.frame.locator("#language-choice").select_option(language)
        # Where the form is kept, it is a series, which the button says.
        expect(place.frame.locator("#generate")).to_contain_text(word)
        expect(prompt).to_have_value("half a thought")
        place.has_pictures()
    assert api.submitted() == before + 1


def _by_oneself(place: Place, api: ControlledApi, *, kept: bool) -> None:
    """Pay with a token of one's own, in another language, too, and as long as the page says so."""
    account = place.frame.locator("#account")
    lasting = expect(account).not_to_contain_text if kept else expect(account).to_contain_text
    place.button("Use your own").click()
    lasting(NOT_KEPT)
    place.frame.get_by_label("Your own RunComfy token").fill(OWN)
    place.button("Use it").click()
    expect(account).to_contain_text("Your own token is in use")
    for language in ("ko", "en"):
        with place.loading_anew():
            place.frame.locator("#language-choice").select_option(language)
    place.press("on my account")
    place.is_at("in_queue")
    api.finish()
    # Where nothing is kept, the form began anew.
    place.has_pictures(2 if kept else 1)
    assert api.submissions[-1].headers["authorization"] == f"Bearer {OWN}"
    _forget_all(place)
    place.reload()
    expect(place.cards).to_have_count(0)
    expect(place.button("Stop using it" if kept else "Use your own")).to_be_visible()


# --- what they are, each by what the browser does there


def test_over_plain_http(browser: Browser, fresh: AppProcess, api: ControlledApi, tmp_path: Path) -> None:
    rule = f"--host-resolver-rules=MAP demo.test 127.0.0.1:{urlsplit(fresh.url).port}"
    with alone(browser, tmp_path, f"http://demo.test{A_SERIES}", rule) as place:
        assert place.page.url.startswith("http://demo.test/")
        facts = _facts(place)
        assert not facts.pop("framed")
        insecure = dict.fromkeys(SECURE, False)
        assert facts == {**insecure, **KEPT, "locks": "none", "cookies": "kept"}
        _journey(place, api, kept=True)


@pytest.mark.parametrize("cookies", IN_FRAMES)
def test_in_a_frame_whose_storage_is_its_own(
    browser: Browser, fresh: AppProcess, api: ControlledApi, tmp_path: Path, cookies: str
) -> None:
    with framed(browser, tmp_path, fresh.url, **IN_FRAMES[cookies]) as place:
        assert _facts(place) == {**SECURE, **KEPT, "framed": True, "cookies": cookies}
        own = place.page.context.new_page()
        own.goto(f"{place.frame.evaluate('location.origin')}/healthz")
        own.evaluate("localStorage.setItem('of the tab', 'x')")
        place.page.bring_to_front()
        assert place.frame.evaluate("localStorage.getItem('of the tab')") is None
        expect(place.frame.locator(".history")).to_contain_text(APART)
        _journey(place, api, kept=True)
        assert own.evaluate("Object.keys(localStorage)") == ["of the tab"]


def test_in_a_frame_that_may_store_nothing(
    browser: Browser, fresh: AppProcess, api: ControlledApi, tmp_path: Path
) -> None:
    with framed(browser, tmp_path, fresh.url, **FORBIDDEN) as place:
        assert _facts(place) == {**SECURE, **REFUSED, "framed": True, "cookies": "refused"}
        _journey(place, api, kept=False)


def test_with_storage_and_cookies_forbidden(
    browser: Browser, fresh: AppProcess, api: ControlledApi, tmp_path: Path
) -> None:
    with alone(browser, tmp_path, fresh.url + A_SERIES, **FORBIDDEN) as place:
        assert _facts(place) == {**SECURE, **REFUSED, "framed": False, "cookies": "refused"}
        _journey(place, api, kept=False)


def test_in_a_private_window(browser: Browser, fresh: AppProcess, api: ControlledApi, tmp_path: Path) -> None:
    with _profile(browser, tmp_path) as usual:
        assert usual.browser
        private = usual.browser.new_context(**_USUAL)
        windows = {"in a usual window": usual, "in a private window": private}
        for mark, window in windows.items():
            page = window.new_page()
            page.goto(fresh.url + A_SERIES)
            page.evaluate("mark => localStorage.setItem(mark, 'x')", mark)
        place = Place(page, page.main_frame)
        assert _facts(place) == {**SECURE, **KEPT, "framed": False, "cookies": "kept"}
        expect(place.frame.locator(".history")).to_contain_text("a private window forgets them when it is closed")
        _journey(place, api, kept=True)
        private.close()
    files = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()]
    assert [any(mark.encode() in each for each in files) for mark in windows] == [True, False]


def test_in_a_store_without_room(browser: Browser, fresh: AppProcess, api: ControlledApi, tmp_path: Path) -> None:
    """Other programs at the same address share it."""
    before = api.submitted()
    with alone(browser, tmp_path, fresh.url) as place:
        notice = place.frame.locator(".not-kept")
        place.press("kept before")
        place.is_at("in_queue")
        expect(notice).to_be_hidden()
        assert place.frame.evaluate(_FILL) == "QuotaExceededError"
        # What is there already is taken up again.
        place.reload()
        place.is_at("in_queue")
        place.press("too many")
        expect(place.cards).to_have_count(2)
        place.is_at("in_queue")
        expect(notice).to_contain_text("This browser has no room left for this page")
        request_id = place.cards.first.locator(".job-id code").inner_text()
        api.finish()
        place.has_pictures(1)
        place.reload()
        expect(place.cards).to_have_count(1)
        place.has_pictures(1)
        expect(place.frame.locator(".history-prompt")).to_have_text("kept before")
        _open_by_id(place, request_id, 2)
        place.has_pictures(1)
        assert place.faults == []
    assert api.submitted() == before + 2


def test_a_login_that_no_cookie_can_keep(browser: Browser, api: ControlledApi, tmp_path: Path) -> None:
    with running_app(api.environment(SEEDREAM_USER="ada", SEEDREAM_PASSWORD="lovelace")) as app:
        for cookies, profile in (("kept", {}), ("refused", FORBIDDEN)):
            folder = tmp_path / cookies
            folder.mkdir()
            with _profile(browser, folder, **profile) as context:
                page = context.new_page()
                page.goto(app.url)
                expect(page.locator("input[type=password]")).to_be_visible()
                assert page.evaluate(_FACTS)["cookies"] == cookies
                said = page.get_by_role("alert")
                expect(said).to_have_text("" if cookies == "kept" else LOGIN)
