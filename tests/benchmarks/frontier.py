"""The waiting frontier: how late a finished picture is noticed, against how often the service is asked.

`python -m tests.benchmarks.frontier [--save PATH]` prints it as a table, and draws it to a PNG. Nothing here
takes the time it speaks of: jobs and clocks are numbers.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from PIL import Image, ImageDraw, ImageFont

from seedream.jobs.estimates import Estimates
from seedream.jobs.polling import ASKS, Polling
from seedream.schema import Request

REQUEST: Request = {"resolution": "2304x1728 (4:3)", "output_format": "png"}
INTERVALS = (0.1, 0.5, 2.0, 3.0, 5.0)
BUDGETS = (3.0, 5.0, ASKS, 13.0, 20.0, 40.0)
LEARNED = 50
MEDIAN, SIGMA = 10.0, 0.25

Draw = Callable[[random.Random, int], float]
"""Gives the seconds that the job of that number (from 0) is drawn."""


@dataclass(frozen=True)
class Cost:
    """What it took to notice that a job was done: requests, submission and result included, and seconds."""

    requests: float
    delay: float


@dataclass(frozen=True)
class Row:
    """One point of the frontier. `ratio` is its delay over that of the interval making as many requests."""

    name: str
    cost: Cost
    ratio: float
    ours: bool = False
    default: bool = False


def lognormal(rng: random.Random, _number: int) -> float:
    return MEDIAN * math.exp(rng.gauss(0, SIGMA))


def ask_ours(durations: Estimates, drawing: float, queue: float = 0.0, asks: float = ASKS) -> Cost:
    """Polling for a job as the app does: `/status` while queued, `/result` then; the durations learn from it."""
    wait, now, requests, done = Polling(durations, REQUEST, 0.0, asks), 0.0, 1, queue + drawing
    while now < done:
        now += wait.seconds(now)
        requests += 1
        if now < queue:
            wait.in_queue(now)
        elif now < done:
            wait.in_progress(now)
    # `/status` only says that there is a result.
    requests += wait.began is None
    wait.completed(now)
    return Cost(requests, now - done)


def ask_fixed(interval: float, drawing: float) -> Cost:
    """Polling for a job by asking for its result every so often."""
    asks = math.ceil(drawing / interval)
    return Cost(1 + asks, asks * interval - drawing)


def learning(
    jobs: int, seeds: int, draw: Draw = lognormal, asks: float = ASKS
) -> Iterator[list[tuple[float, Cost]]]:
    """Yield, for each seed, the seconds drawn and the costs of so many jobs, learned from one after the other."""
    for seed in range(seeds):
        rng, durations = random.Random(seed), Estimates()
        seconds = [draw(rng, number) for number in range(jobs)]
        yield [(each, ask_ours(durations, each, asks=asks)) for each in seconds]


def mean(costs: Sequence[Cost]) -> Cost:
    return Cost(fmean(cost.requests for cost in costs), fmean(cost.delay for cost in costs))


def same_requests(requests: float, seconds: Sequence[float]) -> Cost:
    """Return what the fixed interval that makes so many requests a job costs for these durations."""
    low, high = 0.001, 2 * max(seconds)
    for _ in range(40):
        middle = math.sqrt(low * high)
        if 1 + fmean(math.ceil(each / middle) for each in seconds) > requests:
            low = middle
        else:
            high = middle
    return mean([ask_fixed(high, each) for each in seconds])


def frontier(seeds: int = 200) -> list[Row]:
    """Return the fixed intervals' points, then ours after `LEARNED` jobs, from few requests to many."""
    rng = random.Random(0)
    seconds = [lognormal(rng, number) for number in range(seeds * LEARNED)]
    rows = [
        Row(f"every {interval:g} s", mean([ask_fixed(interval, each) for each in seconds]), 1.0)
        for interval in reversed(INTERVALS)
    ]
    for asks in BUDGETS:
        later = [job for jobs in learning(2 * LEARNED, seeds, asks=asks) for job in jobs[LEARNED:]]
        cost = mean([cost for _, cost in later])
        peer = same_requests(cost.requests, [drawn for drawn, _ in later])
        rows.append(Row(f"budget {asks:g}", cost, cost.delay / peer.delay, ours=True, default=asks == ASKS))
    return rows


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| waiting | requests per job | mean delay | of the fixed interval's with as many requests |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in rows:
        name = f"**ours, {row.name}** (default)" if row.default else f"ours, {row.name}" if row.ours else row.name
        lines.append(f"| {name} | {row.cost.requests:.1f} | {row.cost.delay:.2f} s | {row.ratio:.2f} |")
    return "\n".join(lines)


PAPER, INK, ACCENT = "#faf8f4", "#1f1b16", "#c2410c"
SOFT, FAINT = "#6b6459", "#e4ded3"
WIDTH, HEIGHT = 1440, 900
LEFT, TOP, RIGHT, BOTTOM = 130, 170, 1370, 780
REQUESTS, DELAY = (2.7, 170.0), (0.04, 4.0)
REQUESTS_TICKS = (3, 5, 10, 20, 50, 100)
DELAY_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 4)
# Pillow's lines have hard edges: drawn this much larger, and made smaller in the end.
_SCALE = 3


class _Sheet:
    """A chart with two logarithmic axes, drawn in its final size's pixels."""

    def __init__(self) -> None:
        self._image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    @staticmethod
    def place(cost: Cost) -> tuple[float, float]:
        x = math.log(cost.requests / REQUESTS[0]) / math.log(REQUESTS[1] / REQUESTS[0])
        y = math.log(cost.delay / DELAY[0]) / math.log(DELAY[1] / DELAY[0])
        return LEFT + x * (RIGHT - LEFT), BOTTOM - y * (BOTTOM - TOP)

    def text(self, place: tuple[float, float], text: str, size: int, colour: str, anchor: str = "lm") -> None:
        font = ImageFont.load_default(size * _SCALE)
        self._draw.text((place[0] * _SCALE, place[1] * _SCALE), text, colour, font, anchor)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._draw.line(scaled, colour, round(width * _SCALE), joint="curve")

    def dot(self, cost: Cost, radius: float, colour: str) -> None:
        x, y = self.place(cost)
        for size, fill in ((radius + 3, PAPER), (radius, colour)):
            self._draw.circle((x * _SCALE, y * _SCALE), size * _SCALE, fill)

    def finished(self) -> Image.Image:
        return self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def chart(rows: Sequence[Row]) -> Image.Image:
    """Draw the rows: mean delay against requests per job, both on logarithmic scales."""
    sheet = _Sheet()
    sheet.text((LEFT, 56), "How late a finished picture is noticed", 38, INK)
    jobs = f"Jobs of about {MEDIAN:g} s (log-normal, sigma {SIGMA:g}), after {LEARNED} jobs to learn from."
    sheet.text((LEFT, 104), f"{jobs} Lower left is better.", 22, SOFT)
    _axes(sheet)
    fixed = [row for row in rows if not row.ours]
    ours = [row for row in rows if row.ours]
    for line, colour in ((fixed, INK), (ours, ACCENT)):
        sheet.line([sheet.place(row.cost) for row in line], colour, 3)
    for row in fixed:
        x, y = sheet.place(row.cost)
        sheet.dot(row.cost, 8, INK)
        sheet.text((x + 16, y - 14), row.name, 22, INK)
    for row in ours:
        x, y = sheet.place(row.cost)
        sheet.dot(row.cost, 12 if row.default else 7, ACCENT)
        if row.default:
            sheet.text((x - 22, y + 16), "waiting that knows, by default:", 22, ACCENT, "rm")
            told = f"{row.cost.requests:.1f} requests, {row.cost.delay:.2f} s late"
            sheet.text((x - 22, y + 44), told, 22, ACCENT, "rm")
        else:
            sheet.text((x - 14, y + 16), row.name, 18, ACCENT, "rm")
    return sheet.finished()


def _axes(sheet: _Sheet) -> None:
    for requests in REQUESTS_TICKS:
        x, _ = sheet.place(Cost(requests, DELAY[0]))
        sheet.line([(x, TOP), (x, BOTTOM)], FAINT, 1)
        sheet.text((x, BOTTOM + 24), f"{requests}", 20, SOFT, "mm")
    for delay in DELAY_TICKS:
        _, y = sheet.place(Cost(REQUESTS[0], delay))
        sheet.line([(LEFT, y), (RIGHT, y)], FAINT, 1)
        sheet.text((LEFT - 16, y), f"{delay:g} s", 20, SOFT, "rm")
    sheet.line([(LEFT, BOTTOM), (RIGHT, BOTTOM)], INK, 1.5)
    sheet.text((LEFT, TOP - 24), "mean delay", 20, SOFT)
    sheet.text((RIGHT, BOTTOM + 64), "requests per job, submission and result included", 20, SOFT, "rm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", type=Path, metavar="PATH", help="draw the frontier to this PNG file")
    save: Path | None = parser.parse_args().save
    rows = frontier()
    print(table(rows))
    if save:
        chart(rows).save(save, optimize=True)


if __name__ == "__main__":
    main()
