from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from PIL import Image

from seedream import schema
from seedream.offline import Options, create_app, serve
from seedream.offline.painting import painter, painter_over
from tests.offline.support import MODEL, Client
from tests.ui.test_edit import data_uri

SIZES = [size for choice in schema.load().field("resolution").choices if (size := schema.pixels(choice))]
SMALL = (320, 240)
EDITING = f"/v1/models/{schema.load(schema.EDIT).model_id}"
paint = painter("a job")


@pytest.mark.thorough
def test_every_resolution_in_both_formats() -> None:
    assert len(SIZES) == 16
    wanted = [(size, kind) for size in SIZES for kind in ("png", "jpeg")]

    def made(order: tuple[tuple[int, int], str]) -> tuple[tuple[int, int], str, str]:
        with Image.open(io.BytesIO(paint(f"a bay {order}", 1, 1, *order))) as picture:
            picture.load()
            return picture.size, str(picture.format).lower(), picture.mode

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        assert list(pool.map(made, wanted)) == [(*order, "RGB") for order in wanted]


def test_a_picture_over_http() -> None:
    with serve(create_app(Options(queue_seconds=0, drawing_seconds=0))) as service:
        client = Client(service.url)
        url = client.ended(client.submit(prompt="tall", resolution="2K"))["output"]["image"]
        with Image.open(io.BytesIO(requests.get(url, timeout=30).content)) as picture:
            assert (picture.size, picture.format) == ((2048, 2048), "PNG")


def test_pictures_of_a_sequence_differ() -> None:
    for prompt in ("a", "b"):
        assert len({paint(prompt, number, 15, SMALL, "png") for number in range(1, 16)}) == 15


def test_prompts_give_different_pictures() -> None:
    assert len({paint(f"prompt {number}", 1, 1, SMALL, "png") for number in range(30)}) == 30


def test_the_same_order_gives_the_same_picture() -> None:
    assert paint("a bay", 2, 6, SMALL, "jpeg") == painter("a job")("a bay", 2, 6, SMALL, "jpeg")


@pytest.mark.parametrize(("model", "values"), [(MODEL, {}), (EDITING, {"image": [data_uri()]})])
def test_each_job_makes_another_picture_of_the_same_words(model: str, values: dict[str, Any]) -> None:
    with serve(create_app(Options(queue_seconds=0, drawing_seconds=0))) as service:
        client = Client(service.url)
        jobs = [client.post(model, {"prompt": "a bay", **values}).json()["request_id"] for _ in range(4)]
        urls = [client.ended(job)["output"]["image"] for job in jobs]
        assert len({requests.get(url, timeout=30).content for url in urls}) == 4


def test_each_edit_of_a_plain_picture_is_another() -> None:
    plain = Image.new("RGB", (8, 8), "black")
    assert len({painter_over(plain, f"job {number}")("a", 1, 1, SMALL, "png") for number in range(60)}) == 60


@pytest.mark.parametrize("prompt", ["", "桜と海", "🦊", "\ud800", "x" * 100_000])
def test_any_prompt_can_be_drawn(prompt: str) -> None:
    assert paint(prompt, 1, 1, SMALL, "png")


@pytest.mark.thorough
@pytest.mark.parametrize("of", [1, 6])
def test_a_caption_is_printed_under_every_picture(of: int) -> None:
    for number in range(12):
        with Image.open(io.BytesIO(paint(f"prompt {number}", 1, of, (1024, 1024), "png"))) as picture:
            ground = picture.getpixel((2, 2))
            band = picture.crop((0, 970, 1024, 1024)).convert("L")
            paper = picture.convert("L").getpixel((2, 2))
            right = picture.crop((962, 970, 1024, 1024)).getcolors()
        assert isinstance(paper, int)
        dark = band.point([255 if level < paper - 100 else 0 for level in range(256)])
        left, _, end, _ = dark.getbbox() or (0, 0, 0, 0)
        assert 20 < left < 60
        assert end > 700
        assert (right == [((1024 - 962) * 54, ground)]) == (of == 1)
