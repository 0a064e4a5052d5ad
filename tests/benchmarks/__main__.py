"""`python -m tests.benchmarks`: this app beside the typical pattern, in one run, as the tables that README shows.

`--save` writes what was measured, and the waiting frontier's picture, to `tests/readme_images/`. Ratios are what
counts: both sides are measured on the same app, one after the other, against the same service. `--frames FOLDER`
keeps the filmstrips: a contact sheet of each journey, and the pictures that it is made of.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser

from tests.benchmarks import filmstrip, history
from tests.benchmarks.frontier import Row, chart, frontier, table
from tests.benchmarks.keystrokes import typing
from tests.benchmarks.originals import zip_of_fifteen
from tests.benchmarks.painted import measure
from tests.benchmarks.starting import starting
from tests.chromium import chromium
from tests.servers import ROOT
from tests.visitors_load import Plan, report, run, served_app, serving, warm_up

PICTURES = ROOT / "tests" / "readme_images"
SIZES = (("2304x1728 (4:3)", 1, 9), ("2304x1728 (4:3)", 4, 3), ("4096x2304 (16:9)", 15, 5))
TYPICAL_RUNS = 2
# So many jobs of a kind, before, teach the app how long they take.
WARM = 12
VISITORS = 500


def main() -> None:
    asked = _arguments()
    found = {}
    measured = parts(asked.frames)
    for name in asked.parts or measured:
        found[name] = measured[name]()
        print(f"## {name}\n\n{found[name]}\n", flush=True)
    if asked.save:
        save(found, PICTURES / "benchmarks.md")
        if "waiting" in found:
            chart(_frontier()).save(PICTURES / "frontier.png", optimize=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = parts()
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(names)} (default: all)")
    parser.add_argument("--save", action="store_true", help="write what was measured to tests/readme_images/")
    parser.add_argument("--frames", type=Path, metavar="FOLDER", help="write the filmstrips' pictures there")
    asked = parser.parse_args()
    if unknown := [part for part in asked.parts if part not in names]:
        parser.error(f"there is no part {unknown[0]}")
    return asked


def save(found: Mapping[str, str], file: Path) -> None:
    """Renew these parts of the file, and leave the others as they are."""
    read = file.read_text(encoding="utf-8") if file.exists() else ""
    kept = dict(re.findall(r"^## (\w+)\n\n(.*?)\n*(?=^## |\Z)", read, re.MULTILINE | re.DOTALL))
    texts = {**kept, **found}
    text = "\n".join(f"## {name}\n\n{texts[name]}\n" for name in parts() if name in texts)
    file.write_text(text, encoding="utf-8")


def _browsing(part: Callable[[Browser], str]) -> str:
    with chromium() as browser:
        return part(browser)


def _painted(browser: Browser) -> str:
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
    return "\n".join(lines)


def _starting(browser: Browser) -> str:
    lines = ["| starting | this app | its peer | ratio |", "| --- | ---: | ---: | ---: |"]
    for name, (ours, theirs) in starting(browser).items():
        lines.append(f"| {name} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |")
    return "\n".join(lines)


def _keystrokes(browser: Browser) -> str:
    median, worst = typing(browser)
    return f"A typed letter is on the screen after {median:.0f} ms, {worst:.0f} at worst, while three jobs run."


def _zip() -> str:
    first, memory, size = zip_of_fifteen()
    return (
        f"A ZIP of fifteen 4096x2304 PNGs ({size:.0f} MB): first byte after {first:.2f} s, "
        f"{memory:.0f} MB of memory."
    )


@cache
def _frontier() -> list[Row]:
    return frontier()


def _visitors() -> str:
    # All wait at once, and their jobs, alike as jobs of one kind are, end one after the other.
    plan = Plan(visitors=VISITORS, arrivals=60.0, shortest=70.0, spread=0.0)

    async def visit() -> list[str]:
        await warm_up(app)
        return report(await run(plan, app))

    with serving(plan) as api, served_app(api) as app:
        lines = asyncio.run(visit())
    told = (f"- {line}" for line in lines)
    return "\n".join([f"{VISITORS} visitors at once, their jobs ending over a minute:", "", *told])


def parts(frames: Path | None = None) -> Mapping[str, Callable[[], str]]:
    """Return what can be measured, by name; the filmstrips' pictures go to the folder `frames`."""
    return {
        "painted": lambda: _browsing(_painted),
        "starting": lambda: _browsing(_starting),
        "filmstrip": lambda: _browsing(lambda browser: filmstrip.table(filmstrip.filmstrips(browser, frames))),
        "history": lambda: _browsing(lambda browser: history.table(history.wall(browser))),
        "keystrokes": lambda: _browsing(_keystrokes),
        "zip": _zip,
        "waiting": lambda: table(_frontier()),
        "visitors": _visitors,
    }


if __name__ == "__main__":
    main()
