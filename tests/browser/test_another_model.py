"""A page of what the catalogue tells: more of a model than its file says, and another model."""

from __future__ import annotations

import pytest
from gradio_client import Client
from playwright.sync_api import Browser, expect

from seedream import texts
from tests.browser.test_accessibility import violations
from tests.browser.visit import visit
from tests.grown_catalogue import DESCRIPTION, TITLE, grown, last_request, pro, served
from tests.schema.test_live import NEW, PRO

pytestmark = pytest.mark.thorough

ADDRESS = "https://example.org/a.png"
NOT_COUNTING = texts.text("reference.not_counting", "en")


def test_what_the_catalogue_adds_is_on_the_page_and_sent(browser: Browser) -> None:
    with served(grown()) as (app, recorder), visit(browser, app.url) as visitor:
        page = visitor.page
        page.locator("label.size-tile", has_text="32:9").click()
        visitor.open_advanced()
        page.get_by_label(TITLE).check()
        expect(page.locator("#field-watermark .field-description")).to_have_text(DESCRIPTION)
        # The model that references go to has no such field.
        page.get_by_role("button", name="By its web address").click()
        page.get_by_label("Public web address of a picture").fill(ADDRESS)
        page.get_by_role("button", name="Use this address").click()
        expect(page.get_by_label(TITLE)).to_have_accessible_description(f"{DESCRIPTION} {NOT_COUNTING}")
        assert violations(visitor) == []
        page.get_by_role("button", name="Remove picture 1").click()
        expect(page.get_by_label(TITLE)).to_have_accessible_description(DESCRIPTION)
        visitor.prompt.fill("a bay")
        visitor.wait_for("completed", visitor.generate())
        # The settings are held as any: a link has them, and a reload keeps them.
        page.reload()
        visitor.open_advanced()
        expect(page.get_by_label(TITLE)).to_be_checked()
        page.goto(f"{app.url}/?watermark=false&prompt=two+bays")
        visitor.open_advanced()
        expect(page.get_by_label(TITLE)).not_to_be_checked()
        sent = last_request(recorder)
    assert (sent["resolution"], sent["watermark"]) == (NEW, True)


def test_a_model_of_the_catalogue_makes_a_picture(browser: Browser) -> None:
    with served(pro(), SEEDREAM_MODEL=PRO) as (app, recorder), visit(browser, app.url) as visitor:
        page = visitor.page
        expect(page).to_have_title("Seedream 5.0 Pro")
        expect(page.locator("h1")).to_have_text("Seedream 5.0 Pro")
        expect(page.locator("#tagline")).to_contain_text("Seedream 5.0 Pro")
        expect(page.locator("#price")).to_have_text(
            "Per picture, going by the list price; some settings cost more."
        )
        expect(visitor.generate_button).to_have_accessible_name("Generate · from $0.04")
        # It makes no series.
        counts = page.get_by_role("radiogroup", name="How many?").get_by_role("radio")
        expect(counts).to_have_count(3)
        counts.last.check()
        expect(visitor.generate_button).to_have_accessible_name("Generate 4 · from $0.16")
        shapes = page.locator(".size-tile")
        expect(shapes).to_have_text(["Auto", "1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"])
        shapes.nth(4).click()
        expect(page.locator("#field-aspect_ratio input")).to_have_value("16:9")
        visitor.choose("resolution", "1K")
        assert page.get_by_text("series").count() == 0
        said = page.request.get(f"{app.url}/gradio_api/mcp/schema").json()
        (about,) = [each["description"] for each in said if each["name"] == "generate"]
        assert about.startswith("Make a picture with Seedream 5.0 Pro, and wait until it is there.")
        gallery, record = Client(app.url, verbose=False).predict(
            prompt="a bay", image=[ADDRESS], aspect_ratio="16:9", resolution="1K", api_name="/generate"
        )
        assert record["model_id"] == PRO
        visitor.wait_for("completed", visitor.open_by_id(record["request_id"]))
        visitor.pictures(1)
    assert len(gallery) == 1
    assert last_request(recorder) == {
        "prompt": "a bay",
        "image": [ADDRESS],
        "aspect_ratio": "16:9",
        "resolution": "1K",
        "output_format": "png",
    }
