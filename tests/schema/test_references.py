"""Which addresses may name a picture, by their form alone, and how many and how heavy references may be."""

from __future__ import annotations

from typing import Any

import pytest

from seedream.errors import SeedreamError
from seedream.schema import load, load_models
from seedream.schema.references import (
    MIB,
    MOST_CHARACTERS,
    ReferenceRules,
    checked_references,
    is_public_address,
    rules_of,
)
from seedream.schema.references import MOST_CHARACTERS_IN_ALL as IN_ALL
from tests.schema.addresses import ADDRESS, FIT, FIT_BY_ORIGIN, OWN, UNFIT, UNFIT_BY_ORIGIN

DATA = "data:image/png;base64,iVBORw0KGgo="
USUAL = ReferenceRules()
UNFIT_DATA = [
    "data:,",
    "data:text/html;base64,PHA+",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:image/gif;base64,R0lGODlh",
    "data:image/png,%89PNG",
    "data:image/png;base64,",
    "data:image/png;base64,a b=",
    "data:image/png;base64,iVBORw0KGgo===",
    "data:image/png;base64,iVBO\nRw0KGgo=",
    "data:image/png;charset=utf-8;base64,iVBORw0KGgo=",
    "DATA:image/png;base64,iVBORw0KGgo=",
]


def refused(value: object, rules: ReferenceRules = USUAL, *, required: bool = True) -> SeedreamError:
    with pytest.raises(SeedreamError) as caught:
        checked_references(value, rules, "image", "", required=required)
    assert caught.value.field == "image"
    return caught.value


@pytest.mark.parametrize("address", FIT)
def test_an_address_that_everyone_can_open_fits(address: str) -> None:
    assert checked_references([address], USUAL, "image", "", required=True) == [address]


@pytest.mark.parametrize("reference", [*UNFIT, *UNFIT_DATA, None, 7, True, b"", ["a"], {}])
def test_what_is_no_public_address_and_no_picture_is_refused_by_its_number(reference: object) -> None:
    error = refused([ADDRESS, DATA, reference])
    assert (error.code, error.facts) == ("reference_unfit", {"number": 3})


@pytest.mark.parametrize("origin", [OWN, f"{OWN}/"])
def test_the_apis_own_files_may_be_references_wherever_it_is(origin: str) -> None:
    assert all(is_public_address(each, origin) for each in FIT_BY_ORIGIN)
    assert not any(is_public_address(each, origin) for each in UNFIT_BY_ORIGIN)
    assert not any(is_public_address(each) for each in FIT_BY_ORIGIN)


@pytest.mark.parametrize("value", [None, "", [], ()])
def test_no_references_are_none_where_none_are_needed(value: object) -> None:
    assert checked_references(value, USUAL, "image", "", required=False) is None
    error = refused(value)
    assert (error.code, error.facts) == ("references_few", {"limit": 1})


@pytest.mark.parametrize("value", [7, True, {"a": ADDRESS}, b"a"])
def test_what_is_no_reference_at_all_is_not_dropped_in_silence(value: object) -> None:
    assert refused(value, required=False).code == "reference_unfit"


def test_a_text_alone_and_a_tuple_are_lists() -> None:
    for value in (DATA, (DATA,), [DATA]):
        assert checked_references(value, USUAL, "image", "", required=True) == [DATA]


def test_how_many_there_may_be() -> None:
    rules = ReferenceRules(least=2, most=3)
    for count, code, limit in ((1, "references_few", 2), (4, "references_many", 3)):
        error = refused([ADDRESS] * count, rules)
        assert (error.code, error.facts) == (code, {"limit": limit})
    assert checked_references([ADDRESS] * 3, rules, "image", "", required=True) == [ADDRESS] * 3


def test_how_heavy_they_may_be_each_and_together() -> None:
    start = DATA.rstrip("=")
    heaviest = start + "A" * (MOST_CHARACTERS - len(start))
    assert checked_references([heaviest], USUAL, "image", "", required=True)
    error = refused([ADDRESS, f"{heaviest}A"])
    assert (error.code, error.facts) == ("reference_heavy", {"number": 2, "limit": 6})
    assert IN_ALL // MOST_CHARACTERS == 10
    error = refused([heaviest] * 11, ReferenceRules(most=14))
    assert (error.code, error.facts) == ("references_heavy", {"limit": 64})


def test_the_edit_model_counts_references_and_a_series_together() -> None:
    model = load_models().edit
    assert model is not None
    series: dict[str, Any] = {"prompt": "a", "sequential_image_generation": "auto"}
    assert model.request({**series, "image": [ADDRESS] * 10, "max_images": 5})["image"] == [ADDRESS] * 10
    with pytest.raises(SeedreamError) as caught:
        model.request({**series, "image": [ADDRESS] * 10, "max_images": 6})
    assert (caught.value.code, caught.value.facts) == ("references_and_series", {"limit": 15, "left": 5})
    # One picture is no series, whatever the slider says.
    assert model.request({"prompt": "a", "image": [ADDRESS] * 10, "max_images": 15})


def test_references_decide_which_model_a_request_goes_to() -> None:
    models = load_models()
    assert models.of({"prompt": "a"}) is models.of({"prompt": "a", "image": []}) is models.plain
    assert models.of({"prompt": "a", "image": [ADDRESS]}) is models.edit
    assert load().pictures is None


SAID = {
    "file_size_mb<": 20,
    "width/height>": 0.0625,
    "width/height<": 16,
    "width_pixels>": 14,
    "height_pixels>": "30",
    "colours<": 7,
}


def validations(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"validation_rule": rule, "validation_value": value} for rule, value in said.items()]


@pytest.mark.parametrize(
    ("described", "rules"),
    [
        ({"type": "array"}, ReferenceRules()),
        ({"type": "array", "validations": None}, ReferenceRules()),
        ({"type": "array", "validations": ["odd", {}, {"validation_rule": 7}]}, ReferenceRules()),
        ({"type": "array", "validations": validations({"file_size_mb<": "heavy"})}, ReferenceRules()),
        ({"type": "array", "validations": validations({"width/height<": -1})}, ReferenceRules()),
        ({"type": "array", "validations": validations({"file_size_mb<": "inf"})}, ReferenceRules()),
        ({"type": "array", "validations": validations({"width_pixels>": "nan"})}, ReferenceRules()),
        (
            {"type": "array", "validations": validations({"file_size_mb<": 0.5})},
            ReferenceRules(most_bytes=MIB // 2),
        ),
        ({"type": "array", "minItems": 2, "maxItems": 14}, ReferenceRules(least=2, most=14)),
        ({"type": "string"}, ReferenceRules(least=1, most=1)),
        ({"type": "array", "validations": validations(SAID)}, ReferenceRules(1, 10, 20 * MIB, 1 / 16, 16, 31)),
    ],
)
def test_the_rules_are_the_schemas_where_it_has_some(described: dict[str, Any], rules: ReferenceRules) -> None:
    assert rules_of(described) == rules
