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

ADDRESS = "https://example.org/a.png"
DATA = "data:image/png;base64,iVBORw0KGgo="
OWN = "http://127.0.0.1:8188"
LABEL = "a" * 63
USUAL = ReferenceRules()
FIT = [
    ADDRESS,
    "https://example.org",
    "HTTPS://EXAMPLE.ORG/A.PNG",
    "https://example.org:443/a.png",
    "https://cdn-1.example.org/a.png?signature=a%2Fb&expires=1#top",
    "https://playgrounds-storage-public.runcomfy.net/tools/7063/media/a.png",
    "https://my_bucket.s3.amazonaws.com/a.png",
    "https://xn--mnchen-3ya.de/a.png",
    "https://example.xn--p1ai/a.png",
    "https://192-0-2-1.example.org/a.png",
    "https://1.2.3.example.org/a.png",
    "https://localhost.example.org/a.png",
    "https://example.org/@user/a.png",
    "https://example.org/http://127.0.0.1/a.png",
    f"https://{LABEL}.example.org/a.png",
    "https://example.org/" + "a" * 4000,
]
UNFIT = [
    "",
    "a.png",
    "/etc/passwd",
    "file:///etc/passwd",
    "ftp://example.org/a.png",
    "http://example.org/a.png",
    "javascript:alert(1)",
    "//example.org/a.png",
    "https:example.org/a.png",
    "https:/example.org/a.png",
    "https:///example.org/a.png",
    "https://",
    # No name, in all the ways that some resolver reads.
    "https://127.0.0.1/a.png",
    "https://192.0.2.1/a.png",
    "https://2130706433/a.png",
    "https://0177.0.0.1/a.png",
    "https://0x7f000001/a.png",
    "https://0x7f.0x0.0x0.0x1/a.png",
    "https://127.1/a.png",
    "https://[::1]/a.png",
    "https://[::ffff:127.0.0.1]/a.png",
    "https://[fe80::1%25eth0]/a.png",
    "https://[2001:db8::1]/a.png",
    "https://[example.org]/a.png",
    "https://①②⑦.⓪.⓪.①/a.png",
    # Names that only some know.
    "https://localhost/a.png",
    "https://intranet/a.png",
    "https://printer.local/a.png",
    "https://metadata.google.internal/a.png",
    "https://fileserver.corp/a.png",
    "https://router.lan/a.png",
    "https://nas.home.arpa/a.png",
    "https://1.0.0.127.in-addr.arpa/a.png",
    "https://api.default.svc/a.png",
    "https://hidden.onion/a.png",
    "https://a.localhost/a.png",
    "https://A.LOCALHOST/a.png",
    # Users, ports, and what only looks like a host.
    "https://user@example.org/a.png",
    "https://user:word@example.org/a.png",
    "https://example.org@127.0.0.1/a.png",
    "https://example.org:443@127.0.0.1/a.png",
    "https://@example.org/a.png",
    "https://example.org:80/a.png",
    "https://example.org:8443/a.png",
    "https://example.org:99999/a.png",
    "https://example.org:four/a.png",
    "https://example.org:-443/a.png",
    "https://example.org\\@127.0.0.1/a.png",
    "https:\\\\example.org\\a.png",
    "https://example.org%2f@127.0.0.1/a.png",
    "https://example%2eorg/a.png",
    # Letters that are others than they seem, and those that nobody sees.
    "https://ехample.org/a.png",
    "https://example。org/a.png",
    "https://example.org/a b.png",
    "https://example.org/ä.png",
    "https://exam\tple.org/a.png",
    "https://example.org/a.png\n",
    "\nhttps://example.org/a.png",
    " https://example.org/a.png",
    "https://example.org/a\x00.png",
    "https://exam\u00adple.org/a.png",
    # Names that are none.
    "https://example.org./a.png",
    "https://localhost./a.png",
    "https://.example.org/a.png",
    "https://example..org/a.png",
    "https://-example.org/a.png",
    "https://example-.org/a.png",
    "https://example.o_g/a.png",
    "https://*.example.org/a.png",
    f"https://a{LABEL}.example.org/a.png",
    f"https://{'.'.join([LABEL] * 4)}.org/a.png",
    "https://example.org/" + "a" * 5000,
]
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
    assert is_public_address(f"{OWN}/outputs/a.png", origin)
    for other in (OWN, f"{OWN}1/a.png", f"{OWN}@example.org/a.png", f"{OWN}.example.org/a.png"):
        assert not is_public_address(other, origin)
    assert not is_public_address(f"{OWN}/outputs/a.png")
    assert not is_public_address("http://example.org/a.png", origin)


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
