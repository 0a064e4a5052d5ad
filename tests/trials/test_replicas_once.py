"""One press, one payment, by whom it says: three replicas, broken connections, killed processes; a Redis, or none.

Most presses are made over HTTP in the way the page makes them (`static/job/submission.js`, `ticket.js`), with the
copies that a browser sends by itself, each second one an edit; some in a real Chromium.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from seedream.schema import EDIT, TEXT_TO_IMAGE, load
from tests.breaking_proxy import Asked, Break, BreakingProxy, breaking_proxy
from tests.browser.visit import visit
from tests.controlled_api import TOKEN, ControlledApi, controlled_api, wait_until
from tests.replicas import Replicas, replicas
from tests.servers import running_app
from tests.ui.test_edit import data_uri

OWN = "marker-5d20c7aa-visitor"
PRESSES = 200
IN_CHROMIUM = 12
# One page each: what a visitor does there comes one after the other.
PAGES = 8
# Each ends with a replica killed in its middle and started anew, right before the next begins.
ROUNDS = 4
BROKEN = 0.4
PATIENCE = 60.0
# As in `ticket.js` and `submission.js`.
HOLDS_SECONDS = 2.0
MOST_ELSEWHERE, ELSEWHERE_SECONDS = 25, 0.04
MOST_LOST, LOST_SECONDS = 4, 0.5
# Chromium's: how often it sends a request again by itself.
MOST_COPIES = 2
SUBMITTING = re.compile(r"submitting key=(\S+)")
SUBMIT = "/gradio_api/component_server/"

Answer = dict[str, Any]


class LostError(Exception):
    """What a page's script hears where no answer came."""


class Http:
    """A browser's connection to one address: kept; if it breaks as it is used again, the request goes out anew."""

    def __init__(self, url: str) -> None:
        self._address = url.removeprefix("http://")
        self._kept: http.client.HTTPConnection | None = None
        self.copies = 0

    def ask(self, path: str, body: object = None) -> Any:
        for _ in range(1 + MOST_COPIES):
            connection, reused = self._kept or self._fresh(), self._kept is not None
            self._kept = None
            try:
                self._send(connection, path, body)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if not reused:
                    raise LostError from error
                self.copies += 1
                continue
            self._kept = connection
            if answer.status != 200:
                raise LostError(f"HTTP {answer.status}")
            return json.loads(content)
        raise LostError

    def last_record(self, body: object) -> Answer:
        """Watch one job until it has a request ID, or has ended."""
        connection = self._fresh()
        try:
            self._send(connection, "/atelier/watch", body)
            record: Answer = {}
            for line in connection.getresponse():
                if line.startswith(b"data: ") and "record" in (told := json.loads(line[6:])):
                    record = told["record"]
                    if record["request_id"] or record["ended"]:
                        break
        except (OSError, http.client.HTTPException) as error:
            raise LostError from error
        else:
            return record
        finally:
            connection.close()

    def _fresh(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._address, timeout=PATIENCE)

    @staticmethod
    def _send(connection: http.client.HTTPConnection, path: str, body: object) -> None:
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})


@dataclass
class Page:
    """One open page. `told` has, by prompt, what it says of each press: a record, or the error at the button."""

    url: str
    gallery: int
    seal: str | None
    http: Http = field(init=False)
    told: dict[str, Answer] = field(default_factory=dict)
    elsewhere: int = 0
    _ticket: Answer | None = None
    _asked_at: float = 0.0

    def __post_init__(self) -> None:
        self.http = Http(self.url)

    def press(self, prompt: str, references: Sequence[str] = ()) -> None:
        try:
            ticket = self.take_ticket()
        except LostError:
            ticket = {"error": {"code": "not_sent"}}
        if "error" in ticket:
            self.told[prompt] = ticket
            return
        order = self.order(ticket, prompt, references)
        answer = self._deliver(order)
        self.told[prompt] = answer if answer and "error" in answer else self._watched(order["key"], answer)

    def order(self, ticket: Answer, prompt: str, references: Sequence[str] = ()) -> Answer:
        return {
            "key": str(uuid.uuid4()),
            "ticket": ticket["ticket"],
            "values": {**load().defaults, "prompt": prompt, "image": list(references)},
            "own": bool(self.seal),
            "seal": self.seal,
        }

    def take_ticket(self) -> Answer:
        if self._ticket is None or time.monotonic() - self._asked_at >= HOLDS_SECONDS:
            self._asked_at = time.monotonic()
            asked: Answer = self.http.ask("/atelier/ticket", {})
            if "error" in asked:
                return asked
            self._ticket = asked
        return self._ticket

    def _deliver(self, order: Answer) -> Answer | None:
        elsewhere = lost = 0
        while elsewhere < MOST_ELSEWHERE:
            try:
                answer: Answer = self.http.ask(SUBMIT, server_call(self.gallery, "submit", order))
            except LostError:
                if lost == MOST_LOST:
                    return None
                time.sleep(LOST_SECONDS * 2**lost)
                lost += 1
                continue
            if answer.get("error", {}).get("code") != "press_elsewhere":
                return answer
            self.elsewhere += 1
            elsewhere += 1
            time.sleep(ELSEWHERE_SECONDS)
        return None

    def _watched(self, key: str, answer: Answer | None) -> Answer:
        record: Answer = answer["record"] if answer else {}
        deadline = time.monotonic() + PATIENCE
        while not record.get("request_id") and not record.get("ended"):
            assert time.monotonic() < deadline, f"nobody tells how {key} is"
            try:
                record = self.http.last_record({"jobs": [[key, None, bool(self.seal), self.seal]]})
            except LostError:
                time.sleep(LOST_SECONDS)
        return record


def gallery_of(asked: Http) -> int:
    """Return the component whose functions the page calls."""
    config = asked.ask("/config")
    return int(next(each["id"] for each in config["components"] if each["props"].get("elem_id") == "gallery"))


def server_call(gallery: int, name: str, order: Answer) -> Answer:
    return {"data": order, "component_id": gallery, "fn_name": name, "session_hash": uuid.uuid4().hex[:11]}


def references_of(prompt: str) -> list[str]:
    """Return what a press starts from: each second one from pictures."""
    return [data_uri()] * 2 if int(prompt.removeprefix("press ")) % 2 else []


@dataclass
class Trial:
    """The replicas, and before nginx a proxy that breaks kept connections as a press goes over them."""

    api: ControlledApi
    served: Replicas
    proxy: BreakingProxy
    chance: random.Random
    own: bool

    def pages(self) -> list[Page]:
        asked = Http(self.served.url)
        gallery = gallery_of(asked)
        seal = asked.ask(SUBMIT, server_call(gallery, "seal_token", {"token": OWN}))["seal"] if self.own else None
        return [Page(self.proxy.url, gallery, seal) for _ in range(PAGES)]

    def press_all(self, prompts: list[str], restarts: int) -> list[Page]:
        """Press for each prompt, and meanwhile kill so many replicas and start them anew."""
        pages = self.pages()
        each = len(prompts) // ROUNDS
        for number in range(ROUNDS):
            mine = prompts[number * each : (number + 1) * each]
            lost = self.chance.choice(self.served.apps) if number < restarts else None
            middle = threading.Semaphore(0)

            def press(page: Page, wanted: list[str], middle: threading.Semaphore = middle) -> None:
                for prompt in wanted:
                    page.press(prompt, references_of(prompt))
                    middle.release()

            with ThreadPoolExecutor(PAGES) as pool:
                done = [pool.submit(press, page, mine[at::PAGES]) for at, page in enumerate(pages)]
                for _ in range(each // 2):
                    assert middle.acquire(timeout=PATIENCE)
                if lost:
                    lost.kill()
                for ended in done:
                    ended.result()
            if lost:
                lost.start()
        return pages


@contextmanager
def trial(*, own: bool, with_redis: bool) -> Iterator[Trial]:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    lock = threading.Lock()

    def broken(asked: Asked) -> Break:
        if not (asked.is_press and asked.reused):
            return None
        with lock:
            return chance.choice(["before", "after"]) if chance.random() < BROKEN else None

    many = {"SEEDREAM_PICTURES_PER_HOUR": "1000", "SEEDREAM_JOBS_PER_VISITOR": "1000", "SEEDREAM_JOBS": "1000"}
    with (
        controlled_api() as api,
        api.hurrying(),
        replicas(api.environment(**many), with_redis=with_redis) as served,
        breaking_proxy(lambda _: served.url, broken) as proxy,
    ):
        yield Trial(api, served, proxy, chance, own)


@pytest.mark.parametrize(
    ("own", "with_redis", "restarts"),
    [(True, True, ROUNDS), (False, True, ROUNDS), (True, False, 1), (False, False, 1)],
    ids=["own-redis", "owner-redis", "own-alone", "owner-alone"],
)
def test_each_press_is_paid_once_by_whom_it_says(
    browser: Browser, own: bool, with_redis: bool, restarts: int
) -> None:
    with trial(own=own, with_redis=with_redis) as there:
        prompts = [f"press {number}" for number in range(PRESSES)]
        pages = there.press_all(prompts, restarts)
        told = {prompt: record for page in pages for prompt, record in page.told.items()}
        assert sorted(told) == sorted(prompts)
        paid = Counter(call.json["prompt"] for call in there.api.submissions)
        print(
            f"{sum(paid.values())} submissions, {sum(page.http.copies for page in pages)} copies, "
            f"{sum(page.elsewhere for page in pages)} answers of others,",
            Counter(_said(record) for record in told.values()),
        )
        assert max(paid.values()) == 1
        for call in there.api.submissions:
            references = references_of(call.json["prompt"])
            assert call.json.get("image", []) == references
            assert call.path == f"/v1/models/{load(EDIT if references else TEXT_TO_IMAGE).model_id}"
        with_id = {prompt: record["request_id"] for prompt, record in told.items() if record.get("request_id")}
        assert len(set(with_id.values())) == len(with_id)
        assert set(with_id) <= set(paid)
        # What says that nothing was sent is right, and nobody says so of what was.
        assert {prompt for prompt in paid if prompt not in with_id} <= {
            prompt for prompt in told if _said(told[prompt]) == "submission_unknown"
        }
        # Each killed process took what it was at with it, at most a press of each page, and hardly that.
        assert len(with_id) >= PRESSES - restarts * PAGES - 1
        _in_chromium(browser, there)
        assert set(there.api.bearers()) - {TOKEN} == ({OWN} if own else set())
        payers = {call.headers["authorization"] for call in there.api.submissions}
        assert payers == {f"Bearer {OWN if own else TOKEN}"}


def test_a_copy_that_reaches_the_next_process_spends_nothing_and_is_unknown(browser: Browser) -> None:
    """Chromium sends it, while the process that took the press is killed and started anew."""
    anew = threading.Event()
    presses: list[Asked] = []

    def broken(asked: Asked) -> Break:
        if asked.is_press:
            presses.append(asked)
        return "after" if asked.is_press and len(presses) == 1 else None

    def choose(asked: Asked) -> str:
        if len(presses) > 1:
            assert anew.wait(PATIENCE)
        return app.url

    with (
        controlled_api() as api,
        running_app(api.environment()) as app,
        breaking_proxy(choose, broken) as proxy,
        api.interceptor.holding_answers(),
        visit(browser, proxy.url) as visitor,
    ):
        visitor.prompt.fill("a bay, paid for once")
        visitor.generate()
        api.arrived(1)
        wait_until(lambda: SUBMITTING.search(app.output))
        log = SUBMITTING.search(app.output)
        assert log
        app.restart()
        anew.set()
        visitor.wait_for("error")
        expect(visitor.card).to_contain_text("it may have been accepted and charged")
        # By it, whoever runs the page finds the line that was written before the submission left.
        expect(visitor.card).to_contain_text(f"Key in this page's log {log[1]}")
        assert len(presses) > 2
        assert api.submitted() == 1
        # The next press is for the new process, and is as good as any.
        visitor.prompt.fill("another bay")
        visitor.generate()
        api.arrived(2)


def _in_chromium(browser: Browser, there: Trial) -> None:
    """Press in a real browser; each of the presses ends with its own picture."""
    before = there.api.submitted()
    with visit(browser, there.proxy.url) as visitor:
        if there.own:
            visitor.bring_token(OWN)
            expect(visitor.page.get_by_role("button", name="Stop using it")).to_be_visible()
        for number in range(IN_CHROMIUM):
            visitor.prompt.fill(f"in Chromium, press {number}")
            visitor.wait_for("completed", visitor.generate())
    paid = Counter(call.json["prompt"] for call in there.api.submissions[before:])
    assert paid == {f"in Chromium, press {number}": 1 for number in range(IN_CHROMIUM)}


def _said(told: Answer) -> str:
    error = told.get("error")
    return str(error["code"]) if error else "submitted"
