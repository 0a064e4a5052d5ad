"""A page without an owner's token: samples, and real pictures for a visitor who brings a token of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO

import pytest
import requests
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Browser, Locator, expect
from starlette.responses import JSONResponse

from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi, controlled_api
from tests.servers import AppProcess, Receive, Scope, Send, running_app

OWN = "own-1b77c0de"


@pytest.fixture(scope="module")
def there() -> Iterator[ControlledApi]:
    """Another server of the protocol, which this token alone opens. Its jobs wait for nothing."""
    with controlled_api() as api, api.hurrying():
        usual = api.interceptor.usual

        async def doorman(scope: Scope, receive: Receive, send: Send) -> None:
            refused = "/v1/" in scope.get("path", "") and (
                (b"authorization", f"Bearer {OWN}".encode()) not in scope["headers"]
            )
            answer = JSONResponse({"error_code": 400004, "error_message": "no such token"}, 401)
            await (answer if refused else usual)(scope, receive, send)

        with api.interceptor.answered_by(doorman):
            yield api


@pytest.fixture(scope="module")
def demo(there: ControlledApi) -> Iterator[AppProcess]:
    with running_app({"RUNCOMFY_BASE_URL": there.url}) as app:
        yield app


@pytest.mark.thorough
def test_a_visitors_own_token_makes_real_pictures_and_everybody_else_gets_samples(
    browser: Browser, demo: AppProcess, there: ControlledApi
) -> None:
    with visit(browser, demo.url) as visitor:
        page, banner = visitor.page, visitor.page.locator("#banner")
        expect(banner).to_be_visible()
        sample = _made(visitor, "a sample")
        _is_sample(sample)
        assert there.recorder.calls == []

        visitor.bring_token("wrong")
        expect(page.get_by_role("alert").filter(has_text="RunComfy did not accept the token")).to_be_visible()
        expect(banner).to_be_visible()
        page.get_by_label("Your own RunComfy token").fill(OWN)
        page.keyboard.press("Enter")
        expect(banner).to_be_hidden()
        expect(page.locator(".account-payer")).to_have_text("Your account · $4.12 left")
        expect(visitor.generate_button).to_have_accessible_name("Generate · $0.04")
        real = _made(visitor, "a real one")
        _is_real(real)
        expect(page.locator(".visit-cost")).to_have_text("This visit: $0.04")
        assert there.submissions[-1].json["prompt"] == "a real one"
        with visit(browser, demo.url) as another:
            expect(another.page.locator("#banner")).to_be_visible()
            expect(another.page.locator(".account-payer")).to_have_text("Samples are free")

        # Each is what it was after a reload, too, and opened at whom it was made by.
        page.reload()
        expect(banner).to_be_hidden()
        _is_real(_card(visitor, "a real one"))
        _is_sample(_card(visitor, "a sample"))
        assert _says_sample(demo, _card(visitor, "a sample"))
        assert not _says_sample(demo, _card(visitor, "a real one"))
        expect(page.locator(".visit-cost")).to_have_text("This visit: $0.04")

        # A sample that a real picture starts from is sent along: RunComfy can't fetch it from here.
        _card(visitor, "a sample").get_by_role("button", name="Change this…").click()
        changed = _made(visitor, "in oil")
        _is_real(changed)
        assert there.submissions[-1].json["image"][0].startswith("data:image/")

        page.get_by_role("button", name="Stop using it").click()
        expect(banner).to_be_visible()
        expect(page.locator(".account-payer")).to_have_text("Samples are free")
        expect(visitor.generate_button).to_have_accessible_name("Generate")
        _is_real(changed)
        _is_sample(_made(visitor, "a sample again"))
    assert [call.json["prompt"] for call in there.submissions] == ["a real one", "in oil"]


@pytest.mark.thorough
def test_a_script_with_a_token_gets_real_pictures_too(demo: AppProcess, there: ControlledApi) -> None:
    own = Client(demo.url, headers={"X-RunComfy-Token": OWN}, verbose=False)
    samples = Client(demo.url, verbose=False)
    _, real = own.predict(prompt="by a script", api_name="/generate")
    assert there.submissions[-1].json["prompt"] == "by a script"
    assert real["outputs"][0]["url"].startswith(there.url)
    calls = len(there.recorder.calls)
    _, sample = samples.predict(prompt="by another", api_name="/generate")
    assert len(there.recorder.calls) == calls
    assert own.predict(real["request_id"], api_name="/resume")[1]["status"] == "completed"
    assert own.predict(real["request_id"], api_name="/cancel")["status"] == "completed"
    for script, record in ((own, sample), (samples, real)):
        with pytest.raises(AppError, match="no such job"):
            script.predict(record["request_id"], api_name="/resume")


def test_where_the_owner_wants_none_no_token_is_asked_for_or_taken(browser: Browser, there: ControlledApi) -> None:
    calls = len(there.recorder.calls)
    with running_app({"RUNCOMFY_BASE_URL": there.url, "SEEDREAM_OWN_TOKENS": "off"}) as app:
        with visit(browser, app.url) as visitor:
            expect(visitor.page.locator(".account-payer")).to_have_text("Samples are free")
            expect(visitor.page.get_by_role("button", name="Use your own RunComfy account")).to_have_count(0)
        with pytest.raises(AppError, match="takes no RunComfy tokens"):
            Client(app.url, headers={"X-RunComfy-Token": OWN}, verbose=False).predict("x", api_name="/generate")
    assert len(there.recorder.calls) == calls


def _made(visitor: Visit, prompt: str) -> Locator:
    visitor.prompt.fill(prompt)
    visitor.generate()
    visitor.pictures(1)
    return _card(visitor, prompt)


def _card(visitor: Visit, prompt: str) -> Locator:
    words = visitor.page.locator(".job-prompt").get_by_text(prompt, exact=True)
    card = visitor.cards.filter(has=words)
    visitor.pictures(1, card)
    return card


def _says_sample(demo: AppProcess, card: Locator) -> bool:
    """Tell whether a copy of the card's picture with its settings inside says that it is a sample."""
    original = card.get_by_role("link", name="Save original 1").get_attribute("href") or ""
    settings = json.dumps({"request": {"prompt": "x"}, "request_id": "y"})
    copy = f"{demo.url}/{original.replace('original', 'copy')}"
    answer = requests.post(copy, data={"settings": settings}, timeout=30)
    return "Sample: " in str(Image.open(BytesIO(answer.content)).info["parameters"])


def _is_sample(card: Locator) -> None:
    expect(card.locator("figcaption")).to_have_text(re.compile("^Sample · "))
    expect(card.locator(".job-cost")).to_have_text("Free sample")


def _is_real(card: Locator) -> None:
    expect(card.locator("figcaption")).not_to_contain_text("Sample")
    expect(card.locator(".job-cost")).to_have_text("Cost: $0.04")
