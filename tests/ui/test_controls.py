from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr
import pytest

from seedream import texts
from seedream.schema import Field, Model, Models, load, model_of, pages
from seedream.schema.live import lay_over, page_of
from seedream.settings import LimitRules, Settings
from seedream.ui import labels
from seedream.ui.controls import control, has_sizes, is_advanced, offered
from seedream.ui.endpoint_signatures import fields
from seedream.ui.page import page
from seedream.ui.services import make_services
from tests.schema.test_live import PRO, entry_of, pro_entry


def field(**described: Any) -> Field:
    """Return a new field of the first model, which the catalogue alone knows."""
    return laid(new=described).field("new")


def laid(**new: Any) -> Model:
    first = dict(pages()[0])
    return model_of(lay_over(first, entry_of(first, lambda properties: properties.update(new))).page)


def made(**described: Any) -> gr.components.Component:
    return control(field(**described), gr.I18n(**labels.for_page(load())))


def test_an_optional_text_may_stay_empty() -> None:
    box = made(type="string", title="What *not* to draw", description="<b>`a`</b> {count}")
    assert isinstance(box, gr.Textbox)
    # Gradio reads `info` as markup; the page's scripts put the description there as text.
    assert (box.value, box.label, box.info) == ("", "What *not* to draw", None)


@pytest.mark.parametrize(
    ("described", "bounds"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 50, "default": 20}, (1, 50, 20, 1)),
        ({"type": "number", "minimum": 0, "maximum": 20, "default": 7.5}, (0, 20, 7.5, 0.1)),
        ({"type": "float", "minimum": 0, "maximum": 1, "default": 0.5}, (0, 1, 0.5, 0.01)),
        ({"type": "integer", "enum": [3, 4, 5], "default": 4}, (3, 5, 4, 1)),
    ],
)
def test_a_number_with_bounds_is_a_slider(described: dict[str, Any], bounds: tuple[float, ...]) -> None:
    slider = made(**described)
    assert isinstance(slider, gr.Slider)
    assert (slider.minimum, slider.maximum, slider.value, slider.step) == pytest.approx(bounds)


@pytest.mark.parametrize("bounds", [{}, {"minimum": 1, "default": 2}, {"maximum": 9}])
def test_a_number_without_bounds_is_a_box(bounds: dict[str, Any]) -> None:
    box = made(type="integer", **bounds)
    assert isinstance(box, gr.Number)
    assert (box.minimum, box.maximum, box.precision) == (bounds.get("minimum"), bounds.get("maximum"), 0)


@pytest.mark.parametrize("default", [True, False])
def test_a_boolean_is_a_checkbox(*, default: bool) -> None:
    box = made(type="boolean", default=default)
    assert isinstance(box, gr.Checkbox)
    assert box.value is default


def test_the_first_prompt_is_the_schemas_example_in_the_visitors_language() -> None:
    prompt, i18n = load().field("prompt"), gr.I18n(**labels.for_page(load()))
    assert texts.text("field.prompt.first") == prompt.default
    assert '"key": "field.prompt.first"' in str(control(prompt, i18n).get_config()["value"])
    # Of another example there is no translation.
    other = replace(prompt, default="a red fox")
    assert control(other, i18n).get_config()["value"] == "a red fox"


def test_what_has_one_value_is_sent_and_not_drawn() -> None:
    dropdown = made(type="string", enum=["standard"], default="standard")
    assert isinstance(dropdown, gr.Dropdown)
    assert (dropdown.value, dropdown.visible) == ("standard", False)


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("resolution", LimitRules(resolutions=("2048x2048 (1:1)",))),
        ("max_images", LimitRules(max_images=1)),
    ],
)
def test_nor_is_what_the_limits_leave_one_value_of(name: str, rules: LimitRules) -> None:
    model = offered(load(), rules)
    narrowed = model.field(name)
    dropdown = control(narrowed, gr.I18n(**labels.for_page(load())))
    assert isinstance(dropdown, gr.Dropdown)
    assert (dropdown.choices, dropdown.visible) == ([(str(narrowed.default), narrowed.default)], False)
    assert has_sizes(model) is (name != "resolution")


def test_a_choice_that_no_locale_knows_is_its_own_text_and_no_template() -> None:
    dropdown = made(type="string", enum=["fast", "{count} <b>slow</b>"])
    assert isinstance(dropdown, gr.Dropdown)
    assert dropdown.choices == [(each, each) for each in ("fast", "{count} <b>slow</b>")]


@pytest.mark.parametrize(
    ("described", "annotation"),
    [
        ({"type": "string"}, "string"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "integer"}, "integer"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "number"),
    ],
)
def test_every_kind_is_a_parameter_of_the_public_interface(described: dict[str, Any], annotation: str) -> None:
    settings = Settings(token="owner", base_url="http://127.0.0.1:9", offline=False)
    demo = page(make_services(settings, Models(laid(new=described))))
    told = demo.get_api_info()["named_endpoints"]["/generate"]["parameters"]
    (parameter,) = [each for each in told if each["parameter_name"] == "new"]
    assert parameter["type"] == {"type": annotation}
    assert parameter["parameter_has_default"]


def test_pictures_are_a_list_of_texts() -> None:
    (parameter,) = [each for each in fields(model_of(page_of(pro_entry(), PRO, {}))) if each.name == "image"]
    assert (parameter.annotation, parameter.default) == (list[str], parameter.empty)


def test_what_the_catalogue_alone_knows_stands_apart() -> None:
    model = laid(new={"type": "boolean"})
    apart = [each.name for each in model.fields if is_advanced(each, model)]
    assert apart == ["optimize_prompt_options", "new"]
    pro = model_of(page_of(pro_entry(watermark={"type": "boolean"}), PRO, {}))
    assert [each.name for each in pro.fields if is_advanced(each, pro)] == ["watermark"]


def test_the_limits_narrow_a_series_of_any_description() -> None:
    bounded = laid(max_images={"type": "integer", "minimum": 1, "maximum": 15, "default": 15})
    narrowed = offered(bounded, LimitRules(max_images=4)).field("max_images")
    assert (narrowed.highest, narrowed.default) == (4, 4)
