"""How soon the app answers, and how many bytes its page weighs, beside a Gradio app of one line."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import requests
from playwright.sync_api import Browser

from tests.servers import ROOT, AppProcess, free_port, start_app

_ONE_LINE = Path(__file__).with_name("one_line.py")
_SAME_KINDS = Path(__file__).with_name("same_kinds.py")


def seconds_to_first_answer(program: Path, runs: int) -> float:
    """Start a program so many times, and return the median of the seconds until its page was answered."""
    # As an operator starts it: a fork of a process that has imported Gradio answers within a second.
    as_installed = {"PYTHONPATH": str(ROOT)}
    found = []
    for _ in range(runs):
        port = free_port()
        began = time.monotonic()
        app = start_app(as_installed, port=port, program=program)
        requests.get(app.url, timeout=30).raise_for_status()
        found.append(time.monotonic() - began)
        app.kill()
    return statistics.median(found)


def page_bytes(browser: Browser, app: AppProcess) -> int:
    """Return what a first visit transfers, in bytes, until the page has settled."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(app.url, wait_until="networkidle")
    context.close()
    return sum(sizes)


def starting(browser: Browser, runs: int = 5) -> dict[str, tuple[float, float]]:
    """Return, for each measure, this app's figure and its peer's."""
    atelier = ROOT / "app.py"
    figures = {
        "first answer, s": (seconds_to_first_answer(atelier, runs), seconds_to_first_answer(_ONE_LINE, runs))
    }
    weights = []
    for program in (atelier, _SAME_KINDS):
        app = start_app({}, program=program)
        weights.append(page_bytes(browser, app) / 1e6)
        app.kill()
    figures["page, MB"] = (weights[0], weights[1])
    return figures
