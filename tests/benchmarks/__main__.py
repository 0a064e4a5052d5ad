"""`python -m tests.benchmarks`: this app beside the typical pattern, in one run, as the table that README shows.

`--save` writes the table and the waiting frontier's picture to `tests/pictures/`. Ratios are what counts: both
sides are measured on the same machine, one after the other, against the same service.
"""

from __future__ import annotations

import asyncio
import sys

from playwright.sync_api import Browser

from tests.benchmarks.frontier import chart, frontier, table
from tests.benchmarks.keystrokes import typing
from tests.benchmarks.originals import zip_of_fifteen
from tests.benchmarks.painted import measure
from tests.benchmarks.starting import starting
from tests.chromium import chromium
from tests.servers import ROOT
from tests.visitors_load import Plan, report, run, served_app, serving, warm_up

PICTURES = ROOT / "tests" / "pictures"
SIZES = (("2304x1728 (4:3)", 1, 9), ("2304x1728 (4:3)", 4, 3), ("4096x2304 (16:9)", 15, 5))
TYPICAL_RUNS = 2
# So many jobs of a kind, before, teach the app how long they take.
WARM = 12
VISITORS = 500


def main() -> None:
    with chromium() as browser:
        lines = [*_painted(browser), "", *_starting(browser), "", _keystrokes(browser)]
    rows = frontier()
    first, memory, size = zip_of_fifteen()
    lines += [
        "",
        f"A ZIP of fifteen 4096x2304 PNGs ({size:.0f} MB): first byte after {first:.2f} s, "
        f"{memory:.0f} MB of memory.",
        "",
        table(rows),
        "",
        f"{VISITORS} visitors at once, their jobs ending over a minute:",
        "",
        *(f"- {line}" for line in _visitors()),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if "--save" in sys.argv:
        PICTURES.mkdir(exist_ok=True)
        (PICTURES / "benchmarks.md").write_text(text, encoding="utf-8")
        chart(rows).save(PICTURES / "frontier.png", optimize=True)


def _painted(browser: Browser) -> list[str]:
    lines = [
        "| from the API being done to the screen | first picture | all | received | typical: all | ratio |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for resolution, count, runs in SIZES:
        ours = measure(browser, resolution=resolution, count=count, runs=runs, typical=False, warm=WARM)
        typical = measure(browser, resolution=resolution, count=count, runs=TYPICAL_RUNS, typical=True)
        (first, last, received), (_, theirs, _) = ours.row(), typical.row()
        order = "" if ours.in_order else " (out of order)"
        lines.append(
            f"| {count} × {resolution}{order} | {first:.2f} s | {last:.2f} s | {received:.2f} MB "
            f"| {theirs:.1f} s | {theirs / last:.1f} |"
        )
    return lines


def _starting(browser: Browser) -> list[str]:
    lines = ["| starting | this app | its peer | ratio |", "| --- | ---: | ---: | ---: |"]
    for name, (ours, theirs) in starting(browser).items():
        lines.append(f"| {name} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |")
    return lines


def _keystrokes(browser: Browser) -> str:
    median, worst = typing(browser)
    return f"A typed letter is on the screen after {median:.0f} ms, {worst:.0f} at worst, while three jobs run."


def _visitors() -> list[str]:
    # All wait at once, and their jobs, alike as jobs of one kind are, end one after the other.
    plan = Plan(visitors=VISITORS, arrivals=60.0, shortest=70.0, spread=0.0)

    async def visit() -> list[str]:
        await warm_up(app)
        return report(await run(plan, app))

    with serving(plan) as api, served_app(api) as app:
        return asyncio.run(visit())


if __name__ == "__main__":
    main()
