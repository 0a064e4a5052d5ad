"""What a script starts from: files, addresses, bytes and Pillow's pictures; and what the wire sees of them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

import seedream
from seedream.schema import EDIT, load
from tests.controlled_api import ControlledApi, controlled_api
from tests.sdk.scripting import TOKEN, ended, environment, start

pytestmark = pytest.mark.thorough

ADDRESS = "https://example.org/a.png"
EDIT_ID = load(EDIT).model_id


@pytest.fixture(scope="module")
def served() -> Iterator[ControlledApi]:
    with controlled_api() as service, service.hurrying():
        yield service


@pytest.fixture
def api(served: ControlledApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ControlledApi:
    """Have this process pay there, from a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("RUNCOMFY_BASE_URL", served.url), ("RUNCOMFY_TOKEN", TOKEN), ("LC_ALL", "C")):
        monkeypatch.setenv(name, value)
    served.recorder.calls.clear()
    return served


def file_of(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def sent(api: ControlledApi) -> dict[str, Any]:
    (call,) = api.submissions
    assert call.path == f"/v1/models/{EDIT_ID}"
    found: dict[str, Any] = call.json
    return found


def picture_in(uri: str) -> Image.Image:
    head, _, body = uri.partition(",")
    assert head in ("data:image/png;base64", "data:image/jpeg;base64")
    return Image.open(io.BytesIO(base64.b64decode(body)))


def test_each_kind_of_reference_goes_to_the_edit_model_in_its_order(api: ControlledApi) -> None:
    plain = file_of(Image.new("RGB", (64, 48), "red"))
    Path("a b.png").write_bytes(plain)
    noise = Image.effect_noise((80, 60), 90).convert("RGB")
    made = seedream.generate("in oil", image=["a b.png", Path("a b.png"), ADDRESS, plain, noise], folder="out")
    image = sent(api)["image"]
    as_it_is = f"data:image/png;base64,{base64.b64encode(plain).decode()}"
    assert image[:4] == [as_it_is, as_it_is, ADDRESS, as_it_is]
    with picture_in(image[4]) as found:
        assert (found.size, found.tobytes()) == (noise.size, noise.tobytes())
    # Told by what they are, in records as in names; the bytes are in none.
    assert made.record.model_id == EDIT_ID
    told = (made.record.request or {})["image"]
    assert isinstance(told, list)
    assert told[2] == ADDRESS
    assert told[0].startswith(f"data:image/png;64x48;{len(plain)};sha256=")
    assert all(len(each) < 200 for each in told)
    assert made.pictures[0].path.name.endswith("-in-oil-01.png")


@pytest.mark.parametrize("one", [ADDRESS, Image.new("CMYK", (64, 48)), Image.new("I;16", (64, 48), 4000)])
def test_one_needs_no_list(api: ControlledApi, one: Any) -> None:
    seedream.generate("in oil", image=one)
    (reference,) = sent(api)["image"]
    assert reference == one or picture_in(reference).mode == "RGB"


def test_a_photograph_is_upright_and_says_nothing_of_where_it_was_taken(api: ControlledApi) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "A camera"
    photo = file_of(Image.effect_noise((400, 300), 90).convert("RGB"), "JPEG", exif=exif)
    Path("photo.jpg").write_bytes(photo)
    with Image.open("photo.jpg") as opened:
        seedream.generate("in oil", image=["photo.jpg", opened])
    for reference in sent(api)["image"]:
        with picture_in(reference) as found:
            assert (found.size, dict(found.getexif())) == ((300, 400), {})


async def test_a_result_is_changed_by_its_own_address(api: ControlledApi) -> None:
    first = await seedream.generate_async("a fox")
    api.recorder.calls.clear()
    second = await seedream.generate_async("in oil", image=first.pictures[0].url)
    assert sent(api)["image"] == [first.pictures[0].url]
    # Taken up again like any other.
    again = await seedream.resume_async(second.request_id, folder="again")
    assert again.pictures[0].sha256 == second.pictures[0].sha256
    assert api.submitted() == 1


@pytest.mark.parametrize("none", [None, [], ()])
def test_without_a_picture_it_is_a_picture_from_words(api: ControlledApi, none: Any) -> None:
    seedream.generate("a fox", image=none)
    assert [call.path for call in api.submissions] == [f"/v1/models/{load().model_id}"]
    assert "image" not in api.submissions[0].json


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("missing.png", "reference_unreadable"),
        (Path("missing.png"), "reference_unreadable"),
        ([ADDRESS, "missing.png"], "reference_unreadable"),
        (".", "reference_unreadable"),
        ("", "reference_unfit"),
        ("http://example.org/a.png", "reference_unfit"),
        ("https://127.0.0.1/a.png", "reference_unfit"),
        ("file:///etc/hostname", "reference_unfit"),
        (7, "reference_unfit"),
        ([ADDRESS, None], "reference_unfit"),
        (b"", "reference_not_a_picture"),
        ("here.txt", "reference_not_a_picture"),
        ("data:image/svg+xml,<svg/>", "reference_not_a_picture"),
        (Image.new("F", (64, 48)), "reference_not_a_picture"),
        (Image.new("RGB", (8, 8)), "reference_small"),
        (Image.new("RGB", (400, 20)), "reference_shape"),
        ([ADDRESS] * 11, "references_many"),
        (["missing.png"] * 11, "references_many"),
    ],
)
def test_what_does_not_fit_is_a_sentence_and_nothing_is_sent(api: ControlledApi, image: Any, code: str) -> None:
    Path("here.txt").write_text("words")
    with pytest.raises(seedream.SeedreamError) as caught:
        seedream.generate("in oil", image=image, folder="out")
    assert caught.value.code == code
    assert str(caught.value).endswith(f"othing was sent. [{code}]")
    assert ("missing.png" in str(caught.value)) == (code == "reference_unreadable" and image != ".")
    assert api.recorder.calls == []
    assert not Path("out").exists()


WATCHING = """
import gc, inspect
from PIL import Image
import seedream

def long_data_uris():
    gc.collect()
    found = 0
    for each in gc.get_objects():
        held = each.values() if isinstance(each, dict) else each if isinstance(each, list | tuple) else ()
        if inspect.iscoroutine(each) and each.cr_frame:
            held = each.cr_frame.f_locals.values()
        found += sum(isinstance(one, str) and len(one) > 10_000 and one.startswith("data:image") for one in held)
    return found

def on_state(record):
    if record.status == "in_queue":
        print(long_data_uris(), flush=True)

seen = ["data:image/png;base64," + "x" * 10_000]
print(long_data_uris(), flush=True)
del seen
seedream.generate("in oil", image=Image.effect_noise((300, 200), 90).convert("RGB"), on_state=on_state)
"""


def test_nothing_of_a_picture_is_kept_once_it_was_sent(api: ControlledApi, tmp_path: Path) -> None:
    api.clock.stands = True
    try:
        process = start(tmp_path, environment(api.url), "-c", WATCHING)
        assert process.stdout
        said = process.stdout.readline() + process.stdout.readline()
        api.finish()
    finally:
        api.clock.stands = False
    assert ended(process).code == 0
    assert len(sent(api)["image"][0]) > 10_000
    # First one that is there, to see that it would be seen.
    assert said == "1\n0\n"
