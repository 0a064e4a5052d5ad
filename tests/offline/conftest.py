from __future__ import annotations

from collections.abc import Iterator

import pytest

from seedream.offline import Options, create_app, serve
from tests.offline.support import Client, StillClock, ready_made


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def client(clock: StillClock) -> Iterator[Client]:
    """A stand-in whose jobs wait for 30 s and are drawn for 20 s of a clock that the test moves."""
    options = Options(queue_seconds=30, drawing_seconds=20, price_usd=0.04, keep_seconds=600, keep_jobs=3)
    with serve(create_app(options, ready_made, clock)) as service:
        yield Client(service.url)


@pytest.fixture
def swift() -> Iterator[Client]:
    """A stand-in that makes nobody wait."""
    with serve(create_app(Options(queue_seconds=0, drawing_seconds=0), ready_made)) as service:
        yield Client(service.url)
