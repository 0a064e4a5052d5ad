"""No address that anybody names is fetched, connected to or looked up: hundreds of ways, in a network of its own.

In that network every address there is leads to a listener, which hears each connection, whatever its port, and
each name that is looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from tests.servers import ROOT
from tests.trials.foreign.network import IN_A_NAMESPACE, missing
from tests.trials.foreign.walk import BY_HAND, WAYS, WITHOUT_THE_GATE

SECONDS = 600


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What was heard, and what the app said, on all ways."""
    if why := missing():
        pytest.skip(why)
    file = tmp_path_factory.mktemp("walk") / "told.json"
    command = [*IN_A_NAMESPACE, sys.executable, "-m", "tests.trials.foreign.walk", str(file)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=SECONDS)
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


def test_there_are_more_than_sixty_ways() -> None:
    assert len(WAYS) > 60


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_heard_of_an_address(walk: Mapping[str, Any], way: str) -> None:
    step = walk["ways"][way]
    assert step["fault"] is None
    assert step["heard"] == [], step["said"]


def test_nothing_else_is_heard_from_the_start_on(walk: Mapping[str, Any]) -> None:
    assert walk["heard"] == []


def test_the_app_goes_on_and_has_files_from_where_they_may_lie(walk: Mapping[str, Any]) -> None:
    assert walk["fetched"]
    assert "Traceback" not in walk["log"]


@pytest.mark.parametrize("way", WITHOUT_THE_GATE)
def test_without_the_gate_it_would_be_heard(walk: Mapping[str, Any], way: str) -> None:
    assert walk["without_the_gate"][way]["heard"]


@pytest.mark.parametrize("way", BY_HAND)
def test_the_listener_hears(walk: Mapping[str, Any], way: str) -> None:
    assert walk["by_hand"][way]["heard"]
