from __future__ import annotations

import pytest

from seedream import texts
from seedream.schema import load, model_of
from seedream.schema.live import page_of
from seedream.ui.labels import choice_label, for_page
from tests.schema.test_live import PRO, pro_entry

every_language = pytest.mark.parametrize("language", sorted(texts.locales()))


@every_language
def test_every_field_and_value_of_the_schema_has_a_label(language: str) -> None:
    page = for_page(load())[language]
    for field in load().fields:
        assert page[f"field.{field.name}.label"]
        labels = [page[f"value.{field.name}.{choice}"] for choice in field.choices]
        assert len(set(labels)) == len(field.choices)
        if field.kind != "number":
            assert not set(labels) & set(field.choices)


@every_language
def test_the_page_gets_every_text(language: str) -> None:
    assert for_page(load())[language].items() >= texts.locales()[language].items()


@pytest.mark.parametrize(
    ("resolution", "label"),
    [
        ("2048x2048 (1:1)", "Square 1:1 · 2048x2048"),
        ("2304x1728 (4:3)", "Landscape 4:3 · 2304x1728"),
        ("1728x2304 (3:4)", "Portrait 3:4 · 1728x2304"),
        ("2496x1664 (3:2)", "Landscape 3:2 · 2496x1664"),
        ("1664x2496 (2:3)", "Portrait 2:3 · 1664x2496"),
        ("2848x1600 (16:9)", "Wide 16:9 · 2848x1600"),
        ("1600x2848 (9:16)", "Tall 9:16 · 1600x2848"),
        ("3136x1344 (21:9)", "Panorama 21:9 · 3136x1344"),
        ("5K", "5K"),
    ],
)
def test_a_resolution_is_named_by_its_shape(resolution: str, label: str) -> None:
    assert choice_label(load().field("resolution"), resolution) == label


def test_words_of_the_schema_stand_in_where_the_locales_have_none() -> None:
    model = model_of(page_of(pro_entry(watermark={"type": "boolean", "title": "Water <b>mark</b>"}), PRO, {}))
    for language in texts.locales():
        page = for_page(model)[language]
        assert page["field.prompt.label"] == texts.text("field.prompt.label", language)
        assert page["field.aspect_ratio.label"] == "Aspect ratio"
        assert page["field.watermark.label"] == "Water <b>mark</b>"
        # What the locales say of it is of sizes that the model chooses the shape of.
        assert (page["field.resolution.label"], page["value.resolution.2K"]) == ("Resolution", "2K")
