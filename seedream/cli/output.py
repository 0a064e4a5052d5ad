"""Standard output, with paths, one a line, or one JSON object; and standard error, also where nobody reads."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Any, TextIO

from seedream.errors import SeedreamError
from seedream.jobs.record import Record, error_to_json, to_json
from seedream.sdk.results import Generation, Missing, SavedPicture


def take_every_letter() -> None:
    """Have standard output and error tell by their codes the letters that their encoding lacks.

    Left to itself, Python gives up instead, as where Windows' output goes to a file: Gradio greets with an emoji.
    """
    for stream in (sys.stdout, sys.stderr):
        # What was put in the place of another file may not be told.
        with suppress(OSError, ValueError):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")


def write(to: TextIO, content: bytes) -> None:
    """Write and flush. A pipe whose reader has gone, as with `| head`, swallows this and all that follows."""
    try:
        to.buffer.write(content)
        to.buffer.flush()
    except BrokenPipeError:
        # Python would stumble over it once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), to.fileno())


def say(to: TextIO, text: str) -> None:
    """Write a text; letters that the terminal's encoding lacks are told by their codes."""
    write(to, text.encode(to.encoding or "ascii", "backslashreplace"))


def print_paths(generation: Generation) -> None:
    # Bytes, as the file system has them: a name need not be a text in the terminal's encoding.
    write(sys.stdout, b"".join(os.fsencode(each.path) + b"\n" for each in generation.pictures))


def print_json(
    record: Record,
    language: str,
    *,
    sample: bool,
    generation: Generation | None = None,
    error: SeedreamError | None = None,
) -> None:
    """Print the record and its files.

    Args:
        record: the last one.
        language: of the error's sentence.
        sample: whether the stand-in made it.
        generation: what came of it.
        error: why nothing did, where it is not the record's own.
    """
    files: list[SavedPicture | Missing] = [*generation.pictures, *generation.missing] if generation else []
    known: dict[str, Any] = {**to_json(record, language, "command")}
    # Nothing waits any more when this is written.
    del known["queue_position"]
    if error:
        known["error"] = error_to_json(error, language, "command")
    told = {
        "sample": sample,
        **known,
        "files": [_file(each, language) for each in sorted(files, key=lambda each: each.number)],
    }
    # In ASCII, which every encoding of every terminal and pipe can hold.
    write(sys.stdout, json.dumps(told, indent=2).encode() + b"\n")


def _file(each: SavedPicture | Missing, language: str) -> dict[str, Any]:
    if isinstance(each, Missing):
        return {"url": each.url, "error": error_to_json(each.error, language, "command")}
    return {
        "url": each.url,
        "path": str(each.path),
        "format": each.format,
        "width": each.width,
        "height": each.height,
        "bytes": each.size,
        "sha256": each.sha256,
    }
