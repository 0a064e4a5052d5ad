"""An edit is paid once as any other press, with 19 MB of references on their way: cut, killed, pressed twice."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from seedream.schema import EDIT, load
from tests.browser.test_references import photo
from tests.browser.visit import visit
from tests.controlled_api import ControlledApi, controlled_api
from tests.servers import AppProcess, running_app
from tests.trials.test_replicas_once import PATIENCE, SUBMIT, Answer, Http, Page, gallery_of, server_call
from tests.ui.test_references_leave_nothing import heavy

_RESET = struct.pack("ii", 1, 0)


@pytest.fixture(scope="module")
def references() -> list[str]:
    return [heavy()] * 3


@pytest.fixture
def editing_api() -> Iterator[ControlledApi]:
    with controlled_api() as started:
        yield started


@pytest.fixture
def editing_app(editing_api: ControlledApi) -> Iterator[AppProcess]:
    with running_app(editing_api.environment()) as started:
        yield started


def page_of(app: AppProcess) -> Page:
    return Page(app.url, gallery_of(Http(app.url)), None)


def paid(api: ControlledApi, references: list[str]) -> Counter[str]:
    """Return how often each prompt was submitted, and see that each brought all that it starts from."""
    for call in api.submissions:
        assert call.path == f"/v1/models/{load(EDIT).model_id}"
        assert call.json["image"] == references
    return Counter(call.json["prompt"] for call in api.submissions)


@contextmanager
def on_its_way(page: Page, order: Answer, *, missing: int, reset: bool) -> Iterator[None]:
    """Send an order but for its last bytes; at the end of the block the connection is closed, or reset."""
    host, port = page.url.removeprefix("http://").split(":")
    body = json.dumps(server_call(page.gallery, "submit", order)).encode()
    head = f"POST {SUBMIT} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) - missing])
        yield
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def sent_twice(page: Page, order: Answer) -> list[Answer]:
    """Send the same order over two connections at once, and return both answers."""

    def send(_: int) -> Answer:
        answer: Answer = Http(page.url).ask(SUBMIT, server_call(page.gallery, "submit", order))
        return answer

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send, range(2)))


def test_what_is_cut_is_not_sent_and_the_same_press_is_sent_once(
    editing_api: ControlledApi, editing_app: AppProcess, references: list[str]
) -> None:
    page = page_of(editing_app)
    half = sum(map(len, references)) // 2
    with on_its_way(page, page.order(page.take_ticket(), "never whole", references), missing=half, reset=True):
        pass
    # Of the last one only the answer is not heard.
    for missing, reset in ((half, False), (1, True), (0, False)):
        order = page.order(page.take_ticket(), f"cut {missing}", references)
        with on_its_way(page, order, missing=missing, reset=reset):
            pass
        first, second = sent_twice(page, order)
        assert first["record"]["request_id"] == second["record"]["request_id"]
    assert paid(editing_api, references) == {f"cut {missing}": 1 for missing in (half, 1, 0)}


def test_a_process_killed_over_an_edit_is_paid_at_most_once_and_says_so(
    editing_api: ControlledApi, editing_app: AppProcess, references: list[str]
) -> None:
    page = page_of(editing_app)
    order = page.order(page.take_ticket(), "killed on its way", references)
    with on_its_way(page, order, missing=sum(map(len, references)) // 2, reset=False):
        editing_app.restart()
    # It was for that process: whoever brings it again pays for nothing.
    assert {each["error"]["code"] for each in sent_twice(page, order)} == {"press_elsewhere"}

    # A page brings it again many times, so that it is a light one.
    one, page = references[:1], page_of(editing_app)
    with editing_api.interceptor.holding_answers():
        pressing = threading.Thread(target=page.press, args=["killed before the answer", one])
        pressing.start()
        assert editing_api.interceptor.holding.wait(PATIENCE)
        editing_app.kill()
    editing_app.start()
    pressing.join()
    assert page.told["killed before the answer"]["error"]["code"] == "submission_unknown"

    page = page_of(editing_app)
    page.press("the next one", one)
    assert page.told["the next one"]["request_id"]
    assert paid(editing_api, one) == {"killed before the answer": 1, "the next one": 1}


def test_who_presses_again_while_a_photo_is_made_ready_presses_once(
    browser: Browser, editing_api: ControlledApi, editing_app: AppProcess
) -> None:
    with visit(browser, editing_app.url) as visitor:
        visitor.prompt.fill("make the sky red")
        with visitor.page.expect_file_chooser() as chooser:
            visitor.page.get_by_role("button", name="Start from a picture").click()
        chooser.value.set_files({"name": "phone.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        visitor.generate_button.dblclick()
        visitor.wait_for("in_queue")
        visitor.prompt.fill("and now the sea")
        visitor.generate()
        editing_api.arrived(2)
    first, second = editing_api.submissions
    assert (first.json["prompt"], second.json["prompt"]) == ("make the sky red", "and now the sea")
    assert first.json["image"] == second.json["image"]
