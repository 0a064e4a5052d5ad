"""From an output's URL to what the page shows: the original, byte for byte, and a light preview of it.

Originals lie in a folder on disk that is bounded in bytes and in age; none is held in memory whole. What is
asked for twice at once is fetched once, and what was fetched is not fetched again while it is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import hashlib
import os
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

from PIL import Image, UnidentifiedImageError

from seedream.errors import SeedreamError
from seedream.pictures.downloads import MIB, Bounds, Downloads
from seedream.pictures.fair_semaphore import FairSemaphore
from seedream.runcomfy.responses import Output

PREVIEW_PIXELS = 1280
PREVIEW_TYPE = "image/webp"
# The largest picture that the model makes has 9.5 million pixels; a file that claims far more is not decoded.
MAX_PIXELS = 50_000_000
VIDEO_BOUNDS = Bounds(max_bytes=2048 * MIB, seconds=900.0)
# Few enough that a series arrives one after the other, not all of it at the end.
DOWNLOADS_AT_ONCE = 4
KEEP_BYTES = 4096 * MIB
KEEP_SECONDS = 24 * 3600.0

Format = Literal["PNG", "JPEG", "WEBP", "MP4", "WEBM"]
MEDIA_TYPES: dict[Format, str] = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "MP4": "video/mp4",
    "WEBM": "video/webm",
}
ENDINGS: dict[Format, str] = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "MP4": ".mp4", "WEBM": ".webm"}
_M_MMAP_THRESHOLD = -3  # malloc.h
_FORMATS: dict[str, Format] = {"PNG": "PNG", "JPEG": "JPEG", "WEBP": "WEBP"}
T = TypeVar("T")


@dataclass(frozen=True)
class Picture:
    """A file of a job, on disk.

    Attributes:
        original: as the API made it, with the ending that its content calls for.
        preview: a WebP of at most 1280 px on its long side; None for a video, which is shown as it is.
        width, height: of the original, in pixels; None for a video.
        size: of the original, in bytes.
    """

    original: Path
    format: Format
    size: int
    preview: Path | None = None
    width: int | None = None
    height: int | None = None

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.format]


def give_buffers_back() -> None:
    """Have the C library return large buffers to the system as soon as they are freed.

    glibc learns from the first freed picture to keep such buffers, one set for each thread: after 200 pictures
    the process held 310 MB, and holds 185 MB with this. Other C libraries know no such call and need none.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, MIB)


class Pictures:
    """The files of this process's jobs. Used from the event loop; the work itself is done in threads."""

    def __init__(
        self,
        downloads: Downloads,
        *,
        bounds: Bounds | None = None,
        keep_bytes: int = KEEP_BYTES,
        keep_seconds: float = KEEP_SECONDS,
    ) -> None:
        self._downloads = downloads
        self._bounds = bounds or Bounds()
        self._keep_bytes = keep_bytes
        self._keep_seconds = keep_seconds
        self._folder = Path(tempfile.mkdtemp(prefix="seedream-"))
        self._fetching: dict[Output, asyncio.Task[Picture]] = {}
        self._kept: OrderedDict[Output, tuple[Picture, float]] = OrderedDict()
        # Downloads wait for the network; decoding needs a processor each.
        give_buffers_back()
        processors = os.cpu_count() or 2
        self._network = ThreadPoolExecutor(DOWNLOADS_AT_ONCE, thread_name_prefix="download")
        self._network_turns = FairSemaphore(DOWNLOADS_AT_ONCE)
        self._processors = ThreadPoolExecutor(processors, thread_name_prefix="preview")
        self._processor_turns = FairSemaphore(processors)

    async def get(self, output: Output, job: str = "") -> Picture:
        """Return an output's picture, fetched if need be.

        Args:
            output: the file, as the API named it.
            job: whose it is; where many are wanted at once, the jobs take turns.

        Raises:
            SeedreamError: `file_…`: why this one can't be shown. Asking again tries again.
        """
        if output in self._kept:
            self._kept.move_to_end(output)
            return self._kept[output][0]
        task = self._fetching.get(output)
        if task is None:
            task = self._fetching[output] = asyncio.create_task(self._fetch(output, job))
            task.add_done_callback(lambda _: self._fetching.pop(output, None))
        # Whoever asked may go away; the others who wait for the same file, and the cache, still want it.
        return await asyncio.shield(task)

    def close(self) -> None:
        """Drop all files."""
        self._network.shutdown(wait=False, cancel_futures=True)
        self._processors.shutdown(wait=False, cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _fetch(self, output: Output, job: str) -> Picture:
        if not self._downloads.trusts(output.url):
            raise SeedreamError("file_untrusted")
        folder = self._folder / hashlib.sha256(output.url.encode()).hexdigest()
        folder.mkdir(exist_ok=True)
        original = folder / "original"
        bounds = self._bounds if output.kind == "image" else VIDEO_BOUNDS
        try:
            async with self._network_turns.turn(job):
                size = await _run(self._network, lambda: self._downloads.save(output.url, original, bounds))
            read = previewed if output.kind == "image" else recognised
            async with self._processor_turns.turn(job):
                picture = await _run(self._processors, lambda: read(original, size))
            named = original.with_suffix(ENDINGS[picture.format])
            picture = replace(picture, original=original.rename(named))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._kept[output] = (picture, time.monotonic())
        self._forget()
        return picture

    def _forget(self) -> None:
        """Keep within the bounds of bytes and age, the least recently used first to go, the newest never."""
        total = sum(picture.size for picture, _ in self._kept.values())
        oldest = time.monotonic() - self._keep_seconds
        while len(self._kept) > 1:
            picture, since = next(iter(self._kept.values()))
            if total <= self._keep_bytes and since >= oldest:
                return
            total -= picture.size
            self._kept.popitem(last=False)
            shutil.rmtree(picture.original.parent, ignore_errors=True)


def fetch_original(downloads: Downloads, output: Output, to: Path, bounds: Bounds | None = None) -> Picture:
    """Save an output's file at `to`, byte for byte, and read from its content what it is. It gets no preview.

    Raises:
        SeedreamError: `file_…`: why it can't be had. What is at `to` then is not to be used.
    """
    still = output.kind == "image"
    size = downloads.save(output.url, to, (bounds or Bounds()) if still else VIDEO_BOUNDS)
    return identified(to, size) if still else recognised(to, size)


def previewed(original: Path, size: int) -> Picture:
    """Make the preview of an original of `size` bytes, beside it, and read its format and its pixels.

    Raises:
        SeedreamError: `file_not_a_picture`, or `file_too_large` for one of more than `MAX_PIXELS`.
    """
    preview = original.with_name("preview.webp")
    with _reading(original) as image:
        found = Picture(original, _FORMATS[str(image.format)], size, preview, *image.size)
        save_preview(image, preview, PREVIEW_PIXELS)
    return found


def save_preview(image: Image.Image, to: Path | BinaryIO, side: int) -> None:
    """Write a WebP of at most `side` pixels on its long side. The image is made small on the way."""
    # JPEG decodes at a reduced scale; the others are reduced by whole steps before the fine resize.
    image.draft("RGB", (side, side))
    image.thumbnail((side, side), reducing_gap=1.0)
    profile = image.info.get("icc_profile")
    mode = "RGBA" if "A" in image.getbands() else "RGB"
    image.convert(mode).save(to, "WEBP", quality=82, method=1, icc_profile=profile)


def identified(original: Path, size: int) -> Picture:
    """Read the format and the pixels of an original of `size` bytes, and check that it is whole.

    Raises:
        SeedreamError: as `previewed` does.
    """
    with _reading(original) as image:
        found = Picture(original, _FORMATS[str(image.format)], size, None, *image.size)
        if found.format == "PNG":
            # Its checksums tell, in a tenth of the time that decoding takes.
            image.verify()
        else:
            image.draft("RGB", (1, 1))
            image.load()
    return found


@contextlib.contextmanager
def _reading(original: Path) -> Iterator[Image.Image]:
    """Open a picture that is not too large to be decoded; what Pillow stumbles over is a `SeedreamError`."""
    try:
        with Image.open(original, formats=tuple(_FORMATS)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise SeedreamError("file_too_large")
            yield image
    except Image.DecompressionBombError as error:
        raise SeedreamError("file_too_large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        # Pillow reports a damaged file as any of these.
        raise SeedreamError("file_not_a_picture") from error


def recognised(original: Path, size: int) -> Picture:
    """Read a video's format from its first bytes; it is shown as it is.

    Raises:
        SeedreamError: `file_not_a_picture`.
    """
    with original.open("rb") as file:
        start = file.read(12)
    if start[4:8] == b"ftyp":
        return Picture(original, "MP4", size)
    if start[:4] == b"\x1a\x45\xdf\xa3":
        return Picture(original, "WEBM", size)
    raise SeedreamError("file_not_a_picture")


async def _run(pool: Executor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, work)
