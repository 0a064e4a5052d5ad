"""What goes to standard output: paths, one a line, or one JSON object."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from seedream import texts
from seedream.cli.streams import write
from seedream.errors import SeedreamError
from seedream.jobs.job import Record
from seedream.schema import load
from seedream.sdk.results import Generation, Missing, SavedPicture


def print_paths(generation: Generation) -> None:
    # Bytes, as the file system has them: a name need not be a text in the terminal's encoding.
    write(sys.stdout, b"".join(os.fsencode(each.path) + b"\n" for each in generation.pictures))


def print_json(
    record: Record | None,
    language: str,
    *,
    sample: bool,
    generation: Generation | None = None,
    error: SeedreamError | None = None,
) -> None:
    """Print the record and its files.

    Args:
        record: the last one; None where nothing was submitted.
        language: of the error's sentence.
        sample: whether the stand-in made it.
        generation: what came of it.
        error: why nothing did, where it is not the record's own.
    """
    if record and record.error:
        error = error or SeedreamError(record.error.code, request_id=record.request_id, detail=record.error.detail)
    files: list[SavedPicture | Missing] = [*generation.pictures, *generation.missing] if generation else []
    known = record or _nothing_submitted(error)
    told = {
        "sample": sample,
        "request_id": known.request_id,
        "model_id": known.model_id,
        "status": known.status,
        "outputs": [{"url": output.url, "kind": output.kind} for output in known.outputs],
        "cost_usd": known.cost_usd,
        "created_at": known.created_at,
        "finished_at": known.finished_at,
        "request": known.request,
        "error": _error(error, language) if error else None,
        "files": [_file(each, language) for each in sorted(files, key=lambda each: each.number)],
    }
    # In ASCII, which every encoding of every terminal and pipe can hold.
    write(sys.stdout, json.dumps(told, indent=2).encode() + b"\n")


def _nothing_submitted(error: SeedreamError | None) -> Record:
    request_id = error.request_id if error else None
    return Record(load().model_id, "unknown" if request_id else "failed", request_id=request_id)


def _file(each: SavedPicture | Missing, language: str) -> dict[str, Any]:
    if isinstance(each, Missing):
        return {"url": each.url, "error": _error(each.error, language)}
    return {
        "url": each.url,
        "path": str(each.path),
        "format": each.format,
        "width": each.width,
        "height": each.height,
        "bytes": each.size,
        "sha256": each.sha256,
    }


def _error(error: SeedreamError, language: str) -> dict[str, str]:
    return {"code": error.code, "message": texts.sentence(error, language, speaker="command")}
