"""What a visitor sees over Fast 3G on a slow device, and a wall of five hundred pictures, within their bounds."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.benchmarks.filmstrip import filmstrips
from tests.benchmarks.history import PICTURES, wall

SHELL_SECONDS = 0.5
SHIFT = 0.02
WALL_SECONDS = 1.0


def test_the_shell_comes_at_once_and_nothing_moves(browser: Browser) -> None:
    journeys = filmstrips(browser, None)
    shells = {each.name: round(each.opened.shell, 2) for each in journeys if each.opened}
    assert len(shells) == 4
    assert max(shells.values()) <= SHELL_SECONDS, shells
    shifts = {each.name: round(each.shift, 3) for each in journeys}
    assert max(shifts.values()) < SHIFT, shifts
    assert {each.name: each.moved for each in journeys if each.moved} == {}


def test_five_hundred_pictures_are_there_at_once_and_scroll(browser: Browser) -> None:
    found = wall(browser)
    assert found.scrolling.rows[1] == PICTURES
    assert found.full.all <= WALL_SECONDS
    assert found.scrolling.long == []
    assert (found.requests, found.calls) == (0, 0)
