"""Where the browser comes from: Playwright's own, else the system's, else Debian's package."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from tests.debian import install

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Background services would look up hosts that a test machine may not reach; as root there is no sandbox.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def candidates(playwright: Playwright) -> Iterator[Path]:
    """Yield each Chromium that there may be, installed only when the ones before it would not start."""
    own = Path(playwright.chromium.executable_path)
    if not own.exists():
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True
        )
    if own.exists():
        yield own
    yield from _on_the_system()
    install("chromium")
    yield from _on_the_system()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = _launched(playwright)
        try:
            yield browser
        finally:
            browser.close()


def _launched(playwright: Playwright) -> Browser:
    faults = []
    for path in candidates(playwright):
        try:
            return playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        except Error as error:
            # Playwright's own lacks libraries on a bare system; Debian's brings them along.
            faults.append(f"{path}: {error}")
    raise RuntimeError("\n".join(["No Chromium starts here, and none could be installed.", *faults]))


def _on_the_system() -> list[Path]:
    return [Path(found) for found in map(shutil.which, _NAMES) if found]
