"""What a visitor may spend of the owner's balance: shown before, refused beyond, and not to be talked away."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import redis
import requests
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.limits.redis_server import RedisServer, redis_server
from tests.servers import AppProcess, running_app

REFUSED = re.compile(
    r"This page gives each visitor 10 pictures an hour, and you have 0 left\. "
    r"This request will fit again in (60|59) min\. Nothing was sent\."
)
NONE = "no pictures left until \\d"
OWN = "own-91c4"
# The heights that the line about the account has had since it could be seen.
_HEIGHTS = """
window.heights = [];
const look = () => {
  const bar = document.querySelector("#account");
  if (bar?.checkVisibility({ visibilityProperty: true })) heights.push(bar.offsetHeight);
  requestAnimationFrame(look);
};
look();
"""


pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture(scope="module")
def shared() -> Iterator[RedisServer]:
    with redis_server() as started:
        yield started


@pytest.fixture(autouse=True)
def nothing_spent(shared: RedisServer) -> None:
    redis.Redis.from_url(shared.url).flushall()


@pytest.fixture(scope="module")
def app(api: ControlledApi, shared: RedisServer) -> Iterator[AppProcess]:
    """An app that no proxy stands in front of."""
    with running_app(_limited(api, shared, SEEDREAM_TRUSTED_PROXIES="0")) as started:
        yield started


@pytest.fixture(scope="module")
def proxied(api: ControlledApi, shared: RedisServer) -> Iterator[AppProcess]:
    """A second process of it, told that a proxy stands in front: in the tests, the client itself."""
    with running_app(_limited(api, shared, SEEDREAM_TRUSTED_PROXIES="1")) as started:
        yield started


@pytest.fixture(scope="module")
def closed(api: ControlledApi) -> Iterator[AppProcess]:
    """An app behind a user name and a password."""
    with running_app(api.environment(SEEDREAM_USER="ada", SEEDREAM_PASSWORD="lovelace")) as started:
        yield started


@pytest.mark.thorough
def test_what_is_left_is_shown_and_the_eleventh_is_refused(
    browser: Browser, app: AppProcess, api: ControlledApi, shared: RedisServer
) -> None:
    with visit(browser, app.url) as visitor:
        _left(visitor, "10 pictures left this hour")
        _picture(visitor, "the first")
        _left(visitor, "9 pictures left this hour")
        _series(visitor, 8)
        _left(visitor, "1 picture left this hour")
        submitted = api.submitted()
        visitor.generate_button.click()
        expect(visitor.notice).to_contain_text("and you have 1 left. This request will fit again in")
        expect(visitor.prompt).to_have_value("a series")
        visitor.how_many("One picture")
        _picture(visitor, "the tenth")
        _left(visitor, NONE)
        # What spends says until when it is off, and is there for whoever is at it.
        another = visitor.card.get_by_role("button", name=re.compile(r"^Make another · from \d"))
        for button in (visitor.generate_button, another):
            expect(button).to_have_attribute("aria-disabled", "true")
            button.focus()
            expect(button).to_be_focused()
            visitor.page.keyboard.press("Enter")
        for said in (visitor.notice, visitor.card.get_by_role("alert")):
            expect(said).to_have_text(re.compile("You have made all .* nothing was sent. It will work again at "))
        expect(visitor.rows).to_have_count(3)
        assert api.submitted() == submitted + 1
        # A press asks anew, too, and spends nothing by that.
        redis.Redis.from_url(shared.url).flushall()
        visitor.generate_button.press("Enter")
        _left(visitor, "10 pictures left this hour")
        expect(visitor.generate_button).to_have_attribute("aria-disabled", "false")
        expect(visitor.generate_button).to_have_accessible_name("Generate · $0.04")
        assert api.submitted() == submitted + 1
    _spend_ten(app.url)
    _refuses(app.url, api)
    _refuses(app.url, api, "198.51.100.7")


@pytest.mark.thorough
def test_a_forged_address_is_not_believed_behind_a_proxy(proxied: AppProcess, api: ControlledApi) -> None:
    _spend_ten(proxied.url, "203.0.113.9")
    for forged in ("203.0.113.9", "198.51.100.7, 203.0.113.9", "10.0.0.1, 127.0.0.1, 203.0.113.9"):
        _refuses(proxied.url, api, forged)
    # Whom the proxy names is another visitor, and served.
    _, record = _script(proxied.url, "203.0.113.9, 198.51.100.7").predict(prompt="mine", api_name="/generate")
    assert record["status"] == "completed"


@pytest.mark.thorough
def test_two_processes_share_the_count(
    browser: Browser, app: AppProcess, proxied: AppProcess, api: ControlledApi
) -> None:
    _spend_ten(app.url)
    with visit(browser, proxied.url) as visitor:
        _left(visitor, NONE)
    _refuses(proxied.url, api)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["SEEDREAM_MAX_IMAGES", "SEEDREAM_PICTURES_PER_HOUR"])
def test_a_page_of_single_pictures_starts_and_makes_them(browser: Browser, api: ControlledApi, name: str) -> None:
    with (
        running_app(api.environment(**{"SEEDREAM_LIMITS": "on", name: "1"})) as app,
        visit(browser, app.url) as visitor,
    ):
        expect(visitor.page.get_by_role("radio", name="A series")).to_have_count(0)
        # More at once than an hour has would never fit.
        alternatives = visitor.page.get_by_role("radio", name="4 alternatives")
        expect(alternatives).to_have_count(int(name == "SEEDREAM_MAX_IMAGES"))
        _picture(visitor, "alone")
        assert api.submissions[-1].json["prompt"] == "alone"


def test_a_failed_job_gives_its_picture_back(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("fail: no paint")
        visitor.generate()
        visitor.wait_for("error")
        _left(visitor, "10 pictures left this hour")


@pytest.mark.thorough
def test_who_pays_for_themselves_is_not_counted(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    _spend_ten(app.url)
    with visit(browser, app.url) as visitor:
        _left(visitor, NONE)
        visitor.bring_token(OWN)
        expect(visitor.page.locator(".account-payer")).to_have_text("Your account · $4.12 left")
        _picture(visitor, "on my account")
        assert api.submissions[-1].headers["authorization"] == f"Bearer {OWN}"
        visitor.page.get_by_role("button", name="Stop using it").click()
        _left(visitor, NONE)
    Client(app.url, headers={"X-RunComfy-Token": OWN}, verbose=False).predict(prompt="mine", api_name="/generate")
    _refuses(app.url, api)


def test_the_form_offers_what_the_limits_let_through(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.page.locator("#field-resolution input").click()
        offered = visitor.page.get_by_role("listbox").get_by_role("option")
        expect(offered).to_have_text([re.compile("Let the model choose · 2K"), re.compile("2304x1728")])
        visitor.page.keyboard.press("Escape")
        visitor.how_many("A series")
        number = visitor.length
        expect(number).to_have_value("4")
        expect(number).to_have_attribute("max", "8")


@pytest.mark.thorough
def test_what_the_limits_leave_one_value_of_is_a_line_of_text(browser: Browser, api: ControlledApi) -> None:
    size = "2048x2048 (1:1)"
    variables = {"SEEDREAM_LIMITS": "on", "SEEDREAM_RESOLUTIONS": size, "SEEDREAM_MAX_IMAGES": "1"}
    with running_app(api.environment(**variables)) as app, visit(browser, app.url) as visitor:
        form = visitor.page.locator("#form")
        visitor.open_advanced()
        expect(form.get_by_text("Size and shape: Square 1:1 · 2048x2048")).to_be_visible()
        expect(form.get_by_text("Pictures, at most")).to_have_count(0)
        expect(form.get_by_text("If the model chooses")).to_have_count(0)
        expect(form.locator("input:disabled, #sizes")).to_have_count(0)
        _picture(visitor, "a square")
        assert api.submissions[-1].json["resolution"] == size


def test_a_script_is_held_to_what_is_offered(app: AppProcess, api: ControlledApi) -> None:
    script = _script(app.url)
    submitted = api.submitted()
    with pytest.raises(AppError, match="This page allows series of up to 8 pictures"):
        script.predict(prompt="x", sequential_image_generation="auto", max_images=9, api_name="/generate")
    with pytest.raises(AppError, match="This page does not offer that size"):
        script.predict(prompt="x", resolution="3K", api_name="/generate")
    assert api.submitted() == submitted


def test_a_scripts_defaults_are_on_offer(app: AppProcess) -> None:
    series = {"sequential_image_generation": "auto", "api_name": "/generate"}
    gallery, _ = _script(app.url).predict(prompt="herons", **series)
    assert len(gallery) == 8


def test_a_login_closes_the_page_and_its_routes(browser: Browser, closed: AppProcess, api: ControlledApi) -> None:
    url = closed.url
    context = browser.new_context(locale="en-US")
    try:
        page = context.new_page()
        page.goto(url)
        expect(page.locator("input[type=password]")).to_be_visible()
        expect(page.locator("#generate")).to_have_count(0)
        assert page.request.post(f"{url}/atelier/watch", data={"jobs": []}).status == 401
        _log_in(page)
        visitor = Visit(page, url)
        # Strangers never hear of it.
        expect(page.locator(".account-payer")).to_have_text("This page’s account · $4.12 left")
        visitor.generate()
        (picture,) = visitor.pictures(1)
        preview = picture.get_attribute("src") or ""
        original = visitor.card.get_by_role("link", name="Save original 1").get_attribute("href") or ""
        for path in (preview, original):
            assert page.request.get(f"{url}/{path}").status == 200
            assert requests.get(f"{url}/{path}", timeout=30).status_code == 401
        assert visitor.faults == []
    finally:
        context.close()


@pytest.mark.thorough
def test_logging_out_ends_this_browsers_login_alone(browser: Browser, closed: AppProcess) -> None:
    url = closed.url
    elsewhere = requests.Session()
    assert elsewhere.post(f"{url}/login", data={"username": "ada", "password": "lovelace"}, timeout=30).ok
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.goto(url)
        _log_in(page)
        cookies = {str(each["name"]): str(each["value"]) for each in context.cookies()}
        # By a link, nobody is led out.
        page.goto(f"{url}/logout")
        expect(page.locator("body")).to_contain_text("does not take that kind")
        visitor = Visit(page, url)
        visitor.bring_token(OWN)
        expect(page.get_by_role("button", name="Stop using it")).to_be_visible()
        visitor.open_advanced()
        page.get_by_role("button", name="Log out").click()
        expect(page.locator("input[type=password]")).to_be_visible()
        expect(page.locator("#generate")).to_have_count(0)
        assert page.evaluate("() => sessionStorage.getItem('seedream.seal')") is None
        assert requests.get(f"{url}/config", cookies=cookies, timeout=30).status_code == 401
        _log_in(page)
    own = {each.name: str(each.value) for each in elsewhere.cookies}
    assert requests.get(f"{url}/config", cookies=own, timeout=30).status_code == 200


def test_a_script_needs_the_login_too(closed: AppProcess, api: ControlledApi) -> None:
    submitted = api.submitted()
    order = {"data": [{"key": "k" * 32, "values": {"prompt": "x"}}], "fn_name": "submit", "component_id": 1}
    for path, body in (
        ("gradio_api/component_server", {**order, "session_hash": "stranger"}),
        ("gradio_api/call/generate", {"data": ["x"]}),
        ("gradio_api/queue/join", {"data": ["x"], "fn_index": 0, "session_hash": "stranger"}),
    ):
        assert requests.post(f"{closed.url}/{path}", json=body, timeout=30).status_code == 401
    assert api.submitted() == submitted
    _, record = Client(closed.url, auth=("ada", "lovelace"), verbose=False).predict(
        prompt="x", api_name="/generate"
    )
    assert record["status"] == "completed"


def _log_in(page: Page) -> None:
    page.locator("input[type=password]").fill("lovelace")
    page.locator("input:not([type=password])").first.fill("ada")
    page.get_by_role("button", name="Login").click()
    expect(page.locator("#generate")).to_be_visible()


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_bar_of_a_phone_keeps_its_height_whatever_is_left(
    browser: Browser, api: ControlledApi, language: str
) -> None:
    settings = api.environment(SEEDREAM_LIMITS="on", SEEDREAM_PICTURES_PER_HOUR="2", SEEDREAM_MAX_IMAGES="2")
    phone = {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True, "locale": language}
    with running_app(settings) as app, visit(browser, app.url, **phone) as visitor:
        bar, payer = visitor.page.locator("#account"), visitor.page.locator(".account-payer")
        heights = []
        for left in ("2", "1", r"\d\d:\d\d"):
            expect(payer).to_have_text(re.compile(left))
            heights.append(bar.evaluate("bar => bar.offsetHeight"))
            if left in "21":
                visitor.page.evaluate("scrollTo(0, 0)")
                visitor.generate()
                visitor.pictures(1)
        assert heights == heights[:1] * 3
        # Before it was known what is left, it was as tall.
        visitor.page.add_init_script(_HEIGHTS)
        visitor.page.reload()
        expect(payer).to_have_text(re.compile(left))
        assert set(visitor.page.evaluate("heights")) == set(heights)


def _limited(api: ControlledApi, shared: RedisServer, **variables: str) -> dict[str, str]:
    return api.environment(
        SEEDREAM_LIMITS="on",
        SEEDREAM_PICTURES_PER_HOUR="10",
        SEEDREAM_MAX_IMAGES="8",
        SEEDREAM_RESOLUTIONS="2304x1728 (4:3), 2K",
        SEEDREAM_LIMITS_STORAGE=shared.url,
        **variables,
    )


def _left(visitor: Visit, said: str) -> None:
    payer = visitor.page.locator(".account-payer")
    expect(payer).to_have_text(re.compile(f"^This page’s account · {said}"))


def _picture(visitor: Visit, prompt: str) -> None:
    visitor.prompt.fill(prompt)
    visitor.generate()
    visitor.pictures(1)


def _series(visitor: Visit, pictures: int) -> None:
    visitor.prompt.fill("a series")
    visitor.series(pictures)
    visitor.generate()
    visitor.pictures(pictures)


def _script(url: str, forwarded: str = "") -> Client:
    return Client(url, headers={"X-Forwarded-For": forwarded} if forwarded else {}, verbose=False)


def _spend_ten(url: str, forwarded: str = "") -> None:
    script = _script(url, forwarded)
    series = {"sequential_image_generation": "auto", "api_name": "/generate"}
    for pictures in (8, 2):
        gallery, _ = script.predict(prompt="a series", max_images=pictures, **series)
        assert len(gallery) == pictures


def _refuses(url: str, api: ControlledApi, forwarded: str = "") -> None:
    submitted = api.submitted()
    with pytest.raises(AppError) as raised:
        _script(url, forwarded).predict(prompt="the eleventh", api_name="/generate")
    assert REFUSED.search(str(raised.value))
    assert api.submitted() == submitted
