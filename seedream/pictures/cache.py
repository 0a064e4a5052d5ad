"""From an output to its files on disk: the original and a light preview of it, for as long as they are wanted.

The folder that they lie in is bounded in bytes and in age; none is held in memory whole. What is asked for twice
at once is fetched once, and what was fetched is not fetched again while it is kept.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from weakref import ref

from seedream.errors import not_saved
from seedream.fair_semaphore import FairSemaphore
from seedream.pictures.downloads import Downloads
from seedream.pictures.images import Picture, give_buffers_back, identify_video, preview_image
from seedream.pictures.own_folder import OwnFolder
from seedream.runcomfy.responses import Output
from seedream.schema.references import MIB

# Few enough that a series arrives one after the other, not all of it at the end.
DOWNLOADS_AT_ONCE = 4
KEEP_BYTES = 4096 * MIB
KEEP_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class _Kept:
    """A picture that is kept: how many bytes it takes with its preview, and what drops it when it is too old."""

    picture: Picture
    size: int
    timer: asyncio.TimerHandle


class PictureCache:
    """The files of this process's jobs. Used from the event loop; the work itself is done in threads.

    Args:
        downloads: fetches them.
        keep_bytes: how much is kept.
        keep_seconds: how long a file is kept after it was fetched, used or not.
        folder: where it is kept, in a folder of its own; default: the system's temporary files.
    """

    def __init__(
        self,
        downloads: Downloads,
        *,
        keep_bytes: int = KEEP_BYTES,
        keep_seconds: float = KEEP_SECONDS,
        folder: Path | None = None,
    ) -> None:
        self._downloads = downloads
        self._keep_bytes = keep_bytes
        self._keep_seconds = keep_seconds
        self._folder = OwnFolder(folder)
        self._fetching: dict[Output, asyncio.Task[Picture]] = {}
        self._kept: OrderedDict[Output, _Kept] = OrderedDict()
        give_buffers_back()
        # Downloads wait for the network; decoding needs a processor each.
        processors = os.cpu_count() or 2
        self._downloading = FairSemaphore(DOWNLOADS_AT_ONCE)
        self._decoding = FairSemaphore(processors)
        self._threads = ThreadPoolExecutor(DOWNLOADS_AT_ONCE + processors, thread_name_prefix="pictures")
        self._on_a_full_disk = asyncio.Lock()

    @property
    def folder(self) -> Path:
        """Where all files lie."""
        return self._folder.path

    async def get(self, output: Output) -> Picture:
        """Return an output's picture, fetched if need be. The original's name has the ending of its content.

        Args:
            output: the file, as the API named it. Where many are wanted at once, their jobs take turns.

        Raises:
            SeedreamError: `file_…`: why this one can't be shown. Asking again tries again.
        """
        if output in self._kept:
            self._kept.move_to_end(output)
            return self._kept[output].picture
        task = self._fetching.get(output)
        if task is None:
            task = self._fetching[output] = asyncio.create_task(self._fetch(output))
            task.add_done_callback(lambda _: self._fetching.pop(output, None))
        # Whoever asked may go away; the others who wait for the same file, and the cache, still want it.
        return await asyncio.shield(task)

    def close(self) -> None:
        """Drop all files."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._folder.drop()

    async def _fetch(self, output: Output) -> Picture:
        try:
            picture = await self._fetched(output)
        except OSError:
            # One after the other: side by side, what is begun may leave no room for any of it.
            async with self._on_a_full_disk:
                picture = await self._fetched_again(output)
        size = picture.size + (picture.preview.stat().st_size if picture.preview else 0)
        # It holds neither this, which may be dropped first, nor what was at hand when the file was asked for.
        drop_later = asyncio.get_running_loop().call_later
        timer = drop_later(self._keep_seconds, _drop, ref(self), output, context=Context())
        self._kept[output] = _Kept(picture, size, timer)
        self._make_room(self._keep_bytes)
        return picture

    async def _fetched_again(self, output: Output) -> Picture:
        # What is kept only to be quick makes room, but for what is handed over together with this.
        for each in [each for each in self._kept if not each.job or each.job != output.job]:
            self.drop(each)
        try:
            return await self._fetched(output)
        except OSError as error:
            raise not_saved(error) from error

    async def _fetched(self, output: Output) -> Picture:
        run = asyncio.get_running_loop().run_in_executor
        original = Path(mkdtemp(dir=self._folder.path), "original")
        try:
            async with self._downloading.hold(output.job):
                size = await run(self._threads, self._downloads.save, output, original)
            async with self._decoding.hold(output.job):
                return await run(self._threads, _read, output, original, size)
        except BaseException:
            shutil.rmtree(original.parent, ignore_errors=True)
            raise

    def _make_room(self, keep_bytes: int) -> None:
        """Keep so many bytes at most, the least recently used first to go, the newest never."""
        total = sum(kept.size for kept in self._kept.values())
        while total > keep_bytes and len(self._kept) > 1:
            output, kept = next(iter(self._kept.items()))
            total -= kept.size
            self.drop(output)

    def drop(self, output: Output) -> None:
        """Drop a file that is kept; whoever asks for it again has it fetched anew."""
        kept = self._kept.pop(output)
        kept.timer.cancel()
        shutil.rmtree(kept.picture.original.parent, ignore_errors=True)


def _drop(cache: ref[PictureCache], output: Output) -> None:
    if here := cache():
        here.drop(output)


def _read(output: Output, original: Path, size: int) -> Picture:
    picture = (preview_image if output.kind == "image" else identify_video)(original, size)
    return replace(picture, original=original.rename(original.with_suffix(picture.ending)))
