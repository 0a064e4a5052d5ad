"""For developers: the programs that the page offers run as they stand, and make a job's pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_accessibility import violations
from tests.browser.visit import visit
from tests.controlled_api import TOKEN, ControlledApi
from tests.servers import AppProcess, Call

PATIENCE = 60
OWN = "marker-51d7ac0e-script"
NASTY = (
    'a "red" fox\'s den: $HOME ${HOME} $(id) `id` \\n \\\\ 100% {x} !! \'\'\' """ <b>&amp;</b>\n'
    "JSON\n  二枚 🦊👩‍🎨\t\u202e\u2028end\\"
)
NODE = str(compute_driver_executable()[0])
PROGRAMS = {
    "curl": ["bash", "seedream.sh"],
    "Python": [sys.executable, "seedream.py"],
    "JavaScript": [NODE, "seedream.mjs"],
    "gradio_client": [sys.executable, "seedream_page.py"],
}
OF_THE_API = ("curl", "Python", "JavaScript")


@dataclass(frozen=True)
class Shown:
    """What a finished card offered: its programs and JSON as copied, its originals, and the page's own call."""

    copied: dict[str, str]
    originals: list[bytes]
    submission: Call
    source: str


@dataclass(frozen=True)
class Run:
    """A program that has ended, and the files that it left, by name."""

    code: int
    said: str
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def shown(browser: Browser, app: AppProcess, api: ControlledApi) -> Shown:
    setup = {"prompt": NASTY, "resolution": "2K", "sequential_image_generation": "auto", "output_format": "jpeg"}
    address = f"{app.url}/?{urlencode({**setup, 'max_images': 2})}"
    with api.hurrying(), visit(browser, address, permissions=["clipboard-read", "clipboard-write"]) as visitor:
        expect(visitor.prompt).to_have_value(NASTY)
        visitor.generate()
        visitor.pictures(2)
        visitor.wait_for("completed")
        links = [visitor.card.get_by_role("link", name=f"Save original {number}") for number in (1, 2)]
        originals = [visitor.download(link)[1] for link in links]
        visitor.card.locator(".tile-open").first.click()
        visitor.open_large_menu().get_by_role("button", name="For developers").click()
        place = _place(visitor.page)
        copied = {name: _copied(visitor.page, place, name) for name in [*PROGRAMS, "Answer (JSON)"]}
        return Shown(copied, originals, api.submissions[-1], visitor.page.content())


@pytest.fixture(scope="module")
def runs(shown: Shown, tmp_path_factory: pytest.TempPathFactory, api: ControlledApi) -> Iterator[dict[str, Run]]:
    """Every program, run once and all at the same time."""
    with api.hurrying():
        yield _run(shown, PROGRAMS, OWN, tmp_path_factory.mktemp("programs"))


@pytest.mark.thorough
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_makes_the_same_pictures(name: str, shown: Shown, runs: dict[str, Run]) -> None:
    run = runs[name]
    assert run.code == 0, run.said
    assert [run.files[each] for each in sorted(run.files)] == shown.originals
    request_id = run.said.partition("request ID: ")[2].split()[0]
    assert sorted(run.files) == [f"{request_id}-1.jpg", f"{request_id}-2.jpg"]


@pytest.mark.thorough
def test_a_program_sends_what_the_page_sent_and_the_token_to_nobody_else(
    shown: Shown, runs: dict[str, Run], api: ControlledApi
) -> None:
    own = [call for call in api.recorder.calls if call.headers.get("authorization") == f"Bearer {OWN}"]
    submitted = [call.json for call in own if call.method == "POST"]
    assert submitted == [shown.submission.json] * len(OF_THE_API)
    for run in (runs[name] for name in OF_THE_API):
        for file in run.files:
            fetched = [c for c in api.recorder.calls if c.path.startswith(f"/files/{file.rpartition('-')[0]}/")]
            assert len(fetched) == 2
            assert not any("authorization" in call.headers for call in fetched)
    # At a civil pace: a job of 0.6 s is asked for once, or twice on a busy app.
    assert len([call for call in own if call.path.endswith("/result")]) <= 2 * len(OF_THE_API)


def test_a_refusal_ends_a_program_with_the_reason(shown: Shown, tmp_path: Path) -> None:
    programs = {name: PROGRAMS[name] for name in OF_THE_API}
    for run in _run(shown, programs, "", tmp_path).values():
        assert run.code != 0
        assert "The API token is missing." in run.said
        assert run.files == {}


def test_no_token_is_on_the_page(shown: Shown) -> None:
    assert "RUNCOMFY_TOKEN" in shown.source
    for text in (shown.source, *shown.copied.values()):
        assert TOKEN not in text


def test_the_json_is_the_apis(shown: Shown, api: ControlledApi) -> None:
    told = shown.copied["Answer (JSON)"]
    for part in ('"status": "completed"', '"cost": 0.08', f'"images": [\n      "{api.url}/files/'):
        assert part in told


def test_the_panel_by_keyboard_while_the_job_goes_on(browser: Browser, sample_app: AppProcess) -> None:
    with visit(browser, sample_app.url) as visitor:
        card, page = visitor.generate(), visitor.page
        visitor.wait_for("in_queue")
        card.locator(".menu-button").press("Enter")
        expect(card.get_by_role("button", name="Copy prompt")).to_be_focused()
        page.keyboard.press("End")
        expect(card.get_by_role("button", name="For developers")).to_be_focused()
        page.keyboard.press("Enter")
        place = _place(page)
        expect(place).to_contain_text("This page draws samples, and so do these programs")
        expect(place).to_contain_text("https://model-api.runcomfy.net")
        expect(place.get_by_role("button", name="Close")).to_be_focused()
        for _ in range(2):
            page.keyboard.press("Tab")
        expect(_tab(place, "curl")).to_be_focused()
        for key, name in (("ArrowRight", "Python"), ("End", "Answer (JSON)"), ("ArrowRight", "curl"), ("End", "")):
            page.keyboard.press(key)
            expect(_tab(place, name or "Answer (JSON)")).to_be_focused()
        tab = _tab(place, "Answer (JSON)")
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(place.get_by_role("tabpanel")).to_have_count(1)
        expect(place.get_by_role("tabpanel", name="Answer (JSON)")).to_be_visible()
        page.keyboard.press("Tab")
        expect(place.get_by_role("tabpanel").get_by_role("button", name="Copy")).to_be_focused()
        page.keyboard.press("Tab")
        expect(_code(place)).to_be_focused()
        # What comes back is told as it comes.
        expect(_code(place)).to_contain_text('"status": "completed"')
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        request_id = place.locator(".developer-named code").inner_text()
        assert f'"request_id": "{request_id}"' in _code(place).inner_text()
        page.keyboard.press("Escape")
        expect(place).to_be_hidden()
        expect(card.locator(".menu-button")).to_be_focused()


@pytest.mark.thorough
def test_a_job_that_was_not_made_has_its_request_too(
    browser: Browser, app: AppProcess, api: ControlledApi, no_waiting: None
) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("fail: no paint")
        visitor.generate()
        visitor.wait_for("error")
        # On the card itself is nothing of it.
        expect(visitor.card.get_by_role("button", name="For developers")).to_be_hidden()
        visitor.open_menu().get_by_role("button", name="For developers").click()
        place = _place(visitor.page)
        _tab(place, "Answer (JSON)").click()
        expect(_code(place)).to_contain_text('"code": "job_failed"')
        # A press beside it is enough.
        visitor.page.mouse.click(4, 4)
        expect(place).to_be_hidden()
        visitor.prompt.fill("a heron")
        visitor.generate()
        visitor.pictures(1)
        visitor.open_menu()
        expect(visitor.card.get_by_role("button", name="For developers")).to_have_count(0)
        visitor.page.keyboard.press("Escape")
        visitor.card.locator(".tile-open").click()
        visitor.open_large_menu().get_by_role("button", name="For developers").click()
        expect(place).to_contain_text("a heron")
        _tab(place, "Answer (JSON)").click()
        expect(_code(place)).to_contain_text('"status": "completed"')
        assert violations(visitor) == []


def _place(page: Page) -> Locator:
    return page.get_by_role("dialog", name="For developers")


def _tab(place: Locator, name: str) -> Locator:
    return place.get_by_role("tab", name=name, exact=True)


def _code(place: Locator) -> Locator:
    return place.get_by_role("tabpanel").locator("pre")


def _copied(page: Page, place: Locator, name: str) -> str:
    """Press the copy button behind a tab, and return what is on the clipboard then."""
    page.evaluate("navigator.clipboard.writeText('')")
    _tab(place, name).click()
    place.get_by_role("tabpanel").get_by_role("button", name="Copy").click()
    text = str(page.wait_for_function("navigator.clipboard.readText()").json_value())
    assert text == _code(place).text_content()
    return text


def _run(shown: Shown, programs: dict[str, list[str]], token: str, folder: Path) -> dict[str, Run]:
    """Run these programs at the same time, each in a folder of its own."""
    started = {}
    for name, command in programs.items():
        place = folder / name
        (place / "temporary").mkdir(parents=True)
        (place / command[1]).write_text(shown.copied[name], encoding="utf-8")
        variables = {"PATH": os.environ["PATH"], "RUNCOMFY_TOKEN": token, "TMPDIR": str(place / "temporary")}
        started[name] = subprocess.Popen(
            command,
            cwd=place,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
    ended = {}
    for name, process in started.items():
        said, _ = process.communicate(timeout=PATIENCE)
        kept = (each for each in (folder / name).iterdir() if each.is_file() and each.name != programs[name][1])
        ended[name] = Run(process.returncode, said, {each.name: each.read_bytes() for each in kept})
    return ended
