"""The pictures that a script gives: files by their paths, addresses, bytes, and pictures as Pillow has them."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from seedream.errors import SeedreamError
from seedream.pictures.plain import encode, plain
from seedream.pictures.references import request_of
from seedream.schema import Model, Models, Request, Value
from seedream.schema.references import MOST_CHARACTERS

PictureSource = str | os.PathLike[str] | bytes | Image.Image
Given = Value | PictureSource | Sequence[PictureSource]
"""What a field may be given."""
Values = Mapping[str, object]

# What is no path; one that begins so can be written as `./…`.
_ADDRESS = re.compile(r"data:|[\w+.-]+://", re.ASCII | re.IGNORECASE)
# Of the bytes of a picture that is to be a data URI: it is squeezed once.
_MOST_BYTES = MOST_CHARACTERS // 4 * 3 - 1024


async def checked(models: Models, values: Values, own_origin: str) -> tuple[Model, Request]:
    """Return the model that values go to, and what is sent for them: references as addresses and data URIs.

    Args:
        models: those to choose from.
        values: by the schema's names; without a picture, a list of them is as none.
        own_origin: as in `Model.request`.

    Raises:
        SeedreamError: as `Model.request` and `prepare_all`; `reference_unreadable`: a file can't be read.
    """
    fields = {model.pictures.name for model in models.both if model.pictures}
    given = {name: _listed(value) for name, value in values.items() if name in fields}
    values = {name: value for name, value in {**values, **given}.items() if value or name not in fields}
    model = models.of(values)
    field = model.pictures
    if field and field.references and field.name in values:
        numbered = enumerate(given[field.name], 1)
        try:
            # One after the other: each may be large.
            files = [await asyncio.to_thread(_as_file, each, number) for number, each in numbered]
            return model, await request_of(model, {**values, field.name: files}, own_origin)
        except OSError as error:
            facts = {"file": str(error.filename), "reason": str(error.strerror or error)}
            raise SeedreamError("reference_unreadable", field=field.name, **facts) from error
    return model, model.request(values, own_origin)


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _as_file(given: object, number: int) -> object:
    """Return a picture as `prepare_all` takes it; what is none stays as it is, to be refused there."""
    if isinstance(given, Image.Image):
        return _encoded(given, number)
    if isinstance(given, os.PathLike):
        return Path(os.fsdecode(given))
    if isinstance(given, str) and given and "\0" not in given and not _ADDRESS.match(given):
        return Path(given)
    return given


def _encoded(image: Image.Image, number: int) -> bytes:
    try:
        return encode(plain(image), _MOST_BYTES, lossless=True)[0]
    except Exception as error:  # Pillow stumbles in any way over what it has not read yet.
        raise SeedreamError("reference_not_a_picture", number=number) from error
