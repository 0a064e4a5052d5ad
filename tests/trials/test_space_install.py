"""README's first command, in a fresh environment that has nothing but what the app requires; and what `deploy`
uploads, and nothing else, in that environment: started as a Space is, and shown in a frame.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from seedream.space import ROOT, needed
from tests.browser.visit import visit
from tests.checkout import Checkout, copied
from tests.hosting import certificate, framing, proxy, serve_tls
from tests.readme import README
from tests.readme_snippets import snippet
from tests.servers import AppProcess, launched


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    with tempfile.TemporaryDirectory() as name:
        # To compile what is installed takes longer than to install it, and most of it is never used.
        yield Checkout(copied(Path(name)), {"PIP_NO_COMPILE": "0"})


@pytest.fixture(scope="module")
def started(checkout: Checkout) -> Iterator[AppProcess]:
    """The app, installed and started by README's first command."""
    (address,) = re.findall(r"Then open <(\S+)>", README.read_text(encoding="utf-8"))
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", urlsplit(address).port)) == 0
    with checkout.serving(snippet("python3 -m venv .venv && *")) as app:
        assert app.url == address or taken
        yield app


@pytest.fixture(scope="module")
def space(checkout: Checkout, started: AppProcess) -> Iterator[str]:
    """The address of a page of another origin that shows the Space in a frame, as the Hub does."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    hosted = {"SPACE_ID": "ada/atelier", "SYSTEM": "spaces", "GRADIO_SERVER_NAME": "0.0.0.0"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, path in needed(ROOT).items():
            (folder / "repository" / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / "repository" / file)
        python = checkout.folder / ".venv" / "bin" / "python"
        app = launched([str(python), "app.py"], {**kept, **hosted}, folder / "repository")
        tls = certificate(folder)
        try:
            with serve_tls(proxy(app.url), tls) as inner, serve_tls(framing(inner), tls) as hub:
                yield hub
        finally:
            app.kill()


def test_readmes_first_command_opens_a_page_that_readmes_links_fill(browser: Browser, started: AppProcess) -> None:
    link = snippet("/?prompt=*")
    with visit(browser, started.url + link) as visitor:
        expect(visitor.prompt).to_have_value(parse_qs(urlsplit(link).query)["prompt"][0])
        expect(visitor.cards).to_have_count(0)
        visitor.generate()
        visitor.pictures(1)
    (request_id,) = re.findall(r"submitted request_id=(\S+)", started.output)
    finished = snippet("?request_id=…").replace("…", request_id)
    with visit(browser, f"{started.url}/{finished}") as other:
        other.pictures(1)


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
    frame.locator("#field-prompt textarea").fill("a red fox")
    frame.locator("#generate").click()
    card = frame.locator("#gallery .job").first
    expect(card).to_have_attribute("data-status", "completed")
    image = card.locator(".tile img")
    expect(image).to_have_count(1)
    image.evaluate("image => image.decode()")


def test_installed_it_has_all_that_it_needs(checkout: Checkout, started: AppProcess, tmp_path: Path) -> None:
    path = os.pathsep.join([str(checkout.folder / ".venv" / "bin"), os.environ["PATH"]])
    elsewhere = Checkout(tmp_path, {**checkout.variables, "PATH": path})
    elsewhere.succeeds(f"{snippet('pip install')} -q {checkout.folder}")
    where = elsewhere.succeeds("python -c 'import seedream; print(seedream.__file__)'").strip()
    assert _files(Path(where).parent) == _files(checkout.folder / "seedream")
    # With no token, so it makes a sample, at no cost.
    _, cost, paths = elsewhere.succeeds("python -", given=snippet("import seedream\n*")).split(maxsplit=2)
    (sample,) = (tmp_path / "out").iterdir()
    assert (cost, sample.name in paths) == ("0.0", True)


def _files(package: Path) -> set[Path]:
    found = (path.relative_to(package) for path in package.rglob("*") if path.is_file())
    return {path for path in found if "__pycache__" not in path.parts}
