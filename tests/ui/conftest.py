"""The app that edits, for the modules that try that in different ways; each has an API of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.controlled_api import ControlledApi
from tests.servers import AppProcess, running_app


@pytest.fixture(scope="module")
def editing_app(api: ControlledApi) -> Iterator[AppProcess]:
    # By the file alone, as nobody has seen this model's whole schema.
    with running_app(api.environment(SEEDREAM_SCHEMA="file")) as app:
        yield app
