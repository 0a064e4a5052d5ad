from __future__ import annotations

import pytest

from seedream import texts
from seedream.schema import load, model_of
from seedream.schema.live import page_of
from seedream.settings import LimitRules
from seedream.ui.controls import offered
from seedream.ui.examples import PHRASES, examples
from tests.schema.test_live import PRO, pro_entry

MODEL = load()


@pytest.mark.parametrize("language", sorted(texts.locales()))
def test_every_example_is_a_request_of_this_model(language: str) -> None:
    known = texts.locales()[language]
    assert len(examples(MODEL)) >= 12
    for example in examples(MODEL):
        prompt = known[f"example.{example.name}.prompt"]
        request = MODEL.request({"prompt": prompt, **example.settings})
        assert {**request, **example.settings} == request
        assert known[f"example.{example.name}.title"]


@pytest.mark.parametrize("language", sorted(texts.locales()))
def test_no_text_of_an_example_or_a_word_is_idle(language: str) -> None:
    named = {f"example.{each.name}.{part}" for each in examples(MODEL) for part in ("title", "prompt")}
    named |= {f"phrase.{group}" for group in PHRASES}
    named |= {f"phrase.{group}.{name}" for group, names in PHRASES.items() for name in names}
    assert {key for key in texts.locales()[language] if key.startswith(("example.", "phrase."))} == named


def test_what_is_not_on_offer_becomes_what_is_near() -> None:
    rules = LimitRules(max_images=2, resolutions=("2K", "4096x2304 (16:9)"))
    found = {each.name: each.settings for each in examples(offered(MODEL, rules))}
    # The same shape in another size, the longest series; and the default where there is no such shape.
    assert found["storyboard"] == {
        "resolution": "4096x2304 (16:9)",
        "sequential_image_generation": "auto",
        "max_images": 2,
    }
    assert found["product"]["resolution"] == offered(MODEL, rules).field("resolution").default


def test_a_model_with_shapes_alone_and_no_series_has_the_examples_that_suit_it() -> None:
    model = model_of(page_of(pro_entry(), PRO, {}))
    found = {each.name: each.settings for each in examples(model)}
    assert not {"storyboard", "character"} & found.keys()
    assert found["landscape"] == {"aspect_ratio": "21:9", "output_format": "jpeg"}
    assert found["product"] == {"aspect_ratio": "1:1"}
    for settings in found.values():
        model.request({"prompt": "a", "image": "https://example.org/a.png", **settings})
