"""What several test modules share: the browser, and the app as a visitor meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from playwright.sync_api import Browser

from seedream.jobs.polling import Polling
from seedream.offline import Options, create_app, serve
from tests.chromium import chromium
from tests.controlled_api import TOKEN, ControlledApi, controlled_api, full_size_picture
from tests.limits.redis_server import RedisServer, redis_server
from tests.quick_polling import PAUSE, wait_for_ends
from tests.servers import AppProcess, Recorder, running_app

# Begun last, one of them would keep a single process busy at the end.
_LONGEST = (
    "test_faults.py",
    "test_accessibility.py",
    "test_survives.py",
    "test_main_job.py",
    "test_history.py",
    "test_job_actions.py",
    "test_form.py",
    "test_selection.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first: each is dealt out as a whole."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


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


@pytest.fixture(scope="session")
def api() -> Iterator[ControlledApi]:
    """One for all tests of a process: what a test finds there, earlier ones may have left."""
    with controlled_api() as started:
        yield started


@pytest.fixture(scope="session")
def app(api: ControlledApi) -> Iterator[AppProcess]:
    """The app with an owner's token, in front of `api`."""
    with running_app(api.environment()) as started:
        yield started


@pytest.fixture(autouse=True)
def _app_is_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start the shared app again after a test that ended it, and failed before it had it back."""
    yield
    if "app" in request.fixturenames:
        app: AppProcess = request.getfixturevalue("app")
        if app.process.poll() is not None:
            app.start()


@pytest.fixture(scope="session")
def _running_redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def empty_redis(_running_redis: RedisServer) -> RedisServer:
    """A Redis that holds nothing, also after a test that stopped it."""
    if not _running_redis.process:
        _running_redis.start()
    redis.Redis(port=_running_redis.port).flushall()
    return _running_redis


@pytest.fixture
def before(api: ControlledApi) -> int:
    """How many submissions the API saw before the test."""
    return api.submitted()


@pytest.fixture
def no_waiting(api: ControlledApi) -> Iterator[None]:
    """Jobs are ready as soon as they are asked for."""
    with api.hurrying():
        yield


@pytest.fixture
def full_size(api: ControlledApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures have as many pixels as were asked for."""
    monkeypatch.setattr(api, "painter", full_size_picture)


@pytest.fixture(scope="module")
def _stopped() -> Iterator[None]:
    """For modules that serve by `quick_polling.served`."""
    yield
    wait_for_ends()


@pytest.fixture
def _quick_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """When to ask has tests of its own; here a test's clock moves by leaps."""
    monkeypatch.setattr(Polling, "seconds", lambda _wait, _now: PAUSE)
