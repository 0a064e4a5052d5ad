"""WebKit as GTK has it, which is Safari's engine on Linux."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.webkitgtk.service import Service

from tests.debian import program
from tests.engines.engine import Engine


@contextmanager
def webkit(home: Path) -> Iterator[Engine]:
    driver_path, xvfb = program("WebKitWebDriver", "webkit2gtk-driver"), program("Xvfb", "xvfb")
    downloads = home / "Downloads"
    downloads.mkdir()
    (home / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{downloads}"\n')
    with _screen(xvfb) as display:
        variables = {
            **os.environ,
            "DISPLAY": display,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "LC_ALL": "C.UTF-8",
            # The desktop's bus is not there to be asked.
            "NO_AT_BRIDGE": "1",
        }
        driver = webdriver.WebKitGTK(service=Service(driver_path, env=variables))
        try:
            yield Engine(driver, downloads)
        finally:
            driver.quit()


@contextmanager
def _screen(xvfb: str) -> Iterator[str]:
    """Start a screen that nobody sees, for an engine that has no headless mode, and return its name."""
    read, write = os.pipe()
    command = [xvfb, "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as process:
        os.close(write)
        try:
            with os.fdopen(read) as number:
                yield f":{number.readline().strip()}"
        finally:
            process.terminate()
