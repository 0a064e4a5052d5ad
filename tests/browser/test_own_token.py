"""A visitor's own token: taken for this visit, used for everything that it pays for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, expect
from starlette.responses import JSONResponse

from tests.browser.test_accessibility import violations
from tests.browser.visit import visit
from tests.controlled_api import TOKEN, ControlledApi, controlled_api, wait_until
from tests.servers import AppProcess, Receive, Scope, Send, running_app

OWN = "own-5c02e7aa"
IN_USE = "Your own token is in use until you close this tab"
WRONG = "wrong-77d1"
REFUSED = "RunComfy did not accept the token: it is missing, wrong or expired. Nothing was charged."


pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture(autouse=True)
def _doorman(api: ControlledApi) -> Iterator[None]:
    """Let the API refuse the wrong token."""
    usual = api.interceptor.usual

    async def doorman(scope: Scope, receive: Receive, send: Send) -> None:
        refused = (b"authorization", f"Bearer {WRONG}".encode()) in scope.get("headers", [])
        answer = JSONResponse({"error_code": 400004, "error_message": f"bad token {WRONG}"}, 401)
        await (answer if refused else usual)(scope, receive, send)

    with api.interceptor.answered_by(doorman):
        yield


def test_a_wrong_token_gets_a_sentence_and_is_not_used(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.bring_token(WRONG)
        expect(visitor.page.locator("#account")).to_contain_text("RunComfy did not accept the token")
        expect(visitor.page.locator("#account")).not_to_contain_text(WRONG)
        visitor.page.get_by_role("button", name="Cancel").click()
        calls = len(api.recorder.calls)
        visitor.generate()
        visitor.pictures(1)
        assert set(api.bearers(calls)) == {TOKEN}
    assert "Traceback" not in app.output


def test_who_has_no_token_is_told_what_it_is_where_it_is_and_what_a_picture_costs(
    browser: Browser, app: AppProcess, sample_app: AppProcess
) -> None:
    with visit(browser, app.url) as visitor:
        page, field = visitor.page, visitor.page.get_by_label("Your own RunComfy token")
        expect(visitor.generate_button).to_have_accessible_name("Generate · $0.04")
        page.get_by_role("button", name="Use your own").click()
        dialog = page.get_by_role("dialog", name="Use your own RunComfy account")
        expect(dialog).to_contain_text("A token is a secret line of letters and digits")
        expect(dialog).to_contain_text("A picture costs $0.04 there, going by the list price.")
        links = dialog.get_by_role("link", name="Open your RunComfy profile")
        expect(links).to_have_attribute("href", "https://www.runcomfy.com/profile")
        expect(links).to_have_attribute("target", "_blank")
        expect(links).to_have_attribute("rel", re.compile("noopener"))
        use = dialog.get_by_role("button", name="Use it", exact=True)
        use.click()
        expect(dialog.get_by_role("alert")).to_have_text(
            "There is no token in the field yet. Paste yours, then press again."
        )
        expect(field).to_be_focused()
        assert violations(visitor) == []
        field.fill(WRONG)
        use.click()
        expect(dialog.get_by_role("alert")).to_contain_text("RunComfy did not accept the token")
        expect(links).to_have_count(2)
    # Samples have no price of RunComfy's.
    with visit(browser, sample_app.url) as visitor:
        visitor.page.get_by_role("button", name="Use your own RunComfy account").click()
        dialog = visitor.page.get_by_role("dialog", name="Use your own RunComfy account")
        expect(dialog).to_contain_text("What a picture costs then stands on the button, before you press it.")


def test_the_sentence_about_a_visitors_own_token_is_theirs(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.bring_token(WRONG)
        expect(visitor.page.locator("#account")).to_contain_text("RunComfy did not accept the token")
        expect(visitor.page.locator("#account")).not_to_contain_text("Whoever runs the page", timeout=1000)


def test_a_right_one_pays_and_reads_until_it_is_put_away(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.bring_token(OWN)
        expect(visitor.page.get_by_text(IN_USE)).to_be_visible()
        calls = len(api.recorder.calls)
        visitor.generate()
        visitor.pictures(1)
        assert set(api.bearers(calls)) == {OWN}
        visitor.page.get_by_role("button", name="Stop using it").click()
        expect(visitor.page.get_by_text("Your token is no longer in use.")).to_be_visible()
        calls = len(api.recorder.calls)
        # Another one: the same again so soon would be a double click.
        visitor.prompt.fill("on the house")
        visitor.generate()
        visitor.pictures(1)
        assert set(api.bearers(calls)) == {TOKEN}


def test_what_spends_is_off_as_long_as_the_account_is_empty(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    usual, balance, asked = api.interceptor.usual, 0.0, list[float]()

    async def telling(scope: Scope, receive: Receive, send: Send) -> None:
        told = JSONResponse({"balance_usd": balance, "currency": "USD"})
        if scope["path"] == "/balance":
            asked.append(balance)
        await (told if scope["path"] == "/balance" else usual)(scope, receive, send)

    with api.interceptor.answered_by(telling), visit(browser, app.url) as visitor:
        submitted = api.submitted()
        visitor.bring_token(OWN)
        expect(visitor.generate_button).to_have_accessible_name("Generate · once topped up")
        visitor.generate_button.press("Enter")
        expect(visitor.notice).to_contain_text("has nothing left, so nothing was sent")
        # At the start, and at the press.
        wait_until(lambda: asked == [0.0, 0.0])
        balance = 4.0
        # The same again so soon would be a double click.
        visitor.prompt.fill("with something left")
        visitor.generate_button.press("Enter")
        expect(visitor.generate_button).to_have_accessible_name("Generate · $0.04")
        expect(visitor.page.locator(".account-payer")).to_have_text("Your account · $4.00 left")
        assert api.submitted() == submitted
        visitor.prompt.fill("paid")
        visitor.generate()
        visitor.pictures(1)
        assert api.submitted() == submitted + 1


@pytest.mark.thorough
def test_it_pays_after_a_reload_and_a_restart_too(browser: Browser) -> None:
    # One that no other test has ever asked for anything.
    with ExitStack() as stack:
        api = stack.enter_context(controlled_api())
        stack.enter_context(api.hurrying())
        machine = stack.enter_context(running_app(api.environment(SEEDREAM_SECRET="the same before and after")))
        with visit(browser, machine.url) as visitor:
            visitor.bring_token(OWN)
            expect(visitor.page.get_by_text(IN_USE)).to_be_visible()
            visitor.prompt.fill("on my account")
            visitor.generate()
            visitor.pictures(1)
            # One that was pasted is known to its account alone.
            foreign = api.client(OWN).submit()
            calls = len(api.recorder.calls)
            machine.restart()
            visitor.page.reload()
            expect(visitor.page.get_by_text(IN_USE)).to_be_visible()
            visitor.prompt.fill("on my account again")
            visitor.generate()
            visitor.pictures(1)
            visitor.open_by_id(foreign)
            visitor.pictures(1)
            # What the owner's token is used for is the price that everybody is told.
            jobs = [
                call for call in api.recorder.calls[calls:] if call.method == "POST" or "/requests/" in call.path
            ]
            assert {call.headers["authorization"] for call in jobs} == {f"Bearer {OWN}"}
        with visit(browser, machine.url) as another:
            another.generate()
            another.pictures(1)
            assert api.recorder.submissions()[-1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.thorough
def test_where_it_can_not_be_opened_nobody_pays_for_it(browser: Browser, api: ControlledApi) -> None:
    with running_app(api.environment(SEEDREAM_SECRET="one")) as machine, visit(browser, machine.url) as visitor:
        visitor.bring_token(OWN)
        expect(visitor.page.get_by_text(IN_USE)).to_be_visible()
        visitor.prompt.fill("on my account")
        visitor.generate()
        visitor.pictures(1)
        # The next process can't open what this one has sealed, as a replica with another secret could not.
        machine.restart(SEEDREAM_SECRET="another")
        submitted = api.submitted()
        visitor.prompt.fill("who pays for this?")
        visitor.generate_button.click()
        expect(visitor.notice).to_contain_text("which this page no longer has, so nothing was sent")
        assert api.submitted() == submitted
        expect(visitor.page.get_by_text(IN_USE)).to_have_count(0)
        expect(visitor.prompt).to_have_value("who pays for this?")

        # What it made before asks for it, and goes on by itself when it is there again.
        visitor.page.reload()
        visitor.act(visitor.page.locator(".history-row", has_text="on my account"), "Show")
        expect(visitor.card).to_contain_text("This job was made with a token of your own")
        assert OWN not in api.bearers(len(api.recorder.calls) - 1)
        visitor.bring_token(OWN)
        visitor.pictures(1)


def test_a_job_of_another_account_is_not_shown(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        visitor.open_by_id(api.client("somebody-else").submit())
        visitor.wait_for("error")
        expect(visitor.card).to_contain_text("This job belongs to another RunComfy account")


def test_a_scripts_header_wins_over_the_owners(app: AppProcess, api: ControlledApi) -> None:
    calls = len(api.recorder.calls)
    script = Client(app.url, headers={"X-RunComfy-Token": OWN}, verbose=False)
    gallery, record = script.predict(prompt="a red fox", api_name="/generate")
    assert len(gallery) == 1
    assert set(api.bearers(calls)) == {OWN}
    again, _ = script.predict(record["request_id"], api_name="/resume")
    assert len(again) == 1
    assert script.predict(record["request_id"], api_name="/cancel")["status"] == "completed"
    assert set(api.bearers(calls)) == {OWN}
    with pytest.raises(AppError, match="belongs to another RunComfy account"):
        Client(app.url, verbose=False).predict(record["request_id"], api_name="/resume")


def test_a_wrong_header_gets_a_sentence(app: AppProcess, api: ControlledApi) -> None:
    calls = len(api.recorder.calls)
    script = Client(app.url, headers={"X-RunComfy-Token": WRONG}, verbose=False)
    with pytest.raises(AppError) as raised:
        script.predict(prompt="a red fox", api_name="/generate")
    assert REFUSED in str(raised.value)
    assert "[token_refused]" in str(raised.value)
    # The service repeats it; an owner's would be read by every visitor.
    assert WRONG not in str(raised.value)
    assert set(api.bearers(calls)) == {WRONG}
