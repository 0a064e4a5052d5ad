"""What the journeys need: each engine, started once, and one app in front of an API whose clock a test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.engines.engine import Engine, Launch
from tests.engines.firefox import firefox
from tests.engines.visitor import Visitor
from tests.engines.webkit import webkit
from tests.servers import AppProcess

_ENGINES: dict[str, Launch] = {"webkit": webkit, "firefox": firefox}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--allow-missing", action="store_true", help="skip an engine that can't be had here")


@pytest.fixture(scope="session", params=_ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    name = request.param
    with ExitStack() as stack:
        try:
            yield stack.enter_context(_ENGINES[name](tmp_path_factory.mktemp(name)))
        except RuntimeError as error:
            reason = f"{name} can't be had here. {error}"
            if request.config.getoption("--allow-missing"):
                pytest.skip(reason)
            pytest.fail(reason, pytrace=False)


@pytest.fixture
def visitor(engine: Engine, app: AppProcess) -> Iterator[Visitor]:
    visitor = Visitor(engine, app.url)
    yield visitor
    visitor.is_faultless()
