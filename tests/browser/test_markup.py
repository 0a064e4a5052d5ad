"""Foreign text is text: whatever a prompt, an answer or a file name holds, nothing of it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Request, Route, expect
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as Path

from seedream.offline import serve
from tests.browser.visit import Visit, visit
from tests.controlled_api import TOKEN
from tests.servers import AppProcess, running_app

pytestmark = pytest.mark.thorough

HOSTILE = (
    '<img src=x onerror="window.__xss=1"><script>window.__xss=1</script>'
    "${window.__xss=1}{{constructor.constructor('window.__xss=1')()}}<svg/onload=window.__xss=1>"
)
# The same without spaces and backslashes, which no URL that is fetched may hold.
HOSTILE_NAME = (
    "<img/src=x/onerror=window.__xss=1><script>window.__xss=1</script>${window.__xss=1}{{constructor}}.png"
)


class Liar:
    """An API that answers what it is told to, under the request ID `liar-<n>`."""

    def __init__(self) -> None:
        self.submission: dict[str, Any] = {}
        self.submission_status = 200
        self.status: dict[str, Any] = {}
        self.result: dict[str, Any] = {}
        self.asked = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Path("/v1/models/{model:path}", self._submit, methods=["POST"]),
                Path("/v1/requests/{name}/status", lambda _: JSONResponse(self.status)),
                Path("/v1/requests/{name}/result", lambda _: JSONResponse(self.result)),
                Path("/files/{name:path}", self._file),
            ]
        )

    def tells(self, submission: dict[str, Any] | None = None, http_status: int = 200, **result: Any) -> None:
        self.asked += 1
        self.submission = submission or {"request_id": f"liar-{self.asked}"}
        self.submission_status = http_status
        self.result = self.status = {"status": "completed", **result}

    def _submit(self, _: Asked) -> Response:
        return JSONResponse(self.submission, self.submission_status)

    def _file(self, request: Asked) -> Response:
        file = BytesIO()
        Image.new("RGB", (64, 48)).save(file, "PNG")
        picture = "broken" not in request.url.path
        return Response(file.getvalue() if picture else f"<html>{HOSTILE}</html>", media_type="image/png")


@pytest.fixture(scope="module")
def liar() -> Liar:
    return Liar()


@pytest.fixture(scope="module")
def url(liar: Liar) -> Iterator[str]:
    with serve(liar.app()) as service:
        yield service.url


@pytest.fixture(scope="module")
def app(url: str) -> Iterator[AppProcess]:
    with running_app({"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": url}) as started:
        yield started


@contextmanager
def careful(browser: Browser, app: AppProcess) -> Iterator[Visit]:
    """Open the page, and see to it that nothing foreign runs, also after a reload and out of the history."""
    strayed: list[str] = []

    def look(request: Request) -> None:
        path = urlsplit(request.url).path
        if path.endswith("/x") or "onerror" in path:
            strayed.append(request.url)

    with visit(browser, app.url) as visitor:
        visitor.page.on("request", look)
        yield visitor
        _nothing_ran(visitor)
        visitor.page.reload()
        expect(visitor.rows).not_to_have_count(0)
        menu = visitor.rows.first.locator(".menu-button")
        # A page that only shows what somebody has shared has none.
        if menu.is_visible():
            menu.click()
            show = visitor.rows.first.get_by_role("button", name="Show")
            if show.count():
                show.click()
        expect(visitor.card.locator(".job-bar")).to_be_hidden()
        _nothing_ran(visitor)
        assert strayed == []


def test_a_prompt(browser: Browser, app: AppProcess, liar: Liar, url: str) -> None:
    with careful(browser, app) as visitor:
        liar.tells(output={"images": [f"{url}/files/1.png", f"{url}/files/2.png"]})
        _ask(visitor, HOSTILE)
        pictures = visitor.pictures(2)
        assert [picture.get_attribute("alt") for picture in pictures] == [
            f"Picture {number} of 2: {HOSTILE[:60]}…" for number in (1, 2)
        ]
        expect(visitor.card.locator(".job-prompt")).to_have_text(HOSTILE)
        expect(visitor.rows.first.locator(".history-prompt")).to_have_text(HOSTILE)
        name = visitor.card.get_by_role("link", name="Save original 1").get_attribute("download") or ""
        assert not set(name) & set("<>\"'/\\${}")
        visitor.act(visitor.rows.first, "Use these settings")
        expect(visitor.prompt).to_have_value(HOSTILE)


def test_a_submissions_error(browser: Browser, app: AppProcess, liar: Liar) -> None:
    told: list[tuple[dict[str, Any], int]] = [
        ({"error_code": 400002, "error_message": HOSTILE}, 402),
        ({"error_code": HOSTILE, "error_message": HOSTILE}, 200),
        ({"detail": [{"loc": ["body", HOSTILE], "msg": HOSTILE}]}, 422),
        ({"error_message": HOSTILE}, 500),
    ]
    with careful(browser, app) as visitor:
        for submission, status in told:
            liar.tells(submission, status)
            _ask(visitor, f"a heron, {status}")
            visitor.wait_for("error")
            expect(visitor.card).to_contain_text(HOSTILE)


def test_a_failed_jobs_reason(browser: Browser, app: AppProcess, liar: Liar) -> None:
    with careful(browser, app) as visitor:
        liar.tells(status="failed", error=HOSTILE)
        _ask(visitor)
        visitor.wait_for("error")
        expect(visitor.card).to_contain_text(f"RunComfy said: {HOSTILE}")


def test_names_of_states_times_and_costs(browser: Browser, app: AppProcess, liar: Liar, url: str) -> None:
    with careful(browser, app) as visitor:
        odd: dict[str, Any] = {
            "queue_position": HOSTILE,
            "cost": HOSTILE,
            "created_at": HOSTILE,
            "finished_at": HOSTILE,
        }
        liar.tells(**{**odd, "status": HOSTILE})
        _ask(visitor)
        visitor.wait_for("in_progress")
        _nothing_ran(visitor)
        liar.result = {**odd, "status": "completed", "output": {"image": f"{url}/files/1.png"}}
        visitor.pictures(1)
        expect(visitor.card).to_contain_text("Cost: RunComfy did not say")


def test_a_request_id(browser: Browser, app: AppProcess, liar: Liar) -> None:
    with careful(browser, app) as visitor:
        liar.tells({"request_id": HOSTILE})
        _ask(visitor)
        expect(visitor.card).to_contain_text("never heard back")
        visitor.open_by_id(HOSTILE)
        expect(visitor.page.locator(".history-open [role=alert]")).to_contain_text(
            "does not look like a request ID"
        )
        visitor.page.goto(f"{app.url}/?{urlencode({'request_id': HOSTILE})}")
        # Whoever follows a link has typed no ID.
        expect(visitor.card).to_contain_text("These pictures can't be found any more")
        expect(visitor.card.locator("code")).to_have_text(HOSTILE)


def test_names_of_files(browser: Browser, app: AppProcess, liar: Liar, url: str) -> None:
    with careful(browser, app) as visitor:
        names = [HOSTILE_NAME, "broken.png", HOSTILE, f"broken/{HOSTILE_NAME}"]
        liar.tells(output={"images": [f"{url}/files/{name}" for name in names]})
        _ask(visitor)
        visitor.wait_for("completed")
        visitor.pictures(1)
        errors = visitor.card.locator(".tile-error p")
        expect(errors).to_have_text(
            [
                "This file is damaged or not a picture, so it can't be shown. Trying again may help.",
                "This file lies on a server that RunComfy does not use, so it was not fetched.",
                "This file is damaged or not a picture, so it can't be shown. Trying again may help.",
            ]
        )
        visitor.card.get_by_role("button", name="Try again").first.click()
        expect(errors).to_have_count(3)


def test_a_refusal_beside_the_button(browser: Browser, app: AppProcess, liar: Liar, url: str) -> None:
    """No refusal of the app itself holds foreign text; should one ever do, it is shown as text."""
    refusal = {
        "error": {"code": "input_refused", "field": HOSTILE, "detail": HOSTILE, "facts": {"limit": HOSTILE}}
    }

    def refuse(route: Route) -> None:
        if '"submit"' in (route.request.post_data or ""):
            route.fulfill(json=refusal)
        else:
            route.continue_()

    with careful(browser, app) as visitor:
        liar.tells(output={"image": f"{url}/files/1.png"})
        _ask(visitor)
        visitor.pictures(1)
        visitor.page.route(re.compile("component_server"), refuse)
        visitor.prompt.fill("another")
        visitor.generate_button.click()
        expect(visitor.notice).to_contain_text(HOSTILE)
        visitor.page.unroute(re.compile("component_server"))


def test_an_original_opened_by_itself_runs_nothing(
    browser: Browser, app: AppProcess, liar: Liar, url: str
) -> None:
    with careful(browser, app) as visitor:
        liar.tells(output={"images": [f"{url}/files/1.png", f"{url}/files/broken.png"]})
        _ask(visitor)
        (shown,) = visitor.pictures(1)
        answer = visitor.page.request.get(f"{app.url}/{shown.get_attribute('src')}")
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]


def _ask(visitor: Visit, prompt: str = "a heron") -> None:
    visitor.prompt.fill(prompt)
    visitor.generate()


def _nothing_ran(visitor: Visit) -> None:
    page = visitor.page
    assert page.evaluate("typeof window.__xss") == "undefined"
    assert (
        page.locator(
            "#gallery script, #gallery svg:not(.start-picture *), #notice script, img[src=x], [onerror], [onload]"
        ).count()
        == 0
    )
    expect(page).to_have_title(re.compile(r"^((In line|Drawing)… · )?Seedream Atelier$"))
