"""What is said to the Hub, and what stays unsaid, in the process that says it."""

from __future__ import annotations

import logging

import pytest
from huggingface_hub import constants

from seedream.space import Secret
from seedream.space.hub import Hub, RefusedError
from seedream.space.plan import Plan
from tests.space.hub import hub


def test_a_refused_secret_leaves_the_log_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    with hub({"hf_marker-ada": ("ada",)}) as served:
        monkeypatch.setenv("HF_TOKEN", "hf_marker-ada")
        monkeypatch.setattr(constants, "ENDPOINT", served.url)
        secret = Secret("RUNCOMFY_TOKEN", "what pays")
        plan = Plan(make=False, private=False, files={}, variables=(), kept=(), secrets=(secret,))
        with pytest.raises(RefusedError, match="has gone"):
            list(Hub("ada/atelier").carry_out(plan, {secret: "marker-3f9c1d27-owner"}, {}, None))
    assert logging.root.manager.disable == logging.NOTSET
