from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from seedream import schema
from seedream.schema.live import UnfitSchemaError, lay_over, page_of

NEW = "5120x1440 (32:9)"
FILES = [page["model_id"] for page in schema.pages()]
Properties = dict[str, Any]


@pytest.fixture(params=range(2), ids=["text-to-image", "edit"])
def page(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(schema.pages()[request.param])


def entry_of(page: dict[str, Any], change: Callable[[Properties], object] = lambda _: None) -> dict[str, Any]:
    """Return the catalogue's entry of this model, with a change."""
    described = copy.deepcopy(page["input"])
    change(described["properties"])
    return {"model_id": page["model_id"], "input_schema": described}


def laid(page: dict[str, Any], change: Callable[[Properties], object]) -> schema.Model:
    return schema.model_of(lay_over(page, entry_of(page, change)).page)


def test_a_schema_that_the_file_knows_differs_in_nothing_but_what_is_certain_now(page: dict[str, Any]) -> None:
    found = lay_over(page, entry_of(page))
    careful = page.get("careful", [])
    assert found.differences == ([f"known for certain now: {', '.join(careful)}"] if careful else [])
    assert not any(field.careful for field in schema.model_of(found.page).fields)


def test_values_defaults_and_bounds_go_by_the_catalogue(page: dict[str, Any]) -> None:
    def change(properties: Properties) -> None:
        properties["resolution"] = {"type": "string", "enum": [NEW, "2K"], "default": NEW}
        properties["max_images"] = {"type": "integer", "minimum": 2, "maximum": 8, "default": 3}

    model = laid(page, change)
    resolution, most = model.field("resolution"), model.field("max_images")
    assert (resolution.choices, resolution.default) == ((NEW, "2K"), NEW)
    assert (most.choices, most.lowest, most.highest, most.default) == ((), 2, 8, 3)
    assert most.applies_when == {"sequential_image_generation": "auto"}
    said = " / ".join(lay_over(page, entry_of(page, change)).differences)
    assert f"resolution also takes '{NEW}'" in said
    assert "resolution does not take '3K', '2048x2048 (1:1)'" in said
    assert "max_images: highest 8 instead of 15" in said


@pytest.mark.parametrize(
    ("described", "kind", "default"),
    [
        ({"type": "string"}, "text", ""),
        ({"type": "string", "default": "a"}, "text", "a"),
        ({"type": "string", "enum": ["a", "b"]}, "choice", "a"),
        ({"type": "string", "enum": ["a"]}, "fixed", "a"),
        ({"type": "integer", "enum": [3, 4, 5], "default": 4}, "number", 4),
        ({"type": "integer", "minimum": 1, "maximum": 50, "default": 20}, "number", 20),
        ({"type": "float", "minimum": 0, "maximum": 1, "default": 0.5}, "number", 0.5),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}, "number", 0),
        ({"type": ["boolean", "null"]}, "boolean", False),
        ({"type": "boolean", "default": True}, "boolean", True),
        ({"type": "string", "format": "image_uri", "default": "https://example.org/a.png"}, "pictures", []),
        ({"type": "array", "items": {"type": "string", "format": "image_uri"}}, "pictures", []),
        ({"type": "string", "default": "https://example.org/sample.png"}, "text", ""),
    ],
)
def test_a_new_optional_field_is_added(described: dict[str, Any], kind: str, default: object) -> None:
    model = laid(dict(schema.pages()[0]), lambda properties: properties.update(new=described))
    field = model.field("new")
    assert (field.kind, field.default, field.required) == (kind, default, False)
    request = model.request({"prompt": "a"})
    assert request.get("new", default) == default
    assert "sample" not in json.dumps(request)


@pytest.mark.parametrize(
    "described",
    [
        {"type": "object"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "string", "format": "video_uri"},
        {"type": "string", "enum": []},
        {"type": "string", "enum": ["a", 1]},
        {"type": "string", "enum": ["__i18n__{}"]},
        {"type": "string", "enum": ["a", "a"]},
        {"type": "string", "enum": ["a"], "default": "b"},
        {"type": "string", "enum": [[]]},
        {"type": "string", "default": "a" * 20_001},
        {"type": "string", "default": "\ud83c"},
        {"type": "string", "default": 1},
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "integer", "minimum": float("nan")},
        {"type": "integer", "maximum": 1e300},
        {"type": "integer", "maximum": "9"},
        {"type": "integer", "minimum": 1, "maximum": 9, "default": 10},
        {"type": "integer", "default": True},
        {"type": "number", "default": float("inf")},
        {"type": "boolean", "default": "yes"},
        {"type": "array", "format": "image_uris", "minItems": 4, "maxItems": 2},
        {"$ref": "#/definitions/a"},
        {},
        [],
        None,
        "string",
    ],
)
def test_what_can_t_be_shown_is_left_out_where_it_is_optional_and_else_leaves_the_file(described: object) -> None:
    page = dict(schema.pages()[0])
    entry = entry_of(page, lambda properties: properties.update(new=described))
    found = lay_over(page, entry)
    assert "new" not in found.page["input"]["properties"]
    assert [line for line in found.differences if line.startswith("'new' is not shown: ")]
    entry["input_schema"]["required"].append("new")
    with pytest.raises(UnfitSchemaError, match="new"):
        lay_over(page, entry)


@pytest.mark.parametrize(
    "name", ["", "A", "a b", "a-b", "__class__", "lambda", "request", "folder", "é", "x" * 99, "<b>", "\n"]
)
def test_a_name_that_can_be_none_here_is_left_out(name: str) -> None:
    found = lay_over(
        dict(schema.pages()[0]),
        entry_of(dict(schema.pages()[0]), lambda properties: properties.update({name: {"type": "boolean"}})),
    )
    assert name not in found.page["input"]["properties"]
    assert all(line.isprintable() and line.isascii() for line in found.differences)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"input_schema": None},
        {"input_schema": "a"},
        {"input_schema": {"properties": []}},
        {"input_schema": {"properties": {}}},
        {"input_schema": {"properties": {"prompt": {"type": "string"}}, "required": "prompt"}},
        {"input_schema": {"properties": {"prompt": {"type": "string"}}, "required": [["prompt"]]}},
        {"input_schema": {"properties": {"prompt": {"type": "string"}}, "required": ["mask"]}},
        {"input_schema": {"properties": {f"f{number}": {"type": "boolean"} for number in range(999)}}},
        {"input_schema": {"properties": {"prompt": {"type": "integer"}}}},
        {"input_schema": {"properties": {"prompt": {"type": "string"}, "resolution": {"type": "boolean"}}}},
        {"input_schema": {"properties": {"prompt": {"type": "string"}, "output_format": {"type": "object"}}}},
        {
            "input_schema": {
                "properties": {"prompt": {"type": "string"}, "resolution": {"type": "string", "enum": 7}}
            }
        },
    ],
)
def test_a_schema_that_makes_no_sense_leaves_the_file(page: dict[str, Any], entry: dict[str, Any]) -> None:
    with pytest.raises(UnfitSchemaError):
        lay_over(page, entry)


def test_what_the_catalogue_does_not_know_is_sent_only_where_it_was_chosen() -> None:
    page = dict(schema.pages()[0])
    model = laid(page, lambda properties: properties.pop("output_format"))
    assert "output_format" not in model.request({"prompt": "a"})
    assert model.request({"prompt": "a", "output_format": "jpeg"})["output_format"] == "jpeg"


def test_a_series_is_counted_whatever_the_catalogue_leaves_out() -> None:
    model = laid(dict(schema.pages()[0]), lambda properties: properties.pop("max_images"))
    request = model.request({"prompt": "a", "sequential_image_generation": "auto"})
    assert schema.most_pictures(request) == 15


def test_foreign_words_are_one_line_of_plain_text() -> None:
    said = {
        "type": "boolean",
        "title": "A\n\u202e<b>title</b>" + "x" * 200,
        "description": "{count}\t`a` __i18n__{}",
    }
    field = laid(dict(schema.pages()[0]), lambda properties: properties.update(new=said)).field("new")
    assert field.title is not None
    assert field.title.startswith("A <b>title</b>x")
    assert len(field.title) == 80
    assert field.description is None


PRO = "bytedance/seedream-5.0-pro/image-to-image"
PRO_PROPERTIES: Properties = {
    "prompt": {"type": "string", "title": "Prompt"},
    "image": {
        "type": "array",
        "format": "image_uris",
        "items": {"type": "string"},
        "minItems": 1,
        "maxItems": 10,
        "default": ["https://example.org/sample.png"],
        "validations": [
            {"validation_rule": "file_size_mb<", "validation_value": 30, "validation_error": "Too large"},
            {"validation_rule": "width/height>", "validation_value": 0.0625},
            {"validation_rule": "width/height<", "validation_value": 16},
            {"validation_rule": "width_pixels>", "validation_value": 14},
        ],
    },
    "aspect_ratio": {
        "type": "string",
        "title": "Aspect ratio",
        "enum": ["auto", "1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2", "21:9"],
        "default": "1:1",
    },
    "resolution": {"type": "string", "enum": ["1K", "2K"], "default": "2K"},
    "output_format": {"type": "string", "enum": ["png", "jpeg"], "default": "png"},
}


def pro_entry(**properties: Any) -> dict[str, Any]:
    """Return the entry of a model that no file describes."""
    described = {**copy.deepcopy(PRO_PROPERTIES), **properties}
    return {
        "model_id": PRO,
        "display_name": "Seedream 5.0 Pro",
        "input_schema": {"type": "object", "required": ["prompt", "image"], "properties": described},
    }


def test_a_model_without_a_file_is_made_of_its_schema() -> None:
    model = schema.model_of(page_of(pro_entry(), PRO, {}))
    assert (model.model_id, model.name, model.price_varies) == (PRO, "Seedream 5.0 Pro", True)
    assert model.shape == model.field("aspect_ratio")
    assert model.field("resolution").own_words
    rules = model.field("image").references
    assert rules
    assert (rules.least, rules.most, rules.narrowest, rules.widest) == (1, 10, 0.0625, 16)
    image = ["https://example.org/a.png"]
    assert model.request({"prompt": "a", "image": image}) == {
        "prompt": "a",
        "image": image,
        "aspect_ratio": "1:1",
        "resolution": "2K",
        "output_format": "png",
    }


def test_a_neighbour_that_makes_series_counts_them_as_its_kin() -> None:
    fields = {name: schema.pages()[0]["input"]["properties"][name] for name in schema.load().defaults}
    model = schema.model_of(page_of(pro_entry(**fields), PRO, {}))
    assert "max_images" not in model.request({"prompt": "a", "image": "https://example.org/a.png"})
    assert not model.field("resolution").own_words


@pytest.mark.parametrize(
    "prompt", [{"type": "integer"}, {"type": "string", "enum": ["a"]}, {"type": "object"}, None, {"type": "array"}]
)
def test_there_is_no_page_of_a_model_that_takes_no_prompt(prompt: object) -> None:
    with pytest.raises(UnfitSchemaError):
        page_of(pro_entry(prompt=prompt), PRO, {})


@pytest.mark.parametrize(
    "name", ["<b>Pro</b>", "{a}", "*a*", "[a](b)", "`a`", "__i18n__{}", "", 7, None, "a" * 999]
)
def test_a_model_s_name_is_its_id_where_a_component_might_read_more_into_it(name: object) -> None:
    named = page_of({**pro_entry(), "display_name": name}, PRO, {})["name"]
    assert named == (PRO if name != "a" * 999 else named)
    assert len(named) <= 80
