"""Beyond one machine: replicas of the page behind nginx, one of which is lost while jobs are under way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, expect

from tests.breaking_proxy import Asked, Break, breaking_proxy
from tests.browser.visit import visit
from tests.controlled_api import ControlledApi
from tests.replicas import Replicas, replicas
from tests.servers import AppProcess

pytestmark = pytest.mark.thorough

JOBS = 10
PAGES = 2
# What the other tests here make first.
BEFORE = 5


@pytest.fixture(scope="module")
def served(api: ControlledApi) -> Iterator[Replicas]:
    with replicas(
        api.environment(SEEDREAM_JOBS_PER_VISITOR=str(JOBS), SEEDREAM_PICTURES_PER_HOUR=str(BEFORE + JOBS))
    ) as there:
        yield there


def test_a_press_that_the_browser_sends_again_by_itself_is_one_job_whichever_replica_gets_the_copy(
    browser: Browser, served: Replicas, api: ControlledApi, before: int
) -> None:
    """Chromium does so when a connection that it used before breaks ahead of the answer."""
    first, second, _ = served.apps
    copies: list[Asked] = []

    def broken(asked: Asked) -> Break:
        if asked.is_press:
            copies.append(asked)
        return "after" if asked.is_press and len(copies) == 1 else None

    with (
        breaking_proxy(lambda _: (second if len(copies) > 1 else first).url, broken) as proxy,
        visit(browser, proxy.url) as visitor,
    ):
        visitor.prompt.fill("a bay, sent twice")
        visitor.wait_for("in_queue", visitor.generate())
        assert len(copies) == 2
        api.finish()
        visitor.pictures(1)
        visitor.wait_for("completed")
    assert api.submitted() == before + 1


@pytest.mark.usefixtures("no_waiting")
def test_a_scripts_key_holds_at_every_replica(served: Replicas, api: ControlledApi, before: int) -> None:
    key = "the key of a careful script"
    one, other, third = served.apps
    headers = {"X-Seedream-Key": key}
    made = [
        Client(app.url, headers=headers, verbose=False).predict(prompt="a bay", api_name="/generate")[1]
        for app in (one, other)
    ]
    _, taken_up = Client(third.url, verbose=False).predict(key, api_name="/resume")
    # So does a page that reached another replica before it heard its request ID.
    watched = requests.post(f"{third.url}/atelier/watch", json={"jobs": [[key, None, False, None]]}, timeout=30)
    assert taken_up["request_id"] in watched.text
    assert {each["request_id"] for each in (*made, taken_up)} == {taken_up["request_id"]}
    assert api.submitted() == before + 1


@pytest.mark.usefixtures("no_waiting")
def test_a_script_stays_with_the_replica_that_took_its_call(served: Replicas, api: ControlledApi) -> None:
    def taken(app: AppProcess) -> int:
        return app.output.count("submitted request_id=")

    earlier = [taken(app) for app in served.apps]
    script = Client(served.url, verbose=False)
    for number in range(3):
        script.predict(prompt=f"a bay by a script, number {number}", api_name="/generate")
    assert sorted(taken(app) - was for app, was in zip(served.apps, earlier, strict=True)) == [0, 0, 3]


def test_jobs_survive_the_loss_of_a_replica_and_are_counted_together(
    browser: Browser, served: Replicas, api: ControlledApi, before: int
) -> None:
    with visit(browser, served.url) as one, visit(browser, served.url) as other:
        for number in range(JOBS // PAGES):
            for visitor in (one, other):
                visitor.prompt.fill(f"a bay, number {number}")
                visitor.wait_for("in_queue", visitor.generate())
        api.draw()
        for visitor in (one, other):
            for card in visitor.cards.all():
                visitor.wait_for("in_progress", card)
        took = [app for app in served.apps if "submitted request_id=" in app.output]
        assert len(took) > 1
        took[0].kill()
        api.finish()
        for visitor in (one, other):
            for card in visitor.cards.all():
                visitor.wait_for("completed", card)
                visitor.pictures(1, card)
        assert api.submitted() == before + JOBS
        # The two that are left know of all of them, of those that the lost one took, too.
        expect(one.page.locator(".account-payer")).to_contain_text("no pictures left until")
        for app in (each for each in served.apps if each is not took[0]):
            with pytest.raises(AppError, match=f"{BEFORE + JOBS} pictures an hour"):
                Client(app.url, verbose=False).predict(prompt="one too many", api_name="/generate")
        assert api.submitted() == before + JOBS
