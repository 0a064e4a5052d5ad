"""A token, whoever's, is in nothing that anybody but the API gets to see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, Page, Request, Response, expect

from tests.browser.visit import Visit, visit
from tests.controlled_api import TOKEN, ControlledApi, controlled_api
from tests.servers import ROOT, AppProcess, start_app

pytestmark = pytest.mark.thorough

OWN = "marker-8b40e6f2-visitor"
# Of a visitor of a page that has no owner's token.
OF_A_DEMO = "marker-5d19a3c7-demo"
_DEBUGGED = f"""
import logging, runpy
logging.basicConfig(level=logging.DEBUG)
seedream = logging.getLogger("seedream")
seedream.setLevel(logging.DEBUG)
seedream.setLevel = lambda level: None
runpy.run_path({str(ROOT / "app.py")!r}, run_name="__main__")
"""
# Everything that a page can write to the visitor's disk.
_DUMP = """async () => {
  const found = {local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie, databases: {}};
  const wait = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const {name} of await indexedDB.databases()) {
    const database = await wait(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const open = database.transaction(store).objectStore(store);
      found.databases[`${name}/${store}`] = [await wait(open.getAllKeys()), await wait(open.getAll())];
    }
    database.close();
  }
  found.caches = [];
  for (const name of await caches.keys()) {
    for (const kept of await (await caches.open(name)).matchAll()) {
      found.caches.push([kept.url, await kept.text()]);
    }
  }
  return JSON.stringify(found);
}"""
_PLANT = """async () => {
  localStorage.planted = "planted-local";
  sessionStorage.planted = "planted-session";
  await (await caches.open("planted")).put("/planted", new Response("planted-cache"));
  await new Promise((resolve) => {
    const opening = indexedDB.open("planted");
    opening.onupgradeneeded = () => opening.result.createObjectStore("things");
    opening.onsuccess = () => {
      const writing = opening.result.transaction("things", "readwrite");
      writing.objectStore("things").put("planted-database", 1);
      writing.oncomplete = () => { opening.result.close(); resolve(); };
    };
  });
}"""


@dataclass
class Evidence:
    """What a visit left behind, by place."""

    places: dict[str, str] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)
    seal: str = ""

    def add(self, place: str, text: str) -> None:
        self.places[f"{len(self.places)} {place}"] = text

    def holding(self, marker: str) -> list[str]:
        return [place for place, text in self.places.items() if marker in text]

    def watch(self, page: Page) -> None:
        """Keep each request that this page makes, and each answer but the streams."""

        def sent(request: Request) -> None:
            self.add("requested URL", request.url)
            self.add("request headers", json.dumps(request.headers))
            if body := request.post_data_buffer:
                self.bodies.append(body.decode(errors="replace"))

        def answered(response: Response) -> None:
            self.add(f"headers from {response.url}", json.dumps(response.headers))

        page.on("request", sent)
        page.on("response", answered)
        page.on("console", lambda message: self.add("console", message.text))

    def look_into(self, place: str, page: Page) -> None:
        """Keep what the page shows, and what is stored."""
        self.add(f"{place}: source", page.content())
        self.add(f"{place}: storage", page.evaluate(_DUMP))
        self.add(f"{place}: state", json.dumps(page.context.storage_state(indexed_db=True)))
        self.add(f"{place}: cookies", json.dumps(list(page.context.cookies())))


@pytest.fixture(scope="module")
def api() -> Iterator[ControlledApi]:
    """One of its own: all that ever reached it is evidence."""
    with controlled_api() as started:
        yield started


@pytest.fixture(scope="module")
def app(api: ControlledApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """The app, telling all that it would ever tell in its log."""
    program = tmp_path_factory.mktemp("debugged") / "debugged.py"
    program.write_text(_DEBUGGED)
    started = start_app(api.environment(), program=program)
    try:
        yield started
    finally:
        started.kill()


@pytest.fixture(scope="module")
def demo(api: ControlledApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """The same without an owner's token."""
    program = tmp_path_factory.mktemp("demo") / "debugged.py"
    program.write_text(_DEBUGGED)
    started = start_app({"RUNCOMFY_BASE_URL": api.url}, program=program)
    try:
        yield started
    finally:
        started.kill()


@pytest.fixture(scope="module")
def evidence(
    browser: Browser,
    app: AppProcess,
    demo: AppProcess,
    api: ControlledApi,
    tmp_path_factory: pytest.TempPathFactory,
) -> Evidence:
    """Everything that one full visit left behind, and a script's after it; and both at a page of samples."""
    found = Evidence()
    with visit(browser, app.url) as visitor:
        found.watch(visitor.page)
        visitor.page.reload()
        _spend(visitor, api)
        found.look_into("with the owner's token", visitor.page)
        visitor.bring_token(OWN)
        expect(visitor.page.get_by_text("Your own token is in use")).to_be_visible()
        _spend(visitor, api)
        found.look_into("with the visitor's own token", visitor.page)
        visitor.page.reload()
        # Those of both accounts are put back, as the visitor still pays.
        expect(visitor.cards).to_have_count(6)
        _picture(visitor, api, "after a reload")
        found.look_into("after a reload", visitor.page)
        found.seal = visitor.page.evaluate("sessionStorage.getItem('seedream.seal')")
        jobs = [[f"{number:032}", job, True, found.seal] for number, job in enumerate(_request_ids(api))]
        answer = requests.post(f"{app.url}/atelier/watch", json={"jobs": jobs}, timeout=30)
        found.add("stream", answer.text)
    for token in (None, OWN):
        _script(app, api, found, token, tmp_path_factory.mktemp("downloads"))
    with visit(browser, demo.url) as visitor:
        found.watch(visitor.page)
        visitor.bring_token(OF_A_DEMO)
        expect(visitor.page.locator("#banner")).to_be_hidden()
        _picture(visitor, api, "real")
        visitor.pictures(1)
        found.look_into("on a page of samples", visitor.page)
    _script(demo, api, found, OF_A_DEMO, tmp_path_factory.mktemp("downloads"))
    for call in api.recorder.calls:
        if call.path.startswith("/files/"):
            found.add("request to a file host", f"{call.headers} {call.body!r}")
    for each in (app, demo):
        found.add("server output", each.output)
    return found


def test_the_owners_token_is_found_nowhere(evidence: Evidence) -> None:
    assert evidence.holding(TOKEN) == []
    assert not any(TOKEN in body for body in evidence.bodies)


@pytest.mark.parametrize("token", [OWN, OF_A_DEMO])
def test_a_visitors_own_is_in_the_one_request_that_brings_it(evidence: Evidence, token: str) -> None:
    assert evidence.holding(token) == []
    (bringing,) = (body for body in evidence.bodies if token in body)
    assert '"seal_token"' in bringing


def test_the_seal_of_it_is_in_this_tab_and_in_bodies_alone(evidence: Evidence) -> None:
    assert len(evidence.seal) > len(OWN)
    assert OWN not in evidence.seal
    places = {place.partition(" ")[2].partition(": ")[2] or place for place in evidence.holding(evidence.seal)}
    assert places == {"storage"}
    assert any(evidence.seal in body for body in evidence.bodies)


def test_the_search_would_have_found_them(browser: Browser, app: AppProcess, evidence: Evidence) -> None:
    assert "DEBUG" in app.output
    assert "POST /v1/models/" in app.output
    files = [text for place, text in evidence.places.items() if place.endswith("request to a file host")]
    assert len(files) >= 4
    assert not any("authorization" in text for text in files)
    with visit(browser, app.url) as visitor:
        visitor.page.evaluate(_PLANT)
        found = Evidence()
        found.look_into("planted", visitor.page)
        stored = next(text for place, text in found.places.items() if place.endswith("storage"))
        for place in ("local", "session", "cache", "database"):
            assert f"planted-{place}" in stored


def test_both_paid_for_what_was_asked_with_them(evidence: Evidence, api: ControlledApi) -> None:
    payers = [call.headers["authorization"].removeprefix("Bearer ") for call in api.submissions]
    own = payers.count(OWN)
    assert set(payers) == {TOKEN, OWN, OF_A_DEMO}
    # The page: three with each, and one more with the visitor's own after the reload. The scripts: two with each.
    assert (payers.count(TOKEN), own, payers.count(OF_A_DEMO)) == (5, 6, 3)
    assert payers[6] == OWN


def _picture(visitor: Visit, api: ControlledApi, prompt: str) -> None:
    visitor.prompt.fill(prompt)
    count = api.submitted()
    visitor.generate()
    api.arrived(count + 1)
    api.finish()


def _spend(visitor: Visit, api: ControlledApi) -> None:
    """A series, an error, a cancelled job, the history, a download."""
    visitor.series(2)
    _picture(visitor, api, "two herons")
    visitor.pictures(2)
    visitor.download(visitor.card.get_by_role("link", name="Save original 1"))
    _picture(visitor, api, "fail: no paint")
    visitor.wait_for("error")
    visitor.prompt.fill("never mind")
    visitor.generate()
    visitor.wait_for("in_queue")
    visitor.card.get_by_role("button", name="Cancel").click()
    expect(visitor.card).to_contain_text("Cancelled before it was drawn")
    visitor.act(visitor.page.locator(".history-row", has_text="two herons").first, "Show")
    visitor.pictures(2, visitor.page.locator("#gallery .job", has_text="two herons").first)


def _request_ids(api: ControlledApi) -> list[str]:
    return sorted(
        {call.path.split("/")[3] for call in api.recorder.calls if call.path.startswith("/v1/requests/")}
    )


def _script(app: AppProcess, api: ControlledApi, found: Evidence, token: str | None, folder: Path) -> None:
    """Use the public interface as a script does, with an account of its own or with none."""
    headers = {"X-RunComfy-Token": token} if token else {}
    client = Client(app.url, headers=headers, verbose=False, download_files=folder)
    count = api.submitted()
    for prompt in ("a heron", "fail: no paint"):
        count += 1
        job = client.submit(prompt=prompt, api_name="/generate")
        api.arrived(count)
        api.finish()
        try:
            gallery, record = job.result(timeout=60)
            found.add("answer of /generate", json.dumps([gallery, record]))
            found.add("answer of /resume", json.dumps(client.predict(record["request_id"], api_name="/resume")))
            found.add("answer of /cancel", json.dumps(client.predict(record["request_id"], api_name="/cancel")))
        except AppError as error:
            found.add("error text", repr(error))
    found.add("API page", json.dumps(client.view_api(return_format="dict", print_info=False)))
    for path in ("", "config", "gradio_api/info", "gradio_api/openapi.json", "gradio_api/startup-events"):
        answer = requests.get(f"{app.url}/{path}", headers=headers, timeout=30)
        found.add(f"/{path}", f"{answer.headers} {answer.text}")
