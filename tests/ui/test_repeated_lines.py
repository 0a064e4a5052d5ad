"""What repeats is a line a minute; what is news is a line of its own."""

from __future__ import annotations

import logging
import re
import time

import pytest

from seedream.ui.repeated_lines import RepeatedLines
from tests.controlled_api import wait_until

SECONDS = 0.3
# So long that it does not end within a test.
ALWAYS = 600.0


class Log(logging.Handler):
    """Keeps what is written by two loggers: of this program, and of another."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.own, self.foreign = logging.getLogger(f"seedream.{name}"), logging.getLogger(f"foreign.{name}")
        self.repeated = RepeatedLines(seconds)
        self.addFilter(self.repeated)
        for each in (self.own, self.foreign):
            each.setLevel(logging.INFO)
            each.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log(request: pytest.FixtureRequest) -> Log:
    return Log(request.node.name, ALWAYS)


@pytest.fixture
def soon(request: pytest.FixtureRequest) -> Log:
    """Its minute is short."""
    return Log(request.node.name, SECONDS)


def more(lines: list[str]) -> list[int]:
    """Return how many more like them the lines tell of."""
    return [int(found[1]) for line in lines if (found := re.search(r"\((\d+) more", line))]


def fails(log: logging.Logger, words: str, fault: Exception) -> None:
    try:
        raise fault
    except type(fault):
        log.exception("%s failed", words)


def first_lines(lines: list[str]) -> list[str]:
    return [line.partition("\n")[0] for line in lines]


def test_the_first_is_written_and_then_how_many_more_there_were(soon: Log) -> None:
    for number in range(1000):
        soon.foreign.warning("Invalid request from %d.", number)

    # On a machine that is held up, some come after a quiet time, and are news.
    def news() -> list[str]:
        return [line for line in soon.lines if not more([line])]

    wait_until(lambda: sum(more(soon.lines)) + len(news()) == 1000)
    assert soon.lines[0] == "Invalid request from 0."
    assert len(soon.lines) < 100


def test_what_goes_on_is_a_line_at_a_time(log: Log) -> None:
    for _ in range(3):
        for _ in range(10):
            log.foreign.warning("again")
        log.repeated.tell()
    assert log.lines[0] == "again"
    assert more(log.lines[1:]) == [9, 10, 10]


def test_after_a_quiet_time_it_is_news(soon: Log) -> None:
    for _ in range(2):
        soon.foreign.warning("rare")
        time.sleep(SECONDS)
    assert soon.lines == ["rare"] * 2


def test_another_fault_at_the_same_place_is_another_line(log: Log) -> None:
    for _ in range(5):
        fails(log.foreign, "it", ValueError())
        fails(log.foreign, "it", KeyError())
    assert first_lines(log.lines) == ["it failed"] * 2
    assert "ValueError" in log.lines[0]
    assert "KeyError" in log.lines[1]


def test_what_is_no_warning_is_always_written(log: Log) -> None:
    for _ in range(100):
        log.own.info("job {}")
    assert log.lines == ["job {}"] * 100


def test_what_the_program_says_of_different_jobs_is_written(log: Log) -> None:
    for number in range(100):
        fails(log.own, f"job {number % 15}", ValueError())
    assert first_lines(log.lines) == [f"job {number} failed" for number in range(15)]
    for number in range(100):
        fails(log.own, f"job {number}", ValueError())
    assert len(log.lines) == 20
