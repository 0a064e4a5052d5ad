from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from seedream.errors import SeedreamError
from seedream.schema import TEXT_TO_IMAGE, Model, Models, load, pixels
from seedream.settings import Settings
from seedream.ui import labels
from seedream.ui.controls import control
from seedream.ui.page import page
from seedream.ui.services import make_services

PROMPT = (
    "A vibrant close-up editorial portrait featuring a model with a sharp, piercing gaze, wearing a sculptural "
    "hat. Rich color blocking, crisp focus on the eyes, and a shallow depth of field create a striking visual "
    "impact. Styled with a Vogue cover aesthetic, captured in medium format, with bold and dramatic studio "
    "lighting."
)
RESOLUTIONS = (
    "2K",
    "3K",
    "2048x2048 (1:1)",
    "2304x1728 (4:3)",
    "1728x2304 (3:4)",
    "2848x1600 (16:9)",
    "1600x2848 (9:16)",
    "2496x1664 (3:2)",
    "1664x2496 (2:3)",
    "3136x1344 (21:9)",
    "3072x3072 (1:1)",
    "3456x2592 (4:3)",
    "2592x3456 (3:4)",
    "4096x2304 (16:9)",
    "2304x4096 (9:16)",
    "3744x2496 (3:2)",
    "2496x3744 (2:3)",
    "4704x2016 (21:9)",
)
COUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
# In the model page's order: type, default, enum, and the kind of control that follows from them.
FIELDS: dict[str, tuple[str, str | int, tuple[str | int, ...], str]] = {
    "prompt": ("string", PROMPT, (), "text"),
    "resolution": ("string", "2304x1728 (4:3)", RESOLUTIONS, "choice"),
    "sequential_image_generation": ("string", "disabled", ("auto", "disabled"), "choice"),
    "max_images": ("integer", 15, COUNTS, "number"),
    "output_format": ("string", "png", ("png", "jpeg"), "choice"),
    "optimize_prompt_options": ("string", "standard", ("standard",), "fixed"),
}
NEW = "5000x1000 (5:1)"


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


@pytest.fixture
def widened(tmp_path: Path) -> Model:
    """The model of tomorrow: one more resolution, and not a line of code changed."""
    described = json.loads(TEXT_TO_IMAGE.read_text(encoding="utf-8"))
    described["input"]["properties"]["resolution"]["enum"].append(NEW)
    changed = tmp_path / "text-to-image.json"
    changed.write_text(json.dumps(described), encoding="utf-8")
    return load(changed)


def refused(model: Model, **values: object) -> SeedreamError:
    with pytest.raises(SeedreamError) as caught:
        model.request(values)
    return caught.value


def generate_parameters(model: Model) -> dict[str, Any]:
    demo = page(
        make_services(Settings(token="owner", base_url="http://127.0.0.1:9", offline=False), Models(model))
    )
    parameters = demo.get_api_info()["named_endpoints"]["/generate"]["parameters"]
    return {each["parameter_name"]: each for each in parameters}


def test_the_model_is_the_pages(model: Model) -> None:
    assert model.model_id == "bytedance/seedream-5/lite/text-to-image"
    assert [field.name for field in model.fields] == list(FIELDS)
    assert [field.name for field in model.fields if field.required] == ["prompt"]
    assert list(model.input_schema["required"]) == ["prompt"]
    assert model.input_schema["type"] == "object"


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_as_the_page_describes_it(model: Model, name: str) -> None:
    type_, default, choices, kind = FIELDS[name]
    field = model.field(name)
    assert model.input_schema["properties"][name]["type"] == type_
    assert (field.default, type(field.default)) == (default, type(default))
    assert field.choices == choices
    assert field.kind == kind


def test_the_output_schema_is_the_pages(model: Model) -> None:
    one = {"type": "string", "format": "uri"}
    many = {"type": "array", "items": one}
    wanted = {"image": one, "video": one, "images": many, "videos": many}
    assert model.output_schema == {"type": "object", "properties": wanted}


def test_the_recommended_length_of_a_prompt_is_600_words(model: Model) -> None:
    assert {field.name: field.recommended_words for field in model.fields if field.recommended_words} == {
        "prompt": 600
    }


def test_the_defaults_are_the_pages(model: Model) -> None:
    assert model.defaults == {name: default for name, (_, default, _, _) in FIELDS.items()}


def test_a_prompt_alone_is_sent_with_the_defaults(model: Model) -> None:
    assert model.request({"prompt": "a quiet bay"}) == {
        "prompt": "a quiet bay",
        "resolution": "2304x1728 (4:3)",
        "sequential_image_generation": "disabled",
        "output_format": "png",
        "optimize_prompt_options": "standard",
    }


@pytest.mark.parametrize(("sequential", "sent"), [("auto", True), ("disabled", False)])
def test_max_images_is_sent_only_for_a_series(model: Model, sequential: str, *, sent: bool) -> None:
    values = {"prompt": "a quiet bay", "sequential_image_generation": sequential}
    for given in ({}, {"max_images": 4}):
        assert ("max_images" in model.request({**values, **given})) is sent
    assert model.field("max_images").applies(values) is sent


def test_a_series_has_the_pages_default_number(model: Model) -> None:
    assert model.request({"prompt": "a", "sequential_image_generation": "auto"})["max_images"] == 15


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (_, _, choices, _) in FIELDS.items() for value in choices]
)
def test_every_value_of_the_page_is_accepted_and_sent_as_it_is_written(
    model: Model, name: str, value: str | int
) -> None:
    request = model.request({"prompt": "a", "sequential_image_generation": "auto", name: value})
    assert request[name] == value
    assert type(request[name]) is type(value)


@pytest.mark.parametrize("given", [6, 6.0, "6", " 6 ", "06"])
def test_a_number_in_another_dress_is_the_schemas_integer(model: Model, given: object) -> None:
    sent = model.request({"prompt": "a", "sequential_image_generation": "auto", "max_images": given})["max_images"]
    assert (sent, type(sent)) == (6, int)


@pytest.mark.parametrize(
    "given",
    [True, False, None, 0, 16, -1, 6.5, "6.0", "six", "", "-6", [6], {}, float("nan"), float("inf"), 10**400],
)
def test_a_number_that_the_page_does_not_name_is_refused(model: Model, given: object) -> None:
    error = refused(model, prompt="a", sequential_image_generation="auto", max_images=given)
    assert (error.code, error.field) == ("value_unfit", "max_images")
    assert error.facts == {"value": str(given), "choices": COUNTS}


def test_a_text_of_more_digits_than_python_reads_is_refused_like_any_other(model: Model) -> None:
    error = refused(model, prompt="a", sequential_image_generation="auto", max_images="9" * 5000)
    assert (error.code, error.field) == ("value_unfit", "max_images")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resolution", "2304x1728"),
        ("resolution", "2k"),
        ("resolution", "2K "),
        ("resolution", None),
        ("resolution", ["2K"]),
        ("resolution", 2),
        ("sequential_image_generation", "AUTO"),
        ("sequential_image_generation", True),
        ("output_format", "webp"),
        ("output_format", ""),
        ("optimize_prompt_options", "fast"),
    ],
)
def test_a_value_that_the_page_does_not_name_is_refused(model: Model, name: str, value: object) -> None:
    error = refused(model, **{"prompt": "a", name: value})
    assert (error.code, error.field) == ("value_unfit", name)
    assert error.facts == {"value": str(value), "choices": FIELDS[name][2]}


@pytest.mark.parametrize("prompt", ["", " ", "\n\t ", "\u3000", None, 7, ["a"], True])
def test_a_prompt_without_words_is_refused(model: Model, prompt: object) -> None:
    error = refused(model, prompt=prompt)
    assert (error.code, error.field) == ("prompt_empty", "prompt")


def test_a_missing_prompt_is_refused_and_not_replaced_by_the_example(model: Model) -> None:
    assert refused(model).code == "prompt_empty"


@pytest.mark.parametrize(
    "prompt",
    ["  two spaces before\nand a line\t", "{count} <b>bold</b> \\n", "word " * 4000, "🌊" * 20_000],
)
def test_a_prompt_is_sent_as_typed(model: Model, prompt: str) -> None:
    assert model.request({"prompt": prompt})["prompt"] == prompt


@pytest.mark.parametrize("letter", ["a", "鷺", "🌊"])
def test_a_prompt_has_a_longest_length(model: Model, letter: str) -> None:
    error = refused(model, prompt=letter * 20_001)
    assert (error.code, error.field, error.facts) == ("prompt_too_long", "prompt", {"limit": 20_000})


@pytest.mark.parametrize("prompt", ["\ud83c", "a fox \ud83e", "\udd8a\ud83e", "half \udd8a of a fox"])
def test_half_a_surrogate_pair_is_refused(model: Model, prompt: str) -> None:
    error = refused(model, prompt=prompt)
    assert (error.code, error.field) == ("text_damaged", "prompt")


@pytest.mark.parametrize("name", ["seed", "Prompt", "max_image", ""])
def test_a_field_that_the_page_does_not_name_is_refused(model: Model, name: str) -> None:
    error = refused(model, **{"prompt": "a", name: 1})
    assert (error.code, error.field) == ("field_unknown", name)


@pytest.mark.parametrize(
    ("resolution", "size"),
    [
        ("2K", None),
        ("3K", None),
        *((each, tuple(map(int, each.split(" ")[0].split("x")))) for each in RESOLUTIONS[2:]),
    ],
)
def test_a_resolution_tells_its_pixels(resolution: str | None, size: tuple[int, int] | None) -> None:
    assert pixels(resolution) == size


def test_a_new_value_in_the_file_is_a_choice(widened: Model) -> None:
    assert widened.field("resolution").choices == (*RESOLUTIONS, NEW)
    assert widened.request({"prompt": "a", "resolution": NEW})["resolution"] == NEW
    assert refused(widened, prompt="a", resolution="other").facts["choices"] == (*RESOLUTIONS, NEW)


def test_a_new_value_in_the_file_is_in_the_dropdown(widened: Model) -> None:
    dropdown = control(widened.field("resolution"), gr.I18n(**labels.for_page(widened)))
    assert isinstance(dropdown, gr.Dropdown)
    assert [value for _, value in dropdown.choices] == [*RESOLUTIONS, NEW]
    assert labels.for_page(widened)["en"][f"value.resolution.{NEW}"] == "Panorama 5:1 · 5000x1000"


def test_a_new_value_in_the_file_is_in_the_public_interface(widened: Model) -> None:
    assert generate_parameters(widened)["resolution"]["type"] == {"enum": [*RESOLUTIONS, NEW]}


def test_the_public_interface_has_the_schemas_parameters(model: Model) -> None:
    parameters = generate_parameters(model)
    assert list(parameters) == list(FIELDS)
    for name, (_, default, choices, _) in FIELDS.items():
        described = parameters[name]
        assert described["parameter_has_default"] is (name != "prompt")
        if name != "prompt":
            assert described["parameter_default"] == default
            assert described["type"] in ({"enum": list(choices)}, {"const": choices[0]})
