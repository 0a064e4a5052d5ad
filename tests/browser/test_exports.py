"""What is saved of a job comes back: settings from a file, and a series on one sheet."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import requests
from PIL import Image, ImageChops, PngImagePlugin
from playwright.sync_api import Browser, Locator, expect

from seedream.pictures.ai_mark import SOURCE_TYPE
from tests.browser.visit import Visit, visit
from tests.controlled_api import TOKEN, ControlledApi
from tests.pictures.xmp import source_types
from tests.servers import AppProcess

PROMPT = 'Zwei Reiher 鷺が "静かに" 立つ:\n{"a": 1}, \\n & <b>🦩👩‍🚀'
INK = (31, 27, 22)

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.mark.thorough
def test_a_copy_dropped_on_a_fresh_page_fills_the_form_again(
    browser: Browser, app: AppProcess, api: ControlledApi, tmp_path: Path
) -> None:
    copies = {}
    with visit(browser, app.url) as visitor:
        for choice, ending in (("PNG", "png"), ("JPEG", "jpg")):
            _series(visitor, 2, choice)
            preview = visitor.card.locator(".tile img").nth(1).get_attribute("src")
            visitor.card.locator(".tile-open").nth(1).click()
            menu = visitor.open_large_menu()
            name, content = visitor.download(menu.get_by_role("button", name="Save with settings: picture 2"))
            expect(menu).to_be_hidden()
            visitor.page.keyboard.press("Escape")
            assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d-zwei-reiher-.*-02-settings\.{ending}", name)
            assert TOKEN.encode() not in content
            original = f"{app.url}/{str(preview).replace('preview', 'original')}"
            assert source_types(content) == [SOURCE_TYPE]
            assert _pixels(content) == _pixels(requests.get(original, timeout=30).content)
            copies[tmp_path / name] = api.submissions[-1].json
            (tmp_path / name).write_bytes(content)

    submitted = api.submitted()
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("half a thought")
        for copy, sent in copies.items():
            _drop(visitor, copy)
            expect(visitor.prompt).to_have_value(PROMPT)
            expect(visitor.prompt).to_be_focused()
            expect(_said(visitor)).to_have_text(
                f"The settings of “{copy.name}” are in the form. Nothing was sent."
            )
            assert api.submitted() == submitted
            visitor.page.get_by_role("button", name="Bring back my text").click()
            expect(visitor.prompt).to_have_value("half a thought")
            expect(_said(visitor)).to_have_text("Your own text and settings are back.")
            _drop(visitor, copy)
            expect(visitor.prompt).to_have_value(PROMPT)
            visitor.generate()
            visitor.pictures(2)
            assert api.submissions[-1].json == sent
            submitted = api.submitted()
            visitor.prompt.fill("half a thought")
        # Or it is the picture that is meant.
        _drop(visitor, copy)
        expect(visitor.prompt).to_have_value(PROMPT)
        visitor.page.get_by_role("button", name="Start from this picture instead").click()
        expect(visitor.page.locator(".reference-item")).to_have_count(1)
        expect(visitor.prompt).to_have_value("half a thought")
        expect(visitor.page.get_by_role("button", name="Start from this picture instead")).to_have_count(0)
        assert api.submitted() == submitted


@pytest.mark.thorough
def test_the_manifest_of_a_zip_is_read_by_keyboard_alone(
    browser: Browser, app: AppProcess, tmp_path: Path
) -> None:
    manifest, whole = tmp_path / "manifest.json", tmp_path / "series.zip"
    with visit(browser, app.url) as visitor:
        _series(visitor, 3, "JPEG")
        _, packed = visitor.download(visitor.card.get_by_role("button", name="Download all"))
        menu = visitor.open_menu()
        _, sheet = visitor.download(menu.get_by_role("button", name="Contact sheet (PNG)"))
    assert source_types(sheet) == [SOURCE_TYPE]
    whole.write_bytes(packed)
    with zipfile.ZipFile(whole) as found:
        manifest.write_bytes(found.read("manifest.json"))
    about = json.loads(manifest.read_text())
    assert (about["sample"], about["digital_source_type"]) == (False, SOURCE_TYPE)
    with visit(browser, app.url) as visitor:
        for file in (manifest, whole):
            visitor.prompt.fill("half a thought")
            visitor.choose("resolution", "Square 1:1 · 2048x2048")
            _choose(visitor, file)
            expect(visitor.prompt).to_have_value(PROMPT)
            expect(visitor.page.locator("#field-resolution input")).to_have_value("Wide 16:9 · 2848x1600")
            expect(visitor.length).to_have_value("3")
            expect(visitor.page.locator("#field-output_format input")).to_have_value("JPEG, smaller")


def test_what_can_not_be_read_leaves_the_form_as_it_was(browser: Browser, app: AppProcess, tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    damaged = b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXtparameters\0a fox"
    unreadable = {
        "plain.png": _png({}),
        "damaged.png": damaged[:20],
        "cut.jpg": b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM",
        "words.txt": b"a fox",
        "other.json": b'{"request": {"prompt": 3}}',
        "list.json": b"[1]",
        "empty": b"",
        "cut.zip": _zip({"manifest.json": b'{"request": {"prompt": "a fox"}}'})[:-1],
        "lying.zip": _zip({"manifest.json": b"{}"}).replace(b"PK\x01\x02", b"PK\xff\xff"),
        "others.zip": _zip({"words.txt": b"a fox"}),
    }
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("half a thought")
        _choose(visitor, huge)
        expect(_said(visitor)).to_contain_text("“huge.png” is larger than any picture made here")
        for name, content in unreadable.items():
            (tmp_path / name).write_bytes(content)
            _choose(visitor, tmp_path / name)
            expect(_said(visitor)).to_contain_text(f"“{name}” holds no settings that this page can read.")
        expect(visitor.prompt).to_have_value("half a thought")
        expect(visitor.page.get_by_role("button", name="Bring back my text")).to_be_hidden()


def test_what_does_not_fit_is_named_and_foreign_text_stays_text(
    browser: Browser, app: AppProcess, tmp_path: Path
) -> None:
    markup = "<img src=x onerror='window.harm = 1'>"
    about = {
        "prompt": markup,
        "resolution": markup,
        "sequential_image_generation": "auto",
        "max_images": "2",
        "output_format": "gif",
        "seed": 7,
        "model": "m",
        "request_id": "abc",
    }
    odd, elsewhere = tmp_path / "odd.png", tmp_path / "elsewhere.png"
    odd.write_bytes(_png({"seedream": json.dumps(about)}))
    elsewhere.write_bytes(
        _png({"parameters": "ein Füchslein\nim Schnee\nNegative prompt: x\nSteps: 20, Size: 1x1"})
    )
    with visit(browser, app.url) as visitor:
        _choose(visitor, odd)
        expect(visitor.prompt).to_have_value(markup)
        expect(visitor.page.locator("#field-resolution input")).to_have_value("Landscape 4:3 · 2304x1728")
        expect(visitor.length).to_have_value("2")
        expect(_said(visitor)).to_contain_text(f"“{markup}” is not on offer for “Size and shape”")
        expect(_said(visitor)).to_contain_text("“gif” is not on offer for “File”, so it is “PNG, lossless”.")
        expect(_said(visitor)).to_contain_text("There is no setting called “seed” here")
        assert visitor.page.evaluate("window.harm") is None

        _choose(visitor, elsewhere)
        expect(visitor.prompt).to_have_value("ein Füchslein\nim Schnee")
        expect(visitor.length).to_have_value("2")
        expect(_said(visitor)).to_contain_text("its other settings are another tool's")


def test_a_copy_that_can_not_be_made_is_told_kindly(browser: Browser, app: AppProcess) -> None:
    with visit(browser, app.url) as visitor:
        visitor.prompt.fill("狐" * 10_001)
        visitor.generate()
        visitor.pictures(1)
        signed = str(visitor.card.locator(".tile img").get_attribute("src")).rpartition("/")[2]
        visitor.card.locator(".tile-open").click()
        save = visitor.open_large_menu().get_by_role("button", name="Save with settings")
        save.click()
        said = visitor.page.locator(".view .save-said")
        expect(said).to_have_text(
            "These settings are longer than a picture can carry, so no copy was made."
            " The original is there to save as it is."
        )
        expect(save).to_be_focused()
        visitor.page.context.set_offline(True)
        save.click()
        expect(said).to_contain_text("This file could not be made just now.")

    copy = f"{app.url}/atelier/copy/{signed}"
    fine = {"settings": json.dumps({"request": {"prompt": "a"}})}
    assert requests.post(copy, fine, timeout=30).status_code == 200
    assert requests.post(copy[:-3], fine, timeout=30).status_code == 404
    for junk in ({}, {"settings": "x"}, {"settings": "[" * 25_000}, {"other": "x"}):
        assert requests.post(copy, junk, timeout=30).status_code == 422
    assert requests.post(copy, {"settings": "x" * 200_000}, timeout=30).status_code == 413
    answer = requests.post(copy, fine, timeout=30)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.thorough
def test_a_contact_sheet_has_its_frames_and_says_what_is_a_sample(
    browser: Browser, sample_app: AppProcess
) -> None:
    prompt = 'Sieben Szenen mit "Reihern" (鷺)'
    with visit(browser, sample_app.url) as visitor:
        visitor.prompt.fill(prompt)
        visitor.series(7)
        visitor.generate()
        visitor.pictures(7)
        _, packed = visitor.download(visitor.card.get_by_role("button", name="Download all"))
        menu = visitor.open_menu()
        sheet_name, sheet = visitor.download(menu.get_by_role("button", name="Contact sheet (PNG)"))
    assert sheet_name.endswith("-sheet.png")
    assert source_types(sheet) == []
    with zipfile.ZipFile(BytesIO(packed)) as found:
        about = json.loads(found.read("manifest.json"))
    assert (about["sample"], about["digital_source_type"]) == (True, None)
    with Image.open(BytesIO(sheet)) as image:
        assert image.width == 2339
        # Three columns, each frame with the label in its corner.
        corners = _labels(image)
        assert len({x // 8 for x, _ in corners}) == 3
        assert len(corners) == 7


def _series(visitor: Visit, count: int, choice: str) -> None:
    visitor.prompt.fill(PROMPT)
    visitor.choose("resolution", re.compile("Wide 16:9 · 2848x1600"))
    visitor.series(count)
    visitor.choose("output_format", re.compile(choice))
    visitor.generate()
    visitor.pictures(count)


def _zip(files: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _said(visitor: Visit) -> Locator:
    return visitor.page.locator(".fill-said")


def _drop(visitor: Visit, file: Path) -> None:
    """Drag a file from the desktop onto the middle of the page, as the browser itself is told of it."""
    browser = visitor.page.context.new_cdp_session(visitor.page)
    place = {"x": 640, "y": 400, "data": {"items": [], "files": [str(file)], "dragOperationsMask": 1}}
    browser.send("Input.dispatchDragEvent", {"type": "dragEnter", **place})
    browser.send("Input.dispatchDragEvent", {"type": "dragOver", **place})
    expect(visitor.page.locator(".drop-hint")).to_be_visible()
    browser.send("Input.dispatchDragEvent", {"type": "drop", **place})
    expect(visitor.page.locator(".drop-hint")).to_have_count(0)


def _choose(visitor: Visit, file: Path) -> None:
    """Choose a file with the keyboard."""
    button = visitor.page.get_by_role("button", name="Read settings from a file")
    with visitor.page.expect_file_chooser() as chosen:
        button.press("Enter")
    chosen.value.set_files(file)


def _png(texts: dict[str, str]) -> bytes:
    info, file = PngImagePlugin.PngInfo(), BytesIO()
    for keyword, text in texts.items():
        info.add_text(keyword, text)
    Image.new("RGB", (8, 8)).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def _pixels(content: bytes) -> bytes:
    with Image.open(BytesIO(content)) as image:
        return image.convert("RGB").tobytes()


def _labels(image: Image.Image) -> list[tuple[int, int]]:
    """Find the labels on the frames, by the left and upper edge of each: above its word it is nothing but ink."""
    apart = ImageChops.difference(image.convert("RGB"), Image.new("RGB", image.size, INK)).convert("L")
    mask = apart.point(lambda difference: 255 if difference < 8 else 0)
    found: list[tuple[int, int]] = []
    for y in range(0, image.height, 6):
        row = mask.crop((0, y, image.width, y + 1)).tobytes()
        for run in re.finditer(rb"\xff{100,}", row):
            if all(abs(run.start() - x) > 80 or y - top > 80 for x, top in found):
                found.append((run.start(), y))
    return found
