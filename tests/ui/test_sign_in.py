"""Signing in with Hugging Face, over HTTP: who is counted as whom, what is kept, and what comes to nothing."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import gradio as gr
import pytest
import requests
from gradio_client import Client
from gradio_client.exceptions import AppError
from itsdangerous import TimestampSigner
from starlette.requests import Request

from seedream import texts
from seedream.errors import Code
from seedream.schema import load
from seedream.settings import LimitRules, Settings
from seedream.ui.account import Account, account_of
from seedream.ui.gate_routes import GateRoute
from seedream.ui.shell import Shell
from seedream.ui.sign_in import CALLBACK, LOGIN, SIGN_OUT
from tests.controlled_api import ControlledApi, wait_until
from tests.hub_sign_in import CANCEL, CLIENT_SECRET, PEOPLE, HubSignIn, hub_sign_in
from tests.limits.redis_server import RedisServer
from tests.servers import ROOT, AppProcess, running_app
from tests.ui.gate_walk import ask
from tests.ui.mcp_client import connected

pytestmark = pytest.mark.usefixtures("no_waiting")

OFFICE, HOME = "203.0.113.9", "198.51.100.7"
SECONDS = 30
PUBLIC = {"generate", "edit", "resume", "cancel"}
ROUTES = [GateRoute(LOGIN), GateRoute(CALLBACK), GateRoute(SIGN_OUT, ("POST",))]
# As Gradio signs its cookies: https://github.com/gradio-app/gradio, gradio/oauth.py.
KEY = hashlib.sha256(f"{CLIENT_SECRET}-v4".encode()).hexdigest()
# As it would sign them where it has no secret, which everybody can read there.
KEY_OF_NONE = hashlib.sha256(b"-v4").hexdigest()


@pytest.fixture(scope="module")
def hub() -> Iterator[HubSignIn]:
    with hub_sign_in() as started:
        yield started


@pytest.fixture(scope="module")
def space(hub: HubSignIn, api: ControlledApi) -> Iterator[AppProcess]:
    """A Space that lets visitors sign in, and gives each two pictures an hour."""
    with running_app(hub.environment(api, SEEDREAM_PICTURES_PER_HOUR="2")) as app:
        yield app


@dataclass
class Browser:
    """As much of a browser as the way to the Hub and back takes; `cookie` is the page's, if it is kept."""

    url: str
    keeps: bool = True
    cookie: str = ""

    def get(self, address: str, method: str = "GET", **headers: str) -> requests.Response:
        cookie = {"Cookie": f"session={self.cookie}"} if self.cookie else {}
        answer = requests.request(
            method, address, headers={**headers, **cookie}, allow_redirects=False, timeout=SECONDS
        )
        given = SimpleCookie(answer.headers.get("Set-Cookie", "")).get("session")
        if given and self.keeps:
            self.cookie = given.value.replace("null", "")
        return answer

    def asked(self) -> dict[str, str]:
        """Begin to sign in, and return what the Hub is asked."""
        return dict(parse_qsl(urlsplit(self.get(self.url + LOGIN).headers["Location"]).query))

    def say(self, hub: HubSignIn, who: str, asked: dict[str, str]) -> str:
        """Say at the Hub who it is, and return where that leads."""
        data = {**asked, "who": who}
        answer = requests.post(f"{hub.url}/oauth/authorize", data=data, allow_redirects=False, timeout=SECONDS)
        return answer.headers["Location"]

    def sign_in(self, hub: HubSignIn, who: str, **headers: str) -> requests.Response:
        """Go there and come back."""
        return self.get(self.say(hub, who, self.asked()), **headers)

    @property
    def kept(self) -> dict[str, Any]:
        """What stands in the cookie, for everybody to read."""
        found: dict[str, Any] = json.loads(b64decode(self.cookie.split(".")[0]))
        return found


def signed_in(app: AppProcess, hub: HubSignIn, who: str) -> Browser:
    browser = Browser(app.url)
    assert browser.sign_in(hub, who).headers["Location"] == "/"
    return browser


def script(app: AppProcess, address: str, cookie: str = "") -> Client:
    session = {"Cookie": f"session={cookie}"} if cookie else {}
    return Client(app.url, headers={"X-Forwarded-For": address, **session}, verbose=False)


def makes_one(app: AppProcess, address: str, cookie: str = "") -> None:
    _, record = script(app, address, cookie).predict(prompt="x", api_name="/generate")
    assert record["status"] == "completed"


def is_refused(app: AppProcess, address: str, cookie: str = "") -> None:
    with pytest.raises(AppError, match="2 pictures an hour, and you have 0 left"):
        script(app, address, cookie).predict(prompt="x", api_name="/generate")


def forged(key: str, **user: str) -> str:
    made = {"oauth_info": {"userinfo": {"sub": "f-1", "preferred_username": "mallory", **user}}}
    return TimestampSigner(key).sign(b64encode(json.dumps(made).encode())).decode()


async def test_who_has_signed_in_is_counted_by_account_wherever_they_are(
    hub: HubSignIn, space: AppProcess
) -> None:
    ada, grace = (signed_in(space, hub, each).cookie for each in PEOPLE)
    makes_one(space, OFFICE, ada)
    makes_one(space, HOME, ada)
    for address in (OFFICE, HOME):
        is_refused(space, address, ada)
    agent = {"X-Forwarded-For": HOME, "Cookie": f"session={ada}"}
    async with connected(f"{space.url}/gradio_api/mcp/", **agent) as session:
        # On a Space, Gradio puts its name before the tool's.
        told = await session.call_tool("atelier_generate", {"prompt": "x"})
        assert told.isError
        assert "0 left" in str(told.content)
    # Neither her colleague nor anybody else there pays for that.
    makes_one(space, OFFICE, grace)
    makes_one(space, OFFICE)
    makes_one(space, OFFICE)
    is_refused(space, OFFICE)
    makes_one(space, OFFICE, grace)


def test_nobody_can_choose_whom_they_are_counted_as(space: AppProcess) -> None:
    here = "192.0.2.41"
    for _ in range(2):
        makes_one(space, here)
    true = forged(KEY)
    wrong = (forged(KEY_OF_NONE), forged("x"), f"{true}x", true.replace(".", "..", 1), "null", "e30=")
    for cookie in wrong:
        is_refused(space, here, cookie)
    named = {"X-Forwarded-For": here, "X-Account": "66a1f0", "Authorization": "Bearer hf_x"}
    with pytest.raises(AppError, match="0 left"):
        Client(space.url, headers=named, verbose=False).predict(prompt="x", api_name="/generate")
    # An address that reads like an account is none.
    with pytest.raises(AppError, match="0 left"):
        script(space, f"account:66a1f0, {here}").predict(prompt="x", api_name="/generate")
    # It is the signature that counts, not the way to it.
    makes_one(space, here, true)


def test_of_what_the_hub_says_only_a_name_and_an_id_are_kept(hub: HubSignIn, space: AppProcess) -> None:
    browser = Browser(space.url)
    asked = browser.asked()
    assert asked["scope"] == "openid profile"
    answer = browser.get(browser.say(hub, "ada", asked))
    flags = answer.headers["Set-Cookie"].lower()
    assert all(each in flags for each in ("httponly", "samesite=none", "secure"))
    info = browser.kept.pop("oauth_info")
    assert info.pop("userinfo") == {"sub": PEOPLE["ada"], "preferred_username": "ada"}
    assert list(info) == ["expires_at"]
    page = browser.get(space.url)
    assert "Signed in as ada" in page.text
    assert "Cookie" in page.headers["Vary"]
    assert "private" in page.headers["Cache-Control"]
    seen = [str(browser.kept), page.text, requests.get(space.url, timeout=SECONDS).text, space.output]
    for secret in (*hub.tokens, CLIENT_SECRET):
        assert not any(secret in each for each in seen)
    # Nobody gets a cookie who does not sign in.
    assert "Set-Cookie" not in requests.get(space.url, timeout=SECONDS).headers


def test_signing_out_is_a_press_on_this_page_alone(hub: HubSignIn, space: AppProcess) -> None:
    browser = signed_in(space, hub, "grace-h")
    assert browser.get(f"{space.url}/logout").status_code == 405
    assert browser.get(space.url + SIGN_OUT).status_code == 405
    foreign = {"Origin": "https://other.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert browser.get(space.url + SIGN_OUT, "POST", **foreign).status_code == 403
    assert "Signed in as grace-h" in browser.get(space.url).text
    answer = browser.get(space.url + SIGN_OUT, "POST", Origin=space.url)
    assert (answer.status_code, answer.headers["Location"]) == (303, "../")
    assert browser.cookie == ""
    # Twice is once.
    assert browser.get(space.url + SIGN_OUT, "POST").status_code == 303


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_the_gate_knows_the_way_where_it_is_offered(
    space: AppProcess, sample_app: AppProcess, route: GateRoute
) -> None:
    assert ask(sample_app.url, route)[0] == 404
    assert ask(space.url, route, Origin="https://other.example")[0] == 403
    # By the Hub, or by a link, a visitor is led here.
    status, _ = ask(space.url, route, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")
    assert (status == 403) == ("POST" in route.methods)


def test_who_thinks_better_of_it_is_back_on_the_page(hub: HubSignIn, space: AppProcess) -> None:
    answer = Browser(space.url).sign_in(hub, CANCEL)
    assert (answer.status_code, answer.headers["Location"]) == (303, "../")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_where_the_hub_says_nothing_the_visitor_is_told(
    hub: HubSignIn, space: AppProcess, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(hub, "refusing", True)
    answer = Browser(space.url).sign_in(hub, "ada", **{"Accept": "text/html", "Accept-Language": language})
    assert answer.status_code == 502
    assert answer.text == _sentence("sign_in_failed", language)
    # What a program writes comes by a way of its own.
    wait_until(lambda: "could not be signed in" in space.output)
    assert "Traceback" not in space.output.partition("Running on local URL")[2]


def test_a_browser_that_takes_no_cookies_is_told_and_not_sent_round(hub: HubSignIn, space: AppProcess) -> None:
    browser = Browser(space.url, keeps=False)
    address = space.url + LOGIN
    for _ in range(2):
        asked = dict(parse_qsl(urlsplit(browser.get(address).headers["Location"]).query))
        address = space.url + browser.get(browser.say(hub, "ada", asked)).headers["Location"]
    answer = browser.get(address, Accept="text/html")
    assert (answer.status_code, answer.text) == (403, _sentence("sign_in_no_cookies", "en"))


def test_another_ones_way_back_leads_nobody_in(hub: HubSignIn, space: AppProcess) -> None:
    """Or a stranger's account would count what a visitor makes."""
    theirs = Browser(space.url)
    back = theirs.say(hub, "ada", theirs.asked())
    victim = Browser(space.url)
    victim.get(back)
    assert "Signed in" not in victim.get(space.url).text


def test_what_is_asked_to_lead_elsewhere_does_not(hub: HubSignIn, space: AppProcess) -> None:
    browser = Browser(space.url)
    begun = browser.get(f"{space.url}{LOGIN}?_target_url=https://other.example//x")
    asked = dict(parse_qsl(urlsplit(begun.headers["Location"]).query))
    answer = browser.get(browser.say(hub, "ada", asked))
    assert answer.headers["Location"] == "/x"


@pytest.mark.thorough
def test_replicas_with_one_redis_know_and_count_an_account_together(
    hub: HubSignIn, api: ControlledApi, empty_redis: RedisServer
) -> None:
    shared = hub.environment(api, SEEDREAM_PICTURES_PER_HOUR="2", SEEDREAM_LIMITS_STORAGE=empty_redis.url)
    with running_app(shared) as one, running_app(shared) as other:
        cookie = signed_in(one, hub, "ada").cookie
        makes_one(one, OFFICE, cookie)
        makes_one(other, HOME, cookie)
        for each in (one, other):
            is_refused(each, "192.0.2.1", cookie)
            makes_one(each, OFFICE)


@pytest.mark.thorough
def test_elsewhere_than_on_a_space_nobody_is_signed_in_as_whoever_runs_it(
    hub: HubSignIn, api: ControlledApi
) -> None:
    with running_app(hub.environment(api, SYSTEM="", SEEDREAM_LIMITS="on")) as app:
        assert '"shell-signed-in"' not in requests.get(app.url, timeout=SECONDS).text
        for route in ROUTES:
            assert ask(app.url, route)[0] == 404


@pytest.mark.thorough
@pytest.mark.parametrize("package", ["authlib", "itsdangerous"])
def test_without_the_packages_that_it_takes_the_start_says_which(
    hub: HubSignIn, api: ControlledApi, tmp_path: Path, package: str
) -> None:
    # As if it were not installed.
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules[{package!r}] = None\n", encoding="utf-8")
    variables = {**os.environ, **hub.environment(api), "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    started = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        check=False,
        env=variables,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode == 1
    assert "pip install 'gradio[oauth]'" in started.stderr
    assert "Traceback" not in started.stderr


def test_an_account_counts_until_it_ends() -> None:
    user = {"sub": "1", "preferred_username": "ada"}

    def asking(info: dict[str, Any] | None) -> Request:
        return Request({"type": "http", "session": {} if info is None else {"oauth_info": info}})

    until = time.time() + 60
    assert account_of(asking({"userinfo": user, "expires_at": until})) == Account("1", "ada")
    assert account_of(asking({"userinfo": user})) == Account("1", "ada")
    assert account_of(asking({"userinfo": user, "expires_at": until - 120})) is None
    assert account_of(asking(None)) is None
    assert account_of(Request({"type": "http"})) is None
    assert account_of(gr.Request(request=None)) is None
    behind: Any = SimpleNamespace(scope=asking({"userinfo": user}).scope)
    assert account_of(gr.Request(request=behind)) == Account("1", "ada")


@pytest.mark.parametrize("language", sorted(texts.locales()))
def test_the_first_html_says_who_it_is_as_text(language: str) -> None:
    shell = Shell(load(), Settings(rules=LimitRules(), sign_in=True))
    assert texts.text("form.sign_in", language) in shell.html(language)
    made = shell.html(language, Account("1", '"<b>&'))
    said = texts.text("sign_in.as", language, name="&quot;&lt;b&gt;&amp;")
    assert said in made
    assert 'data-name="&quot;&lt;b&gt;&amp;"' in made
    assert texts.text("form.sign_in", language) not in made
    # Who comes next is not them.
    assert "data-name" not in shell.html(language)
    assert "signed-in" not in Shell(load(), Settings()).html(language, Account("1", "ada"))


def test_gradios_button_is_a_link_and_asks_for_nothing(space: AppProcess) -> None:
    config = requests.get(f"{space.url}/config", timeout=SECONDS).json()
    (button,) = (each for each in config["components"] if each["props"].get("elem_id") == "sign-in")
    assert button["props"]["link"] == LOGIN.removeprefix("/")
    called = [target for each in config["dependencies"] for target, _ in each["targets"]]
    assert button["id"] not in called
    assert all(
        each["api_visibility"] == "private" or each["api_name"] in PUBLIC for each in config["dependencies"]
    )


def _sentence(code: Code, language: str) -> str:
    return texts.text(f"error.{code}", language)
