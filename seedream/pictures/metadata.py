"""A copy of an original with its settings inside: the file's own bytes, and a little more between them.

How a picture was asked for is written twice, once for people and once to be read back.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seedream import texts
from seedream.errors import SeedreamError
from seedream.pictures.file_texts import Change, into_jpeg, into_png
from seedream.pictures.images import STEP, Picture
from seedream.schema import Models

# In UTF-8. Twice that in UTF-16, and a little more, is what one segment of a JPEG holds: about 5000 words.
MOST_BYTES = 30_000
_LONGEST_ID = 200
_NEEDS_QUOTES = frozenset(',:"\n')
# An address, a signed link of this page's, or what a file is.
_TELLING = re.compile(r"https?://|result:|data:")


class TooLongError(ValueError):
    """The settings are longer than a copy holds."""


@dataclass(frozen=True)
class Metadata:
    """The settings of one picture.

    Attributes:
        request: what was sent, by the schema's names.
        request_id: the job's; empty where it is not known.
        model_id: whose work it is, or of whose work it is a sample.
        sample: the page drew it by itself.
    """

    request: Mapping[str, object]
    request_id: str
    model_id: str
    sample: bool

    def as_json(self) -> str:
        """Return one entry for each setting, as it was sent, and `model`, `request_id`, `sample`."""
        known = {
            name: value for name, value in (("request_id", self.request_id), ("sample", self.sample)) if value
        }
        return json.dumps({**self.request, "model": self.model_id, **known}, ensure_ascii=False)

    def as_text(self, picture: Picture, language: str) -> str:
        """Return the prompt and a line of settings, as other tools write and read them: `Name: value, …`."""
        settings = {"Size": f"{picture.width}x{picture.height}"}
        for name, value in self.request.items():
            if name != "prompt":
                settings[name.replace("_", " ").capitalize()] = (
                    " ".join(value) if isinstance(value, list) else str(value)
                )
        if self.sample:
            settings["Sample"] = texts.text("export.copy_sample", language)
        else:
            settings["Model"] = self.model_id
        if self.request_id:
            settings["Request ID"] = self.request_id
        line = ", ".join(f"{name}: {_quoted(value)}" for name, value in settings.items())
        return f"{self.request['prompt']}\n{line}"


def read_metadata(text: str, models: Models, *, sample: bool) -> Metadata:
    """Read what a browser says of a picture. It is foreign text: only the schema's own fields are taken in.

    Args:
        text: JSON, `{"request": {…}, "request_id": …}`.
        models: whose fields count: those of the one that the request went to.
        sample: whether the pictures here are samples; the browser is not asked.

    Raises:
        TooLongError: there is more than a copy holds.
        ValueError: it is something else.
    """
    said = json.loads(text)
    try:
        given = dict(said["request"])
    except (TypeError, KeyError) as error:
        raise ValueError("no settings of this page") from error
    model = models.of(given)
    told = telling(given, models)
    fields = ((field, told.get(field.name)) for field in model.fields)
    request = {
        field.name: value
        for field, value in fields
        if isinstance(value, str | int) or (field.references and isinstance(value, list) and value)
    }
    if "prompt" not in request:
        raise ValueError("no prompt")
    metadata = Metadata(request, str(said.get("request_id") or "")[:_LONGEST_ID], model.model_id, sample)
    if len(metadata.as_json().encode(errors="replace")) > MOST_BYTES:
        raise TooLongError
    return metadata


def telling(request: Mapping[str, object], models: Models) -> dict[str, object]:
    """Return a browser's request without references that are names of its own, which say nothing elsewhere."""
    field = models.of(request).pictures
    given = request.get(field.name) if field else None
    if not field or not isinstance(given, list):
        return dict(request)
    return {**request, field.name: [each for each in given if isinstance(each, str) and _TELLING.match(each)]}


@dataclass(frozen=True)
class Copy:
    """A file to come: `original`, changed."""

    original: Path
    change: Change
    size: int

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the file, a little at a time."""
        cut, replaced = self.change.cut, self.change.replaced
        with await asyncio.to_thread(self.original.open, "rb") as file:
            yield await asyncio.to_thread(file.read, cut) + self.change.inserted
            if replaced:
                while left := replaced.start - file.tell():
                    yield await asyncio.to_thread(file.read, min(left, STEP))
                file.seek(replaced.stop)
            while piece := await asyncio.to_thread(file.read, STEP):
                yield piece


def copy(picture: Picture, metadata: Metadata, language: str) -> Copy:
    """Plan the copy of a picture with its settings inside, which says that AI made it, unless it is a sample.

    Raises:
        SeedreamError: `file_not_a_picture`: its bytes don't follow their format, or have no place for texts.
    """
    inserts = {"PNG": into_png, "JPEG": into_jpeg}
    if picture.format not in inserts:
        raise SeedreamError("file_not_a_picture")
    people, machines = metadata.as_text(picture, language), metadata.as_json()
    with picture.original.open("rb") as file:
        change = inserts[picture.format](file, people, machines, by_ai=not metadata.sample)
    return Copy(picture.original, change, picture.size + len(change.inserted) - len(change.replaced))


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES & set(value) else value
