from __future__ import annotations

import time

import pytest

from seedream.jobs.claims import OwnClaims
from seedream.ui.tickets import KEEP_SECONDS, Tickets


async def test_a_ticket_names_the_claims_of_the_process_that_gave_it() -> None:
    claims = OwnClaims()
    ticket = await Tickets(b"secret", claims).give()
    # Another replica reads it, and sees that it is not its own.
    assert Tickets(b"secret", OwnClaims()).read(ticket) == await claims.epoch()


async def test_a_ticket_that_is_old_or_foreign_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = Tickets(b"secret", OwnClaims())
    ticket = await tickets.give()
    for unfit in (None, "", "made up", ticket[:-4], await Tickets(b"other", OwnClaims()).give()):
        assert tickets.read(unfit) == ""
    later = time.time() + KEEP_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert tickets.read(ticket) == ""
