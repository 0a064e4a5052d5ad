from __future__ import annotations

import time

import pytest

from seedream.errors import SeedreamError
from seedream.ui.sealed_tokens import KEEP_SECONDS, SealedTokens

TOKEN = "own-5c02e7aa"


def refused(tokens: SealedTokens, seal: object) -> str:
    with pytest.raises(SeedreamError) as caught:
        tokens.open(seal)
    return caught.value.code


def test_any_process_with_the_secret_opens_what_another_has_sealed() -> None:
    seal = SealedTokens(b"a secret").seal(TOKEN)
    assert TOKEN not in seal
    assert SealedTokens(b"a secret").open(seal) == TOKEN


@pytest.mark.parametrize("seal", [None, "", 7, ["a"], "gAAAAA", "x" * 5000, "\ud83c", TOKEN])
def test_what_is_no_seal_opens_nothing(seal: object) -> None:
    assert refused(SealedTokens(b"a secret"), seal) == "own_token_needed"


def test_another_secret_and_a_changed_letter_open_nothing() -> None:
    seal = SealedTokens(b"a secret").seal(TOKEN)
    assert refused(SealedTokens(b"another"), seal) == "own_token_needed"
    changed = seal[:40] + ("A" if seal[40] != "A" else "B") + seal[41:]
    assert refused(SealedTokens(b"a secret"), changed) == "own_token_needed"


def test_a_seal_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, now = SealedTokens(b"a secret"), time.time()
    seal = tokens.seal(TOKEN)
    monkeypatch.setattr(time, "time", lambda: now + KEEP_SECONDS - 5)
    assert tokens.open(seal) == TOKEN
    monkeypatch.setattr(time, "time", lambda: now + KEEP_SECONDS + 5)
    assert refused(tokens, seal) == "own_token_needed"
