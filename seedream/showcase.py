"""`python -m seedream.showcase`: have the model make the starting points' pictures, for the page to show.

They cost what the catalogue says, which is asked for first, and are paid with RUNCOMFY_TOKEN. Each is sent once: a
second run takes up what was submitted, and makes what is missing. The originals are kept, too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

import seedream
from seedream import settings, texts
from seedream.errors import SeedreamError
from seedream.jobs.record import Record
from seedream.runcomfy.client import ModelApi
from seedream.schema import Model, Request, load, most_pictures
from seedream.sdk.results import Generation
from seedream.ui import showcase
from seedream.ui.examples import Example, examples

_NO_TOKEN = "Samples are not the model's work: set RUNCOMFY_TOKEN to your token."  # noqa: S105 - a sentence
_FREE = "This service charges nothing, so what it makes are samples and not the model's work. Nothing was sent."
_ANOTHER = "The starting points are for {model_id}: run this without SEEDREAM_MODEL. Nothing was sent."
_UNKNOWN = (
    "{name}: it was sent before, and nobody knows whether it was taken. Look under Generations at RunComfy, then "
    "put its request ID into {file}, or take its entry out to send it again."
)
# As light as a picture of half a column may be.
_LONGEST_SIDE, _QUALITY = 960, 78


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what is missing. Return 1 where something still is."""
    parser = argparse.ArgumentParser(prog="python -m seedream.showcase", description=__doc__)
    parser.add_argument(
        "-o", "--folder", type=Path, default=Path("showcase"), help="where the originals are saved"
    )
    folder = parser.parse_args(arguments).folder
    known = settings.from_environment()
    if known.offline:
        sys.exit(_NO_TOKEN)
    model, made = load(), Made()
    if known.model not in ("", model.model_id):
        sys.exit(_ANOTHER.format(model_id=model.model_id))
    missing = [each for each in examples(model) if not made.is_there(each.name, model.model_id)]
    if not missing:
        print("All of them are there.")
        return 0
    price = asyncio.run(ModelApi(known.base_url, known.token, model.model_id).usd_per_picture())
    if price == 0:
        sys.exit(_FREE)
    if not _wanted([each for each in missing if not made.is_sent(each.name)], model, price):
        return 1
    ends = [_make(each, model, made, folder) for each in missing]
    return int(not all(ends))


class Made:
    """What is known of each example, kept in a file before anything is sent and at each step after it."""

    def __init__(self) -> None:
        self._known = showcase.entries(showcase.KNOWN)

    def is_there(self, name: str, model_id: str) -> bool:
        return name in showcase.showcase(model_id)

    def is_sent(self, name: str) -> bool:
        return name in self._known

    def request_id(self, name: str) -> str | None:
        found = self._known.get(name, {}).get("request_id")
        return str(found) if found else None

    def note(self, name: str, **facts: Any) -> None:
        self._known[name] = {**self._known.get(name, {}), **facts}
        self._write()

    def forget(self, name: str) -> None:
        self._known.pop(name, None)
        self._write()

    def _write(self) -> None:
        text = json.dumps(self._known, indent=2, ensure_ascii=False)
        showcase.KNOWN.write_text(f"{text}\n", encoding="utf-8")


def _wanted(new: list[Example], model: Model, price: float | None) -> bool:
    """Say what it would cost, and ask."""
    if not new:
        return True
    count = sum(most_pictures(_request(each, model)) for each in new)
    cost = "an unknown price" if price is None else f"up to ${count * price:.2f}"
    print(f"{len(new)} jobs of {model.model_id}, {count} pictures, for {cost}, on your account.")
    return input("Make them? Type yes: ").strip().lower() == "yes"


def _request(example: Example, model: Model) -> Request:
    return model.request({**example.settings, "prompt": texts.text(f"example.{example.name}.prompt")})


def _make(example: Example, model: Model, made: Made, folder: Path) -> bool:
    """Make one, or take it up, and tell whether it is there."""
    name, request_id = example.name, made.request_id(example.name)
    if made.is_sent(name) and not request_id:
        print(_UNKNOWN.format(name=name, file=showcase.KNOWN))
        return False

    def hear(record: Record) -> None:
        if record.request_id and not made.request_id(name):
            made.note(name, request_id=record.request_id)

    try:
        if request_id:
            generation = seedream.resume(request_id, folder=folder / name)
        else:
            # Before it is sent: whatever happens then, it is not sent again.
            made.note(name, model_id=model.model_id)
            request = dict(_request(example, model))
            prompt = str(request.pop("prompt"))
            generation = seedream.generate(prompt, folder=folder / name, on_state=hear, **request)
    except SeedreamError as error:
        print(f"{name}: {error.sentence(speaker='command')}")
        if not made.request_id(name) and error.code != "submission_unknown":
            made.forget(name)
        return False
    width, height = _light(generation, showcase.PICTURES / f"{name}.webp")
    made.note(name, model_id=model.model_id, request_id=generation.request_id, width=width, height=height)
    print(f"{name}: {generation.request_id}")
    return True


def _light(generation: Generation, file: Path) -> tuple[int, int]:
    """Write a light copy of what was made, a series of four as four, and return its size."""
    pictures = [each.open().convert("RGB") for each in generation.pictures]
    whole = pictures[0]
    if len(pictures) >= 4:
        width, height = whole.size
        whole = Image.new("RGB", (2 * width, 2 * height))
        for number, each in enumerate(pictures[:4]):
            whole.paste(each.resize((width, height)), (number % 2 * width, number // 2 * height))
    whole.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.LANCZOS)
    file.parent.mkdir(exist_ok=True)
    whole.save(file, "WEBP", quality=_QUALITY)
    return whole.size


if __name__ == "__main__":
    sys.exit(main())
