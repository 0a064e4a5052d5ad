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
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from time import monotonic

from seedream.errors import not_saved
from seedream.fair_semaphore import FairSemaphore
from seedream.pictures.downloads import MIB, Downloads
from seedream.pictures.images import Picture, give_buffers_back, identify_video, preview_image
from seedream.runcomfy.responses import Output

# Few enough that a series arrives one after the other, not all of it at the end.
DOWNLOADS_AT_ONCE = 4
KEEP_BYTES = 4096 * MIB
KEEP_SECONDS = 24 * 3600.0


class PictureCache:
    """The files of this process's jobs. Used from the event loop; the work itself is done in threads.

    Args:
        downloads: fetches them.
        keep_bytes: how much is kept.
        keep_seconds: how long it is kept.
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
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self._folder = TemporaryDirectory(prefix="seedream-", dir=folder, ignore_cleanup_errors=True)
        self._fetching: dict[Output, asyncio.Task[Picture]] = {}
        self._kept: OrderedDict[Output, tuple[Picture, float]] = OrderedDict()
        give_buffers_back()
        # Downloads wait for the network; decoding needs a processor each.
        processors = os.cpu_count() or 2
        self._downloading = FairSemaphore(DOWNLOADS_AT_ONCE)
        self._decoding = FairSemaphore(processors)
        self._threads = ThreadPoolExecutor(DOWNLOADS_AT_ONCE + processors, thread_name_prefix="pictures")

    @property
    def folder(self) -> Path:
        """Where all files lie."""
        return Path(self._folder.name)

    async def get(self, output: Output) -> Picture:
        """Return an output's picture, fetched if need be. The original's name has the ending of its content.

        Args:
            output: the file, as the API named it. Where many are wanted at once, their jobs take turns.

        Raises:
            SeedreamError: `file_…`: why this one can't be shown. Asking again tries again.
        """
        if output in self._kept:
            self._kept.move_to_end(output)
            return self._kept[output][0]
        task = self._fetching.get(output)
        if task is None:
            task = self._fetching[output] = asyncio.create_task(self._fetch(output))
            task.add_done_callback(lambda _: self._fetching.pop(output, None))
        # Whoever asked may go away; the others who wait for the same file, and the cache, still want it.
        return await asyncio.shield(task)

    def close(self) -> None:
        """Drop all files."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._folder.cleanup()

    async def _fetch(self, output: Output) -> Picture:
        try:
            picture = await self._fetched(output)
        except OSError:
            # A full disk: what is kept only to be quick makes room.
            self._forget(0)
            try:
                picture = await self._fetched(output)
            except OSError as error:
                raise not_saved(error) from error
        self._kept[output] = (picture, monotonic())
        self._forget(self._keep_bytes)
        return picture

    async def _fetched(self, output: Output) -> Picture:
        run = asyncio.get_running_loop().run_in_executor
        original = Path(mkdtemp(dir=self._folder.name), "original")
        try:
            async with self._downloading.hold(output.job):
                size = await run(self._threads, self._downloads.save, output, original)
            async with self._decoding.hold(output.job):
                return await run(self._threads, _read, output, original, size)
        except BaseException:
            shutil.rmtree(original.parent, ignore_errors=True)
            raise

    def _forget(self, keep_bytes: int) -> None:
        """Keep within the bounds of bytes and age, the least recently used first to go, the newest never."""
        total = sum(picture.size for picture, _ in self._kept.values())
        oldest = monotonic() - self._keep_seconds
        while len(self._kept) > 1:
            picture, since = next(iter(self._kept.values()))
            if total <= keep_bytes and since >= oldest:
                return
            total -= picture.size
            self._kept.popitem(last=False)
            shutil.rmtree(picture.original.parent, ignore_errors=True)


def _read(output: Output, original: Path, size: int) -> Picture:
    picture = (preview_image if output.kind == "image" else identify_video)(original, size)
    return replace(picture, original=original.rename(original.with_suffix(picture.ending)))
