"""A series of which one picture is none, and another is on its way: told, and told before it is saved."""

from __future__ import annotations

import asyncio
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import visit
from tests.controlled_api import PATIENCE, ControlledApi, tiny_picture
from tests.servers import AppProcess, Receive, Scope, Send

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("no_waiting")]


@contextmanager
def second_damaged_third_late(api: ControlledApi) -> Iterator[threading.Event]:
    """Yield what lets the third file of each job go on its way."""
    go, usual = threading.Event(), api.interceptor.usual

    def paint(prompt: str, number: int, of: int, size: tuple[int, int], format: str, /) -> bytes:
        return b"<h1>Sign in</h1>" if number == 2 else tiny_picture(prompt, number, of, size, format)

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        if "/3.png" in scope["path"]:
            await asyncio.to_thread(go.wait, PATIENCE)
        await usual(scope, receive, send)

    painter, api.painter = api.painter, paint
    try:
        with api.interceptor.answered_by(late):
            yield go
    finally:
        go.set()
        api.painter = painter


def test_what_is_missing_is_told_and_told_before_it_is_saved(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor, second_damaged_third_late(api) as go:
        visitor.prompt.fill("four scenes")
        visitor.series(4)
        visitor.generate()
        card = visitor.card
        lacks = card.locator(".job-actions .more-note[role=status]")
        expect(lacks).to_have_text(
            "What is saved of the whole series now lacks: 2 (could not be brought here), 3 (still on the way)."
        )
        expect(card.locator(".job-words")).to_have_text("Done. Fetching it now.")
        save = card.get_by_role("button", name="Download all")
        assert _manifest(visitor.download(save)[1]) == [
            {"number": 2, "error": "file_not_a_picture"},
            {"number": 3, "on_the_way": True},
        ]
        # Where it still is, and what it is called there.
        broken = card.locator(".tile-error")
        link = broken.get_by_role("link", name="Open it at RunComfy")
        assert str(link.get_attribute("href")).startswith(f"{api.url}/files/")
        expect(card.locator(".job-id")).to_contain_text("Request ID")

        go.set()
        expect(card.locator(".job-words")).to_have_text(
            "3 of 4 pictures are here. Where one is missing, it says why."
        )
        expect(lacks).to_have_text("What is saved of the whole series now lacks: 2 (could not be brought here).")
        assert _manifest(visitor.download(save)[1]) == [{"number": 2, "error": "file_not_a_picture"}]


def test_the_day_in_a_name_is_the_visitors(browser: Browser, app: AppProcess) -> None:
    names = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        with visit(browser, app.url, timezone_id=zone) as visitor:
            visitor.generate()
            visitor.pictures(1)
            names.append(visitor.download(visitor.card.get_by_role("link", name="Save original 1"))[0])
            assert names[-1][:10] == visitor.page.evaluate("new Date().toLocaleDateString('sv')")
    # They are 25 hours apart.
    assert names[0] != names[1]


def _manifest(packed: bytes) -> object:
    with zipfile.ZipFile(BytesIO(packed)) as files:
        return json.loads(files.read("manifest.json"))["lacks"]
