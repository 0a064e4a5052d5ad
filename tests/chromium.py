"""Where the browser comes from: Playwright's own, else the system's, else what can be installed."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, Error, expect, sync_playwright

from tests.debian import install

Started = TypeVar("Started", Browser, BrowserContext)

# As long as Playwright waits for everything else: how quick a busy machine is says nothing about the page.
expect.set_options(timeout=30_000)

# Not Debian's chromium-headless-shell, which is a third quicker: it asks for no notifications, lets no page copy
# at a press, and keeps what another site's frame stores.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
)
_PARTITIONS = "ThirdPartyStoragePartitioning"
# Background services would look up hosts that a test machine may not reach; as root there is no sandbox.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join([*_WITHOUT, _PARTITIONS])}",
    # A page that is no secure context, as colleagues open a demo: loopback under a name of its own is none.
    "--host-resolver-rules=MAP demo.test 127.0.0.1",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = _launched(partial(playwright.chromium.launch, args=_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def chromium_of_a_visitor(
    browser: Browser, folder: Path, *switches: str, **options: Any
) -> Iterator[BrowserContext]:
    """Start another one beside `browser`, with the profile in this folder, a visitor's but for `switches`."""
    launch = browser.browser_type.launch_persistent_context
    # Of two switches alike, the last one counts.
    arguments = [*_ARGUMENTS, f"--disable-features={','.join(_WITHOUT)}", *switches]
    context = _launched(partial(launch, folder, args=arguments, **options))
    try:
        yield context
    finally:
        context.close()


def _launched(launch: Callable[..., Started]) -> Started:
    faults: list[str] = []
    for path in _candidates():
        try:
            return launch(channel="chromium", executable_path=path)
        except Error as error:
            # Playwright's own lacks libraries on a bare system; Debian's brings them along.
            faults.append(f"{path or 'of its own'}: {error}")
    raise RuntimeError("\n".join(["No Chromium starts here, and none could be installed.", *faults]))


def _candidates() -> Iterator[Path | None]:
    """Yield each Chromium that may be here (None: Playwright's own), installed only when none before it starts."""
    yield None
    yield from _on_the_system()
    with _one_at_a_time():
        yield from _on_the_system()
        command = [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"]
        subprocess.run(command, check=False, capture_output=True)
        yield None
        install(_NAMES[0])
        yield from _on_the_system()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for other processes that install a browser: apt lets nobody in beside itself."""
    with Path(tempfile.gettempdir(), "seedream-tests-chromium.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _on_the_system() -> list[Path]:
    return [Path(found) for found in map(shutil.which, _NAMES) if found]
