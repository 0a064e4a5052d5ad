"""Beyond one machine: replicas of the page behind nginx, one of which is lost while jobs are under way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.breaking_proxy import Asked, Break, breaking_proxy
from tests.browser.visit import PATIENCE_MS, visit
from tests.controlled_api import ControlledApi
from tests.replicas import Replicas, replicas

JOBS = 10
PAGES = 2


@pytest.fixture(scope="module")
def served(api: ControlledApi) -> Iterator[Replicas]:
    with replicas(
        api.environment(SEEDREAM_JOBS_PER_VISITOR=str(JOBS + 1), SEEDREAM_PICTURES_PER_HOUR=str(JOBS + 1))
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
        # The two that are left know of all eleven, of those that the lost one took, too.
        one.prompt.fill("one too many")
        one.generate_button.click()
        expect(one.notice).to_contain_text("11 pictures an hour", timeout=PATIENCE_MS)
        assert api.submitted() == before + JOBS
