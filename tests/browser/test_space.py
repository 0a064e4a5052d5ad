"""What `deploy` uploads, and nothing else, is an app: installed and started as a Space is, shown in a frame."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, FrameLocator, expect

from seedream.space import ROOT, load
from seedream.space.files import needed
from tests.browser.visit import PATIENCE_MS
from tests.hosting import certificate, framing, proxy, serve_tls
from tests.servers import free_port

_PORT = 7860
_START_SECONDS = 60.0


@pytest.fixture(scope="module")
def space() -> Iterator[str]:
    """The address of a page of another origin that shows the Space in a frame, as the Hub does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = _installed(folder)
        tls = certificate(folder)
        with (
            _started(folder / "repository", python) as app,
            serve_tls(proxy(app), tls) as inner,
            serve_tls(framing(inner), tls) as hub,
        ):
            yield hub


# Framed by another site, this browser lets the Space keep nothing; by another port of the same one, it may.
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_space_makes_a_picture_in_the_frame_of_another_origin(browser: Browser, space: str, host: str) -> None:
    context = browser.new_context(ignore_https_errors=True, locale="en-US")
    try:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(space.replace("localhost", host))
        _picture(page.frame_locator("iframe"))
        assert faults == []
    finally:
        context.close()


def _picture(frame: FrameLocator) -> None:
    frame.locator("#field-prompt textarea").fill("a red fox", timeout=PATIENCE_MS)
    frame.locator("#generate").click()
    card = frame.locator("#wall .job").first
    expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
    image = card.locator(".tile img")
    expect(image).to_have_count(1, timeout=PATIENCE_MS)
    image.evaluate("image => image.decode()")


def _installed(folder: Path) -> Path:
    """Copy what is uploaded, install what it requires, as a Space does, and return its Python."""
    for name, path in needed(ROOT).items():
        (folder / "repository" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / "repository" / name)
    environment = folder / "environment"
    python = environment / "bin" / "python"
    # With the pip of this environment: to put one into the other takes seconds.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile"]
    sdk = f"gradio=={load().hub['sdk_version']}"
    done = subprocess.run(
        [*install, "-r", str(folder / "repository" / "requirements.txt"), sdk],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return python


@contextmanager
def _started(repository: Path, python: Path) -> Iterator[str]:
    """Run the app as a Space does, and yield its address on this machine."""
    port = _PORT if _is_free(_PORT) else free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    ours = {} if port == _PORT else {"GRADIO_SERVER_PORT": str(port)}
    log = repository.parent / "log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [python, "app.py"],
            cwd=repository,
            env={
                **kept,
                **ours,
                "SPACE_ID": "ada/atelier",
                "SYSTEM": "spaces",
                "GRADIO_SERVER_NAME": "0.0.0.0",
                "GRADIO_ANALYTICS_ENABLED": "False",
            },
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _answers(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=10).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"the Space did not start:\n{log.read_text(encoding='utf-8')}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
