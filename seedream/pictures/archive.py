"""A series as one ZIP: the originals, byte for byte, and a manifest that says what they are. It streams."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timezone
from io import RawIOBase
from typing import Any, BinaryIO

from seedream.errors import SeedreamError
from seedream.pictures.cache import PictureCache
from seedream.pictures.images import STEP
from seedream.runcomfy.responses import Output

_UNFIT = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 100
# Windows' own names for devices, which no file can have there, whatever its ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?=\.|$)", re.IGNORECASE)
_YEARS = range(1980, 2108)  # as far as the format's dates go


async def archive(
    pictures: PictureCache, named: Sequence[tuple[Output, str]], about: Mapping[str, Any]
) -> AsyncIterator[bytes]:
    """Yield a ZIP in pieces: each original as it is there, then `manifest.json`.

    Args:
        pictures: fetches what is not on disk.
        named: the files in order, each with its name, but for the ending. One that can't be had is in the
            manifest with the reason.
        about: what the manifest says of the job: its request, request ID, cost in US dollars, and when it was
            finished (ISO 8601), which dates the files too.
    """
    out = _Pieces()
    files: list[dict[str, Any]] = []
    date = _zip_date(about.get("finished_at"))
    # Pictures are compressed as they are; to try again would cost time and save nothing.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for number, (output, name) in enumerate(named, 1):
            try:
                picture = await pictures.get(output)
            except SeedreamError as error:
                files.append({"url": output.url, "error": error.code})
                continue
            info = zipfile.ZipInfo(f"{safe_name(name, number)}{picture.ending}", date)
            info.file_size = picture.size
            digest = hashlib.sha256()
            with packed.open(info, "w") as into, picture.original.open("rb") as original:
                while await asyncio.to_thread(_step, original, into, digest):
                    yield out.take()
            described = {"width": picture.width, "height": picture.height, "bytes": picture.size}
            file = {"name": info.filename, "url": output.url}
            files.append({**file, **described, "sha256": digest.hexdigest()})
        manifest = json.dumps({**about, "files": files}, ensure_ascii=False, indent=2)
        packed.writestr(zipfile.ZipInfo("manifest.json", date), manifest)
    yield out.take()


def safe_name(name: str, number: int) -> str:
    """Return a file name that is a name alone, on any system: no folder, no ending, nothing hidden."""
    plain = _UNFIT.sub("-", name)[:_LONGEST_NAME].strip("-.") or f"{number:02}"
    return f"_{plain}" if _DEVICES.match(plain) else plain


def _zip_date(finished_at: object) -> tuple[int, int, int, int, int, int]:
    """Return when the job was finished, in UTC; where nobody knows, the format's own beginning of time."""
    with contextlib.suppress(ValueError, OverflowError):
        finished = datetime.fromisoformat(str(finished_at).replace("Z", "+00:00")).astimezone(timezone.utc)
        if finished.year in _YEARS:
            return finished.timetuple()[:6]
    return (_YEARS[0], 1, 1, 0, 0, 0)


def _step(original: BinaryIO, into: Any, digest: Any) -> bool:
    chunk = original.read(STEP)
    digest.update(chunk)
    into.write(chunk)
    return bool(chunk)


class _Pieces(RawIOBase):
    """What a ZIP is written into: it gives away what it got, and holds nothing more."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def take(self) -> bytes:
        taken, self._held = bytes(self._held), bytearray()
        return taken
