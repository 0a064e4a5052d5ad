"""References on their way in: one door for the page, scripts, agents and the command.

An address passes through as it is, for RunComfy to fetch; a data URI is a file like any.
"""

from __future__ import annotations

import asyncio
import os
import re
from binascii import a2b_base64
from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard
from urllib.parse import unquote_to_bytes
from weakref import WeakKeyDictionary

from seedream.errors import SeedreamError
from seedream.fair_semaphore import FairSemaphore
from seedream.pictures.prepared import Reference, as_it_is, check_weight, prepared
from seedream.schema import Model, Request, Value
from seedream.schema.references import MOST_CHARACTERS, MOST_CHARACTERS_IN_ALL, ReferenceRules

__all__ = ["Reference", "described", "prepare_all", "prepared", "request_of"]

File = bytes | Path | str

_DATA_URI = re.compile(r"data:image/[\w.+-]+((?:;[^;,]*)*),", re.ASCII | re.IGNORECASE)
_TO_BASE64 = str.maketrans("-_", "+/", " \t\r\n")
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, FairSemaphore] = WeakKeyDictionary()


class _Uri(str):
    """A data URI that knows what is in it: nobody has to decode it again to tell."""

    __slots__ = ("told",)
    told: str


async def prepare_all(given: object, rules: ReferenceRules, visitor: str = "", field: str = "image") -> list[str]:
    """Return references as they are to be sent. Files are worked at in threads, in turns with other visitors'.

    Args:
        given: a list, or one: addresses, data URIs of any kind of picture, and, on this computer, files. What is
            none of these passes through for `Model.request` to refuse, and so do too many.
        rules: the model's.
        visitor: whose turn it is.
        field: the schema's name.

    Raises:
        SeedreamError: `reference_…`, of the first that does not fit.
    """
    references: list[object] = list(given) if isinstance(given, list | tuple) else [given]
    files = sum(map(_is_file, references))
    if len(references) <= rules.most and files:
        most = min(MOST_CHARACTERS, MOST_CHARACTERS_IN_ALL // files)
        turns = _turns.setdefault(asyncio.get_running_loop(), FairSemaphore(os.cpu_count() or 2))

        async def one(number: int, reference: object) -> object:
            if not _is_file(reference):
                return reference
            async with turns.hold(visitor):
                work = asyncio.ensure_future(asyncio.to_thread(_uri, reference, rules, number, most))
                try:
                    return await asyncio.shield(work)
                finally:
                    # Whoever asked may go away; the thread works on, and keeps its place.
                    await asyncio.wait([work])

        numbered = enumerate(references, 1)
        references = await asyncio.gather(*(one(*each) for each in numbered), return_exceptions=True)
    for each in references:
        if isinstance(each, SeedreamError):
            each.field = field
        if isinstance(each, BaseException):
            raise each
    return references  # type: ignore[return-value]  # what is no text is refused by `Model.request`


async def request_of(model: Model, values: Mapping[str, object], own_origin: str, visitor: str = "") -> Request:
    """Return what is sent to a model for these values: references prepared, and all of it checked.

    Args:
        model: the one that they go to.
        values: by the schema's names; references as `prepare_all` takes them.
        own_origin: as in `Model.request`.
        visitor: whose turn it is.

    Raises:
        SeedreamError: as `prepare_all` and `Model.request`.
    """
    field = model.pictures
    if field and field.references and values.get(field.name):
        references = await prepare_all(values[field.name], field.references, visitor, field.name)
        values = {**values, field.name: references}
    return model.request(values, own_origin)


def described(request: Request) -> Request:
    """Return the same request with each data URI as what it is: its type, pixels, bytes and SHA-256."""
    return {name: _told(value) for name, value in request.items()}


def _told(value: Value) -> Value:
    if isinstance(value, list):
        return [_told_of(each) for each in value]
    # A text of the request's is told as it is, whatever it begins with.
    return value.told if isinstance(value, _Uri) else value


def _told_of(reference: str) -> str:
    if isinstance(reference, _Uri):
        return reference.told
    if not _is_file(reference):
        return reference
    try:
        return as_it_is(_file_in(reference, ReferenceRules(), 1)).told
    except SeedreamError:
        return "data:"


def _is_file(reference: object) -> TypeGuard[File]:
    return isinstance(reference, bytes | Path) or (
        isinstance(reference, str) and _DATA_URI.match(reference) is not None
    )


def _uri(reference: File, rules: ReferenceRules, number: int, most_characters: int) -> _Uri:
    file = _file_in(reference, rules, number) if isinstance(reference, str) else reference
    found = prepared(file, rules, number, most_characters)
    uri = _Uri(found.uri)
    uri.told = found.told
    return uri


def _file_in(uri: str, rules: ReferenceRules, number: int) -> bytes:
    """Return the file in a data URI, however it is written: in base64 of one alphabet or the other, or escaped."""
    head = _DATA_URI.match(uri)
    parameters, body = (head[1], uri[head.end() :]) if head else ("", "")
    check_weight(len(body) * 3 // 4, rules, number)
    try:
        plainly = unquote_to_bytes(body) if "%" in body else body.encode("ascii")
        if not parameters.lower().endswith(";base64"):
            return plainly
        digits = plainly.decode("ascii").translate(_TO_BASE64).rstrip("=")
        return a2b_base64(digits + "=" * (-len(digits) % 4), strict_mode=True)
    except ValueError as error:
        raise SeedreamError("reference_not_a_picture", number=number) from error
