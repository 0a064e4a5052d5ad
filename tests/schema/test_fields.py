"""Every kind of field that the catalogue uses: what it takes, what it refuses, and what it says would fit."""

from __future__ import annotations

import re
from typing import Any

import pytest

from seedream import texts
from seedream.errors import SeedreamError
from seedream.schema import Field, Request, model_of
from seedream.schema.fields import field_of

HALF = {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5}
STEPS = {"type": "integer", "minimum": 1, "maximum": 50, "default": 20}
OUTPUT: dict[str, Any] = {"type": "object", "properties": {}}
NAN, INF = float("nan"), float("inf")
NO_STEPS: list[object] = [
    0,
    51,
    2.5,
    "2.5",
    "",
    None,
    True,
    [2],
    {},
    NAN,
    INF,
    -INF,
    10**400,
    "9" * 5000,
    "٣",
    "1e1",
]
NO_HALVES: list[object] = [-0.1, 1.1, "1.1", "half", False, NAN, INF, 10**400]
NO_ANSWERS: list[object] = ["yes", "", 1, 0, None, [True]]
NO_TEXTS: list[object] = [7, True, ["a"], {}]


def page(name: str, described: dict[str, Any], **more: object) -> dict[str, Any]:
    required = more.pop("required", [])
    schema = {"type": "object", "required": required, "properties": {name: described}}
    return {"model_id": "some/model", "input": schema, "output": OUTPUT, **more}


def a_field(described: dict[str, Any], *, required: bool = False, **more: object) -> Field:
    return field_of(page("it", described, required=["it"] if required else [], **more), "it")


def sent(
    described: dict[str, Any], values: dict[str, object], *, required: bool = False, **more: object
) -> Request:
    return model_of(page("it", described, required=["it"] if required else [], **more)).request(values)


@pytest.mark.parametrize(
    ("described", "kind", "default"),
    [
        ({"type": "string"}, "text", ""),
        ({"type": "string", "default": "a bay"}, "text", "a bay"),
        ({"type": "string", "enum": ["a", "b"]}, "choice", "a"),
        ({"type": "string", "enum": ["a", "b"], "default": "b"}, "choice", "b"),
        ({"type": "string", "enum": ["a"]}, "fixed", "a"),
        ({"type": "integer", "enum": [1, 2, 3], "default": 2}, "number", 2),
        ({"type": "integer", "enum": [1, 2, 4, 8]}, "choice", 1),
        ({"type": "integer", "enum": [4, 3, 2]}, "choice", 4),
        ({"type": "integer", "minimum": 3}, "number", 3),
        ({"type": "integer"}, "number", 0),
        (STEPS, "number", 20),
        (HALF, "number", 0.5),
        ({**HALF, "type": "float"}, "number", 0.5),
        ({"type": "boolean"}, "boolean", False),
        ({"type": "boolean", "default": True}, "boolean", True),
        ({"type": "string", "format": "image_uri"}, "pictures", []),
        ({"type": "array", "format": "image_uris", "items": {"type": "string"}}, "pictures", []),
        ({"type": "array", "items": {"type": "string", "format": "image_uri"}}, "pictures", []),
    ],
)
def test_a_field_is_of_the_kind_that_its_schema_describes(
    described: dict[str, Any], kind: str, default: object
) -> None:
    field = a_field(described)
    assert (field.kind, field.default, type(field.default)) == (kind, default, type(default))


def test_a_sample_that_stands_as_default_is_never_sent() -> None:
    sample = {"type": "string", "format": "image_uri", "default": "https://example.org/cat.png"}
    assert a_field(sample).default == []
    assert sent(sample, {}) == {}


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"type": "object"},
        {"type": "array"},
        {"type": "array", "items": "text"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "string", "format": "video_uri"},
        {"type": ["string", "null"]},
        {"type": "string", "enum": "ab"},
        {"type": "string", "enum": [None, "a"]},
        {"type": "number", "enum": [0.5, 1.0]},
        {"type": "boolean", "enum": [True]},
        {"type": "string", "enum": ["a", "b"], "default": "c"},
        {"type": "string", "enum": ["a", "b"], "default": ["a"]},
        {"type": "string", "default": 7},
        {"type": "boolean", "default": "yes"},
        {**STEPS, "default": "20"},
        {**STEPS, "default": 51},
        {**STEPS, "default": 2.5},
        {**STEPS, "default": True},
        {**STEPS, "minimum": 30},
        {**STEPS, "maximum": "50"},
        {**HALF, "minimum": NAN},
        {**HALF, "maximum": True},
        {"type": "array", "format": "image_uris", "minItems": 5, "maxItems": 2},
        {"type": "array", "format": "image_uris", "maxItems": "10"},
    ],
)
def test_a_schema_that_makes_no_sense_is_no_field(described: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        a_field(described)


@pytest.mark.parametrize(
    ("described", "given", "value"),
    [
        ({"type": "string"}, " a bay ", " a bay "),
        ({"type": "string", "enum": ["a", "b"]}, "b", "b"),
        ({"type": "integer", "enum": [1, 2, 3]}, "3", 3),
        ({"type": "integer", "enum": [1, 2, 4]}, "4", 4),
        ({"type": "integer", "enum": [1, 2, 4]}, 4.0, 4),
        ({"type": "string", "enum": ["1", "2"]}, "2", "2"),
        (STEPS, 1, 1),
        (STEPS, 50.0, 50),
        (STEPS, " 7 ", 7),
        (HALF, 0, 0),
        (HALF, 1, 1),
        (HALF, 0.25, 0.25),
        (HALF, "0.25", 0.25),
        ({"type": "number", "minimum": -1}, "-0.5", -0.5),
        ({"type": "integer"}, 10**400, 10**400),
        ({"type": "boolean"}, True, True),
        ({"type": "boolean", "default": True}, False, False),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean", "default": True}, "False", False),
    ],
)
def test_a_value_that_fits_is_sent_as_the_schema_writes_it(
    described: dict[str, Any], given: object, value: object
) -> None:
    found = sent(described, {"it": given})["it"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("described", "given", "fits"),
    [
        ({"type": "string", "enum": ["a", "b"]}, "c", "a, b"),
        ({"type": "string", "enum": ["a", "b"]}, ["a"], "a, b"),
        ({"type": "string", "enum": ["a", "b"]}, None, "a, b"),
        ({"type": "string", "enum": ["1", "2"]}, 2, "1, 2"),
        ({"type": "integer", "enum": [1, 2, 3]}, 4, "1 to 3"),
        ({"type": "integer", "enum": [1, 2, 3]}, True, "1 to 3"),
        ({"type": "integer", "enum": [1, 2, 4]}, "3", "1 to 4"),
        *((STEPS, each, "whole number from 1 to 50") for each in NO_STEPS),
        *((HALF, each, "a number from 0 to 1") for each in NO_HALVES),
        ({"type": "integer", "minimum": 1}, 0, "≥ 1"),
        ({"type": "integer", "maximum": 9}, 10, "≤ 9"),
        ({"type": "integer"}, "many", "1, 2, 3, …"),
        ({"type": "float"}, "half", "0.5, 1, …"),
        *(({"type": "boolean"}, each, "true, false") for each in NO_ANSWERS),
        *(({"type": "string"}, each, '"…"') for each in NO_TEXTS),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(
    described: dict[str, Any], given: object, fits: str
) -> None:
    with pytest.raises(SeedreamError) as caught:
        sent(described, {"it": given})
    assert (caught.value.code, caught.value.field) == ("value_unfit", "it")
    assert fits in caught.value.sentence()
    for language in texts.locales():
        assert not re.search(r"\{\w+\}", caught.value.sentence(language))


@pytest.mark.parametrize("empty", [None, "", " ", "\n\u3000"])
def test_an_optional_text_may_stay_empty_and_a_needed_one_may_not(empty: object) -> None:
    assert sent({"type": "string"}, {"it": empty}) == {}
    assert sent({"type": "string", "default": "blurry"}, {"it": empty}) == {}
    with pytest.raises(SeedreamError) as caught:
        sent({"type": "string"}, {"it": empty}, required=True)
    assert caught.value.code == "prompt_empty"


def test_half_a_surrogate_pair_and_too_long_a_text_are_refused_in_any_text() -> None:
    for text, code in (("\ud83c", "text_damaged"), ("abcdef", "prompt_too_long")):
        with pytest.raises(SeedreamError) as caught:
            sent({"type": "string"}, {"it": text}, most_characters={"it": 5})
        assert caught.value.code == code


@pytest.mark.parametrize(
    "described", [{"type": "integer"}, {"type": "boolean"}, {"type": "string", "enum": ["a", "b"]}]
)
def test_a_default_that_the_schema_does_not_name_is_not_sent(described: dict[str, Any]) -> None:
    # 0 for a seed that nobody chose would be the same picture over and over.
    assert sent(described, {}) == {}
    assert sent({**described, "default": a_field(described).default}, {}) != {}


def test_a_careful_fields_default_is_left_out_and_anything_else_is_sent() -> None:
    assert sent(STEPS, {"it": 20}, careful=["it"]) == {}
    assert sent(STEPS, {"it": 21}, careful=["it"]) == {"it": 21}


def test_titles_and_descriptions_are_the_catalogues_own_words() -> None:
    field = a_field({**STEPS, "title": "Steps", "description": "More take longer."})
    assert (field.title, field.description) == ("Steps", "More take longer.")
    field = a_field({**STEPS, "title": " ", "description": {"en": "odd"}})
    assert (field.title, field.description) == (None, None)


def test_one_picture_is_sent_as_a_text_and_several_as_a_list() -> None:
    address = "https://example.org/a.png"
    one = {"type": "string", "format": "image_uri"}
    several = {"type": "array", "format": "image_uris"}
    for given in (address, [address]):
        assert sent(one, {"it": given}) == {"it": address}
        assert sent(several, {"it": given}) == {"it": [address]}
    with pytest.raises(SeedreamError) as caught:
        sent(one, {"it": [address, address]})
    assert (caught.value.code, caught.value.facts) == ("references_many", {"limit": 1})
