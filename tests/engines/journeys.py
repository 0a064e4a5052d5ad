"""The short journeys that every engine goes."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from seedream import texts
from tests.browser.page_scripts import SMALL_COPIES
from tests.controlled_api import ControlledApi, tiny_picture
from tests.engines.visitor import Visitor, says

SIZE = (2304, 1728)
# WebDriver's own rectangle is in the document, which may have been scrolled.
_IN_THE_WINDOW = "return [arguments[0].getBoundingClientRect(), [innerWidth, innerHeight]]"

_SMALL_COPIES = f"return ({SMALL_COPIES})()"


def _generate(visitor: Visitor, api: ControlledApi, prompt: str) -> None:
    """Ask for it, and wait until its job stands in the API's queue."""
    before = api.submitted()
    visitor.write("textbox", "Prompt", prompt)
    visitor.press("button", "Generate")
    visitor.card_says(prompt)
    api.arrived(before + 1)


def _alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two colours are the same but for what a JPEG makes of them."""
    return all(abs(mine - its) <= 5 for mine, its in zip(one, other, strict=True))


@pytest.fixture
def series(visitor: Visitor, api: ControlledApi) -> Visitor:
    """A visitor with a finished series."""
    visitor.press("radio", "A series")
    visitor.write("spinbutton", "Pictures, at most", "3")
    _generate(visitor, api, "three boats")
    api.finish()
    visitor.card_says("Your 3 pictures are ready.")
    return visitor


def test_the_first_picture(visitor: Visitor, api: ControlledApi) -> None:
    _generate(visitor, api, "a red fox")
    api.finish()
    assert visitor.pictures(1) == ["Picture 1 of 1: a red fox"]
    visitor.card_says("Your picture is ready.")


def test_a_series(series: Visitor) -> None:
    assert series.pictures(3) == [f"Picture {number} of 3: three boats" for number in (1, 2, 3)]


def test_a_picture_large(series: Visitor) -> None:
    series.press("button", "Open large: Picture 2 of 3")
    view = series.find("dialog", "Large view")
    series.find("image", "Picture 2 of 3: three boats", view)
    for key, number in ((Keys.ARROW_RIGHT, 3), (Keys.HOME, 1)):
        series.type(key)
        picture = series.find("image", f"Picture {number} of 3: three boats", view)
        assert f"{number} of 3" in says(view)
    series.until("it is not painted", lambda: picture.get_property("naturalWidth"))
    box, (width, height) = series.driver.execute_script(_IN_THE_WINDOW, picture)
    assert box["width"] / box["height"] == pytest.approx(SIZE[0] / SIZE[1], rel=0.01)
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert box["y"] >= 0 and box["y"] + box["height"] <= height
    assert max(box["width"] / width, box["height"] / height) >= 0.6
    series.type(Keys.ESCAPE)
    series.until("it does not close", lambda: not series.all("dialog"))
    series.until("it gives the focus back to no tile", lambda: "Picture 1 of 3" in series.focused.accessible_name)


def test_alternatives(visitor: Visitor, api: ControlledApi) -> None:
    before = api.submitted()
    visitor.press("radio", "4 alternatives")
    visitor.write("textbox", "Prompt", "a heron")
    visitor.press("button", "Generate 4")
    api.arrived(before + 4)
    api.finish()
    names = [f"Picture {number} of 4: a heron" for number in range(1, 5)]
    for name in names:
        visitor.find("button", f"Open large: {name}")
    assert api.submitted() == before + 4


def test_all_that_was_made(series: Visitor, api: ControlledApi) -> None:
    series.press("radio", "One picture")
    _generate(series, api, "a red fox")
    api.finish()
    series.card_says("Your picture is ready.")
    names = ["Open large: a red fox", *(f"Open large: three boats, {number} of 3" for number in (1, 2, 3))]
    _have_small_pictures(series, names)
    # What waits to be written as a page ends is lost with it.
    series.until("not all is written", lambda: len(series.driver.execute_script(_SMALL_COPIES)) == len(names))
    series.come_again()
    _have_small_pictures(series, names)
    assert not series.all("article")

    _press_by_key(series, "button", "Star “a red fox”")
    series.choose("Which ones", "Starred")
    _are_gone(series, names[1:])
    series.choose("Which ones", "All")
    series.write("searchbox", "Search the prompts", "boats")
    _are_gone(series, names[:1])
    series.press("button", names[2])
    view = series.find("dialog", "Large view")
    for key, number in ((Keys.ARROW_RIGHT, 3), (Keys.HOME, 1)):
        series.type(key)
        series.find("image", f"Picture {number} of 3: three boats", view)
    series.type(Keys.ESCAPE)
    series.until("it does not close", lambda: not series.all("dialog"))

    _press_by_key(series, "checkbox", "Select three boats, 1 of 3")
    series.press("button", "Remove 3 from this list")
    _are_gone(series, names[1:])
    series.press("button", "Bring it back")
    _have_small_pictures(series, names[1:])


def _press_by_key(visitor: Visitor, role: str, name: str) -> None:
    """Press what comes with the focus, or with a pointer that hovers, which not each engine has here."""
    visitor.driver.execute_script("arguments[0].focus()", visitor.find(role, name))
    visitor.type(Keys.ENTER)


def _have_small_pictures(visitor: Visitor, names: list[str]) -> None:
    """Wait until each of these pictures is painted in the list of all."""

    def painted() -> bool:
        for name in names:
            within = visitor.find("button", name)
            # What is far below is drawn when somebody comes near it.
            visitor.driver.execute_script("arguments[0].scrollIntoView()", within)
            images = visitor.all("image", within=within)
            if not (images and images[0].get_property("naturalWidth")):
                return False
        return True

    visitor.until(f"not all of {names} are there", painted)


def _are_gone(visitor: Visitor, names: list[str]) -> None:
    def gone() -> bool:
        return not any(visitor.all("button", name) for name in names)

    visitor.until(f"{names} are still there", gone)


def test_saving(series: Visitor) -> None:
    originals = [tiny_picture("three boats", number, 3, SIZE, "png") for number in (1, 2, 3)]
    series.press("link", "Save original 2")
    assert series.saved("-three-boats-02.png") == originals[1]
    series.press("button", "Download all (ZIP)")
    with ZipFile(BytesIO(series.saved("-three-boats.zip"))) as packed:
        assert [packed.read(name) for name in packed.namelist() if name.endswith(".png")] == originals
    series.press("button", "More about “three boats”")
    series.press("button", "Contact sheet (PNG)")
    with Image.open(BytesIO(series.saved("-three-boats-sheet.png"))) as sheet:
        pixels = sheet.convert("RGB").tobytes()
    colours = set(zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True))
    for number in (1, 2, 3):
        assert any(_alike(colour, (20 * number, 90, 200)) for colour in colours)


def test_a_reload_while_it_is_drawn(visitor: Visitor, api: ControlledApi) -> None:
    _generate(visitor, api, "a red fox")
    before = api.submitted()
    api.draw()
    visitor.card_says("Being drawn.")
    visitor.reload()
    visitor.card_says("a red fox", "Being drawn.")
    api.finish()
    assert visitor.pictures(1) == ["Picture 1 of 1: a red fox"]
    assert api.submitted() == before


def test_the_switch_of_language(visitor: Visitor, api: ControlledApi) -> None:
    german = texts.locales()["de"]
    _generate(visitor, api, "a red fox")
    visitor.write("textbox", "Prompt", "a red fox, asleep")
    visitor.choose("Language", "Deutsch")
    visitor.find("button", str(german["form.generate"]))
    visitor.holds("textbox", str(german["field.prompt.label"]), "a red fox, asleep")
    api.finish()
    visitor.card_says("a red fox", str(german["state.completed.one"]))
