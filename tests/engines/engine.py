"""A browser under WebDriver, whichever engine it has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from selenium.webdriver.remote.webdriver import WebDriver


@dataclass(frozen=True)
class Engine:
    """A running browser, and the folder that it saves files in."""

    driver: WebDriver
    downloads: Path


# Starts a browser whose own files all lie in this folder. RuntimeError: there is none, and none can be installed.
Launch = Callable[[Path], AbstractContextManager[Engine]]
