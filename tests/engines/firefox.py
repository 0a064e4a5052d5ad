"""Firefox, without a window."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver

from tests.debian import program
from tests.engines.engine import Engine
from tests.engines.marionette import Marionette

_START_SECONDS = 60.0


@contextmanager
def firefox(home: Path) -> Iterator[Engine]:
    path = shutil.which("firefox") or program("firefox-esr")
    downloads, profile = home / "Downloads", home / "profile"
    downloads.mkdir()
    profile.mkdir()
    preferences = {
        "marionette.port": 0,
        "intl.accept_languages": "en-US",
        "browser.download.folderList": 2,
        "browser.download.dir": str(downloads),
    }
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
    (profile / "user.js").write_text("".join(lines))
    command = [path, "--marionette", "--headless", "--no-remote", "--profile", str(profile)]
    variables = {**os.environ, "HOME": str(home)}
    with (
        (home / "output.txt").open("w") as output,
        subprocess.Popen(command, env=variables, stdout=output, stderr=output) as process,
    ):
        try:
            port = _port(profile / "MarionetteActivePort", process)
            with webdriver.Remote(Marionette(port), options=webdriver.FirefoxOptions()) as driver:
                yield Engine(driver, downloads)
        finally:
            process.terminate()


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    """Return the port that Firefox has chosen, once it has."""
    deadline = time.monotonic() + _START_SECONDS
    while not (file.exists() and file.read_text()):
        assert process.poll() is None and time.monotonic() < deadline, "Firefox did not start"
        time.sleep(0.05)
    return int(file.read_text())
