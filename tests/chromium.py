"""Where the browser comes from: Playwright's own, else the system's, else what can be installed."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, Error, sync_playwright

from tests.debian import install

# It has no window, and so nothing around the page that costs time; nor has it notifications.
_WITHOUT_WINDOW = "chromium-headless-shell"
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
# A visit is half as long without what is made ready for each window's address field. Chromium knows no list but
# the last that it is given, so Playwright's stands here too.
_WITHOUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
# Background services would look up hosts that a test machine may not reach; as root there is no sandbox.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(_WITHOUT)}",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium, the one without a window where there is one."""
    with sync_playwright() as playwright:
        browser = _launched(playwright.chromium, _candidates())
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def whole_chromium(beside: Browser) -> Iterator[Browser]:
    """Start the whole of Chromium beside one that runs already: a process has one Playwright."""
    browser = _launched(beside.browser_type, _whole())
    try:
        yield browser
    finally:
        browser.close()


def _launched(chromium: BrowserType, candidates: Iterator[Path | None]) -> Browser:
    faults = []
    for path in candidates:
        try:
            return chromium.launch(executable_path=path, args=_ARGUMENTS)
        except Error as error:
            # Playwright's own lacks libraries on a bare system; Debian's brings them along.
            faults.append(f"{path or 'of its own'}: {error}")
    raise RuntimeError("\n".join(["No Chromium starts here, and none could be installed.", *faults]))


def _candidates() -> Iterator[Path | None]:
    """Yield each Chromium that may be here (None: Playwright's own), installed only when none before it starts."""
    yield None
    yield from _on_the_system(_WITHOUT_WINDOW)
    with _one_at_a_time():
        yield from _on_the_system(_WITHOUT_WINDOW)
        command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
        subprocess.run(command, check=False, capture_output=True)
        yield None
        install(_WITHOUT_WINDOW)
        yield from _on_the_system(_WITHOUT_WINDOW)
    yield from _whole()


def _whole() -> Iterator[Path | None]:
    yield from _on_the_system(*_NAMES)
    with _one_at_a_time():
        yield from _on_the_system(*_NAMES)
        install(_NAMES[0])
        yield from _on_the_system(*_NAMES)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for other processes that install a browser: apt lets nobody in beside itself."""
    with Path(tempfile.gettempdir(), "seedream-tests-chromium.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _on_the_system(*names: str) -> list[Path]:
    return [Path(found) for found in map(shutil.which, names) if found]
