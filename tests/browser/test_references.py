"""Pictures as inputs: from this computer, from the clipboard, by an address, and from the gallery."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Browser, Locator, Page, expect

from seedream.schema import EDIT, load
from tests.browser.hands import Finger, Hand, Keys, Mouse
from tests.browser.page_scripts import MODULES
from tests.browser.test_accessibility import violations
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi
from tests.servers import AppProcess

ADDRESS = "https://example.org/a.png"
MODEL = load(EDIT).model_id
# Brings a file in, by "drop" or by "paste"; and presses the button in the same breath.
_BRING = """([how, content, press]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "phone.jpg", { type: "image/jpeg" }));
  const about = { bubbles: true, cancelable: true };
  const events = {
    drop: () => new DragEvent("drop", { dataTransfer: data, ...about }),
    paste: () => new ClipboardEvent("paste", { clipboardData: data, ...about }),
  };
  document.body.dispatchEvent(events[how]());
  if (press) document.querySelector("#generate").click();
}"""


# Keeps seven files of which six have room, and returns which of them are still there.
_KEEP_SEVEN = f"async () => {{ {MODULES}"
_KEEP_SEVEN += """
  const { tokenOfFile } = $modules["lib/reference-tokens.js"];
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  let database = null;
  let there = [];
  const names = [];
  for (let number = 0; number < 7; number += 1) {
    names.push(tokenOfFile(new Blob([new Uint8Array(9.9 * 1024 * 1024)]), new Blob()).replace("file:", ""));
    database ??= await done(indexedDB.open("seedream", 1));
    do {
      await new Promise((resolve) => setTimeout(resolve, 10));
      there = await done(database.transaction("references").objectStore("references").getAllKeys());
    } while (!there.includes(names.at(-1)) || there.length > 6);
  }
  database.close();
  return there.map((name) => names.indexOf(name)).sort();
}"""
_FULL = """() => {
  IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""
_FORBID = """() => {
  IDBDatabase.prototype.transaction = () => { throw new DOMException("forbidden", "SecurityError"); };
}"""


def photo(size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A phone's: it lies on its side, says so, and says where it was taken."""
    image = Image.new("RGB", size, (200, 60, 40))
    image.paste((20, 60, 200), (0, 0, size[0] // 4, size[1]))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def opened(uri: str) -> Image.Image:
    assert uri.startswith("data:image/jpeg;base64,")
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def _bring(page: Page, how: str, content: bytes, *, press: bool = False) -> None:
    page.evaluate(_BRING, [how, base64.b64encode(content).decode(), press])


def references(page: Page) -> Locator:
    return page.locator(".reference-item")


def test_photos_go_in_upright_and_say_no_more_than_what_is_seen(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        page, taken, submitted = visitor.page, photo(), api.submitted()
        visitor.prompt.fill("picture 1 in the light of picture 2")
        _bring(page, "paste", taken[:1000], press=True)
        expect(visitor.notice).to_contain_text("Reference picture 1 is empty, damaged")
        assert (visitor.cards.count(), api.submitted()) == (0, submitted)
        unfit = page.locator(".reference-unfit")
        expect(unfit).to_contain_text("Reference picture 1 is empty, damaged")
        _bring(page, "drop", taken)
        expect(references(page)).to_have_count(1)
        expect(unfit).to_be_hidden()
        expect(visitor.prompt).to_have_attribute("placeholder", "What should change?")
        # Nothing of it is cut away because the form had another shape.
        expect(page.locator(".reference-said")).to_contain_text("set to its shape: Portrait 3:4 · 1728x2304")
        # Nor does it stay, once something is sent without it.
        _bring(page, "drop", taken[:1000])
        expect(unfit).to_contain_text("Reference picture 2 is empty, damaged")
        visitor.generate()
        expect(unfit).to_be_hidden()
        submitted += 1
        api.arrived(submitted)
        # Who presses before a photo is ready means it, too.
        _bring(page, "paste", taken, press=True)
        api.arrived(submitted + 1)
        sent = api.submissions[-1]
        assert sent.path == f"/v1/models/{MODEL}"
        assert len(sent.json["image"]) == 2
        assert sent.json["resolution"] == "1728x2304 (3:4)"
        for uri in sent.json["image"]:
            assert len(uri) <= 6 * 1024 * 1024
            picture = opened(uri)
            assert picture.size == (1200, 1600)
            assert not picture.getexif()
            # What was on the left is above.
            assert picture.convert("RGB").getpixel((600, 40))[2] > 150  # type: ignore[index]
        assert "base64" not in page.evaluate("JSON.stringify({...localStorage})")
        api.finish()
        visitor.wait_for("completed")
        page.reload()
        expect(visitor.card.locator(".job-from-picture")).to_have_count(2)
        visitor.card.get_by_role("button", name="Make another").click()
        api.arrived(submitted + 2)
        assert api.submissions[-1].json["image"] == sent.json["image"]


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param([Mouse, Keys], id="mouse and keyboard"),
        pytest.param([Finger], id="finger", marks=pytest.mark.thorough),
    ],
)
def test_a_picture_is_changed_by_words_and_the_result_hangs_under_it(
    browser: Browser, app: AppProcess, api: ControlledApi, kinds: list[type[Mouse | Keys]]
) -> None:
    scheme = "dark" if Finger in kinds else "light"
    with visit(browser, app.url, **kinds[0].context, color_scheme=scheme) as visitor:
        page = visitor.page
        mouse, *others = hands = [kind(page) for kind in kinds]
        camera = page.get_by_role("button", name="Take a photo")
        expect(camera).to_have_count(1 if Finger in kinds else 0)
        mouse.write(visitor.prompt, "a harbour")
        visitor.choose("resolution", re.compile("Wide 16:9 · 2848x1600"))
        mouse.press(visitor.generate_button)
        first = _finished(visitor, api, 0)
        # Three presses in all, and the typing.
        mouse.press(first.get_by_role("button", name="Change this…"))
        before = first
        for number, hand in enumerate(hands, 1):
            expect(visitor.prompt).to_have_value("")
            expect(visitor.prompt).to_be_focused()
            expect(visitor.prompt).to_be_in_viewport()
            page.keyboard.type("make the sky red")
            hand.press(visitor.generate_button)
            changed = _finished(visitor, api, number)
            url = f"{api.url}/files/{_request_id(before)}/1.png"
            sent = api.submissions[-1].json
            assert (sent["prompt"], sent["image"]) == ("make the sky red", [url])
            # It stays in its shape.
            assert sent["resolution"] == "2848x1600 (16:9)"
            expect(changed).to_have_class(re.compile("job-changes"))
            expect(changed.locator(".job-from-picture")).to_be_visible()
            _compared(page, hand, changed)
            assert violations(visitor) == []
            # On from there with the next hand.
            for other in others[number - 1 :]:
                other.press(page.get_by_role("dialog").get_by_role("button", name="Change this…"))
            before = changed
        page.get_by_role("button", name="Close").press("Enter")
        page.reload()
        expect(visitor.cards).to_have_count(number + 1)
        for place in range(number):
            expect(visitor.cards.nth(place + 1)).to_have_class(re.compile("job-changes"))
        # Without the picture that it changes a job stands for itself; with that, under it again.
        visitor.act(visitor.rows.last, "Remove from this list")
        expect(visitor.card).not_to_have_class(re.compile("job-changes"))
        page.get_by_role("button", name="Bring it back").click()
        expect(visitor.cards).to_have_count(number + 1)
        expect(visitor.cards.nth(0)).not_to_have_class(re.compile("job-changes"))
        expect(visitor.cards.nth(1)).to_have_class(re.compile("job-changes"))


def _compared(page: Page, hand: Hand, changed: Locator) -> None:
    """Open a changed picture large, and see what it was before beside it, as much as the slider says."""
    hand.press(changed.locator(".tile-open"))
    hand.press(page.get_by_role("button", name="Before and after"))
    slider = page.get_by_role("slider", name="How much of the picture before is shown")
    expect(slider).to_be_focused()
    before = page.locator(".view-earlier")
    expect(before).to_be_visible()
    # Long enough for a hand, and its ends away from the edge of the screen.
    left, width, whole = slider.evaluate(
        "slider => [slider.getBoundingClientRect().left, slider.offsetWidth, innerWidth]"
    )
    assert width >= 200
    assert left >= 24
    assert left + width <= whole - 24
    slider.press("ArrowRight")
    assert before.evaluate("image => image.style.getPropertyValue('--part')") == "51%"
    # The keys are the slider's: no other picture is shown by them.
    expect(slider).to_be_visible()
    # The line itself goes with a hand, and the picture stays as large as it is.
    line = page.locator(".view-line")
    box = line.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(slider).to_have_value("25")
    expect(page.locator(".view-zoomed")).to_have_count(0)


@pytest.mark.thorough
def test_addresses_are_put_in_order_and_removed(browser: Browser, app: AppProcess, api: ControlledApi) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        page.get_by_role("button", name="By its web address").click()
        field = page.get_by_label("Public web address of a picture")
        said = page.get_by_role("group", name="By its web address")
        field.fill("http://127.0.0.1/a.png")
        field.press("Enter")
        expect(said).to_contain_text("Reference picture 1 is neither a picture file nor an address")
        field.fill(ADDRESS)
        field.press("Enter")
        expect(page.get_by_role("button", name="By its web address")).to_be_focused()
        page.get_by_role("button", name="By its web address").click()
        field.fill("https://example.org/b.png")
        field.press("Enter")
        expect(references(page)).to_have_count(2)
        page.get_by_role("button", name="Move picture 2 forward").click()
        expect(page.get_by_role("button", name="Move picture 1 back")).to_be_visible()
        # Dragged there and back again.
        for place, other, last in ((0, 1, "https://example.org/b.png"), (1, 0, ADDRESS)):
            references(page).nth(place).drag_to(references(page).nth(other))
            expect(references(page).nth(1).locator("img")).to_have_attribute("src", last)
        page.get_by_role("button", name="Show picture 2 large").click()
        expect(page.get_by_role("dialog", name="Picture 2").get_by_role("img")).to_have_attribute("src", ADDRESS)
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Show picture 2 large")).to_be_focused()
        # A series has as many as there is room for beside them.
        visitor.series(15)
        expect(visitor.length).to_have_value("13")
        expect(page.locator(".references")).to_contain_text("so this series has 13 at most")
        assert violations(visitor) == []
        visitor.how_many("One picture")
        expect(page.locator(".references")).not_to_contain_text("this series")
        visitor.prompt.fill("in oil")
        submitted = api.submitted()
        visitor.generate()
        api.arrived(submitted + 1)
        assert api.submissions[-1].json["image"] == ["https://example.org/b.png", ADDRESS]
        for _ in range(2):
            page.get_by_role("button", name="Remove picture 1").click()
        expect(references(page)).to_have_count(0)
        expect(visitor.prompt).to_be_focused()
        visitor.prompt.fill("a fox")
        visitor.generate()
        api.arrived(submitted + 2)
        assert "image" not in api.submissions[-1].json


@pytest.mark.thorough
def test_the_oldest_files_go_first_and_a_full_or_forbidden_store_costs_only_them(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    with visit(browser, app.url) as visitor:
        page = visitor.page
        assert page.evaluate(_KEEP_SEVEN) == [1, 2, 3, 4, 5, 6]
        for refuses in (_FULL, _FORBID):
            page.evaluate(refuses)
            _bring(page, "paste", photo((640, 480)))
            expect(references(page)).to_have_count(1)
            submitted = api.submitted()
            visitor.prompt.fill("in oil")
            visitor.generate()
            api.arrived(submitted + 1)
            assert opened(api.submissions[-1].json["image"][0]).size == (480, 640)
            _finished(visitor, api, 0)
            page.reload()
            # All that is lost is what the job started from.
            visitor.pictures(1)
            expect(visitor.card.locator(".job-from-picture:visible")).to_have_count(0)
            visitor.card.get_by_role("button", name="Make another").click()
            expect(visitor.card).to_contain_text("no longer kept in this browser, so nothing was sent")
            page.get_by_role("button", name="Remove picture 1").click()
            assert api.submitted() == submitted + 1


def _finished(visitor: Visit, api: ControlledApi, place: int) -> Locator:
    """Let the newest job be done, the gallery's so many'th card, and return that."""
    card = visitor.cards.nth(place)
    expect(card).to_have_attribute("data-status", re.compile("in_queue|in_progress"))
    api.finish()
    visitor.wait_for("completed", card)
    visitor.pictures(1, card)
    return card


def _request_id(card: Locator) -> str:
    jobs: Any = card.page.evaluate(
        "Object.values(localStorage).map((text) => { try { return JSON.parse(text) } catch { return null } })"
    )
    key = card.get_attribute("data-key")
    return next(str(job["record"]["request_id"]) for job in jobs if job and job.get("key") == key)
