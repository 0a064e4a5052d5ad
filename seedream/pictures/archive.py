"""A series as one ZIP: the originals, byte for byte, and a manifest that says what they are. It streams."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from io import RawIOBase
from typing import Any, BinaryIO

from seedream.errors import SeedreamError
from seedream.pictures.cache import ENDINGS, Picture, Pictures
from seedream.runcomfy.responses import Output

# What one step holds in memory, in bytes.
_STEP = 1024 * 1024
_UNFIT = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Entry:
    """A file to come: where it is, and what to call it, without its ending."""

    output: Output
    name: str


async def archive(pictures: Pictures, entries: Sequence[Entry], about: Mapping[str, Any]) -> AsyncIterator[bytes]:
    """Yield a ZIP in pieces: each original as it is there, then `manifest.json`.

    Args:
        pictures: fetches what is not on disk.
        entries: the files, in order. One that can't be had is named in the manifest with the reason.
        about: what the manifest says of the job: its request, request ID, cost in US dollars, and when it was
            finished (ISO 8601), which dates the files too.
    """
    out = _Pieces()
    files = []
    date = _zip_date(about.get("finished_at"))
    # Pictures are compressed as they are; to try again would cost time and save nothing.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for number, entry in enumerate(entries, 1):
            try:
                picture = await pictures.get(entry.output)
            except SeedreamError as error:
                files.append({"url": entry.output.url, "error": error.code})
                continue
            info = zipfile.ZipInfo(f"{safe_name(entry.name, number)}{ENDINGS[picture.format]}", date)
            info.file_size = picture.size
            digest = hashlib.sha256()
            with packed.open(info, "w") as into, picture.original.open("rb") as original:
                while await asyncio.to_thread(_step, original, into, digest):
                    yield out.take()
            files.append(_described(info.filename, entry, picture, digest.hexdigest()))
        manifest = json.dumps({**about, "files": files}, ensure_ascii=False, indent=2)
        packed.writestr(zipfile.ZipInfo("manifest.json", date), manifest)
    yield out.take()


def safe_name(name: str, number: int) -> str:
    """Return a file name that is a name alone, on any system: no folder, no ending, nothing hidden."""
    return _UNFIT.sub("-", name)[:_LONGEST_NAME].strip("-.") or f"{number:02}"


def _zip_date(finished_at: object) -> tuple[int, int, int, int, int, int]:
    """Return when the job was finished, in UTC; where nobody knows, the format's own beginning of time."""
    with contextlib.suppress(ValueError, OverflowError):
        finished = datetime.fromisoformat(str(finished_at).replace("Z", "+00:00")).astimezone(timezone.utc)
        if finished.year in _YEARS:
            return (finished.year, finished.month, finished.day, finished.hour, finished.minute, finished.second)
    return (_YEARS[0], 1, 1, 0, 0, 0)


# As far as the format's dates go.
_YEARS = range(1980, 2108)


class _Pieces(RawIOBase):
    """What a ZIP is written into: it gives away what it got, and holds nothing more."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def _step(original: BinaryIO, into: Any, digest: Any) -> bool:
    chunk = original.read(_STEP)
    digest.update(chunk)
    into.write(chunk)
    return bool(chunk)


def _described(name: str, entry: Entry, picture: Picture, digest: str) -> dict[str, Any]:
    return {
        "name": name,
        "url": entry.output.url,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.size,
        "sha256": digest,
    }
