"""What several test modules share: the browser, and the app as a visitor meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from seedream.jobs.polling import Polling
from seedream.offline import Options, create_app, serve
from tests.chromium import chromium
from tests.impatience import PAUSE, wait_for_ends
from tests.servers import AppProcess, Recorder, running_app

# Marks every place where the owner's token must not show.
TOKEN = "marker-3f9c1d27-owner"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def sample_app() -> Iterator[AppProcess]:
    """The app as it starts with no account at all."""
    with running_app({}) as app:
        yield app


@pytest.fixture(scope="session")
def service() -> Iterator[Recorder]:
    """Another server of the protocol, quick, and with a record of what reached it. Its URL: `service.url`."""
    recorder = Recorder(create_app(Options(queue_seconds=0.3, drawing_seconds=0.3, price_usd=0.04)))
    with serve(recorder) as running:
        recorder.url = running.url
        yield recorder


@pytest.fixture(scope="session")
def paid_app(service: Recorder) -> Iterator[AppProcess]:
    """The app with an owner's token, in front of `service`."""
    with running_app({"RUNCOMFY_TOKEN": TOKEN, "RUNCOMFY_BASE_URL": service.url}) as app:
        yield app


@pytest.fixture(scope="module")
def _stopped() -> Iterator[None]:
    """For modules that serve by `impatience.served`."""
    yield
    wait_for_ends()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """When to ask has tests of its own; here a test's clock moves by leaps."""
    monkeypatch.setattr(Polling, "seconds", lambda _wait, _now: PAUSE)
