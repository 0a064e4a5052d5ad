"""A phone's photo of twelve megapixels is soon in the form, and meanwhile the page answers who types."""

from __future__ import annotations

from io import BytesIO

from PIL import ExifTags, Image, ImageChops
from playwright.sync_api import Browser

from tests.browser.visit import Visit, visit
from tests.servers import AppProcess

READY_WITHIN_MS = 600
LETTER_WITHIN_MS = 50
RUNS = 5
LETTERS = "the same harbour, under a red sky"
# From the choice of the file to its being in the form, and how long each key took to be on the screen. The browser
# tells of no key that took less than 16 ms.
_WATCH = """() => {
  const input = document.querySelector(".references input[type=file]");
  window.photo = { keys: [] };
  input.addEventListener("change", () => (photo.chosen = performance.now()), { capture: true });
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === "keydown") photo.keys.push(duration);
  }).observe({ type: "event", durationThreshold: 16 });
  new MutationObserver(() => {
    if (document.querySelector(".reference-item")) photo.ready ??= performance.now();
  }).observe(document.querySelector(".references"), { childList: true, subtree: true });
}"""


def grainy_photo(size: tuple[int, int] = (4032, 3024)) -> bytes:
    """As heavy as a phone makes them: grain in each pixel, lying on its side, and with where it was taken."""
    light = Image.linear_gradient("L").resize(size)
    image = Image.merge("RGB", [ImageChops.add(light, Image.effect_noise(size, 20), 2) for _ in range(3)])
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    file = BytesIO()
    image.save(file, "JPEG", exif=exif, quality=92)
    return file.getvalue()


def test_a_photo_is_soon_in_the_form(browser: Browser, sample_app: AppProcess) -> None:
    taken = grainy_photo()
    print(f"{len(taken) / 1e6:.1f} MB")
    found = []
    for _ in range(RUNS):
        with visit(browser, sample_app.url) as visitor:
            found.append(_chosen_while_typing(visitor, taken))
            print(f"in the form after {found[-1][0]:.0f} ms, a letter after {found[-1][1]:.0f} ms at worst")
    assert max(ready for ready, _ in found) <= READY_WITHIN_MS
    assert max(slowest for _, slowest in found) <= LETTER_WITHIN_MS


def _chosen_while_typing(visitor: Visit, taken: bytes) -> tuple[float, float]:
    """Return when the photo was in the form, and how long the slowest letter took, in milliseconds."""
    page = visitor.page
    page.evaluate(_WATCH)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Start from a picture").click()
    visitor.prompt.click()
    chooser.value.set_files({"name": "phone.jpg", "mimeType": "image/jpeg", "buffer": taken})
    visitor.prompt.press_sequentially(LETTERS, delay=30)
    page.wait_for_function("photo.ready")
    page.wait_for_timeout(300)
    photo = page.evaluate("photo")
    return photo["ready"] - photo["chosen"], max(photo["keys"], default=0)
